//! A VictoriaLogs server over HTTP(S). Every call says its time range; answers are streamed and checked; a failure
//! says whether the server refused, was busy, broke off or did not answer, and how many rows came before. Dropping a
//! call cancels it at the server. Nothing here holds more than a line and a batch of rows in memory, and no secret
//! is ever part of a message.
//!
//! Server versions differ in what `end` means: 1.26 takes the whole second of a full second into the range, newer
//! servers take `end` itself out. So the range also goes as a filter, whose brackets mean the same everywhere.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::{
    Facet, FieldMap, HitSeries, LineStream, LogSource, Query, Row, RowStream, Sample, SourceError, SourceInfo,
    SourceStatus, ValueHits, Window, collect, piped,
};
use crate::net::{Address, NetError};

mod answers;
mod http;
pub mod ndjson;
mod options;
mod refusal;
#[cfg(test)]
mod tests;

use answers::{Facets, Hits, Stats, Values};
use http::{Http, Patience};
use ndjson::{Printable, Rows};
pub use options::{Auth, DEFAULT_URL, Options};

/// Where the endpoints are.
const ENDPOINTS: &str = "select/logsql/";
/// A list that comes as rows of a query is read so far.
const MAX_LIST: usize = 100_000;
/// So many rows tell what the fields hold.
const SAMPLE_ROWS: u64 = 50;
/// Where a window is empty, the fields are looked up in this much more before its end.
const LOOK_BACK: Duration = Duration::from_secs(24 * 3600);
/// Fields are looked up again after this long: a field that few rows have can be missing at first.
const FIELDS_KEPT: Duration = Duration::from_secs(300);

/// A VictoriaLogs server as a source.
#[derive(Debug)]
pub struct VictoriaLogs {
    http: Http,
    /// The tenant, `7:0`, where it is not the default one.
    tenant: Option<String>,
    base_filter: String,
    overrides: FieldMap,
    /// What the last look at the fields found that saw rows with a client, and when.
    fields: Mutex<Option<(Instant, FieldMap)>>,
}

impl VictoriaLogs {
    /// Prepares the connection; sends nothing yet.
    pub fn new(options: &Options) -> Result<Self, NetError> {
        let client = options.client()?;
        Ok(Self {
            http: Http { client, address: options.address.clone(), timeout: options.timeout },
            tenant: options.tenant(),
            base_filter: if options.base_filter.trim().is_empty() { "*" } else { options.base_filter.trim() }
                .to_owned(),
            overrides: options.fields.clone(),
            fields: Mutex::new(None),
        })
    }

    /// Tries the server's default address on this host. The error says what was found there instead.
    pub async fn discover() -> Result<(Self, SourceStatus), SourceError> {
        Self::try_at(DEFAULT_URL).await
    }

    /// Tries one address without credentials.
    async fn try_at(url: &str) -> Result<(Self, SourceStatus), SourceError> {
        let unusable = |error: NetError| SourceError::Unreachable { url: url.to_owned(), cause: error.to_string() };
        let mut options = Options::new(Address::parse(url).map_err(unusable)?);
        options.timeout = Duration::from_secs(3);
        let source = Self::new(&options).map_err(unusable)?;
        let status = source.status().await?;
        Ok((source, status))
    }

    /// The arguments that every query has.
    fn form(query: &Query) -> Vec<(&'static str, String)> {
        let (start, end) = (in_range(query.window.start), in_range(query.window.end));
        // One nanosecond more than the range, so that no version rounds the end to a whole second; the filter then
        // says what is meant. A query that sets the range aside itself must not get it.
        let after = end.checked_add(SignedDuration::from_nanos(1)).unwrap_or(end);
        let mut form = vec![("query", query.text.clone()), ("start", exact(start)), ("end", exact(after))];
        if !["ignore_global_time_filter", "time_offset"].iter().any(|option| query.text.contains(option)) {
            form.push(("extra_filters", format!("_time:[{}, {})", exact(start), exact(end))));
        }
        form
    }

    fn patience(&self, query: &Query) -> Patience {
        Patience::For(query.timeout.unwrap_or(self.http.timeout))
    }

    async fn ask(
        &self,
        endpoint: &str,
        query: &Query,
        more: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<http::Answer, SourceError> {
        let mut form = Self::form(query);
        form.extend(more);
        let answer = self.http.ask(&format!("{ENDPOINTS}{endpoint}"), form, self.patience(query)).await;
        answer.map_err(|error| refusal::located(error, &query.text))
    }

    /// The answer of a query, its head read.
    async fn answer(&self, mut query: Query) -> Result<http::Answer, SourceError> {
        if query.limit == Some(0) {
            // The server takes an argument of 0 for none.
            query.text.push_str("\n| limit 0");
        }
        let limit = query.limit.filter(|limit| *limit > 0).map(|limit| ("limit", limit.to_string()));
        self.ask("query", &query, limit).await
    }

    /// The rows of a query with a pipe put behind it.
    async fn piped(&self, mut query: Query, pipe: &str) -> Result<Vec<Row>, SourceError> {
        query.text = piped::behind(&query.text, pipe);
        query.limit = None;
        let answer = collect(self.query(query).await?, MAX_LIST).await;
        answer.cut.map_or(Ok(answer.rows), Err)
    }

    /// The streams that rows of the query belong to (`{app="nginx",host="web-1"}`), with their rows.
    pub async fn streams(&self, query: Query) -> Result<Vec<ValueHits>, SourceError> {
        let limit = query.limit.filter(|limit| *limit > 0).map(|limit| ("limit", limit.to_string()));
        let answer: Values = self.ask("streams", &query, limit).await?.json().await?;
        Ok(answer.sorted())
    }

    /// Names and samples, and what they are recognised as; the flag tells whether there were rows.
    async fn look(&self, window: Window) -> Result<(FieldMap, bool), SourceError> {
        let query = Query::new(self.base_filter.as_str(), window);
        let names = self.field_names(query.clone()).await?;
        let sample = collect(self.query(query.limited(SAMPLE_ROWS)).await?, MAX_LIST).await;
        if let Some(error) = sample.cut {
            return Err(error);
        }
        let names: Vec<String> = names.into_iter().map(|name| name.value).collect();
        Ok((FieldMap::recognise(&names, &sample.rows, &self.overrides), !sample.rows.is_empty()))
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Option<(Instant, FieldMap)>> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version that the server tells, where it lets us see.
    async fn version(&self) -> Option<String> {
        let metrics = self.http.get("metrics", 4 << 20).await.ok()?;
        let line = metrics.lines().find(|line| line.starts_with("vm_app_version{"))?;
        let (_, version) = line.split_once("short_version=\"")?;
        let version = version.split('"').next().filter(|version| !version.is_empty())?;
        Some(version.to_owned())
    }
}

/// The server keeps times as nanoseconds in 64 bits; a window that reaches beyond reaches as far as there is.
fn in_range(instant: Timestamp) -> Timestamp {
    let nanos = instant.as_nanosecond().clamp(0, i128::from(i64::MAX) - 1);
    Timestamp::from_nanosecond(nanos).unwrap_or(instant)
}

/// An instant to the nanosecond, all digits written.
fn exact(instant: Timestamp) -> String {
    format!("{instant:.9}")
}

/// Whether a query has pipes, as far as a look at its text tells; a `|` inside quotes counts too, which costs nothing
/// but the longer way.
fn has_pipes(text: &str) -> bool {
    text.contains('|')
}

#[async_trait]
impl LogSource for VictoriaLogs {
    fn info(&self) -> SourceInfo {
        let address = &self.http.address;
        let mut label = address.label();
        if let Some(tenant) = &self.tenant {
            label = format!("{label} [{tenant}]");
        }
        let identity = label.clone();
        SourceInfo { kind: "victorialogs", label, identity, hosts: vec![address.host()], is_remote: true }
    }

    async fn status(&self) -> Result<SourceStatus, SourceError> {
        let end = Timestamp::now();
        // A question that costs nothing and needs what every other question needs: reach and permission.
        let query = Query::new("*", Window::ending(end, Duration::from_secs(1))).limited(1);
        let answer = collect(self.query(query).await?, 1).await;
        if let Some(error) = answer.cut {
            return Err(error);
        }
        let version = self.version().await;
        let told = version.map_or_else(|| "VictoriaLogs".to_owned(), |version| format!("VictoriaLogs {version}"));
        Ok(SourceStatus { detail: vec![told], ..SourceStatus::default() })
    }

    async fn fields(&self, window: Window) -> Result<FieldMap, SourceError> {
        if let Some((at, known)) = &*self.remembered()
            && at.elapsed() < FIELDS_KEPT
        {
            return Ok(known.clone());
        }
        let is_enough = |(map, seen): &(FieldMap, bool)| *seen && map.remote_addr.is_some();
        let mut look = self.look(window).await?;
        if !is_enough(&look) {
            look = self.look(Window::ending(window.end, window.length().saturating_add(LOOK_BACK))).await?;
        }
        let is_enough = is_enough(&look);
        let (found, _) = look;
        if is_enough {
            *self.remembered() = Some((Instant::now(), found.clone()));
        }
        Ok(found)
    }

    async fn query(&self, query: Query) -> Result<RowStream, SourceError> {
        Ok(self.answer(query).await?.rows::<Rows>())
    }

    async fn lines(&self, query: Query) -> Result<LineStream, SourceError> {
        Ok(self.answer(query).await?.rows::<Printable>())
    }

    async fn tail(&self, text: &str) -> Result<RowStream, SourceError> {
        let form = vec![("query", text.to_owned())];
        let answer = self.http.ask(&format!("{ENDPOINTS}tail"), form, Patience::Endless).await;
        Ok(answer.map_err(|error| refusal::located(error, text))?.rows::<Rows>())
    }

    async fn hits(&self, query: Query, step: Duration, group_by: &[String]) -> Result<Vec<HitSeries>, SourceError> {
        if has_pipes(&query.text) {
            // Servers up to 1.26 count as if there were no pipes.
            return Ok(piped::hits(&self.piped(query, &piped::hits_pipe(step, group_by)).await?, group_by));
        }
        let step = piped::step_of(step);
        let fields = group_by.iter().map(|name| ("field", name.clone()));
        let arguments = std::iter::once(("step", step)).chain(fields);
        let answer: Hits = self.ask("hits", &query, arguments).await?.json().await?;
        Ok(answer.into_series(group_by))
    }

    async fn facets(&self, query: Query) -> Result<Vec<Facet>, SourceError> {
        let limit = query.limit.filter(|limit| *limit > 0);
        if has_pipes(&query.text) {
            return Ok(piped::facets(&self.piped(query, &piped::facets_pipe(limit)).await?));
        }
        let limit = limit.map(|limit| ("limit", limit.to_string()));
        let answer: Facets = self.ask("facets", &query, limit).await?.json().await?;
        Ok(answer.sorted())
    }

    async fn field_names(&self, query: Query) -> Result<Vec<ValueHits>, SourceError> {
        if has_pipes(&query.text) {
            return Ok(piped::names(&self.piped(query, piped::NAMES_PIPE).await?));
        }
        let answer: Values = self.ask("field_names", &query, None).await?.json().await?;
        Ok(answer.sorted())
    }

    async fn field_values(&self, query: Query, field: &str) -> Result<Vec<ValueHits>, SourceError> {
        let limit = query.limit.filter(|limit| *limit > 0);
        if has_pipes(&query.text) {
            return Ok(piped::values(&self.piped(query, &piped::values_pipe(field, limit)).await?));
        }
        let arguments =
            [("field", field.to_owned())].into_iter().chain(limit.map(|limit| ("limit", limit.to_string())));
        let answer: Values = self.ask("field_values", &query, arguments).await?.json().await?;
        Ok(answer.sorted())
    }

    async fn stats(&self, query: Query, step: Option<Duration>) -> Result<Vec<Sample>, SourceError> {
        let at = query.window.end;
        let (endpoint, arguments) = match step {
            Some(step) => ("stats_query_range", vec![("step", piped::step_of(step))]),
            None => ("stats_query", Vec::new()),
        };
        let answer: Stats = self.ask(endpoint, &query, arguments).await?.json().await?;
        Ok(answer.into_samples(step.is_none().then_some(at)))
    }
}
