//! Bytes of a line as text. Values are what the client sent: the escapes that nginx (`\x22`) and Apache (`\"`, `\n`,
//! `\x16`) write are taken back. A value that is then no UTF-8 keeps every byte in sight: the bytes that do not fit
//! are shown as `\xHH`, as nginx writes them, in capitals.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text of any bytes, none lost: what is no UTF-8 becomes `\xHH`. (A client that sends those four characters itself
/// cannot be told apart from the byte; `_msg` holds the line as the server wrote it.)
pub fn lossless(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    Cow::Owned(out)
}

/// The same of bytes that may be borrowed for longer than the value lives.
pub fn lossless_cow(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => lossless(bytes),
        Cow::Owned(bytes) => {
            Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| lossless(error.as_bytes()).into_owned()))
        }
    }
}

/// Takes the escapes of an access log back. A backslash that starts none of them stays as it is.
pub fn unescape(bytes: &[u8]) -> Cow<'_, [u8]> {
    decode(bytes, |after, out| {
        let (byte, length) = escape(after)?;
        out.push(byte);
        Some(length)
    })
}

/// Takes the escapes of a quoted string of JSON, Go or logfmt back. The `\x22` of an nginx that was not told
/// `escape=json` is understood; half a surrogate pair becomes its three bytes, which [`lossless`] then shows.
pub fn unescape_string(bytes: &[u8]) -> Cow<'_, [u8]> {
    decode(bytes, |after, out| match after {
        [b'u', digits @ ..] => unicode(digits, out),
        [b'/', ..] => {
            out.push(b'/');
            Some(1)
        }
        _ => {
            let (byte, length) = escape(after)?;
            out.push(byte);
            Some(length)
        }
    })
}

/// Takes the three escapes of an RFC 5424 parameter value back.
pub fn unescape_parameter(bytes: &[u8]) -> Cow<'_, [u8]> {
    decode(bytes, |after, out| {
        let byte = *after.first().filter(|byte| matches!(byte, b'"' | b'\\' | b']'))?;
        out.push(byte);
        Some(1)
    })
}

/// Copies bytes, each backslash given to `replace` with what follows it; `None` from there keeps it.
fn decode(bytes: &[u8], mut replace: impl FnMut(&[u8], &mut Vec<u8>) -> Option<usize>) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'\\', bytes) else { return Cow::Borrowed(bytes) };
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&bytes[..first]);
    let mut rest = &bytes[first..];
    while let Some((&byte, tail)) = rest.split_first() {
        let length = if byte == b'\\' { replace(tail, &mut out) } else { None };
        if length.is_none() {
            out.push(byte);
        }
        rest = &tail[length.unwrap_or(0)..];
    }
    Cow::Owned(out)
}

/// The four digits after `\u`, and a low surrogate's escape after a high one; gives the length without the backslash.
fn unicode(digits: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let first = four_digits(digits)?;
    let second = match &digits[4..] {
        [b'\\', b'u', low @ ..] if (0xd800..0xdc00).contains(&first) => {
            four_digits(low).filter(|low| (0xdc00..0xe000).contains(low))
        }
        _ => None,
    };
    let (code, length) = match second {
        Some(low) => (0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00), 11),
        None => (first, 5),
    };
    if let Some(character) = char::from_u32(code) {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        let six = |shift: u32| 0x80 | u8::try_from(code >> shift & 0x3f).unwrap_or_default();
        out.extend_from_slice(&[0xe0 | u8::try_from(code >> 12).unwrap_or_default(), six(6), six(0)]);
    }
    Some(length)
}

fn four_digits(digits: &[u8]) -> Option<u32> {
    digits.get(..4)?.iter().try_fold(0, |sum, digit| Some(sum << 4 | u32::from(hex(*digit)?)))
}

/// The byte that an escape stands for and its length without the backslash.
fn escape(after: &[u8]) -> Option<(u8, usize)> {
    match after {
        [b'x', high, low, ..] => Some((hex(*high)? << 4 | hex(*low)?, 3)),
        [b'"', ..] => Some((b'"', 1)),
        [b'\\', ..] => Some((b'\\', 1)),
        [b'n', ..] => Some((b'\n', 1)),
        [b'r', ..] => Some((b'\r', 1)),
        [b't', ..] => Some((b'\t', 1)),
        [b'b', ..] => Some((8, 1)),
        [b'f', ..] => Some((12, 1)),
        [b'v', ..] => Some((11, 1)),
        _ => None,
    }
}

/// The value of a hexadecimal digit.
const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Where the quote that closes a quoted value stands, the bytes after the opening one given. A quote after an odd
/// number of backslashes belongs to the value.
pub fn closing_quote(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'"', bytes).find(|quote| {
        let backslashes = bytes[..*quote].iter().rev().take_while(|byte| **byte == b'\\').count();
        backslashes % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_of_both_servers_are_taken_back() {
        for (logged, sent) in [
            (&br"/a\x22b\x5Cc"[..], &br#"/a"b\c"#[..]),
            (br"\x16\x03\x01", b"\x16\x03\x01"),
            (br#"a\"b\\c\nd\t"#, b"a\"b\\c\nd\t"),
            (br"\xe2\x82\xac", "€".as_bytes()),
            (br"\xZZ\q\", br"\xZZ\q\"),
        ] {
            assert_eq!(&*unescape(logged), sent, "{}", lossless(logged));
        }
    }

    #[test]
    fn escapes_of_strings_are_taken_back() {
        for (logged, shown) in [
            (r"\u00e9\/\ud83d\ude00", "é/😀"),
            (r"\ud83d!", r"\xED\xA0\xBD!"),
            (r"\ude00\u12", r"\xED\xB8\x80\u12"),
            (r"a\x22b", "a\"b"),
        ] {
            assert_eq!(lossless(&unescape_string(logged.as_bytes())), shown, "{logged}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_stay_in_sight() {
        assert_eq!(lossless(b"a\xff\xfeb\xe2\x82"), r"a\xFF\xFEb\xE2\x82");
        assert_eq!(lossless("서울\0".as_bytes()), "서울\0");
    }

    #[test]
    fn a_closing_quote_is_not_an_escaped_one() {
        assert_eq!(closing_quote(br#"a" b"#), Some(1));
        assert_eq!(closing_quote(br#"a\"b" c"#), Some(4));
        assert_eq!(closing_quote(br#"a\\" c"#), Some(3));
        assert_eq!(closing_quote(br#"a\""#), None);
    }

    proptest! {
        #[test]
        fn what_nginx_escapes_comes_back(sent in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut logged = Vec::new();
            for byte in &sent {
                // ngx_http_log_escape: quote, backslash, controls and everything above 0x7e.
                if matches!(byte, b'"' | b'\\' | 0..=31 | 127..) {
                    logged.extend(format!("\\x{byte:02X}").bytes());
                } else {
                    logged.push(*byte);
                }
            }
            prop_assert_eq!(&*unescape(&logged), &sent[..]);
        }
    }
}
