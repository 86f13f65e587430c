//! The journal on real files: what is kept, what two processes see, what a damaged file does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;

use tempfile::TempDir;

use super::*;
use crate::enforce::ActiveDecision;
use crate::judge::{Opinion, Verdict};
use crate::policy::{Plan, Proposal, Remedy, Rules, Situation};
use crate::text::{Lang, Say};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + second).unwrap()
}

fn net(text: &str) -> IpNet {
    text.parse().unwrap_or_else(|_| IpNet::from(text.parse::<std::net::IpAddr>().unwrap()))
}

fn plan(target: &str) -> Plan {
    let proposal = Proposal {
        target: net(target),
        remedy: Remedy::Ban,
        duration: Duration::from_secs(4 * 3600),
        detector: "gate".to_owned(),
        reason: "92% of 1,204 requests were 4xx".to_owned(),
        events_count: 1204,
        events: Vec::new(),
        first_seen: at(-300),
        last_seen: at(0),
    };
    Rules::default().decide(proposal, &Situation::default(), at(0)).plan().unwrap().clone()
}

fn verdict(target: &str, opinion: Opinion, when: Timestamp) -> Verdict {
    Verdict {
        target: net(target),
        opinion,
        confidence: 0.9,
        asks_only: false,
        category: "scanner".to_owned(),
        reason: "경로를 훑고 있습니다 \u{1b}[2J".to_owned(),
        cites: vec!["E1".to_owned()],
        cites_unknown: Vec::new(),
        judge: "ollama gemma4:e4b".to_owned(),
        note: None,
        prompt: "a prompt with 'quotes' and \0".to_owned(),
        raw: "{\"verdict\":\"yes\"}".to_owned(),
        took: Duration::from_millis(1234),
        at: when,
    }
}

fn actor() -> Actor {
    Actor { user: "root".to_owned(), from: "203.0.113.5".to_owned() }
}

fn journal() -> (TempDir, Journal) {
    let folder = TempDir::new().unwrap();
    let journal = Journal::open(folder.path().join("state/gatewatch/journal.db")).unwrap();
    (folder, journal)
}

#[test]
fn the_file_and_its_folder_are_private() {
    let (_folder, journal) = journal();
    journal.record_verdict(&verdict("198.51.100.7", Opinion::Yes, at(0))).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(journal.path()), 0o600);
    assert_eq!(mode(&journal.path().with_extension("db-wal")), 0o600);
    assert_eq!(mode(journal.path().parent().unwrap()), 0o700);

    fs::set_permissions(journal.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let again = Journal::open(journal.path()).unwrap();
    assert_eq!(mode(again.path()), 0o600, "rights that others got are taken back");
}

#[test]
fn verdicts_come_back_whole_and_newest_first() {
    let (_folder, journal) = journal();
    let (old, new) = (verdict("198.51.100.7", Opinion::No, at(0)), verdict("198.51.100.7", Opinion::Yes, at(60)));
    for recorded in [&old, &new, &verdict("198.51.100.8", Opinion::No, at(70))] {
        journal.record_verdict(recorded).unwrap();
    }
    assert_eq!(journal.verdicts_of(net("198.51.100.7"), 10).unwrap(), [new.clone(), old]);
    assert_eq!(journal.verdicts_of(net("198.51.100.7"), 1).unwrap().len(), 1);
    assert_eq!(journal.judged_since(net("198.51.100.7"), at(60)).unwrap(), Some(new));
    assert_eq!(journal.judged_since(net("198.51.100.7"), at(61)).unwrap(), None);
}

#[test]
fn an_intent_is_open_until_it_is_settled() {
    let (_folder, journal) = journal();
    let id = journal.intend(&plan("198.51.100.7"), &actor(), true, at(1)).unwrap();
    let open = journal.open_intents().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].id, id);
    assert_eq!(open[0].target, Some(net("198.51.100.7")));
    assert_eq!(open[0].value, "198.51.100.7");
    assert_eq!((open[0].act.clone(), open[0].remedy.as_str(), open[0].live), (Act::Enforce, "ban", true));
    assert_eq!((open[0].duration, open[0].scenario.as_str()), (Duration::from_secs(14_400), "gatewatch/gate"));
    assert_eq!((open[0].actor.clone(), open[0].at, open[0].outcome.clone()), (actor(), at(1), None));

    journal.settle(id, &Outcome::Done(vec![7, 8]), at(2)).unwrap();
    assert_eq!(journal.open_intents().unwrap(), []);
    assert_eq!(journal.intents_of(net("198.51.100.7"), 5).unwrap()[0].outcome, Some(Outcome::Done(vec![7, 8])));
    assert!(journal.settle(IntentId(99), &Outcome::Rehearsed, at(2)).is_err(), "an unknown intent is an error");
}

#[test]
fn a_reconciliation_never_overrules_what_the_act_itself_saw() {
    let (_folder, journal) = journal();
    let outcome =
        |id| journal.intents_of(net("198.51.100.7"), 9).unwrap().iter().find(|i| i.id == id).unwrap().outcome.clone();
    let id = journal.intend(&plan("198.51.100.7"), &actor(), true, at(1)).unwrap();
    journal.settle(id, &Outcome::Done(vec![7]), at(2)).unwrap();
    journal.settle(id, &Outcome::FoundMissing, at(3)).unwrap();
    assert_eq!(outcome(id), Some(Outcome::Done(vec![7])));

    // Another process looked while the request was still under way.
    let id = journal.intend(&plan("198.51.100.7"), &actor(), true, at(1)).unwrap();
    journal.settle(id, &Outcome::FoundMissing, at(2)).unwrap();
    journal.settle(id, &Outcome::Done(vec![8]), at(3)).unwrap();
    assert_eq!(outcome(id), Some(Outcome::Done(vec![8])));
}

#[test]
fn only_a_success_counts_as_dealt_with() {
    let (_folder, journal) = journal();
    let target = net("198.51.100.7");
    let handled = |live| journal.handled_since(target, at(0), live).unwrap();

    journal.record_verdict(&verdict("198.51.100.7", Opinion::Yes, at(1))).unwrap();
    assert_eq!(handled(true), None, "a yes alone is not an act");
    let id = journal.intend(&plan("198.51.100.7"), &actor(), true, at(2)).unwrap();
    assert_eq!(handled(true), None, "nor is an intent");
    journal.settle(id, &Outcome::Failed("the LAPI is down".to_owned()), at(3)).unwrap();
    assert_eq!(handled(true), None, "a failed act is tried again");
    let id = journal.intend(&plan("198.51.100.7"), &actor(), true, at(4)).unwrap();
    journal.settle(id, &Outcome::FoundMissing, at(5)).unwrap();
    assert_eq!(handled(true), None, "one that was not found in force too");

    let id = journal.intend(&plan("198.51.100.7"), &actor(), false, at(6)).unwrap();
    journal.settle(id, &Outcome::Rehearsed, at(7)).unwrap();
    assert_eq!(handled(true), None, "a rehearsal is no reason to spare it live");
    assert_eq!(handled(false), Some(at(6)));

    let id = journal.intend(&plan("198.51.100.0/24"), &actor(), true, at(8)).unwrap();
    journal.settle(id, &Outcome::FoundInForce(vec![3]), at(9)).unwrap();
    assert_eq!(handled(true), Some(at(8)), "a range that covers it counts");
    assert_eq!(journal.handled_since(net("198.51.101.7"), at(0), true).unwrap(), None);
    assert_eq!(journal.handled_since(net("198.51.100.0/23"), at(0), true).unwrap(), None, "a part of it does not");
    assert_eq!(journal.handled_since(target, at(9), true).unwrap(), None);

    journal.record_verdict(&verdict("203.0.113.9", Opinion::No, at(1))).unwrap();
    assert_eq!(journal.handled_since(net("203.0.113.9"), at(0), true).unwrap(), Some(at(1)));
}

#[test]
fn history_finds_what_overlaps() {
    let (_folder, journal) = journal();
    for target in ["198.51.100.7", "198.51.100.0/24", "198.51.101.7", "2001:db8::7", "2001:db8::/48"] {
        journal.intend(&plan(target), &actor(), true, at(0)).unwrap();
    }
    let found = |target| -> Vec<String> {
        journal.intents_of(net(target), 9).unwrap().into_iter().map(|intent| intent.value).collect()
    };
    assert_eq!(found("198.51.100.7"), ["198.51.100.0/24", "198.51.100.7"]);
    assert_eq!(found("198.51.100.0/23"), ["198.51.101.7", "198.51.100.0/24", "198.51.100.7"]);
    assert_eq!(found("2001:db8::8"), ["2001:db8::/48"]);
    assert_eq!(found("0.0.0.0/0").len(), 3, "IPv4 ranges do not reach into IPv6");
}

#[test]
fn a_lift_of_something_that_is_no_address_can_be_recorded() {
    let (_folder, journal) = journal();
    let decision =
        ActiveDecision { target: None, scope: "Country".to_owned(), value: "XX".to_owned(), ..some_decision() };
    let id = journal.intend_lift(&decision, &actor(), true, at(0)).unwrap();
    let open = journal.open_intents().unwrap();
    assert_eq!((open[0].act.clone(), open[0].target, open[0].value.as_str()), (Act::Lift, None, "XX"));
    assert_eq!(open[0].decision_id, Some(42));
    journal.settle(id, &Outcome::Done(vec![42]), at(1)).unwrap();
}

fn some_decision() -> ActiveDecision {
    ActiveDecision {
        id: 42,
        target: Some(net("198.51.100.7")),
        scope: "Ip".to_owned(),
        value: "198.51.100.7".to_owned(),
        kind: "ban".to_owned(),
        origin: "gatewatch".to_owned(),
        scenario: "gatewatch/gate".to_owned(),
        reason: "why".to_owned(),
        until: at(3600),
        simulated: false,
        alert_id: 7,
    }
}

#[test]
fn an_intent_knows_the_decision_that_it_brought_about() {
    let (_folder, journal) = journal();
    journal.intend(&plan("198.51.100.7"), &actor(), true, at(0)).unwrap();
    let intent = journal.open_intents().unwrap().remove(0);
    let brought = |change: fn(&mut ActiveDecision)| {
        let mut decision = ActiveDecision { until: at(4 * 3600), ..some_decision() };
        change(&mut decision);
        intent.brought(&decision)
    };
    assert!(brought(|_| {}));
    assert!(brought(|decision| decision.until = at(4 * 3600 - 250)), "the clocks differ a little");
    assert!(!brought(|decision| decision.until = at(3 * 3600)), "a ban of an hour ago");
    assert!(!brought(|decision| decision.scenario = "crowdsecurity/ssh-bf".to_owned()));
    assert!(!brought(|decision| decision.kind = "captcha".to_owned()));
    assert!(!brought(|decision| decision.target = Some(net("198.51.100.0/24"))));
    assert!(!brought(|decision| decision.target = None));
}

#[test]
fn the_history_of_queries_names_each_text_once() {
    let (_folder, journal) = journal();
    let query = |text: &str, second| QueryRecord {
        text: text.to_owned(),
        at: at(second),
        took: Duration::from_millis(12),
        rows: 3,
        error: (second == 2).then(|| "cannot parse".to_owned()),
    };
    for (text, second) in [("status:404", 0), ("*", 1), ("status:404", 2)] {
        journal.record_query(&query(text, second)).unwrap();
    }
    assert_eq!(journal.queries(10).unwrap(), [query("status:404", 2), query("*", 1)]);
    assert_eq!(journal.queries(1).unwrap().len(), 1);
}

#[test]
fn pruning_leaves_what_is_open_and_what_is_young() {
    let (_folder, journal) = journal();
    let open = journal.intend(&plan("198.51.100.7"), &actor(), true, at(0)).unwrap();
    let old = journal.intend(&plan("198.51.100.8"), &actor(), true, at(0)).unwrap();
    journal.settle(old, &Outcome::Done(vec![1]), at(1)).unwrap();
    journal.record_verdict(&verdict("198.51.100.8", Opinion::Yes, at(0))).unwrap();
    journal.record_verdict(&verdict("198.51.100.8", Opinion::Yes, at(200))).unwrap();
    journal.rehearse(&plan("198.51.100.9"), at(0)).unwrap();
    assert_eq!(journal.prune(at(100)).unwrap(), 2);
    assert_eq!(journal.open_intents().unwrap()[0].id, open);
    assert_eq!(journal.verdicts_of(net("198.51.100.8"), 9).unwrap().len(), 1);
    assert_eq!(journal.rehearsed(at(100)).unwrap().len(), 1, "a rehearsal that still runs stays");
    assert_eq!(journal.prune(at(20_000)).unwrap(), 2);
}

#[test]
fn two_openers_at_once_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.db");
    let (writers, each) = (4, 25);
    let barrier = Barrier::new(writers);
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                barrier.wait();
                let journal = Journal::open(&path).unwrap();
                for _ in 0..each {
                    let id = journal.intend(&plan("198.51.100.7"), &actor(), true, at(0)).unwrap();
                    journal.settle(id, &Outcome::Done(vec![1]), at(1)).unwrap();
                }
            });
        }
    });
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.intents_of(net("198.51.100.7"), 1000).unwrap().len(), writers * each);
    assert_eq!(journal.set_aside(), None);
}

fn files(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_damaged_journal_is_kept_and_a_new_one_begun() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 5] = [
        ("the header overwritten", |bytes| bytes[..100].fill(b'x')),
        ("zeros after a power cut", |bytes| bytes.fill(0)),
        ("cut short", |bytes| bytes.truncate(5000)),
        ("pages of noise", |bytes| bytes[4096..].iter_mut().enumerate().for_each(|(i, byte)| *byte = (i * 31) as u8)),
        ("a schema that is none", |bytes| bytes[100..2000].fill(0xff)),
    ];
    for (name, damage) in damages {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("journal.db");
        let journal = Journal::open(&path).unwrap();
        journal.record_verdict(&verdict("198.51.100.7", Opinion::Yes, at(0))).unwrap();
        drop(journal);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();

        let journal = Journal::open(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let aside = journal.set_aside().unwrap_or_else(|| panic!("{name}: not noticed")).clone();
        assert_eq!(fs::read(&aside.moved_to).unwrap(), bytes, "{name}: kept as it was");
        assert!(aside.say(Lang::En).contains(&aside.moved_to.display().to_string()));
        assert!(aside.say(Lang::Ko).contains("손상"));
        journal.record_verdict(&verdict("198.51.100.8", Opinion::No, at(1))).unwrap();
        drop(journal);
        assert_eq!(Journal::open(&path).unwrap().set_aside(), None, "{name}: the new one is sound");
        assert_eq!(files(&folder).len(), 2, "{name}: {:?}", files(&folder));
    }
}

#[test]
fn many_that_find_the_damage_at_once_move_it_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.db");
    fs::write(&path, b"this was a journal once").unwrap();
    let barrier = Barrier::new(4);
    let moved: Vec<bool> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let journal = Journal::open(&path).unwrap();
                    journal.intend(&plan("198.51.100.7"), &actor(), true, at(0)).unwrap();
                    journal.set_aside().is_some()
                })
            })
            .collect();
        openers.into_iter().map(|opener| opener.join().unwrap()).collect()
    });
    assert_eq!(moved.iter().filter(|moved| **moved).count(), 1);
    assert_eq!(Journal::open(&path).unwrap().open_intents().unwrap().len(), 4, "no intent went to the moved file");
}

#[test]
fn a_newer_journal_and_other_peoples_files_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let newer = folder.path().join("newer.db");
    drop(Journal::open(&newer).unwrap());
    let connection = Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = Journal::open(&newer).unwrap_err();
    assert_eq!(error, JournalError::Newer { path: newer.clone(), found: 99, known: schema::known_version() });
    assert!(error.to_string().contains("version 99") && error.to_string().contains("--journal"), "{error}");

    let foreign = folder.path().join("contacts.db");
    let connection = Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE contacts (name TEXT)").unwrap();
    drop(connection);
    let log = folder.path().join("access.log");
    fs::write(&log, "203.0.113.9 - - [15/Jun/2025:15:06:40 +0000] \"GET / HTTP/1.1\" 200 12\n").unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
    for path in [&newer, &foreign, &log] {
        let before = fs::read(path).unwrap();
        assert!(Journal::open(path).is_err());
        assert_eq!(fs::read(path).unwrap(), before, "{}", path.display());
    }
    assert_eq!(Journal::open(&log).unwrap_err(), JournalError::NotAJournal { path: log.clone() });
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o644, "nor are its rights touched");
    assert_eq!(files(&folder), ["access.log", "contacts.db", "newer.db"]);
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = TempDir::new().unwrap();
    for path in [folder.path().to_owned(), PathBuf::from("/proc/gatewatch/journal.db")] {
        let error = Journal::open(&path).unwrap_err();
        assert!(matches!(&error, JournalError::Open { .. }), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}

#[test]
fn rehearsed_decisions_run_out_and_can_be_ended_from_another_process() {
    let (_folder, journal) = journal();
    let made = journal.rehearse(&plan("198.51.100.0/24"), at(0)).unwrap();
    assert_eq!((made.scope.as_str(), made.value.as_str(), made.kind.as_str()), ("Range", "198.51.100.0/24", "ban"));
    assert_eq!(made.until, at(4 * 3600));
    let single = journal.rehearse(&plan("198.51.100.7"), at(10)).unwrap();
    assert_eq!((single.scope.as_str(), single.value.as_str()), ("Ip", "198.51.100.7"));

    let other = Journal::open(journal.path()).unwrap();
    assert_eq!(other.rehearsed(at(11)).unwrap(), [made.clone(), single.clone()]);
    assert!(other.end_rehearsed(made.id, at(12)).unwrap());
    assert!(!other.end_rehearsed(made.id, at(13)).unwrap(), "it is over already");
    assert!(!other.end_rehearsed(999, at(13)).unwrap());
    assert_eq!(journal.rehearsed(at(13)).unwrap(), [single]);
    assert_eq!(journal.rehearsed(at(10 + 4 * 3600)).unwrap(), []);
}

#[tokio::test]
async fn work_on_the_journal_does_not_block_the_runtime() {
    let (_folder, journal) = journal();
    let journal = Arc::new(journal);
    let id = journal.run(|journal| journal.intend(&plan("198.51.100.7"), &actor(), true, at(0))).await.unwrap();
    assert_eq!(journal.run(Journal::open_intents).await.unwrap()[0].id, id);
}
