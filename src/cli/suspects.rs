//! `gatewatch suspects`: who is a suspect in a window, by gates and scores, and the cohorts.

use clap::ArgMatches;
use jiff::Timestamp;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Column, Format, number, text};
use super::{Run, args, costs, timerange, unread, wiring};
use crate::detect::{Survey, Suspect};
use crate::engine::{Engine, Scope};
use crate::text::{Lang, Say as _, number as show};

/// Surveys the window and prints the table.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let engine = wiring::engine_to_look(run, &args::given_files(matches), wiring::Waits::ForStdin).await?;
    let now = Timestamp::now();
    let window = wiring::window(run, &engine, matches, now).await?;
    let engine = wiring::looking_at(engine, timerange::Range::of(&window, now));
    if matches.get_one::<String>("by").is_some_and(|by| by == "cost") {
        costs::print(run, &engine, window, matches.get_flag("all")).await?;
        return Ok(Exit::Done);
    }
    let scope = if matches.get_flag("all") { Scope::All } else { Scope::Passing };
    let survey = engine.survey(window, scope).await.or_fail(run.lang)?;
    print(run, &engine, &survey)?;
    unread::say(run, engine.source.as_ref()).await;
    Ok(Exit::Done)
}

/// Prints a survey in the format of the run; the sentence about the window goes to standard error.
pub fn print(run: &mut Run, engine: &Engine, survey: &Survey) -> Result<(), Failure> {
    let lang = run.lang;
    let label = crate::text::escape::visible(&engine.source.info().label).into_owned();
    let range = timerange::show(&survey.window, lang);
    let (requests, clients) = (show::count(survey.totals.requests), show::count(survey.totals.clients));
    run.note(&say::seen(lang, &label, &range, &requests, &clients, &show::count(survey.suspects)));
    let shown = survey.clients.iter().filter(|suspect| suspect.is_suspect()).count() as u64;
    if shown < survey.suspects {
        run.note(&say::suspects_cut(lang, &show::count(shown), &show::count(survey.suspects)));
    } else if survey.cut {
        run.note(&say::cut(lang, &show::count(survey.clients.len() as u64), &clients));
    }
    for gap in &survey.gaps {
        run.note(gap);
    }
    for cohort in &survey.cohorts {
        let (alike, innocent) = (cohort.alike.say(lang), show::percent(cohort.innocent_share));
        run.note(&say::cohort(lang, cohort.members.len(), &alike, &innocent));
    }
    match run.out.format {
        Format::Json => run.out.json(survey)?,
        _ => run.out.list(&columns(lang), &survey.clients, |suspect| cells(suspect, lang))?,
    }
    Ok(())
}

fn columns(lang: Lang) -> [Column; 16] {
    [
        text("client", say::client(lang)),
        number("score", say::score(lang)),
        text("action", say::action(lang)),
        number("requests", say::requests(lang)),
        number("s2xx", "2xx"),
        number("s3xx", "3xx"),
        number("s4xx", "4xx"),
        number("s499", "499"),
        number("s5xx", "5xx"),
        number("ratio_4xx", "4xx%"),
        number("paths", say::paths(lang)),
        number("bytes", say::bytes(lang)),
        text("gates", say::gates(lang)),
        text("detectors", say::detectors(lang)),
        text("first_seen", say::first(lang)),
        text("last_seen", say::last(lang)),
    ]
}

fn cells(suspect: &Suspect, lang: Lang) -> Vec<String> {
    let stats = &suspect.stats;
    let zone = jiff::tz::TimeZone::system();
    let time = |at: Option<Timestamp>| {
        at.map_or_else(String::new, |at| at.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S").to_string())
    };
    let why = match &suspect.exempt {
        Some(exemption) => format!("({})", exemption.label(lang)),
        None => suspect.gates.iter().map(|hit| hit.say(lang)).collect::<Vec<_>>().join(", "),
    };
    let detectors: Vec<&str> = suspect.score.iter().flat_map(|score| score.detectors()).collect();
    vec![
        stats.client.to_string(),
        suspect.score.as_ref().map_or_else(String::new, |score| format!("{:.2}", score.probability)),
        suspect.action().map_or_else(String::new, |action| action.label(lang).to_owned()),
        stats.requests.to_string(),
        stats.s2xx.to_string(),
        stats.s3xx.to_string(),
        stats.s4xx.to_string(),
        stats.s499.to_string(),
        stats.s5xx.to_string(),
        show::percent(stats.ratio_4xx()),
        stats.paths.to_string(),
        show::bytes(stats.bytes),
        why,
        detectors.join(" "),
        time(stats.first_seen),
        time(stats.last_seen),
    ]
}

/// The sentences.
mod say {
    crate::text::words! {
        score { en: "score", ko: "점수" }
        action { en: "action", ko: "조치" }
        detectors { en: "detectors", ko: "탐지기" }
        client { en: "client", ko: "클라이언트" }
        requests { en: "requests", ko: "요청" }
        paths { en: "paths", ko: "경로" }
        bytes { en: "bytes", ko: "바이트" }
        gates { en: "gates", ko: "게이트" }
        first { en: "first seen", ko: "처음" }
        last { en: "last seen", ko: "마지막" }
    }
    crate::text::sentences! {
        seen(label: &str, range: &str, requests: &str, clients: &str, suspects: &str) {
            en: "{label}, {range}: {requests} requests of {clients} clients, {suspects} suspects",
            ko: "{label}, {range}: 클라이언트 {clients}개의 요청 {requests}건, 용의자 {suspects}개",
        }
        cohort(members: usize, alike: &str, innocent: &str) {
            en: "cohort of {members}: they {alike} (innocent share at most {innocent})",
            ko: "{members}개 주소의 집단: {alike}(무고한 비율 최대 {innocent})",
        }
        suspects_cut(shown: &str, all: &str) {
            en: "only {shown} of {all} suspects are shown; raise max_table_rows for more",
            ko: "용의자 {all}개 중 {shown}개만 표시합니다. 더 보려면 max_table_rows를 늘리세요",
        }
        cut(rows: &str, clients: &str) {
            en: "only {rows} of {clients} clients are shown; raise max_table_rows for more",
            ko: "클라이언트 {clients}개 중 {rows}개만 표시합니다. 더 보려면 max_table_rows를 늘리세요",
        }
    }
}
