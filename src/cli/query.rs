//! `gatewatch query`: runs LogsQL on the source and prints the rows as they come, see [`Rows`].

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use clap::ArgMatches;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use jiff::Timestamp;
use serde::Serialize;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Format;
use super::rows::Rows;
use super::{Run, args, timerange, unread, wiring};
use crate::logs::{self, LogSource, Query, Row, SourceError, Window};
use crate::logsql::{Diagnostic, Problem, Reach};
use crate::text::{Lang, Say as _, escape};

/// Runs one query, or with `--batch` many.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    if matches.get_one::<String>("batch").is_some_and(String::is_empty) {
        return over_rows(run, Timestamp::now());
    }
    let source = wiring::source(run, &args::given_files(matches), wiring::Waits::ForStdin).await?;
    let is_files = source.info().kind != "victorialogs";
    let now = Timestamp::now();
    let window = timerange::of_run(run, matches, is_files, now)?;
    let limit = matches.get_one::<u64>("limit").copied();
    if let Some(file) = matches.get_one::<String>("batch") {
        return batch(run, source.as_ref(), file, window, limit).await;
    }
    let text = text_of(run.lang, matches)?;
    if window == timerange::WHOLE {
        run.note(&say::whole(run.lang, &escape::visible(&source.info().label)));
    }
    let query = Query { text: text.clone(), window, limit, timeout: Some(run.loaded.settings.source.timeout) };
    advise(run, &text, is_files);
    let Printed { rows, ended } = print(run, source.as_ref(), query).await?;
    run.out.flush()?;
    unread::say(run, source.as_ref()).await;
    match ended {
        None if rows == 0 && window != timerange::WHOLE => {
            // Nothing there and nothing in the last minutes look the same otherwise.
            run.note(&say::nothing(run.lang, &timerange::show(&window, run.lang)));
            Ok(Exit::Done)
        }
        None => Ok(Exit::Done),
        Some(error) => Err(refused(run.lang, &text, &error, rows)),
    }
}

/// The query: the argument, or standard input where there is none.
pub fn text_of(lang: Lang, matches: &ArgMatches) -> Result<String, Failure> {
    match matches.get_one::<String>("QUERY") {
        Some(text) if text != "-" => Ok(text.clone()),
        _ if std::io::stdin().is_terminal() => Err(Failure::usage(say::no_query(lang))),
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            Ok(text.trim().to_owned())
        }
    }
}

/// What was printed.
struct Printed {
    rows: u64,
    /// What ended the answer early; `None` for a whole one.
    ended: Option<SourceError>,
}

/// Says what the query hardly means, such as a misspelled pipe that reads as a word, and what it would cost a server
/// where it asks about all of time in spite of the range.
fn advise(run: &Run, text: &str, is_files: bool) {
    for found in crate::logsql::advice(text, Reach { server: !is_files, bounded: true }) {
        run.note(&found.say(run.lang));
    }
    let misread = |found: &Diagnostic| matches!(found.problem, Problem::ReadsAsWord(_));
    for found in crate::logsql::parse(text).diagnostics.into_iter().filter(misread) {
        run.note(&(found.say(run.lang) + &marked(text, found.span).unwrap_or_default()));
    }
}

/// Prints rows as they arrive.
async fn print(run: &mut Run, source: &dyn LogSource, query: Query) -> Result<Printed, Failure> {
    // What our parser does not understand is run all the same; then nothing is known of its columns.
    let columns = crate::logsql::parse(&query.text).query().ok().and_then(crate::logsql::Query::columns);
    let mut rows = Rows::new(run.out.format, columns)?;
    let ended = if run.out.format == Format::Jsonl {
        match source.lines(query).await {
            Ok(stream) => each(stream, |lines| rows.add_lines(&lines, &mut run.out)).await?,
            Err(error) => return Ok(Printed { rows: 0, ended: Some(error) }),
        }
    } else {
        match source.query(query).await {
            Ok(stream) => each(stream, |batch| rows.add(batch, &mut run.out)).await?,
            Err(error) => return Ok(Printed { rows: 0, ended: Some(error) }),
        }
    };
    let count = rows.count;
    let left = rows.end(&mut run.out)?;
    if left.narrow > 0 {
        run.note(&say::left_out(run.lang, left.narrow));
    }
    if !left.late.is_empty() {
        run.note(&say::late(run.lang, &escape::visible(&left.late.join(", "))));
    }
    Ok(Printed { rows: count, ended })
}

/// Hands on everything that an answer has; gives what ended it early.
async fn each<T>(
    mut answer: BoxStream<'static, Result<T, SourceError>>,
    mut take: impl FnMut(T) -> std::io::Result<()>,
) -> std::io::Result<Option<SourceError>> {
    while let Some(part) = answer.next().await {
        match part {
            Ok(part) => take(part)?,
            Err(error) => return Ok(Some(error)),
        }
    }
    Ok(None)
}

/// One answer of a batch.
#[derive(Serialize)]
struct Answered<'a> {
    query: &'a str,
    rows: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Runs the queries of a file, one a line, and prints one JSON line each. A query that fails says so in its line and
/// does not stop the rest.
async fn batch(
    run: &mut Run,
    source: &dyn LogSource,
    file: &str,
    window: Window,
    limit: Option<u64>,
) -> Result<Exit, Failure> {
    let lang = run.lang;
    let text = read_batch(file).map_err(|error| {
        Failure::failed(SourceError::File { path: file.into(), cause: error.to_string() }.say(lang))
    })?;
    let mut exit = Exit::Done;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let query = Query { text: line.to_owned(), window, limit, timeout: Some(run.loaded.settings.source.timeout) };
        let answer = match source.query(query).await {
            Ok(stream) => logs::collect(stream, usize::MAX).await,
            Err(error) => logs::Answer { rows: Vec::new(), cut: Some(error) },
        };
        if answer.cut.is_some() {
            exit = Exit::Partly;
        }
        let error = answer.cut.map(|error| error.say(lang));
        run.out.json_line(&Answered { query: line, rows: answer.rows, error })?;
        run.out.flush()?;
    }
    Ok(exit)
}

/// `{"query":"…","rows":[{…},…]}` a line from standard input, one JSON line each to standard output: queries over the
/// rows that come with them, without any source.
fn over_rows(run: &mut Run, now: Timestamp) -> Result<Exit, Failure> {
    let now = crate::logsql::nanos_of(now);
    for line in std::io::stdin().lock().lines() {
        run.out.line(&crate::logsql::query_line(&line?, now))?;
    }
    Ok(Exit::Done)
}

fn read_batch(file: &str) -> std::io::Result<String> {
    if file == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) }
}

/// The failure of a query, with the place marked where it is known. An answer that was cut is done in part.
fn refused(lang: Lang, text: &str, error: &SourceError, rows: u64) -> Failure {
    let message = error.say(lang);
    match error {
        SourceError::BadQuery { span, .. } => {
            let marked = span.clone().and_then(|span| marked(text, span)).unwrap_or_default();
            Failure::Message(Exit::Usage, message + &marked)
        }
        _ if rows > 0 => Failure::Message(Exit::Partly, message),
        _ => Failure::failed(message),
    }
}

/// The line of the query that holds the place, and carets under it.
pub fn marked(text: &str, span: std::ops::Range<usize>) -> Option<String> {
    let before = text.get(..span.start)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[span.start..].find('\n').map_or(text.len(), |at| span.start + at);
    let cells = |text: &str| crate::text::width::width(text);
    let indent = cells(&text[line_start..span.start]);
    let length = text.get(span.start..span.end.min(line_end)).map_or(1, cells).max(1);
    let line = escape::visible(&text[line_start..line_end]);
    Some(format!("\n  {line}\n  {}{}", " ".repeat(indent), "^".repeat(length)))
}

/// The sentences.
mod say {
    crate::text::words! {
        no_query { en: "a query is missing: gatewatch query '_time:5m | stats count()'", ko: "쿼리가 없습니다. 예: gatewatch query '_time:5m | stats count()'" }
    }
    crate::text::sentences! {
        whole(label: &str) {
            en: "no time range given: the whole of {label} was taken",
            ko: "시간 범위를 지정하지 않아 {label} 전체를 조회했습니다",
        }
        nothing(window: &str) {
            en: "no rows in {window}; --since 1d looks farther back, --start and --end anywhere",
            ko: "{window}에는 해당하는 행이 없습니다. --since 1d로 더 이전까지, --start와 --end로 원하는 기간을 조회하세요",
        }
        left_out(columns: usize) {
            en: "{columns} more columns do not fit; -o jsonl shows all",
            ko: "{columns}개 열은 화면에 맞지 않아 생략했습니다. -o jsonl로 모두 볼 수 있습니다",
        }
        late(names: &str) {
            en: "columns that came too late for the table are not in it: {names}; -o jsonl shows all",
            ko: "표를 그린 뒤에 나온 열은 빠졌습니다: {names}. -o jsonl로 모두 볼 수 있습니다",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_query_shows_the_place() {
        let error = SourceError::BadQuery { message: "no such pipe".to_owned(), span: Some(10..13) };
        let Failure::Message(exit, message) = refused(Lang::En, "_time:5m |foo\n| limit 1", &error, 0) else {
            panic!()
        };
        assert_eq!(exit, Exit::Usage);
        assert_eq!(message, "the query was refused: no such pipe\n  _time:5m |foo\n            ^^^");
        assert_eq!(marked("서울 x", 7..8).unwrap(), "\n  서울 x\n       ^");
        assert_eq!(marked("x", 5..9), None);
    }

    #[test]
    fn a_cut_answer_is_done_in_part() {
        let cut = SourceError::CutOff { cause: "reset".to_owned(), rows_before: 3 };
        assert!(matches!(refused(Lang::En, "*", &cut, 3), Failure::Message(Exit::Partly, _)));
        assert!(matches!(refused(Lang::En, "*", &cut, 0), Failure::Message(Exit::Failed, _)));
    }
}
