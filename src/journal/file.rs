//! Opening the file: its rights, its checks, and what is done with a damaged one. Nothing is ever overwritten: a
//! damaged journal is renamed, anything else that is not ours is an error.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{JournalError, schema};
use crate::text::escape::visible;
use crate::text::{Lang, Say, sentences};

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

/// Between two looks at a lock that another process holds.
const PAUSE: Duration = Duration::from_millis(10);

/// A damaged journal was found and renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where the journal lies, begun anew.
    pub path: PathBuf,
    /// Where the damaged file is now.
    pub moved_to: PathBuf,
    /// What was wrong with it, in SQLite's words.
    pub cause: String,
}

sentences! {
    set_aside(path: &str, moved_to: &str, cause: &str) {
        en: "the journal {path} was damaged ({cause}); it was kept as {moved_to} and a new one was begun. What is banned is not affected: CrowdSec knows that.",
        ko: "저널 {path}이(가) 손상되어({cause}) {moved_to}(으)로 옮기고 새로 시작했습니다. 차단 상태는 CrowdSec에 있으므로 영향이 없습니다.",
    }
}

impl Say for SetAside {
    fn say(&self, lang: Lang) -> String {
        let at = |path: &PathBuf| visible(&path.display().to_string()).into_owned();
        set_aside(lang, &at(&self.path), &at(&self.moved_to), &visible(&self.cause))
    }
}

/// Why an attempt to open did not work out.
pub(super) enum Trouble {
    /// The file is damaged.
    Damaged(String),
    /// Another process is at work on it.
    Busy,
    /// It cannot be used, and must stay as it is.
    Fatal(JournalError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(cause: rusqlite::Error) -> Self {
        match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(cause.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Fatal(cause.into()),
        }
    }
}

/// Opens or makes the journal at `path`.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<SetAside>), JournalError> {
    let refused = |cause: io::Error| JournalError::Open { path: path.to_owned(), cause: cause.to_string() };
    let began = Instant::now();
    // Held until the journal is ready, so that of several openers one makes, migrates or moves it and the others find
    // that done.
    let _turn = turn(path, began).map_err(refused)?;
    make(path).map_err(refused)?;
    let mut moved = None;
    loop {
        match attempt(path) {
            Ok(connection) => return Ok((connection, moved)),
            // The recovery after another's crash does not wait by itself.
            Err(Trouble::Busy) if began.elapsed() < BUSY => std::thread::sleep(PAUSE),
            Err(Trouble::Busy) => return Err(refused(held())),
            Err(Trouble::Damaged(_)) if !may_be_moved(path).map_err(refused)? => {
                return Err(JournalError::NotAJournal { path: path.to_owned() });
            }
            Err(Trouble::Damaged(cause)) => {
                if moved.is_some() {
                    return Err(refused(io::Error::other(cause)));
                }
                moved = Some(move_away(path, cause).map_err(refused)?);
                make(path).map_err(refused)?;
            }
            Err(Trouble::Fatal(JournalError::Statement { cause })) => return Err(refused(io::Error::other(cause))),
            Err(Trouble::Fatal(error)) => return Err(error),
        }
    }
}

/// An empty journal in memory, and what stands for its path.
pub(super) fn unkept() -> Result<(Connection, PathBuf), JournalError> {
    let path = PathBuf::from(":memory:");
    let mut connection = Connection::open_in_memory()?;
    match schema::ready(&mut connection, &path) {
        Ok(()) => Ok((connection, path)),
        Err(Trouble::Fatal(error)) => Err(error),
        Err(Trouble::Busy) => Err(JournalError::Statement { cause: held().to_string() }),
        Err(Trouble::Damaged(cause)) => Err(JournalError::Statement { cause }),
    }
}

/// Waits for the turn to open a journal in this folder: a lock on the folder itself, which leaves no file behind.
fn turn(path: &Path, began: Instant) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let folder = File::open(folder)?;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            Err(TryLockError::WouldBlock) if began.elapsed() < BUSY => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(held()),
            // A file system without locks: SQLite's own have to do.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(folder),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn held() -> io::Error {
    io::Error::other(format!("another process has held it for {} s", BUSY.as_secs()))
}

/// Makes an empty file (0600) where it is missing; takes the group's and the others' rights off a file that has them,
/// because prompts quote log lines.
fn make(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let metadata = fs::metadata(path)?;
            if !metadata.is_file() {
                return Err(io::Error::other("it is not a regular file"));
            }
            if metadata.mode() & 0o077 != 0 && may_be_moved(path)? {
                fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn attempt(path: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    schema::ready(&mut connection, path)?;
    Ok(connection)
}

/// Whether a file that SQLite cannot read may be taken for a damaged journal: it has SQLite's header, or is named
/// `.db`. Anything else (a log named by mistake) is somebody's file and stays where it is.
fn may_be_moved(path: &Path) -> io::Result<bool> {
    if path.extension().is_some_and(|extension| extension == "db") {
        return Ok(true);
    }
    let mut header = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut header)?;
    Ok(header.is_empty() || header == b"SQLite format 3\0")
}

/// Renames the damaged file and what belongs to it.
fn move_away(path: &Path, cause: String) -> io::Result<SetAside> {
    let moved_to = free_name(path, Timestamp::now());
    // The log first: a new file beside an old log would be damaged by it.
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(with_suffix(path, suffix), with_suffix(&moved_to, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {}
            done => done?,
        }
    }
    Ok(SetAside { path: path.to_owned(), moved_to, cause })
}

/// `journal.db` → `journal.db.damaged-20261121T094359Z`, numbered where that is taken.
fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let name = with_suffix(path, &format!(".damaged-{}", now.strftime("%Y%m%dT%H%M%SZ")));
    let numbered = (2..).map(|number| with_suffix(&name, &format!("-{number}")));
    std::iter::once(name.clone()).chain(numbered).find(|name| !name.exists()).unwrap_or(name)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
