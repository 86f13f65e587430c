//! Why a judge could not answer, told apart as an operator has to tell them apart.

use crate::net::said;
use crate::text::escape::visible;
use crate::text::{Lang, Say};

/// Why a judge could not answer. Texts that a server sent are hostile and are escaped when said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum JudgeError {
    /// The settings cannot be used: no URL, no certificate.
    Settings {
        /// What is wrong with them, in a sentence.
        message: String,
    },
    /// No connection.
    Unreachable {
        /// The server's URL without secrets.
        url: String,
        /// The cause.
        cause: String,
    },
    /// The model is not installed there.
    NoSuchModel {
        /// The server's URL without secrets.
        url: String,
        /// The model asked for.
        model: String,
        /// Those that are there.
        installed: Vec<String>,
    },
    /// 503: the server's queue is full.
    Busy {
        /// The server's URL without secrets.
        url: String,
        /// Its message.
        message: String,
    },
    /// The server answered with an error, before or in the middle of its answer.
    Failed {
        /// Its message.
        message: String,
    },
    /// The connection broke in the middle of the answer.
    CutOff {
        /// The cause.
        cause: String,
        /// The answer so far.
        so_far: String,
    },
    /// Not Ollama: an answer that is not what the protocol says.
    Unexpected {
        /// The server's URL without secrets.
        url: String,
        /// What was wrong.
        message: String,
    },
    /// Our time limit ran out.
    TimedOut {
        /// The limit.
        after_seconds: u64,
    },
}

impl Say for JudgeError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Settings { message } => say::settings(lang, &visible(message)),
            Self::Unreachable { url, cause } => {
                said::no_answer(lang, &visible(url), &visible(cause), say::start_ollama(lang))
            }
            Self::NoSuchModel { url, model, installed } if installed.is_empty() => {
                say::no_model_at_all(lang, &visible(url), &visible(model))
            }
            Self::NoSuchModel { url, model, installed } => {
                say::no_such_model(lang, &visible(url), &visible(model), &visible(&installed.join(", ")))
            }
            Self::Busy { url, message } => say::busy(lang, &visible(url), &visible(message)),
            Self::Failed { message } => say::failed(lang, &visible(message)),
            Self::CutOff { cause, so_far } => say::cut_off(lang, so_far.chars().count(), &visible(cause)),
            Self::Unexpected { url, message } => {
                said::not_theirs(lang, &visible(url), "Ollama", &visible(message), say::look_at_url(lang))
            }
            Self::TimedOut { after_seconds } => say::timed_out(lang, *after_seconds),
        }
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        start_ollama {
            en: "Start Ollama, or set judge.kind = \"offline\".",
            ko: "Ollama를 시작하거나 judge.kind = \"offline\"으로 설정하세요.",
        }
        look_at_url { en: "Check judge.url.", ko: "judge.url을 확인하세요." }
    }
    crate::text::sentences! {
        settings(message: &str) {
            en: "the judge's settings cannot be used: {message}",
            ko: "판정자 설정을 사용할 수 없습니다: {message}",
        }
        no_such_model(url: &str, model: &str, installed: &str) {
            en: "model {model} is not installed at {url}; installed: {installed}. Run `ollama pull {model}` or set judge.model.",
            ko: "{url}에 모델 {model}이(가) 없습니다. 설치된 모델: {installed}. `ollama pull {model}`을 실행하거나 judge.model을 바꾸세요.",
        }
        no_model_at_all(url: &str, model: &str) {
            en: "no model is installed at {url}. Run `ollama pull {model}`.",
            ko: "{url}에 설치된 모델이 없습니다. `ollama pull {model}`을 실행하세요.",
        }
        busy(url: &str, message: &str) {
            en: "{url} is busy: {message}. Try again, or raise OLLAMA_MAX_QUEUE there.",
            ko: "{url} 처리 중인 요청이 많습니다: {message}. 다시 시도하거나 서버의 OLLAMA_MAX_QUEUE를 늘리세요.",
        }
        failed(message: &str) {
            en: "the model server failed: {message}",
            ko: "모델 서버 오류: {message}",
        }
        cut_off(characters: usize, cause: &str) {
            en: "the connection to the model was cut after {characters} characters of its answer: {cause}. Ask again.",
            ko: "답변 {characters}자 뒤에 모델과의 연결이 끊겼습니다: {cause}. 다시 물어보세요.",
        }
        timed_out(after_seconds: u64) {
            en: "no verdict within {after_seconds} s; raise judge.timeout or take a smaller model",
            ko: "{after_seconds}초 안에 판정이 나오지 않았습니다. judge.timeout을 늘리거나 더 작은 모델을 쓰세요",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_words_are_escaped_and_what_to_do_is_said() {
        let error = JudgeError::Failed { message: "boom\u{1b}[2J".to_owned() };
        assert_eq!(error.to_string(), "the model server failed: boom\\x1b[2J");
        let missing = JudgeError::NoSuchModel {
            url: "http://x".to_owned(),
            model: "gemma4:e4b".to_owned(),
            installed: vec!["qwen3:4b".to_owned(), "llama\u{202e}".to_owned()],
        };
        assert!(missing.say(Lang::Ko).contains("qwen3:4b, llama\\u{202e}"));
        assert!(missing.to_string().contains("ollama pull gemma4:e4b"));
    }
}
