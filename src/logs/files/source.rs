//! [`FileSource`]: log files behind the same trait as a server. Scans run on threads of their own; dropping an answer
//! ends them at the next block.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::catalog::Catalog;
use super::{Options, report};
use crate::logs::{
    Facet, FieldMap, HitSeries, LogSource, Query, RowStream, Sample, SourceError, SourceInfo, SourceStatus, ValueHits,
    Window,
};

/// Log files, standard input or both.
pub struct FileSource {
    catalog: Arc<Catalog>,
}

impl FileSource {
    /// Opens the inputs: a path that is missing, a directory or a pattern without a match is an error here. Standard
    /// input and FIFOs are read from now on, each in a thread of its own.
    pub fn open(options: Options) -> Result<Self, SourceError> {
        Ok(Self { catalog: Arc::new(Catalog::open(options)?) })
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
}

/// The error of a part that is still to come.
fn not_yet<T>() -> Result<T, SourceError> {
    Err(SourceError::Unsupported { what: "answer from files yet".to_owned() })
}

#[async_trait]
impl LogSource for FileSource {
    fn info(&self) -> SourceInfo {
        let inputs = &self.catalog.options().inputs;
        let kind = if inputs.iter().all(|input| input == "-") { "stdin" } else { "files" };
        SourceInfo { kind, label: inputs.join(" "), hosts: Vec::new() }
    }

    async fn status(&self) -> Result<SourceStatus, SourceError> {
        self.blocking(report::status).await
    }

    async fn fields(&self, _window: Window) -> Result<FieldMap, SourceError> {
        self.blocking(report::fields).await
    }

    async fn query(&self, _query: Query) -> Result<RowStream, SourceError> {
        not_yet()
    }

    async fn tail(&self, _text: &str) -> Result<RowStream, SourceError> {
        not_yet()
    }

    async fn hits(&self, _query: Query, _step: Duration, _group_by: &[String]) -> Result<Vec<HitSeries>, SourceError> {
        not_yet()
    }

    async fn facets(&self, _query: Query) -> Result<Vec<Facet>, SourceError> {
        not_yet()
    }

    async fn field_names(&self, _query: Query) -> Result<Vec<ValueHits>, SourceError> {
        not_yet()
    }

    async fn field_values(&self, _query: Query, _field: &str) -> Result<Vec<ValueHits>, SourceError> {
        not_yet()
    }

    async fn stats(&self, _query: Query, _step: Option<Duration>) -> Result<Vec<Sample>, SourceError> {
        not_yet()
    }
}
