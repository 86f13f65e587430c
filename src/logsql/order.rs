//! The orders of values: VictoriaLogs compares integers, then times, then numbers, then text in natural order, where
//! runs of digits compare as numbers.

use std::cmp::Ordering;

use super::number::{parse_f64, parse_i64, parse_number, parse_u64};
use super::pdqsort::sort;
use super::time::parse_rfc3339;

/// How `min`, `max`, `quantile`, `first`, `last` and `sort … limit` order two values.
pub fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    both(a, b, parse_i64)
        .or_else(|| both(a, b, parse_u64))
        .or_else(|| both(a, b, parse_rfc3339))
        .or_else(|| {
            let (x, y) = (parse_number(a)?, parse_number(b)?);
            Some(x.partial_cmp(&y).unwrap_or(Ordering::Equal))
        })
        .unwrap_or_else(|| natural(a, b))
}

/// Whether `a` comes strictly before `b`.
pub fn less(a: &str, b: &str) -> bool {
    compare(a, b) == Ordering::Less
}

fn both<T: Ord>(a: &str, b: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Ordering> {
    Some(parse(a)?.cmp(&parse(b)?))
}

/// Natural order of bytes: digits before other characters, runs of digits as numbers, the shorter run first.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let mut index = 0;
        while let (Some(&x), Some(&y)) = (a.get(index), b.get(index)) {
            match (x.is_ascii_digit(), y.is_ascii_digit()) {
                (true, true) => break,
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (false, false) if x != y => return x.cmp(&y),
                (false, false) => index += 1,
            }
        }
        (a, b) = (&a[index..], &b[index..]);
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let (Some((x, x_length)), Some((y, y_length))) = (digit_run(a), digit_run(b)) else { return a.cmp(b) };
        match x.cmp(&y).then(x_length.cmp(&y_length)) {
            Ordering::Equal => (a, b) = (&a[x_length..], &b[y_length..]),
            unequal => return unequal,
        }
    }
}

/// The number that the bytes begin with, and its length; `None` where it is too large.
fn digit_run(bytes: &[u8]) -> Option<(u64, usize)> {
    let length = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let mut value = u64::from(bytes.first()? - b'0');
    for byte in &bytes[1..length] {
        if value > (u64::MAX - 9) / 10 {
            return None;
        }
        value = value * 10 + u64::from(byte - b'0');
    }
    Some((value, length))
}

/// A value with all that [`compare`] reads in it, for where it is compared more than once.
pub struct Reading<'a> {
    pub text: &'a str,
    signed: Option<i64>,
    unsigned: Option<u64>,
    time: Option<i64>,
    number: Option<f64>,
}

impl<'a> Reading<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            signed: parse_i64(text),
            unsigned: parse_u64(text),
            time: parse_rfc3339(text),
            number: parse_number(text),
        }
    }

    /// Whether it comes strictly before `other`, as in [`less`].
    pub fn less(&self, other: &Self) -> bool {
        fn pair<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<bool> {
            Some(a? < b?)
        }
        self.text != other.text
            && pair(self.signed, other.signed)
                .or_else(|| pair(self.unsigned, other.unsigned))
                .or_else(|| pair(self.time, other.time))
                .or_else(|| pair(self.number, other.number))
                .unwrap_or_else(|| natural(self.text, other.text) == Ordering::Less)
    }
}

/// The value that [`less`] puts in this place, by the server's sort.
pub fn in_place<'a>(values: &'a [impl AsRef<str>], place: usize) -> Option<&'a str> {
    if let Some(value) = plain_in_place(values, place) {
        return Some(value);
    }
    let mut readings: Vec<Reading<'a>> = values.iter().map(|value| Reading::new(value.as_ref())).collect();
    sort(&mut readings, Reading::less);
    readings.get(place).map(|reading| reading.text)
}

/// The same without sorting, where all are plain numbers: their order is consistent, and where all that equal the one
/// in this place are written alike, every sort gives it.
fn plain_in_place<'a>(values: &'a [impl AsRef<str>], place: usize) -> Option<&'a str> {
    /// Beyond it unequal integers may have equal floats.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let read = |value: &'a str| parse_f64(value).filter(|number| number.abs() < EXACT).map(|number| (number, value));
    let mut numbers = values.iter().map(|value| read(value.as_ref())).collect::<Option<Vec<_>>>()?;
    if place >= numbers.len() {
        return None;
    }
    let (before, &mut (number, text), after) = numbers.select_nth_unstable_by(place, |a, b| a.0.total_cmp(&b.0));
    let alike = |(other, written): &(f64, &str)| *other != number || *written == text;
    (before.iter().all(alike) && after.iter().all(alike)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_before_text_compare_by_size() {
        for (a, b) in [("9", "10"), ("5ms", "1s"), ("1KB", "1KiB"), ("", "0"), ("2024-01-01T00:00:00Z", "x")] {
            assert_eq!(compare(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(compare(b, a), Ordering::Greater, "{b} {a}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_reading_compares_as_its_text_does(a in VALUE, b in VALUE) {
            proptest::prop_assert_eq!(Reading::new(&a).less(&Reading::new(&b)), less(&a, &b));
        }

        #[test]
        fn a_place_among_plain_numbers_needs_no_sorting(values in proptest::collection::vec("-?(0|[1-9][0-9]?)(\\.[05]{1,2})?", 1..60), place in 0..60_usize) {
            let mut sorted = values.clone();
            sort(&mut sorted, |a, b| less(a, b));
            proptest::prop_assert_eq!(in_place(&values, place), sorted.get(place).map(String::as_str));
        }
    }

    const VALUE: &str = "-?[0-9]{0,3}(\\.[0-9]{1,2}|_[0-9])?|[0-9]{1,2}(ms|s|KB|KiB|e3)|[0-9.a-]{0,4}|2024-0[1-3]-0[1-2]T00:00:00Z|18446744073709551[0-9]{3}";

    #[test]
    fn runs_of_digits_compare_as_numbers() {
        for (a, b) in [("a9", "a10"), ("a1b", "ab"), ("a1", "a01"), ("", "a"), ("a", "b"), ("x9y2", "x9y10")] {
            assert_eq!(natural(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(natural(b, a), Ordering::Greater, "{b} {a}");
        }
        assert_eq!(natural("a1", "a1"), Ordering::Equal);
    }
}
