//! The main job by keys alone on a real pseudo-terminal, against CrowdSec's real server.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Terminal;
use crate::support::crowdsec::Server;

const TARGET: &str = "203.0.113.77";

/// So long a person waits before a key is pressed once more.
const PAUSE: Duration = Duration::from_secs(2);

/// A minute of a scanner that finds nothing, up to now.
fn scan() -> String {
    let now = Timestamp::now();
    let line = |index: i64| {
        let at = (now - SignedDuration::from_secs(60 - index)).strftime("%d/%b/%Y:%H:%M:%S %z").to_string();
        format!("{TARGET} - - [{at}] \"GET /backup-{index}.zip HTTP/1.1\" 404 153 \"-\" \"curl/8.5.0\"\n")
    };
    (0..60).map(line).collect()
}

/// The console over the scan, live against a server.
fn console(server: &Server) -> Terminal {
    let credentials = server.credentials_file();
    let mut terminal = Terminal::over(&scan(), &["--dry-run=false", "--credentials", credentials.to_str().unwrap()]);
    terminal.wait_for(TARGET);
    terminal.wait_for("LIVE");
    terminal
}

/// Opens the ban form for the suspect and waits until its plan can be confirmed.
fn open_form(terminal: &mut Terminal) {
    terminal.press("b");
    terminal.wait_for(&format!("Ban {TARGET}"));
    terminal.wait_for("In the last hour it would have stopped");
}

/// Whether no ban form is open.
fn is_closed(screen: &str) -> bool {
    !screen.contains(&format!("Ban {TARGET}"))
}

/// Presses a key until the screen is as wanted. A key that comes right after the form opened, or fast on another, is
/// turned away by the form on purpose, and has to be pressed once more.
fn insist(terminal: &mut Terminal, key: &str, wanted: impl Fn(&str) -> bool) {
    for _ in 0..15 {
        terminal.press(key);
        if terminal.shows_within(PAUSE, |screen| wanted(&screen.contents())) {
            return;
        }
    }
    panic!("{key:?} leads nowhere:\n{}", terminal.parser.screen().contents());
}

#[test]
fn a_ban_is_confirmed_by_its_own_key_alone_and_lifted_again() {
    let Some(server) = Server::start() else { return };
    let mut terminal = console(&server);

    // Neither Enter, nor the key that opened the form, nor a pasted confirmation bans.
    open_form(&mut terminal);
    insist(&mut terminal, "\r", is_closed);
    open_form(&mut terminal);
    terminal.press("b");
    terminal.press("\u{1b}[200~BBB\u{1b}[201~");
    insist(&mut terminal, "\u{1b}", is_closed);
    assert!(server.decisions().is_empty());

    open_form(&mut terminal);
    insist(&mut terminal, "B", |screen| screen.contains("in force as decision"));
    let seen = server.decisions();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((&seen[0]["value"], &seen[0]["type"]), (&TARGET.into(), &"ban".into()));

    terminal.press("3");
    terminal.wait_for("gatewatch/gate");
    terminal.press("u");
    terminal.wait_for("lift it for real");
    insist(&mut terminal, "U", |screen| screen.contains("lifted decision"));
    assert!(server.decisions().is_empty());
    terminal.press("q");
    assert_eq!(terminal.ends_whole(), 0);
}

#[test]
fn a_server_that_restarts_or_is_down_is_told_and_nothing_is_lost_or_doubled() {
    let Some(mut server) = Server::start() else { return };
    let mut terminal = console(&server);
    open_form(&mut terminal);
    server.stop();
    insist(&mut terminal, "B", |screen| screen.contains("does not answer"));
    // The form is still there with what was written; the server comes back with another key for its tokens.
    assert!(terminal.parser.screen().contents().contains(&format!("Ban {TARGET}")));
    server.start_again();
    insist(&mut terminal, "\u{1b}", is_closed);
    open_form(&mut terminal);
    insist(&mut terminal, "B", |screen| screen.contains("in force as decision"));
    assert_eq!(server.decisions().len(), 1);
    terminal.press("q");
    assert_eq!(terminal.ends_whole(), 0);
}
