//! Ollama's messages as they go over the wire. Unknown fields are passed over, missing ones have defaults: servers of
//! several versions are met in the field.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Go prints an empty list as `null`, and some servers print every empty field so.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// `POST /api/chat`.
#[derive(Debug, Serialize)]
pub struct ChatRequest<'a> {
    pub model: &'a str,
    pub messages: &'a [Message],
    pub stream: bool,
    pub format: &'a Value,
    pub options: ChatOptions,
    pub keep_alive: String,
}

/// What governs the sampling. The context is always sent: the server's own default cuts a longer prompt in silence.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ChatOptions {
    pub num_ctx: u32,
    pub num_predict: u32,
    pub temperature: f64,
    pub seed: u32,
}

/// One turn of a conversation.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    pub role: &'static str,
    pub content: String,
}

/// One line of a streamed answer, or its `{"error"}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChatLine {
    #[serde(deserialize_with = "or_default")]
    pub message: Delta,
    pub done: bool,
    #[serde(deserialize_with = "or_default")]
    pub done_reason: String,
    #[serde(deserialize_with = "or_default")]
    pub prompt_eval_count: u64,
    pub error: Option<String>,
}

/// A piece of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Delta {
    #[serde(deserialize_with = "or_default")]
    pub content: String,
    #[serde(deserialize_with = "or_default")]
    pub thinking: String,
}

/// `{"error": …}`.
#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    pub error: String,
}

/// `GET /api/tags` and `GET /api/ps`.
#[derive(Debug, Default, Deserialize)]
pub struct Models {
    #[serde(default, deserialize_with = "or_default")]
    pub models: Vec<Model>,
}

impl Models {
    pub fn names(self) -> Vec<String> {
        self.models.into_iter().map(|model| model.name).collect()
    }
}

/// A model that is installed or loaded.
#[derive(Debug, Deserialize)]
pub struct Model {
    pub name: String,
}

/// `GET /api/version`.
#[derive(Debug, Deserialize)]
pub struct Version {
    pub version: String,
}

/// `POST /api/show`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Shown {
    #[serde(deserialize_with = "or_default")]
    pub capabilities: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub model_info: serde_json::Map<String, Value>,
}

impl Shown {
    /// Whether the model thinks before it answers; its thoughts are counted in `num_predict`.
    pub fn thinks(&self) -> bool {
        self.capabilities.iter().any(|capability| capability == "thinking")
    }

    /// The longest context that the model was made for, in tokens.
    pub fn context_length(&self) -> Option<u32> {
        let (_, length) = self.model_info.iter().find(|(key, _)| key.ends_with(".context_length"))?;
        length.as_u64().and_then(|length| u32::try_from(length).ok())
    }
}
