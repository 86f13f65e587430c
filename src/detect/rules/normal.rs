//! The normal form in which rules compare texts: percent-decoded (twice, because attackers encode twice), lower case,
//! `\` as `/`, and in the query `+` as a blank. Attack strings survive it; spelling them differently does not.

use std::borrow::Cow;
use std::string::FromUtf8Error;

/// A request target in normal form, in two halves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Path, `?` and query.
    whole: String,
    /// Where the path ends in it.
    path_end: usize,
    /// Whether the second decoding changed anything: the target was encoded twice.
    pub twice: bool,
}

impl Target {
    /// Up to the first `?` or `#`.
    pub fn path(&self) -> &str {
        &self.whole[..self.path_end]
    }

    /// What follows the first `?`, without `#…`.
    pub fn query(&self) -> &str {
        self.whole.get(self.path_end + 1..).unwrap_or_default()
    }

    /// The path, with the `?` after it where a query follows.
    pub fn path_and_mark(&self) -> &str {
        &self.whole[..self.path_end + usize::from(!self.query().is_empty())]
    }

    /// `path?query`; the `?` is there without a query too.
    pub fn whole(&self) -> &str {
        &self.whole
    }
}

/// The parameters in which sites take what a visitor looks for, in his own words.
const SEARCHES: &[&str] = &[
    "q",
    "query",
    "search",
    "s",
    "k",
    "kw",
    "keyword",
    "keywords",
    "term",
    "terms",
    "text",
    "word",
    "words",
    "wd",
    "find",
    "stx",
    "sql",
    "sql_query",
    "jql",
    "searchword",
    "searchterm",
    "searchtext",
    "search_query",
    "search_keyword",
    "search_text",
    "검색어",
];

/// What a visitor wrote into a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// The target without it, in its normal form.
    pub rest: String,
    /// Whether there are words in it, as in a question about something.
    pub is_prose: bool,
}

/// What was searched for with a target; `None` where it is no search.
pub fn searched(target: &Target) -> Option<Searched> {
    let is_search = |pair: &&str| pair.split_once('=').is_some_and(|(name, _)| SEARCHES.contains(&name));
    let (searches, others): (Vec<&str>, Vec<&str>) = target.query().split('&').partition(is_search);
    let is_word = |word: &str| {
        word.chars().count() >= 3 && word.starts_with(char::is_alphabetic) && word.chars().all(char::is_alphanumeric)
    };
    let words = searches.iter().flat_map(|pair| pair.split(['=', ' ']).skip(1)).filter(|word| is_word(word));
    let is_prose = words.count() > 0;
    (!searches.is_empty()).then(|| Searched { rest: format!("{}?{}", target.path(), others.join("&")), is_prose })
}

/// The normal form of a target as sent.
pub fn target(sent: &str) -> Target {
    let sent = sent.split('#').next().unwrap_or_default();
    let (path, query) = sent.split_once('?').unwrap_or((sent, ""));
    let (path, path_twice) = decode(path, false);
    let (query, query_twice) = decode(query, true);
    let mut whole = String::with_capacity(path.len() + 1 + query.len());
    if path.contains('\\') {
        whole.push_str(&path.replace('\\', "/"));
    } else {
        whole.push_str(&path);
    }
    let path_end = whole.len();
    whole.push('?');
    whole.push_str(&query);
    make_lower(&mut whole);
    Target { whole, path_end, twice: path_twice || query_twice }
}

/// The normal form of a header value: lower case.
pub fn header(value: &str) -> Cow<'_, str> {
    if !value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(value);
    }
    let mut value = value.to_owned();
    make_lower(&mut value);
    Cow::Owned(value)
}

fn make_lower(text: &mut str) {
    // ASCII only: a Turkish dotless i or a Kelvin sign must not become an ASCII letter that a rule then sees.
    text.make_ascii_lowercase();
}

/// Percent-decodes twice. The flag tells whether the second time decoded to something that matters to a rule
/// (punctuation or a control character), which an innocent `%2520` for a blank does not.
fn decode(text: &str, plus_is_blank: bool) -> (Cow<'_, str>, bool) {
    let once = percent_decode(text, plus_is_blank);
    match percent_decode(&once, false) {
        Cow::Borrowed(_) => (once, false),
        Cow::Owned(again) => {
            // Where blanks are plus signs, in a query, whole targets of other requests are encoded within a parameter.
            let marks = if plus_is_blank { hidden_marks } else { punctuation };
            let twice = marks(&again) > marks(&once);
            (Cow::Owned(again), twice)
        }
    }
}

/// Characters an attack needs and a name does not.
fn punctuation(text: &str) -> usize {
    text.bytes().filter(|byte| byte.is_ascii_control() || b"./\\<>'\"`$;|(){}".contains(byte)).count()
}

/// What no target of an innocent request has in it, however often it was encoded on its way through others.
fn hidden_marks(text: &str) -> usize {
    let marks = text.bytes().filter(|byte| byte.is_ascii_control() || b"\\<>`".contains(byte)).count();
    marks + text.matches("../").count()
}

/// One pass of percent-decoding; bytes that are no UTF-8 become U+FFFD, broken escapes stay as they are.
fn percent_decode(text: &str, plus_is_blank: bool) -> Cow<'_, str> {
    let blank = if plus_is_blank { b'+' } else { b'%' };
    if memchr::memchr2(b'%', blank, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
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
    let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
    Cow::Owned(String::from_utf8(out).unwrap_or_else(lossy))
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
            assert_eq!(target(sent).path(), "/../etc/passwd", "{sent}");
        }
        assert_eq!(target("/a?q=1%20UNION+select#x").query(), "q=1 union select");
    }

    #[test]
    fn double_encoding_is_noticed_only_where_it_hides_something() {
        assert!(target("/%252e%252e%252fetc").twice);
        assert!(!target("/a%2520b").twice);
        // The page that a visitor goes on to, and that page's own parameter, as a counter's picture is told them.
        assert!(!target("/pv.gif?u=%2Flogin%3Fnext%3D%252Fm%252Fitem%252F7%253Fq%253D%2525EB%252582%2525A8").twice);
        assert!(!target("/oauth/authorize?redirect_uri=https%253A%252F%252Fshop.example%252Fcallback").twice);
        assert!(target("/get?file=%252e%252e%252fetc").twice && target("/s?q=%253Cscript").twice);
        assert!(!target("/100%25").twice);
    }

    #[test]
    fn broken_escapes_and_bytes_that_are_no_text_are_kept_visible() {
        assert_eq!(target("/%zz%4").path(), "/%zz%4");
        assert_eq!(target("/%ff").path(), "/\u{fffd}");
    }
}
