//! The normal form in which rules compare texts: percent-decoded (twice, because attackers encode twice), lower case,
//! `\` as `/`, and in the query `+` as a blank. Attack strings survive it; spelling them differently does not.

/// A request target in normal form, in two halves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Up to the first `?` or `#`.
    pub path: String,
    /// What follows the first `?`, without `#…`.
    pub query: String,
    /// Whether the second decoding changed anything: the target was encoded twice.
    pub twice: bool,
}

/// The normal form of a target as sent.
pub fn target(sent: &str) -> Target {
    let sent = sent.split('#').next().unwrap_or_default();
    let (path, query) = sent.split_once('?').unwrap_or((sent, ""));
    let (path, path_twice) = decode(path, false);
    let (query, query_twice) = decode(query, true);
    Target { path: lower(&path).replace('\\', "/"), query: lower(&query), twice: path_twice || query_twice }
}

/// The normal form of a header value: lower case.
pub fn header(value: &str) -> String {
    lower(value)
}

fn lower(text: &str) -> String {
    // ASCII only: a Turkish dotless i or a Kelvin sign must not become an ASCII letter that a rule then sees.
    text.to_ascii_lowercase()
}

/// Percent-decodes twice. The flag tells whether the second time decoded to something that matters to a rule
/// (punctuation or a control character), which an innocent `%2520` for a blank does not.
fn decode(text: &str, plus_is_blank: bool) -> (String, bool) {
    let once = percent_decode(text, plus_is_blank);
    let again = percent_decode(&once, false);
    let twice = once != again && punctuation(&again) > punctuation(&once);
    (again, twice)
}

/// Characters an attack needs and a name does not.
fn punctuation(text: &str) -> usize {
    text.bytes().filter(|byte| byte.is_ascii_control() || b"./\\<>'\"`$;|(){}".contains(byte)).count()
}

/// One pass of percent-decoding; bytes that are no UTF-8 become U+FFFD, broken escapes stay as they are.
fn percent_decode(text: &str, plus_is_blank: bool) -> String {
    let nothing_to_do = !text.bytes().any(|byte| byte == b'%' || (plus_is_blank && byte == b'+'));
    if nothing_to_do {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1).copied().and_then(hex), bytes.get(at + 2).copied().and_then(hex)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (b'+', ..) if plus_is_blank => {
                out.push(b' ');
                at += 1;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_target_have_one_normal_form() {
        for sent in [
            "/../etc/passwd",
            "/%2e%2e/etc/passwd",
            "/%2E%2e%2fetc/PASSWD",
            "/..\\etc\\passwd",
            "/%252e%252e/etc/passwd",
        ] {
            assert_eq!(target(sent).path, "/../etc/passwd", "{sent}");
        }
        assert_eq!(target("/a?q=1%20UNION+select#x").query, "q=1 union select");
    }

    #[test]
    fn double_encoding_is_noticed_only_where_it_hides_something() {
        assert!(target("/%252e%252e%252fetc").twice);
        assert!(!target("/a%2520b").twice);
        assert!(!target("/100%25").twice);
    }

    #[test]
    fn broken_escapes_and_bytes_that_are_no_text_are_kept_visible() {
        assert_eq!(target("/%zz%4").path, "/%zz%4");
        assert_eq!(target("/%ff").path, "/\u{fffd}");
    }
}
