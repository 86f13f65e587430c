//! The schedule and the exit codes, with a clock that the test moves and a source that is down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::*;
use crate::enforce::rehearsal::Rehearsal;
use crate::engine::EngineSettings;
use crate::journal::Journal;
use crate::judge::offline::Offline;
use crate::logs::{
    Facet, FieldMap, HitSeries, LogSource, Query, RowStream, Sample, SourceError, SourceInfo, SourceStatus, ValueHits,
};

/// A clock that goes with the test's own.
struct TestClock {
    start: Timestamp,
    began: Instant,
}

impl TestClock {
    fn at(start: &str) -> Self {
        Self { start: start.parse().unwrap(), began: Instant::now() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }
}

/// A server that is down, and takes its time to be so.
struct Down {
    after: Duration,
    asked: Mutex<usize>,
}

impl Down {
    fn error<T>() -> Result<T, SourceError> {
        Err(SourceError::Unreachable { url: "http://logs.example".to_owned(), cause: "refused".to_owned() })
    }
}

#[async_trait]
impl LogSource for Down {
    fn info(&self) -> SourceInfo {
        SourceInfo {
            kind: "victorialogs",
            label: "http://logs.example".to_owned(),
            identity: "http://logs.example".to_owned(),
            hosts: Vec::new(),
            is_remote: true,
        }
    }
    async fn status(&self) -> Result<SourceStatus, SourceError> {
        Self::error()
    }
    async fn fields(&self, _: Window) -> Result<FieldMap, SourceError> {
        *self.asked.lock().unwrap() += 1;
        tokio::time::sleep(self.after).await;
        Self::error()
    }
    async fn query(&self, _: Query) -> Result<RowStream, SourceError> {
        Self::error()
    }
    async fn tail(&self, _: &str) -> Result<RowStream, SourceError> {
        Self::error()
    }
    async fn hits(&self, _: Query, _: Duration, _: &[String]) -> Result<Vec<HitSeries>, SourceError> {
        Self::error()
    }
    async fn facets(&self, _: Query) -> Result<Vec<Facet>, SourceError> {
        Self::error()
    }
    async fn field_names(&self, _: Query) -> Result<Vec<ValueHits>, SourceError> {
        Self::error()
    }
    async fn field_values(&self, _: Query, _: &str) -> Result<Vec<ValueHits>, SourceError> {
        Self::error()
    }
    async fn stats(&self, _: Query, _: Option<Duration>) -> Result<Vec<Sample>, SourceError> {
        Self::error()
    }
}

struct Bench {
    _folder: tempfile::TempDir,
    engine: Engine,
    source: Arc<Down>,
}

fn bench(after: Duration) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(Journal::open(folder.path().join("journal.db")).unwrap());
    let source = Arc::new(Down { after, asked: Mutex::default() });
    let engine = Engine {
        recollection: Arc::default(),
        source: source.clone(),
        judge: Arc::new(Offline),
        enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
        journal,
        settings: Arc::new(EngineSettings::default()),
    };
    Bench { _folder: folder, engine, source }
}

fn options(every: Option<u64>) -> Options {
    Options { every: every.map(Duration::from_secs), json: true, keep: Duration::from_secs(90 * 24 * 3600) }
}

/// Runs until the source was asked so many times, then says stop; gives when the cycles began.
async fn begun(start: &str, after: u64, every: u64, cycles: usize, gentle: bool) -> (Vec<String>, Exit) {
    let bench = bench(Duration::from_secs(after));
    let (stop, clock) = (Stop::default(), TestClock::at(start));
    let (told, source) = (stop.clone(), Arc::clone(&bench.source));
    // Between two cycles: half a second after the last one that is wanted has ended.
    let watch = tokio::spawn(async move {
        while *source.asked.lock().unwrap() < cycles {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        tokio::time::sleep(source.after + Duration::from_millis(500)).await;
        told.now(gentle);
    });
    let mut out = Vec::new();
    let exit = run(&bench.engine, &options(Some(every)), &clock, &stop, &mut out).await.unwrap();
    watch.await.unwrap();
    let started = String::from_utf8(out).unwrap();
    let started = started.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    (started.map(|report| report["started"].as_str().unwrap()[11..19].to_owned()).collect(), exit)
}

#[tokio::test(start_paused = true)]
async fn the_first_cycle_is_at_once_and_the_others_are_on_the_clock() {
    let (started, exit) = begun("2026-11-21T10:03:17Z", 2, 300, 4, true).await;
    assert_eq!(started, ["10:03:17", "10:05:00", "10:10:00", "10:15:00"]);
    assert_eq!(exit, Exit::Done, "a service manager stopped it between two cycles");
}

#[tokio::test(start_paused = true)]
async fn cycles_never_overlap_and_those_that_were_missed_are_left_out() {
    let (started, exit) = begun("2026-11-21T10:00:01Z", 400, 300, 3, false).await;
    assert_eq!(started, ["10:00:01", "10:10:00", "10:20:00"]);
    assert_eq!(exit, Exit::Interrupted, "a person did");
}

#[tokio::test(start_paused = true)]
async fn one_cycle_says_how_it_ended_and_a_stop_drops_what_is_read() {
    let clock = TestClock::at("2026-11-21T10:03:17Z");
    let bench = bench(Duration::from_secs(5));
    let mut out = Vec::new();
    let exit = run(&bench.engine, &options(None), &clock, &Stop::default(), &mut out).await.unwrap();
    assert_eq!(exit, Exit::Failed, "nothing could be done");
    let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(report["failures"][0]["step"], "survey");
    assert!(report["failures"][0]["message"].as_str().unwrap().contains("http://logs.example does not answer"));

    let stop = Stop::default();
    stop.now(true);
    let exit = run(&bench.engine, &options(None), &clock, &stop, &mut Vec::new()).await.unwrap();
    assert_eq!(exit, Exit::Interrupted);
    let lines = Options { json: false, ..options(None) };
    let mut out = Vec::new();
    run(&bench.engine, &lines, &clock, &Stop::default(), &mut out).await.unwrap();
    let table = String::from_utf8(out).unwrap();
    assert!(table.contains("nothing was judged, nobody was banned") && table.contains("does not answer"), "{table}");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_cannot_be_written_is_said() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let bench = bench(Duration::ZERO);
    let clock = TestClock::at("2026-11-21T10:03:17Z");
    let error = run(&bench.engine, &options(None), &clock, &Stop::default(), &mut Full).await.unwrap_err();
    assert!(matches!(error, AutoError::Output(_)) && error.to_string().contains("in the journal"), "{error}");
}
