//! Numbers as VictoriaLogs reads and writes them: plain decimals, durations (on an axis of nanoseconds), byte sizes,
//! IPv4 addresses. Never guesses: what is not wholly a number gives `None`.

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;
/// Nanoseconds in a day.
pub const DAY: i64 = 24 * 3600 * SECOND;

const LONGEST_UNSIGNED: usize = "18_446_744_073_709_551_615".len();

/// A decimal integer without sign, `_` allowed anywhere, without a leading zero.
pub fn parse_u64(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > LONGEST_UNSIGNED || (bytes.len() > 1 && bytes[0] == b'0') {
        return None;
    }
    let mut value = 0_u64;
    for &byte in bytes {
        match byte {
            b'_' => {}
            b'0'..=b'9' => value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?,
            _ => return None,
        }
    }
    Some(value)
}

/// The same with an optional `-`.
pub fn parse_i64(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => 0_i64.checked_sub_unsigned(parse_u64(digits)?),
        None => i64::try_from(parse_u64(text)?).ok(),
    }
}

/// Digits of a date, a time or an address: leading zeros allowed, at most nine digits.
pub fn parse_digits(text: &str) -> Option<u64> {
    let fits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// A plain float: optional `-`, digits with one inner dot, no exponent.
pub fn parse_f64(text: &str) -> Option<f64> {
    if text.is_empty() || text.len() > LONGEST_UNSIGNED + 1 || !text.is_ascii() {
        return None;
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = match digits.split_once('.') {
        None => to_float(parse_u64(digits)?),
        Some((whole, fraction)) => {
            if whole.is_empty() || fraction.is_empty() {
                return None;
            }
            let whole = parse_u64(whole)?;
            let significant = fraction[..fraction.len() - 1].trim_start_matches('0').len() + 1;
            let parsed = parse_u64(&fraction[fraction.len() - significant..])?;
            let places = fraction.len() - fraction.bytes().filter(|byte| *byte == b'_').count();
            to_float(parsed).mul_add(power_of_ten(-i32::try_from(places).ok()?), to_float(whole))
        }
    };
    Some(if negative { -value } else { value })
}

/// The nearest float to `10^exponent`, and 0 or infinity outside of the range.
pub fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::NAN)
}

#[expect(clippy::cast_precision_loss, reason = "the nearest float is what the language computes with")]
fn to_float(value: u64) -> f64 {
    value as f64
}

/// Cuts a leading plain float off: its value and what follows.
fn leading_float(text: &str) -> Option<(f64, &str)> {
    let end = text.bytes().position(|byte| !(byte.is_ascii_digit() || byte == b'.' || byte == b'_'));
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    Some((parse_f64(number)?, rest))
}

/// Adds `amount` to a sum of units; what does not fit becomes the largest value.
#[expect(clippy::cast_possible_truncation, reason = "fractions of a nanosecond or byte are dropped; `as` saturates")]
fn add_units(sum: i64, amount: f64) -> i64 {
    if amount >= 9_223_372_036_854_775_807.0 {
        return i64::MAX;
    }
    sum.checked_add(amount as i64).filter(|sum| *sum >= 0).unwrap_or(i64::MAX)
}

fn parse_units(text: &str, units: &[(&str, f64)], bare_allowed: bool) -> Option<i64> {
    let (negative, mut rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if text.is_empty() {
        return None;
    }
    let mut sum = 0;
    while !rest.is_empty() {
        let (value, after) = leading_float(rest)?;
        if after.is_empty() {
            // A number without a unit: bytes, where it is whole.
            if !bare_allowed || value.fract() != 0.0 {
                return None;
            }
            sum = add_units(sum, value);
            break;
        }
        let unit = units.iter().find(|(name, _)| after.starts_with(name))?;
        sum = add_units(sum, value * unit.1);
        rest = &after[unit.0.len()..];
    }
    Some(if negative { -sum } else { sum })
}

const DURATION_UNITS: &[(&str, f64)] = &[
    ("µs", 1e3),
    ("ms", 1e6),
    ("ns", 1.0),
    ("y", 365.0 * 24.0 * 3600e9),
    ("w", 7.0 * 24.0 * 3600e9),
    ("d", 24.0 * 3600e9),
    ("h", 3600e9),
    ("m", 60e9),
    ("s", 1e9),
];

/// A duration such as `1h30m` or `-1.5s` in nanoseconds; a lone `-` is zero, as on the server.
pub fn parse_duration(text: &str) -> Option<i64> {
    parse_units(text, DURATION_UNITS, false)
}

const BYTE_UNITS: &[(&str, f64)] = &[
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("B", 1.0),
    ("K", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
];

/// A size such as `10MB` or `1.5Ki` in bytes.
pub fn parse_bytes(text: &str) -> Option<i64> {
    parse_units(text, BYTE_UNITS, true)
}

/// Whether a text begins like a number: an optional sign, an optional dot, a digit; or is `inf`.
pub fn is_number_prefix(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.eq_ignore_ascii_case("inf") {
        return true;
    }
    unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|c: char| c.is_ascii_digit())
}

/// Any number: plain float, duration, size, float with exponent, integer with a base prefix.
pub fn parse_number(text: &str) -> Option<f64> {
    parse_f64(text).or_else(|| parse_duration(text).map(from_i64)).or_else(|| parse_bytes(text).map(from_i64)).or_else(
        || {
            let count = |wanted: char| text.matches(wanted).count();
            let plausible = is_number_prefix(text) && count('.') <= 1 && count(':') == 0 && count('-') <= 2;
            if plausible { parse_go_float(text).or_else(|| parse_based_integer(text).map(from_i64)) } else { None }
        },
    )
}

/// What `math` and the range filters compute with: a number, or a time in nanoseconds, or an IPv4 address.
pub fn parse_math(text: &str) -> Option<f64> {
    parse_number(text)
        .or_else(|| super::time::parse_rfc3339(text).map(from_i64))
        .or_else(|| parse_ipv4(text).map(f64::from))
}

#[expect(clippy::cast_precision_loss, reason = "the nearest float is what the language computes with")]
pub(super) fn from_i64(value: i64) -> f64 {
    value as f64
}

/// Decimal and hexadecimal floats, `inf`, `nan`, with `_` between digits.
fn parse_go_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let bytes = unsigned.as_bytes();
    if bytes.len() > 2 && bytes[0] == b'0' && bytes[1].eq_ignore_ascii_case(&b'x') {
        return parse_hex_float(&unsigned[2..]).map(|value| if text.starts_with('-') { -value } else { value });
    }
    let between = |index: usize| {
        index > 0 && bytes[index - 1].is_ascii_digit() && bytes.get(index + 1).is_some_and(u8::is_ascii_digit)
    };
    if bytes.iter().enumerate().any(|(index, byte)| *byte == b'_' && !between(index)) {
        return None;
    }
    let parsed: f64 = text.replace('_', "").parse().ok()?;
    let named = unsigned.starts_with(|c: char| c.is_ascii_alphabetic());
    // A number too large for a float is refused; the word for infinity is not.
    if parsed.is_infinite() && !named { None } else { Some(parsed) }
}

/// `H.HHpE` after the prefix; the exponent is required, as in Go.
fn parse_hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat().replace('_', "");
    let value = u64::from_str_radix(&digits, 16).ok()?;
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    Some(to_float(value) * 2_f64.powi(shift)).filter(|value| value.is_finite())
}

/// An integer with an optional sign and base prefix `0x`, `0o`, `0b` or `0`.
pub fn parse_based_integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = parse_based_unsigned(digits)?;
    if negative { 0_i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// The same without a sign.
pub fn parse_based_unsigned(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let bytes = digits.as_bytes();
    let prefixed = digits.len() < text.len();
    let well_placed = |index: usize| {
        (index > 0 || prefixed)
            && (index == 0 || bytes[index - 1] != b'_')
            && bytes.get(index + 1).is_some_and(|byte| *byte != b'_')
    };
    if bytes.is_empty() || bytes.iter().enumerate().any(|(index, byte)| *byte == b'_' && !well_placed(index)) {
        return None;
    }
    if digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// A count as `limit 10`, `0x10`, `1KiB`, `5s` or `inf`.
pub fn parse_count(text: &str) -> Option<u64> {
    if text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("+inf") {
        return Some(u64::MAX);
    }
    parse_based_unsigned(text)
        .or_else(|| parse_bytes(text).map(i64::cast_unsigned))
        .or_else(|| parse_duration(text).and_then(|value| u64::try_from(value).ok()))
}

/// A dotted IPv4 address as a number.
pub fn parse_ipv4(text: &str) -> Option<u32> {
    if !(7..=15).contains(&text.len()) {
        return None;
    }
    let mut octets = text.split('.');
    let mut address = 0_u32;
    for position in 0..4 {
        let octet = octets.next()?;
        if position < 3 && octet.len() > 3 {
            return None;
        }
        let value = parse_digits(octet).filter(|value| *value <= 255)?;
        address = address << 8 | u32::try_from(value).ok()?;
    }
    octets.next().is_none().then_some(address)
}

/// A dotted IPv4 address or `address/bits`: its first and last address.
pub fn parse_ipv4_range(text: &str) -> Option<(u32, u32)> {
    let Some((address, bits)) = text.split_once('/') else {
        let address = parse_ipv4(text)?;
        return Some((address, address));
    };
    let address = parse_ipv4(address)?;
    let bits = parse_u64(bits).filter(|bits| *bits <= 32)?;
    let host = u32::MAX.checked_shr(u32::try_from(bits).ok()?).unwrap_or(0);
    Some((address & !host, address | host))
}

/// An IPv4 address from its number.
pub fn ipv4_text(address: u32) -> String {
    std::net::Ipv4Addr::from(address).to_string()
}

/// The shortest decimal without exponent; `NaN`, `+Inf`, `-Inf`.
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        format!("{value}")
    }
}

/// A duration in the largest units: `1w2d3h4m5.006s`, below a second `1ms2µs3ns`.
pub fn duration_text(nanos: i64) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    let mut out = String::new();
    if nanos < 0 {
        out.push('-');
    }
    // The least of all has no positive counterpart, and the server writes nothing more of it than its sign.
    let Some(positive) = nanos.checked_abs() else { return out };
    let mut rest = positive.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let long = rest >= second;
    for (unit, length) in [("w", 7 * 24 * 3600), ("d", 24 * 3600), ("h", 3600), ("m", 60)] {
        let length = length * second;
        if rest >= length {
            out.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if long && rest >= second {
        out.push_str(&float_text(to_float(rest) / 1e9));
        out.push('s');
        return out;
    }
    for (unit, length) in [("ms", 1_000_000), ("µs", 1000), ("ns", 1)] {
        if rest >= length {
            out.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_floats_have_no_exponent_and_no_stray_dot() {
        for (text, value) in [
            ("0", Some(0.0)),
            ("-1.5", Some(-1.5)),
            ("1_000", Some(1000.0)),
            ("0.345", Some(0.345_000_000_000_000_03)),
            ("1.000001", Some(1.000_001)),
            ("01", None),
            (".5", None),
            ("5.", None),
            ("1e3", None),
            ("+1", None),
            ("1.é", None),
            ("168.0.1é", None),
            ("", None),
        ] {
            assert_eq!(parse_f64(text), value, "{text}");
        }
    }

    #[test]
    fn durations_sizes_and_addresses_are_numbers() {
        assert_eq!(parse_duration("1h30m"), Some(5400 * SECOND));
        assert_eq!(parse_duration("-1.5µs"), Some(-1500));
        assert_eq!(parse_duration("5"), None);
        assert_eq!(parse_duration("99999999y"), Some(i64::MAX));
        assert_eq!(parse_bytes("1.5KB"), Some(1500));
        assert_eq!(parse_bytes("2KiB"), Some(2048));
        assert_eq!(parse_bytes("1kb"), None);
        assert_eq!(parse_ipv4("10.0.0.1"), Some(0x0a00_0001));
        assert_eq!(parse_ipv4_range("10.1.2.3/8"), Some((0x0a00_0000, 0x0aff_ffff)));
        assert_eq!(parse_ipv4_range("10.1.2.3/0"), Some((0, u32::MAX)));
        assert_eq!(parse_number("1e3"), Some(1000.0));
        assert_eq!(parse_number("0x10"), Some(16.0));
        assert_eq!(parse_number("1.2.3"), None);
        assert_eq!(parse_math("10.0.0.1"), Some(167_772_161.0));
    }

    #[test]
    fn what_is_printed_is_short_and_plain() {
        for (value, text) in [(1e21, "1000000000000000000000"), (0.1 + 0.2, "0.30000000000000004"), (-0.0, "-0")] {
            assert_eq!(float_text(value), text);
        }
        assert_eq!(float_text(f64::INFINITY), "+Inf");
        assert_eq!(duration_text(90_061 * SECOND + 500_000_000), "1d1h1m1.5s");
        assert_eq!(duration_text(1_002_003), "1ms2µs3ns");
        assert_eq!(duration_text(-1), "-1ns");
        assert_eq!(duration_text(i64::MIN + 1), "-15250w1d23h47m16.854775807s");
        assert_eq!(duration_text(i64::MIN), "-");
    }
}
