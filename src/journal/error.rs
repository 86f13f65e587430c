//! Why the journal could not be used.

use std::fmt;
use std::path::PathBuf;

use crate::text::escape::visible;
use crate::text::{Lang, Say, sentences};

/// Why the journal could not be used. In none of these cases was the file overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalError {
    /// The file cannot be opened or created.
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// It was written by a newer gatewatch.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// It is a file of something else.
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// A statement failed.
    Statement {
        /// SQLite's words.
        cause: String,
    },
}

sentences! {
    open(path: &str, cause: &str) {
        en: "the journal {path} cannot be opened: {cause}. Check its folder and rights, or name another with --journal.",
        ko: "저널 {path}을(를) 열 수 없습니다: {cause}. 폴더와 권한을 확인하거나 --journal로 다른 파일을 지정하세요.",
    }
    newer(path: &str, found: i64, known: i64) {
        en: "the journal {path} has version {found}, this gatewatch knows {known}; it was left as it is. Upgrade gatewatch, or name another file with --journal.",
        ko: "저널 {path}의 버전은 {found}인데 이 gatewatch는 {known}까지만 압니다. 파일은 그대로 두었습니다. gatewatch를 업그레이드하거나 --journal로 다른 파일을 지정하세요.",
    }
    not_a_journal(path: &str) {
        en: "{path} is not a gatewatch journal; it was left as it is. Name another file with --journal.",
        ko: "{path}은(는) gatewatch 저널이 아닙니다. 파일은 그대로 두었습니다. --journal로 다른 파일을 지정하세요.",
    }
    statement(cause: &str) {
        en: "the journal could not be written or read: {cause}. Check the disk's free space and the file's rights.",
        ko: "저널을 읽거나 쓸 수 없습니다: {cause}. 디스크 여유 공간과 파일 권한을 확인하세요.",
    }
}

impl Say for JournalError {
    fn say(&self, lang: Lang) -> String {
        let at = |path: &PathBuf| visible(&path.display().to_string()).into_owned();
        match self {
            Self::Open { path, cause } => open(lang, &at(path), &visible(cause)),
            Self::Newer { path, found, known } => newer(lang, &at(path), *found, *known),
            Self::NotAJournal { path } => not_a_journal(lang, &at(path)),
            Self::Statement { cause } => statement(lang, &visible(cause)),
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for JournalError {}

impl From<rusqlite::Error> for JournalError {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Statement { cause: cause.to_string() }
    }
}
