//! Detection over a real server and over a file with the same rows: the same suspects with the same scores, out of a
//! handful of aggregations there and row by row here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use gatewatch::detect::assess::{Assessed, assess};
use gatewatch::detect::memory::Memory;
use gatewatch::detect::replay::Thresholds;
use gatewatch::detect::rules::RuleSet;
use gatewatch::detect::traffic::Hit;
use gatewatch::engine::requests::{Requests, Take};
use gatewatch::engine::{EngineSettings, Scope};
use gatewatch::logs::files::{FileSource, Options};
use gatewatch::logs::{LogSource, Window};
use gatewatch::sim::populations::lab;
use gatewatch::sim::{Plan, Traffic, write};
use jiff::{SignedDuration, Timestamp};

use super::engine;
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
    let requests = Requests { base_filter: "*", trusted: &[], allow: &[], sshd: "*" };
    let mut seen = 0;
    for window in windows() {
        let of_window = requests.each(source, window, &mut memory).await.unwrap();
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
            let engine = engine(Arc::clone(&source), &journal, EngineSettings::default());
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

/// An sshd's messages over ten minutes: guessers quick and slow, an admin who mistypes, names that are addresses.
fn messages() -> Vec<(Timestamp, String)> {
    let mut all = Vec::new();
    let mut say = |second: i64, text: String| all.push((START + SignedDuration::from_secs(second), text));
    for nth in 0..60_i64 {
        say(5 + nth, format!("Invalid user admin{nth} from 203.0.113.9 port {}", 4000 + nth));
        say(5 + nth, format!("Failed password for invalid user admin{nth} from 203.0.113.9 port {} ssh2", 4000 + nth));
    }
    for nth in 0..10_i64 {
        say(nth * 55, format!("Failed password for root from 2001:db8::7 port {} ssh2", 5000 + nth));
        say(
            nth * 50 + 1,
            format!("Failed none for invalid user x from 198.51.100.66 port 1 ssh2 from 203.0.113.20 port {nth} ssh2"),
        );
    }
    say(30, "Failed password for kim from 192.0.2.4 port 50000 ssh2".to_owned());
    say(41, "Accepted publickey for kim from 192.0.2.4 port 50000 ssh2: ED25519 SHA256:abc".to_owned());
    say(
        42,
        "error: maximum authentication attempts exceeded for invalid user y from 203.0.113.21 port 7 ssh2 [preauth]"
            .to_owned(),
    );
    say(43, "Connection closed by authenticating user root 203.0.113.22 port 22 [preauth]".to_owned());
    say(44, "Server listening on 0.0.0.0 port 22.".to_owned());
    all.sort();
    all
}

/// Everybody's sign-ins: refused and accepted, first and last.
#[derive(Default)]
struct SignIns {
    all: BTreeMap<IpAddr, (u32, u32, i64, i64)>,
    latest: i64,
}

impl Take<'_> for SignIns {
    fn take(&mut self, hit: &Hit<'_>, _: bool) {
        assert!(hit.at_ms >= self.latest, "in the order of time");
        self.latest = hit.at_ms;
        if hit.request.method == "SSH" {
            let of = self.all.entry(hit.client).or_insert((0, 0, hit.at_ms, hit.at_ms));
            *(if hit.request.status == 401 { &mut of.0 } else { &mut of.1 }) += 1;
            of.3 = of.3.max(hit.at_ms);
        }
    }
}

async fn sign_ins(source: &dyn LogSource, sshd: &str) -> BTreeMap<IpAddr, (u32, u32, i64, i64)> {
    let requests = Requests { base_filter: "*", trusted: &[], allow: &[], sshd };
    let window = Window { start: START, end: START + SignedDuration::from_mins(15) };
    let mut seen = SignIns::default();
    requests.each(source, window, &mut seen).await.unwrap();
    seen.all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_file_count_the_same_sign_ins() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.log");
    let (mut file, mut rows) = (String::new(), String::new());
    for (at, message) in messages() {
        file.push_str(&format!("{} host sshd[7]: {message}\n", at.strftime("%Y-%m-%dT%H:%M:%SZ")));
        rows.push_str(&format!("{}\n", serde_json::json!({ "_time": at.to_string(), "_msg": message, "app": "sshd" })));
    }
    // A web log beside it, some of it written by whoever would like others to be blamed.
    for nth in 0..40 {
        let at = START + SignedDuration::from_secs(nth * 10);
        rows.push_str(&format!(
            "{}\n",
            serde_json::json!({
                "_time": at.to_string(), "_msg": "GET /Failed password for x from 198.51.100.1 port 1 ssh2",
                "remote_addr": "203.0.113.9", "method": "GET", "uri": "/", "status": "200", "user_agent": "x",
            })
        ));
    }
    std::fs::write(&path, file).unwrap();
    server.insert_lines(rows).await;
    let inputs = vec![path.display().to_string()];
    let file = FileSource::open(Options { inputs, ..Options::default() }).unwrap();
    let source = server.source();
    let (there, here) = (sign_ins(&source, "*").await, sign_ins(&file, "*").await);
    assert_eq!(there, here);
    assert_eq!(there.keys().map(ToString::to_string).collect::<Vec<_>>().len(), 5, "{there:?}");
    assert_eq!(there[&"203.0.113.9".parse::<IpAddr>().unwrap()].0, 120);
    assert_eq!(sign_ins(&source, "app:sshd").await, here);
    assert_eq!(sign_ins(&source, "app:nginx").await, BTreeMap::new());
    assert_eq!(sign_ins(&source, "").await, BTreeMap::new());

    // Who only signs in over SSH has no row in the access log and is a suspect all the same.
    let engine = engine(Arc::new(source), &folder.path().join("journal.db"), EngineSettings::default());
    let window = Window { start: START, end: START + SignedDuration::from_mins(15) };
    let survey = engine.survey(window, Scope::Passing).await.unwrap();
    assert_eq!(survey.gaps, Vec::<String>::new());
    let who: Vec<(String, u64)> =
        survey.clients.iter().map(|one| (one.stats.client.to_string(), one.stats.requests)).collect();
    assert!(who.iter().any(|(client, _)| client == "203.0.113.9"), "{who:?}");
    let quick = engine.suspect("2001:db8::7".parse().unwrap(), window).await.unwrap();
    assert_eq!(quick.stats.requests, 10, "{quick:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_nothing_but_what_sshd_says_has_its_guessers_too() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let row = |(at, message): (Timestamp, String)| {
        format!("{}\n", serde_json::json!({ "_time": at.to_string(), "_msg": message, "app": "sshd" }))
    };
    server.insert_lines(messages().into_iter().map(row).collect::<String>()).await;
    let engine = engine(Arc::new(server.source()), &folder.path().join("journal.db"), EngineSettings::default());
    let window = Window { start: START, end: START + SignedDuration::from_mins(15) };
    let survey = engine.survey(window, Scope::Passing).await.unwrap();
    assert_eq!((survey.totals.requests, survey.totals.clients), (143, 5));
    assert!(survey.gaps.iter().any(|gap| gap.contains("only sign-ins over SSH")), "{:?}", survey.gaps);
    assert_eq!(survey.clients[0].stats.client.to_string(), "203.0.113.9");
    assert!(survey.clients.iter().all(|one| one.stats.client.to_string() != "192.0.2.4"), "who mistypes once");
    let guesser = engine.suspect("203.0.113.9".parse().unwrap(), window).await.unwrap();
    assert_eq!(guesser.stats.requests, 120);
    // Of others nothing is known, and that is said.
    assert!(engine.suspect("198.51.100.200".parse().unwrap(), window).await.is_err());
}
