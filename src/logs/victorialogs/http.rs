//! One request to the server: sent, its answer told apart, its body read whole or as rows. Knows nothing of what is
//! asked.

use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use reqwest::{Client, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::ndjson::{BadLine, Decoder, MAX_LINE, Take};
use crate::logs::SourceError;
use crate::net::{self, Address};

/// A server that answers in one piece may send so much.
const MAX_BODY: usize = 64 << 20;
/// An error message is read so far.
const MAX_MESSAGE: usize = 8 << 10;
/// The server is asked to give up before we do, so that its own message arrives: we wait half as long again, but
/// never more than this longer.
const MOST_GRACE: Duration = Duration::from_secs(2);

/// Sends requests and reads answers.
#[derive(Debug, Clone)]
pub(super) struct Http {
    pub client: Client,
    pub address: Address,
    /// For requests that name no limit of their own.
    pub timeout: Duration,
}

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patience {
    /// So long; the server is told too.
    For(Duration),
    /// Until the caller drops it.
    Endless,
}

/// An answer whose head was good.
pub(super) struct Answer {
    response: Response,
    deadline: Option<Deadline>,
    label: String,
}

/// A time limit: when the server was asked to give up, and when we do.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    limit: Duration,
    asked: Option<Instant>,
    ours: Option<Instant>,
}

impl Deadline {
    fn after(limit: Duration) -> Self {
        let now = Instant::now();
        let ours = now.checked_add(limit.saturating_add((limit / 2).min(MOST_GRACE)));
        Self { limit, asked: now.checked_add(limit), ours }
    }

    fn missed(&self, place: &str) -> SourceError {
        SourceError::TimedOut { place: place.to_owned(), after_seconds: self.limit.as_secs().max(1) }
    }
}

impl Http {
    /// POSTs a form to a path below the address and waits for the head of the answer.
    pub async fn ask(
        &self,
        path: &str,
        mut form: Vec<(&'static str, String)>,
        patience: Patience,
    ) -> Result<Answer, SourceError> {
        let deadline = match patience {
            Patience::For(limit) => {
                form.push(("timeout", format!("{}ms", limit.as_millis().max(1))));
                Some(Deadline::after(limit))
            }
            Patience::Endless => None,
        };
        let label = self.address.label();
        let request = self.client.post(self.address.join(path)).form(&form);
        let response = within(deadline, &label, request.send()).await?.map_err(|error| self.unsent(&error))?;
        let answer = Answer { response, deadline, label };
        if answer.response.status() == StatusCode::OK { answer.checked() } else { Err(answer.refusal().await) }
    }

    /// GETs a path and reads at most `most` bytes of its text.
    pub async fn get(&self, path: &str, most: usize) -> Result<String, SourceError> {
        let label = self.address.label();
        let deadline = Some(Deadline::after(self.timeout));
        let request = self.client.get(self.address.join(path));
        let response = within(deadline, &label, request.send()).await?.map_err(|error| self.unsent(&error))?;
        let mut answer = Answer { response, deadline, label };
        if answer.response.status() != StatusCode::OK {
            return Err(answer.refusal().await);
        }
        let (body, _) = answer.read(most).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    fn unsent(&self, error: &reqwest::Error) -> SourceError {
        SourceError::Unreachable { url: self.address.label(), cause: net::cause(error) }
    }
}

/// Waits for a future until the deadline.
async fn within<F: Future>(deadline: Option<Deadline>, place: &str, future: F) -> Result<F::Output, SourceError> {
    match deadline.and_then(|deadline| Some((deadline, deadline.ours?))) {
        Some((deadline, at)) => tokio::time::timeout_at(at, future).await.map_err(|_| deadline.missed(place)),
        None => Ok(future.await),
    }
}

impl Answer {
    /// A page under 200 is some other server's, or a proxy's login.
    fn checked(self) -> Result<Self, SourceError> {
        let is_page = self.content_type().is_some_and(|kind| kind.starts_with("text/html"));
        if is_page { Err(self.unexpected("a web page".to_owned())) } else { Ok(self) }
    }

    fn content_type(&self) -> Option<&str> {
        self.response.headers().get(header::CONTENT_TYPE)?.to_str().ok()
    }

    fn unexpected(&self, message: String) -> SourceError {
        SourceError::Unexpected { url: self.label.clone(), message }
    }

    /// What a status other than 200 means.
    async fn refusal(mut self) -> SourceError {
        let status = self.response.status();
        let url = self.label.clone();
        let target = self.response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let target = target.map(str::to_owned);
        let is_page = self.content_type().is_some_and(|kind| kind.starts_with("text/html"));
        // What cannot be read of the message is left out; the status alone says enough.
        let message = self.read(MAX_MESSAGE).await.map(|(body, _)| message_of(&body)).unwrap_or_default();
        let message = if is_page || message.is_empty() { said_by(status) } else { message };
        match status.as_u16() {
            400 | 422 if !is_page => SourceError::BadQuery { message, span: None },
            status @ (401 | 403) => SourceError::Denied { url, status },
            status @ (429 | 502 | 503 | 504) => SourceError::Unavailable { url, status, message },
            _ => {
                let told = match target {
                    Some(target) if status.is_redirection() => format!("HTTP {}, to {target}", status.as_u16()),
                    _ => format!("HTTP {}: {message}", status.as_u16()),
                };
                self.unexpected(told)
            }
        }
    }

    /// A connection that broke. A server that has to give up in the middle of an answer just cuts it, and its message
    /// is often lost: after the time that it was given, that is what happened.
    fn broken(&self, cause: String, rows_before: u64) -> SourceError {
        match self.deadline {
            Some(deadline) if deadline.asked.is_some_and(|asked| Instant::now() >= asked) => {
                deadline.missed(&self.label)
            }
            _ => SourceError::CutOff { cause, rows_before },
        }
    }

    /// The next piece of the body.
    async fn chunk(&mut self) -> Result<Result<Option<bytes::Bytes>, reqwest::Error>, SourceError> {
        within(self.deadline, &self.label, self.response.chunk()).await
    }

    /// Reads the body up to `most` bytes; the flag tells whether there was more.
    async fn read(&mut self, most: usize) -> Result<(Vec<u8>, bool), SourceError> {
        let mut body = Vec::new();
        loop {
            match self.chunk().await? {
                Ok(Some(chunk)) => {
                    let room = most - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        return Ok((body, true));
                    }
                }
                Ok(None) => return Ok((body, false)),
                Err(error) => return Err(self.broken(net::cause(&error), 0)),
            }
        }
    }

    /// The whole body as JSON.
    pub async fn json<T: DeserializeOwned>(mut self) -> Result<T, SourceError> {
        let (body, more) = self.read(MAX_BODY).await?;
        if more {
            return Err(self.unexpected(format!("more than {} MB in one piece", MAX_BODY >> 20)));
        }
        serde_json::from_slice(&body).map_err(|error| self.unexpected(error.to_string()))
    }

    /// The body's rows, as what is asked for, batch by batch as they arrive. Dropping the stream closes the connection,
    /// by which the server notices and stops.
    pub fn rows<T: Take + Default + Send + 'static>(self) -> BoxStream<'static, Result<T::Into, SourceError>> {
        let decoder = Decoder::<T>::default();
        let reader = Reader { answer: self, decoder, rows_before: 0, failed: None, ended: false };
        stream::unfold(reader, |mut reader| async move { reader.next().await.map(|batch| (batch, reader)) }).boxed()
    }
}

/// Reads an answer row by row.
struct Reader<T> {
    answer: Answer,
    decoder: Decoder<T>,
    rows_before: u64,
    /// What to say after the rows that came before it.
    failed: Option<SourceError>,
    ended: bool,
}

impl<T: Take> Reader<T> {
    async fn next(&mut self) -> Option<Result<T::Into, SourceError>> {
        let mut rows = T::Into::default();
        while T::count(&rows) == 0 && self.failed.is_none() && !self.ended {
            self.step(&mut rows).await;
        }
        if T::count(&rows) > 0 {
            return Some(Ok(rows));
        }
        let failed = self.failed.take()?;
        self.ended = true;
        Some(Err(failed))
    }

    /// Reads one piece of the body.
    async fn step(&mut self, rows: &mut T::Into) {
        let (fault, broken) = match self.answer.chunk().await {
            Ok(Ok(Some(chunk))) => (self.decoder.feed(&chunk, rows).err(), None),
            Ok(Ok(None)) => {
                self.ended = true;
                (self.decoder.finish(rows).err(), None)
            }
            // The server's last words may stand in front of the break, without a line end.
            Ok(Err(error)) => (self.decoder.finish(rows).err(), Some(net::cause(&error))),
            Err(timed_out) => {
                self.failed = Some(timed_out);
                (None, None)
            }
        };
        self.rows_before += T::count(rows) as u64;
        let rows_before = self.rows_before;
        self.failed = match (fault, broken) {
            (Some(BadLine::TooLong), _) => {
                Some(self.answer.unexpected(format!("a line of more than {} MB", MAX_LINE >> 20)))
            }
            // A row that was cut through says nothing; anything else is the server's message.
            (Some(BadLine::NotARow(line)), cause) if line.starts_with('{') && (cause.is_some() || self.ended) => {
                let cause = cause.unwrap_or_else(|| "the last row is not whole".to_owned());
                Some(self.answer.broken(cause, rows_before))
            }
            (Some(BadLine::NotARow(line)), _) => {
                Some(SourceError::FailedMidway { message: message_of(line.as_bytes()), rows_before })
            }
            (None, Some(cause)) => Some(self.answer.broken(cause, rows_before)),
            (None, None) => self.failed.take(),
        };
    }
}

/// The readable part of an error body: the `error` of `stats_query`'s JSON, or the text.
fn message_of(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        error: String,
    }
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(body) {
        return refusal.error;
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_MESSAGE)]);
    text.trim().to_owned()
}

fn said_by(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("no message").to_owned()
}
