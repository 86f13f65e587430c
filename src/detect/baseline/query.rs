//! The LogsQL of a series. A query is written once for every source; these stand for what the source has:
//!
//! | placeholder | becomes |
//! |---|---|
//! | `{requests}` | the filter that picks the access log's requests |
//! | `{status}` `{bytes}` `{duration}` `{method}` `{path}` `{host}` | the field that plays the part |
//! | `{field}` | the first of the series' `fields` that the source has |
//! | `{by}` | `by (name) ` with the first of the series' `by` that the source has, else nothing |
//!
//! A series whose fields the source does not have is not asked for: that is no failure.

use super::Series;
use crate::detect::access::AccessLog;
use crate::logs::{Row, SourceError};
use crate::logsql::quote_field;

/// The placeholders of request fields.
const PARTS: &[&str] = &["status", "bytes", "duration", "method", "path", "host"];

/// The field that a client's part of a series stands in.
const VALUE: &str = "value";

/// A series' question to one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The LogsQL; it ends in `stats`.
    pub text: String,
    /// The field that splits the series.
    pub by: Option<String>,
    /// What stands before its `stats`, and the function there; `None` where something stands behind it. Questions that
    /// differ only in the function can be asked as one.
    pub parts: Option<(String, String)>,
}

impl Question {
    /// What stands before its `stats`, where it can be asked along with others.
    pub fn base(&self) -> Option<&str> {
        self.parts.as_ref().map(|(base, _)| base.as_str())
    }
}

/// Whether a query has only known placeholders and ends in a `stats` that gives `value`.
pub(super) fn check(query: &str, has_fields: bool) -> Result<(), String> {
    let mut filled = query.to_owned();
    for part in PARTS {
        filled = filled.replace(&format!("{{{part}}}"), part);
    }
    filled = filled.replace("{requests}", "*").replace("{by}", "");
    if has_fields {
        filled = filled.replace("{field}", "field");
    }
    crate::logsql::parse(&filled).query().map_err(|problem| format!("query: {problem}"))?;
    let last = query.rsplit_once("stats").map_or("", |(_, last)| last.trim_start());
    if last.starts_with('(') || last.strip_prefix("by").is_some_and(|rest| rest.trim_start().starts_with('(')) {
        return Err("query: write `stats {by}… as value` and name the fields in `by = [\"…\"]` of the series, not \
                    `by (…)` in the query: each value of the field is a series of its own"
            .to_owned());
    }
    let gives_value = filled.rsplit_once("stats").is_some_and(|(_, last)| last.contains(" as value"));
    if gives_value { Ok(()) } else { Err("query: it has to end in `stats … as value`".to_owned()) }
}

/// The question of a series; `None` where the source lacks a field of it. `names` are the source's fields.
pub fn question(series: &Series, log: &AccessLog<'_>, names: &[String]) -> Option<Question> {
    let first = |wanted: &[String]| wanted.iter().find(|name| names.contains(name)).cloned();
    let mut text = series.query.clone();
    if text.contains("{requests}") {
        text = text.replace("{requests}", &log.requests(None).ok()?);
    }
    for part in PARTS {
        let placeholder = format!("{{{part}}}");
        if text.contains(&placeholder) {
            text = text.replace(&placeholder, &quote_field(field_of(log, part)?));
        }
    }
    if text.contains("{field}") {
        text = text.replace("{field}", &quote_field(&first(&series.fields)?));
    }
    let by = first(&series.by);
    let split = by.as_deref().map_or_else(String::new, |name| format!("by ({}) ", quote_field(name)));
    let parts = text.rsplit_once("| stats ").and_then(|(base, stats)| {
        let function = stats.trim().strip_prefix("{by}").unwrap_or(stats.trim()).strip_suffix(" as value")?;
        (!function.contains('|')).then(|| (base.trim().to_owned(), function.to_owned()))
    });
    Some(Question { text: text.replace("{by}", &split), by, parts })
}

/// The field that plays a part.
fn field_of<'a>(log: &AccessLog<'a>, part: &str) -> Option<&'a str> {
    let fields = log.fields;
    match part {
        "status" => fields.status.as_deref(),
        "bytes" => fields.bytes.as_deref(),
        "duration" => fields.duration.as_deref(),
        "method" => fields.method.as_deref(),
        "path" => fields.path.as_deref().or(fields.uri.as_deref()),
        "host" => fields.host.as_deref(),
        _ => None,
    }
}

/// Which LogsQL tells who makes up a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartsQuery {
    /// What each client has of it, most first: rows for [`read_clients`].
    pub clients: String,
    /// What all have together: a row for [`read_whole`].
    pub whole: String,
}

/// Who makes up a series. `None` where clients have no part in it or the log does not say.
pub fn parts(series: &Series, log: &AccessLog<'_>, limit: usize) -> Result<Option<PartsQuery>, SourceError> {
    let Some(mut measure) = series.per_client.clone() else { return Ok(None) };
    for part in PARTS {
        let placeholder = format!("{{{part}}}");
        if measure.contains(&placeholder) {
            let Some(name) = field_of(log, part) else { return Ok(None) };
            measure = measure.replace(&placeholder, &quote_field(name));
        }
    }
    let start = log.start(None)?;
    let (text, client) = (start.text, quote_field(&start.client));
    let order = format!("filter {VALUE}:>0 | sort by ({VALUE} desc, {client}) limit {limit}");
    Ok(Some(PartsQuery {
        clients: format!("{text} | stats by ({client}) {measure} as {VALUE} | {order}"),
        whole: format!("{text} | stats {measure} as {VALUE}"),
    }))
}

/// The row of [`PartsQuery::whole`].
pub fn read_whole(rows: &[Row]) -> f64 {
    rows.first().and_then(|row| super::series::number(row.get(VALUE))).unwrap_or(0.0)
}

/// The rows of [`PartsQuery::clients`]: address and value.
pub fn read_clients(log: &AccessLog<'_>, rows: &[Row]) -> Result<Vec<(std::net::IpAddr, f64)>, SourceError> {
    let client = log.client_field()?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let address = crate::detect::client_ip::parse_address(row.get(&client))?;
            Some((crate::detect::ranges::plain(address), super::series::number(row.get(VALUE))?))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::baseline::Baselines;
    use crate::logs::FieldMap;

    fn asked(name: &str, fields: &FieldMap, names: &[&str]) -> Option<Question> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let log = AccessLog { fields, base_filter: "log_type:access", trusted: &[] };
        question(Baselines::shipped().series(name).unwrap(), &log, &names)
    }

    #[test]
    fn queries_take_the_names_that_are_there() {
        let fields = FieldMap { status: Some("response.status".into()), ..FieldMap::canonical() };
        let errors = asked("server-errors", &fields, &[]).unwrap();
        assert_eq!(errors.text, "log_type:access | stats count() if (response.status:range[500, 599]) as value");
        let cpu = asked("cpu", &fields, &["cpu_percent", "hostname"]).unwrap();
        assert!(cpu.text.contains("stats by (hostname) max(cpu_percent) as value"), "{}", cpu.text);
        assert_eq!(cpu.by.as_deref(), Some("hostname"));
        let alone = asked("cpu", &fields, &["cpu_usage"]).unwrap();
        assert!(alone.text.contains("stats max(cpu_usage) as value") && alone.by.is_none());
    }

    #[test]
    fn questions_know_what_they_have_in_common() {
        let fields = FieldMap::canonical();
        let of = |name| asked(name, &fields, &[]).unwrap();
        assert_eq!(of("requests").base(), Some("log_type:access"));
        assert!(
            ["server-errors", "client-errors", "latency-p95", "bytes"]
                .iter()
                .all(|name| of(name).base() == of("requests").base())
        );
        let cpu = asked("cpu", &fields, &["cpu_percent", "host"]).unwrap();
        assert_eq!(cpu.parts, Some(("cpu_percent:*".to_owned(), "max(cpu_percent)".to_owned())));
    }

    #[test]
    fn what_a_source_does_not_have_is_not_asked_for() {
        assert_eq!(asked("cpu", &FieldMap::canonical(), &["remote_addr"]), None);
        assert_eq!(asked("latency-p95", &FieldMap { duration: None, ..FieldMap::canonical() }, &[]), None);
    }

    #[test]
    fn every_question_that_ships_is_a_query() {
        let names: Vec<String> = Baselines::shipped()
            .series
            .iter()
            .flat_map(|series| series.fields.iter().chain(&series.by).cloned())
            .collect();
        let fields = FieldMap::canonical();
        let log = AccessLog { fields: &fields, base_filter: "*", trusted: &[] };
        for series in &Baselines::shipped().series {
            let question = question(series, &log, &names).unwrap_or_else(|| panic!("{}", series.name));
            assert!(crate::logsql::parse(&question.text).query().is_ok(), "{}", question.text);
            if let Some(parts) = parts(series, &log, 100).unwrap() {
                for text in [parts.clients, parts.whole] {
                    assert!(crate::logsql::parse(&text).query().is_ok(), "{text}");
                }
            }
        }
    }
}
