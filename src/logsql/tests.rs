//! Tests of the language as a whole; those of one construct stand beside it.

use proptest::prelude::*;

use super::*;
use crate::logs::Row;

/// Runs a query over rows; each row of the answer as `name=value` by name, without empty fields.
pub(super) fn run_rows(query: &str, rows: &[&[(&str, &str)]]) -> Vec<String> {
    let rows: Vec<Row> = rows.iter().map(|row| row.iter().copied().collect()).collect();
    let parsed = parse(query);
    let query = parsed.query().unwrap();
    let answer = query.rows(&rows, &Env::at(0, 1 << 24)).unwrap();
    let shown = |row: &Row| {
        let mut fields: Vec<String> =
            row.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
        fields.sort();
        fields.join(" ")
    };
    answer.iter().map(shown).collect()
}

const DAYS: &[&[(&str, &str)]] = &[
    &[("_time", "2024-01-01T10:00:00Z"), ("a", "x")],
    &[("_time", "2024-01-02T10:00:00Z"), ("a", "y")],
    &[("_time", "2024-01-03T10:00:00Z"), ("a", "x")],
];

#[test]
fn options_hold_for_the_query_and_those_inside_it() {
    let printed = "options(parallel_readers=4, allow_partial_response=true, time_offset=1d, global_filter=(a:x)) *";
    assert_eq!(format(printed).unwrap(), printed);
    assert!(format("options(time_offset=x) *").is_err() && format("options(speed=1) *").is_err());
    let shifted = "options(time_offset=1d) _time:2024-01-03Z | filter _time:2024-01-03Z | fields _time, a";
    assert_eq!(run_rows(shifted, DAYS), ["_time=2024-01-03T10:00:00Z a=y"]);
    let global = "options(global_filter=(a:x)) * | union (*) | fields a";
    assert_eq!(run_rows(global, DAYS), ["a=x"; 4]);
    let inside = "options(time_offset=1d) a:in(_time:2024-01-03Z | fields a) | fields _time";
    assert_eq!(run_rows(inside, DAYS), ["_time=2024-01-03T10:00:00Z"]);
}

#[test]
fn names_that_only_newer_servers_know_are_words_where_they_cannot_be_pipes() {
    for (query, printed) in [
        ("split | filter any", "split any"),
        ("* | split:foo", "split:foo"),
        ("* | coalesce foo", "coalesce foo"),
        ("pattern_match (a or b)", "pattern_match (a or b)"),
        ("* | stats count() switch", "* | stats count(*) as switch"),
        ("* | split , from a", "* | split \",\" from a"),
    ] {
        assert_eq!(format(query).as_deref(), Ok(printed), "{query}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn printing_is_a_fixed_point(words in proptest::collection::vec(
        prop_oneof!["[a-z*:=(){}|,!<>~\"' 0-9.-]{1,4}", Just("| stats count()".into()), Just(" or ".into()), Just("in(a,b)".into())], 0..8)
    ) {
        if let Ok(once) = format(&words.concat()) {
            prop_assert_eq!(format(&once).map_err(|why| why.to_string()), Ok(once.clone()), "{}", once);
        }
    }

    #[test]
    fn no_value_changes_a_query(field in "[a-z]{1,3}|\\PC{1,5}", value in any::<String>()) {
        prop_assume!(!["_time", "_stream", "_stream_id"].contains(&field.as_str()));
        let text = format!("x {} y | stats count() n", equals(&field, &value));
        let parsed = parse(&text);
        let query = parsed.query().unwrap();
        prop_assert_eq!(query.pipes.len(), 1);
        let filter::Filter::And(parts) = &query.filter else { panic!("{text}") };
        prop_assert_eq!(parts.len(), 3, "{}", text);
        let filter::Filter::Exact(exact) = &parts[1] else { panic!("{text}") };
        prop_assert_eq!((&exact.field, &exact.value, exact.is_prefix), (&field, &value, false));
    }
}
