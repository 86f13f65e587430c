//! `gatewatch backtest`: replays a log window by window as an unattended run would see it, without a model and without
//! acting, and says whom it would have found; with labels, how right that is.

use std::collections::BTreeMap;
use std::net::IpAddr;

use clap::ArgMatches;
use hashbrown::HashSet;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Format, number, text};
use super::simulate::Label;
use super::{Run, args, timerange, wiring};
use crate::detect::groups::Cohort;
use crate::detect::replay::{Action, Finding, Found, Replay};
use crate::detect::traffic::{Foresight, Hit};
use crate::engine::requests::{self, Requests, Take};
use crate::text::{Say as _, number as show};

/// What the command prints as JSON.
#[derive(Serialize)]
struct Report {
    suspects: Vec<Finding>,
    cohorts: Vec<Cohort>,
    requests: u64,
    clients: usize,
    windows: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<Measure>,
}

/// How right the findings are.
#[derive(Serialize)]
struct Measure {
    precision: f64,
    recall: f64,
    f1: f64,
    /// Recall, averaged over the families.
    family_recall: f64,
    /// The share of innocents that were flagged.
    innocents_flagged: f64,
    by_family: BTreeMap<String, FamilyRecall>,
    wrongly_flagged: Vec<Finding>,
}

#[derive(Serialize, Default)]
struct FamilyRecall {
    found: u32,
    all: u32,
}

/// Replays and prints.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
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
    let forest = wiring::the_forest(run).model();
    let replay = Replay::new(wiring::rule_set(run)?, thresholds, general.window).compared_by(forest);
    let mut counted = Counted { replay, requests: 0, clients: HashSet::new() };
    let mut cut = None;
    // Of the whole range: one window may be empty, or hold nothing but other programs' rows.
    let fields = source.fields(range).await.or_fail(run.lang)?;
    for window in requests::windows(source.as_ref(), range, general.window) {
        match requests_of.each_of(source.as_ref(), &fields, window, &mut counted).await {
            Ok(read) if read.cut => cut = Some(say::window_cut(run.lang, window.start)),
            Ok(_) => {}
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
    let measure = match matches.get_one::<String>("labels") {
        Some(path) => Some(measure(&suspects, &labels(path)?)),
        None => None,
    };
    let report = Report { cohorts, suspects, requests, clients: clients.len(), windows, measure };
    print(run, &report)?;
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
    clients: HashSet<IpAddr>,
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
        self.clients.insert(hit.client);
        self.replay.take(hit, may_be_suspect);
    }
}

/// Reads labels: what `gatewatch simulate` writes (address → population and whether it is hostile), address → family
/// with `innocent` for the rest, or a list of objects that name address and family.
fn labels(path: &str) -> Result<BTreeMap<IpAddr, Label>, Failure> {
    let wrong = |what: &str| Failure::failed(format!("{path}: {what}"));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let entries: Vec<(String, Value)> = match value {
        Value::Object(by_address) => by_address.into_iter().collect(),
        Value::Array(list) => list
            .into_iter()
            .map(|entry| {
                let address = ["address", "ip", "client", "target"].iter().find_map(|name| entry[*name].as_str());
                (address.unwrap_or_default().to_owned(), entry)
            })
            .collect(),
        _ => return Err(wrong("neither an object nor a list")),
    };
    entries
        .into_iter()
        .map(|(address, entry)| {
            let client = address.parse().map_err(|_| wrong(&format!("`{address}` is no address")))?;
            Ok((client, label(&entry)))
        })
        .collect()
}

/// What one entry says; an address without a family is innocent.
fn label(entry: &Value) -> Label {
    let named = ["population", "family", "label"].iter().find_map(|name| entry[*name].as_str());
    let population = entry.as_str().or(named).unwrap_or("innocent").to_owned();
    let told = ["hostile", "attack", "attacker", "malicious"].iter().find_map(|name| entry[*name].as_bool());
    let is_innocent = ["innocent", "benign", "normal", "human", "real"].contains(&population.as_str());
    Label { hostile: told.unwrap_or(!is_innocent), population }
}

fn measure(findings: &[Finding], labels: &BTreeMap<IpAddr, Label>) -> Measure {
    let flagged: BTreeMap<IpAddr, &Finding> = findings
        .iter()
        .filter(|finding| finding.action >= Action::Ask)
        .map(|finding| (finding.target, finding))
        .collect();
    let mut by_family: BTreeMap<String, FamilyRecall> = BTreeMap::new();
    let (mut right, mut innocents, mut wrongly_flagged) = (0_u32, 0_u32, Vec::new());
    for (client, label) in labels {
        let finding = flagged.get(client);
        if label.hostile {
            let family = by_family.entry(label.population.clone()).or_default();
            family.all += 1;
            family.found += u32::from(finding.is_some());
            right += u32::from(finding.is_some());
        } else {
            innocents += 1;
            wrongly_flagged.extend(finding.map(|finding| (*finding).clone()));
        }
    }
    let wrong = u32::try_from(wrongly_flagged.len()).unwrap_or(u32::MAX);
    let share = |part: u32, whole: u32| if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) };
    let precision = share(right, right + wrong);
    let recall = share(right, by_family.values().map(|family| family.all).sum());
    let families = by_family.values().map(|family| share(family.found, family.all)).sum::<f64>();
    Measure {
        precision,
        recall,
        f1: if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 },
        family_recall: families / f64::from(u32::try_from(by_family.len()).unwrap_or(1).max(1)),
        innocents_flagged: share(wrong, innocents),
        by_family,
        wrongly_flagged,
    }
}

fn print(run: &mut Run, report: &Report) -> Result<(), Failure> {
    let lang = run.lang;
    let flagged = report.suspects.iter().filter(|finding| finding.action >= Action::Ask).count();
    run.note(&say::seen(lang, report.requests, report.clients, report.windows, flagged));
    if let Some(measure) = &report.measure {
        run.note(&say::measured(
            lang,
            &show::percent(measure.precision),
            &show::percent(measure.family_recall),
            &show::percent(measure.innocents_flagged),
        ));
    }
    if run.out.format == Format::Json {
        return run.out.json(report).map_err(Failure::from);
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
    Ok(())
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
        seen(requests: u64, clients: usize, windows: u32, flagged: usize) {
            en: "{requests} requests of {clients} clients in {windows} windows, {flagged} flagged",
            ko: "{windows}개 구간, 클라이언트 {clients}개의 요청 {requests}건, {flagged}개 지목",
        }
        measured(precision: &str, recall: &str, innocents: &str) {
            en: "precision {precision}, recall averaged over families {recall}, innocents flagged {innocents}",
            ko: "정밀도 {precision}, 공격군 평균 재현율 {recall}, 무고한 주소 오탐 {innocents}",
        }
    }
}
