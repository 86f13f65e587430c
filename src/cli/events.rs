//! `gatewatch events`: events of the series that are watched: listed, looked for now, acknowledged, resolved.

use clap::ArgMatches;
use jiff::Timestamp;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Column, Format, number, text};
use super::{Run, args, wiring};
use crate::detect::baseline::{Baselines, Event};
use crate::journal::Journal;
use crate::logs::Window;
use crate::text::Lang;

/// At most so many resolved events are listed.
const MOST: usize = 1_000;

/// Lists the events.
pub async fn list(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let journal = wiring::journal(run)?;
    let resolved = matches.get_flag("all");
    let events = journal.run(move |journal| journal.events(resolved, MOST)).await.or_fail(run.lang)?;
    print(run, &events)?;
    Ok(Exit::Done)
}

/// Looks at the series now and says what was opened, resolved and is still open.
pub async fn check(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let files = args::given_files(matches);
    let engine = wiring::engine(run, &files, wiring::Waits::ForStdin).await?;
    let now = Timestamp::now();
    // The rules look further back by themselves; what is judged is the end of the range.
    let whole = wiring::window(run, &engine, matches, now).await?;
    let study = Window::ending(whole.end, run.loaded.settings.general.window);
    let watched = engine.watch_series(study, now).await;
    run.note(&say::looked(run.lang, watched.series, watched.opened.len(), watched.resolved.len(), watched.unresolved));
    for failure in &watched.failures {
        run.note(failure);
    }
    if run.out.format == Format::Json {
        run.out.json(&watched)?;
    } else {
        let events = engine.journal.run(|journal| journal.events(false, MOST)).await.or_fail(run.lang)?;
        print(run, &events)?;
    }
    Ok(if watched.failures.is_empty() { Exit::Done } else { Exit::Partly })
}

/// Acknowledges events.
pub async fn acknowledge(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    change(run, matches, |journal, id, by, now| journal.acknowledge_event(id, by, now)).await
}

/// Resolves events.
pub async fn resolve(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    change(run, matches, |journal, id, by, now| journal.resolve_event(id, by, now)).await
}

/// Changes the events that are named; one that is not there or is beyond that already is said.
async fn change(
    run: &mut Run,
    matches: &ArgMatches,
    change: fn(&Journal, i64, &str, Timestamp) -> Result<bool, crate::journal::JournalError>,
) -> Result<Exit, Failure> {
    let journal = wiring::journal(run)?;
    let (by, now) = (wiring::actor().user, Timestamp::now());
    let mut exit = Exit::Done;
    let mut changed = Vec::new();
    for &id in matches.get_many::<i64>("ID").into_iter().flatten() {
        let by = by.clone();
        let done = journal.run(move |journal| Ok((change(journal, id, &by, now)?, journal.event(id)?)));
        match done.await.or_fail(run.lang)? {
            (true, event) => changed.extend(event),
            (false, Some(event)) => {
                run.note(&say::already(run.lang, id, event.state.label(run.lang)));
                exit = Exit::Failed;
            }
            (false, None) => {
                run.note(&say::no_such(run.lang, id));
                exit = Exit::Failed;
            }
        }
    }
    print(run, &changed)?;
    Ok(exit)
}

/// Prints events in the format of the run.
fn print(run: &mut Run, events: &[Event]) -> Result<(), Failure> {
    let baselines = wiring::baselines(run)?;
    let lang = run.lang;
    Ok(run.out.list(&columns(lang), events, |event| cells(event, &baselines, lang))?)
}

fn columns(lang: Lang) -> [Column; 8] {
    [
        number("id", say::id(lang)),
        text("state", say::state(lang)),
        text("severity", say::severity(lang)),
        text("series", say::series(lang)),
        text("source", say::source(lang)),
        text("opened", say::opened(lang)),
        text("found", say::found(lang)),
        text("clients", say::clients(lang)),
    ]
}

fn cells(event: &Event, baselines: &Baselines, lang: Lang) -> Vec<String> {
    let opened = event.opened.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    vec![
        event.id.to_string(),
        event.state.label(lang).to_owned(),
        event.severity.label(lang).to_owned(),
        event.title(baselines, lang),
        event.source.clone(),
        opened,
        event.found(baselines, lang),
        event.who(lang),
    ]
}

/// The sentences.
mod say {
    crate::text::words! {
        id { en: "id", ko: "번호" }
        state { en: "state", ko: "상태" }
        severity { en: "severity", ko: "심각도" }
        series { en: "series", ko: "시계열" }
        source { en: "source", ko: "소스" }
        opened { en: "opened", ko: "발생 시각" }
        found { en: "found", ko: "내용" }
        clients { en: "clients", ko: "클라이언트" }
    }
    crate::text::sentences! {
        looked(series: usize, opened: usize, resolved: usize, unresolved: usize) {
            en: "{series} series looked at: {opened} events opened, {resolved} resolved, {unresolved} not resolved",
            ko: "시계열 {series}개 확인: 이벤트 {opened}건 발생, {resolved}건 해소, 미해소 {unresolved}건",
        }
        already(id: i64, state: &str) { en: "event {id} is {state} already", ko: "이벤트 {id}은(는) 이미 {state} 상태입니다" }
        no_such(id: i64) { en: "there is no event {id}", ko: "이벤트 {id}이(가) 없습니다" }
    }
}
