//! Detection over a real server and over a file with the same rows: the same suspects with the same scores, out of a
//! handful of aggregations there and row by row here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use gatewatch::detect::assess::{Assessed, assess};
use gatewatch::detect::memory::Memory;
use gatewatch::detect::replay::Thresholds;
use gatewatch::detect::rules::RuleSet;
use gatewatch::enforce::rehearsal::Rehearsal;
use gatewatch::engine::requests::Requests;
use gatewatch::engine::{Engine, EngineSettings, Scope};
use gatewatch::journal::Journal;
use gatewatch::judge::offline::Offline;
use gatewatch::logs::files::{FileSource, Options};
use gatewatch::logs::{LogSource, Window};
use gatewatch::sim::populations::lab;
use gatewatch::sim::{Plan, Traffic, write};
use jiff::{SignedDuration, Timestamp};

use crate::support::victorialogs::Server;

const START: Timestamp = Timestamp::constant(1_772_442_000, 0);
const WINDOWS: i64 = 3;
const FIVE: SignedDuration = SignedDuration::from_mins(5);

/// Attackers and innocents of every sort, as JSON lines with the time under VictoriaLogs' own name.
fn lines(seed: u64) -> String {
    let mut plan = Plan::new(seed, START).until(START + FIVE * i32::try_from(WINDOWS).unwrap());
    plan.populations.extend(lab::ATTACKERS);
    plan.populations.extend(lab::INNOCENTS);
    let mut text = Vec::new();
    Traffic::new(&plan).try_for_each(|request| write::line(&mut text, write::Format::Json, &request)).unwrap();
    String::from_utf8(text).unwrap().replace(r#"{"time":"#, r#"{"_time":"#)
}

fn windows() -> impl Iterator<Item = Window> {
    (0..i32::try_from(WINDOWS).unwrap())
        .map(|number| Window { start: START + FIVE * number, end: START + FIVE * (number + 1) })
}

/// Everybody's score after all windows, each added to the memory as it comes.
async fn scores(source: &dyn LogSource) -> (u64, BTreeMap<IpAddr, Assessed>) {
    let mut memory = Memory::new(RuleSet::shipped(), START);
    let requests = Requests { base_filter: "*", trusted: &[], allow: &[] };
    let mut seen = 0;
    for window in windows() {
        let of_window = requests.each(source, window, |hit, _| memory.add(hit)).await.unwrap();
        assert!(!of_window.cut);
        seen += of_window.requests;
        memory.finish(window.end);
    }
    let all = assess(memory.traffic(), &Thresholds::default(), &|_| true, None);
    (seen, all.clients.into_iter().map(|one| (one.client, one)).collect())
}

/// The most requests that were counted in a minute.
fn burst(one: &Assessed) -> f64 {
    one.score.parts.iter().find(|part| part.detector == "burst:minute").map_or(0.0, |part| part.value)
}

/// The parts of a score that do not hang on moments within five seconds.
fn exact_parts(one: &Assessed) -> Vec<String> {
    let mut parts: Vec<String> = one
        .score
        .parts
        .iter()
        .filter(|part| !["harvest:walk", "burst:minute"].contains(&part.detector.as_str()))
        .map(|part| format!("{} {:.6} {:.6}", part.detector, part.weight, part.value))
        .collect();
    parts.sort();
    parts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_file_give_everybody_the_same_score() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.json");
    let text = lines(11);
    std::fs::write(&path, &text).unwrap();
    server.insert_lines(text.clone()).await;
    let inputs = vec![path.display().to_string()];
    let file = FileSource::open(Options { inputs, ..Options::default() }).unwrap();
    let (there, here) = (server.source(), file);
    let ((rows_there, there), (rows_here, here)) = (scores(&there).await, scores(&here).await);
    assert_eq!(rows_there, rows_here);
    assert_eq!(rows_here, text.lines().count() as u64);
    assert_eq!(there.keys().collect::<Vec<_>>(), here.keys().collect::<Vec<_>>());
    let mut flagged = 0;
    for (client, one) in &here {
        let other = &there[client];
        assert_eq!((one.requests, one.first, one.last), (other.requests, other.first, other.last), "{client}");
        assert_eq!(exact_parts(one), exact_parts(other), "{client}");
        assert!((burst(one) - burst(other)).abs() <= 0.05 * burst(one), "{client}: {one:?} {other:?}");
        // The spread of intervals decides on one part, by one unit of log-odds at most.
        let odds = |probability: f64| (probability / (1.0 - probability)).ln();
        let gap = odds(one.score.probability) - odds(other.score.probability);
        assert!(gap.abs() <= 1.001, "{client}: {one:?} {other:?}");
        assert_eq!(one.action, other.action, "{client}: {one:?} {other:?}");
        flagged += usize::from(one.action.is_some());
    }
    assert!(flagged > 100, "{flagged} of {}", here.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_of_a_server_is_that_of_a_file_and_goes_on_in_a_new_process() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.json");
    let text = lines(12);
    std::fs::write(&path, &text).unwrap();
    server.insert_lines(text).await;
    let inputs = vec![path.display().to_string()];
    let file: Arc<dyn LogSource> = Arc::new(FileSource::open(Options { inputs, ..Options::default() }).unwrap());
    let mut surveys = Vec::new();
    for (number, source) in [Arc::new(server.source()) as Arc<dyn LogSource>, file].into_iter().enumerate() {
        let journal = folder.path().join(format!("journal-{number}.db"));
        let mut last = None;
        for window in windows() {
            // Each window is looked at by an engine that knows nothing but what the journal kept.
            let journal = Arc::new(Journal::open(&journal).unwrap());
            let engine = Engine {
                source: Arc::clone(&source),
                judge: Arc::new(Offline),
                enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
                journal,
                settings: Arc::new(EngineSettings::default()),
                recollection: Arc::default(),
            };
            let survey = engine.survey(window, Scope::Passing).await.unwrap();
            assert_eq!(survey.gaps, Vec::<String>::new());
            last = Some(survey);
        }
        surveys.push(last.unwrap());
    }
    let (there, here) = (&surveys[0], &surveys[1]);
    let who = |survey: &gatewatch::detect::Survey| -> Vec<(IpAddr, u64, String)> {
        let mut all: Vec<_> = survey
            .clients
            .iter()
            .map(|one| (one.stats.client, one.stats.requests, format!("{:?} {:?}", one.action(), one.gates)))
            .collect();
        all.sort();
        all
    };
    assert_eq!(who(there), who(here));
    let cohorts = |survey: &gatewatch::detect::Survey| -> Vec<(String, usize)> {
        survey.cohorts.iter().map(|one| (format!("{:?}", one.alike), one.members.len())).collect()
    };
    assert_eq!(cohorts(there), cohorts(here));
    assert!(here.cohorts.len() >= 3, "{:?}", cohorts(here));
    assert!(here.clients.iter().any(|one| one.gates.is_empty() && one.action().is_some()), "the gates alone see less");
}
