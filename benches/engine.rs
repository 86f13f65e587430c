//! How fast questions over log files are answered, and how fast a server's rows are read. `cargo bench`; what the figures
//! mean beside other programs is shown by `benches/compare.sh`.

use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gatewatch::logs::Lines;
use gatewatch::logs::files::{FileSource, Options};
use gatewatch::logs::victorialogs::ndjson::{Decoder, Printable, Rows};
use gatewatch::logs::{self, LogSource as _, Query, Window};
use gatewatch::sim::bulk::Bulk;
use gatewatch::sim::write::Format;
use jiff::Timestamp;
use tokio::runtime::Runtime;

const LINES: u64 = 1_000_000;

const COUNTS: &str = "count() requests, count() if (status:~\"^4..$\") s4xx, count() if (status:~\"^5..$\") s5xx, count() if (status:=499) s499";

fn log(directory: &Path, format: Format) -> PathBuf {
    let path = directory.join(format!("{format:?}.log"));
    let mut out = BufWriter::new(std::fs::File::create(&path).expect("a file in the temporary directory"));
    Bulk { format, ..Bulk::new(1, LINES) }.write(&mut out).and_then(|()| out.flush()).expect("room for the log");
    path
}

fn source(path: &Path, index_memory: usize) -> FileSource {
    let inputs = vec![path.display().to_string()];
    FileSource::open(Options { inputs, index_memory, ..Options::default() }).expect("the log is there")
}

fn ask(runtime: &Runtime, source: &FileSource, text: &str) -> usize {
    let query = Query::new(text, Window { start: Timestamp::MIN, end: Timestamp::MAX });
    runtime.block_on(async {
        let answer = logs::collect(source.query(query).await.expect("a sound query"), usize::MAX).await;
        assert!(answer.cut.is_none() && !answer.rows.is_empty());
        answer.rows.len()
    })
}

fn files(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let runtime = Runtime::new().expect("a runtime");
    let questions = |uri: &str| {
        [
            (
                "table",
                format!(
                    "* | stats by (remote_addr) {COUNTS}, count_uniq({uri}) targets | sort by (requests desc) limit 20"
                ),
            ),
            (
                "table without distinct",
                format!("* | stats by (remote_addr) {COUNTS} | sort by (requests desc) limit 20"),
            ),
            ("status and text", format!("status:=500 {uri}:\"/login\" | stats count() n")),
            ("hits", "* | stats by (_time:5m) count() n".to_owned()),
            ("first rows", "status:=404 | limit 100".to_owned()),
        ]
    };
    for (name, format, uri) in [("combined", Format::Combined, "uri"), ("json", Format::Json, "request_uri")] {
        let path = log(directory.path(), format);
        let streamed = source(&path, 0);
        let indexed = source(&path, 1 << 30);
        ask(&runtime, &indexed, "* | stats count() n");
        while indexed.progress().is_some() {
            std::thread::sleep(Duration::from_millis(5));
        }
        for (kind, source) in [("from the file", &streamed), ("from memory", &indexed)] {
            let mut group = criterion.benchmark_group(format!("{name} {kind}"));
            group.throughput(Throughput::Elements(LINES)).sample_size(10);
            for (title, text) in questions(uri) {
                group.bench_function(title, |bencher| bencher.iter(|| ask(&runtime, source, black_box(&text))));
            }
        }
    }
}

/// From the drop of an answer, in the middle of reading, to the moment at which no thread reads any more.
fn cancel(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let runtime = Runtime::new().expect("a runtime");
    let path = log(directory.path(), Format::Combined);
    let source = source(&path, 0);
    let mut group = criterion.benchmark_group("cancel");
    group.sample_size(20);
    for (title, text) in [
        ("rows", "*"),
        ("a table", "* | stats by (remote_addr, uri) count() n, count_uniq(user_agent) agents"),
        ("a sort", "* | sort by (uri, remote_addr)"),
    ] {
        group.bench_function(title, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| dropped(&runtime, &source, text)).sum());
        });
    }
}

fn dropped(runtime: &Runtime, source: &FileSource, text: &str) -> Duration {
    let query = Query::new(text, Window { start: Timestamp::MIN, end: Timestamp::MAX });
    let answer = runtime.block_on(source.query(query)).expect("a sound query");
    // Into the file, but not through it; so few rows may wait for a reader.
    while source.progress().is_none_or(|progress| progress.share() < 0.05) {
        std::hint::spin_loop();
    }
    let start = std::time::Instant::now();
    drop(answer);
    while source.progress().is_some() {
        std::hint::spin_loop();
    }
    start.elapsed()
}

/// Rows as VictoriaLogs sends them: every value a string.
fn answer() -> Vec<u8> {
    let mut out = Vec::new();
    for request in Bulk::new(1, 20_000).requests() {
        let text = |value: &str| serde_json::Value::from(value).to_string();
        writeln!(
            out,
            r#"{{"_time":"{}","_stream_id":"0000000000000000e934a84adb05276890d7f7bfcadabe92","_stream":"{{}}","_msg":{},"remote_addr":"{}","method":"{}","status":"{}","bytes":"{}","user_agent":{}}}"#,
            request.at, text(&request.uri), request.client, request.method, request.status, request.bytes, text(request.user_agent),
        )
        .expect("memory");
    }
    out
}

fn ndjson(criterion: &mut Criterion) {
    let answer = answer();
    let mut group = criterion.benchmark_group("rows of a server");
    group.throughput(Throughput::Bytes(answer.len() as u64)).sample_size(20);
    group.bench_function("ndjson", |bencher| {
        bencher.iter(|| {
            let (mut decoder, mut rows, mut count) = (Decoder::<Rows>::default(), Vec::new(), 0);
            // As the client does: chunk by chunk, the rows handed on.
            for chunk in answer.chunks(64 << 10) {
                decoder.feed(chunk, &mut rows).expect("sound rows");
                count += rows.len();
                rows.clear();
            }
            black_box(count)
        });
    });
    group.bench_function("ndjson, passed on", |bencher| {
        bencher.iter(|| {
            let (mut decoder, mut lines, mut count) = (Decoder::<Printable>::default(), Lines::default(), 0);
            for chunk in answer.chunks(64 << 10) {
                decoder.feed(chunk, &mut lines).expect("sound rows");
                count += lines.rows;
                lines = Lines::default();
            }
            black_box(count)
        });
    });
}

criterion_group!(benches, files, cancel, ndjson);
criterion_main!(benches);
