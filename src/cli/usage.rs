//! What is wrong with a command line, in both languages. clap words its errors in English only, so the kind and the
//! context of an error are said here; the text of help and version passes through.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::text::{Lang, escape};

/// The message for an error of clap's, without a line end.
pub fn message(error: &clap::Error, lang: Lang) -> String {
    let text = |kind| error.get(kind).map(shown).filter(|text| !text.is_empty());
    let arg = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument if arg.starts_with('-') => say::unknown_argument(lang, &arg),
        ErrorKind::UnknownArgument => say::too_many(lang, &arg),
        ErrorKind::InvalidSubcommand => {
            say::unknown_command(lang, &text(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::InvalidValue if value.is_empty() => say::needs_value(lang, &arg),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => say::invalid_value(lang, &arg, &value),
        ErrorKind::MissingRequiredArgument => say::missing(lang, &arg),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            say::missing_command(lang).to_owned()
        }
        ErrorKind::ArgumentConflict => say::conflict(lang, &arg, &text(ContextKind::PriorArg).unwrap_or_default()),
        ErrorKind::NoEquals => say::no_equals(lang, &arg),
        ErrorKind::InvalidUtf8 => say::not_utf8(lang).to_owned(),
        _ => say::wrong(lang, &arg, &value),
    };
    let valid = text(ContextKind::ValidValue).or_else(|| text(ContextKind::ValidSubcommand));
    let nearest = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(text);
    let hints = [valid.map(|valid| say::valid(lang, &valid)), nearest.map(|nearest| say::did_you_mean(lang, &nearest))];
    let hints: Vec<String> = hints.into_iter().flatten().collect();
    format!("{what}{}. {}", hints.concat(), say::see_help(lang))
}

fn shown(value: &ContextValue) -> String {
    escape::visible(&value.to_string()).into_owned()
}

/// The sentences.
mod say {
    crate::text::words! {
        missing_command { en: "a command is missing", ko: "명령이 빠졌습니다" }
        not_utf8 { en: "an argument is not valid UTF-8", ko: "인자가 올바른 UTF-8이 아닙니다" }
        see_help { en: "See `gatewatch --help`.", ko: "`gatewatch --help`를 참고하세요." }
    }
    crate::text::sentences! {
        unknown_argument(arg: &str) { en: "there is no option {arg}", ko: "{arg} 옵션은 없습니다" }
        too_many(arg: &str) { en: "{arg} is one argument too many", ko: "{arg} 인자는 필요 없습니다" }
        unknown_command(name: &str) { en: "there is no command {name}", ko: "{name} 명령은 없습니다" }
        needs_value(arg: &str) { en: "{arg} needs a value", ko: "{arg}에 값이 필요합니다" }
        invalid_value(arg: &str, value: &str) { en: "{arg} cannot be {value}", ko: "{arg}에 {value} 값을 쓸 수 없습니다" }
        missing(arg: &str) { en: "missing: {arg}", ko: "빠진 인자: {arg}" }
        conflict(arg: &str, prior: &str) { en: "{arg} cannot be used together with {prior}", ko: "{arg}은(는) {prior}과(와) 함께 쓸 수 없습니다" }
        no_equals(arg: &str) { en: "the value of {arg} has to follow an equals sign", ko: "{arg}의 값은 등호(=) 뒤에 써야 합니다" }
        wrong(arg: &str, value: &str) { en: "wrong number of values: {arg} {value}", ko: "값의 개수가 맞지 않습니다: {arg} {value}" }
        valid(valid: &str) { en: "; there are {valid}", ko: " (가능한 값: {valid})" }
        did_you_mean(nearest: &str) { en: " (did you mean {nearest}?)", ko: " ({nearest}을(를) 찾으셨나요?)" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::command;

    fn said(lang: Lang, line: &[&str]) -> String {
        let error = command(lang).try_get_matches_from([&["gatewatch"], line].concat()).unwrap_err();
        message(&error, lang)
    }

    #[test]
    fn mistakes_on_the_command_line_in_both_languages() {
        assert_eq!(said(Lang::En, &["ban"]), "missing: <TARGET>. See `gatewatch --help`.");
        assert_eq!(said(Lang::Ko, &["ban"]), "빠진 인자: <TARGET>. `gatewatch --help`를 참고하세요.");
        assert_eq!(
            said(Lang::En, &["decisions", "-o", "jason"]),
            "--output <FORMAT> cannot be jason; there are table, json, jsonl, csv (did you mean json?). See `gatewatch --help`."
        );
        assert!(said(Lang::Ko, &["--windwo", "5m"]).starts_with("--windwo 옵션은 없습니다 (--window"));
        assert!(said(Lang::En, &["doctor", "now"]).starts_with("now is one argument too many."));
        assert!(said(Lang::En, &["config"]).contains("a command is missing"));
        assert!(said(Lang::En, &["unban", "192.0.2.1", "--id", "3"]).contains("cannot be used together"));
        assert!(said(Lang::En, &["--every", "5m"]).contains("--auto"));
    }
}
