//! A source that is not there, for the commands that can do their work without one: a ban has to be possible while
//! the log server is down. Whatever it is asked, it says why it cannot answer.

use std::time::Duration;

use async_trait::async_trait;

use crate::logs::{
    Facet, FieldMap, HitSeries, LogSource, Query, RowStream, Sample, SourceError, SourceInfo, SourceStatus, ValueHits,
    Window,
};

/// No source, and why.
pub struct NoSource(pub SourceError);

#[async_trait]
impl LogSource for NoSource {
    fn info(&self) -> SourceInfo {
        SourceInfo { kind: "none", label: String::new(), identity: String::new(), hosts: Vec::new(), is_remote: false }
    }

    async fn status(&self) -> Result<SourceStatus, SourceError> {
        Err(self.0.clone())
    }

    async fn fields(&self, _window: Window) -> Result<FieldMap, SourceError> {
        Err(self.0.clone())
    }

    async fn query(&self, _query: Query) -> Result<RowStream, SourceError> {
        Err(self.0.clone())
    }

    async fn tail(&self, _text: &str) -> Result<RowStream, SourceError> {
        Err(self.0.clone())
    }

    async fn hits(&self, _query: Query, _step: Duration, _group_by: &[String]) -> Result<Vec<HitSeries>, SourceError> {
        Err(self.0.clone())
    }

    async fn facets(&self, _query: Query) -> Result<Vec<Facet>, SourceError> {
        Err(self.0.clone())
    }

    async fn field_names(&self, _query: Query) -> Result<Vec<ValueHits>, SourceError> {
        Err(self.0.clone())
    }

    async fn field_values(&self, _query: Query, _field: &str) -> Result<Vec<ValueHits>, SourceError> {
        Err(self.0.clone())
    }

    async fn stats(&self, _query: Query, _step: Option<Duration>) -> Result<Vec<Sample>, SourceError> {
        Err(self.0.clone())
    }
}
