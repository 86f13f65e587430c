#![no_main]

use gatewatch::logs::files::formats::Format;
use gatewatch::logs::files::formats::access::Layout;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    gatewatch_fuzz::read(Format::Syslog(Layout::PLAIN), line);
});
