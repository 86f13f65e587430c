//! `field:5m offset 1h` in `by (…)`: values put together to buckets of numbers, durations, times or networks.

use super::batch::Column;
use super::cursor::Cursor;
use super::expression::decimals;
use super::number::{
    DAY, SECOND, duration_text, float_text, from_i64, ipv4_text, parse_bytes, parse_duration, parse_f64, parse_i64,
    parse_ipv4, parse_u64, power_of_ten,
};
use super::problem::{Parsed, Problem, fault};
use super::quote::quoted;
use super::time::{bucket_start, parse_rfc3339, rfc3339_text};
use super::trace::{Expected, How};

/// A field to group by.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The field.
    pub field: String,
    size: f64,
    /// How the size is written; empty for no buckets.
    size_text: String,
    offset: f64,
    offset_text: String,
}

impl Bucket {
    /// Reads a field with its bucket.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expects(|| Expected::Field);
        let mark = cursor.mark();
        let field = if cursor.take(":") { format!(":{}", cursor.phrase_rest(false)) } else { cursor.phrase(false)? };
        let field = if field.is_empty() { "_msg".to_owned() } else { field };
        cursor.note_field(mark, &field, How::Read);
        let mut bucket = Self::plain(&field);
        if !cursor.take(":") {
            return Ok(bucket);
        }
        let mark = cursor.mark();
        cursor.expects(|| Expected::Bucket(bucket.field.clone()));
        bucket.size_text = signed_token(cursor, "/");
        bucket.size = match bucket_size(&bucket.size_text) {
            Some(size) => size,
            None => return fault(cursor.span_since(mark), Problem::BadBucket(bucket.size_text)),
        };
        if cursor.take("offset") {
            let mark = cursor.mark();
            bucket.offset_text = signed_token(cursor, "-");
            bucket.offset = match plain_size(&bucket.offset_text) {
                Some(offset) => offset,
                None => return fault(cursor.span_since(mark), Problem::BadBucket(bucket.offset_text)),
            };
        }
        Ok(bucket)
    }

    /// A field without buckets.
    pub(super) fn plain(field: &str) -> Self {
        Self { field: field.to_owned(), size: 0.0, size_text: String::new(), offset: 0.0, offset_text: String::new() }
    }

    /// Whether it has no buckets.
    pub(super) const fn is_plain(&self) -> bool {
        self.size_text.is_empty()
    }

    /// The bucket that an instant falls into, and the instants that share it where that is a fixed length of time.
    pub(super) fn of_time(&self, nanos: i64) -> (Option<std::ops::Range<i64>>, String) {
        let start = bucket_start(nanos, self.whole_size(), whole(self.offset), &self.size_text);
        let fixed = !matches!(self.size_text.as_str(), "month" | "year");
        (fixed.then(|| start..start.saturating_add(self.whole_size())), rfc3339_text(start))
    }

    /// The values with their buckets in place of them.
    pub(super) fn column(&self, column: &Column, rows: usize) -> Column {
        if self.is_plain() {
            return column.clone();
        }
        match column {
            Column::Same(value) => Column::Same(self.of(value)),
            column => (0..rows).map(|row| self.of(column.get(row))).collect(),
        }
    }

    /// The bucket that a value falls into; the value itself where it is nothing that has buckets.
    pub(super) fn of(&self, value: &str) -> String {
        if !value.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return value.to_owned();
        }
        if let Some(number) = parse_i64(value) {
            return floor_integer(number, self.whole_size(), whole(self.offset)).to_string();
        }
        if let Some(number) = parse_f64(value) {
            return float_text(self.floor_float(number));
        }
        if let Some(nanos) = parse_rfc3339(value) {
            return rfc3339_text(bucket_start(nanos, self.whole_size(), whole(self.offset), &self.size_text));
        }
        if let Some(address) = parse_ipv4(value) {
            return ipv4_text(self.floor_address(address));
        }
        match parse_duration(value) {
            Some(nanos) => duration_text(floor_integer(nanos, self.whole_size(), whole(self.offset))),
            None => value.to_owned(),
        }
    }

    fn whole_size(&self) -> i64 {
        whole(self.size).max(1)
    }

    fn floor_float(&self, value: f64) -> f64 {
        let size = if self.size <= 0.0 { 1.0 } else { self.size };
        let scale = power_of_ten(decimals(size));
        let step = whole(size * scale).max(1);
        let scaled = whole(((value - self.offset) * scale).floor());
        from_i64(scaled - scaled % step) / scale + self.offset
    }

    fn floor_address(&self, address: u32) -> u32 {
        let low = |value: f64| (whole(value) & i64::from(u32::MAX)).unsigned_abs();
        // A network of no bits is one for all addresses.
        if self.size_text == "/0" {
            return 0;
        }
        let size = u32::try_from(low(self.size)).unwrap_or(1).max(1);
        let in_range = self.offset.abs() < 2_147_483_648.0;
        let offset = if in_range { u32::try_from(low(self.offset)).unwrap_or(0) } else { 1 << 31 };
        if offset > address { 0 } else { (address - offset) / size * size + offset }
    }
}

/// One token, or two where the first is this sign.
fn signed_token(cursor: &mut Cursor<'_>, sign: &str) -> String {
    let mut text = cursor.value().to_owned();
    cursor.advance();
    if text == sign {
        text.push_str(cursor.value());
        cursor.advance();
    }
    text
}

/// Without the fraction; what is too large becomes the least integer, as on the server's processors.
#[expect(clippy::cast_possible_truncation, reason = "fractions are dropped, the range is checked")]
fn whole(value: f64) -> i64 {
    if value >= 9_223_372_036_854_775_808.0 { i64::MIN } else { value as i64 }
}

fn floor_integer(value: i64, size: i64, offset: i64) -> i64 {
    // What overflows wraps around, as on the server.
    let shifted = value.wrapping_sub(offset);
    let rest = shifted.rem_euclid(size);
    shifted.wrapping_sub(rest).wrapping_add(offset)
}

fn bucket_size(text: &str) -> Option<f64> {
    let nanos = match text {
        "nanosecond" => 1,
        "microsecond" => 1000,
        "millisecond" => 1_000_000,
        "second" => SECOND,
        "minute" => 60 * SECOND,
        "hour" => 3600 * SECOND,
        "day" => DAY,
        "week" => 7 * DAY,
        // The calendar tells how long these are.
        "month" | "year" => 0,
        _ => {
            let network = || {
                let bits = parse_u64(text.strip_prefix('/')?).filter(|bits| *bits <= 32)?;
                Some(from_i64(1 << (32 - bits)))
            };
            return plain_size(text).or_else(network);
        }
    };
    Some(from_i64(nanos))
}

fn plain_size(text: &str) -> Option<f64> {
    parse_f64(text).or_else(|| parse_duration(text).map(from_i64)).or_else(|| parse_bytes(text).map(from_i64))
}

impl std::fmt::Display for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&quoted(&self.field))?;
        if !self.size_text.is_empty() {
            write!(f, ":{}", self.size_text)?;
            if !self.offset_text.is_empty() {
                write!(f, " offset {}", self.offset_text)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(spec: &str, value: &str) -> String {
        let mut cursor = Cursor::new(spec);
        Bucket::parse(&mut cursor).unwrap().of(value)
    }

    #[test]
    fn every_kind_of_value_has_buckets() {
        for (spec, value, found) in [
            ("a:10", "17", "10"),
            ("a:10", "-3", "-10"),
            ("a:10 offset 5", "17", "15"),
            ("a:0.5", "1.74", "1.5"),
            ("a:1m", "90s", "1m"),
            ("a:1h", "2024-01-02T03:04:05Z", "2024-01-02T03:00:00Z"),
            ("a:month", "2024-02-12T03:04:05Z", "2024-02-01T00:00:00Z"),
            ("a:/24", "10.1.2.3", "10.1.2.0"),
            ("a:/0", "10.1.2.3", "0.0.0.0"),
            ("a:10", "x", "x"),
            ("a:10", "", ""),
        ] {
            assert_eq!(bucket(spec, value), found, "{spec} {value}");
        }
    }
}
