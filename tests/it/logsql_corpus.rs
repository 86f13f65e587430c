//! The language against what a live VictoriaLogs answered: canonical forms, refusals, executions. The answers are data
//! in `tests/logsql`, whose README tells how they came about.

use std::path::Path;

use gatewatch::logsql::{self, Edit, Reach, Vocabulary, edited, format_line, query_line};
use serde_json::Value;

fn corpus(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logsql").join(name)).unwrap()
}

fn lines(name: &str) -> Vec<Value> {
    corpus(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Says which cases failed, the first of them in full.
fn judge(name: &str, cases: usize, failures: &[String]) {
    let shown = failures.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} of {cases} cases of {name} failed:\n{shown}", failures.len());
    assert!(cases > 1000, "{name} has only {cases} cases");
}

#[test]
fn canonical_forms_are_the_servers_and_fixed_points() {
    let cases = lines("canonical.jsonl");
    let mut failures = Vec::new();
    for case in &cases {
        let got = answer(&format_line(&case.to_string()));
        if got["formatted"] != case["formatted"] {
            failures.push(format!("{}\n  wanted {}\n  got    {got}", case["query"], case["formatted"]));
        }
        let again = answer(&format_line(&serde_json::json!({ "query": got["formatted"] }).to_string()));
        if again["formatted"] != got["formatted"] {
            failures.push(format!("{} is no fixed point: {again}", got["formatted"]));
        }
    }
    judge("canonical.jsonl", cases.len(), &failures);
}

#[test]
fn what_the_server_refuses_is_refused_with_a_reason() {
    let cases = lines("refused.jsonl");
    let refused = |case: &&Value| {
        let got = answer(&format_line(&case.to_string()));
        got["ok"] == false && got["error"].as_str().is_some_and(|why| !why.is_empty())
    };
    let failures: Vec<String> =
        cases.iter().filter(|case| !refused(case)).map(|case| case["query"].to_string()).collect();
    judge("refused.jsonl", cases.len(), &failures);
}

/// Rows without empty ones; in an order of their own where the query sets none.
fn comparable(rows: &Value, ordered: bool) -> Vec<String> {
    let text = |row: &Value| {
        let mut fields: Vec<(&String, &Value)> =
            row.as_object().unwrap().iter().filter(|(_, value)| *value != "").collect();
        fields.sort_by_key(|(name, _)| *name);
        format!("{fields:?}")
    };
    let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(text).filter(|row| row != "[]").collect();
    if !ordered {
        rows.sort();
    }
    rows
}

/// This instant is later than all rows: queries that name `now` are not in the corpus.
const NOW: i64 = 1_718_000_000_000_000_000;

#[test]
fn answers_are_the_servers() {
    let rows: Value = serde_json::from_str(&corpus("rows.json")).unwrap();
    let cases = lines("answers.jsonl");
    let mut failures = Vec::new();
    for case in &cases {
        let query = case["query"].as_str().unwrap();
        let rows = &rows[case["rows_of"].as_str().unwrap()];
        let got = answer(&query_line(&serde_json::json!({ "query": query, "rows": rows }).to_string(), NOW));
        let last = query.rsplit(" | ").find(|pipe| !pipe.starts_with("fields")).unwrap_or_default();
        let ordered = case["ordered"] == true
            || ["sort by (_time)", "sort by (c desc", "sort by (ip, "].iter().any(|start| last.starts_with(start));
        if got["ok"] != true || comparable(&got["rows"], ordered) != comparable(&case["answer"], ordered) {
            failures.push(format!("{query}\n  wanted {}\n  got    {got}", case["answer"]));
        }
    }
    judge("answers.jsonl", cases.len(), &failures);
}

/// Every query of the corpus, those that are refused too.
fn queries() -> Vec<String> {
    let text = |case: &Value| case["query"].as_str().unwrap_or_default().to_owned();
    ["canonical.jsonl", "refused.jsonl"]
        .into_iter()
        .flat_map(|name| lines(name).iter().map(text).collect::<Vec<_>>())
        .collect()
}

/// The places of a text at which a token begins.
fn starts(text: &str) -> Vec<usize> {
    logsql::tokens(text).iter().map(|token| token.span.start).collect()
}

#[test]
fn every_field_of_the_corpus_gets_another_name_and_its_own_back() {
    let mut failures = Vec::new();
    let mut renamed = 0;
    let cases = queries();
    for query in cases.iter().step_by(5) {
        let Ok(canonical) = logsql::format(query) else { continue };
        for place in starts(query) {
            let Some(name) = logsql::field_at(query, place) else { continue };
            let Ok(edits) = logsql::rename(query, place, "another_name") else { continue };
            renamed += 1;
            let there = edited(query, &edits);
            // The place moves where edits stand before it.
            let moved = |edit: &&Edit| edit.range.start < place;
            let shift: i64 = edits
                .iter()
                .filter(moved)
                .map(|edit| i64::try_from(edit.text.len()).unwrap() - i64::try_from(edit.range.len()).unwrap())
                .sum();
            let back_at = usize::try_from(i64::try_from(place).unwrap() + shift).unwrap();
            let back = logsql::rename(&there, back_at, &name).map(|edits| edited(&there, &edits));
            let again = back.as_deref().map(logsql::format);
            if again != Ok(Ok(canonical.clone())) {
                failures.push(format!("{query} at {place}: {there} and back {again:?}"));
            }
        }
    }
    assert!(renamed > 300, "only {renamed} fields");
    judge("names", cases.len(), &failures);
}

#[test]
fn no_query_of_the_corpus_makes_the_editor_stumble() {
    let vocabulary = Vocabulary { fields: vec!["a".to_owned(), "b c".to_owned()], ..Vocabulary::default() };
    let mut fixed = 0;
    for query in queries().into_iter().step_by(5) {
        for place in starts(&query).into_iter().step_by(5).chain([query.len()]) {
            logsql::hover(&query, place);
            logsql::signature(&query, place);
            logsql::brackets(&query, place);
            logsql::complete(&query, place, &vocabulary);
        }
        let parsed = logsql::parse(&query);
        let advice = logsql::advice(&query, Reach { server: true, bounded: false });
        for found in parsed.diagnostics.iter().chain(&advice) {
            let Some(fix) = logsql::fix(&query, found) else { continue };
            let mended = edited(&query, &fix.edits);
            // One error may have hidden the next; but here the text is mended.
            let still = logsql::parse(&mended).diagnostics;
            let same =
                |other: &&logsql::Diagnostic| other.code() == found.code() && other.span.start == found.span.start;
            assert!(!still.iter().any(|other| same(&other)), "{query} → {mended}: {found:?}");
            fixed += 1;
        }
        if let Ok(query) = parsed.query() {
            let plan = query.plan(0);
            assert!(!logsql::explain(&plan, gatewatch::text::Lang::Ko).is_empty());
        }
    }
    assert!(fixed > 60, "only {fixed} fixes");
}
