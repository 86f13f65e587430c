//! Whether a client takes pages by their numbers, one after the other, where nothing leads it from one to the next.

use serde::{Deserialize, Serialize};

/// The numbers of the pages of one template that a client asked for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Turn {
    /// A hash of the template's text.
    template: u64,
    last: u32,
    in_turn: u16,
    otherwise: u16,
}

impl Turn {
    /// Whoever takes numbers by chance or out of a list does not hit the next one so often.
    const LEAST: u16 = 4;
    /// A list that is worked through leaves out what somebody else works through, or what is not there.
    const NEXT: u32 = 3;

    /// Notes a page: its template as a hash, its number, and whether another page led to it.
    pub fn note(&mut self, template: u64, number: u32, is_led: bool) {
        if self.template != template {
            if self.in_turn + self.otherwise == 0 {
                (self.template, self.last) = (template, number);
            }
            return;
        }
        let count = match number.abs_diff(self.last) {
            0 => return,
            1..=Self::NEXT if !is_led => &mut self.in_turn,
            _ => &mut self.otherwise,
        };
        *count = count.saturating_add(1);
        self.last = number;
    }

    /// Halves every count.
    pub fn fade(&mut self) {
        for count in [&mut self.in_turn, &mut self.otherwise] {
            *count = count.div_ceil(2);
        }
    }

    /// The template whose pages it took in turn, as a hash; `None` where it did not.
    pub fn template(&self) -> Option<u64> {
        (self.in_turn >= Self::LEAST && self.in_turn >= 3 * self.otherwise).then_some(self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(numbers: &[u32], is_led: bool) -> bool {
        let mut turn = Turn::default();
        numbers.iter().for_each(|number| turn.note(7, *number, is_led));
        turn.template() == Some(7)
    }

    #[test]
    fn a_list_of_numbers_is_worked_through_and_a_reader_picks() {
        assert!(taken(&[44_573, 44_574, 44_576, 44_578, 44_579], false));
        assert!(taken(&[90, 89, 88, 87, 85, 84], false), "backwards");
        assert!(!taken(&[44_573, 44_574, 44_576, 44_578, 44_579], true), "by the link to the next page");
        assert!(!taken(&[12, 90, 13, 44, 7, 8, 100], false));
        assert!(!taken(&[5; 9], false), "one page again and again");
    }
}
