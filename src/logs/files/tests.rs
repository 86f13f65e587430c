//! Whole files, read as they are on disk: every sort of line end, compression, window and rotation.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::SystemTime;

use super::catalog::{Catalog, Content};
use super::formats::entry::{Field, Wanted};
use super::scan::{Sink, TimeRange, scan};
use super::seek;
use super::{Kind, Options, report};
use crate::logs::SourceError;

/// A directory of files with a catalog over it.
pub struct Place {
    pub directory: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    /// Marks a file as last written at a time.
    pub fn touch(&self, name: &str, time: &str) -> &Self {
        let time: jiff::Timestamp = time.parse().unwrap();
        let file = std::fs::File::options().append(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::from(time)).unwrap();
        self
    }

    pub fn options(&self, inputs: &[&str]) -> Options {
        let inputs = inputs.iter().map(|input| self.path(input).display().to_string()).collect();
        Options { inputs, zone: jiff::tz::TimeZone::UTC, ..Options::default() }
    }

    pub fn catalog(&self, inputs: &[&str]) -> Catalog {
        Catalog::open(self.options(inputs)).unwrap()
    }
}

pub const EVER: TimeRange = TimeRange { start: i64::MIN, end: i64::MAX };

fn range(start: &str, end: &str) -> TimeRange {
    let nanoseconds = |text: &str| i64::try_from(text.parse::<jiff::Timestamp>().unwrap().as_nanosecond()).unwrap();
    TimeRange { start: nanoseconds(start), end: nanoseconds(end) }
}

/// Scans all parts of a content.
fn all_parts(content: &Content, range: TimeRange, wanted: &Wanted, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    for part in seek::parts(content, range, 0).unwrap() {
        let _ = scan(content, part, range, wanted, &|| false, sink)?;
    }
    Ok(())
}

pub fn messages_of(content: &Content, range: TimeRange) -> Result<Vec<String>, SourceError> {
    let mut found = Vec::new();
    all_parts(content, range, &Wanted::all(), &mut |entry, _| {
        found.push(super::formats::text::lossless(entry.field(Field::Msg)).into_owned());
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn messages(catalog: &Catalog, range: TimeRange) -> Vec<String> {
    let contents = catalog.list().unwrap();
    contents.iter().flat_map(|content| messages_of(content, range).unwrap()).collect()
}

/// An access line at a second of 21 November 2026, 09:00.
pub fn access(second: u64) -> String {
    let (minute, second) = (second / 60, second % 60);
    let (hour, minute) = (9 + minute / 60, minute % 60);
    format!(
        "203.0.113.{} - - [21/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000] \"GET /{hour}/{minute}/{second}?q=1 HTTP/1.1\" 200 5 \"-\" \"x\"",
        second % 7
    )
}

fn lines(range: std::ops::Range<u64>) -> String {
    range.map(|second| access(second) + "\n").collect()
}

#[test]
fn lines_that_do_not_parse_are_rows_and_counted_once() {
    let place = Place::new();
    place.write("a", [&access(0), "\r\n", "no access line\n", "\n", &access(1), "\n\0\0\n", &access(2)].concat());
    place.touch("a", "2026-11-21T09:00:03Z");
    let catalog = place.catalog(&["a"]);
    for _ in 0..3 {
        let expected = [access(0), "no access line".into(), access(1), "\0\0".into(), access(2)];
        assert_eq!(messages(&catalog, EVER), expected);
    }
    let status = report::status(&catalog).unwrap();
    assert_eq!(status.unparsed_lines, 2);
    let name = place.path("a").display().to_string();
    assert_eq!(status.unparsed_samples, [format!("{name}:2: no access line"), format!("{name}:5: \0\0")]);
}

#[test]
fn odd_files_are_read() {
    let place = Place::new();
    let monster = "x".repeat(1 << 20);
    place
        .write("empty", "")
        .write("bom", "\u{feff}{\"a\":\"1\"}\n{\"a\":\"2\"}")
        .write("bytes", b"a\xffb\n")
        .write("monster", format!("{}{monster}\n{}", lines(0..1), lines(1..2)));
    for (name, expected) in [
        ("empty", vec![]),
        ("bom", vec![r#"{"a":"1"}"#.to_owned(), r#"{"a":"2"}"#.to_owned()]),
        ("bytes", vec!["a\\xFFb".to_owned()]),
        ("monster", vec![access(0), monster.clone(), access(1)]),
    ] {
        assert_eq!(messages(&place.catalog(&[name]), EVER), expected, "{name}");
    }
}

#[test]
fn a_last_line_without_its_end_counts_unless_it_is_being_written() {
    let place = Place::new();
    place.write("a", lines(0..2) + "203.0.113.5 - - [21/Nov/2026:09:0");
    let mut options = place.options(&["a"]);
    options.now = || "2026-11-21T09:00:05Z".parse().unwrap();
    place.touch("a", "2026-11-21T09:00:04Z");
    let catalog = Catalog::open(options.clone()).unwrap();
    assert_eq!(messages(&catalog, EVER).len(), 2);
    assert_eq!(report::status(&catalog).unwrap().unparsed_lines, 0);
    place.touch("a", "2026-11-21T08:00:00Z");
    let catalog = Catalog::open(options).unwrap();
    assert_eq!(messages(&catalog, EVER).len(), 3);
    assert_eq!(report::status(&catalog).unwrap().unparsed_lines, 1);
}

#[test]
fn what_cannot_be_read_says_why() {
    let place = Place::new();
    place.write("a", "x\n");
    std::fs::create_dir(place.path("logs")).unwrap();
    let error = |input: &str| Catalog::open(place.options(&[input])).map(|_| ()).unwrap_err();
    assert!(matches!(error("missing"), SourceError::NoMatch { .. }));
    assert!(matches!(error("*.none"), SourceError::NoMatch { .. }));
    assert!(matches!(error("logs"), SourceError::Directory { .. }));
    assert!(error("logs").to_string().contains("logs/*.log"));
    // A pattern passes over the directory.
    assert_eq!(messages(&place.catalog(&["*"]), EVER), ["x"]);
}

#[test]
fn compressed_files_are_read_and_a_torn_one_gives_what_it_has() {
    let place = Place::new();
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let whole = [gzip(&lines(0..2)), gzip(&lines(2..4))].concat();
    place.write("a.gz", &whole).write("b.zst", zstd::encode_all(lines(4..6).as_bytes(), 1).unwrap());
    let expected: Vec<_> = (0..6).map(access).collect();
    let catalog = place.catalog(&["*"]);
    assert_eq!(messages(&catalog, EVER), expected);
    assert!(report::status(&catalog).unwrap().detail[0].ends_with("a.gz: access, gzip"));

    let long = gzip(&lines(0..40_000));
    place.write("torn.gz", &long[..long.len() / 2]);
    let content = place.catalog(&["torn.gz"]).list().unwrap().pop().unwrap();
    let mut rows = 0;
    let result = all_parts(&content, EVER, &Wanted::all(), &mut |_, _| {
        rows += 1;
        ControlFlow::Continue(())
    });
    assert!(matches!(result, Err(SourceError::Damaged { .. })), "{result:?}");
    assert!(rows > 5_000, "{rows}");
}

#[test]
fn a_file_is_read_once_whatever_its_names() {
    let place = Place::new();
    place.write("a.log", "x\n");
    std::os::unix::fs::symlink(place.path("a.log"), place.path("b.log")).unwrap();
    std::fs::hard_link(place.path("a.log"), place.path("c.log")).unwrap();
    assert_eq!(messages(&place.catalog(&["a.log", "*.log", "a.log"]), EVER), ["x"]);
}

#[test]
fn the_window_is_cut_exactly_with_and_without_the_search() {
    let place = Place::new();
    // Some 7 MB, three lines a second, with disorder within the slack.
    let mut text = String::new();
    for second in 0..24_000_u64 {
        for back in [0, 200, 1] {
            text.push_str(&access(second.saturating_sub(back)));
            text.push('\n');
        }
    }
    place.write("a", &text).touch("a", "2026-11-21T16:00:00Z");
    let catalog = place.catalog(&["a"]);
    let content = catalog.list().unwrap().pop().unwrap();
    let late = seek::bounds(&content, range("2026-11-21T12:30:00Z", "2026-11-21T14:00:00Z")).unwrap();
    assert!(late.start > 3 << 20 && late.end < content.length, "{late:?}");
    assert!(seek::parts(&content, EVER, 0).unwrap().len() > 1);
    for (start, end) in [
        ("2026-11-21T08:00:00Z", "2026-11-21T09:01:00Z"),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:05:00Z"),
        ("2026-11-21T12:30:00Z", "2026-11-21T14:00:00Z"),
        ("2026-11-21T14:00:00Z", "2026-11-21T15:00:00Z"),
    ] {
        let window = range(start, end);
        let inside = |line: &str| {
            let time = super::formats::time::access(&line.as_bytes()[line.find('[').unwrap() + 1..][..26]).unwrap();
            window.start <= time && time < window.end
        };
        let expected: Vec<_> = text.lines().filter(|line| inside(line)).map(str::to_owned).collect();
        assert_eq!(messages_of(&content, window).unwrap(), expected, "{start}");
    }
}

#[test]
fn a_big_file_out_of_order_is_read_whole() {
    let place = Place::new();
    let early = lines(0..25_000);
    place.write("a", [early.as_str(), &early].concat()).touch("a", "2026-11-21T16:00:00Z");
    let content = place.catalog(&["a"]).list().unwrap().pop().unwrap();
    let window = range("2026-11-21T09:30:00Z", "2026-11-21T09:30:05Z");
    assert_eq!(messages_of(&content, window).unwrap().len(), 10);
    assert!(!content.known.is_ordered());
}

#[test]
fn a_file_written_before_the_window_is_left_alone() {
    let place = Place::new();
    place.write("a", lines(0..10)).touch("a", "2026-11-21T09:00:10Z");
    // Restored from a backup: written before its own lines, so its date is not believed.
    place.write("b", lines(7_200..7_210)).touch("b", "2026-11-20T00:00:00Z");
    let catalog = place.catalog(&["a", "b"]);
    let window = range("2026-11-21T11:00:00Z", "2026-11-21T12:00:00Z");
    assert_eq!(messages(&catalog, window).len(), 10);
}

#[test]
fn a_window_reaches_back_over_a_rotation() {
    let place = Place::new();
    place.write("a.log", lines(0..3));
    let catalog = place.catalog(&["a.log"]);
    assert_eq!(messages(&catalog, EVER).len(), 3);
    // Renamed.
    std::fs::rename(place.path("a.log"), place.path("a.log.1")).unwrap();
    assert_eq!(messages(&catalog, EVER).len(), 3);
    place.write("a.log", lines(3..5));
    assert_eq!(messages(&catalog, EVER).len(), 5);
    // Copied and cut.
    std::fs::copy(place.path("a.log"), place.path("a.log.2")).unwrap();
    place.write("a.log", "");
    assert_eq!(messages(&catalog, EVER).len(), 2);
    place.write("a.log", lines(5..6));
    let mut found = messages(&catalog, EVER);
    found.sort();
    assert_eq!(found, (3..6).map(access).collect::<Vec<_>>());
}

#[test]
fn a_format_settles_as_the_file_grows() {
    let place = Place::new();
    place.write("a", "");
    let catalog = place.catalog(&["a"]);
    let kind = || catalog.list().unwrap()[0].known.format.kind();
    assert_eq!(kind(), Kind::Plain);
    place.write("a", lines(0..1));
    assert_eq!(kind(), Kind::Access);
    let forced = Catalog::open(Options { format: Some(Kind::Plain), ..place.options(&["a"]) }).unwrap();
    assert_eq!(forced.list().unwrap()[0].known.format.kind(), Kind::Plain);
}

#[test]
fn a_fifo_is_read_while_it_is_written() {
    let place = Place::new();
    let path = place.path("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    let catalog = place.catalog(&["fifo"]);
    let mut writer = std::fs::File::options().write(true).open(&path).unwrap();
    writer.write_all(lines(0..2).as_bytes()).unwrap();
    drop(writer);
    for (_, spool) in catalog.streams() {
        spool.wait_for_end(&|| false);
    }
    for _ in 0..2 {
        assert_eq!(messages(&catalog, EVER), [access(0), access(1)]);
    }
}

#[test]
fn fields_have_their_names_in_every_format() {
    let place = Place::new();
    place
        .write("access", access(0))
        .write("json", r#"{"time":"2026-11-21T09:00:00Z","remote_addr":"203.0.113.0","status":200}"#)
        .write("syslog", format!("<190>Nov 21 09:00:00 web nginx: {}", access(0)))
        .write("logfmt", "time=2026-11-21T09:00:00Z remote_addr=203.0.113.0 status=200");
    for name in ["access", "json", "syslog", "logfmt"] {
        let content = place.catalog(&[name]).list().unwrap().pop().unwrap();
        let mut rows = Vec::new();
        let wanted = Wanted::only(["remote_addr", "status"]);
        all_parts(&content, EVER, &wanted, &mut |entry, _| {
            let values: BTreeMap<_, _> =
                entry.texts().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
            rows.push((entry.time.map(super::formats::time::print), values));
            ControlFlow::Continue(())
        })
        .unwrap();
        let (time, values) = rows.pop().unwrap();
        assert_eq!(time.as_deref(), Some("2026-11-21T09:00:00Z"), "{name}");
        let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(values, [("remote_addr", "203.0.113.0"), ("status", "200")], "{name}");
    }
}
