//! The conversation with Ollama: is the model there, is it loaded, the streamed answer, one second try. Dropping the
//! future closes the connection, which stops the server. Never changes anything at the server, never pulls a model.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::OnceCell;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, timeout};

use super::prompt::{self, Prompt};
use super::verdict::{self, Circumstances, Remark};
use super::{Dossier, Judge, JudgeError, JudgeProgress, JudgeStatus, Verdict};
use crate::net;
use crate::text::{Lang, Say};

mod chat;
mod wire;

use wire::{ErrorBody, Message, Models, Shown, Version};

/// The server on this host.
pub const DEFAULT_URL: &str = "http://127.0.0.1:11434";
/// The model that is asked where the settings name none.
pub const DEFAULT_MODEL: &str = "gemma4:e4b";
/// An answer needs at least so many tokens.
pub const MIN_PREDICT: u32 = 256;
/// A model that thinks spends `num_predict` on its thoughts too, so it gets at least so many.
const MIN_PREDICT_THINKING: u32 = 2048;
/// Characters of a prompt that one token surely covers: log lines and JSON need about 2.5, Korean less.
const CHARACTERS_A_TOKEN: usize = 2;
/// What the model's chat template adds, in tokens, and then some.
const TEMPLATE_TOKENS: u32 = 64;
/// How long a small question (version, list) may take.
const SMALL_QUESTION: Duration = Duration::from_secs(10);
/// The longest answer to a small question, in bytes.
const SMALL_ANSWER: usize = 4 << 20;

/// Where Ollama is and how it is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The server.
    pub url: String,
    /// The model's name.
    pub model: String,
    /// Context in tokens; always sent.
    pub num_ctx: u32,
    /// Most tokens of an answer; at least [`MIN_PREDICT`].
    pub num_predict: u32,
    /// Sampling temperature.
    pub temperature: f64,
    /// Seed of the sampling.
    pub seed: u32,
    /// How long the server keeps the model in memory afterwards.
    pub keep_alive: Duration,
    /// Longest wait for a verdict, loading included.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: DEFAULT_URL.to_owned(),
            model: DEFAULT_MODEL.to_owned(),
            num_ctx: 8192,
            num_predict: 512,
            temperature: 0.1,
            seed: 42,
            keep_alive: Duration::from_secs(600),
            timeout: Duration::from_secs(120),
        }
    }
}

/// Ollama as a judge.
pub struct Ollama {
    options: Options,
    address: net::Address,
    client: reqwest::Client,
    /// What the model can do, asked once.
    shown: OnceCell<Shown>,
}

impl Ollama {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`JudgeError::Settings`] where the URL cannot be used.
    pub fn new(options: Options) -> Result<Self, JudgeError> {
        let settings = |error: net::NetError| JudgeError::Settings { message: error.to_string() };
        let address = net::Address::parse(&options.url).map_err(settings)?;
        let client = net::client(&net::ClientOptions::new(address.clone())).map_err(settings)?;
        Ok(Self { options, address, client, shown: OnceCell::new() })
    }

    /// The names of the installed models.
    ///
    /// # Errors
    /// Any [`JudgeError`] but [`JudgeError::NoSuchModel`].
    pub async fn installed(&self) -> Result<Vec<String>, JudgeError> {
        self.small::<Models>(self.get("api/tags")).await.map(Models::names)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.authorised(self.client.get(self.address.join(path)))
    }

    fn post(&self, path: &str, body: &impl serde::Serialize) -> RequestBuilder {
        self.authorised(self.client.post(self.address.join(path)).json(body))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        use secrecy::ExposeSecret as _;
        match self.address.user() {
            Some((user, password)) => request.basic_auth(user, Some(password.expose_secret())),
            None => request,
        }
    }

    /// Asks something that is answered at once and in one piece.
    async fn small<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, JudgeError> {
        let ask = async {
            let response = self.answered(request.send().await).await?;
            let body = chat::body(response, SMALL_ANSWER).await.map_err(|cause| self.unreachable(cause))?;
            serde_json::from_slice(&body).map_err(|error| self.unexpected(&error.to_string()))
        };
        let late = |_| self.unreachable(format!("no answer within {} s", SMALL_QUESTION.as_secs()));
        timeout(SMALL_QUESTION, ask).await.map_err(late)?
    }

    /// Takes a response of status 200, and tells every other failure apart.
    async fn answered(&self, sent: Result<Response, reqwest::Error>) -> Result<Response, JudgeError> {
        let response = sent.map_err(|error| self.unreachable(net::cause(&error)))?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        let body = chat::body(response, SMALL_ANSWER).await.unwrap_or_default();
        let message = serde_json::from_slice::<ErrorBody>(&body).ok().map(|body| body.error);
        Err(match (status, message) {
            (StatusCode::NOT_FOUND, Some(message)) if message.contains("model") => JudgeError::NoSuchModel {
                url: self.address.label(),
                model: self.options.model.clone(),
                installed: Vec::new(),
            },
            (StatusCode::SERVICE_UNAVAILABLE, message) => {
                JudgeError::Busy { url: self.address.label(), message: message.unwrap_or_else(|| status.to_string()) }
            }
            (_, Some(message)) => JudgeError::Failed { message },
            (_, None) => self.unexpected(&format!("HTTP {status}")),
        })
    }

    fn unreachable(&self, cause: String) -> JudgeError {
        JudgeError::Unreachable { url: self.address.label(), cause }
    }

    fn unexpected(&self, message: &str) -> JudgeError {
        JudgeError::Unexpected { url: self.address.label(), message: message.to_owned() }
    }

    /// What the model can do. A server too old to say is taken to have a plain model.
    async fn shown(&self) -> Result<&Shown, JudgeError> {
        let ask = || async {
            match self.small::<Shown>(self.post("api/show", &json!({"model": self.options.model}))).await {
                Ok(shown) => Ok(shown),
                Err(JudgeError::NoSuchModel { url, model, .. }) => {
                    let installed = self.installed().await.unwrap_or_default();
                    Err(JudgeError::NoSuchModel { url, model, installed })
                }
                Err(error @ (JudgeError::Unreachable { .. } | JudgeError::Busy { .. })) => Err(error),
                Err(_) => Ok(Shown::default()),
            }
        };
        self.shown.get_or_try_init(ask).await
    }

    /// Whether the model is in memory; `None` where the server does not say.
    async fn is_loaded(&self) -> Option<bool> {
        let running = self.small::<Models>(self.get("api/ps")).await.ok()?;
        Some(running.names().iter().any(|name| is_model(name, &self.options.model)))
    }

    /// Most tokens of an answer and the context, for this model.
    fn sizes(&self, shown: &Shown) -> (u32, u32) {
        let context = shown.context_length().map_or(self.options.num_ctx, |most| most.min(self.options.num_ctx));
        let least = if shown.thinks() { MIN_PREDICT_THINKING } else { MIN_PREDICT };
        // An answer never gets more than half of the context, or no room would be left for the dossier.
        let predict = self.options.num_predict.max(least).min((context / 2).max(MIN_PREDICT));
        (predict, context)
    }

    /// The whole conversation, without its time limit.
    async fn converse(
        &self,
        dossier: &Dossier,
        lang: Lang,
        now: Timestamp,
        progress: &Progress,
    ) -> Result<Verdict, JudgeError> {
        let started = Instant::now();
        let (num_predict, num_ctx) = self.sizes(self.shown().await?);
        let room = num_ctx.saturating_sub(num_predict + TEMPLATE_TOKENS) as usize * CHARACTERS_A_TOKEN;
        let prompt = prompt::build(dossier, lang, &prompt::nonce(), room);
        let schema = verdict::schema(dossier);
        let chat = chat::Chat { ollama: self, schema: &schema, num_predict, num_ctx, progress };

        let mut remarks = Vec::new();
        if prompt.shortened {
            remarks.push(Remark::Shortened);
        }
        let mut messages = opening(&prompt);
        let mut answer = chat.turn(&messages).await?;
        let mut raw = answer.content.clone();
        let mut read = verdict::read(&answer.content);
        if let Err(broken) = &read {
            progress.tell(JudgeProgress::Repairing);
            remarks.push(Remark::Repaired(broken.clone()));
            messages.push(Message { role: "assistant", content: answer.content.clone() });
            messages.push(Message { role: "user", content: prompt::repair(&broken.say(Lang::En)) });
            let again = chat.turn(&messages).await?;
            raw = format!("{raw}\n---\n{}", again.content);
            read = verdict::read(&again.content);
            answer = answer.then(again);
        }
        if answer.prompt_tokens + u64::from(num_predict) > u64::from(num_ctx) {
            remarks.push(Remark::Overflow { tokens: answer.prompt_tokens, context: num_ctx });
        }
        if answer.out_of_tokens {
            remarks.push(Remark::OutOfTokens);
        }
        let circumstances = Circumstances {
            dossier,
            lang,
            judge: self.name(),
            prompt: prompt.text(),
            raw,
            took: started.elapsed(),
            at: now,
            remarks,
        };
        Ok(match read {
            Ok(answer) => circumstances.verdict(answer),
            Err(broken) => circumstances.not_understood(broken),
        })
    }
}

fn opening(prompt: &Prompt) -> Vec<Message> {
    vec![
        Message { role: "system", content: prompt.system.clone() },
        Message { role: "user", content: prompt.user.clone() },
    ]
}

/// Whether the server's name for a model is the one in the settings: `gemma3` is `gemma3:latest`.
fn is_model(listed: &str, wanted: &str) -> bool {
    listed == wanted || (!wanted.contains(':') && listed.strip_suffix(":latest") == Some(wanted))
}

/// Who is told how it goes, if anybody.
struct Progress(Option<UnboundedSender<JudgeProgress>>);

impl Progress {
    fn tell(&self, step: JudgeProgress) {
        if let Some(sender) = &self.0 {
            // Nobody listens any more: the verdict is wanted all the same.
            let _ = sender.send(step);
        }
    }
}

#[async_trait]
impl Judge for Ollama {
    fn name(&self) -> String {
        format!("ollama {}", self.options.model)
    }

    fn hosts(&self) -> Vec<String> {
        vec![self.address.host()]
    }

    async fn status(&self) -> Result<JudgeStatus, JudgeError> {
        let version = self.small::<Version>(self.get("api/version")).await?.version;
        let installed = self.installed().await?;
        Ok(JudgeStatus {
            kind: "ollama".to_owned(),
            model: self.options.model.clone(),
            model_present: installed.iter().any(|name| is_model(name, &self.options.model)),
            installed,
            version,
        })
    }

    async fn judge(
        &self,
        dossier: &Dossier,
        lang: Lang,
        now: Timestamp,
        progress: Option<UnboundedSender<JudgeProgress>>,
    ) -> Result<Verdict, JudgeError> {
        let late = |_| JudgeError::TimedOut { after_seconds: self.options.timeout.as_secs() };
        timeout(self.options.timeout, self.converse(dossier, lang, now, &Progress(progress))).await.map_err(late)?
    }
}
