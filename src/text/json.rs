//! JSON that may be printed on a terminal: whatever could do something there is written as `\uXXXX`, which reads back
//! as the same text.

use std::io::{self, Write};

use serde::Serialize;

use super::escape;

/// Writes one value as a line of JSON in which nothing can reach a terminal unescaped.
pub fn write_line(mut writer: impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, Compact))?;
    writer.write_all(b"\n")
}

/// JSON on one line, every dangerous character escaped.
struct Compact;

/// JSON over several lines, every dangerous character escaped.
#[derive(Debug, Default)]
pub struct Pretty(serde_json::ser::PrettyFormatter<'static>);

/// Writes a piece of a JSON string so that nothing in it reaches a terminal as a control, a bidirectional override or
/// an invisible character: they become `\uXXXX`, which reads back as the same text.
fn write_fragment<W: ?Sized + Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    // Nearly every value: plain ASCII. (C0 controls never come here, serde_json escapes them itself.)
    if fragment.bytes().all(|byte| byte < 0x7f) {
        return writer.write_all(fragment.as_bytes());
    }
    let mut rest = fragment;
    while let Some(at) = rest.find(escape::is_dangerous) {
        writer.write_all(&rest.as_bytes()[..at])?;
        let mut characters = rest[at..].chars();
        for unit in characters.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
            write!(writer, "\\u{unit:04x}")?;
        }
        rest = characters.as_str();
    }
    writer.write_all(rest.as_bytes())
}

impl serde_json::ser::Formatter for Compact {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }
}

/// Passes a call on to the formatter that indents.
macro_rules! pass_on {
    ($($name:ident($($arg:ident: $ty:ty),*));* $(;)?) => { $(
        fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $arg: $ty)*) -> io::Result<()> {
            self.0.$name(writer $(, $arg)*)
        }
    )* };
}

impl serde_json::ser::Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }
    pass_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }
}

/// Whether a line of JSON can be printed as it stands: nothing in it is a control, a bidirectional override or an
/// invisible character.
pub fn is_printable(line: &str) -> bool {
    // Nearly every line: plain ASCII, looked at many bytes at once because nothing ends the look early.
    let is_plain = line.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte));
    is_plain || !line.chars().any(escape::is_dangerous)
}
