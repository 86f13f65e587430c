//! What rotation does to a file, and how to find its lines again: renamed, it is still open here under its identity;
//! copied and cut to nothing, its copy is known by the bytes before the place that was read last.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// How many bytes before a place tell whether a file is still the same one there. Log lines carry times and
/// addresses, so that this many do not repeat.
const MARK: u64 = 512;

/// Which file it is, whatever it is called. The time of creation keeps a reused inode number apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    device: u64,
    inode: u64,
    created: u128,
}

impl Identity {
    /// Of an open file's metadata.
    pub fn of(metadata: &Metadata) -> Self {
        let created = metadata.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self { device: metadata.dev(), inode: metadata.ino(), created: created.map_or(0, |since| since.as_nanos()) }
    }
}

/// A place in a file with the bytes before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The place.
    pub at: u64,
    before: Vec<u8>,
}

impl Mark {
    /// Notes a place.
    pub fn set(file: &File, at: u64) -> io::Result<Self> {
        Ok(Self { at, before: before(file, at)? })
    }

    /// The start of any file.
    pub const fn start() -> Self {
        Self { at: 0, before: Vec::new() }
    }

    /// Whether a file holds the same bytes before the place.
    pub fn holds(&self, file: &File) -> bool {
        before(file, self.at).is_ok_and(|bytes| bytes == self.before)
    }

    /// The file beside `path` that it was copied to before it was cut: one whose name goes on where the path's ends
    /// (`access.log.1`, `access.log-20261121`) and which holds the mark. Nothing is looked for at the very start.
    pub fn find_copy(&self, path: &Path) -> Option<(Arc<File>, Metadata)> {
        let name = path.file_name()?.to_str()?;
        let stem = path.file_stem()?.to_str()?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let mut found: Vec<_> = std::fs::read_dir(directory)
            .ok()?
            .flatten()
            .filter(|entry| {
                let other = entry.file_name();
                other
                    .to_str()
                    .is_some_and(|other| other != name && (other.starts_with(name) || other.starts_with(stem)))
            })
            .filter_map(|entry| {
                let metadata = entry.metadata().ok().filter(|metadata| metadata.is_file())?;
                let newest_first = std::cmp::Reverse(metadata.modified().ok()?);
                Some((newest_first, entry.path(), metadata))
            })
            .filter(|(_, _, metadata)| self.at > 0 && metadata.len() >= self.at)
            .collect();
        found.sort_by_key(|(newest_first, ..)| *newest_first);
        found.into_iter().find_map(|(_, path, metadata)| {
            let file = File::open(path).ok().filter(|file| self.holds(file))?;
            Some((Arc::new(file), metadata))
        })
    }
}

/// The bytes before a place, as many as there are up to [`MARK`]; an error where the file is shorter.
fn before(file: &File, at: u64) -> io::Result<Vec<u8>> {
    let length = at.min(MARK);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut bytes, at - length)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_is_found_by_what_it_holds() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("access.log");
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write("access.log", "one\ntwo\n");
        let file = File::open(&path).unwrap();
        let mark = Mark::set(&file, 8).unwrap();
        assert!(mark.holds(&file));
        assert!(mark.find_copy(&path).is_none());
        write("access.log.1", "one\ntwo\nthree\n");
        write("access.log.2", "two\none\nthree\n");
        write("other.log", "one\ntwo\n");
        write("access.log", "");
        assert!(!mark.holds(&file));
        let (copy, metadata) = mark.find_copy(&path).unwrap();
        assert!(mark.holds(&copy));
        assert_eq!(metadata.len(), 14);
        assert!(Mark::start().find_copy(&path).is_none());
    }

    #[test]
    fn a_file_keeps_its_identity_under_another_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        std::fs::write(&path, "x").unwrap();
        let first = Identity::of(&path.metadata().unwrap());
        std::fs::rename(&path, directory.path().join("b")).unwrap();
        std::fs::write(&path, "x").unwrap();
        assert_ne!(Identity::of(&path.metadata().unwrap()), first);
        assert_eq!(Identity::of(&directory.path().join("b").metadata().unwrap()), first);
    }
}
