//! Why a source could not answer, told apart as an operator has to tell them apart.

use std::path::PathBuf;

use crate::net::said;
use crate::text::{Lang, Say, escape};

/// A failure of a source. Texts that a server sent are hostile and are escaped when said.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum SourceError {
    /// No connection: refused, no such name, TLS.
    Unreachable {
        /// The URL without secrets.
        url: String,
        /// The cause in the library's words.
        cause: String,
    },
    /// The query was refused (400 or 422, or our own parser).
    BadQuery {
        /// The server's or the parser's message.
        message: String,
        /// Byte range in the query text, where known.
        span: Option<std::ops::Range<usize>>,
    },
    /// 401 or 403.
    Denied {
        /// The URL without secrets.
        url: String,
        /// The status code.
        status: u16,
    },
    /// 502 or 503: a timeout at the server, a full queue, a node down.
    Unavailable {
        /// The URL without secrets.
        url: String,
        /// The status code.
        status: u16,
        /// The server's message.
        message: String,
    },
    /// Our own time limit ran out.
    TimedOut {
        /// The URL without secrets, or the file.
        place: String,
        /// The limit in seconds.
        after_seconds: u64,
    },
    /// The server reported a failure in the middle of an answer under status 200.
    FailedMidway {
        /// The line that was no row.
        message: String,
        /// Rows read before it.
        rows_before: u64,
    },
    /// The connection broke in the middle of an answer.
    CutOff {
        /// The cause in the library's words.
        cause: String,
        /// Rows read before it.
        rows_before: u64,
    },
    /// Any other answer that is not what the protocol says.
    Unexpected {
        /// The URL without secrets.
        url: String,
        /// What was wrong.
        message: String,
    },
    /// A file could not be read.
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// A directory where a file was expected.
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// A pattern, or a name, that no file has.
    NoMatch {
        /// As it was given.
        pattern: String,
    },
    /// A file whose content ends in the middle or makes no sense as what it is compressed with.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The cause in the library's words.
        cause: String,
    },
    /// No field of the rows plays a part that the question needs.
    NoField {
        /// The part, by its canonical name.
        part: &'static str,
    },
    /// A query that is to follow the log has a pipe whose rows depend on the end of the input.
    NeedsEnd {
        /// The pipe, in canonical form.
        pipe: String,
    },
    /// A query whose numbers were asked for has no `stats` pipe.
    NoStats,
    /// The source cannot do this.
    Unsupported {
        /// What cannot be done.
        what: String,
    },
}

impl Say for SourceError {
    fn say(&self, lang: Lang) -> String {
        let clean = |text: &str| escape::visible(text).into_owned();
        match self {
            Self::Unreachable { url, cause } => said::no_answer(lang, url, &clean(cause), say::look_at_server(lang)),
            Self::BadQuery { message, .. } => say::bad_query(lang, &clean(message)),
            Self::Denied { url, status } => say::denied(lang, url, *status),
            Self::Unavailable { url, status, message } => say::unavailable(lang, url, *status, &clean(message)),
            Self::TimedOut { place, after_seconds } => say::timed_out(lang, place, *after_seconds),
            Self::FailedMidway { message, rows_before } => say::failed_midway(lang, *rows_before, &clean(message)),
            Self::CutOff { cause, rows_before } => say::cut_off(lang, *rows_before, &clean(cause)),
            Self::Unexpected { url, message } => {
                said::not_theirs(lang, url, "VictoriaLogs", &clean(message), say::look_at_url(lang))
            }
            Self::File { path, cause } => say::file(lang, &escape::visible(&path.display().to_string()), &clean(cause)),
            Self::Directory { path } => say::directory(lang, &escape::visible(&path.display().to_string())),
            Self::NoMatch { pattern } => say::no_match(lang, &clean(pattern)),
            Self::Damaged { path, cause } => {
                say::damaged(lang, &escape::visible(&path.display().to_string()), &clean(cause))
            }
            Self::NoField { part } => say::no_field(lang, part),
            Self::NeedsEnd { pipe } => say::needs_end(lang, &clean(pipe)),
            Self::NoStats => say::no_stats(lang),
            Self::Unsupported { what } => say::unsupported(lang, what),
        }
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        look_at_server {
            en: "Check that the server runs and that the URL is right.",
            ko: "서버가 실행 중인지, URL이 맞는지 확인하세요.",
        }
        look_at_url { en: "Check the URL.", ko: "URL을 확인하세요." }
    }
    crate::text::sentences! {
        bad_query(message: &str) { en: "the query was refused: {message}", ko: "쿼리가 거부되었습니다: {message}" }
        denied(url: &str, status: u16) {
            en: "{url} refused the credentials (HTTP {status}). Check user, password or token in the settings.",
            ko: "{url} 인증 거부(HTTP {status}). 설정의 사용자, 비밀번호, 토큰을 확인하세요.",
        }
        unavailable(url: &str, status: u16, message: &str) {
            en: "{url} cannot answer now (HTTP {status}): {message}. Narrow the time range or try again.",
            ko: "{url} 지금 응답할 수 없음(HTTP {status}): {message}. 시간 범위를 좁히거나 다시 시도하세요.",
        }
        timed_out(place: &str, after_seconds: u64) {
            en: "{place} did not answer within {after_seconds} s. Narrow the time range or raise the time limit.",
            ko: "{place} {after_seconds}초 안에 응답하지 않았습니다. 시간 범위를 좁히거나 제한 시간을 늘리세요.",
        }
        failed_midway(rows_before: u64, message: &str) {
            en: "the server failed in the middle of the answer, after {rows_before} rows: {message}",
            ko: "서버가 응답 도중 {rows_before}행 뒤에 실패했습니다: {message}",
        }
        cut_off(rows_before: u64, cause: &str) {
            en: "the connection was cut after {rows_before} rows: {cause}. What was read is shown; run again for the rest.",
            ko: "{rows_before}행 뒤에 연결이 끊겼습니다: {cause}. 읽은 만큼만 표시합니다. 나머지는 다시 실행하세요.",
        }
        file(path: &str, cause: &str) { en: "{path}: {cause}", ko: "{path}: {cause}" }
        directory(path: &str) {
            en: "{path} is a directory. Name the files in it, for example '{path}/*.log'.",
            ko: "{path}은(는) 디렉터리입니다. '{path}/*.log'처럼 그 안의 파일을 지정하세요.",
        }
        no_match(pattern: &str) {
            en: "{pattern}: no such file. Check the path, and that this user may see it.",
            ko: "{pattern}: 해당하는 파일이 없습니다. 경로와 접근 권한을 확인하세요.",
        }
        damaged(path: &str, cause: &str) {
            en: "{path} cannot be read to its end: {cause}. What came before is shown; check whether the file is complete.",
            ko: "{path} 끝까지 읽을 수 없음: {cause}. 그 앞까지만 표시합니다. 파일이 온전한지 확인하세요.",
        }
        no_field(part: &str) {
            en: "no field of these rows is known as `{part}`. Name it under [fields] in the settings, and check the base filter.",
            ko: "이 로그에서 `{part}` 역할의 필드를 찾지 못했습니다. 설정의 [fields]에 지정하고 기본 필터를 확인하세요.",
        }
        needs_end(pipe: &str) {
            en: "a log that is followed has no end, which `{pipe}` needs. Leave it out, or run the query over a time range.",
            ko: "계속 따라가는 로그에는 끝이 없어 `{pipe}`을(를) 쓸 수 없습니다. 빼거나 시간 범위를 정해 실행하세요.",
        }
        no_stats() {
            en: "numbers were asked for, but the query has no `stats` pipe. Add one, for example `| stats count() hits`.",
            ko: "숫자를 요청했지만 쿼리에 `stats` 파이프가 없습니다. 예: `| stats count() hits`를 더하세요.",
        }
        unsupported(what: &str) { en: "this source cannot {what}", ko: "이 소스는 지원하지 않습니다: {what}" }
    }
}
