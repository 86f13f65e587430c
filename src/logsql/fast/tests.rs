//! The fast way against the plain one: random rows, random queries, the same answers.

use proptest::prelude::*;

use super::super::{Env, parse};
use super::pieces::Pieces;
use crate::logs::Row;

fn value() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "",
        "0",
        "1",
        "10",
        "1_0",
        "-0",
        "-1_0",
        "007",
        "404",
        "499",
        "500",
        "/a",
        "/login?x=1",
        "GET",
        "foo bar",
        "5m",
        "10.0.0.1",
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:00:30.5Z",
        "2026-03-02T10:00:00+01:00",
        "서울",
    ];
    prop_oneof![
        8 => proptest::sample::select(KNOWN).prop_map(str::to_owned),
        // Values that the fast way has to refuse somewhere.
        1 => proptest::sample::select(&["1.5", "0.1", "9007199254740993", "1e300", "NaN", "inf", "1KB", "_1"][..]).prop_map(str::to_owned),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = proptest::collection::vec((proptest::sample::select(&["a", "b", "c", "_time"][..]), value()), 0..5);
    proptest::collection::vec(row.prop_map(|pairs| pairs.into_iter().collect::<Row>()), 0..30)
}

fn filter() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("*"),
        Just("a:*"),
        Just("b:=404"),
        Just("b:~\"^4..$\""),
        Just("a:>=10"),
        Just("a:foo"),
        Just("c:in(\"/a\",10)"),
        Just("a:eq_field(b)"),
        Just("!c:\"/login\""),
        Just("_time:>2026-03-02T09:00:10Z"),
        Just("a:i(get)"),
    ]
    .prop_map(str::to_owned);
    let pair = (leaf.clone(), leaf.clone(), proptest::sample::select(&["", " or "][..]))
        .prop_map(|(one, other, or)| format!("({one}{or} {other})"));
    prop_oneof![leaf, pair]
}

fn call() -> impl Strategy<Value = String> {
    let function = proptest::sample::select(
        &[
            "count()",
            "count(a)",
            "count(a, c)",
            "count_empty(b)",
            "sum(a)",
            "sum(a, b)",
            "avg(b)",
            "rate()",
            "rate_sum(a)",
            "min(a)",
            "max(b)",
            "min(_time)",
            "max(_time)",
            "sum_len(c)",
            "count_uniq(c)",
            "count_uniq(a, c)",
            "count_uniq(c) limit 2",
            "count_uniq_hash(a)",
            "count_uniq_hash(a, b) limit 3",
        ][..],
    );
    (function, proptest::option::of(filter())).prop_map(|(function, filter)| match filter {
        Some(filter) => format!("{function} if ({filter})"),
        None => function.to_owned(),
    })
}

fn fold() -> impl Strategy<Value = String> {
    let by = proptest::sample::select(
        &["", "by (a)", "by (b)", "by (a, c)", "by (_time:1m)", "by (_time:month, b)", "by (a:10)", "by (c, _time)"][..],
    );
    let stats = (by, proptest::collection::vec(call(), 1..4)).prop_map(|(by, calls)| {
        let calls: Vec<_> = calls.iter().enumerate().map(|(at, call)| format!("{call} as n{at}")).collect();
        format!("stats {by} {}", calls.join(", "))
    });
    let other = proptest::sample::select(
        &[
            "top 3 by (a)",
            "top by (b, c) rank",
            "top 2 by (a) hits as a",
            "uniq by (a)",
            "uniq by (a, b) with hits",
            "uniq (c) hits",
        ][..],
    );
    prop_oneof![4 => stats, 1 => other.prop_map(str::to_owned)]
}

fn query() -> impl Strategy<Value = String> {
    let after = proptest::sample::select(
        &[
            "",
            "| sort by (n0 desc) limit 2",
            "| sort by (n0, a) limit 3 offset 1",
            "| sort by (n1 desc, a) desc limit 2 rank",
            "| filter n0:>1",
            "| limit 2",
            "| fields n0, a",
            "| sort by (n0 desc) limit 2 partition by (a)",
        ][..],
    );
    (filter(), fold(), after).prop_map(|(filter, fold, after)| format!("{filter} | {fold} {after}"))
}

fn shown(rows: &[Row]) -> Vec<Vec<(String, String)>> {
    rows.iter().map(|row| row.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_fast_way_gives_the_plain_answer(rows in rows(), text in query()) {
        let parsed = parse(&text);
        let query = parsed.query().unwrap();
        let env = Env::at(1_772_442_000_000_000_000, 1 << 28);
        let plain = query.rows(&rows, &env).map(|rows| shown(&rows));
        let fast = query.rows(&Pieces::new(&rows), &env).map(|rows| shown(&rows));
        prop_assert_eq!(fast, plain, "{}", text);
    }
}

#[test]
fn what_can_be_folded_is() {
    let rows: Vec<Row> =
        (0..100).map(|n| [("a", (n % 7).to_string()), ("b", n.to_string())].into_iter().collect()).collect();
    for (text, folds) in [
        ("a:>1 | stats by (a) count() n, count_uniq(b) if (b:~\"5$\") u, max(b) m | sort by (n desc) limit 3", true),
        ("* | top 2 by (a)", true),
        ("* | uniq by (a, b) with hits", true),
        ("* | stats values(b) v", false),
        ("* | stats sum(*) v", false),
        ("* | stats by (a) quantile(0.5, b) v", false),
    ] {
        let parsed = parse(text);
        let pieces = Pieces::new(&rows);
        parsed.query().unwrap().rows(&pieces, &Env::at(0, 1 << 20)).unwrap();
        assert_eq!((pieces.spreads(), pieces.scans()), (u32::from(folds), u32::from(!folds)), "{text}");
    }
}
