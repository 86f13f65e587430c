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

/// Rows that are given only the fields a scan asks for, and only where its range allows.
struct Sparing(Vec<Row>);

impl Input for Sparing {
    fn scan(&self, scan: &Scan, out: Out<'_>) -> Result<(), Stop> {
        let in_range = |row: &&Row| {
            let time = parse_rfc3339(row.get("_time"));
            time.is_none_or(|time| (scan.from..=scan.to).contains(&time))
        };
        let spare = |row: &Row| row.iter().filter(|(name, _)| scan.fields.has(name)).collect::<Row>();
        self.0.iter().filter(in_range).map(spare).collect::<Vec<Row>>().scan(scan, out)
    }
}

/// One row in each batch.
struct OneByOne(Vec<Row>);

impl Input for OneByOne {
    fn scan(&self, _: &Scan, out: Out<'_>) -> Result<(), Stop> {
        for batch in self.0.iter().flat_map(|row| from_rows(std::slice::from_ref(row))) {
            if out(batch)? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

const FILTERS: &[&str] = &[
    "*",
    "a:x",
    "b:>5",
    "_time:[2024-01-01T00:00:02Z,2024-01-01T00:00:06Z) c:*",
    "!a:x* or c:~\"^.$\"",
    "a:in(b:<9 | fields a)",
    "_time:2024-01-01T00:00:03Z",
    "b:lt_field(c) a:contains_any(x,y)",
];

const PIPES: &[&str] = &[
    "fields a, b",
    "fields c*",
    "delete a",
    "rename a d, b a",
    "copy b e",
    "sort by (b desc, a) limit 4",
    "sort by (b, a, c, _time)",
    "stats by (a) count() n, sum(b) s, min(c) m",
    "stats count() n, count_uniq(a) u, max(b) if (c:x) a",
    "stats by (b:5) count() a",
    "uniq by (a, c)",
    "top 3 by (a)",
    "math b * 2 + d as d",
    "format \"<a>-<b>\" as a skip_empty_results",
    "extract \"<d>y\" from c keep_original_fields",
    "filter b:>3",
    "where d:*",
    "len(c) as b",
    "replace (\"x\", \"yy\") at a",
    "coalesce(d, a, c) default z as d",
    "split \"y\" from c as d",
    "running_stats by (a) sum(b) as d",
    "total_stats count() as b",
    "deduplicate by (a)",
    "join by (a) (* | stats by (a) count() k)",
    "union (a:y | fields a, b)",
    "drop_empty_fields",
    "unroll by (c)",
    "pack_json fields (a, b) as d",
    "unpack_json from d",
    "limit 5",
    "offset 2",
    "first 2 by (b, a, c, _time) partition by (a)",
    "facets 3",
    "field_names",
    "set_stream_fields a, c",
];

fn answer(query: &Query, input: &dyn Input) -> Vec<Vec<(String, String)>> {
    let row = |row: Row| {
        let mut fields: Vec<(String, String)> = row
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        fields.sort();
        fields
    };
    let rows = query.rows(input, &Env::at(0, 1 << 24)).unwrap();
    rows.into_iter().map(row).filter(|row| !row.is_empty()).collect()
}

proptest! {
    #[test]
    fn reading_only_what_a_plan_needs_changes_no_answer(
        filter in proptest::sample::select(FILTERS),
        pipes in proptest::collection::vec(proptest::sample::select(PIPES), 0..4),
        values in proptest::collection::vec(("|x|y|xy|xyz", "|1|5|9|12|x", "|x|1|a y|[\"x\",1]"), 0..12),
    ) {
        let text = std::iter::once(filter).chain(pipes).collect::<Vec<_>>().join(" | ");
        let parsed = parse(&text);
        let query = parsed.query().unwrap();
        let row = |(second, (a, b, c)): (usize, (String, String, String))| -> Row {
            let time = format!("2024-01-01T00:00:{second:02}Z");
            [("_time", time), ("a", a), ("b", b), ("c", c), ("other", "x".to_owned())].into_iter().collect()
        };
        let rows: Vec<Row> = values.into_iter().enumerate().map(row).collect();
        let whole = answer(query, &rows);
        prop_assert_eq!(&answer(query, &Sparing(rows.clone())), &whole, "{}", text);
        prop_assert_eq!(&answer(query, &OneByOne(rows)), &whole, "{} row by row", text);
    }
}

/// Everything that looks into the value of `x`.
const LOOKS: &[&str] = &[
    "x:foo",
    "x:foo*",
    "x:i(fOo)",
    "x:i(fo*)",
    "x:=foo",
    "x:=1*",
    "x:in(a, 1)",
    "x:contains_all(a, 1)",
    "x:contains_any(a, 1)",
    "x:contains_common_case(Foo)",
    "x:equals_common_case(Foo)",
    "x:seq(a, 1)",
    "x:~\"[a-z]+.1\"",
    "x:>1",
    "x:range(1, 1h]",
    "x:string_range(1, b)",
    "x:len_range(1, 3)",
    "x:ipv4_range(\"10.0.0.0/8\")",
    "x:ipv6_range(\"::/1\")",
    "x:json_array_contains_any(1, a)",
    "x:pattern_match(\"<N> <W><DATETIME>\")",
    "x:pattern_match_suffix(\"<IP4>\")",
    "x:eq_field(y)",
    "x:le_field(y)",
    "x:lt_field(y)",
    "x:value_type(uint8)",
    "{x=\"1\"} or _stream_id:in(0000007b000001c850d9950ea6196b1a4812081265faa1c7) or _time:day_range[08:00, 18:00) or _time:week_range[Mon, Fri]",
    "* | sort by (x, y) | first 2 by (y) partition by (x) | last 1 by (x desc)",
    "* | stats by (x:5, y:1h offset 1m) count() n",
    "* | stats by (x:/24) count_uniq(y), count_uniq_hash(x)",
    "* | stats sum(x), avg(x, y), min(x), max(y), median(x), quantile(0.9, x), stddev(x), sum_len(x)",
    "* | stats histogram(x), uniq_values(x), values(y), json_values(x), row_min(x), row_max(y), row_any(), any(x)",
    "* | stats field_max(x, y), field_min(y, x), count_empty(x), rate_sum(x)",
    "* | math x + 1 as a, x ^ y b, round(x, y) c, x & y d, x % y e, exp(x) f, ln(y) g",
    "* | format \"<q:x><uc:x><lc:y><time:x><duration:x><duration_seconds:x><ipv4:x>\" as a",
    "* | format \"<hexencode:x><hexdecode:x><hexnumencode:x><hexnumdecode:x><urlencode:x>\" as a",
    "* | format \"<urldecode:x><base64encode:x><base64decode:x>\" as a",
    "* | extract \"a<b> <c>1\" from x | extract_regexp \"(?P<d>.)\" from y",
    "* | unpack_json from x | unpack_logfmt from y result_prefix \"p.\"",
    "* | unpack_syslog from x offset 1h",
    "* | unpack_words from x as a | unroll by (x, y) | json_array_len(x) as b",
    "* | pack_json | pack_logfmt as a",
    "* | replace (\"1\", \"22\") at x | replace_regexp (\"(.)\", \"$1$1\") at y",
    "* | collapse_nums at x prettify | decolorize y | len(x) as a | hash(y) as b",
    "* | split \"1\" from x as a | json_array_concat \",\" from x as b | time_add 1h at x | coalesce(x, y) as c",
    "* | uniq by (x, y) with hits | top 3 by (x)",
    "* | facets | field_values field_name",
    "* | running_stats by (y) sum(x) a | total_stats max(y) as b | deduplicate by (x)",
    "* | set_stream_fields x, y | stream_context before 1 | drop_empty_fields",
];

proptest! {
    #[test]
    fn no_value_breaks_any_construct(
        query in proptest::sample::select(LOOKS),
        values in proptest::collection::vec(prop_oneof![
            any::<String>(),
            "[-+0-9.,:eExX_TZzµmhdKiMB/é<>\\[\\]{}\"'`\\\\= \u{301}]{0,24}",
            "[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[.+Z0-9é:-]{0,8}",
            "<[0-9]{1,3}>[1 ]?[A-Z][a-zé]{2} [ 0-9]{2} [0-9:é]{8} [ -~é]{0,12}",
            "[{\\[\"a-z0-9:,\\\\u}\\]é]{0,20}",
        ], 1..5),
    ) {
        let parsed = parse(query);
        let row = |pair: &[String]| -> Row {
            let other = pair.last().map_or("", String::as_str);
            [("_time", other), ("_msg", other), ("x", pair[0].as_str()), ("y", other)].into_iter().collect()
        };
        let rows: Vec<Row> = values.chunks(2).map(row).collect();
        let _ = parsed.query().unwrap().rows(&rows, &Env::at(0, 1 << 24));
    }
}
