//! Everybody's score in a window, out of the memory that goes from window to window: what the memory has not seen yet
//! is added, everybody in it is scored, and the memory is kept in the journal, so that a run that begins anew goes on
//! where the one before ended. Decides nothing.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Engine;
use super::claims::{self, Answers};
use super::requests::Requests;
use crate::detect::assess::{Assessment, assess_with};
use crate::detect::memory::{LATE_MS, Memory, SPAN};
use crate::logs::{FieldMap, SourceError, Window};
use crate::text::Say as _;

mod earlier;

/// The memory is written down at most so often, but at the first time of a process.
const KEPT_EVERY: Duration = Duration::from_secs(60);

/// The memory of an engine and of its clones.
#[derive(Debug, Default)]
pub struct Recollection {
    held: Mutex<Option<Held>>,
    /// What was found in a range that is longer than what is remembered.
    earlier: Mutex<Option<earlier::Earlier>>,
    /// Whether the journal has no part in it.
    is_own: bool,
    /// What the DNS said of those that claim to be crawlers.
    pub(super) answers: Answers,
}

impl Recollection {
    /// One that the journal neither gives nor keeps: for a look at a range that is over. What was read of such a range
    /// at another time may have been another file, or a server before all of it had arrived.
    pub fn of_its_own() -> Self {
        Self { is_own: true, ..Self::default() }
    }
}

#[derive(Debug)]
struct Held {
    name: String,
    memory: Memory<'static>,
    /// The journal's revision that it follows.
    revision: i64,
    /// When it was last written down by this process.
    kept: Option<Instant>,
}

/// Everybody who matters in a window.
#[derive(Debug, Default)]
pub struct Detected {
    /// Clients with their scores, and cohorts.
    pub assessment: Assessment,
    /// Whether more was logged than was read: scores may be too low, and those of people too high.
    pub cut: bool,
    /// What could not be done and hurts nothing else, in words.
    pub notes: Vec<String>,
}

impl Engine {
    /// Scores everybody who was seen in a window, as he stood at his worst within any hour of it; those of `also` also
    /// where nothing speaks against them, if they came in its last hour.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn detect(&self, window: Window, also: HashSet<IpAddr>) -> Result<Detected, SourceError> {
        let hour = Window::ending(window.end, SPAN);
        if window.start >= hour.start {
            return self.detect_within_hour(window, also).await;
        }
        let latest = match self.detect_within_hour(hour, also).await {
            Ok(latest) => latest,
            // Nothing was logged lately.
            Err(SourceError::NoField { .. }) => Detected::default(),
            Err(error) => return Err(error),
        };
        self.with_earlier(window, &self.source.fields(window).await?, latest).await
    }

    async fn detect_within_hour(&self, range: Window, also: HashSet<IpAddr>) -> Result<Detected, SourceError> {
        let mut notes = Vec::new();
        // Taken out, so that work that is dropped half-way leaves no half-filled memory behind.
        let mut slot = self.recollection.held.lock().await;
        let fields = self.source.fields(range).await?;
        let held = self.held(slot.take(), self.memory_name(&fields), &mut notes).await;
        let (mut held, of_now) = match held.memory.missing(range) {
            Ok(_) => (held, true),
            // A look at another time: at an older one, which nobody has to remember, or at a longer range.
            Err(_) => {
                let of_now = held.memory.until() <= range.end;
                let memory = Memory::new(self.settings.rule_set, range.start);
                if !of_now {
                    *slot = Some(Held { name: held.name.clone(), ..held });
                    (Held { name: String::new(), memory, revision: 0, kept: None }, false)
                } else {
                    (Held { memory, ..held }, true)
                }
            }
        };
        let (mut latest, cut) = self.read_up(&mut held.memory, range, of_now).await?;
        let (thresholds, forest) = (self.settings.thresholds, self.settings.forest.model());
        let (start, asks) = (range.start, self.settings.resolver.is_some());
        let finished = tokio::task::spawn_blocking(move || {
            let memory = latest.as_mut().unwrap_or(&mut held.memory);
            memory.finish(range.end);
            let open = asks.then(|| claims::open(memory.traffic(), start.as_millisecond(), &also));
            (held, latest, also, open.unwrap_or_default())
        });
        let Ok((mut held, latest, also, open)) = finished.await else { return Ok(Detected::default()) };
        let proofs = self.proofs(open).await;
        let scored = tokio::task::spawn_blocking(move || {
            let also = |client: IpAddr| also.contains(&client);
            let mut assessment = assess_with(
                latest.as_ref().unwrap_or(&held.memory).traffic(),
                i64::MIN,
                &thresholds,
                &also,
                forest.as_deref(),
                &proofs,
            );
            assessment.clients.retain(|one| one.last >= start);
            held.memory.fade();
            (held, assessment)
        });
        let Ok((mut held, assessment)) = scored.await else { return Ok(Detected::default()) };
        if of_now {
            self.keep(&mut held, &mut notes).await;
            *slot = Some(held);
        }
        Ok(Detected { assessment, cut, notes })
    }

    /// Brings a memory up to the part of a range in which every row has arrived. Gives one that has seen the rest too,
    /// to be scored now and not kept, and says whether there was more than is read.
    async fn read_up(
        &self,
        memory: &mut Memory<'static>,
        range: Window,
        of_now: bool,
    ) -> Result<(Option<Memory<'static>>, bool), SourceError> {
        let settled = if of_now { self.settled(range) } else { range };
        let (cut, is_read) = match self.catch_up(memory, settled).await {
            Ok(cut) => (cut, true),
            // Nothing that could be read: the rest may tell more, and is read along with this then.
            Err(SourceError::NoField { .. }) if settled != range => (false, false),
            Err(error) => return Err(error),
        };
        if memory.until() >= range.end {
            return Ok((None, cut));
        }
        let mut latest = memory.clone();
        match self.catch_up(&mut latest, range).await {
            Ok(more) => Ok((Some(latest), cut || more)),
            Err(SourceError::NoField { .. }) if is_read => Ok((Some(latest), cut)),
            Err(error) => Err(error),
        }
    }

    /// Reads what a memory has not seen yet of a range; says whether there was more than is read.
    async fn catch_up(&self, memory: &mut Memory<'_>, range: Window) -> Result<bool, SourceError> {
        let Ok(Some(missing)) = memory.missing(range) else { return Ok(false) };
        let seen = self.requests().each(self.source.as_ref(), missing, memory).await?;
        memory.reach(missing.end);
        Ok(seen.cut)
    }

    /// The part of a range in which every row has arrived: what comes later is asked for again at the next look. A range
    /// that is over has arrived as a whole.
    fn settled(&self, range: Window) -> Window {
        if self.recollection.is_own {
            return range;
        }
        let late = Duration::from_millis(LATE_MS.unsigned_abs());
        Window { end: Window::ending(range.end, late).start.max(range.start), ..range }
    }

    /// Which rows are requests, by the settings.
    pub fn requests(&self) -> Requests<'_> {
        let rules = &self.settings.rules;
        Requests {
            base_filter: &self.settings.base_filter,
            trusted: &rules.trusted_proxies,
            allow: &rules.allow_list,
            sshd: &self.settings.sshd,
        }
    }

    /// The memory: this process's own, unless another one has written since; else the journal's, else an empty one.
    async fn held(&self, own: Option<Held>, name: String, notes: &mut Vec<String>) -> Held {
        if self.recollection.is_own {
            return own.filter(|own| own.name == name).unwrap_or_else(|| self.nothing(name, 0));
        }
        let asked = name.clone();
        let revision = self.journal.run(move |journal| journal.memory_revision(&asked)).await.unwrap_or(0);
        if let Some(own) = own.filter(|own| own.name == name && own.revision == revision) {
            return own;
        }
        let empty = || self.nothing(name.clone(), revision);
        let asked = name.clone();
        let kept = match self.journal.run(move |journal| journal.memory(&asked)).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return empty(),
            Err(error) => {
                notes.push(error.say(self.settings.lang));
                return empty();
            }
        };
        let rules = self.settings.rule_set;
        let read = tokio::task::spawn_blocking(move || Memory::from_bytes(&kept.bytes, rules)).await;
        match read {
            Ok(Ok(memory)) => Held { name, memory, revision: kept.revision, kept: None },
            Ok(Err(_)) | Err(_) => {
                notes.push(say::dropped(self.settings.lang).to_owned());
                let asked = name.clone();
                // Where it cannot be dropped it is written over.
                let dropped = self.journal.run(move |journal| journal.drop_memory(&asked)).await;
                Held { revision: if dropped.is_ok() { 0 } else { kept.revision }, ..empty() }
            }
        }
    }

    /// A memory that has seen nothing, so is of no use for any window and is made anew for the one at hand.
    fn nothing(&self, name: String, revision: i64) -> Held {
        Held { name, memory: Memory::new(self.settings.rule_set, jiff::Timestamp::MIN), revision, kept: None }
    }

    /// Writes the memory down, not too often. Where another process wrote meanwhile, its memory is taken next time.
    async fn keep(&self, held: &mut Held, notes: &mut Vec<String>) {
        if self.recollection.is_own || held.kept.is_some_and(|at| at.elapsed() < KEPT_EVERY) {
            return;
        }
        let Ok(bytes) = held.memory.to_bytes() else { return };
        let (name, follows, at) = (held.name.clone(), held.revision, held.memory.until());
        match self.journal.run(move |journal| journal.keep_memory(&name, follows, &bytes, at)).await {
            Ok(Some(revision)) => (held.revision, held.kept) = (revision, Some(Instant::now())),
            Ok(None) => {}
            Err(error) => notes.push(error.say(self.settings.lang)),
        }
    }

    /// What the memory is kept under: another source, filter, proxy or field means other requests.
    fn memory_name(&self, fields: &FieldMap) -> String {
        let rules = &self.settings.rules;
        let source = self.source.info();
        let sshd = if source.is_remote { &self.settings.sshd } else { "" };
        let (filter, proxies) = (&self.settings.base_filter, &rules.trusted_proxies);
        format!("{}\n{filter}\n{proxies:?}\n{sshd}\n{}", source.identity, fields.essence())
    }
}

/// An engine's own memory.
pub type Shared = Arc<Recollection>;

/// The words.
mod say {
    crate::text::words! {
        dropped {
            en: "what detection remembered of the last hour could not be read (another version, other rules, or damage) and was dropped; it begins anew",
            ko: "탐지가 기억하던 지난 한 시간을 읽을 수 없어(버전이나 규칙이 다르거나 손상됨) 버리고 새로 시작합니다",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::detect::replay::Action;
    use crate::enforce::rehearsal::Rehearsal;
    use crate::engine::EngineSettings;
    use crate::journal::Journal;
    use crate::judge::offline::Offline;
    use crate::logs::files::{FileSource, Options};

    fn engine(folder: &std::path::Path, recollection: Shared) -> Engine {
        let journal = Arc::new(Journal::open(folder.join("journal.db")).unwrap());
        let inputs = vec![folder.join("access.log").display().to_string()];
        Engine {
            source: Arc::new(FileSource::open(Options { inputs, ..Options::default() }).unwrap()),
            judge: Arc::new(Offline),
            enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
            journal,
            settings: Arc::new(EngineSettings::default()),
            recollection,
        }
    }

    #[tokio::test]
    async fn who_attacked_in_the_morning_is_a_suspect_of_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = std::fs::File::create(folder.path().join("access.log")).unwrap();
        let mut write = |client: &str, time: &str, target: &str| {
            let when = format!("02/Mar/2026:{time} +0000");
            writeln!(file, "{client} - - [{when}] \"GET {target} HTTP/1.1\" 404 5 \"-\" \"x\"").unwrap();
        };
        for minute in 10..20 {
            write("203.0.113.9", &format!("06:{minute}:00"), &format!("/{minute}/.env"));
        }
        write("198.51.100.4", "14:00:00", "/a");
        let engine = engine(folder.path(), Arc::default());
        let at = |time: &str| format!("2026-03-02T{time}Z").parse().unwrap();
        let found = async |from: &str, to: &str| {
            let detected = engine.detect(Window { start: at(from), end: at(to) }, HashSet::new()).await.unwrap();
            detected.assessment.clients.iter().map(|one| (one.client.to_string(), one.action)).collect::<Vec<_>>()
        };
        let attacker = vec![("203.0.113.9".to_owned(), Some(Action::Act))];
        assert_eq!(found("06:00:00", "14:00:01").await, attacker);
        write("198.51.100.4", "14:04:00", "/b");
        assert_eq!(found("06:05:00", "14:05:00").await, attacker, "the range goes on with the time");
        assert_eq!(found("06:30:00", "14:05:00").await, [], "it has left the range");
        assert_eq!(found("13:50:00", "14:05:00").await, []);
    }

    #[tokio::test]
    async fn a_row_that_arrives_late_is_counted_by_the_next_look() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("access.log");
        let mut file = std::fs::File::create(&log).unwrap();
        let mut write = |time: &str| {
            writeln!(file, "203.0.113.9 - - [02/Mar/2026:{time} +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x\"").unwrap();
        };
        ["09:00:10", "09:02:00", "09:04:50"].into_iter().for_each(&mut write);
        let look = async |from: &str, to: &str, recollection: Shared| {
            let engine = engine(folder.path(), recollection);
            let at = |time: &str| format!("2026-03-02T{time}Z").parse().unwrap();
            let client: IpAddr = "203.0.113.9".parse().unwrap();
            let window = Window { start: at(from), end: at(to) };
            let found = engine.detect(window, HashSet::from([client])).await.unwrap();
            found.assessment.clients[0].requests
        };
        assert_eq!(look("09:00:00", "09:05:00", Arc::default()).await, 3);
        write("09:04:55");
        write("09:06:00");
        assert_eq!(look("09:05:00", "09:10:00", Arc::default()).await, 5, "out of the journal's memory");
        assert_eq!(look("09:05:00", "09:10:00", Arc::default()).await, 5, "the same look once more");
        let own = || Arc::new(Recollection::of_its_own());
        assert_eq!(look("09:05:00", "09:10:00", own()).await, 1, "a range that is over stands for itself");
    }
}
