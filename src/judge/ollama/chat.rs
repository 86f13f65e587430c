//! One turn of a conversation: the request goes out, the answer comes in line by line. A failure in mid-stream, a cut
//! connection and a line that is not the protocol's are told apart.

use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::wire::{ChatLine, ChatOptions, ChatRequest, Message};
use super::{JudgeError, JudgeProgress, Ollama, Progress};
use crate::net;

/// How often a server that loads a model is asked whether it is done.
const LOADING_POLL: Duration = Duration::from_millis(500);
/// The longest line of an answer, in bytes.
const MAX_LINE: usize = 1 << 20;
/// The longest answer, in bytes: far more than a verdict needs. What is longer is not read.
const MAX_ANSWER: usize = 64 << 10;

/// What stays the same from turn to turn.
pub(super) struct Chat<'a> {
    pub ollama: &'a Ollama,
    pub schema: &'a Value,
    pub num_predict: u32,
    pub num_ctx: u32,
    pub progress: &'a Progress,
}

/// What came of one turn.
#[derive(Debug, Default)]
pub(super) struct TurnAnswer {
    /// The answer, without the model's thoughts.
    pub content: String,
    /// Tokens of the prompt, as the server counted them.
    pub prompt_tokens: u64,
    /// Whether `num_predict` ended it.
    pub out_of_tokens: bool,
}

impl TurnAnswer {
    /// Both turns as one: the later answer, the larger prompt.
    pub fn then(self, later: Self) -> Self {
        Self { prompt_tokens: self.prompt_tokens.max(later.prompt_tokens), ..later }
    }
}

impl Chat<'_> {
    /// Sends the conversation so far and reads the answer.
    pub async fn turn(&self, messages: &[Message]) -> Result<TurnAnswer, JudgeError> {
        let options = &self.ollama.options;
        let request = self.ollama.post(
            "api/chat",
            &ChatRequest {
                model: &options.model,
                messages,
                stream: true,
                format: self.schema,
                options: ChatOptions {
                    num_ctx: self.num_ctx,
                    num_predict: self.num_predict,
                    temperature: options.temperature,
                    seed: options.seed,
                },
                keep_alive: format!("{}s", options.keep_alive.as_secs()),
            },
        );
        // The server sends no header before the first token, so the wait for one is the loading and the reading.
        let sent = tokio::select! {
            sent = request.send() => sent,
            () = self.tell_loading() => return Err(self.ollama.unexpected("the progress ended")),
        };
        let response = match self.ollama.answered(sent).await {
            Err(JudgeError::NoSuchModel { url, model, .. }) => {
                let installed = self.ollama.installed().await.unwrap_or_default();
                return Err(JudgeError::NoSuchModel { url, model, installed });
            }
            other => other?,
        };
        self.read(response).await
    }

    /// Tells whether the model is being loaded or reads already, until it is dropped.
    async fn tell_loading(&self) {
        let mut tick = interval(LOADING_POLL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told_loading = false;
        loop {
            tick.tick().await;
            match self.ollama.is_loaded().await {
                Some(false) if told_loading => {}
                Some(false) => {
                    told_loading = true;
                    self.progress.tell(JudgeProgress::Loading);
                }
                Some(true) | None => break,
            }
        }
        self.progress.tell(JudgeProgress::Reading);
        std::future::pending::<()>().await;
    }

    /// Reads the answer to its last line.
    async fn read(&self, mut response: Response) -> Result<TurnAnswer, JudgeError> {
        let mut answer = TurnAnswer::default();
        let mut pending: Vec<u8> = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| self.cut_off(net::cause(&error), &answer))?;
            let ended = chunk.is_none();
            pending.extend_from_slice(chunk.as_deref().unwrap_or_default());
            if ended && !pending.is_empty() {
                pending.push(b'\n');
            }
            while let Some(end) = memchr::memchr(b'\n', &pending) {
                let line: Vec<u8> = pending.drain(..=end).collect();
                if self.take_line(line.trim_ascii(), &mut answer)? {
                    return Ok(answer);
                }
            }
            if ended {
                return Err(self.cut_off("the answer ended without its last line".to_owned(), &answer));
            }
            if pending.len() > MAX_LINE {
                return Err(self.ollama.unexpected(&format!("a line of more than {MAX_LINE} bytes")));
            }
        }
    }

    /// Takes one line; true where it was the last that is wanted.
    fn take_line(&self, line: &[u8], answer: &mut TurnAnswer) -> Result<bool, JudgeError> {
        if line.is_empty() {
            return Ok(false);
        }
        let line: ChatLine =
            serde_json::from_slice(line).map_err(|error| self.ollama.unexpected(&error.to_string()))?;
        if let Some(message) = line.error {
            return Err(JudgeError::Failed { message });
        }
        if !line.message.thinking.is_empty() {
            self.progress.tell(JudgeProgress::Thinking(line.message.thinking));
        }
        if !line.message.content.is_empty() {
            answer.content.push_str(&line.message.content);
            self.progress.tell(JudgeProgress::Answer(line.message.content));
        }
        answer.prompt_tokens = answer.prompt_tokens.max(line.prompt_eval_count);
        answer.out_of_tokens = line.done_reason == "length";
        Ok(line.done || answer.content.len() > MAX_ANSWER)
    }

    fn cut_off(&self, cause: String, answer: &TurnAnswer) -> JudgeError {
        JudgeError::CutOff { cause, so_far: answer.content.clone() }
    }
}

/// The body of a response, at most `most` bytes.
pub(super) async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| net::cause(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > most {
            return Err(format!("an answer of more than {most} bytes"));
        }
    }
    Ok(body)
}
