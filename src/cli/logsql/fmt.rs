//! `gatewatch logsql fmt`: a query in its canonical form; files of queries are rewritten in place.

use std::io::BufRead as _;
use std::path::Path;

use clap::ArgMatches;

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::{Run, query};
use super::read;
use crate::library::SavedQuery;
use crate::logsql::{self, Kind};
use crate::text::escape;

/// Formats, or with `--check` only says by the exit code whether there is something to format.
pub fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    if matches.get_flag("batch") {
        return batch(run);
    }
    let check = matches.get_flag("check");
    let given: Vec<String> = matches.get_many("QUERY").into_iter().flatten().cloned().collect();
    // Only what is called so is a file of ours to rewrite: a word to search for may be the name of any file.
    if !given.is_empty() && given.iter().all(|path| path.ends_with(".logsql")) {
        let missing = given.iter().find(|path| !Path::new(path).is_file());
        return match missing {
            Some(path) => Err(Failure::usage(say::no_file(run.lang, &escape::visible(path)))),
            None => files(run, &given, check),
        };
    }
    let text = match given.as_slice() {
        [] => query::text_of(run.lang, matches)?,
        [only] if only == "-" => query::text_of(run.lang, matches)?,
        [only] => only.clone(),
        [first, ..] => {
            let other = given.iter().find(|path| !path.ends_with(".logsql")).unwrap_or(first);
            return Err(Failure::usage(say::no_file(run.lang, &escape::visible(other))));
        }
    };
    let formatted = read(run, &text)?.to_string();
    if check {
        return Ok(if formatted == text { Exit::Done } else { Exit::Failed });
    }
    run.out.line(&formatted)?;
    Ok(Exit::Done)
}

/// Rewrites files whose query is not laid out as it should be, and names them.
fn files(run: &mut Run, paths: &[String], check: bool) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for path in paths {
        let shown = escape::visible(path).into_owned();
        let broken = |error: std::io::Error| Failure::failed(format!("{shown}: {error}"));
        let content = std::fs::read_to_string(path).map_err(broken)?;
        let saved = SavedQuery::parse("", &content);
        if logsql::tokens(&saved.text).iter().any(|token| token.kind == Kind::Comment) {
            // The canonical form has no comments, and a person's remarks are not ours to drop.
            run.note(&say::has_comments(run.lang, &shown));
            exit = Exit::Failed;
            continue;
        }
        let text = logsql::lay_out(&read(run, &saved.text)?.to_string());
        let formatted = SavedQuery { text, ..saved }.print();
        if formatted == content {
            continue;
        }
        run.out.line(&shown)?;
        if check {
            exit = Exit::Failed;
        } else {
            std::fs::write(path, formatted).map_err(broken)?;
        }
    }
    Ok(exit)
}

/// `{"query":"…"}` a line from standard input, one JSON line each to standard output, as they come. A refusal is an
/// answer like any other.
fn batch(run: &mut Run) -> Result<Exit, Failure> {
    for line in std::io::stdin().lock().lines() {
        run.out.line(&logsql::format_line(&line?))?;
    }
    Ok(Exit::Done)
}

/// The sentences.
mod say {
    crate::text::sentences! {
        no_file(path: &str) {
            en: "{path}: no such file; one query, or one or more .logsql files, can be formatted",
            ko: "{path}: 파일이 없습니다. 쿼리 하나 또는 .logsql 파일을 하나 이상 지정하세요",
        }
        has_comments(path: &str) {
            en: "{path}: left as it is, formatting would drop the comments in the query",
            ko: "{path}: 정리하면 쿼리 안의 주석이 사라지므로 그대로 두었습니다",
        }
    }
}
