//! The answer as it came → a verdict. Everything a model says is checked and bounded here: the target is the
//! dossier's, the category one of a fixed list, the confidence between 0 and 1, the reason two escaped sentences, and
//! evidence that does not exist is set apart. Nothing here asks again: that is the conversation's business.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{CATEGORIES, Dossier, Opinion, Verdict};
use crate::text::escape::visible;
use crate::text::{Lang, Say};

/// The longest reason that is kept, in characters.
const REASON_CHARACTERS: usize = 400;
/// At most so many citations are read.
const MAX_CITES: usize = 32;
/// The longest word of a model that a remark repeats, in characters.
const WORD_CHARACTERS: usize = 40;

/// What a model answered, in bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Yes, no, unsure.
    pub opinion: Opinion,
    /// 0 to 1.
    pub confidence: f64,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// One or two escaped sentences.
    pub reason: String,
    /// The cited ids, as given, each once.
    pub evidence: Vec<String>,
    /// What had to be mended.
    pub remarks: Vec<Remark>,
}

/// Something about an answer that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The JSON came in a Markdown fence.
    Fenced,
    /// The first answer was broken; this is the second.
    Repaired(Broken),
    /// Both answers were broken.
    NotUnderstood(Broken),
    /// The model ran out of tokens in the middle of its answer.
    OutOfTokens,
    /// A confidence outside of 0 to 1.
    Confidence(String),
    /// A category that is not on the list.
    Category(String),
    /// Fields that nobody asked for, an address perhaps; they were not read.
    ExtraFields(String),
    /// The dossier was shortened to fit the model's context.
    Shortened,
    /// The prompt filled the context, so that the server may have cut it.
    Overflow {
        /// Tokens of the prompt, as the server counted them.
        tokens: u64,
        /// The context in tokens.
        context: u32,
    },
}

/// Why an answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Nothing came.
    Empty,
    /// No JSON object, or one that is cut.
    NotJson(String),
    /// A field is missing or of the wrong type.
    Field(&'static str),
}

impl Say for Broken {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Empty => say::empty(lang).to_owned(),
            Self::NotJson(cause) => say::not_json(lang, &visible(cause)),
            Self::Field(name) => say::field(lang, name),
        }
    }
}

impl Say for Remark {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Fenced => say::fenced(lang).to_owned(),
            Self::Repaired(broken) => say::repaired(lang, &broken.say(lang)),
            Self::NotUnderstood(broken) => say::not_understood(lang, &broken.say(lang)),
            Self::OutOfTokens => say::out_of_tokens(lang).to_owned(),
            Self::Confidence(given) => say::confidence(lang, &visible(given)),
            Self::Category(given) => say::category(lang, &visible(given)),
            Self::ExtraFields(names) => say::extra_fields(lang, &visible(names)),
            Self::Shortened => say::shortened(lang).to_owned(),
            Self::Overflow { tokens, context } => say::overflow(lang, *tokens, *context),
        }
    }
}

/// The JSON schema that a model is held to. The verdict comes after the reason, so that it follows from it.
pub fn schema(dossier: &Dossier) -> Value {
    let ids: Vec<&str> = dossier.evidence.iter().map(|evidence| evidence.id.as_str()).collect();
    let item = if ids.is_empty() { json!({"type": "string"}) } else { json!({"type": "string", "enum": ids}) };
    json!({
        "type": "object",
        "properties": {
            "evidence": {"type": "array", "items": item},
            "reason": {"type": "string"},
            "category": {"type": "string", "enum": CATEGORIES},
            "verdict": {"type": "string", "enum": ["yes", "no", "unsure"]},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1}
        },
        "required": ["evidence", "reason", "category", "verdict", "confidence"],
        "additionalProperties": false
    })
}

/// Reads an answer. A Markdown fence around it and a `<think>` part before it are taken off; any other text beside
/// the one JSON object breaks it.
pub fn read(text: &str) -> Result<Answer, Broken> {
    let mut remarks = Vec::new();
    let bare = text.rsplit_once("</think>").map_or(text, |(_, rest)| rest).trim();
    if bare.is_empty() {
        return Err(Broken::Empty);
    }
    let body = match unfenced(bare) {
        Some(inner) => {
            remarks.push(Remark::Fenced);
            inner
        }
        None => bare,
    };
    let value: Value = serde_json::from_str(body).map_err(|error| Broken::NotJson(error.to_string()))?;
    let Value::Object(object) = value else { return Err(Broken::NotJson(say::no_object(Lang::En).to_owned())) };
    let opinion = match object.get("verdict").and_then(Value::as_str).map(|word| word.trim().to_ascii_lowercase()) {
        Some(word) if word == "yes" => Opinion::Yes,
        Some(word) if word == "no" => Opinion::No,
        Some(word) if word == "unsure" => Opinion::Unsure,
        _ => return Err(Broken::Field("verdict")),
    };
    let confidence = confidence(object.get("confidence").ok_or(Broken::Field("confidence"))?, &mut remarks)?;
    let category = category(object.get("category").and_then(Value::as_str).unwrap_or_default(), &mut remarks);
    let reason = sentences(object.get("reason").and_then(Value::as_str).unwrap_or_default());
    if reason.is_empty() {
        return Err(Broken::Field("reason"));
    }
    let evidence = citations(object.get("evidence").unwrap_or(&Value::Null))?;
    let asked = ["verdict", "confidence", "category", "reason", "evidence"];
    let extra: Vec<&str> = object.keys().map(String::as_str).filter(|key| !asked.contains(key)).collect();
    if !extra.is_empty() {
        remarks.push(Remark::ExtraFields(cut(&extra.join(", "), WORD_CHARACTERS)));
    }
    Ok(Answer { opinion, confidence, category, reason, evidence, remarks })
}

/// What stands inside a Markdown fence that is all of the text.
fn unfenced(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("```")?.strip_suffix("```")?;
    let (info, body) = inner.split_once('\n')?;
    info.trim().chars().all(|c| c.is_ascii_alphanumeric()).then_some(body)
}

/// A number from 0 to 1; a percentage is understood as one, anything else outside is brought to the nearer end.
fn confidence(value: &Value, remarks: &mut Vec<Remark>) -> Result<f64, Broken> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    let number = number.filter(|number| number.is_finite()).ok_or(Broken::Field("confidence"))?;
    if (0.0..=1.0).contains(&number) {
        return Ok(number);
    }
    remarks.push(Remark::Confidence(cut(&value.to_string(), WORD_CHARACTERS)));
    Ok(if (2.0..=100.0).contains(&number) { number / 100.0 } else { number.clamp(0.0, 1.0) })
}

fn category(given: &str, remarks: &mut Vec<Remark>) -> String {
    let tidy = given.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    if let Some(known) = CATEGORIES.iter().find(|known| **known == tidy) {
        return (*known).to_owned();
    }
    remarks.push(Remark::Category(cut(given, WORD_CHARACTERS)));
    "other".to_owned()
}

fn citations(value: &Value) -> Result<Vec<String>, Broken> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        _ => return Err(Broken::Field("evidence")),
    };
    let mut cites: Vec<String> = Vec::new();
    for item in items.iter().take(MAX_CITES) {
        let id = item.as_str().ok_or(Broken::Field("evidence"))?.trim();
        let id = visible(&cut(id, WORD_CHARACTERS)).into_owned();
        if !cites.contains(&id) {
            cites.push(id);
        }
    }
    Ok(cites)
}

/// The first two sentences on one line, escaped, at most [`REASON_CHARACTERS`] long.
pub(super) fn sentences(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut ends = line.char_indices().filter(|(at, character)| {
        let next = line[at + character.len_utf8()..].chars().next();
        match character {
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            '。' | '！' | '？' => true,
            _ => false,
        }
    });
    let end = ends.nth(1).map_or(line.len(), |(at, character)| at + character.len_utf8());
    cut(&visible(&line[..end]), REASON_CHARACTERS)
}

/// At most `most` characters; a cut shows as `…`.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// What a verdict records beside the answer.
#[derive(Debug, Clone)]
pub struct Circumstances<'a> {
    /// Whose dossier it is.
    pub dossier: &'a Dossier,
    /// The language of the note.
    pub lang: Lang,
    /// Who judged.
    pub judge: String,
    /// The prompt as sent.
    pub prompt: String,
    /// All that came back.
    pub raw: String,
    /// How long it took.
    pub took: Duration,
    /// When it was asked.
    pub at: Timestamp,
    /// Remarks on the conversation.
    pub remarks: Vec<Remark>,
}

impl Circumstances<'_> {
    /// The verdict that an answer means.
    pub fn verdict(self, answer: Answer) -> Verdict {
        let known = |id: &String| self.dossier.evidence.iter().any(|evidence| evidence.id == *id);
        let (cites, cites_unknown) = answer.evidence.into_iter().partition(known);
        let remarks = self.remarks.iter().chain(&answer.remarks);
        let note = remarks.map(|remark| remark.say(self.lang)).collect::<Vec<_>>().join("; ");
        Verdict {
            target: self.dossier.suspect.target,
            opinion: answer.opinion,
            confidence: answer.confidence,
            asks_only: false,
            category: answer.category,
            reason: answer.reason,
            cites,
            cites_unknown,
            judge: self.judge,
            note: (!note.is_empty()).then_some(note),
            prompt: self.prompt,
            raw: self.raw,
            took: self.took,
            at: self.at,
        }
    }

    /// The verdict where no answer could be read: unsure, with the text as it came.
    pub fn not_understood(self, broken: Broken) -> Verdict {
        let answer = Answer {
            opinion: Opinion::Unsure,
            confidence: 0.0,
            category: "other".to_owned(),
            reason: say::no_reason(self.lang).to_owned(),
            evidence: Vec::new(),
            remarks: vec![Remark::NotUnderstood(broken)],
        };
        self.verdict(answer)
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        empty { en: "it was empty", ko: "비어 있음" }
        no_object { en: "it is not one object", ko: "하나의 객체가 아님" }
        fenced { en: "the answer came in a code fence", ko: "답변이 코드 블록으로 왔습니다" }
        out_of_tokens {
            en: "the model ran out of tokens in the middle of its answer (judge.num_predict)",
            ko: "답변 도중에 토큰이 다 떨어졌습니다(judge.num_predict)",
        }
        shortened {
            en: "the dossier was shortened to fit the model's context (judge.num_ctx)",
            ko: "모델의 컨텍스트에 맞게 자료를 줄였습니다(judge.num_ctx)",
        }
        no_reason {
            en: "The model's answer could not be understood; it is kept as it came.",
            ko: "모델의 답변을 이해할 수 없어 받은 그대로 보관했습니다.",
        }
    }
    crate::text::sentences! {
        not_json(cause: &str) { en: "it is not one JSON object: {cause}", ko: "하나의 JSON 객체가 아님: {cause}" }
        field(name: &str) {
            en: "the field \"{name}\" is missing or not as asked",
            ko: "필드 \"{name}\"이(가) 없거나 형식이 다름",
        }
        repaired(cause: &str) {
            en: "the first answer was broken ({cause}) and was asked for once more",
            ko: "첫 답변이 잘못되어({cause}) 한 번 더 물었습니다",
        }
        not_understood(cause: &str) {
            en: "the answer could not be understood, not at the second time either: {cause}",
            ko: "두 번째 답변도 이해할 수 없습니다: {cause}",
        }
        confidence(given: &str) {
            en: "the confidence {given} is not between 0 and 1 and was brought there",
            ko: "확신도 {given}이(가) 0과 1 사이가 아니어서 맞추었습니다",
        }
        category(given: &str) {
            en: "the category \"{given}\" is not on the list",
            ko: "분류 \"{given}\"은(는) 목록에 없습니다",
        }
        extra_fields(names: &str) {
            en: "fields that nobody asked for were not read: {names}",
            ko: "요청하지 않은 필드는 읽지 않았습니다: {names}",
        }
        overflow(tokens: u64, context: u32) {
            en: "the prompt took {tokens} of {context} tokens of context, so that the server may have cut it (judge.num_ctx)",
            ko: "프롬프트가 컨텍스트 {context} 토큰 가운데 {tokens}를 차지하여 서버가 잘랐을 수 있습니다(judge.num_ctx)",
        }
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
