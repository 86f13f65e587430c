//! `gatewatch logsql doc`: what the language consists of, from the registry that the parser reads.

use clap::ArgMatches;
use serde::Serialize;

use super::super::Run;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::output::{self, Format};
use crate::logsql::Clause;
use crate::logsql::registry::{self, Doc, Sort};
use crate::text::{Lang, escape};

/// A construct as data.
#[derive(Serialize)]
struct Entry {
    name: &'static str,
    kind: &'static str,
    aliases: &'static [&'static str],
    forms: Vec<&'static str>,
    about: &'static str,
    example: &'static str,
}

/// One construct in full, or the list of all.
pub fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    match matches.get_one::<String>("NAME") {
        None => list(run, lang)?,
        Some(name) => one(run, name)?,
    }
    Ok(Exit::Done)
}

fn list(run: &mut Run, lang: Lang) -> Result<(), Failure> {
    let columns = [
        output::text("name", say::name(lang)),
        output::text("kind", say::kind(lang)),
        output::text("about", say::about(lang)),
    ];
    let docs: Vec<&Doc> = [Sort::Filter, Sort::Pipe, Sort::Stats]
        .into_iter()
        .flat_map(|sort| registry::all().iter().copied().filter(move |doc| doc.sort == sort))
        .collect();
    let entries: Vec<Entry> = docs.iter().map(|doc| entry(doc, lang)).collect();
    run.out.list(&columns, &entries, |entry| {
        let names: Vec<&str> = std::iter::once(entry.name).chain(entry.aliases.iter().copied()).collect();
        vec![names.join(", "), entry.kind.to_owned(), entry.about.to_owned()]
    })?;
    Ok(())
}

fn one(run: &mut Run, name: &str) -> Result<(), Failure> {
    let lang = run.lang;
    let found: Vec<&Doc> = [Sort::Pipe, Sort::Stats, Sort::Filter]
        .into_iter()
        .filter_map(|sort| registry::find_sort(sort, name))
        .collect();
    if matches!(run.out.format, Format::Json | Format::Jsonl) && !found.is_empty() {
        let entries: Vec<Entry> = found.iter().map(|doc| entry(doc, lang)).collect();
        return Ok(run.out.json(&entries)?);
    }
    for (number, doc) in found.iter().enumerate() {
        if number > 0 {
            run.out.line("")?;
        }
        let names: Vec<&str> = doc.names().collect();
        run.out.line(&format!("{} ({})", names.join(", "), doc.sort.label(lang)))?;
        run.out.line(&format!("  {}", doc.summary(lang)))?;
        run.out.line("")?;
        for form in doc.forms() {
            run.out.line(&format!("  {form}"))?;
        }
        run.out.line("")?;
        run.out.line(&format!("{}\n  {}", say::example(lang), doc.example))?;
    }
    if let Some(clause) = Clause::find(name) {
        if !found.is_empty() {
            run.out.line("")?;
        }
        run.out.line(&format!("{} ({})\n  {}", clause.word, say::keyword(lang), clause.summary(lang)))?;
        return Ok(());
    }
    if found.is_empty() {
        let nearest = registry::nearest(&[Sort::Pipe, Sort::Stats, Sort::Filter], name);
        let shown = escape::visible(name);
        return Err(Failure::usage(match nearest {
            Some(nearest) => say::did_you_mean(lang, &shown, nearest),
            None => say::unknown(lang, &shown),
        }));
    }
    Ok(())
}

fn entry(doc: &'static Doc, lang: Lang) -> Entry {
    Entry {
        name: doc.name,
        kind: doc.sort.label(lang),
        aliases: doc.aliases,
        forms: doc.forms(),
        about: doc.summary(lang),
        example: doc.example,
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        name { en: "NAME", ko: "이름" }
        kind { en: "KIND", ko: "종류" }
        about { en: "WHAT IT DOES", ko: "하는 일" }
        example { en: "Example", ko: "예" }
        keyword { en: "keyword", ko: "키워드" }
    }
    crate::text::sentences! {
        unknown(name: &str) {
            en: "LogsQL has no `{name}`; `gatewatch logsql doc` lists what it has",
            ko: "LogsQL에 `{name}`은(는) 없습니다. `gatewatch logsql doc`으로 목록을 볼 수 있습니다",
        }
        did_you_mean(name: &str, nearest: &str) {
            en: "LogsQL has no `{name}`; did you mean `{nearest}`?",
            ko: "LogsQL에 `{name}`은(는) 없습니다. `{nearest}`을(를) 찾으시나요?",
        }
    }
}
