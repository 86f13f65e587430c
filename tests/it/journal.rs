//! The journal between real processes: a console and a cron run share it, and one that is killed leaves its intent.

use std::process::{Command, Stdio};

use gatewatch::journal::{Actor, Journal, Outcome};
use jiff::Timestamp;

use crate::support::plans::{ban, net};

/// Set for the processes that this test starts of itself.
const PATH: &str = "GATEWATCH_TEST_JOURNAL_WRITER";

/// How many intents each writes.
const EACH: usize = 40;

fn write(path: &str, settle_last: bool) {
    let journal = Journal::open(path).unwrap();
    let now = Timestamp::now();
    for number in 0..EACH {
        let intent = journal.intend(&ban("192.0.2.7", now), &Actor::default(), true, now).unwrap();
        if settle_last || number + 1 < EACH {
            journal.settle(intent, &Outcome::Done(vec![1]), now).unwrap();
        }
    }
}

/// What a started process does; in a usual run there is nothing to do.
#[test]
fn a_writer() {
    if let Ok(path) = std::env::var(PATH) {
        write(&path, false);
        // As SIGKILL does: nothing is closed, nothing is flushed.
        std::process::abort();
    }
}

#[test]
fn processes_that_write_at_once_and_die_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let path = path.to_str().unwrap();
    let start = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "journal::a_writer"]).env(PATH, path).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let writers: Vec<_> = (0..3).map(|_| start()).collect();
    write(path, true);
    for mut writer in writers {
        assert!(!writer.wait().unwrap().success(), "it died, as it should");
    }
    let journal = Journal::open(path).unwrap();
    assert_eq!(journal.set_aside(), None);
    assert_eq!(journal.intents_of(net("192.0.2.7"), 1000).unwrap().len(), 4 * EACH);
    assert_eq!(journal.open_intents().unwrap().len(), 3, "the last intent of each that died");
}
