//! The commented sample that `config init` writes, `config show`'s listing, and the README's table: all derived from
//! the table of settings.

use std::fmt::Write as _;

use super::table::{self, Settings};
use super::variables;
use crate::text::{Lang, escape};

/// The sample: every setting at its default, with what it means. It parses to exactly the defaults.
pub fn sample(lang: Lang) -> String {
    let defaults = Settings::default();
    let mut text = format!("{}\n", say::head(lang));
    for group in table::GROUPS {
        let doc = (group.doc)(lang);
        // Writing to a String cannot fail.
        let _ = if group.name.is_empty() {
            write!(text, "\n# {doc}\n")
        } else {
            write!(text, "\n# {doc}\n[{}]\n", group.name)
        };
        for setting in group.settings {
            let key = setting.name.rsplit('.').next().unwrap_or(setting.name);
            let _ = write!(text, "# {}\n{key} = {}\n", (setting.doc)(lang), setting.toml(&defaults));
        }
    }
    let _ = write!(text, "\n{}\n", say::tail(lang));
    text
}

/// The README's table in Markdown.
pub fn markdown(lang: Lang) -> String {
    let defaults = Settings::default();
    let mut text = say::markdown_head(lang).to_owned();
    for setting in table::all() {
        let names: Vec<String> = variables(setting)
            .into_iter()
            .skip(1)
            .filter(|(name, _)| !name.starts_with("GATEWATCH_"))
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let flag = setting.flag.map_or_else(String::new, |flag| format!("`--{flag}`"));
        let default = setting.toml(&defaults);
        let doc = (setting.doc)(lang).replace('|', "\\|");
        let _ = writeln!(text, "| `{}` | `{default}` | {flag} | {} | {doc} |", setting.name, names.join(", "));
    }
    text
}

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// The setting.
    pub name: &'static str,
    /// Its value in TOML, secrets redacted.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

/// Every setting in force with where it came from. Safe to show: hostile text escaped, secrets redacted.
pub fn shown(loaded: &super::Loaded, lang: Lang) -> Vec<Shown> {
    use crate::text::Say as _;
    table::all()
        .map(|setting| Shown {
            name: setting.name,
            value: escape::visible(&setting.toml(&loaded.settings)).into_owned(),
            origin: loaded.origin(setting.name).say(lang),
        })
        .collect()
}

/// The fixed texts.
mod say {
    crate::text::words! {
        head {
            en: "# Settings of gatewatch. Every value below is the default.\n# The environment wins over this file (GATEWATCH_ and the name in capitals: GATEWATCH_SOURCE_URL), flags win over both.\n# A secret is best given as \"file:PATH\" or \"env:NAME\"; with one by value this file has to be readable by you alone.",
            ko: "# gatewatch 설정. 아래 값은 모두 기본값입니다.\n# 환경 변수(GATEWATCH_와 대문자 이름: GATEWATCH_SOURCE_URL)가 이 파일보다, 플래그가 둘보다 우선합니다.\n# 비밀 값은 \"file:경로\"나 \"env:이름\"으로 쓰는 것이 좋습니다. 직접 쓰면 이 파일은 본인만 읽을 수 있어야 합니다.",
        }
        tail {
            en: "# A profile lays other values over these; choose it with --profile seoul.\n# [profiles.seoul.source]\n# url = \"https://logs.seoul.example\"\n# [profiles.seoul.crowdsec]\n# url = \"http://10.0.0.2:8080\"\n# [profiles.seoul.judge]\n# model = \"gemma4:e2b\"",
            ko: "# 프로필은 위 값에 다른 값을 덮어씁니다. --profile seoul로 고릅니다.\n# [profiles.seoul.source]\n# url = \"https://logs.seoul.example\"\n# [profiles.seoul.crowdsec]\n# url = \"http://10.0.0.2:8080\"\n# [profiles.seoul.judge]\n# model = \"gemma4:e2b\"",
        }
        markdown_head {
            en: "| Setting | Default | Flag | Old variable | Meaning |\n|---|---|---|---|---|\n",
            ko: "| 설정 | 기본값 | 플래그 | 이전 변수 | 뜻 |\n|---|---|---|---|---|\n",
        }
    }
}
