//! Takes the terminal and gives it back whole: at the end, on an early error, on a panic, and around a suspension.
//! Writes escape sequences and changes modes; draws nothing.

use std::io::{self, Stdout, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, ours until this is dropped.
pub struct Guard {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
}

impl Guard {
    /// Takes the terminal. From now on a panic of this thread gives it back before its message is printed.
    pub fn take(mouse: bool) -> io::Result<Self> {
        hook();
        enter(mouse)?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Takes the mouse from the terminal or gives it back.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
    }

    /// Gives the terminal back for a suspension.
    pub fn release(&mut self) {
        give_back();
    }

    /// Takes the terminal again after a suspension; everything has to be drawn anew.
    pub fn retake(&mut self) -> io::Result<()> {
        enter(self.mouse)?;
        self.repaint()
    }

    /// Has everything drawn anew. `Terminal::clear` would first ask the terminal where its cursor is and wait for the
    /// answer, which a terminal may owe for ever; a resize to the same size clears without asking.
    pub fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    let entered = execute!(out, EnterAlternateScreen, DisableLineWrap, EnableBracketedPaste)
        .and_then(|()| if mouse { execute!(out, EnableMouseCapture) } else { Ok(()) });
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Puts everything back as it was. The terminal may be gone by now (SIGHUP): failures are passed over, and every step
/// is tried whatever became of the one before.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture);
    let _ = execute!(out, DisableBracketedPaste);
    let _ = execute!(out, EnableLineWrap, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Makes panics leave a usable terminal. Only a panic of the thread that draws ends the console, so only that one
/// gives the terminal back; a task's panic is caught, said on the screen and written to the log.
fn hook() {
    static ONCE: Once = Once::new();
    let drawing: ThreadId = std::thread::current().id();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !TAKEN.load(Ordering::SeqCst) {
                before(info);
            } else if std::thread::current().id() == drawing {
                give_back();
                before(info);
            } else {
                tracing::error!("a task panicked: {info}");
            }
        }));
    });
}
