//! What a query does, step by step, as the executor will do it: which rows are looked at, which fields are read, what
//! each pipe keeps, what ends early. Told in words by [`explain`]; decides nothing itself.

use serde::Serialize;

use super::exec::{Env, Needs, Run};
use super::filter::Filter;
use super::query::Query;
use super::time::rfc3339_text;
use crate::logs::Row;
use crate::text::{Lang, sentences, words};

/// How a pipe goes through rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Each row by itself; nothing is kept.
    EachRow,
    /// The rows of its sub-query are kept, then each row by itself.
    Joined,
    /// Each row by itself, then the rows of its sub-query.
    Then,
    /// Each row by itself up to so many, then nothing more is read.
    Ends(u64),
    /// Every row is kept until the last has come.
    AllRows,
    /// At most so many rows are kept until the last has come.
    BestRows(u64),
    /// At most so many rows of each group are kept until the last has come.
    BestOfGroups(u64),
    /// A state for each group or value is kept until the last row has come.
    Groups,
    /// Values are kept up to so many, then nothing more is read.
    Values(u64),
    /// Each row goes on the first time that its values come; the values are kept.
    Distinct,
    /// No row is read: others take their place.
    Instead,
    /// The times of the rows are kept, then their surroundings are read.
    Around,
    /// Only a server can do it.
    Server,
}

impl Work {
    /// Whether rows go on to the next pipe before the last one has come.
    pub const fn flows(self) -> bool {
        matches!(self, Self::EachRow | Self::Joined | Self::Then | Self::Ends(_) | Self::Distinct)
    }
}

/// A pipe as it will work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Its canonical form.
    pub pipe: String,
    /// How it works.
    pub work: Work,
}

/// What a query does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The query in canonical form.
    pub query: String,
    /// The first time that its own filters allow; `None` for any.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// The filters in the order in which a row has to pass them.
    pub filters: Vec<String>,
    /// The fields that are read of the source; `None` for all.
    pub fields: Option<Vec<String>>,
    /// Of each list one text has to stand in a line: that is looked for before the line is taken apart.
    pub texts: Vec<Vec<String>>,
    /// Whether filter and first pipe run where lines are read, on all cores.
    pub on_all_cores: bool,
    /// The pipes in order.
    pub pipes: Vec<Stage>,
    /// Reading ends after so many rows have come through the filters and pipes before this one's number.
    pub ends_at: Option<usize>,
    /// The queries inside of it, which run first or where their pipe says.
    pub inner: Vec<Plan>,
}

impl Query {
    /// What it does when it runs at `now`.
    pub fn plan(&self, now: i64) -> Plan {
        let (from, to) = self.time_range(now);
        let parts = match &self.filter {
            Filter::All => &[][..],
            Filter::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let fields = match self.needs() {
            Needs::All => None,
            Needs::Only(names) => Some(names.into_iter().collect()),
        };
        let pipes: Vec<Stage> =
            self.pipes.iter().map(|pipe| Stage { pipe: pipe.to_string(), work: pipe.work() }).collect();
        let stops = |stage: &Stage| matches!(stage.work, Work::Ends(_) | Work::Values(_) | Work::Instead);
        let ends_at = pipes.iter().position(|stage| !stage.work.flows() || stops(stage));
        let mut inner = Vec::new();
        let mut copy = self.clone();
        copy.filter.visit_queries(&mut |query| inner.push(query.plan(now)));
        for pipe in &mut copy.pipes {
            pipe.visit_queries(&mut |query| inner.push(query.plan(now)));
        }
        Plan {
            query: self.to_string(),
            from: (from != i64::MIN).then(|| rfc3339_text(from)),
            to: (to != i64::MAX).then(|| rfc3339_text(to)),
            filters: self.options.filter().into_iter().chain(parts).map(ToString::to_string).collect(),
            fields,
            texts: self.texts_of_lines(),
            on_all_cores: self.folds(now),
            ends_at: ends_at.filter(|at| stops(&pipes[*at])),
            pipes,
            inner,
        }
    }
}

impl Query {
    fn texts_of_lines(&self) -> Vec<Vec<String>> {
        let texts = self.filter.texts().into_iter();
        texts.map(|any| any.into_iter().map(|(_, text)| text).collect()).collect()
    }

    /// Whether the executor would fold the rows on all cores: it is asked as it will be asked over files.
    fn folds(&self, now: i64) -> bool {
        let nothing: Vec<Row> = Vec::new();
        let env = Env::at(now, usize::MAX);
        let run = Run::new(&nothing, &env);
        let first = self.pipes.first().map(|first| first.fold(&run, None, self.pipes.get(1)));
        first.is_some_and(|fold| matches!(fold, Ok(Some(_))))
    }
}

/// A heading and what stands below it.
pub type Section = (&'static str, Vec<String>);

/// The plan in words.
///
/// ```
/// use gatewatch::logsql::{explain, parse};
/// use gatewatch::text::Lang;
/// let parsed = parse("status:>=500 | stats by (ip) count() n | sort by (n desc) limit 5");
/// let told = explain(&parsed.query().unwrap().plan(0), Lang::En);
/// assert!(told.iter().any(|(_, lines)| lines.iter().any(|line| line.contains("ip, status"))));
/// ```
pub fn explain(plan: &Plan, lang: Lang) -> Vec<Section> {
    let mut told = vec![(say::rows(lang), rows(plan, lang))];
    if !plan.pipes.is_empty() {
        let lines = plan.pipes.iter().enumerate();
        let line =
            |(number, stage): (usize, &Stage)| format!("{}. {}: {}", number + 1, stage.pipe, words(stage.work, lang));
        told.push((say::pipes(lang), lines.map(line).collect()));
    }
    told.push((say::end(lang), vec![end(plan, lang)]));
    if !plan.inner.is_empty() {
        let mut lines = Vec::new();
        for inner in &plan.inner {
            lines.push(inner.query.clone());
            lines.extend(rows(inner, lang).into_iter().map(|line| format!("  {line}")));
        }
        told.push((say::inner(lang), lines));
    }
    told.push((say::place(lang), place(plan, lang)));
    told
}

fn rows(plan: &Plan, lang: Lang) -> Vec<String> {
    let range = match (&plan.from, &plan.to) {
        (None, None) => say::any_time(lang).to_owned(),
        (Some(from), None) => say::since(lang, from),
        (None, Some(to)) => say::until(lang, to),
        (Some(from), Some(to)) => say::between(lang, from, to),
    };
    let mut lines = vec![range];
    match plan.filters.as_slice() {
        [] => lines.push(say::every_row(lang).to_owned()),
        [only] => lines.push(say::one_filter(lang, only)),
        many => {
            lines.push(say::filters(lang).to_owned());
            lines.extend(many.iter().enumerate().map(|(number, filter)| format!("  {}. {filter}", number + 1)));
        }
    }
    lines.push(match &plan.fields {
        None => say::all_fields(lang).to_owned(),
        Some(names) if names.is_empty() => say::no_fields(lang).to_owned(),
        Some(names) => say::fields(lang, &names.join(", ")),
    });
    lines
}

fn words(work: Work, lang: Lang) -> String {
    match work {
        Work::EachRow => say::each_row(lang).to_owned(),
        Work::Joined => say::joined(lang).to_owned(),
        Work::Then => say::then(lang).to_owned(),
        Work::Ends(rows) => say::ends(lang, rows),
        Work::AllRows => say::keeps_all(lang).to_owned(),
        Work::BestRows(rows) => say::keeps_best(lang, rows),
        Work::BestOfGroups(rows) => say::keeps_best_of_groups(lang, rows),
        Work::Groups => say::keeps_groups(lang).to_owned(),
        Work::Values(values) => say::keeps_values(lang, values),
        Work::Distinct => say::keeps_seen(lang).to_owned(),
        Work::Instead => say::instead(lang).to_owned(),
        Work::Around => say::keeps_times(lang).to_owned(),
        Work::Server => say::server_only(lang).to_owned(),
    }
}

/// What ends the reading.
fn end(plan: &Plan, lang: Lang) -> String {
    if let Some(stage) = plan.ends_at.and_then(|at| plan.pipes.get(at)) {
        return say::ends_early(lang, &stage.pipe);
    }
    match plan.pipes.iter().find(|stage| !stage.work.flows()) {
        Some(stage) => say::reads_all_for(lang, &stage.pipe),
        None => say::reads_all(lang).to_owned(),
    }
}

fn place(plan: &Plan, lang: Lang) -> Vec<String> {
    let mut lines = vec![say::on_server(lang).to_owned()];
    let only_server = plan.pipes.iter().chain(plan.inner.iter().flat_map(|inner| &inner.pipes));
    match only_server.into_iter().find(|stage| stage.work == Work::Server) {
        Some(stage) => lines.push(say::not_on_files(lang, &stage.pipe)),
        None => {
            lines.push(say::on_files(lang).to_owned());
            if !plan.texts.is_empty() {
                let one = |any: &Vec<String>| {
                    any.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(say::or(lang))
                };
                let all: Vec<String> = plan.texts.iter().map(one).collect();
                lines.push(say::searched(lang, &all.join(", ")));
            }
            if let Some(first) = plan.pipes.first().filter(|_| plan.on_all_cores) {
                lines.push(say::all_cores(lang, &first.pipe));
            }
        }
    }
    lines
}

/// The sentences.
mod say {
    use super::{sentences, words};

    words! {
        rows { en: "Which rows", ko: "대상 행" }
        pipes { en: "Pipes", ko: "파이프" }
        end { en: "When reading ends", ko: "읽기가 끝나는 때" }
        inner { en: "Queries inside", ko: "하위 쿼리" }
        place { en: "Where it is done", ko: "처리하는 곳" }
        any_time { en: "Time: the query sets no range; that of the request counts", ko: "시간: 쿼리에 범위가 없어 요청의 범위를 따름" }
        every_row { en: "Every row passes", ko: "모든 행이 통과" }
        filters { en: "A row has to pass, in this order, and the first that fails ends its test:", ko: "행은 다음 순서로 모두 통과해야 하며, 하나라도 실패하면 거기서 멈춤:" }
        all_fields { en: "Fields read: all", ko: "읽는 필드: 전부" }
        no_fields { en: "Fields read: none, rows are only counted", ko: "읽는 필드: 없음. 행 수만 셈" }
        each_row { en: "each row by itself, nothing is kept in memory", ko: "행마다 따로 처리하고 메모리에 남기지 않음" }
        joined { en: "its own query runs first and its rows are kept; then each row by itself", ko: "하위 쿼리를 먼저 실행해 그 행을 메모리에 둔 뒤, 행마다 따로 처리" }
        then { en: "each row by itself, then the rows of its own query", ko: "행마다 따로 처리한 뒤 하위 쿼리의 행을 덧붙임" }
        keeps_all { en: "keeps every row in memory until the last has come", ko: "마지막 행이 올 때까지 모든 행을 메모리에 둠" }
        keeps_groups { en: "keeps a state for each group or value until the last row has come", ko: "마지막 행이 올 때까지 그룹이나 값마다 상태를 메모리에 둠" }
        keeps_seen { en: "lets each row through the first time its values come, and keeps the values", ko: "같은 값이 처음 올 때만 통과시키고 그 값을 메모리에 둠" }
        instead { en: "reads no row: numbers take their place", ko: "행을 읽지 않고 숫자로 대신함" }
        keeps_times { en: "keeps the times of the rows, then reads what surrounds them", ko: "행의 시각을 메모리에 둔 뒤 그 주변을 다시 읽음" }
        server_only { en: "only a VictoriaLogs server can do it", ko: "VictoriaLogs 서버에서만 가능" }
        reads_all { en: "At the end of the range: every row that passes is part of the answer", ko: "범위의 끝까지 읽음. 통과한 모든 행이 결과에 들어감" }
        or { en: " or ", ko: " 또는 " }
        on_server { en: "VictoriaLogs: the whole query is sent with its range; the server filters and computes, only the answer travels", ko: "VictoriaLogs: 쿼리 전체를 범위와 함께 보냄. 거르고 계산하는 일은 서버가 하고 결과만 전송됨" }
        on_files { en: "Files: while they are read; only the fields above are cut out of a line, and parts of a file outside of the range are skipped where its lines are in order", ko: "파일: 읽으면서 처리. 줄에서 위의 필드만 잘라 내고, 시간순 파일이면 범위 밖 부분은 건너뜀" }
    }
    sentences! {
        since(from: &str) { en: "Time: from {from}", ko: "시간: {from}부터" }
        until(to: &str) { en: "Time: up to {to}", ko: "시간: {to}까지" }
        between(from: &str, to: &str) { en: "Time: from {from} to {to}", ko: "시간: {from}부터 {to}까지" }
        one_filter(filter: &str) { en: "A row has to pass {filter}", ko: "행이 통과할 조건: {filter}" }
        fields(names: &str) { en: "Fields read: {names}", ko: "읽는 필드: {names}" }
        ends(rows: u64) { en: "lets {rows} rows through, then nothing more is read", ko: "{rows}행을 통과시킨 뒤에는 더 읽지 않음" }
        keeps_best(rows: u64) { en: "keeps at most {rows} rows in memory, the best so far", ko: "그때까지 앞서는 {rows}행만 메모리에 둠" }
        keeps_best_of_groups(rows: u64) { en: "keeps at most {rows} rows of each group in memory", ko: "그룹마다 최대 {rows}행만 메모리에 둠" }
        keeps_values(values: u64) { en: "keeps {values} values in memory; one more, and nothing more is read", ko: "값을 {values}개까지 메모리에 두고, 넘으면 더 읽지 않음" }
        ends_early(pipe: &str) { en: "Early: as soon as `{pipe}` has enough", ko: "일찍 끝남: `{pipe}`이(가) 다 차는 즉시" }
        reads_all_for(pipe: &str) { en: "At the end of the range: `{pipe}` needs the last row", ko: "범위의 끝까지 읽음: `{pipe}`에 마지막 행이 필요함" }
        searched(texts: &str) { en: "Files: a line is taken apart only where it holds {texts}", ko: "파일: {texts}이(가) 들어 있는 줄만 분해함" }
        all_cores(pipe: &str) { en: "Files: the filter and `{pipe}` run on all cores, where the lines are read", ko: "파일: 필터와 `{pipe}`은(는) 줄을 읽는 곳에서 모든 코어로 실행" }
        not_on_files(pipe: &str) { en: "Files: refused, `{pipe}` tells how a server stores its data", ko: "파일: `{pipe}`은(는) 서버의 저장 방식을 보여 주므로 거부됨" }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::exec::{Flow, Input, Out, Scan, Stop};
    use super::super::registry::{self, Sort};
    use super::super::{Batch, Query, from_rows, parse};
    use super::*;

    /// Three batches of rows that tells when it is at its end and when it was asked to stop.
    struct Told<'a> {
        batches: &'a [Batch],
        ended: &'a Cell<bool>,
        stopped: &'a Cell<bool>,
    }

    impl Input for Told<'_> {
        fn scan(&self, _: &Scan, out: Out<'_>) -> Result<(), Stop> {
            for batch in self.batches {
                if out(batch.clone())? == Flow::Enough {
                    self.stopped.set(true);
                    break;
                }
            }
            self.ended.set(true);
            Ok(())
        }
    }

    fn batches() -> Vec<Batch> {
        let row = |number: usize| -> Row {
            let pairs = [
                ("_time", format!("2026-03-02T09:00:{number:02}Z")),
                ("_msg", format!("{{\"a\":\"{number}\"}} ip=10.0.0.{number} x")),
                ("a", number.to_string()),
                ("path", format!("/{number}")),
                ("ip", format!("10.0.0.{}", number % 3)),
            ];
            pairs.into_iter().collect()
        };
        (0..3).flat_map(|part| from_rows(&(part * 5..part * 5 + 5).map(row).collect::<Vec<_>>())).collect()
    }

    /// Whether rows came before the end, whether any came, whether the input was stopped.
    fn watched(query: &Query) -> (bool, bool, bool) {
        let batches = batches();
        let (ended, stopped, early, any) = (Cell::new(false), Cell::new(false), Cell::new(false), Cell::new(false));
        let input = Told { batches: &batches, ended: &ended, stopped: &stopped };
        let done = query.execute(&input, &Env::at(0, 1 << 20), &mut |batch| {
            any.set(any.get() || batch.rows > 0);
            early.set(early.get() || batch.rows > 0 && !ended.get());
            Flow::More
        });
        assert!(done.is_ok(), "{query}: {done:?}");
        (early.get(), any.get(), stopped.get())
    }

    #[test]
    fn every_pipe_works_as_its_plan_says() {
        for doc in registry::all().iter().filter(|doc| doc.sort == Sort::Pipe) {
            let parsed = parse(doc.example);
            let whole = parsed.query().unwrap();
            let last = whole.pipes.last().unwrap();
            let alone = parse(&format!("* | {last}"));
            let query = alone.query().unwrap();
            let Some(stage) = query.plan(0).pipes.pop() else { continue };
            if stage.work == Work::Server {
                continue;
            }
            let (early, any, _) = watched(query);
            if stage.work.flows() {
                assert!(early || !any, "{}: {:?} kept its rows", doc.name, stage.work);
            } else {
                assert!(!early, "{}: {:?} let rows go on", doc.name, stage.work);
            }
        }
    }

    #[test]
    fn what_ends_early_stops_the_reading() {
        for (query, ends) in [
            ("* | limit 3", true),
            ("* | fields a | limit 3", true),
            ("* | uniq by (a) limit 2", true),
            ("* | sort by (a) limit 3 | fields a", false),
            ("* | stats by (a) count() n | limit 3", false),
            ("*", false),
        ] {
            let parsed = parse(query);
            let query = parsed.query().unwrap();
            assert_eq!(query.plan(0).ends_at.is_some(), ends, "{query}");
            assert_eq!(watched(query).2, ends, "{query}");
        }
    }

    #[test]
    fn a_plan_is_told_in_both_languages() {
        let text = "{app=\"x\"} _time:5m error ip:in(bad:1 | fields ip) | stats by (ip) count() n, values(path) limit 3 p | sort by (n desc) limit 5";
        let parsed = parse(text);
        let plan = parsed.query().unwrap().plan(600_000_000_000);
        assert_eq!(plan.from.as_deref(), Some("1970-01-01T00:05:00Z"));
        assert_eq!(plan.filters[0], "{app=\"x\"}");
        assert_eq!(plan.fields.as_deref().map(|fields| fields.contains(&"path".to_owned())), Some(true));
        assert_eq!((plan.ends_at, plan.inner.len()), (None, 1));
        let english: Vec<String> = explain(&plan, Lang::En).into_iter().flat_map(|(_, lines)| lines).collect();
        assert!(english.iter().any(|line| line == "1. stats by (ip) count(*) as n, values(path) limit 3 as p: keeps a state for each group or value until the last row has come"), "{english:#?}");
        assert!(english.iter().any(|line| line.contains("keeps at most 5 rows")), "{english:#?}");
        let plan_of = |text: &str| parse(text).query().unwrap().plan(0);
        let told = |text: &str| explain(&plan_of(text), Lang::En).pop().unwrap().1.join("\n");
        let pushed = told("path:login status:in(500, 502) | stats by (ip) count() n");
        assert!(pushed.contains("where it holds `login`") && pushed.contains("`500` or `502`"), "{pushed}");
        assert!(pushed.contains("on all cores"), "{pushed}");
        let each = told("!path:login | fields a | stats count() n");
        assert!(!each.contains("all cores") && !each.contains("holds"), "{each}");
        let korean = explain(&plan, Lang::Ko);
        assert_eq!(korean.len(), explain(&plan, Lang::En).len());
        assert!(korean.iter().all(|(heading, _)| !heading.is_ascii()));
    }
}
