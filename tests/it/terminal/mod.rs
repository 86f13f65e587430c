//! The console on a real pseudo-terminal: it opens, and however it ends or is stopped, the terminal comes back whole.

mod live;

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// So long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal with the console in it.
struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    _folder: tempfile::TempDir,
}

impl Terminal {
    /// The console over an empty log, rehearsing.
    fn open() -> Self {
        Self::over("", &[])
    }

    /// The console over a log, with more arguments.
    fn over(lines: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("access.log");
        std::fs::write(&log, lines).unwrap();
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = command(folder.path(), &log);
        command.args(more);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (sender, output) = channel();
        let mut reader = pair.master.try_clone_reader().unwrap();
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut block) {
                if sender.send(block[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let parser = vt100::Parser::new(NonZero::new(24).unwrap(), NonZero::new(80).unwrap(), 0);
        Self { parser, output, keys, child, master: pair.master, _folder: folder }
    }

    /// Reads on until the screen is as wanted.
    fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        assert!(self.shows_within(PATIENCE, wanted), "{what}:\n{}", self.parser.screen().contents());
    }

    /// Reads on until the screen is as wanted, or for so long; says whether it came to be.
    fn shows_within(&mut self, patience: Duration, wanted: impl Fn(&vt100::Screen) -> bool) -> bool {
        let end = Instant::now() + patience;
        while !wanted(self.parser.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(block) => self.parser.process(&block),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return wanted(self.parser.screen()),
            }
        }
        true
    }

    /// Reads on until the screen shows these words.
    fn wait_for(&mut self, words: &str) {
        self.wait(words, |screen| screen.contents().contains(words));
    }

    fn wait_for_console(&mut self) {
        self.wait("the console opens", |screen| screen.alternate_screen() && screen.contents().contains("REHEARSAL"));
        assert!(self.parser.screen().bracketed_paste());
        assert!(self.is_raw());
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Whether keys go to the program one by one and unseen.
    fn is_raw(&self) -> bool {
        let modes = u64::from(self.master.get_termios().unwrap().local_flags.bits());
        let cooked = rustix::termios::LocalModes::ICANON | rustix::termios::LocalModes::ECHO;
        modes & u64::from(cooked.bits()) == 0
    }

    /// Waits for the end and checks that nothing is left changed.
    fn ends_whole(mut self) -> u32 {
        self.wait("the terminal is given back", is_whole);
        let code = self.child.wait().unwrap().exit_code();
        assert!(!self.is_raw());
        code
    }
}

/// Whether the screen is as it was before the console.
fn is_whole(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen()
        && !screen.bracketed_paste()
        && !screen.hide_cursor()
        && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
}

/// The console over an empty log, with settings, journal and clock of its own, rehearsing without a model.
fn command(folder: &Path, log: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_gatewatch"));
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "en_US.UTF-8");
    command.env("HOME", folder);
    command.args(["--set", "judge.kind=offline"]);
    command.arg(log);
    command.cwd(folder);
    command
}

#[test]
fn leaving_gives_the_terminal_back() {
    let mut terminal = Terminal::open();
    terminal.wait_for_console();
    terminal.press("2");
    terminal
        .wait("the query view", |screen| screen.contents().contains("LogsQL") || screen.contents().contains("Query"));
    terminal.press("\u{1b}[3~\x03");
    assert_eq!(terminal.ends_whole(), 130);
    let mut terminal = Terminal::open();
    terminal.wait_for_console();
    terminal.press("q");
    assert_eq!(terminal.ends_whole(), 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP] {
        let mut terminal = Terminal::open();
        terminal.wait_for_console();
        terminal.signal(signal);
        assert_eq!(terminal.ends_whole(), 130, "{signal:?}");
    }
}

#[test]
fn a_pasted_q_does_not_leave() {
    let mut terminal = Terminal::open();
    terminal.wait_for_console();
    terminal.press("\u{1b}[200~q\u{1b}[201~?");
    terminal.wait("the help", |screen| screen.contents().contains("Help"));
    terminal.press("\x03");
    terminal.ends_whole();
}

#[test]
fn a_suspension_gives_the_terminal_back_and_takes_it_again() {
    let mut terminal = Terminal::open();
    terminal.wait_for_console();
    terminal.press("\u{1a}");
    // The pseudo-terminal's session has no shell with job control: there the stop is passed over, and the console
    // takes the terminal again by itself. With one it waits for SIGCONT.
    terminal.wait("the terminal is given back", is_whole);
    terminal.signal(Signal::CONT);
    terminal.wait_for_console();
    terminal.press("q");
    assert_eq!(terminal.ends_whole(), 0);
}
