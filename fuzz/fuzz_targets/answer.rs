#![no_main]

use gatewatch::logs::Lines;
use gatewatch::logs::victorialogs::ndjson::{Decoder, Printable, Rows};
use gatewatch::text::escape::is_dangerous;

// A server's answer, as rows and as lines to print: both are refused at the same place, wherever the chunks are cut, and
// nothing that a terminal would act on is passed on.
libfuzzer_sys::fuzz_target!(|answer: &[u8]| {
    let (cut, answer) = answer.split_first().map_or((1, answer), |(first, rest)| (usize::from(*first).max(1), rest));
    let (mut rows, mut lines) = (Vec::new(), Lines::default());
    let mut reading = Decoder::<Rows>::default();
    let read = answer.chunks(cut).try_for_each(|chunk| reading.feed(chunk, &mut rows));
    let read = read.and_then(|()| reading.finish(&mut rows));
    let mut passing = Decoder::<Printable>::default();
    let passed = passing.feed(answer, &mut lines).and_then(|()| passing.finish(&mut lines));
    assert_eq!(read, passed);
    assert_eq!(rows.len(), lines.rows);
    let printed = String::from_utf8(lines.json).expect("text");
    assert!(!printed.chars().any(|letter| letter != '\n' && is_dangerous(letter)));
});
