//! One unattended run per journal. The lock is the kernel's (`flock`), so that it ends with the process that holds it,
//! however that ends; the file beside the journal stays, and tells who held it last.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::AutoError;

/// The lock, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a journal, without waiting.
    ///
    /// # Errors
    /// [`AutoError::Held`] where another run has it, [`AutoError::Lock`] where the file cannot be made.
    pub fn take(journal: &Path) -> Result<Self, AutoError> {
        let path = path_of(journal);
        let failed = |error: io::Error| AutoError::Lock { path: path.clone(), cause: error.to_string() };
        let mut file = open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AutoError::Held { pid: holder(&mut file), path }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// `journal.db.lock` beside `journal.db`.
fn path_of(journal: &Path) -> PathBuf {
    let mut path = OsString::from(journal);
    path.push(".lock");
    path.into()
}

fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// The process that wrote its number into the file. It may be about to: then nobody is named.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_has_it_and_gets_it_once_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        let first = Lock::take(&journal).unwrap();
        let error = Lock::take(&journal).unwrap_err();
        assert!(matches!(&error, AutoError::Held { pid: Some(pid), .. } if *pid == std::process::id()), "{error}");
        assert_eq!(error.exit().code(), 75);
        assert!(error.to_string().contains("journal.db.lock"));
        drop(first);
        Lock::take(&journal).unwrap();
        assert!(Lock::take(&folder.path().join("other.db")).is_ok());
        let nowhere = Lock::take(&folder.path().join("no/such/folder")).unwrap_err();
        assert_eq!(nowhere.exit().code(), 1);
    }
}
