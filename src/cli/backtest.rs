//! `gatewatch backtest`: replays a log window by window as an unattended run would see it, without a model and without
//! acting, and says whom it would have found; with labels, how right that is.

use clap::ArgMatches;
use jiff::Timestamp;
use serde::Serialize;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Format, number, text};
use super::{Run, args, forest, timerange, unread, wiring};
use crate::detect::groups::Cohort;
use crate::detect::replay::{Action, Finding, Found, Replay};
use crate::detect::rules::RuleSet;
use crate::detect::traffic::{Foresight, Hit};
use crate::engine::requests::{self, Requests, Take};
use crate::text::{Say as _, escape, number as show};

mod clients;
mod labels;
mod measure;

use clients::Clients;
use measure::Measure;

/// What the command prints as JSON.
#[derive(Serialize)]
struct Report {
    suspects: Vec<Finding>,
    cohorts: Vec<Cohort>,
    requests: u64,
    clients: usize,
    windows: u32,
    /// The model that clients were compared with; none where there was none.
    forest: Option<forest::InUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<Measure>,
}

/// Replays and prints.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    // Before the replay, which may take its time.
    let labels = matches.get_one::<String>("labels").map(|path| labels::read(path, run.lang)).transpose()?;
    let files = args::given_files(matches);
    let source = wiring::source(run, &files, wiring::Waits::ForStdin).await?;
    let is_files = source.info().kind != "victorialogs";
    let range = timerange::of_replay(run, matches, is_files, Timestamp::now())?;
    let allowed = &run.loaded.settings.clients;
    let general = &run.loaded.settings.general;
    let requests_of = Requests {
        base_filter: &general.base_filter,
        trusted: &allowed.trusted_proxies,
        allow: &allowed.allow_list,
        sshd: &run.loaded.settings.detect.sshd,
    };
    let thresholds = wiring::thresholds(run);
    let forest = if matches.get_flag("no-forest") { None } else { wiring::the_forest(run).model() };
    let in_use = forest.as_deref().map(|model| forest::InUse::of(run, model));
    let rules = wiring::rule_set(run)?;
    let replay = Replay::new(rules, thresholds, general.window).compared_by(forest);
    let mut counted = Counted { replay, requests: 0, clients: Clients::default() };
    let mut cut = None;
    // Of the whole range: one window may be empty, or hold nothing but other programs' rows.
    let fields = source.fields(range).await.or_fail(run.lang)?;
    for window in requests::windows(source.as_ref(), range, general.window) {
        match requests_of.each_of(source.as_ref(), &fields, window, &mut counted).await {
            Ok(read) if read.cut => cut = Some(say::window_cut(run.lang, window.start)),
            Ok(_) => {}
            // Where nothing at all could be read, nothing was done in part either.
            Err(error) if counted.requests == 0 => {
                unread::say(run, source.as_ref()).await;
                return Err(Failure::failed(error.say(run.lang)));
            }
            Err(error) => {
                cut = Some(error.say(run.lang));
                break;
            }
        }
    }
    let Counted { replay, requests, clients } = counted;
    let windows = replay.windows + u32::from(requests > 0);
    // Off this thread, which listens for an interrupt.
    let finished = tokio::task::spawn_blocking(move || replay.finish()).await;
    let Found { suspects, cohorts } = finished.map_err(|error| Failure::failed(error.to_string()))?;
    let measure = labels.as_ref().and_then(|labels| measure::measure(&suspects, labels, &clients));
    if let (Some(labels), None) = (&labels, &measure) {
        let path = matches.get_one::<String>("labels").map_or("", String::as_str);
        cut = cut.or(Some(say::no_such_client(run.lang, &escape::visible(path), &show::count(labels.len() as u64))));
    }
    let report = Report { cohorts, suspects, requests, clients: clients.len(), windows, forest: in_use, measure };
    print(run, &report, rules)?;
    unread::say(run, source.as_ref()).await;
    match cut {
        None => Ok(Exit::Done),
        Some(error) => {
            run.note(&error);
            Ok(Exit::Partly)
        }
    }
}

/// A replay that counts all requests and clients, also those that it leaves out.
struct Counted<'r> {
    replay: Replay<'r>,
    requests: u64,
    clients: Clients,
}

impl<'r> Take<'r> for Counted<'r> {
    fn foresee<'t>(&self, targets: impl Iterator<Item = &'t str>) -> Foresight<'t, 'r> {
        self.replay.foresee(targets)
    }

    fn foreseen(&mut self, foresight: Foresight<'_, '_>) {
        self.replay.foreseen(foresight);
    }

    fn take(&mut self, hit: &Hit<'_>, may_be_suspect: bool) {
        self.requests += 1;
        // Whoever is remembered was counted before.
        if !self.replay.remembers(hit.client) {
            self.clients.insert(hit.client);
        }
        self.replay.take(hit, may_be_suspect);
    }
}

fn print(run: &mut Run, report: &Report, rules: &RuleSet) -> Result<(), Failure> {
    let lang = run.lang;
    let flagged = report.suspects.iter().filter(|finding| finding.action >= Action::Ask).count();
    let count = |many: usize| show::count(many as u64);
    run.note(&say::seen(lang, &show::count(report.requests), &count(report.clients), report.windows, &count(flagged)));
    if let Some(forest) = &report.forest {
        run.note(&forest.say(lang));
    }
    if run.out.format == Format::Json {
        run.out.json(report)?;
        return report.measure.as_ref().map_or(Ok(()), |measure| measure.print(run, rules));
    }
    let columns = [
        text("target", say::target(lang)),
        text("action", say::action(lang)),
        number("score", say::score(lang)),
        number("windows", say::windows(lang)),
        text("detectors", say::detectors(lang)),
    ];
    run.out.list(&columns, &report.suspects, |finding| {
        vec![
            finding.target.to_string(),
            finding.action.label(lang).to_owned(),
            format!("{:.3}", finding.score),
            finding.windows.to_string(),
            finding.detectors.iter().cloned().collect::<Vec<_>>().join(" "),
        ]
    })?;
    report.measure.as_ref().map_or(Ok(()), |measure| measure.print(run, rules))
}

/// The sentences.
mod say {
    crate::text::words! {
        target { en: "target", ko: "대상" }
        action { en: "action", ko: "조치" }
        score { en: "score", ko: "점수" }
        windows { en: "windows", ko: "구간" }
        detectors { en: "detectors", ko: "탐지기" }
    }
    crate::text::sentences! {
        window_cut(start: jiff::Timestamp) {
            en: "the window from {start} on has more than is read of one; its scores are of a part of it",
            ko: "{start}부터의 구간은 한 번에 읽는 양보다 많아 점수가 일부만 반영합니다",
        }
        seen(requests: &str, clients: &str, windows: u32, flagged: &str) {
            en: "{requests} requests of {clients} clients in {windows} windows, {flagged} flagged",
            ko: "{windows}개 구간, 클라이언트 {clients}개의 요청 {requests}건, {flagged}개 지목",
        }
        no_such_client(path: &str, labels: &str) {
            en: "{path}: none of its {labels} addresses is in what was replayed; nothing is measured",
            ko: "{path}: 주소 {labels}개 중 재생한 로그에 있는 것이 없어 측정하지 않습니다",
        }
    }
}
