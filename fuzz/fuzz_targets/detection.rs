#![no_main]

use gatewatch::logs::files::formats::Format;

libfuzzer_sys::fuzz_target!(|content: &[u8]| {
    let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    let format = Format::of(&lines, None, &gatewatch_fuzz::context());
    for line in lines {
        gatewatch_fuzz::read(format, line);
    }
});
