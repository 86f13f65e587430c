#![no_main]

use gatewatch::logs::files::formats::Format;
use gatewatch::logs::files::formats::access::Layout;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    gatewatch_fuzz::read(Format::Access(Layout { vhost: false, forwarded: true }), line);
    gatewatch_fuzz::read(Format::Access(Layout { vhost: true, forwarded: true }), line);
});
