//! [`FileSource`]: log files behind the same trait as a server. Scans run on threads of their own; dropping an answer
//! ends them at the next block.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

use super::catalog::Catalog;
use super::execute::{self, Question};
use super::index::{self, Budget};
use super::stats::StatsPlan;
use super::tail::Tail;
use super::{Options, report};
use crate::logs::{
    BatchStream, Facet, FieldMap, HitSeries, LineStream, Lines, LogSource, Progress, Query, Row, RowStream, Sample,
    SourceError, SourceInfo, SourceStatus, ValueHits, Window, collect, piped,
};
use crate::logsql::Batch;

/// Batches of rows that may wait for whoever reads an answer.
const WAITING: usize = 8;

/// A list that comes as rows of a query is read so far.
const MAX_LIST: usize = 100_000;

/// Log files, standard input or both.
pub struct FileSource {
    catalog: Arc<Catalog>,
    indexing: Arc<Indexing>,
}

/// The lines of the files on their way into memory, behind the answers.
struct Indexing {
    budget: Budget,
    /// Whether a thread is at it.
    runs: AtomicBool,
    /// Set once the source is gone.
    over: AtomicBool,
}

impl Indexing {
    /// Reads what the indexes lack, unless a thread does already.
    fn go_on(&self, catalog: &Catalog) {
        if self.budget.limit == 0 || self.runs.swap(true, Ordering::SeqCst) {
            return;
        }
        let contents = catalog.list().unwrap_or_default();
        self.budget.settle(catalog.index_size());
        for content in contents {
            let over = || self.over.load(Ordering::Relaxed);
            // A file that cannot be read is told of by the questions.
            let _ = index::build(&content, catalog.options(), &self.budget, &over);
        }
        self.runs.store(false, Ordering::SeqCst);
    }
}

impl Drop for FileSource {
    fn drop(&mut self) {
        self.indexing.over.store(true, Ordering::Relaxed);
    }
}

impl FileSource {
    /// Opens the inputs: a path that is missing, a directory or a pattern without a match is an error here. Standard
    /// input and FIFOs are read from now on, each in a thread of its own.
    pub fn open(options: Options) -> Result<Self, SourceError> {
        let budget = Budget::new(options.index_memory);
        let indexing = Indexing { budget, runs: AtomicBool::new(false), over: AtomicBool::new(false) };
        Ok(Self { catalog: Arc::new(Catalog::open(options)?), indexing: Arc::new(indexing) })
    }

    /// Runs something that reads files on a thread where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Catalog) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<T, SourceError> {
        let catalog = Arc::clone(&self.catalog);
        let done = tokio::task::spawn_blocking(move || work(&catalog)).await;
        done.unwrap_or_else(|error| Err(SourceError::Unexpected { url: "file".to_owned(), message: error.to_string() }))
    }

    /// The answer of a query, each batch made into what is asked for.
    fn answer<T: Send + 'static>(
        &self,
        query: &Query,
        make: fn(Batch) -> T,
    ) -> Result<BoxStream<'static, Result<T, SourceError>>, SourceError> {
        let question = Question::new(query)?;
        let catalog = Arc::clone(&self.catalog);
        let indexing = Arc::clone(&self.indexing);
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::task::spawn_blocking(move || {
            let abandoned = || sender.is_closed();
            let mut out = |batch| sender.blocking_send(Ok(make(batch))).is_ok();
            if let Err(error) = execute::run(&catalog, &question, &abandoned, &mut out) {
                // Nobody to tell is nobody who waits.
                let _ = sender.blocking_send(Err(error));
            }
            // The answer is out before the next question is made faster.
            drop(sender);
            indexing.go_on(&catalog);
        });
        Ok(futures::stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver))).boxed())
    }

    /// The rows of a query with a pipe put behind it.
    async fn piped(&self, mut query: Query, pipe: &str) -> Result<Vec<Row>, SourceError> {
        query.text = piped::behind(&query.text, pipe);
        query.limit = None;
        let answer = collect(self.query(query).await?, MAX_LIST).await;
        answer.cut.map_or(Ok(answer.rows), Err)
    }
}

/// The inputs as they are called from everywhere, in one order.
fn whole_paths(inputs: &[String]) -> String {
    let whole = |input: &String| match std::path::absolute(input) {
        Ok(path) if input != "-" => path.display().to_string(),
        _ => input.clone(),
    };
    let mut paths: Vec<String> = inputs.iter().map(whole).collect();
    paths.sort();
    paths.dedup();
    paths.join(" ")
}

#[async_trait]
impl LogSource for FileSource {
    fn info(&self) -> SourceInfo {
        let inputs = &self.catalog.options().inputs;
        let kind = if inputs.iter().all(|input| input == "-") { "stdin" } else { "files" };
        SourceInfo { kind, label: inputs.join(" "), identity: whole_paths(inputs), hosts: Vec::new(), is_remote: false }
    }

    async fn status(&self) -> Result<SourceStatus, SourceError> {
        self.blocking(report::status).await
    }

    async fn fields(&self, _window: Window) -> Result<FieldMap, SourceError> {
        self.blocking(report::fields).await
    }

    fn progress(&self) -> Option<Progress> {
        let indexing = || self.indexing.runs.load(Ordering::SeqCst).then(|| self.catalog.indexed());
        self.catalog.reading().progress().or_else(indexing)
    }

    async fn query(&self, query: Query) -> Result<RowStream, SourceError> {
        self.answer(&query, |batch| batch.to_rows())
    }

    async fn lines(&self, query: Query) -> Result<LineStream, SourceError> {
        self.answer(&query, |batch| {
            let mut lines = Lines::default();
            batch.to_rows().iter().for_each(|row| lines.push(row));
            lines
        })
    }

    async fn batches(&self, query: Query) -> Result<BatchStream, SourceError> {
        self.answer(&query, |batch| batch)
    }

    async fn tail(&self, text: &str) -> Result<RowStream, SourceError> {
        let (catalog, text) = (Arc::clone(&self.catalog), text.to_owned());
        let tail = self.blocking(move |_| Tail::start(catalog, &text)).await?;
        let interval = tokio::time::interval(self.catalog.options().poll);
        Ok(futures::stream::unfold((Some(tail), interval), async |(tail, mut interval)| {
            let mut tail = tail?;
            loop {
                interval.tick().await;
                let step = tokio::task::spawn_blocking(move || {
                    let rows = tail.step();
                    (tail, rows)
                });
                let rows;
                (tail, rows) = step.await.ok()?;
                match rows {
                    Ok(rows) if rows.is_empty() => {}
                    Ok(rows) => return Some((Ok(rows), (Some(tail), interval))),
                    Err(error) => return Some((Err(error), (None, interval))),
                }
            }
        })
        .boxed())
    }

    async fn hits(&self, query: Query, step: Duration, group_by: &[String]) -> Result<Vec<HitSeries>, SourceError> {
        Ok(piped::hits(&self.piped(query, &piped::hits_pipe(step, group_by)).await?, group_by))
    }

    async fn facets(&self, query: Query) -> Result<Vec<Facet>, SourceError> {
        let pipe = piped::facets_pipe(query.limit.filter(|limit| *limit > 0));
        Ok(piped::facets(&self.piped(query, &pipe).await?))
    }

    async fn field_names(&self, query: Query) -> Result<Vec<ValueHits>, SourceError> {
        Ok(piped::names(&self.piped(query, piped::NAMES_PIPE).await?))
    }

    async fn field_values(&self, query: Query, field: &str) -> Result<Vec<ValueHits>, SourceError> {
        let pipe = piped::values_pipe(field, query.limit.filter(|limit| *limit > 0));
        Ok(piped::values(&self.piped(query, &pipe).await?))
    }

    async fn stats(&self, query: Query, step: Option<Duration>) -> Result<Vec<Sample>, SourceError> {
        let at = query.window.end;
        let plan = StatsPlan::new(&query.text, step)?;
        let answer = collect(self.query(Query { text: plan.text.clone(), ..query }).await?, MAX_LIST).await;
        let rows = answer.cut.map_or(Ok(answer.rows), Err)?;
        Ok(plan.samples(&rows, at))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::logs::files::tests::{Place, access};
    use jiff::Timestamp;

    fn window(start: &str, end: &str) -> Window {
        Window { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    fn ever() -> Window {
        Window { start: Timestamp::MIN, end: Timestamp::MAX }
    }

    async fn ask(source: &FileSource, text: &str, window: Window) -> Vec<String> {
        let answer = collect(source.query(Query::new(text, window)).await.unwrap(), usize::MAX).await;
        assert!(answer.cut.is_none(), "{:?}", answer.cut);
        answer.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect()
    }

    fn source(place: &Place, inputs: &[&str]) -> FileSource {
        FileSource::open(place.options(inputs)).unwrap()
    }

    #[tokio::test]
    async fn a_window_and_a_query_over_several_formats() {
        let place = Place::new();
        place.write("a.log", access(0) + "\n" + &access(61) + "\n").write(
            "b.json",
            r#"{"time":"2026-11-21T09:00:01Z","client_ip":"203.0.113.9","request_uri":"/b?x=y","status":404}"#,
        );
        let source = source(&place, &["a.log", "b.json"]);
        let minute = window("2026-11-21T09:00:00Z", "2026-11-21T09:01:00Z");
        // Named by its canonical name, a field answers in every format.
        let text = "path:* | stats by (remote_addr, path, status) count() hits | sort by (remote_addr)";
        assert_eq!(
            ask(&source, text, minute).await,
            [
                r#"{"remote_addr":"203.0.113.0","path":"/9/0/0","status":"200","hits":"1"}"#,
                r#"{"remote_addr":"203.0.113.9","path":"/b","status":"404","hits":"1"}"#,
            ]
        );
        // What was made is not shown.
        let all = ask(&source, "remote_addr:=203.0.113.9", ever()).await;
        assert_eq!(all.len(), 1);
        assert!(all[0].contains("client_ip") && !all[0].contains("remote_addr"), "{all:?}");
        assert_eq!(ask(&source, "*", ever()).await.len(), 3);
    }

    #[tokio::test]
    async fn lines_that_do_not_parse_are_rows_in_their_place() {
        let place = Place::new();
        place.write("a", [&access(0), "\nodd\n", &access(61), "\nodder\n"].concat()).touch("a", "2026-11-21T10:00:00Z");
        let source = source(&place, &["a"]);
        let minute = window("2026-11-21T09:00:00Z", "2026-11-21T09:01:00Z");
        assert_eq!(ask(&source, "!status:*", minute).await, [r#"{"_msg":"odd"}"#]);
        assert_eq!(ask(&source, "* | stats count() n", minute).await, [r#"{"n":"2"}"#]);
        assert_eq!(ask(&source, "odder", ever()).await, [r#"{"_msg":"odder"}"#]);
        assert_eq!(source.status().await.unwrap().unparsed_lines, 2);
    }

    #[tokio::test]
    async fn the_client_is_worked_out_where_proxies_are_trusted() {
        let place = Place::new();
        let line =
            |peer: &str, forwarded: &str| access(0).replacen("203.0.113.0", peer, 1) + &format!(" \"{forwarded}\"\n");
        let text = line("10.0.0.1", "198.51.100.1, 203.0.113.9") + &line("203.0.113.7", "198.51.100.1");
        place.write("a", text);
        let options = Options { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..place.options(&["a"]) };
        let source = FileSource::open(options).unwrap();
        assert_eq!(source.fields(ever()).await.unwrap().client.as_deref(), Some("client"));
        assert_eq!(
            ask(&source, "* | stats by (client) count() n | sort by (client)", ever()).await,
            [r#"{"client":"203.0.113.7","n":"1"}"#, r#"{"client":"203.0.113.9","n":"1"}"#]
        );
    }

    #[tokio::test]
    async fn limits_mistakes_and_time_limits_are_told() {
        let place = Place::new();
        place.write("a", (access(0) + "\n").repeat(20_000));
        let source = source(&place, &["a"]);
        let rows = collect(source.query(Query::new("*", ever()).limited(3)).await.unwrap(), usize::MAX).await.rows;
        assert_eq!(rows.len(), 3);
        let error = source.query(Query::new("* | stats by (", ever())).await.err().unwrap();
        assert!(matches!(error, SourceError::BadQuery { span: Some(_), .. }), "{error:?}");
        let hurried = Query { timeout: Some(Duration::ZERO), ..Query::new("*", ever()) };
        let answer = collect(source.query(hurried).await.unwrap(), usize::MAX).await;
        assert!(matches!(answer.cut, Some(SourceError::TimedOut { .. })), "{:?}", answer.cut);
        let error = source.tail("* | sort by (_time)").await.err().unwrap();
        assert!(matches!(error, SourceError::NeedsEnd { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_torn_file_gives_its_rows_and_then_the_error() {
        let place = Place::new();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all((access(0) + "\n").repeat(100).as_bytes()).unwrap();
        let whole = encoder.finish().unwrap();
        place.write("a.gz", &whole[..whole.len() - 8]).write("b", access(1));
        let source = source(&place, &["a.gz", "b"]);
        let answer = collect(source.query(Query::new("*", ever())).await.unwrap(), usize::MAX).await;
        assert!(matches!(answer.cut, Some(SourceError::Damaged { .. })), "{:?}", answer.cut);
        assert_eq!(answer.rows.last().map(|row| row.get("_msg").to_owned()), Some(access(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tail_gives_what_comes() {
        let place = Place::new();
        place.write("a", access(0) + "\n");
        let source = source(&place, &["a"]);
        let mut rows = source.tail("status:=200 | fields path, client").await.unwrap();
        let mut file = std::fs::File::options().append(true).open(place.path("a")).unwrap();
        file.write_all((access(1) + "\nodd\n" + &access(2)).as_bytes()).unwrap();
        let came = rows.next().await.unwrap().unwrap();
        assert_eq!(
            came.iter().map(|row| (row.get("path"), row.get("client"))).collect::<Vec<_>>(),
            [("/9/0/1", "203.0.113.1")]
        );
        file.write_all(b"\n").unwrap();
        let came = rows.next().await.unwrap().unwrap();
        assert_eq!(came[0].get("path"), "/9/0/2");
    }

    #[tokio::test]
    async fn numbers_over_time_and_lists_of_values() {
        let place = Place::new();
        place.write("a", (0..120).map(|second| access(second) + "\n").collect::<String>());
        let source = source(&place, &["a"]);
        let query = || Query::new("*", ever());
        let minute = Duration::from_secs(60);
        let series = source.hits(query(), minute, &["status".to_owned()]).await.unwrap();
        assert_eq!((series.len(), &series[0].values), (1, &vec![60, 60]));
        assert_eq!(series[0].fields, [("status".to_owned(), "200".to_owned())]);
        let values = source.field_values(query().limited(3), "remote_addr").await.unwrap();
        assert_eq!((values.len(), values[0].hits), (3, 18));
        let names = source.field_names(query()).await.unwrap();
        assert!(names.iter().any(|name| name.value == "user_agent" && name.hits == 120), "{names:?}");
        let facets = source.facets(query()).await.unwrap();
        assert!(facets.iter().any(|facet| facet.field == "remote_addr"), "{facets:?}");
        let text = Query::new("* | stats by (status) count() n", ever());
        let samples = source.stats(text, Some(minute)).await.unwrap();
        let shown: Vec<_> = samples.iter().map(|sample| (sample.at.to_string(), sample.value.as_str())).collect();
        assert_eq!(shown, [("2026-11-21T09:00:00Z".to_owned(), "60"), ("2026-11-21T09:01:00Z".to_owned(), "60")]);
    }

    #[test]
    fn a_file_is_the_same_source_from_wherever_and_in_whatever_order_it_is_named() {
        let here = std::env::current_dir().unwrap();
        let whole = format!("{0}/a.log {0}/b.log", here.display());
        let names = |inputs: &[&str]| whole_paths(&inputs.iter().map(|&input| input.to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["a.log", "b.log"]), whole);
        assert_eq!(names(&["./b.log", &format!("{}/a.log", here.display()), "a.log"]), whole);
        assert_ne!(names(&["/var/log/a.log"]), names(&["/srv/a.log"]));
        assert_eq!(names(&["-"]), "-");
    }
}
