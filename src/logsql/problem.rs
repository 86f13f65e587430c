//! What can be wrong with a query, where, and what to write instead. Each problem has a code that stays the same, so
//! that documentation and tests can name it.

use std::ops::Range;

use crate::text::{Lang, Say, sentences, words};

/// Result of a part of the parser.
pub(super) type Parsed<T> = Result<T, Box<Diagnostic>>;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// The query runs, but surely does something else than was meant, or costs much.
    Warning,
}

/// One finding about a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The bytes of the query that it is about.
    pub span: Range<usize>,
    /// What it is.
    pub problem: Problem,
    /// A name of the language that resembles what was written.
    pub nearest: Option<String>,
}

impl Diagnostic {
    /// A short code that stays the same across versions.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        match self.problem {
            Problem::ReadsAsWord(_)
            | Problem::SortsEverything
            | Problem::LeadingWildcard
            | Problem::RegexIsExact { .. }
            | Problem::KeepsValues(_)
            | Problem::Gone { .. }
            | Problem::AllTime => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What to do about it.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        self.nearest.as_deref().map(|name| say::did_you_mean(lang, name)).or_else(|| self.problem.hint(lang))
    }
}

impl Say for Diagnostic {
    fn say(&self, lang: Lang) -> String {
        match self.hint(lang) {
            Some(hint) => format!("{}; {hint}", self.problem.say(lang)),
            None => self.problem.say(lang),
        }
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for Diagnostic {}

/// A refusal.
pub(super) fn fault<T>(span: Range<usize>, problem: Problem) -> Parsed<T> {
    Err(Box::new(Diagnostic { span, problem, nearest: None }))
}

/// Something that the grammar asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// This very word or sign.
    Token(&'static str),
    /// A filter.
    Filter,
    /// A word or quoted string.
    Word,
    /// A value in a list.
    Value,
    /// A field name.
    Field,
    /// A number.
    Number,
    /// `,`, `|` or the end.
    EndOfPipe,
    /// A pipe.
    Pipe,
    /// A stats function.
    Stats,
    /// A comparison of a stream label.
    StreamOperation,
    /// A number, field or function of `math`.
    Operand,
    /// `before N` or `after N`.
    BeforeOrAfter,
    /// A `fields` or `uniq` pipe of one field at the end.
    SingleField,
    /// A pattern with `<field>`.
    PatternField,
    /// A named group.
    NamedGroup,
    /// `limit N`, since `partition by` is given.
    Limit,
}

impl Say for What {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Token(token) => return format!("`{token}`"),
            Self::Filter => say::filter(lang),
            Self::Word => say::word(lang),
            Self::Value => say::value(lang),
            Self::Field => say::field(lang),
            Self::Number => say::number(lang),
            Self::EndOfPipe => say::end_of_pipe(lang),
            Self::Pipe => say::pipe(lang),
            Self::Stats => say::stats(lang),
            Self::StreamOperation => say::stream_operation(lang),
            Self::Operand => say::operand(lang),
            Self::BeforeOrAfter => say::before_or_after(lang),
            Self::SingleField => say::single_field(lang),
            Self::PatternField => say::pattern_field(lang),
            Self::NamedGroup => say::named_group(lang),
            Self::Limit => say::limit(lang),
        }
        .to_owned()
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Something else is wanted here.
    Wanted {
        /// What is wanted.
        what: What,
        /// What stands there; empty at the end of the query.
        found: String,
    },
    /// A filter begins with the unquoted name of a pipe.
    PipeAsFilter(String),
    /// A pipe that is neither a pipe nor stats nor a filter.
    UnknownPipe(String),
    /// No stats function of this name.
    UnknownStats(String),
    /// A quote is never closed.
    OpenQuote,
    /// A quoted string with an escape that does not exist.
    BadEscape,
    /// No number.
    BadNumber(String),
    /// A number outside of what is allowed.
    OutOfRange(String),
    /// No duration.
    BadDuration(String),
    /// No instant.
    BadTime(String),
    /// No IPv4 address or range.
    BadAddress(String),
    /// No stream id.
    BadStreamId(String),
    /// No regular expression.
    BadRegex {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// No bucket size.
    BadBucket(String),
    /// A pattern of `extract` or `format` that is not well formed.
    BadPattern(String),
    /// An unknown query option, or a value that it cannot have.
    BadOption(String),
    /// `name*` where one field is meant.
    Wildcard(String),
    /// A function with too few or too many arguments.
    Arguments {
        /// The function.
        name: String,
        /// How many it takes.
        takes: &'static str,
        /// How many it got.
        got: usize,
    },
    /// A stream filter on another field than `_stream`.
    StreamField(String),
    /// No blank between a word and `(`.
    GluedParen(String),
    /// A clause that stands there twice.
    Twice(&'static str),
    /// Two results with one name, or a result named like a `by` field.
    NameTaken(String),
    /// Text after the end of the query.
    Trailing(String),
    /// Nested too deep.
    TooDeep,
    /// Warning: what looks like a misspelled pipe reads as a filter for this word.
    ReadsAsWord(String),
    /// Warning: sorts all rows.
    SortsEverything,
    /// Warning: a regular expression that begins with `.*`.
    LeadingWildcard,
    /// Warning: a regular expression that is a plain text.
    RegexIsExact {
        /// The filter that means the same.
        better: String,
    },
    /// Warning: a function that keeps all values.
    KeepsValues(String),
    /// Warning: a field that is not there any more.
    Gone {
        /// The field.
        name: String,
        /// The pipe that has not kept it.
        by: &'static str,
    },
    /// Warning: a server is asked about all of time.
    AllTime,
}

impl Problem {
    /// The code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wanted { .. } => "wanted",
            Self::PipeAsFilter(_) => "pipe-as-filter",
            Self::UnknownPipe(_) => "unknown-pipe",
            Self::UnknownStats(_) => "unknown-stats",
            Self::OpenQuote => "open-quote",
            Self::BadEscape => "bad-escape",
            Self::BadNumber(_) => "bad-number",
            Self::OutOfRange(_) => "out-of-range",
            Self::BadDuration(_) => "bad-duration",
            Self::BadTime(_) => "bad-time",
            Self::BadAddress(_) => "bad-address",
            Self::BadStreamId(_) => "bad-stream-id",
            Self::BadRegex { .. } => "bad-regex",
            Self::BadBucket(_) => "bad-bucket",
            Self::BadPattern(_) => "bad-pattern",
            Self::BadOption(_) => "bad-option",
            Self::Wildcard(_) => "wildcard",
            Self::Arguments { .. } => "arguments",
            Self::StreamField(_) => "stream-field",
            Self::GluedParen(_) => "glued-paren",
            Self::Twice(_) => "twice",
            Self::NameTaken(_) => "name-taken",
            Self::Trailing(_) => "trailing",
            Self::TooDeep => "too-deep",
            Self::ReadsAsWord(_) => "reads-as-word",
            Self::SortsEverything => "sorts-everything",
            Self::LeadingWildcard => "leading-wildcard",
            Self::RegexIsExact { .. } => "regex-is-exact",
            Self::KeepsValues(_) => "keeps-values",
            Self::Gone { .. } => "gone",
            Self::AllTime => "all-time",
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        let hint = match self {
            Self::RegexIsExact { better } => return Some(say::faster(lang, better)),
            Self::KeepsValues(_) => say::add_limit(lang),
            Self::AllTime => say::add_time(lang),
            Self::PipeAsFilter(_) => say::quote_the_word(lang),
            Self::OpenQuote => say::close_the_quote(lang),
            Self::BadEscape => say::double_the_backslash(lang),
            Self::BadDuration(_) => say::duration_example(lang),
            Self::BadTime(_) => say::time_example(lang),
            Self::GluedParen(_) => say::put_a_blank(lang),
            Self::SortsEverything => say::add_limit(lang),
            Self::LeadingWildcard => say::drop_wildcard(lang),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl Say for Problem {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Wanted { what, found } if found.is_empty() => say::wanted_at_end(lang, &what.say(lang)),
            Self::Wanted { what, found } => say::wanted(lang, &what.say(lang), found),
            Self::PipeAsFilter(name) => say::pipe_as_filter(lang, name),
            Self::UnknownPipe(name) => say::unknown_pipe(lang, name),
            Self::UnknownStats(name) => say::unknown_stats(lang, name),
            Self::OpenQuote => say::open_quote(lang).to_owned(),
            Self::BadEscape => say::bad_escape(lang).to_owned(),
            Self::BadNumber(text) => say::bad_number(lang, text),
            Self::OutOfRange(text) => say::out_of_range(lang, text),
            Self::BadDuration(text) => say::bad_duration(lang, text),
            Self::BadTime(text) => say::bad_time(lang, text),
            Self::BadAddress(text) => say::bad_address(lang, text),
            Self::BadStreamId(text) => say::bad_stream_id(lang, text),
            Self::BadRegex { pattern, why } => say::bad_regex(lang, pattern, why),
            Self::BadBucket(text) => say::bad_bucket(lang, text),
            Self::BadPattern(text) => say::bad_pattern(lang, text),
            Self::BadOption(text) => say::bad_option(lang, text),
            Self::Wildcard(name) => say::wildcard(lang, name),
            Self::Arguments { name, takes, got } => say::arguments(lang, name, takes, *got),
            Self::StreamField(name) => say::stream_field(lang, name),
            Self::GluedParen(word) => say::glued_paren(lang, word),
            Self::Twice(clause) => say::twice(lang, clause),
            Self::NameTaken(name) => say::name_taken(lang, name),
            Self::Trailing(text) => say::trailing(lang, text),
            Self::TooDeep => say::too_deep(lang).to_owned(),
            Self::ReadsAsWord(word) => say::reads_as_word(lang, word),
            Self::SortsEverything => say::sorts_everything(lang).to_owned(),
            Self::LeadingWildcard => say::leading_wildcard(lang).to_owned(),
            Self::RegexIsExact { .. } => say::regex_is_exact(lang).to_owned(),
            Self::KeepsValues(name) => say::keeps_values(lang, name),
            Self::Gone { name, by } => say::gone(lang, name, by),
            Self::AllTime => say::all_time(lang).to_owned(),
        }
    }
}

/// The sentences.
mod say {
    use super::{sentences, words};

    sentences! {
        wanted(what: &str, found: &str) { en: "{what} is wanted here, found `{found}`", ko: "여기에는 {what}이(가) 와야 하는데 `{found}`이(가) 있습니다" }
        wanted_at_end(what: &str) { en: "{what} is wanted at the end of the query", ko: "쿼리 끝에 {what}이(가) 와야 합니다" }
        pipe_as_filter(name: &str) { en: "a filter cannot begin with the pipe name `{name}`", ko: "필터는 파이프 이름 `{name}`(으)로 시작할 수 없습니다" }
        unknown_pipe(name: &str) { en: "`{name}` is no pipe", ko: "`{name}` 파이프가 없습니다" }
        unknown_stats(name: &str) { en: "`{name}` is no stats function", ko: "`{name}` 통계 함수가 없습니다" }
        bad_number(text: &str) { en: "`{text}` is no number here", ko: "`{text}`은(는) 여기서 숫자가 아닙니다" }
        out_of_range(text: &str) { en: "`{text}` is outside of what is allowed here", ko: "`{text}`은(는) 허용 범위를 벗어났습니다" }
        bad_duration(text: &str) { en: "`{text}` is no duration", ko: "`{text}`은(는) 기간이 아닙니다" }
        bad_time(text: &str) { en: "`{text}` is no time", ko: "`{text}`은(는) 시각이 아닙니다" }
        bad_address(text: &str) { en: "`{text}` is no IPv4 address or range", ko: "`{text}`은(는) IPv4 주소나 대역이 아닙니다" }
        bad_stream_id(text: &str) { en: "`{text}` is no stream id (48 hexadecimal digits)", ko: "`{text}`은(는) 스트림 ID(16진수 48자리)가 아닙니다" }
        bad_regex(pattern: &str, why: &str) { en: "`{pattern}` is no regular expression: {why}", ko: "`{pattern}`은(는) 정규식이 아닙니다: {why}" }
        bad_bucket(text: &str) { en: "`{text}` is no bucket size", ko: "`{text}`은(는) 구간 크기가 아닙니다" }
        bad_pattern(text: &str) { en: "the pattern `{text}` is not well formed: fields are `<name>` with text between them", ko: "패턴 `{text}`의 형식이 잘못되었습니다. 필드는 `<이름>`이고 사이에 글자가 있어야 합니다" }
        bad_option(text: &str) { en: "unknown query option or value `{text}`", ko: "알 수 없는 쿼리 옵션이나 값 `{text}`입니다" }
        wildcard(name: &str) { en: "`{name}` is a prefix, one field is wanted here", ko: "`{name}`은(는) 접두사입니다. 여기에는 필드 하나가 와야 합니다" }
        arguments(name: &str, takes: &str, got: usize) { en: "{name}() takes {takes} arguments, got {got}", ko: "{name}()의 인수는 {takes}개인데 {got}개가 있습니다" }
        stream_field(name: &str) { en: "a stream filter works on _stream only, not on `{name}`", ko: "스트림 필터는 `{name}`이(가) 아니라 _stream에만 쓸 수 있습니다" }
        glued_paren(word: &str) { en: "no blank between `{word}` and `(`", ko: "`{word}`와(과) `(` 사이에 공백이 없습니다" }
        twice(clause: &str) { en: "`{clause}` stands here twice", ko: "`{clause}`이(가) 두 번 있습니다" }
        name_taken(name: &str) { en: "the result name `{name}` is taken", ko: "결과 이름 `{name}`은(는) 이미 쓰였습니다" }
        trailing(text: &str) { en: "`{text}` stands after the end of the query", ko: "쿼리가 끝난 뒤에 `{text}`이(가) 있습니다" }
        reads_as_word(word: &str) { en: "`{word}` is no pipe: the server searches for this word", ko: "`{word}`은(는) 파이프가 아니어서 서버는 이 단어를 검색합니다" }
        keeps_values(name: &str) { en: "`{name}` without a limit keeps every value in memory", ko: "limit 없는 `{name}`은(는) 모든 값을 메모리에 둡니다" }
        gone(name: &str, by: &str) { en: "`{name}` is not there any more: `{by}` has not kept it", ko: "`{name}` 필드는 `{by}`에서 남기지 않아 이제 없습니다" }
        faster(better: &str) { en: "`{better}` means the same and is faster", ko: "뜻이 같고 더 빠른 `{better}`을(를) 쓰세요" }
        did_you_mean(name: &str) { en: "did you mean `{name}`?", ko: "`{name}`을(를) 쓰려던 것인가요?" }
    }
    words! {
        filter { en: "a filter", ko: "필터" }
        word { en: "a word", ko: "단어" }
        value { en: "a value", ko: "값" }
        field { en: "a field name", ko: "필드 이름" }
        number { en: "a number", ko: "숫자" }
        end_of_pipe { en: "`,`, `|` or the end of the query", ko: "`,`, `|` 또는 쿼리의 끝" }
        pipe { en: "a pipe", ko: "파이프" }
        stats { en: "a stats function", ko: "통계 함수" }
        stream_operation { en: "one of = != =~ !~ in not_in", ko: "= != =~ !~ in not_in 중 하나" }
        operand { en: "a number, a field or a function", ko: "숫자, 필드 또는 함수" }
        before_or_after { en: "`before N` or `after N`", ko: "`before N` 또는 `after N`" }
        single_field { en: "a `fields` or `uniq` pipe with one field at the end of the sub-query", ko: "하위 쿼리 끝에 필드가 하나인 `fields` 또는 `uniq` 파이프" }
        pattern_field { en: "a `<field>` in the pattern", ko: "패턴 안의 `<필드>`" }
        named_group { en: "a named group `(?P<name>…)`", ko: "이름 있는 그룹 `(?P<이름>…)`" }
        limit { en: "`limit N`, since `partition by` is given,", ko: "`partition by`에 필요한 `limit N`" }
        open_quote { en: "the quote is never closed", ko: "따옴표가 닫히지 않았습니다" }
        bad_escape { en: "the quoted string has an escape that does not exist", ko: "따옴표 안에 없는 이스케이프가 있습니다" }
        too_deep { en: "parentheses are nested too deep", ko: "괄호가 너무 깊이 중첩되었습니다" }
        sorts_everything { en: "`sort` without a limit keeps all rows in memory", ko: "limit 없는 `sort`는 모든 행을 메모리에 둡니다" }
        leading_wildcard { en: "a regular expression is unanchored: `.*` at its ends only costs time", ko: "정규식은 고정되지 않으므로 양 끝의 `.*`는 시간만 씁니다" }
        regex_is_exact { en: "this regular expression is a plain text", ko: "이 정규식은 그냥 글자와 같습니다" }
        all_time { en: "the server will read everything it has: no time range is given", ko: "시간 범위가 없어 서버가 가진 로그를 모두 읽습니다" }
        add_time { en: "add for example `_time:1h`", ko: "예: `_time:1h` 추가" }
        quote_the_word { en: "put the word into quotes to search for it", ko: "검색하려면 단어를 따옴표로 묶으세요" }
        close_the_quote { en: "close it, or put the string into backquotes", ko: "따옴표를 닫거나 백쿼트로 묶으세요" }
        double_the_backslash { en: "write `\\\\` for a backslash, or put the string into backquotes", ko: "백슬래시는 `\\\\`로 쓰거나 백쿼트로 묶으세요" }
        duration_example { en: "write for example 5m, 1h30m or 2d", ko: "예: 5m, 1h30m, 2d" }
        time_example { en: "write for example 5m, 2024-05-01 or 2024-05-01T10:00:00Z", ko: "예: 5m, 2024-05-01, 2024-05-01T10:00:00Z" }
        put_a_blank { en: "put a blank before `(`", ko: "`(` 앞에 공백을 두세요" }
        add_limit { en: "add `limit N`", ko: "`limit N`을 더하세요" }
        drop_wildcard { en: "leave it out", ko: "빼세요" }
    }
}
