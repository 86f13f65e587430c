//! What the targets share: one line read in a format, whole and in part.

use gatewatch::logs::files::formats::Format;
use gatewatch::logs::files::formats::entry::{Entry, Wanted};
use gatewatch::logs::files::formats::time::Context;

/// A fixed zone and reference.
pub fn context() -> Context {
    Context { zone: jiff::tz::TimeZone::UTC, reference: jiff::Timestamp::UNIX_EPOCH }
}

/// Reads a line and checks what must hold of any line: asking for less gives no other values.
pub fn read(format: Format, line: &[u8]) {
    let context = context();
    let (mut whole, mut part) = (Entry::default(), Entry::default());
    let parsed = format.parse(line, &context, &Wanted::all(), &mut whole);
    let names: Vec<String> = whole.texts().map(|(name, _)| name.to_owned()).collect();
    for name in names.iter().take(4) {
        let again = format.parse(line, &context, &Wanted::only([name.as_str(), "_time"]), &mut part);
        assert_eq!((again, part.time), (parsed, whole.time));
        assert_eq!(part.get(name), whole.get(name), "{name}");
    }
}
