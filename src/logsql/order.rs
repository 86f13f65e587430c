//! The orders of values: VictoriaLogs compares integers, then times, then numbers, then text in natural order, where
//! runs of digits compare as numbers.

use std::cmp::Ordering;

use super::number::{parse_i64, parse_number, parse_u64};
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

/// Sorts by an order that need not be consistent: mixed numbers and texts have none, and the standard sort panics where
/// it notices. Few items are sorted by insertion, as the server does, so that even their doubtful order is the same.
pub fn sort<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    const FEW: usize = 12;
    let mut order: Vec<usize> = (0..items.len()).collect();
    for run in order.chunks_mut(FEW) {
        for start in 1..run.len() {
            let mut at = start;
            while at > 0 && compare(&items[run[at]], &items[run[at - 1]]) == Ordering::Less {
                run.swap(at, at - 1);
                at -= 1;
            }
        }
    }
    let mut merged = Vec::with_capacity(order.len());
    let mut width = FEW;
    while width < order.len() {
        merged.clear();
        for pair in order.chunks(width * 2) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
                if compare(&items[*b], &items[*a]) == Ordering::Less {
                    merged.push(*b);
                    right = right_rest;
                } else {
                    merged.push(*a);
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    let mut slots: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|index| slots[index].take()));
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
        fn sorting_keeps_everything_and_survives_any_order(mut items in proptest::collection::vec("[0-9a-z.]{0,3}", 0..80)) {
            let mut same = items.clone();
            same.sort();
            sort(&mut items, |a, b| a.cmp(b));
            proptest::prop_assert_eq!(&items, &same);
            sort(&mut items, |a, b| compare(a, b));
            sort(&mut items, |_, _| Ordering::Less);
            items.sort();
            proptest::prop_assert_eq!(items, same);
        }
    }

    #[test]
    fn runs_of_digits_compare_as_numbers() {
        for (a, b) in [("a9", "a10"), ("a1b", "ab"), ("a1", "a01"), ("", "a"), ("a", "b"), ("x9y2", "x9y10")] {
            assert_eq!(natural(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(natural(b, a), Ordering::Greater, "{b} {a}");
        }
        assert_eq!(natural("a1", "a1"), Ordering::Equal);
    }
}
