//! The last resort: the line is the message. A timestamp at its start is recognised, as nginx's error log, journald
//! and most programs write it.

use super::entry::{Entry, Field, Wanted};
use super::time::{self, Context};

/// Takes a line whole; never fails.
pub fn parse<'line>(line: &'line [u8], context: &Context, wanted: &Wanted, entry: &mut Entry<'line>) {
    if wanted.field(Field::Time) {
        let start = line.strip_prefix(b"[").unwrap_or(line);
        let found = time::iso(start, context).or_else(|| time::bsd(start, context));
        entry.time = found.map(|(instant, _)| instant);
    }
    if wanted.field(Field::Msg) {
        entry.set(Field::Msg, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::files::formats::testing::{context, shown};

    #[test]
    fn a_timestamp_in_front_is_the_time() {
        for (line, expected) in [
            ("2026/11/21 09:37:55 [error] 1#1: *2 open() failed", Some("2026-11-21T09:37:55Z")),
            ("[2026-11-21T09:37:55.5Z] hello", Some("2026-11-21T09:37:55.5Z")),
            ("Nov 20 09:37:55 hello", Some("2026-11-20T09:37:55Z")),
            ("hello", None),
            ("\0\0", None),
        ] {
            let found = shown(|entry| {
                parse(line.as_bytes(), &context(), &Wanted::all(), entry);
                true
            });
            let time = expected.map(|time| ("_time".to_owned(), time.to_owned()));
            let whole: Vec<_> = time.into_iter().chain([("_msg".to_owned(), line.to_owned())]).collect();
            assert_eq!(found, Some(whole));
        }
    }
}
