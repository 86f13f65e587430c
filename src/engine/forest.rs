//! Trains the isolation forest on a source's past, keeps it in its file, and compares today's clients with it. The
//! past is looked at in hours spread over its length, so that a week costs no more than a day.

use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::Engine;
use crate::detect::forest::features::{self, Features};
use crate::detect::forest::{Drift, MOST, Model, ModelError, Reason};
use crate::detect::replay::Action;
use crate::detect::score::Scorer;
use crate::detect::traffic::Traffic;
use crate::logs::{SourceError, Window};
use crate::text::{Lang, Say};

/// Clients are looked at over this length: what a score's memory spans.
const SLICE: Duration = Duration::from_secs(3_600);
/// So many hours of the past are looked at.
const SLICES: u32 = 24;
/// The same past gives the same model.
const SEED: u64 = 1;
/// At most so many strange clients are shown.
const SHOWN: usize = 20;

/// The model in use and how it is kept.
#[derive(Debug, Default)]
pub struct Forest {
    /// The model's file; `None` keeps none.
    pub path: Option<PathBuf>,
    /// How far back it learns from.
    pub since: Duration,
    /// How old a model may become before an unattended run trains another; zero for ever.
    pub retrain: Duration,
    model: RwLock<Option<Arc<Model>>>,
}

impl Forest {
    /// One that is kept in a file, with the model that is there.
    pub fn new(path: Option<PathBuf>, since: Duration, retrain: Duration, model: Option<Model>) -> Self {
        Self { path, since, retrain, model: RwLock::new(model.map(Arc::new)) }
    }

    /// The model in use.
    pub fn model(&self) -> Option<Arc<Model>> {
        self.model.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn use_model(&self, model: Arc<Model>) {
        *self.model.write().unwrap_or_else(PoisonError::into_inner) = Some(model);
    }

    /// Whether an unattended run has to train a model now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.retrain.is_zero()
            && self.path.is_some()
            && self.model().is_none_or(|model| Window { start: model.trained, end: now }.length() >= self.retrain)
    }
}

/// Why there is no model.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum ForestError {
    /// The source.
    Source(SourceError),
    /// The model.
    Model(ModelError),
    /// The file.
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
}

impl From<SourceError> for ForestError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<ModelError> for ForestError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl Say for ForestError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Source(error) => error.say(lang),
            Self::Model(error) => error.say(lang),
            Self::File { path, cause } => {
                let path = path.display().to_string();
                say::file(lang, &crate::text::escape::visible(&path), &crate::text::escape::visible(cause))
            }
        }
    }
}

/// A model that was trained, and of what.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The model.
    pub model: Arc<Model>,
    /// Requests that were read.
    pub requests: u64,
    /// Hours that were looked at and in which anything was logged.
    pub hours: usize,
    /// Clients that were left out because other detectors speak against them.
    pub left_out: usize,
}

/// Clients that a model may learn from, and how many others there were.
#[derive(Debug, Default)]
struct Usual {
    usual: Vec<Features>,
    left_out: usize,
}

/// A client beside the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strange {
    /// Who.
    pub client: IpAddr,
    /// How strange, 0 to 1.
    pub score: f64,
    /// The share of the past's clients that were as strange.
    pub rarity: f64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Today's clients beside the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// How many clients were looked at.
    pub clients: usize,
    /// How many of them are left out of the drift because other detectors speak against them.
    pub left_out: usize,
    /// How far they are from those of the model, by feature, most first.
    pub drift: Vec<Drift>,
    /// The strangest.
    pub strangest: Vec<Strange>,
}

impl Engine {
    /// Trains a model on a range of the past and puts it to use. Clients that other detectors speak against are left
    /// out: what attacked in the past must not be usual.
    ///
    /// # Errors
    /// Those of the source; [`ModelError::TooFew`].
    pub async fn train_forest(&self, range: Window, now: Timestamp) -> Result<Trained, ForestError> {
        let slices = slices(range);
        let most = MOST / slices.len().max(1);
        let (mut clients, mut requests, mut left_out) = (Vec::new(), 0, 0);
        // Those in which anything was logged: a range may begin long before its first row.
        let mut seen: Vec<Window> = Vec::new();
        for slice in slices {
            let traffic = self.traffic_of(slice).await?;
            if traffic.requests == 0 {
                continue;
            }
            seen.push(slice);
            requests += traffic.requests;
            let mut known: Vec<IpAddr> = traffic.clients.keys().copied().collect();
            known.sort_unstable();
            let every = known.len().div_ceil(most.max(1)).max(1);
            let of_slice = self.usual(&traffic, known.into_iter().step_by(every));
            left_out += of_slice.left_out;
            clients.extend(of_slice.usual);
        }
        let from = seen.iter().map(|slice| slice.start).min().unwrap_or(range.start);
        let to = seen.iter().map(|slice| slice.end).max().unwrap_or(range.end);
        let train = move || Model::train(&clients, (from, to), now, SEED);
        let trained = tokio::task::spawn_blocking(train).await;
        let model = trained.map_err(|cause| ModelError::NotAModel { cause: cause.to_string() })??;
        let model = Arc::new(model);
        self.settings.forest.use_model(Arc::clone(&model));
        Ok(Trained { model, requests, hours: seen.len(), left_out })
    }

    /// Trains the model again where it is due, and writes its file.
    ///
    /// # Errors
    /// As [`Engine::train_forest`]; the file's.
    pub async fn retrain_forest(&self, now: Timestamp) -> Result<Option<Trained>, ForestError> {
        let forest = &self.settings.forest;
        let Some(path) = forest.path.clone().filter(|_| forest.is_due(now)) else { return Ok(None) };
        let trained = self.train_forest(Window::ending(now, forest.since), now).await?;
        write_model(&path, &trained.model)?;
        Ok(Some(trained))
    }

    /// Compares the clients of a range with the model.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn compare_forest(&self, model: &Model, range: Window) -> Result<Compared, SourceError> {
        let traffic = self.traffic_of(range).await?;
        let mut known: Vec<(IpAddr, Features)> =
            traffic.clients.iter().map(|(address, client)| (*address, features::of(&traffic, client))).collect();
        known.sort_by_key(|(address, _)| *address);
        // Held against the model are those that it would learn from: attackers of today do not make it an old one.
        let of_today = self.usual(&traffic, known.iter().map(|(address, _)| *address));
        let clients = known.len();
        let mut scored: Vec<(f64, IpAddr, Features)> =
            known.into_iter().map(|(address, features)| (model.score(&features), address, features)).collect();
        scored.sort_by(|one, other| other.0.total_cmp(&one.0));
        scored.truncate(SHOWN);
        let strangest = scored.into_iter().map(|(score, client, features)| {
            let (rarity, reasons) = (model.rarity(score), model.reasons(&features));
            Strange { client, score, rarity, reasons }
        });
        let (drift, left_out) = (model.drift(&of_today.usual), of_today.left_out);
        Ok(Compared { clients, left_out, drift, strangest: strangest.collect() })
    }

    /// The features of clients against whom no other detector speaks.
    fn usual(&self, traffic: &Traffic<'_>, clients: impl Iterator<Item = IpAddr>) -> Usual {
        let scorer = Scorer::new(traffic);
        let mut of = Usual::default();
        for address in clients {
            let Some(client) = traffic.clients.get(&address) else { continue };
            if self.settings.thresholds.action(&scorer.score(address, client)) >= Some(Action::Ask) {
                of.left_out += 1;
            } else {
                of.usual.push(features::of(traffic, client));
            }
        }
        of
    }

    /// A range's traffic, without those who can never be suspects.
    async fn traffic_of(&self, range: Window) -> Result<Traffic<'static>, SourceError> {
        let mut traffic = Traffic::new(self.settings.rule_set);
        self.requests().each(self.source.as_ref(), range, &mut traffic).await?;
        traffic.finish();
        Ok(traffic)
    }
}

/// Hours spread evenly over a range, the last one at its end; all of them where it is short.
fn slices(range: Window) -> Vec<Window> {
    let hours = u32::try_from(range.length().as_secs().div_ceil(SLICE.as_secs())).unwrap_or(u32::MAX).max(1);
    let count = hours.min(SLICES);
    (0..count)
        .map(|index| {
            // Whole hours apart, so that every hour of the day has its turn.
            let back = SLICE * (index * hours / count);
            let slice = Window::ending(Window::ending(range.end, back).start, SLICE);
            Window { start: slice.start.max(range.start), ..slice }
        })
        .collect()
}

/// Writes a model's file, making its folder; whoever reads it sees the old one or the new one.
///
/// # Errors
/// [`ForestError::File`].
pub fn write_model(path: &Path, model: &Model) -> Result<(), ForestError> {
    let failed = |cause: &dyn std::fmt::Display| ForestError::File { path: path.to_owned(), cause: cause.to_string() };
    let text = model.write()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Reads a model's file; `None` where there is none.
///
/// # Errors
/// [`ForestError::File`], and [`ForestError::Model`] where it is no model of this version.
pub fn read_model(path: &Path) -> Result<Option<Model>, ForestError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(Model::read(&text)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ForestError::File { path: path.to_owned(), cause: error.to_string() }),
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        file(path: &str, cause: &str) {
            en: "the forest model {path} cannot be read or written: {cause}",
            ko: "숲 모델 {path}을(를) 읽거나 쓸 수 없습니다: {cause}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_hours_of_every_time_of_day_and_an_hour_is_itself() {
        let end: Timestamp = "2026-03-09T00:00:00Z".parse().unwrap();
        let week = slices(Window::ending(end, Duration::from_secs(7 * 86_400)));
        assert_eq!(week.len(), 24);
        let mut times: Vec<i64> = week.iter().map(|slice| slice.start.as_second().rem_euclid(86_400) / 3_600).collect();
        times.sort_unstable();
        times.dedup();
        assert_eq!(times.len(), 24, "{times:?}");
        assert!(week.iter().all(|slice| slice.length() == SLICE));
        let short = Window::ending(end, Duration::from_secs(1_800));
        assert_eq!(slices(short), [short]);
        assert_eq!(slices(Window::ending(end, Duration::from_secs(5 * 3_600))).len(), 5);
    }

    #[test]
    fn a_model_is_due_where_there_is_none_or_an_old_one_and_never_unasked() {
        let now: Timestamp = "2026-03-09T00:00:00Z".parse().unwrap();
        let day = Duration::from_secs(86_400);
        assert!(Forest::new(Some("x".into()), day, day, None).is_due(now));
        assert!(!Forest::new(None, day, day, None).is_due(now));
        assert!(!Forest::new(Some("x".into()), day, Duration::ZERO, None).is_due(now));
    }
}
