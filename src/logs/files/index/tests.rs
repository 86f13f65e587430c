//! What is in memory answers as the file does: whole, in part, while it grows, and not at all.

use std::io::Write as _;

use super::{Budget, build};
use crate::logs::files::catalog::Catalog;
use crate::logs::files::execute::{self, Question};
use crate::logs::files::tests::{Place, access};
use crate::logs::{Query, Window};

const QUESTIONS: &[&str] = &[
    "* | stats by (remote_addr) count() n, count_uniq(path) p, count() if (status:~\"^4\") e | sort by (n desc, remote_addr)",
    "status:=200 | stats by (_time:10m, path) count() n, min(_time) f, max(_time) l | sort by (n desc, path, _time) limit 5",
    "query:* | stats count() n, count_uniq(query) q, max(path) p",
    "* | stats by (user_agent, method) count() n, sum(bytes) b, sum_len(uri) l | sort by (n desc, user_agent)",
    "path:\"/9\" | uniq by (status, protocol) with hits",
    "* | top 5 by (uri)",
    "* | stats by (client) count() n | sort by (n desc, client)",
    "odd | stats count() n",
    "missing:\"\" | stats by (missing, host) count() n",
    "uri:\"x\\\"y\" | stats by (uri, path, query) count() n",
    "* | stats by (request_uri) count() n | sort by (n desc, request_uri) limit 3",
];

/// A line of an access log, now and then an unusual one.
fn line(number: u64) -> String {
    let number = number % 50_000;
    match number % 100 {
        7 => "odd".to_owned(),
        13 => access(number).replacen("GET ", "GET /x\\x22y\\x3Fz?a=b", 1),
        17 => access(number).replacen("HTTP/1.1\" 200", "HTTP/1.1\" 404", 1),
        23 => access(number).replacen("GET ", "POST /form?", 1),
        _ => access(number),
    }
}

fn json(number: u64) -> String {
    match number % 50 {
        3 => "{\"odd\":".to_owned(),
        5 => format!(r#"{{"client_ip":"203.0.113.9","request_uri":"/a?b","path":"/own","status":404,"n":{number}}}"#),
        9 => r#"{"request_uri":"/x\"y?z","bytes":"12"}"#.to_owned(),
        _ => format!(
            r#"{{"time":"2026-11-21T{:02}:{:02}:00Z","client_ip":"203.0.113.{}","request_uri":"/{}?q={}","status":200,"deep":{{"a":{}}}}}"#,
            9 + number / 3_600 % 12,
            number / 60 % 60,
            number % 7,
            number % 300,
            number % 11,
            number % 3
        ),
    }
}

fn window(range: Option<(&str, &str)>) -> Window {
    let (start, end) = range.unwrap_or(("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z"));
    Window { start: start.parse().unwrap(), end: end.parse().unwrap() }
}

fn answers(catalog: &Catalog) -> Vec<(String, Vec<String>)> {
    let ranges = [
        None,
        Some(("2026-11-21T09:10:00Z", "2026-11-21T10:40:00Z")),
        Some(("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z")),
    ];
    let mut answers = Vec::new();
    for text in QUESTIONS {
        for range in ranges {
            let question = Question::new(&Query::new(*text, window(range))).unwrap();
            let mut rows = Vec::new();
            execute::run(catalog, &question, &|| false, &mut |batch| {
                rows.extend(batch.to_rows().iter().map(|row| serde_json::to_string(row).unwrap()));
                true
            })
            .unwrap();
            answers.push((format!("{text} {range:?}"), rows));
        }
    }
    answers
}

/// How many lines are in memory after another look at the files.
fn look(catalog: &Catalog, budget: &Budget) -> u64 {
    for content in catalog.list().unwrap() {
        build(&content, catalog.options(), budget, &|| false).unwrap();
    }
    catalog.indexed().rows
}

fn compare(catalog: &Catalog, expected: &[(String, Vec<String>)]) {
    for ((question, rows), (_, expected)) in answers(catalog).into_iter().zip(expected) {
        assert_eq!(&rows, expected, "{question}");
    }
}

#[test]
fn memory_answers_as_the_files_do() {
    let place = Place::new();
    let lines = |range: std::ops::Range<u64>| range.map(|number| line(number) + "\n").collect::<String>();
    place
        .write("a.log", lines(0..5_000))
        .write("b.json", (0..1_500).map(|number| json(number) + "\n").collect::<String>());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(lines(0..1_000).as_bytes()).unwrap();
    place.write("c.gz", packed.finish().unwrap());
    let catalog = place.catalog(&["a.log", "b.json", "c.gz"]);
    let expected = answers(&catalog);
    assert!(expected.iter().filter(|(_, rows)| !rows.is_empty()).count() > QUESTIONS.len());
    assert_eq!(look(&catalog, &Budget::new(1 << 30)), 7_500);
    compare(&catalog, &expected);
}

#[test]
fn what_is_added_is_answered_at_once_and_taken_in_later() {
    let place = Place::new();
    let lines = |range: std::ops::Range<u64>| range.map(|number| line(number) + "\n").collect::<String>();
    place.write("a.log", lines(0..600));
    let (catalog, budget) = (place.catalog(&["a.log"]), Budget::new(1 << 30));
    assert_eq!(look(&catalog, &budget), 600);
    let append = |text: &str| {
        std::fs::File::options().append(true).open(place.path("a.log")).unwrap().write_all(text.as_bytes()).unwrap();
    };
    // Some lines more, the last one torn.
    append(&(lines(600..700) + &line(701)[..40]));
    compare(&catalog, &answers(&place.catalog(&["a.log"])));
    assert_eq!(look(&catalog, &budget), 600);
    append(&(line(701)[40..].to_owned() + "\n" + &lines(702..1_500)));
    compare(&catalog, &answers(&place.catalog(&["a.log"])));
    assert_eq!(look(&catalog, &budget), 1_499);
    compare(&catalog, &answers(&place.catalog(&["a.log"])));
    // Cut and begun anew, as a rotation that copies does: nothing of the old is left.
    place.write("a.log", lines(30_000..30_400));
    assert_eq!(look(&catalog, &budget), 400);
    let fresh = place.catalog(&["a.log"]);
    compare(&catalog, &answers(&fresh));
}

#[test]
fn where_memory_is_short_the_rest_is_read_from_the_file() {
    let place = Place::new();
    place.write("a.log", (0..12_000).map(|number| line(number) + "\n").collect::<String>());
    let catalog = place.catalog(&["a.log"]);
    let expected = answers(&catalog);
    let whole = Budget::new(1 << 30);
    look(&place.catalog(&["a.log"]), &whole);
    let budget = Budget::new(whole.used() - 1);
    let rows = look(&catalog, &budget);
    assert!((1..12_000).contains(&rows), "{rows}");
    compare(&catalog, &expected);
    assert_eq!(look(&catalog, &budget), rows);
    assert_eq!(look(&place.catalog(&["a.log"]), &Budget::new(0)), 0);
}
