//! The command line, declared once for parsing, help, completions and the manual page. The settings' flags come from
//! the table of settings; every text is in the language that is asked for.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::exit::Exit;
use super::output::Format;
use crate::config::table;
use crate::config::value::Shape;
use crate::sim::measure::SCENES;
use crate::text::Lang;

/// The whole command line in `lang`.
pub fn command(lang: Lang) -> Command {
    let root = Command::new("gatewatch")
        .version(env!("CARGO_PKG_VERSION"))
        .about(say::about(lang))
        .after_help(after_help(lang))
        .arg(files(lang))
        .arg(switch(lang, "auto", say::auto(lang)))
        .arg(option(lang, "every", "DURATION", say::every(lang)).requires("auto"))
        .arg(switch(lang, "units", say::units(lang)).requires("auto"))
        .arg(option(lang, "config", "FILE", say::config(lang)).global(true))
        .arg(option(lang, "profile", "NAME", say::profile(lang)).global(true))
        .arg(option(lang, "set", "NAME=VALUE", say::set(lang)).action(ArgAction::Append).global(true))
        .arg(
            option(lang, "output", "FORMAT", say::output(lang))
                .short('o')
                .value_parser(Format::NAMES)
                .hide_possible_values(true)
                .global(true),
        )
        .arg(switch(lang, "verbose", say::verbose(lang)).short('v').action(ArgAction::Count).global(true))
        .args(setting_flags(lang));
    let root = time_range(root, lang);
    subcommands(lang).into_iter().fold(localised(root, lang), |root, sub| root.subcommand(localised(sub, lang)))
}

fn subcommands(lang: Lang) -> Vec<Command> {
    let named = |name: &'static str, about: &'static str| Command::new(name).about(about);
    let target = |help| positional(lang, "TARGET", help);
    vec![
        named("demo", say::demo(lang))
            .arg(
                option(lang, "seed", "N", say::seed(lang))
                    .value_parser(clap::value_parser!(u64))
                    .default_value("1")
                    .hide_default_value(true),
            )
            .arg(switch(lang, "no-screen", say::no_screen(lang))),
        time_range(named("query", say::query(lang)), lang)
            .arg(positional(lang, "QUERY", say::query_text(lang)))
            .arg(files(lang))
            .arg(option(lang, "limit", "N", say::limit(lang)).value_parser(clap::value_parser!(u64)))
            .arg(
                option(lang, "batch", "FILE", say::query_batch(lang))
                    .num_args(0..=1)
                    .default_missing_value("")
                    .conflicts_with("QUERY"),
            ),
        time_range(named("suspects", say::suspects(lang)), lang)
            .arg(files(lang))
            .arg(switch(lang, "all", say::all(lang)).short('a'))
            .arg(option(lang, "by", "KIND", say::by(lang)).value_parser(["score", "cost"]).hide_possible_values(true)),
        time_range(named("explain", say::explain(lang)), lang)
            .arg(positional(lang, "IP", say::explain_ip(lang)).required(true))
            .arg(files(lang))
            .arg(switch(lang, "dns", say::explain_dns(lang))),
        named("ban", say::ban(lang))
            .arg(target(say::ban_target(lang)).required(true))
            .arg(option(lang, "reason", "TEXT", say::reason(lang)).short('r'))
            .arg(option(lang, "duration", "DURATION", say::duration(lang)).short('d'))
            .arg(option(lang, "remedy", "TYPE", say::remedy(lang)))
            .arg(switch(lang, "yes", say::yes(lang)).short('y')),
        named("unban", say::unban(lang))
            .arg(target(say::unban_target(lang)).required_unless_present("id"))
            .arg(
                option(lang, "id", "N", say::unban_id(lang))
                    .value_parser(clap::value_parser!(u64))
                    .conflicts_with("TARGET"),
            )
            .arg(switch(lang, "yes", say::yes(lang)).short('y')),
        named("decisions", say::decisions(lang)).arg(target(say::decisions_target(lang))),
        events_command(lang),
        named("detect", say::detect(lang)).arg(switch(lang, "no-forest", say::no_forest(lang))),
        forest_command(lang),
        config_command(lang),
        named("doctor", say::doctor(lang)),
        logsql_command(lang),
        time_range(named("backtest", say::backtest(lang)), lang)
            .arg(files(lang))
            .arg(option(lang, "labels", "FILE", say::labels(lang)))
            .arg(switch(lang, "no-forest", say::no_forest(lang))),
        named("simulate", say::simulate(lang))
            .arg(positional(lang, "DIR", say::simulate_dir(lang)).required(true))
            .arg(option(lang, "seed", "N", say::seed(lang)).value_parser(clap::value_parser!(u64)))
            .arg(option(lang, "length", "DURATION", say::simulate_length(lang)))
            .arg(option(lang, "rate", "N", say::simulate_rate(lang)).value_parser(clap::value_parser!(f64)))
            .arg(
                option(lang, "scene", "NAME", say::simulate_scene(lang))
                    .value_parser(SCENES.to_vec())
                    .hide_possible_values(true),
            )
            .arg(switch(lang, "small", say::simulate_small(lang)))
            .arg(option(lang, "bulk", "LINES", say::simulate_bulk(lang)).value_parser(clap::value_parser!(u64)))
            .arg(switch(lang, "json-lines", say::simulate_json(lang)))
            .arg(switch(lang, "force", say::simulate_force(lang))),
        named("completions", say::completions(lang)).arg(
            positional(lang, "SHELL", say::shell(lang))
                .required(true)
                .value_parser(clap::value_parser!(clap_complete::Shell))
                .hide_possible_values(true),
        ),
        named("man", say::man(lang)).arg(option(lang, "dir", "DIR", say::man_dir(lang))),
    ]
}

fn forest_command(lang: Lang) -> Command {
    let named = |name: &'static str, about: &'static str| {
        localised(time_range(Command::new(name).about(about), lang).arg(files(lang)), lang)
    };
    Command::new("forest")
        .about(say::forest(lang))
        .subcommand_required(true)
        .subcommand(named("train", say::forest_train(lang)))
        .subcommand(named("show", say::forest_show(lang)))
}

fn events_command(lang: Lang) -> Command {
    let named = |name: &'static str, about: &'static str| localised(Command::new(name).about(about), lang);
    let ids = |command: Command| {
        command.arg(
            positional(lang, "ID", say::event_id(lang))
                .num_args(1..)
                .required(true)
                .value_parser(clap::value_parser!(i64)),
        )
    };
    Command::new("events")
        .about(say::events(lang))
        .arg(switch(lang, "all", say::events_all(lang)).short('a'))
        .subcommand(time_range(named("check", say::events_check(lang)), lang).arg(files(lang)))
        .subcommand(ids(named("ack", say::events_ack(lang))))
        .subcommand(ids(named("resolve", say::events_resolve(lang))))
}

fn logsql_command(lang: Lang) -> Command {
    let named = |name: &'static str, about: &'static str| localised(Command::new(name).about(about), lang);
    Command::new("logsql")
        .about(say::logsql(lang))
        .subcommand_required(true)
        .subcommand(
            named("fmt", say::fmt(lang))
                .arg(positional(lang, "QUERY", say::fmt_text(lang)).num_args(0..).value_name("QUERY|FILE"))
                .arg(switch(lang, "check", say::fmt_check(lang)))
                .arg(switch(lang, "batch", say::fmt_batch(lang)).conflicts_with("QUERY")),
        )
        .subcommand(named("explain", say::logsql_explain(lang)).arg(positional(lang, "QUERY", say::query_text(lang))))
        .subcommand(named("doc", say::doc(lang)).arg(positional(lang, "NAME", say::doc_name(lang))))
        .subcommand(named("syntax", say::syntax(lang)))
}

fn config_command(lang: Lang) -> Command {
    let named = |name: &'static str, about: &'static str| localised(Command::new(name).about(about), lang);
    Command::new("config")
        .about(say::config_command(lang))
        .subcommand_required(true)
        .subcommand(named("show", say::config_show(lang)))
        .subcommand(named("check", say::config_check(lang)))
        .subcommand(named("path", say::config_path(lang)))
        .subcommand(named("init", say::config_init(lang)).arg(switch(lang, "stdout", say::config_stdout(lang))))
        .subcommand(named("rules", say::config_rules(lang)).arg(switch(lang, "template", say::config_template(lang))))
}

/// Which flag or option of a run set which setting: the flag with its dashes, the setting's name, the text.
pub fn given_settings(levels: &[&ArgMatches]) -> Result<Vec<(String, String, String)>, String> {
    let mut given = Vec::new();
    let Some(deepest) = levels.last() else { return Ok(given) };
    for pair in deepest.get_many::<String>("set").into_iter().flatten() {
        let Some((name, text)) = pair.split_once('=') else { return Err(pair.clone()) };
        given.push((format!("--set {name}"), name.trim().to_owned(), text.to_owned()));
    }
    for setting in table::all() {
        let Some(flag) = setting.flag else { continue };
        if deepest.value_source(flag) == Some(clap::parser::ValueSource::CommandLine) {
            let texts: Vec<&str> = deepest.get_many::<String>(flag).into_iter().flatten().map(String::as_str).collect();
            let separator = if let Shape::List(separators) = setting.shape { separators } else { &[] };
            let text = texts.join(&separator.first().copied().map_or_else(String::new, String::from));
            given.push((format!("--{flag}"), setting.name.to_owned(), text));
        }
    }
    Ok(given)
}

/// A flag for every setting that has one. They are global, and shown by `--help`, not by `-h`.
fn setting_flags(lang: Lang) -> Vec<Arg> {
    let defaults = crate::config::Settings::default();
    let flagged = table::all().filter_map(|setting| setting.flag.map(|flag| (setting, flag)));
    flagged
        .map(|(setting, flag)| {
            let help = format!("{} [{}]", (setting.doc)(lang), setting.toml(&defaults));
            let arg = Arg::new(flag)
                .long(flag)
                .value_name(flag.to_ascii_uppercase())
                .help(help)
                .help_heading(say::heading_settings(lang))
                .hide_short_help(true)
                .value_parser(ValueParser::string())
                .global(true);
            match setting.shape {
                Shape::List(_) => arg.action(ArgAction::Append),
                Shape::Boolean => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
                Shape::Text | Shape::Integer | Shape::Float => arg.allow_hyphen_values(true),
            }
        })
        .map(|arg| if arg.get_id() == "colour" { arg.alias("color") } else { arg })
        .collect()
}

/// `--since`, `--start`, `--end`; `--window` is a setting's flag.
fn time_range(command: Command, lang: Lang) -> Command {
    // A replay goes through its range in windows.
    let heading = if command.get_name() == "backtest" { say::heading_replay(lang) } else { say::heading_time(lang) };
    let time = |name, value: &'static str, help| {
        option(lang, name, value, help).help_heading(heading).allow_hyphen_values(true)
    };
    command
        .arg(time("since", "TIME", say::since(lang)).conflicts_with("start"))
        .arg(time("start", "TIME", say::start(lang)))
        .arg(time("end", "TIME", say::end(lang)))
}

fn positional(lang: Lang, name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).help(help).help_heading(say::heading_arguments(lang))
}

/// The log files to read instead of the configured source (see [`given_files`]).
fn files(lang: Lang) -> Arg {
    positional(lang, "FILES", say::files(lang)).num_args(0..).value_name("FILE")
}

/// The files named on the command line.
pub fn given_files(matches: &ArgMatches) -> Vec<String> {
    matches.get_many::<String>("FILES").into_iter().flatten().cloned().collect()
}

fn option(lang: Lang, name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help).help_heading(say::heading_options(lang))
}

fn switch(lang: Lang, name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help).help_heading(say::heading_options(lang))
}

/// Puts the parts of the help that clap words itself into `lang`.
fn localised(command: Command, lang: Lang) -> Command {
    let is_root = command.get_name() == "gatewatch";
    let help = Arg::new("help")
        .long("help")
        .short('h')
        .action(ArgAction::Help)
        .help(say::help(lang))
        .help_heading(say::heading_options(lang));
    let command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .help_template(say::template(lang))
        .subcommand_help_heading(say::heading_commands(lang))
        .subcommand_value_name(say::command_value(lang))
        .arg(help);
    if !is_root {
        return command;
    }
    let version = Arg::new("version").long("version").short('V').action(ArgAction::Version);
    command.arg(version.help(say::version(lang)).help_heading(say::heading_options(lang)))
}

/// The exit codes, and where settings come from.
fn after_help(lang: Lang) -> String {
    let codes: Vec<String> =
        Exit::ALL.into_iter().map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning(lang))).collect();
    format!("{}\n{}\n\n{}", say::exit_codes(lang), codes.join("\n"), say::settings_note(lang))
}

/// The texts.
mod say {
    crate::text::words! {
        about {
            en: "Find out which address is hurting a site, what it does, and ban it through CrowdSec.\nWithout a command: opens the console on FILEs, on standard input (-), or on the configured source.",
            ko: "사이트를 괴롭히는 주소와 그 행동을 찾아 CrowdSec로 차단합니다.\n명령 없이 실행하면 파일, 표준 입력(-) 또는 설정된 소스로 콘솔을 엽니다.",
        }
        files { en: "Log files and globs; - is standard input", ko: "로그 파일과 글롭. -는 표준 입력" }
        auto { en: "Run one unattended cycle and end: survey, judge, decide, ban, record", ko: "무인으로 한 번 실행하고 끝냅니다: 조사, 판정, 결정, 차단, 기록" }
        every { en: "With --auto: repeat at this interval, aligned to the clock", ko: "--auto와 함께: 시계에 맞춰 이 간격으로 반복" }
        units { en: "With --auto: print systemd units that run it [--every 5m], to be looked at and copied", ko: "--auto와 함께: 이를 실행하는 systemd 유닛을 출력 [--every 5m]. 확인 후 복사하세요" }
        config { en: "Settings file", ko: "설정 파일" }
        profile { en: "Named profile of the settings file", ko: "설정 파일의 프로필 이름" }
        set { en: "Set any setting: --set gates.min_5xx=20", ko: "모든 설정을 지정: --set gates.min_5xx=20" }
        output { en: "Output: table, json, jsonl, csv", ko: "출력 형식: table, json, jsonl, csv" }
        verbose { en: "More log lines on standard error (-vv: all)", ko: "표준 오류에 로그를 더 표시(-vv: 전부)" }
        demo { en: "The main job with nothing else installed: live traffic of a small shop, three attackers", ko: "다른 설치 없이 체험: 작은 쇼핑몰의 실시간 트래픽과 공격자 셋" }
        seed { en: "Seed of the traffic [1]", ko: "트래픽의 시드 [1]" }
        no_screen { en: "Print the suspects once instead of opening the console", ko: "콘솔을 열지 않고 용의자를 한 번 출력" }
        query { en: "Run a LogsQL query", ko: "LogsQL 쿼리를 실행" }
        query_text { en: "The query; without it, it is read from standard input", ko: "쿼리. 생략하면 표준 입력에서 읽습니다" }
        limit { en: "At most so many rows", ko: "최대 행 수" }
        query_batch { en: "Run the queries in FILE, one a line (- is standard input); without FILE, {\"query\":…,\"rows\":[…]} lines over their own rows; one JSON line each", ko: "파일의 쿼리를 한 줄에 하나씩 실행(-는 표준 입력). 파일이 없으면 {\"query\":…,\"rows\":[…]} 줄을 그 행에 실행. 각각 JSON 한 줄 출력" }
        suspects { en: "The addresses that pass a gate", ko: "게이트를 넘은 주소" }
        by { en: "score (gates and detection), or cost: bytes and request time against the share of the requests", ko: "score(게이트와 탐지) 또는 cost(요청 비율에 비해 쓰는 바이트와 처리 시간)" }
        all { en: "The busiest other clients too, exempt ones among them", ko: "예외 대상을 포함해 요청이 많은 다른 클라이언트도 표시" }
        explain { en: "All that is known of one address, and the judge's verdict", ko: "한 주소에 대해 알려진 모든 것과 판정" }
        explain_ip { en: "The address", ko: "주소" }
        explain_dns { en: "Ask the DNS whether it is the crawler that it claims to be", ko: "주장하는 크롤러가 맞는지 DNS에 물어봄" }
        ban { en: "Ban an address or range", ko: "주소나 대역을 차단" }
        ban_target { en: "The address, or the range in CIDR notation", ko: "주소 또는 CIDR 대역" }
        reason { en: "Why, for the record", ko: "기록에 남길 이유" }
        duration { en: "For how long (4h, 7d); without it the setting ban_duration", ko: "차단 기간(4h, 7d). 생략하면 ban_duration 설정값" }
        remedy { en: "ban, captcha, a type of your bouncers, or profile", ko: "ban, captcha, 바운서의 자체 유형, profile" }
        yes { en: "Do not ask", ko: "묻지 않고 진행" }
        unban { en: "Lift decisions, by their ids", ko: "결정을 ID로 해제" }
        unban_target { en: "The address or range whose decisions are lifted", ko: "결정을 해제할 주소나 대역" }
        unban_id { en: "The decision's id", ko: "결정의 ID" }
        decisions { en: "The active decisions", ko: "적용 중인 결정" }
        decisions_target { en: "Only those that cover this address", ko: "이 주소에 적용되는 것만" }
        events { en: "Events of watched series: requests, errors, latency, bytes, host metrics", ko: "감시하는 시계열의 이벤트: 요청, 오류, 응답 시간, 바이트, 호스트 지표" }
        events_all { en: "Resolved ones too", ko: "해소된 것도 표시" }
        events_check { en: "Look at the series now", ko: "지금 시계열을 확인" }
        events_ack { en: "Acknowledge events", ko: "이벤트를 확인함으로 표시" }
        events_resolve { en: "Resolve events", ko: "이벤트를 해소로 표시" }
        event_id { en: "The event's number", ko: "이벤트 번호" }
        detect { en: "Read requests as JSON lines, print for each whether it is an anomaly and why: a filter in a pipe", ko: "JSON lines 요청을 읽어 요청마다 이상 여부와 이유를 출력하는 파이프 필터" }
        no_forest { en: "Do without the forest's model", ko: "숲 모델을 쓰지 않음" }
        forest { en: "The isolation forest: how unlike the site's usual clients one is", ko: "고립 숲: 사이트의 평소 클라이언트와 얼마나 다른지" }
        forest_train { en: "Learn from the past [--since 7d]", ko: "과거에서 학습 [--since 7d]" }
        forest_show { en: "The model, the drift of today's clients from it, and the strangest of them", ko: "모델, 지금 클라이언트의 변화, 가장 낯선 클라이언트" }
        config_command { en: "Show, check, locate or make the settings", ko: "설정을 표시, 검사, 찾기, 생성" }
        config_show { en: "Every value and where it came from, secrets redacted", ko: "모든 값과 출처(비밀 값은 가림)" }
        config_check { en: "Check the settings file and all its profiles", ko: "설정 파일과 모든 프로필을 검사" }
        config_path { en: "Where the settings file is looked for", ko: "설정 파일을 찾는 위치" }
        config_rules {
            en: "Print how rules of your own are written, and the rules that ship",
            ko: "직접 만드는 규칙의 작성법과 기본 규칙을 출력",
        }
        config_template { en: "Only how they are written", ko: "작성법만" }
        config_init { en: "Write a commented sample with every default; never overwrites", ko: "모든 기본값을 담은 주석 달린 예제를 작성(덮어쓰지 않음)" }
        config_stdout { en: "Print it instead", ko: "파일 대신 출력" }
        doctor { en: "Check settings, source, CrowdSec, model, journal, clock and terminal, and say what to do next", ko: "설정, 소스, CrowdSec, 모델, 저널, 시계, 터미널을 점검하고 다음 할 일을 알려 줍니다" }
        logsql { en: "Tools for LogsQL", ko: "LogsQL 도구" }
        fmt { en: "Print a query in its canonical form; rewrite .logsql files in place", ko: "쿼리를 표준 형태로 출력. .logsql 파일은 그 자리에서 다시 씀" }
        fmt_text { en: "The query, or files of queries; without it, it is read from standard input", ko: "쿼리 또는 쿼리 파일. 생략하면 표준 입력에서 읽습니다" }
        fmt_check { en: "Change nothing; exit 1 where something is not in canonical form", ko: "바꾸지 않고, 표준 형태가 아닌 것이 있으면 종료 코드 1" }
        logsql_explain { en: "Tell what a query does, step by step: rows, fields, memory, where it runs", ko: "쿼리가 하는 일을 단계별로 설명: 대상 행, 필드, 메모리, 처리하는 곳" }
        doc { en: "List the filters, pipes and stats functions, or show one", ko: "필터, 파이프, 통계 함수의 목록 또는 하나의 설명" }
        doc_name { en: "The name of a construct or keyword", ko: "구문이나 키워드의 이름" }
        syntax { en: "Print the language as a .sublime-syntax file, for bat and other editors", ko: "bat 등 다른 편집기를 위한 .sublime-syntax 파일을 출력" }
        fmt_batch { en: "Read {\"query\":…} lines, print one JSON line each", ko: "{\"query\":…} 줄을 읽어 JSON 한 줄씩 출력" }
        backtest { en: "Replay a log as an unattended run would see it, without acting, and say whom it would find", ko: "무인 실행이 보듯 로그를 재생해 누구를 찾을지 보여 줍니다(조치 없음)" }
        labels { en: "Who is who (labels.json of simulate): print precision and recall", ko: "누가 누구인지(simulate의 labels.json): 정밀도와 재현율 출력" }
        simulate { en: "Write labelled traffic of a small site: access.log and labels.json", ko: "작은 사이트의 라벨 붙은 트래픽을 작성: access.log, labels.json" }
        simulate_dir { en: "The directory", ko: "디렉터리" }
        simulate_length { en: "How much of it [1h]", ko: "길이 [1h]" }
        simulate_scene { en: "Of which site: shop, news, api, forge, docs [shop]", ko: "어느 사이트: shop, news, api, forge, docs [shop]" }
        simulate_rate { en: "Requests a second of shoppers [6]", ko: "손님의 초당 요청 수 [6]" }
        simulate_small { en: "Only the demo's populations", ko: "데모의 참가자만" }
        simulate_bulk { en: "Only so many lines of 50,000 clients, without labels: for measuring speed", ko: "라벨 없이 클라이언트 5만 개의 로그를 이 줄 수만큼: 속도 측정용" }
        simulate_force { en: "Write over files that exist", ko: "이미 있는 파일을 덮어씀" }
        simulate_json { en: "JSON lines instead of the combined format", ko: "combined 형식 대신 JSON lines" }
        completions { en: "Print shell completions", ko: "셸 자동 완성 스크립트를 출력" }
        shell { en: "bash, zsh, fish, elvish, powershell", ko: "bash, zsh, fish, elvish, powershell" }
        man { en: "Print the manual page", ko: "매뉴얼 페이지를 출력" }
        man_dir { en: "Write one page per command into DIR", ko: "명령마다 한 페이지씩 디렉터리에 작성" }
        since { en: "From here to now: a duration (2h) or a time", ko: "여기부터 지금까지: 기간(2h) 또는 시각" }
        start { en: "From here: RFC 3339, a local date or time, Unix seconds, or a duration ago", ko: "시작: RFC 3339, 현지 날짜나 시각, 유닉스 초, 또는 지금부터의 기간" }
        end { en: "Up to here, not included", ko: "끝(포함하지 않음)" }
        help { en: "Print help (-h: short)", ko: "도움말 표시(-h: 간단히)" }
        version { en: "Print the version", ko: "버전 표시" }
        heading_arguments { en: "Arguments", ko: "인자" }
        heading_options { en: "Options", ko: "옵션" }
        heading_settings { en: "Settings (each with its default)", ko: "설정(기본값 포함)" }
        heading_time { en: "Time range (also --window)", ko: "시간 범위(--window도 가능)" }
        heading_replay { en: "Time range (--window: of each step)", ko: "시간 범위(--window: 각 단계의 길이)" }
        heading_commands { en: "Commands", ko: "명령" }
        command_value { en: "COMMAND", ko: "명령" }
        template {
            en: "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}",
            ko: "{about-with-newline}\n사용법: {usage}\n\n{all-args}{after-help}",
        }
        exit_codes { en: "Exit codes:", ko: "종료 코드:" }
        settings_note {
            en: "Settings come from the file (see `gatewatch config path`), then the environment (GATEWATCH_WINDOW, GATEWATCH_SOURCE_URL, …), then flags.\nBans are rehearsed until the settings say dry_run = false.",
            ko: "설정은 파일(`gatewatch config path` 참고), 환경 변수(GATEWATCH_WINDOW, GATEWATCH_SOURCE_URL, …), 플래그 순으로 적용되며 뒤의 것이 우선합니다.\n설정이 dry_run = false가 되기 전까지 차단은 예행으로만 진행됩니다.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_no_fault_in_either_language() {
        for lang in [Lang::En, Lang::Ko] {
            command(lang).debug_assert();
        }
    }

    #[test]
    fn the_help_of_every_command_is_in_the_language_asked_for() {
        fn walk(command: &mut Command, path: &str) {
            let help = command.render_long_help().to_string();
            for english in
                ["Usage:", "Options:", "Commands:", "Arguments:", "Print help", "possible values", "default:"]
            {
                assert!(!help.contains(english), "{path}: {english} in\n{help}");
            }
            let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
            for name in names {
                if let Some(sub) = command.find_subcommand_mut(&name) {
                    walk(sub, &format!("{path} {name}"));
                }
            }
        }
        let mut root = command(Lang::Ko);
        root.build();
        walk(&mut root, "gatewatch");
    }

    #[test]
    fn help_names_every_exit_code_and_every_flag_of_a_setting() {
        let help = command(Lang::En).render_long_help().to_string();
        for exit in Exit::ALL {
            assert!(help.contains(&format!("  {:>3}  {}", exit.code(), exit.meaning(Lang::En))));
        }
        for flag in table::all().filter_map(|setting| setting.flag) {
            assert!(help.contains(&format!("--{flag}")), "{flag}");
        }
    }

    #[test]
    fn flags_of_settings_are_taken_before_and_after_the_command() {
        let matches = command(Lang::En)
            .try_get_matches_from([
                "gatewatch",
                "--window",
                "1h",
                "query",
                "--file",
                "a,b",
                "--file",
                "c",
                "--dry-run=false",
                "*",
                "--set",
                "gates.min_5xx=2",
            ])
            .unwrap();
        let sub = matches.subcommand().unwrap().1;
        let mut given = given_settings(&[&matches, sub]).unwrap();
        given.sort();
        let given: Vec<(&str, &str)> = given.iter().map(|(_, name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(given, [("dry_run", "false"), ("source.files", "a,b,c"), ("gates.min_5xx", "2"), ("window", "1h")]);
    }
}
