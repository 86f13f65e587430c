//! The library of saved queries: those that ship, compiled in from `queries/`, and the person's own, one `.logsql`
//! file each in a folder of theirs. A query's head comments name and describe it. Nothing here runs a query.
//!
//! ```text
//! # name: Top talkers
//! # name.ko: 요청이 가장 많은 주소
//! # description: The addresses with the most requests.
//! # description.ko: 요청이 가장 많은 주소.
//! remote_addr:* | stats by (remote_addr) count() as requests | sort by (requests desc)
//! ```

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::text::{Lang, Say, escape};

/// A file's ending.
const ENDING: &str = "logsql";
/// A query that a person wrote is never longer than this; a longer file is not a query.
const MAX_BYTES: u64 = 1 << 20;

/// A saved query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuery {
    /// The file's name without its ending: what it is asked for by.
    pub slug: String,
    /// Its names and descriptions, as the head says.
    pub head: Head,
    /// The LogsQL, without the head.
    pub text: String,
    /// The file of an own one; `None` for one that ships.
    pub file: Option<PathBuf>,
}

/// What the head comments say. A language that is missing falls back to the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    name: String,
    name_ko: String,
    description: String,
    description_ko: String,
}

impl Head {
    /// A head in one language, as a person gives it when saving. Line breaks become spaces.
    pub fn new(name: &str, description: &str) -> Self {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { name: line(name), description: line(description), ..Self::default() }
    }

    /// The entries in the order in which they are written.
    fn entries(&mut self) -> [(&'static str, &mut String); 4] {
        [
            ("name", &mut self.name),
            ("name.ko", &mut self.name_ko),
            ("description", &mut self.description),
            ("description.ko", &mut self.description_ko),
        ]
    }
}

impl SavedQuery {
    /// Reads a file's text: known head comments up to the first other line, then the query.
    pub fn parse(slug: &str, content: &str) -> Self {
        let mut head = Head::default();
        let mut rest = content;
        while let Some((entry, after)) = head_line(rest) {
            if let Some((key, value)) = entry
                && let Some((_, slot)) = head.entries().into_iter().find(|(name, _)| *name == key)
            {
                value.clone_into(slot);
            }
            rest = after;
        }
        Self { slug: slug.to_owned(), head, text: rest.trim().to_owned(), file: None }
    }

    /// The file's text: head, then query. [`SavedQuery::parse`] reads it back.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for (key, value) in self.head.clone().entries() {
            if !value.is_empty() {
                out.push_str(&format!("# {key}: {value}\n"));
            }
        }
        out + self.text.trim() + "\n"
    }

    /// Its name; the slug where the head has none.
    pub fn name(&self, lang: Lang) -> &str {
        let slug = &self.slug;
        choose(lang, &self.head.name, &self.head.name_ko).unwrap_or(slug)
    }

    /// What it shows; empty where the head does not say.
    pub fn description(&self, lang: Lang) -> &str {
        choose(lang, &self.head.description, &self.head.description_ko).unwrap_or_default()
    }

    /// Whether it came with the program.
    pub fn ships(&self) -> bool {
        self.file.is_none()
    }
}

/// The first of a language's text and the other's that is not empty.
fn choose<'a>(lang: Lang, en: &'a str, ko: &'a str) -> Option<&'a str> {
    let order = match lang {
        Lang::En => [en, ko],
        Lang::Ko => [ko, en],
    };
    order.into_iter().find(|text| !text.is_empty())
}

/// The first line, where it belongs to a head: its key and value (`None` for an empty line or an empty comment), and
/// what comes after it. A comment that is no `key: value` of ours belongs to the query.
fn head_line(text: &str) -> Option<(Option<(&str, &str)>, &str)> {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    if text.is_empty() {
        return None;
    }
    if line.trim().is_empty() {
        return Some((None, after));
    }
    let (key, value) = line.trim().strip_prefix('#')?.trim().split_once(':')?;
    let known = Head::default().entries().iter().any(|(name, _)| *name == key);
    known.then_some((Some((key, value.trim())), after))
}

/// Every shipped file, by slug.
macro_rules! shipped {
    ($($slug:literal),* $(,)?) => { &[$(($slug, include_str!(concat!("../queries/", $slug, ".logsql")))),*] };
}

const SHIPPED: &[(&str, &str)] = shipped![
    "top-talkers",
    "client-errors-by-path",
    "path-enumeration",
    "sensitive-paths",
    "scanner-agents",
    "login-failures",
    "sshd-failures",
    "aborted-requests",
    "server-errors-over-time",
    "statuses-over-time",
    "slow-requests",
    "bytes-by-client",
    "subnets",
    "user-agents",
    "client-story",
];

/// The queries that ship.
pub fn shipped() -> &'static [SavedQuery] {
    static PARSED: LazyLock<Vec<SavedQuery>> =
        LazyLock::new(|| SHIPPED.iter().map(|(slug, content)| SavedQuery::parse(slug, content)).collect());
    &PARSED
}

/// The shipped queries together with a folder of own ones. Calls read and write files, and so block.
#[derive(Debug, Clone)]
pub struct Library {
    folder: PathBuf,
}

/// What [`Library::list`] found.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The own ones by name, then those that ship.
    pub queries: Vec<SavedQuery>,
    /// Files that could not be read.
    pub problems: Vec<LibraryError>,
}

/// Why a query could not be read or saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum LibraryError {
    /// The file system's refusal.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// A file that is too large to be a query.
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// An own query of that name is there already.
    Exists {
        /// Its file.
        path: PathBuf,
    },
    /// The name has no letter or digit to make a file's name of.
    NoName,
    /// No folder for own queries is known.
    NoFolder,
}

impl Say for LibraryError {
    fn say(&self, lang: Lang) -> String {
        let shown = |path: &Path| escape::visible(&path.display().to_string()).into_owned();
        match self {
            Self::Io { path, cause } => say::io(lang, &shown(path), cause),
            Self::TooLarge { path } => say::too_large(lang, &shown(path)),
            Self::Exists { path } => say::exists(lang, &shown(path)),
            Self::NoName => say::no_name(lang),
            Self::NoFolder => say::no_folder(lang),
        }
    }
}

impl Library {
    /// With the folder of own queries, which need not exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where own queries are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All queries. A folder that is missing holds none; a file that cannot be read is a problem beside the rest.
    pub fn list(&self) -> Listing {
        let mut listing = Listing::default();
        match fs::read_dir(&self.folder) {
            Ok(entries) => {
                for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
                    if path.extension().is_some_and(|ending| ending == ENDING) {
                        match read(&path) {
                            Ok(query) => listing.queries.push(query),
                            Err(problem) => listing.problems.push(problem),
                        }
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => listing.problems.push(io_error(&self.folder, &error)),
        }
        listing.queries.sort_by(|one, other| one.slug.cmp(&other.slug));
        listing.queries.extend_from_slice(shipped());
        listing
    }

    /// Saves an own query under a file name made of its name, and gives it back. An older one is replaced only with
    /// `replace`, and in one step: a reader sees the old file or the new one, never half of either.
    pub fn save(&self, head: Head, text: &str, replace: bool) -> Result<SavedQuery, LibraryError> {
        let slug = slug_of(&head.name).ok_or(LibraryError::NoName)?;
        let path = self.folder.join(format!("{slug}.{ENDING}"));
        let query = SavedQuery { slug, head, text: text.trim().to_owned(), file: Some(path.clone()) };
        if !replace && path.exists() {
            return Err(LibraryError::Exists { path });
        }
        fs::create_dir_all(&self.folder).map_err(|error| io_error(&self.folder, &error))?;
        write_whole(&path, &query.print()).map_err(|error| io_error(&path, &error))?;
        Ok(query)
    }
}

fn read(path: &Path) -> Result<SavedQuery, LibraryError> {
    let size = fs::metadata(path).map_err(|error| io_error(path, &error))?.len();
    if size > MAX_BYTES {
        return Err(LibraryError::TooLarge { path: path.to_owned() });
    }
    let content = fs::read_to_string(path).map_err(|error| io_error(path, &error))?;
    let slug = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(SavedQuery { file: Some(path.to_owned()), ..SavedQuery::parse(&slug, &content) })
}

fn io_error(path: &Path, error: &io::Error) -> LibraryError {
    LibraryError::Io { path: path.to_owned(), cause: error.to_string() }
}

/// Writes beside the file, then renames over it.
fn write_whole(path: &Path, content: &str) -> io::Result<()> {
    let beside = path.with_extension(format!("{ENDING}.{}", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of the attempt is no use to anybody; the first failure is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A file name: letters (of any script) and digits, runs of anything else as one hyphen.
fn slug_of(name: &str) -> Option<String> {
    let words: Vec<String> = name
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let slug: String = words.join("-").chars().take(60).collect();
    (!slug.is_empty()).then_some(slug)
}

/// The sentences.
mod say {
    crate::text::sentences! {
        io(path: &str, cause: &str) {
            en: "{path}: {cause}. Check the folder's permissions.",
            ko: "{path}: {cause}. 폴더 권한을 확인하세요.",
        }
        too_large(path: &str) {
            en: "{path} is larger than 1 MiB: that is no query. Move it out of the folder.",
            ko: "{path} 크기가 1 MiB를 넘어 쿼리가 아닙니다. 폴더 밖으로 옮기세요.",
        }
        exists(path: &str) {
            en: "{path} is there already. Choose another name, or replace it.",
            ko: "{path} 파일이 이미 있습니다. 다른 이름을 쓰거나 바꾸기를 선택하세요.",
        }
        no_folder() {
            en: "no folder for your own queries is known: set XDG_CONFIG_HOME or HOME",
            ko: "쿼리를 저장할 폴더를 알 수 없습니다. XDG_CONFIG_HOME 또는 HOME을 설정하세요",
        }
        no_name() { en: "the name needs a letter or a digit", ko: "이름에 글자나 숫자가 필요합니다" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_shipped_file_is_in_the_list_named_and_described_in_both_languages() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
        let mut on_disk: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "logsql"))
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let mut listed: Vec<_> = shipped().iter().map(|query| query.slug.clone()).collect();
        on_disk.sort();
        listed.sort();
        assert_eq!(on_disk, listed);
        for query in shipped() {
            assert!(query.ships() && !query.text.is_empty() && !query.text.starts_with('#'), "{}", query.slug);
            for text in [&query.head.name, &query.head.name_ko, &query.head.description, &query.head.description_ko] {
                assert!(!text.is_empty(), "{}", query.slug);
            }
        }
    }

    #[test]
    fn every_shipped_query_is_understood_without_a_doubt() {
        for query in shipped() {
            let doubts = crate::logsql::parse(&query.text).diagnostics;
            assert!(doubts.is_empty(), "{}: {}", query.slug, doubts[0].say(Lang::En));
        }
    }

    #[test]
    fn saving_lists_refuses_to_overwrite_and_replaces_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::new(folder.path().join("queries"));
        assert!(library.list().problems.is_empty());
        let saved = library.save(Head::new("로그인  실패, 오늘", "a\nb"), "status:401 ", false).unwrap();
        assert_eq!((saved.slug.as_str(), saved.description(Lang::Ko)), ("로그인-실패-오늘", "a b"));
        let listing = library.list();
        assert_eq!(listing.queries[0], saved);
        assert_eq!(listing.queries.len(), 1 + shipped().len());
        let again = library.save(Head::new("로그인 실패 오늘", ""), "x", false);
        assert!(matches!(again, Err(LibraryError::Exists { .. })), "{again:?}");
        library.save(Head::new("로그인 실패 오늘", ""), "x", true).unwrap();
        assert_eq!(library.list().queries[0].text, "x");
        let files: Vec<_> = fs::read_dir(library.folder()).unwrap().collect();
        assert_eq!(files.len(), 1, "nothing is left beside it");
        assert_eq!(library.save(Head::new("../..", ""), "x", true), Err(LibraryError::NoName));
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_hide_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bad.logsql"), [0xff, 0xfe]).unwrap();
        fs::write(folder.path().join("good.logsql"), "# a comment of the query\n*").unwrap();
        fs::write(folder.path().join("notes.txt"), "x").unwrap();
        let listing = Library::new(folder.path()).list();
        assert_eq!(listing.problems.len(), 1);
        assert_eq!(listing.queries[0].text, "# a comment of the query\n*");
        assert_eq!(listing.queries[0].name(Lang::En), "good");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(name in "[^\\s:#][^\\n\\r]{0,20}", description in "\\PC{0,30}", text in "[^#\\s]\\PC{0,40}") {
            let query = SavedQuery {
                slug: "s".to_owned(),
                head: Head::new(&name, &description),
                text: text.trim().to_owned(),
                file: None,
            };
            prop_assert_eq!(SavedQuery::parse("s", &query.print()), query);
        }
    }
}
