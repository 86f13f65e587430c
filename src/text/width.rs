//! Text in terminal cells: how wide it is, cut with `…` and padded so that Korean, Latin and mixed columns line up.
//! Everything that enters is made visible first ([`super::escape::visible`]), so hostile text cannot widen a cell.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::escape;

/// The side on which text stands in its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// Cells that a text takes on a terminal once it is made visible.
pub fn width(text: &str) -> usize {
    escape::visible(text).width()
}

/// The text made visible and cut to at most `cells`, the last of them `…` where something was cut.
///
/// ```
/// use gatewatch::text::width::cut;
/// assert_eq!(cut("abcdef", 4), "abc…");
/// assert_eq!(cut("서울특별시", 5), "서울…");
/// ```
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    let shown = escape::visible(text);
    if shown.width() <= cells {
        return shown;
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let mut out = String::new();
    let mut taken = 0;
    for character in shown.chars() {
        let wide = character.width().unwrap_or(0);
        if taken + wide > cells - 1 {
            break;
        }
        out.push(character);
        taken += wide;
    }
    out.push('…');
    Cow::Owned(out)
}

/// The text cut and padded to exactly `cells`.
pub fn fit(text: &str, cells: usize, align: Align) -> String {
    let shown = cut(text, cells);
    let gap = " ".repeat(cells.saturating_sub(shown.width()));
    match align {
        Align::Left => format!("{shown}{gap}"),
        Align::Right => format!("{gap}{shown}"),
    }
}

/// Breaks a text into lines of at most `cells`: at spaces where there are some, inside a word where it is too long.
/// Line feeds break lines, every other dangerous character is made visible.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let shown = escape::visible_lines(text);
    let mut lines = Vec::new();
    for paragraph in shown.split('\n') {
        let mut line = String::new();
        let mut taken = 0;
        for word in paragraph.split_inclusive(' ') {
            let wide = word.trim_end().width();
            if taken > 0 && taken + wide > cells {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                taken = 0;
            }
            for character in word.chars() {
                let wide = character.width().unwrap_or(0);
                if taken + wide > cells && !(character == ' ' && taken <= cells) {
                    lines.push(std::mem::take(&mut line).trim_end().to_owned());
                    taken = 0;
                }
                line.push(character);
                taken += wide;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_are_never_halved() {
        assert_eq!(cut("서울", 3), "서…");
        assert_eq!(cut("서울", 2), "…");
        assert_eq!(fit("서울", 5, Align::Right), " 서울");
        assert_eq!(fit("서울", 3, Align::Left), "서…");
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_inside() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\nb", 10), ["a", "b"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("공격으로 보입니다", 9), ["공격으로", "보입니다"]);
    }

    proptest! {
        #[test]
        fn a_cell_has_its_width_whatever_is_in_it(text in any::<String>(), cells in 0usize..40) {
            let shown = fit(&text, cells, Align::Left);
            prop_assert_eq!(shown.width(), cells);
            prop_assert!(!shown.chars().any(escape::is_dangerous));
        }

        #[test]
        fn wrapped_lines_are_narrow_enough_and_lose_only_spaces(text in "[a-z가-힣 ]{0,80}", cells in 2usize..40) {
            let lines = wrap(&text, cells);
            prop_assert!(lines.iter().all(|line| line.width() <= cells));
            let without = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(without(&lines.concat()), without(&text));
        }
    }
}
