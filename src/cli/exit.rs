//! The exit codes, documented once: for `--help`, the manual page, the README and the tests.

use crate::text::Lang;

/// How a run ended, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command line or the settings are wrong.
    Usage = 2,
    /// Done in part: a server was down, an answer was cut.
    Partly = 3,
    /// A rehearsal that would have acted.
    WouldAct = 10,
    /// Another run holds the journal's lock (`EX_TEMPFAIL`).
    Locked = 75,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// All of them, by number.
    pub const ALL: [Self; 7] =
        [Self::Done, Self::Failed, Self::Usage, Self::Partly, Self::WouldAct, Self::Locked, Self::Interrupted];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means.
    pub const fn meaning(self, lang: Lang) -> &'static str {
        match self {
            Self::Done => say::done(lang),
            Self::Failed => say::failed(lang),
            Self::Usage => say::usage(lang),
            Self::Partly => say::partly(lang),
            Self::WouldAct => say::would_act(lang),
            Self::Locked => say::locked(lang),
            Self::Interrupted => say::interrupted(lang),
        }
    }
}

/// The README's table of exit codes, in Markdown.
pub fn markdown(lang: Lang) -> String {
    let rows = Exit::ALL.into_iter().map(|exit| format!("| {} | {} |\n", exit.code(), exit.meaning(lang)));
    format!("{}{}", say::markdown_head(lang), rows.collect::<String>())
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The meanings.
mod say {
    crate::text::words! {
        markdown_head { en: "| Exit code | Meaning |\n|---|---|\n", ko: "| 종료 코드 | 뜻 |\n|---|---|\n" }
        done { en: "done", ko: "완료" }
        failed { en: "failed", ko: "실패" }
        usage { en: "wrong command line or settings", ko: "명령줄 또는 설정 오류" }
        partly { en: "done in part: a server was down, an answer was cut", ko: "일부만 완료: 서버가 꺼져 있거나 응답이 잘림" }
        would_act { en: "a rehearsal that would have acted", ko: "실제였다면 조치했을 예행" }
        locked { en: "another run holds the lock", ko: "다른 실행이 잠금을 잡고 있음" }
        interrupted { en: "interrupted", ko: "중단됨" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_are_documented() {
        let codes: Vec<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 10, 75, 130]);
        for exit in Exit::ALL {
            assert_ne!(exit.meaning(Lang::En), exit.meaning(Lang::Ko));
        }
    }
}
