#![no_main]

use gatewatch::logs::files::formats::Format;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    gatewatch_fuzz::read(Format::Logfmt, line);
});
