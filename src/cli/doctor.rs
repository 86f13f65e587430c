//! `gatewatch doctor`: checks every part that an investigation needs, says what was found and what to do next. Exit
//! code 1 where the main job is impossible, 3 where something optional is down.

use std::io::IsTerminal as _;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::exit::Exit;
use super::failure::Failure;
use super::output::{Format, text};
use super::{Run, environment, timerange, wiring};
use crate::config::{JudgeKind, table, variables};
use crate::logs::{self, FieldMap, LogSource, Query, Window};
use crate::text::width::{self, Align};
use crate::text::{Lang, Say as _, escape};

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Not set up, and not needed.
    Skip,
    /// Works, but something should be looked at.
    Warn,
    /// Something optional is down.
    Down,
    /// The main job is impossible.
    Fail,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Settings,
    Lists,
    Source,
    Fields,
    Clock,
    Crowdsec,
    Model,
    Journal,
    Terminal,
    Clipboard,
}

/// One part's finding.
#[derive(Debug, Serialize)]
struct Finding {
    part: Part,
    state: State,
    found: String,
    /// What to do; empty where there is nothing to do.
    next: String,
}

fn finding(part: Part, state: State, found: impl Into<String>, next: impl Into<String>) -> Finding {
    Finding { part, state, found: found.into(), next: next.into() }
}

/// How long one part may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Checks everything and prints what was found.
pub async fn run(run: &mut Run) -> Result<Exit, Failure> {
    let lang = run.lang;
    let mut findings = vec![settings(run)];
    findings.extend(lists(run));
    findings.extend(source(run).await);
    findings.push(lapi(run).await);
    findings.push(model(run).await);
    findings.push(journal(run));
    findings.extend(terminal(lang));
    print(run, &findings)?;
    Ok(match findings.iter().map(|finding| finding.state).max() {
        Some(State::Fail) => Exit::Failed,
        Some(State::Down) => Exit::Partly,
        _ => Exit::Done,
    })
}

/// Prints the findings: for people each part with what to do below it, else as data.
fn print(run: &mut Run, findings: &[Finding]) -> Result<(), Failure> {
    let lang = run.lang;
    if run.out.format != Format::Table {
        let columns = [text("part", ""), text("state", ""), text("found", ""), text("next", "")];
        run.out.list(&columns, findings, |finding| {
            let state = word(finding.state, Lang::En).to_owned();
            vec![name(finding.part, Lang::En).to_owned(), state, finding.found.clone(), finding.next.clone()]
        })?;
        return Ok(());
    }
    let widest = |words: &mut dyn Iterator<Item = &'static str>| words.map(width::width).max().unwrap_or(0);
    let states = widest(&mut findings.iter().map(|finding| word(finding.state, lang)));
    let names = widest(&mut findings.iter().map(|finding| name(finding.part, lang)));
    let indent = " ".repeat(states + names + 4);
    // Without a terminal lines are not broken: whatever reads them breaks them itself.
    let cells = run.out.width.map_or(usize::MAX, |columns| columns.saturating_sub(indent.len()).max(20));
    for finding in findings {
        let state = width::fit(word(finding.state, lang), states, Align::Left);
        let name = width::fit(name(finding.part, lang), names, Align::Left);
        let mut lines = width::wrap(&finding.found, cells);
        if !finding.next.is_empty() {
            let next = width::wrap(&finding.next, cells.saturating_sub(2));
            lines.extend(
                next.iter().enumerate().map(|(at, line)| format!("{} {line}", if at == 0 { "→" } else { " " })),
            );
        }
        for (at, line) in lines.iter().enumerate() {
            let head = if at == 0 { format!("{state}  {name}  ") } else { indent.clone() };
            run.out.line(format!("{head}{line}").trim_end())?;
        }
    }
    Ok(())
}

/// Which file is in force, and variables that look like settings and are none.
fn settings(run: &Run) -> Finding {
    let lang = run.lang;
    let known: Vec<String> = table::all().flat_map(variables).map(|(name, _)| name).collect();
    let others = ["GATEWATCH_CONFIG", "GATEWATCH_PROFILE", "GATEWATCH_LOG"];
    let strange: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("GATEWATCH_") && !known.contains(name) && !others.contains(&name.as_str()))
        .collect();
    let file = run.loaded.file.as_ref();
    let found = file.map_or_else(
        || say::defaults(lang).to_owned(),
        |path| escape::visible(&path.display().to_string()).into_owned(),
    );
    let mode = if run.loaded.settings.general.dry_run { say::rehearsal(lang) } else { say::live(lang) };
    let found = format!("{found}; {mode}");
    if strange.is_empty() {
        let next = if file.is_some() { String::new() } else { say::init(lang).to_owned() };
        return finding(Part::Settings, State::Ok, found, next);
    }
    finding(Part::Settings, State::Warn, found, say::strange(lang, &escape::visible(&strange.join(", "))))
}

/// The files of rules, series and ranges that the settings name: with a broken one nothing is detected.
fn lists(run: &Run) -> Option<Finding> {
    let checked = wiring::checked(run);
    let wrong: Vec<&str> = checked.iter().filter_map(|(.., read)| read.as_ref().err().map(String::as_str)).collect();
    if !wrong.is_empty() {
        return Some(finding(Part::Lists, State::Fail, wrong.join("; "), say::mend_list(run.lang)));
    }
    let right: Vec<String> = checked.iter().map(|(setting, file, _)| format!("{setting}={file}")).collect();
    (!right.is_empty()).then(|| finding(Part::Lists, State::Ok, right.join("; "), ""))
}

/// Whether the source answers, what it found, which fields play which part, and whether its clock agrees with ours.
async fn source(run: &Run) -> Vec<Finding> {
    let lang = run.lang;
    let source = match wiring::source(run, &[], wiring::Waits::Not).await {
        Ok(source) => source,
        Err(Failure::Message(_, message)) => {
            return vec![finding(Part::Source, State::Fail, message, say::name_source(lang))];
        }
        Err(Failure::BrokenPipe) => return Vec::new(),
    };
    let label = escape::visible(&source.info().label).into_owned();
    let status = match within(source.status()).await {
        Some(Ok(status)) => status,
        Some(Err(error)) => return vec![finding(Part::Source, State::Fail, error.say(lang), say::name_source(lang))],
        None => return vec![finding(Part::Source, State::Fail, say::no_answer(lang, &label), say::name_source(lang))],
    };
    let detail = escape::visible(&status.detail.join("; ")).into_owned();
    let is_files = source.info().kind != "victorialogs";
    let found = if is_files { detail } else { format!("{label}: {detail}") };
    let source_finding = match status.unparsed_lines {
        0 => finding(Part::Source, State::Ok, found, ""),
        lines => {
            let first = status.unparsed_samples.first().map_or("", String::as_str);
            finding(Part::Source, State::Warn, found, say::unparsed(lang, lines, &escape::visible(first)))
        }
    };
    let now = Timestamp::now();
    let window = if is_files { timerange::WHOLE } else { Window::ending(now, run.loaded.settings.general.window) };
    vec![source_finding, fields(source.as_ref(), window, lang).await, clock(source.as_ref(), now, is_files, lang).await]
}

async fn fields(source: &dyn LogSource, window: Window, lang: Lang) -> Finding {
    let map = match within(source.fields(window)).await {
        Some(Ok(map)) => map,
        Some(Err(error)) => return finding(Part::Fields, State::Fail, error.say(lang), ""),
        None => return finding(Part::Fields, State::Fail, say::no_answer(lang, "fields"), ""),
    };
    let parts = parts_of(&map);
    let found: Vec<String> =
        parts.iter().filter_map(|(part, name)| name.map(|name| format!("{part}={}", escape::visible(name)))).collect();
    let has_client = map.client.is_some() || map.remote_addr.is_some();
    let missing: Vec<&str> =
        [(!has_client, "remote_addr"), (map.status.is_none(), "status"), (!map.tells_target(), "path")]
            .into_iter()
            .filter_map(|(is_missing, name)| is_missing.then_some(name))
            .collect();
    if missing.is_empty() {
        return finding(Part::Fields, State::Ok, found.join(" "), "");
    }
    finding(Part::Fields, State::Warn, found.join(" "), say::missing_fields(lang, &missing.join(", ")))
}

fn parts_of(map: &FieldMap) -> [(&'static str, Option<&str>); 7] {
    [
        ("client", map.client.as_deref()),
        ("remote_addr", map.remote_addr.as_deref()),
        ("forwarded_for", map.forwarded_for.as_deref()),
        ("uri", map.uri.as_deref().or(map.request.as_deref())),
        ("path", map.path.as_deref()),
        ("status", map.status.as_deref()),
        ("user_agent", map.user_agent.as_deref()),
    ]
}

/// A row from the future means that two clocks disagree: windows that end now would miss rows, or count too many.
async fn clock(source: &dyn LogSource, now: Timestamp, is_files: bool, lang: Lang) -> Finding {
    let zone = jiff::tz::TimeZone::system();
    let here = now.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %:z").to_string();
    let day = jiff::SignedDuration::from_hours(24);
    let window = Window { start: now - day, end: now + day };
    let query = Query::new("* | stats max(_time) as last", window);
    let last = async {
        let answer = logs::collect(source.query(query).await.ok()?, 1).await;
        answer.rows.first().and_then(|row| row.get("last").parse::<Timestamp>().ok())
    };
    let Some(last) = within(last).await.flatten() else {
        let next = if is_files { String::new() } else { say::no_rows(lang).to_owned() };
        return finding(Part::Clock, State::Ok, here, next);
    };
    let ahead = last.duration_since(now).as_secs();
    if ahead > 5 {
        return finding(Part::Clock, State::Warn, here, say::future(lang, ahead));
    }
    finding(Part::Clock, State::Ok, say::newest(lang, &here, ahead.unsigned_abs()), "")
}

/// Whether the LAPI answers and lets us in. A rehearsal can do without, a live run cannot.
async fn lapi(run: &Run) -> Finding {
    let lang = run.lang;
    let is_rehearsal = run.loaded.settings.general.dry_run;
    let down = if is_rehearsal { State::Down } else { State::Fail };
    let lapi = match wiring::lapi(run) {
        Ok(lapi) => lapi,
        Err(_) if is_rehearsal && !wiring::is_lapi_set(run) => {
            return finding(Part::Crowdsec, State::Skip, say::no_lapi(lang), say::make_machine(lang));
        }
        Err(Failure::Message(_, message)) => return finding(Part::Crowdsec, down, message, say::make_machine(lang)),
        Err(Failure::BrokenPipe) => return finding(Part::Crowdsec, down, "", ""),
    };
    match within(lapi.status()).await {
        Some(Ok(status)) => {
            let lists = if status.has_allow_lists { say::lists(lang) } else { say::no_lists(lang) };
            finding(Part::Crowdsec, State::Ok, format!("{} ({lists})", escape::visible(&status.label)), "")
        }
        Some(Err(error)) => finding(Part::Crowdsec, down, error.say(lang), say::check_lapi(lang)),
        None => finding(Part::Crowdsec, down, say::no_answer(lang, &lapi.label()), say::check_lapi(lang)),
    }
}

/// Whether the model's server answers and has the model.
async fn model(run: &Run) -> Finding {
    let lang = run.lang;
    if run.loaded.settings.judge.kind == JudgeKind::Offline {
        return finding(Part::Model, State::Skip, say::offline(lang), "");
    }
    let judge = match wiring::judge(run) {
        Ok(judge) => judge,
        Err(Failure::Message(_, message)) => return finding(Part::Model, State::Down, message, ""),
        Err(Failure::BrokenPipe) => return finding(Part::Model, State::Down, "", ""),
    };
    match within(judge.status()).await {
        Some(Ok(status)) if status.model_present => {
            let found = format!("{} {}, {}", status.kind, status.version, status.model);
            finding(Part::Model, State::Ok, escape::visible(&found), "")
        }
        Some(Ok(status)) => {
            let installed = escape::visible(&status.installed.join(", ")).into_owned();
            let found = say::not_installed(lang, &escape::visible(&status.model), &installed);
            finding(Part::Model, State::Down, found, say::pull(lang, &escape::visible(&status.model)))
        }
        Some(Err(error)) => finding(Part::Model, State::Down, error.say(lang), say::without_model(lang)),
        None => finding(Part::Model, State::Down, say::no_answer(lang, &judge.name()), say::without_model(lang)),
    }
}

/// Whether the journal can be opened and written, and what a crash left open in it.
fn journal(run: &Run) -> Finding {
    let lang = run.lang;
    let opened = wiring::journal(run).and_then(|journal| {
        let open = journal.open_intents().map_err(|error| Failure::failed(error.say(lang)))?;
        Ok((escape::visible(&journal.path().display().to_string()).into_owned(), open.len()))
    });
    match opened {
        Ok((path, 0)) => finding(Part::Journal, State::Ok, path, ""),
        Ok((path, open)) => finding(Part::Journal, State::Warn, path, say::open_intents(lang, open)),
        Err(Failure::Message(_, message)) => finding(Part::Journal, State::Fail, message, ""),
        Err(Failure::BrokenPipe) => finding(Part::Journal, State::Fail, "", ""),
    }
}

/// What the console will have to do with: size, colours, and the way to the clipboard.
fn terminal(lang: Lang) -> Vec<Finding> {
    if !std::io::stdout().is_terminal() {
        return vec![finding(Part::Terminal, State::Skip, say::no_terminal(lang), "")];
    }
    let size =
        rustix::termios::tcgetwinsize(std::io::stdout()).map(|size| (size.ws_col, size.ws_row)).unwrap_or((0, 0));
    let term = environment("TERM").unwrap_or_default();
    let found = format!("{} {}x{}, {}", escape::visible(&term), size.0, size.1, colours());
    let is_small = (1..80).contains(&size.0) || (1..24).contains(&size.1);
    let (state, next) = match () {
        () if term.is_empty() || term == "dumb" => (State::Warn, say::dumb(lang).to_owned()),
        () if is_small => (State::Warn, say::small(lang).to_owned()),
        () => (State::Ok, String::new()),
    };
    vec![finding(Part::Terminal, state, found, next), clipboard(lang)]
}

#[cfg(feature = "tui")]
fn colours() -> String {
    format!("{:?}", crate::tui::theme::Depth::detect(environment))
}

#[cfg(not(feature = "tui"))]
fn colours() -> String {
    "-".to_owned()
}

/// OSC 52 has no answer, so all that can be said is the way it will take. In tmux it needs the user's leave.
fn clipboard(lang: Lang) -> Finding {
    let is_set = |name: &str| environment(name).is_some_and(|value| !value.is_empty());
    if is_set("TMUX") {
        return finding(Part::Clipboard, State::Ok, "tmux, OSC 52", say::tmux(lang));
    }
    let found = if is_set("SSH_CONNECTION") { "SSH, OSC 52" } else { "OSC 52" };
    finding(Part::Clipboard, State::Ok, found, say::osc52(lang))
}

/// Waits for an answer, but not for ever.
async fn within<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, work).await.ok()
}

fn word(state: State, lang: Lang) -> &'static str {
    match state {
        State::Ok => say::ok(lang),
        State::Skip => say::skip(lang),
        State::Warn => say::warn(lang),
        State::Down => say::down(lang),
        State::Fail => say::fail(lang),
    }
}

fn name(part: Part, lang: Lang) -> &'static str {
    match part {
        Part::Settings => say::settings(lang),
        Part::Lists => say::name_lists(lang),
        Part::Source => say::source(lang),
        Part::Fields => say::fields(lang),
        Part::Clock => say::clock(lang),
        Part::Crowdsec => "CrowdSec",
        Part::Model => say::model(lang),
        Part::Journal => say::journal(lang),
        Part::Terminal => say::terminal(lang),
        Part::Clipboard => say::clipboard(lang),
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        settings { en: "settings", ko: "설정" }
        name_lists { en: "rule files", ko: "규칙 파일" }
        mend_list {
            en: "nothing is detected until that is mended; gatewatch config rules shows how rules are written",
            ko: "고치기 전에는 탐지하지 않습니다. 규칙 작성법은 gatewatch config rules로 볼 수 있습니다",
        }
        source { en: "source", ko: "소스" }
        fields { en: "fields", ko: "필드" }
        clock { en: "clock", ko: "시계" }
        model { en: "model", ko: "모델" }
        journal { en: "journal", ko: "저널" }
        terminal { en: "terminal", ko: "터미널" }
        clipboard { en: "clipboard", ko: "클립보드" }
        ok { en: "ok", ko: "정상" }
        skip { en: "-", ko: "-" }
        warn { en: "look", ko: "주의" }
        down { en: "down", ko: "꺼짐" }
        fail { en: "FAIL", ko: "실패" }
        defaults { en: "no settings file, defaults", ko: "설정 파일 없음, 기본값 사용" }
        rehearsal { en: "rehearsal (dry_run = true)", ko: "예행(dry_run = true)" }
        live { en: "LIVE (dry_run = false)", ko: "실전(dry_run = false)" }
        init { en: "gatewatch config init writes one", ko: "gatewatch config init으로 만들 수 있습니다" }
        name_source { en: "set source.url or source.files, or name log files on the command line", ko: "source.url이나 source.files를 설정하거나 명령줄에 로그 파일을 지정하세요" }
        no_rows { en: "no row in the last day: is the base filter right, do logs arrive?", ko: "지난 하루 동안 행이 없습니다. 기본 필터와 로그 수집을 확인하세요" }
        no_lapi { en: "not set up; bans stay rehearsals", ko: "설정되지 않음. 차단은 예행으로만 진행됩니다" }
        make_machine {
            en: "sudo cscli machines add gatewatch --auto --file /etc/gatewatch/lapi.yaml (never without --file), then set crowdsec.credentials",
            ko: "sudo cscli machines add gatewatch --auto --file /etc/gatewatch/lapi.yaml(--file 없이 실행하지 마세요) 후 crowdsec.credentials를 설정하세요",
        }
        check_lapi { en: "systemctl status crowdsec; sudo cscli machines list", ko: "systemctl status crowdsec; sudo cscli machines list로 확인하세요" }
        lists { en: "has allow lists", ko: "허용 목록 있음" }
        no_lists { en: "no allow lists on this version", ko: "이 버전에는 허용 목록 없음" }
        offline { en: "offline judge, by the settings", ko: "설정에 따라 오프라인 판정" }
        without_model { en: "start Ollama (ollama serve); until then the gates alone explain, and nobody is banned unattended", ko: "Ollama를 실행하세요(ollama serve). 그동안은 게이트만으로 설명하며 무인 차단은 하지 않습니다" }
        no_terminal { en: "standard output is no terminal", ko: "표준 출력이 터미널이 아님" }
        dumb { en: "TERM is not set to a real terminal; the console needs one", ko: "TERM이 실제 터미널이 아닙니다. 콘솔에는 터미널이 필요합니다" }
        small { en: "the console wants 80x24 at least", ko: "콘솔에는 80x24 이상이 필요합니다" }
        tmux { en: "copying needs `set -g set-clipboard on` or `set -g allow-passthrough on` in tmux.conf", ko: "복사하려면 tmux.conf에 `set -g set-clipboard on` 또는 `set -g allow-passthrough on`이 필요합니다" }
        osc52 { en: "copying works where the terminal allows OSC 52", ko: "터미널이 OSC 52를 허용하면 복사할 수 있습니다" }
    }
    crate::text::sentences! {
        strange(names: &str) { en: "these variables set nothing, check their spelling: {names}", ko: "다음 변수는 설정이 아닙니다. 철자를 확인하세요: {names}" }
        no_answer(what: &str) { en: "{what}: no answer within 5 s", ko: "{what}: 5초 안에 응답 없음" }
        unparsed(lines: u64, first: &str) {
            en: "lines that could not be parsed: {lines}, the first: {first}; set source.format where the detected one is wrong",
            ko: "{lines}줄을 해석하지 못했습니다. 첫 줄: {first}. 감지한 형식이 틀렸다면 source.format을 설정하세요",
        }
        missing_fields(names: &str) {
            en: "no field plays these parts: {names}; map them in [fields], or narrow base_filter to access-log rows",
            ko: "다음 역할의 필드가 없습니다: {names}. [fields]에서 지정하거나 base_filter를 접속 로그로 좁히세요",
        }
        future(seconds: i64) {
            en: "the newest row is {seconds} s in the future: set the clocks (timedatectl) or the log's time zone",
            ko: "가장 새로운 행이 {seconds}초 미래의 것입니다. 시계(timedatectl)나 로그의 시간대를 맞추세요",
        }
        newest(here: &str, seconds: u64) { en: "{here}; the newest row is {seconds} s old", ko: "{here}, 가장 새로운 행은 {seconds}초 전" }
        not_installed(model: &str, installed: &str) { en: "{model} is not installed; there are: {installed}", ko: "{model} 모델이 없습니다. 설치된 모델: {installed}" }
        pull(model: &str) { en: "ollama pull {model}, or set judge.model", ko: "ollama pull {model}을 실행하거나 judge.model을 설정하세요" }
        open_intents(count: usize) {
            en: "{count} acts were begun and not settled; the console or --auto settles them with CrowdSec's own list",
            ko: "시작했지만 끝나지 않은 조치가 {count}건 있습니다. 콘솔이나 --auto가 CrowdSec 목록으로 정리합니다",
        }
    }
}
