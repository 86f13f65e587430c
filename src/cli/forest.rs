//! `gatewatch forest`: trains the isolation forest on the site's past, and shows the model, how far today's clients have
//! drifted from it, and who is strangest.

use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use jiff::Timestamp;
use serde::Serialize;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Format, number, text};
use super::{Run, args, environment, timerange, wiring};
use crate::config::{duration, paths};
use crate::detect::forest::{Drift, Model};
use crate::engine::forest::{Compared, Strange, read_model, write_model};
use crate::logs::Window;
use crate::text::{Lang, escape, number as show};

/// The features whose drift is told in the table.
const DRIFTS: usize = 5;
/// The reasons that are told for each strange client.
const REASONS: usize = 3;

/// Where the model lies.
pub fn path(run: &Run) -> Result<PathBuf, Failure> {
    let default = || paths::state_dir(&environment).map(|dir| dir.join("forest.json"));
    let path = run.loaded.settings.forest.path.clone().or_else(default);
    path.ok_or_else(|| Failure::usage(say::no_state(run.lang)))
}

/// The model of the settings; `None` where none has been trained. One that cannot be used is a failure.
pub fn model_if_there(run: &Run) -> Result<Option<Model>, Failure> {
    read_model(&path(run)?).or_fail(run.lang)
}

/// Which model takes part in a run.
#[derive(Debug, Clone, Serialize)]
pub struct InUse {
    path: String,
    trained: Timestamp,
    from: Timestamp,
    to: Timestamp,
    clients: usize,
}

impl InUse {
    /// The model of this run.
    pub fn of(run: &Run, model: &Model) -> Self {
        let path = path(run).map_or_else(|_| String::new(), |path| path.display().to_string());
        Self { path, trained: model.trained, from: model.from, to: model.to, clients: model.clients }
    }

    /// It in a sentence.
    pub fn say(&self, lang: Lang) -> String {
        let clients = show::count(self.clients as u64);
        say::in_use(lang, &escape::visible(&self.path), &timerange::at(self.trained), &clients)
    }
}

/// Trains a model and writes its file.
pub async fn train(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let path = path(run)?;
    let files = args::given_files(matches);
    let engine = wiring::engine_to_look(run, &files, wiring::Waits::ForStdin).await?;
    let now = Timestamp::now();
    let range = match timerange::explicit(run, matches, now)? {
        Some(range) => range,
        None if engine.source.info().kind == "victorialogs" => Window::ending(now, run.loaded.settings.forest.since),
        None => wiring::window(run, &engine, matches, now).await?,
    };
    let trained = engine.train_forest(range, now).await.or_fail(run.lang)?;
    write_model(&path, &trained.model).or_fail(run.lang)?;
    let shown = crate::text::escape::visible(&path.display().to_string()).into_owned();
    run.note(&say::trained(
        run.lang,
        &show::count(trained.model.clients as u64),
        &show::count(trained.requests),
        trained.hours,
        &show::count(trained.left_out as u64),
        &shown,
    ));
    Ok(Exit::Done)
}

/// What is shown of a model.
#[derive(Serialize)]
struct Shown<'a> {
    path: String,
    trained: Timestamp,
    from: Timestamp,
    to: Timestamp,
    clients: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<&'a Compared>,
}

/// Shows the model, and today's clients beside it where the source answers.
pub async fn show(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let path = path(run)?;
    let shown = crate::text::escape::visible(&path.display().to_string()).into_owned();
    let Some(model) = model_if_there(run)? else { return Err(Failure::failed(say::none(lang, &shown))) };
    let files = args::given_files(matches);
    let compared = compared(run, &model, &files, matches).await;
    let age =
        duration::show(Duration::from_secs(Window { start: model.trained, end: Timestamp::now() }.length().as_secs()));
    let (clients, from, to) = (show::count(model.clients as u64), timerange::at(model.from), timerange::at(model.to));
    run.note(&say::model(lang, &shown, &age, &clients, &from, &to));
    let (today, exit) = match &compared {
        Ok(compared) => (Some(compared), Exit::Done),
        Err(Failure::Message(_, message)) => {
            run.note(message);
            (None, Exit::Partly)
        }
        Err(Failure::BrokenPipe) => return Err(Failure::BrokenPipe),
    };
    if run.out.format == Format::Json {
        let (trained, from, to, clients) = (model.trained, model.from, model.to, model.clients);
        run.out.json(&Shown { path: path.display().to_string(), trained, from, to, clients, today })?;
    } else if let Some(today) = today {
        say_drift(run, today);
        strangest(run, &today.strangest)?;
    }
    Ok(exit)
}

async fn compared(run: &Run, model: &Model, files: &[String], matches: &ArgMatches) -> Result<Compared, Failure> {
    let engine = wiring::engine_to_look(run, files, wiring::Waits::ForStdin).await?;
    let now = Timestamp::now();
    let range = match timerange::explicit(run, matches, now)? {
        Some(range) => range,
        None => {
            let whole = wiring::window(run, &engine, matches, now).await?;
            Window::ending(whole.end, Duration::from_secs(3_600))
        }
    };
    engine.compare_forest(model, range).await.or_fail(run.lang)
}

fn say_drift(run: &Run, today: &Compared) {
    let told: Vec<String> =
        today.drift.iter().take(DRIFTS).map(|drift| format!("{} {:.2}", drift.label(run.lang), drift.index)).collect();
    let (clients, left_out) = (show::count(today.clients as u64), show::count(today.left_out as u64));
    run.note(&say::drift(run.lang, &clients, &left_out, &told.join(", ")));
    if today.drift.first().is_some_and(|drift| drift.index > Drift::MUCH) {
        run.note(say::drifted(run.lang));
    }
}

fn strangest(run: &mut Run, strange: &[Strange]) -> Result<(), Failure> {
    let lang = run.lang;
    let columns = [
        text("client", say::client(lang)),
        number("score", say::score(lang)),
        number("rarity", say::rarity(lang)),
        text("reasons", say::reasons(lang)),
    ];
    Ok(run.out.list(&columns, strange, |one| {
        let reasons: Vec<String> = one.reasons.iter().take(REASONS).map(|reason| reason.say(lang)).collect();
        let rarity = say::one_in(lang, (1.0 / one.rarity.max(1e-9)).round());
        vec![one.client.to_string(), format!("{:.3}", one.score), rarity, reasons.join(", ")]
    })?)
}

/// The sentences.
mod say {
    crate::text::words! {
        client { en: "client", ko: "클라이언트" }
        score { en: "strangeness", ko: "이상도" }
        rarity { en: "rarity", ko: "희귀도" }
        reasons { en: "why", ko: "이유" }
        drifted {
            en: "today's clients are no longer those of the model: train it again (gatewatch forest train), or set forest.retrain",
            ko: "지금 클라이언트가 모델과 많이 다릅니다. 다시 학습하거나(gatewatch forest train) forest.retrain을 설정하세요",
        }
        no_state {
            en: "there is no home directory to keep the model in; set forest.path",
            ko: "모델을 둘 홈 디렉터리가 없습니다. forest.path를 설정하세요",
        }
    }
    crate::text::sentences! {
        in_use(path: &str, trained: &str, clients: &str) {
            en: "compared with the forest model {path}, trained {trained} on {clients} clients; --no-forest does without",
            ko: "{trained}에 클라이언트 {clients}개로 학습한 숲 모델 {path}과(와) 비교했습니다. 쓰지 않으려면 --no-forest",
        }
        trained(clients: &str, requests: &str, hours: usize, left_out: &str, path: &str) {
            en: "learned from {clients} clients ({requests} requests in {hours} h; {left_out} suspects left out): {path}",
            ko: "클라이언트 {clients}개로 학습(요청 {requests}건, {hours}시간분, 용의자 {left_out}개 제외): {path}",
        }
        none(path: &str) {
            en: "there is no model yet at {path}: gatewatch forest train",
            ko: "아직 모델이 없습니다({path}). gatewatch forest train을 실행하세요",
        }
        model(path: &str, age: &str, clients: &str, from: &str, to: &str) {
            en: "{path}: trained {age} ago on {clients} clients of {from} – {to}",
            ko: "{path}: {age} 전에 {from} – {to}의 클라이언트 {clients}개로 학습",
        }
        drift(clients: &str, left_out: &str, told: &str) {
            en: "drift of {clients} clients ({left_out} suspects left out; over 0.25 is much): {told}",
            ko: "클라이언트 {clients}개의 변화(용의자 {left_out}개 제외, 0.25 초과면 큼): {told}",
        }
        one_in(many: f64) { en: "1 in {many}", ko: "{many}개 중 1" }
    }
}
