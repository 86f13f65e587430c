//! Makes text that a stranger wrote (log fields, model output, server answers) safe to show on a terminal, to write
//! to a file and to put on a clipboard. Control characters, bidirectional overrides, invisible characters and line
//! separators become visible escapes; nothing is dropped, so two different texts never look the same by omission.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could move the cursor, hide or reorder text, or end a line.
///
/// C0 and C1 controls, DEL, the bidirectional controls of UAX #9, zero-width and other invisible format characters,
/// line and paragraph separators, interlinear annotation marks, tag characters and the byte order mark.
pub fn is_dangerous(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// One line that is safe to show: `ESC` becomes `\x1b`, a line break `\n`, a right-to-left override `\u{202e}`.
///
/// A backslash stays as it is, so this is for showing, not for reading back. The `\u{3164}`-like Hangul fillers are
/// escaped, real Hangul is not.
///
/// ```
/// assert_eq!(gatewatch::text::escape::visible("a\x1b[2Jb\nc"), "a\\x1b[2Jb\\nc");
/// assert_eq!(gatewatch::text::escape::visible("서울"), "서울");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// Like [`visible`], but line feeds stay line feeds: for a model's answer or a server's message of several lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

fn escape(text: &str, keep_line_feeds: bool) -> Cow<'_, str> {
    let needs = |c: char| is_dangerous(c) && !(keep_line_feeds && c == '\n');
    let Some(first) = text.find(needs) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for character in text[first..].chars() {
        if needs(character) {
            push_escape(&mut out, character);
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

fn push_escape(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if u32::from(c) <= 0xff => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        c => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_sequences_become_visible() {
        for (given, shown) in [
            ("\u{1b}]52;c;aGk=\u{7}", "\\x1b]52;c;aGk=\\x07"),
            ("\u{9b}31m", "\\x9b31m"),
            ("evil\u{202e}gpj.exe", "evil\\u{202e}gpj.exe"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("\u{3164}", "\\u{3164}"),
            ("tab\there", "tab\\there"),
        ] {
            assert_eq!(visible(given), shown);
        }
        assert_eq!(visible_lines("one\ntwo\r"), "one\ntwo\\r");
    }

    proptest! {
        #[test]
        fn nothing_dangerous_survives_and_clean_text_is_untouched(text in any::<String>()) {
            let shown = visible(&text);
            prop_assert!(!shown.chars().any(is_dangerous));
            if !text.chars().any(is_dangerous) { prop_assert_eq!(shown.as_ref(), text.as_str()); }
        }
    }
}
