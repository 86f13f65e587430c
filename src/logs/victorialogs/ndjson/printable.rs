//! Lines that stay lines, because somebody only wants to print them.

use memchr::memchr2;

use super::{Rows, Scan, Take, unicode_escape};
use crate::logs::Lines;
use crate::text::json;

/// Lines stay lines that can be printed. Nearly every one can as it is; the others are read and written anew.
#[derive(Debug, Default)]
pub struct Printable {
    rows: Rows,
    fields: Vec<Field>,
}

/// A field of lines that came before.
#[derive(Debug)]
struct Field {
    /// `"name":"`, where the name is known to be a sound string.
    opening: String,
    /// Its last value that held escapes, with the quote behind it: such values are mostly a stream's, and repeat.
    escaped: String,
}

/// So many fields are looked for without reading their names.
const MOST_FIELDS: usize = 64;

impl Take for Printable {
    type Into = Lines;

    fn take(&mut self, line: &str, into: &mut Lines) -> Option<()> {
        if json::is_printable(line) && self.is_plain(line).is_some() {
            into.json.extend_from_slice(line.as_bytes());
            into.json.push(b'\n');
            into.rows += 1;
            return Some(());
        }
        into.push(&self.rows.row(line)?);
        Some(())
    }

    fn count(into: &Lines) -> usize {
        into.rows
    }
}

impl Printable {
    /// Looks at a line without taking it apart: `Some` where it is a flat object of strings, none of them empty, which
    /// is the same as missing.
    fn is_plain(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan { text: line, at: 0 };
        scan.expect(b'{')?;
        if !scan.next_is(b'}') {
            let mut place = 0;
            loop {
                place = self.open(&mut scan, place)?;
                self.value(&mut scan, place)?;
                place += 1;
                if scan.next_is(b'}') {
                    break;
                }
                scan.expect(b',')?;
            }
        }
        scan.is_at_end().then_some(())
    }

    /// Goes past a name and the quote that opens its value. The lines of an answer have mostly the same fields in the
    /// same order: the one at `place` is tried first. Gives the field's place.
    fn open(&mut self, scan: &mut Scan<'_>, place: usize) -> Option<usize> {
        let rest = scan.rest();
        let stands = |field: &Field| rest.starts_with(field.opening.as_bytes());
        let found =
            if self.fields.get(place).is_some_and(stands) { Some(place) } else { self.fields.iter().position(stands) };
        if let Some(place) = found {
            scan.at += self.fields[place].opening.len();
            return Some(place);
        }
        scan.expect(b'"')?;
        let start = scan.at;
        checked(scan)?;
        let name = &scan.text[start..scan.at];
        scan.expect(b':')?;
        scan.expect(b'"')?;
        if self.fields.len() < MOST_FIELDS {
            self.fields.push(Field { opening: format!("\"{name}:\""), escaped: String::new() });
        }
        Some(self.fields.len() - 1)
    }

    /// Goes past a value whose opening quote is behind us, and that is not empty.
    fn value(&mut self, scan: &mut Scan<'_>, place: usize) -> Option<()> {
        let field = self.fields.get_mut(place)?;
        if !field.escaped.is_empty() && scan.rest().starts_with(field.escaped.as_bytes()) {
            scan.at += field.escaped.len();
            return Some(());
        }
        let start = scan.at;
        let has_escapes = checked(scan)?;
        if has_escapes {
            field.escaped.clear();
            field.escaped.push_str(&scan.text[start..scan.at]);
        }
        (scan.at > start + 1).then_some(())
    }
}

/// Goes past the end of a string whose opening quote is behind us. `Some` where its escapes, if any, are right: whether
/// it holds some.
fn checked(scan: &mut Scan<'_>) -> Option<bool> {
    let mut has_escapes = false;
    loop {
        let found = scan.at + memchr2(b'"', b'\\', scan.rest())?;
        let bytes = scan.text.as_bytes();
        if bytes[found] == b'"' {
            scan.at = found + 1;
            return Some(has_escapes);
        }
        has_escapes = true;
        scan.at = found
            + match bytes.get(found + 1)? {
                b'"' | b'\\' | b'/' | b'n' | b'r' | b't' | b'b' | b'f' => 2,
                b'u' => 2 + unicode_escape(&scan.text[found + 2..])?.1,
                _ => return None,
            };
    }
}
