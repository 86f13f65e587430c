//! Copying, over SSH too: the terminal is asked with OSC 52, through tmux where it runs; a clipboard of this machine's
//! own display is used where there is one; a file is the last resort. What is copied was made visible before, so no
//! control character of a log reaches a shell through the clipboard.

use std::io::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::text::escape;
use crate::text::{Lang, Say};

/// The most that terminals take: xterm's limit on an OSC string is 100,000 bytes of base64.
const LONGEST: usize = 74_000;

/// Where a copy went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The display's clipboard of this machine.
    Display,
    /// Asked of the terminal; it gives no answer.
    Terminal,
    /// Given to tmux, which hands it on to the terminal.
    Tmux,
    /// Written to a file.
    File(PathBuf),
}

impl Say for Way {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Display => say::display(lang).to_owned(),
            Self::Terminal => say::terminal(lang).to_owned(),
            Self::Tmux => say::tmux(lang).to_owned(),
            Self::File(path) => say::file(lang, &escape::visible(&path.display().to_string())),
        }
    }
}

mod say {
    crate::text::words! {
        display { en: "copied to the clipboard", ko: "클립보드에 복사했습니다" }
        terminal { en: "sent to the terminal's clipboard", ko: "터미널의 클립보드로 보냈습니다" }
        tmux { en: "sent to tmux and the terminal's clipboard", ko: "tmux와 터미널의 클립보드로 보냈습니다" }
    }
    crate::text::sentences! {
        file(path: &str) { en: "too long for a terminal; written to {path}", ko: "터미널로 보내기에는 너무 길어 {path}에 썼습니다" }
        no_file(cause: &str) { en: "copying failed: {cause}", ko: "복사 실패: {cause}" }
    }
}

/// What of the environment decides the way.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    display: bool,
    ssh: bool,
    tmux: bool,
}

impl Place {
    fn here() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self { display: set("DISPLAY") || set("WAYLAND_DISPLAY"), ssh: set("SSH_CONNECTION"), tmux: set("TMUX") }
    }

    /// The display of this machine is the person's only where they do not come over SSH.
    const fn has_display(self) -> bool {
        (self.display || cfg!(target_os = "macos")) && !self.ssh
    }
}

/// Copies. `Err` is a sentence in English for a failure that left the text nowhere.
pub async fn copy(text: &str) -> Result<Way, String> {
    let text = escape::visible_lines(text).into_owned();
    let place = Place::here();
    if place.has_display() && to_display(text.clone()).await {
        return Ok(Way::Display);
    }
    if text.len() > LONGEST {
        return to_file(&text).map(Way::File).map_err(|error| say::no_file(Lang::En, &error.to_string()));
    }
    if place.tmux && to_tmux(&text).await {
        return Ok(Way::Tmux);
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(osc52(&text, place.tmux).as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Way::Terminal),
        Err(error) => Err(say::no_file(Lang::En, &error.to_string())),
    }
}

/// The sequence that puts text on the terminal's clipboard; in tmux wrapped for its passthrough, where each ESC is
/// doubled.
fn osc52(text: &str, tmux: bool) -> String {
    let sequence = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if tmux { format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")) } else { sequence }
}

/// tmux keeps the text in a buffer of its own and hands it on (`-w`, tmux 3.2 and later).
async fn to_tmux(text: &str) -> bool {
    use std::process::Stdio;
    let child = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut child) = child else { return false };
    let Some(mut input) = child.stdin.take() else { return false };
    if input.write_all(text.as_bytes()).await.is_err() {
        return false;
    }
    drop(input);
    child.wait().await.is_ok_and(|status| status.success())
}

/// The display's own clipboard, opened at the first use and kept, because the text lives only as long as its owner.
async fn to_display(text: String) -> bool {
    use std::sync::{Mutex, OnceLock};
    static CLIPBOARD: OnceLock<Option<Mutex<arboard::Clipboard>>> = OnceLock::new();
    let set = move || {
        let clipboard = CLIPBOARD.get_or_init(|| arboard::Clipboard::new().ok().map(Mutex::new)).as_ref()?;
        clipboard.lock().ok()?.set_text(text).ok()
    };
    tokio::task::spawn_blocking(set).await.ok().flatten().is_some()
}

/// A new file that only its owner can read.
fn to_file(text: &str) -> std::io::Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let folder = std::env::temp_dir();
    for attempt in 0..100 {
        let path = folder.join(format!("gatewatch-copy-{}-{attempt}.txt", std::process::id()));
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => return file.write_all(text.as_bytes()).map(|()| path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_base64_and_doubled_for_tmux() {
        assert_eq!(osc52("203.0.113.9", false), "\u{1b}]52;c;MjAzLjAuMTEzLjk=\u{7}");
        assert_eq!(osc52("a", true), "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;YQ==\u{7}\u{1b}\\");
    }

    #[test]
    fn a_display_over_ssh_is_not_the_persons() {
        assert!(Place { display: true, ..Place::default() }.has_display());
        assert!(!Place { display: true, ssh: true, tmux: false }.has_display());
    }

    #[test]
    fn a_file_of_a_copy_is_private_and_new() {
        use std::os::unix::fs::PermissionsExt as _;
        let (one, other) = (to_file("x").unwrap(), to_file("y").unwrap());
        assert_ne!(one, other);
        assert_eq!(std::fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o600);
        for path in [one, other] {
            std::fs::remove_file(path).unwrap();
        }
    }
}
