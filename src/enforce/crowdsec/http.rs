//! Requests to the LAPI: the token, the second login where a restart of the server made it worthless, the pauses where
//! the server asks for them, and what is known of a request that failed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::options::{Options, unusable};
use super::wire;
use crate::enforce::EnforceError;
use crate::net::{self, Address};
use crate::text::escape::visible;

/// How often a request is sent again after a 429, 503 or 504.
const RETRIES: u32 = 3;

/// The longest pause that a server's `Retry-After` is granted.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The most of an answer that is read: a list with a community blocklist of a hundred thousand decisions.
const LARGEST_ANSWER: usize = 256 << 20;

/// The most of a server's message that is shown.
const LONGEST_MESSAGE: usize = 300;

/// A token is renewed so long before it expires, as the official client does.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(1);

/// Where a login does not say until when its token is good.
const SHORT_LIFE: SignedDuration = SignedDuration::from_mins(5);

struct Token {
    value: SecretString,
    renew_at: Timestamp,
    /// Counts the logins, so that a token is thrown away once however many requests it failed.
    number: u64,
}

/// One LAPI, and our way in.
pub(super) struct Lapi {
    client: reqwest::Client,
    pub address: Address,
    machine: String,
    password: SecretString,
    timeout: Duration,
    pause: Duration,
    token: Mutex<Option<Token>>,
    logins: std::sync::atomic::AtomicU64,
}

/// An answer, whatever its status; its body is whole.
pub(super) struct Answer {
    pub status: StatusCode,
    body: Vec<u8>,
}

impl Lapi {
    pub fn new(options: &Options) -> Result<Self, EnforceError> {
        let client_options = options.client_options()?;
        Ok(Self {
            client: net::client(&client_options).map_err(unusable)?,
            address: client_options.address,
            machine: options.machine.clone(),
            password: options.password.clone(),
            timeout: options.timeout,
            pause: options.pause,
            token: Mutex::new(None),
            logins: std::sync::atomic::AtomicU64::new(0),
        })
    }

    /// Asks for something. A connection that breaks on the way is tried once more: asking changes nothing.
    pub async fn get(&self, path: &str, query: &[(&str, &str)], now: Timestamp) -> Result<Answer, EnforceError> {
        let ask = || self.client.get(self.address.join(path)).query(query);
        match self.with_token(ask, now).await {
            Err(EnforceError::Unreachable { .. }) => self.with_token(ask, now).await,
            answer => answer,
        }
    }

    /// Changes something: sent once, unless the server says that it did not even look at it.
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
        now: Timestamp,
    ) -> Result<Answer, EnforceError> {
        let ask = || {
            let request = self.client.request(method.clone(), self.address.join(path));
            body.iter().fold(request, |request, body| request.json(body))
        };
        self.with_token(ask, now).await
    }

    /// Whether the server says that it is well; it tells everybody. One that does not know the question passes.
    pub async fn health(&self) -> Result<(), EnforceError> {
        let answer = self.patiently(|| self.client.get(self.address.join("health"))).await?;
        if answer.status.is_success() || answer.status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        Err(self.refused(&answer))
    }

    /// Makes sure that the login works, with a fresh one where `anew`.
    pub async fn log_in(&self, anew: bool, now: Timestamp) -> Result<(), EnforceError> {
        if anew {
            *self.token.lock().await = None;
        }
        self.token(now).await.map(drop)
    }

    /// Sends with a token. The key that signs tokens changes whenever the LAPI starts: a 401 or 403 means to log in
    /// again, once.
    async fn with_token(&self, ask: impl Fn() -> RequestBuilder, now: Timestamp) -> Result<Answer, EnforceError> {
        let mut first = true;
        loop {
            let (token, number) = self.token(now).await?;
            let answer = self.patiently(|| ask().bearer_auth(token.expose_secret())).await?;
            if !matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                return Ok(answer);
            }
            if !first {
                return Err(self.denied(&answer));
            }
            first = false;
            self.token.lock().await.take_if(|token| token.number == number);
        }
    }

    async fn token(&self, now: Timestamp) -> Result<(SecretString, u64), EnforceError> {
        // Held over the login, so that requests at once make one login.
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| now < token.renew_at) {
            return Ok((token.value.clone(), token.number));
        }
        let body = serde_json::json!({
            "machine_id": self.machine, "password": self.password.expose_secret(), "scenarios": [],
        });
        let url = self.address.join("v1/watchers/login");
        // A login changes nothing that could be doubled.
        let answer = self.patiently(|| self.client.post(url.clone()).json(&body)).await.map_err(certain)?;
        if answer.status.is_client_error() {
            return Err(self.denied(&answer));
        }
        let login: wire::Login = self.read(&answer)?;
        let expires = login.expire.parse().unwrap_or(now.saturating_add(SHORT_LIFE).unwrap_or(now));
        let renew_at = expires.saturating_sub(RENEW_BEFORE).unwrap_or(now);
        let number = self.logins.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let value = SecretString::from(login.token);
        *held = Some(Token { value: value.clone(), renew_at, number });
        Ok((value, number))
    }

    /// Sends, and sends again after a pause where the server is too busy to look at it. A 504 comes from a proxy that
    /// gave up waiting: what it passed on may have been done, so a change is not repeated.
    async fn patiently(&self, ask: impl Fn() -> RequestBuilder) -> Result<Answer, EnforceError> {
        let (mut pause, mut tries) = (self.pause, 0);
        loop {
            let request = ask().timeout(self.timeout).build().map_err(|error| self.unreachable(&error, false))?;
            let changes = *request.method() != Method::GET;
            let response = self.client.execute(request).await;
            let response = response.map_err(|error| self.unreachable(&error, changes && !error.is_connect()))?;
            let busy = match response.status() {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
                StatusCode::GATEWAY_TIMEOUT | StatusCode::BAD_GATEWAY if changes => {
                    let cause = format!("a proxy before it answered {}", response.status().as_u16());
                    return Err(EnforceError::Unreachable { url: self.address.label(), cause, maybe_sent: true });
                }
                StatusCode::GATEWAY_TIMEOUT => true,
                _ => false,
            };
            if !busy || tries == RETRIES {
                return self.whole(response, changes).await;
            }
            tokio::time::sleep(retry_after(&response).unwrap_or(pause).min(LONGEST_PAUSE)).await;
            pause *= 2;
            tries += 1;
        }
    }

    async fn whole(&self, mut response: Response, changes: bool) -> Result<Answer, EnforceError> {
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(&error, changes))? {
            if body.len() + piece.len() > LARGEST_ANSWER {
                return Err(self.unexpected(&format!("more than {} MiB", LARGEST_ANSWER >> 20)));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, body })
    }

    /// The answer as JSON, or the error that it is.
    pub fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, EnforceError> {
        if !answer.status.is_success() {
            return Err(self.refused(answer));
        }
        serde_json::from_slice(&answer.body).map_err(|error| self.unexpected(&error.to_string()))
    }

    pub fn refused(&self, answer: &Answer) -> EnforceError {
        EnforceError::Refused { url: self.address.label(), status: answer.status.as_u16(), message: answer.message() }
    }

    pub fn unexpected(&self, what: &str) -> EnforceError {
        EnforceError::Unexpected { url: self.address.label(), message: shown(what) }
    }

    fn denied(&self, answer: &Answer) -> EnforceError {
        EnforceError::Denied {
            url: self.address.label(),
            machine: visible(&self.machine).into_owned(),
            message: answer.message(),
        }
    }

    fn unreachable(&self, error: &reqwest::Error, maybe_sent: bool) -> EnforceError {
        let cause = if error.is_timeout() {
            format!("no answer within {} s", self.timeout.as_secs_f32())
        } else {
            shown(&net::cause(error))
        };
        EnforceError::Unreachable { url: self.address.label(), cause, maybe_sent }
    }
}

impl Answer {
    /// What the server says of its error, made safe to show.
    pub fn message(&self) -> String {
        let message = serde_json::from_slice::<wire::Message>(&self.body).map(|body| body.message);
        let message = message.unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into_owned());
        if message.trim().is_empty() {
            return self.status.canonical_reason().unwrap_or("no message").to_owned();
        }
        shown(message.trim())
    }
}

/// The same failure, where nothing can have been changed.
fn certain(error: EnforceError) -> EnforceError {
    match error {
        EnforceError::Unreachable { url, cause, .. } => EnforceError::Unreachable { url, cause, maybe_sent: false },
        other => other,
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A stranger's text, safe and short.
fn shown(text: &str) -> String {
    let safe = visible(text);
    match safe.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &safe[..end]),
        None => safe.into_owned(),
    }
}
