//! Why an act or a question failed. Texts of the server are escaped before they come in here.

use std::fmt;

use ipnet::IpNet;

use crate::net::said;
use crate::policy::short;
use crate::text::{Lang, Say, sentences};

/// Why an act or a question failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnforceError {
    /// No connection: nothing was sent, or it is not known whether it arrived (`maybe_sent`).
    Unreachable {
        /// The LAPI.
        url: String,
        /// The cause.
        cause: String,
        /// Whether a change may have reached the server all the same: the journal keeps the intent open.
        maybe_sent: bool,
    },
    /// Wrong machine or password.
    Denied {
        /// The LAPI.
        url: String,
        /// The machine name.
        machine: String,
        /// The server's message.
        message: String,
    },
    /// No credentials in the settings.
    NoCredentials {
        /// Where they were looked for and what was wrong there.
        message: String,
    },
    /// The server answered with an error: nothing was changed.
    Refused {
        /// The LAPI.
        url: String,
        /// The status code.
        status: u16,
        /// The server's message.
        message: String,
    },
    /// The target is on the server's allow list.
    AllowListed {
        /// The target.
        target: IpNet,
        /// The list's name and entry.
        list: String,
    },
    /// The server took the alert (201) but the decision is not there.
    NotApplied {
        /// The target.
        target: IpNet,
        /// What is known.
        why: NotApplied,
    },
    /// The change was accepted, but the decision could not be read back: it is most likely in force, and the journal
    /// keeps the intent open until the server's list has been read.
    Unconfirmed {
        /// The LAPI.
        url: String,
        /// Why it could not be read back.
        cause: String,
    },
    /// The plan is older than a minute; make it again.
    Stale {
        /// The target.
        target: IpNet,
    },
    /// An answer that is not what the protocol says.
    Unexpected {
        /// The LAPI.
        url: String,
        /// What was wrong.
        message: String,
    },
    /// The journal, where a rehearsal keeps its decisions, failed.
    Rehearsal {
        /// The journal's error.
        cause: crate::journal::JournalError,
    },
}

/// What is known of an alert that led to no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApplied {
    /// The server dropped the alert: no id came back.
    Dropped,
    /// The alert is there, without a decision: no profile of the server fits.
    NoDecision,
    /// The decision is there but marked as simulated, which bouncers skip.
    Simulated,
    /// The alert names the decision, the list of active ones does not.
    NotActive,
}

impl EnforceError {
    /// Whether a change may have reached the server although this failed: then the intent must stay open.
    pub fn maybe_sent(&self) -> bool {
        matches!(self, Self::Unreachable { maybe_sent: true, .. } | Self::Unconfirmed { .. })
    }
}

sentences! {
    cut(url: &str, cause: &str) {
        en: "{url} did not answer a change that was under way: {cause}. It may be in force; gatewatch looks at the server's list before it tries again.",
        ko: "{url}이(가) 보낸 변경에 응답하지 않았습니다: {cause}. 적용되었을 수 있으므로 다시 시도하기 전에 서버 목록을 확인합니다.",
    }
    denied(url: &str, machine: &str, message: &str) {
        en: "{url} refused machine \"{machine}\": {message}. See `cscli machines list`; `cscli machines add NAME --password … --file …` makes one.",
        ko: "{url}이(가) 머신 \"{machine}\"을(를) 거부했습니다: {message}. `cscli machines list`로 확인하고 `cscli machines add 이름 --password … --file …`로 만들 수 있습니다.",
    }
    no_credentials(message: &str) {
        en: "no credentials for CrowdSec: {message}. `cscli machines add gatewatch --auto --file /etc/gatewatch/lapi.yaml` makes some (always name a --file: without one it overwrites the daemon's own); then set crowdsec.credentials.",
        ko: "CrowdSec 자격 증명이 없습니다: {message}. `cscli machines add gatewatch --auto --file /etc/gatewatch/lapi.yaml`로 만들고(--file을 빼면 데몬의 파일을 덮어씁니다) crowdsec.credentials에 지정하세요.",
    }
    refused(url: &str, status: u16, message: &str) {
        en: "{url} answered {status}: {message}. Nothing was changed.",
        ko: "{url} 응답 {status}: {message}. 바뀐 것은 없습니다.",
    }
    allow_listed(target: &str, list: &str) {
        en: "{target} is on CrowdSec's allow list ({list}); nothing was sent. Take it off with `cscli allowlists remove`.",
        ko: "{target}은(는) CrowdSec 허용 목록({list})에 있어 보내지 않았습니다. `cscli allowlists remove`로 뺄 수 있습니다.",
    }
    not_applied(target: &str, why: &str) {
        en: "CrowdSec took the alert for {target}, but nothing is banned: {why}",
        ko: "CrowdSec이 {target} 알림을 받았지만 차단되지 않았습니다: {why}",
    }
    unconfirmed(url: &str, cause: &str) {
        en: "{url} accepted the change but it could not be read back: {cause} It is most likely in force; gatewatch looks at the server's list before it tries again.",
        ko: "{url}이(가) 변경을 받았지만 다시 읽어 확인하지 못했습니다: {cause} 적용되었을 가능성이 높으며, 다시 시도하기 전에 서버 목록을 확인합니다.",
    }
    stale(target: &str) {
        en: "the plan for {target} is older than a minute; nothing was sent. Make it and confirm it again.",
        ko: "{target} 계획이 만든 지 1분이 넘었습니다. 아무것도 보내지 않았습니다. 다시 만들어 확인하세요.",
    }
}

crate::text::words! {
    nothing_sent {
        en: "Nothing was sent. Check that CrowdSec runs (systemctl status crowdsec) and that crowdsec.url is right.",
        ko: "아무것도 보내지 않았습니다. CrowdSec 실행 여부(systemctl status crowdsec)와 crowdsec.url을 확인하세요.",
    }
    look_at_url { en: "Check crowdsec.url.", ko: "crowdsec.url을 확인하세요." }
    dropped {
        en: "it dropped the alert, as it does with an allow-listed or invalid target; see the server's log.",
        ko: "허용 목록에 있거나 잘못된 대상이라 알림을 버렸습니다. 서버 로그를 확인하세요.",
    }
    no_decision {
        en: "no profile of the server (profiles.yaml) fits; choose a type and duration instead of the server's profile.",
        ko: "맞는 서버 프로필(profiles.yaml)이 없습니다. 서버 프로필 대신 유형과 기간을 지정하세요.",
    }
    simulated {
        en: "the server made it a simulated decision, which bouncers skip; see `cscli simulation status`.",
        ko: "서버가 바운서가 무시하는 모의 조치로 만들었습니다. `cscli simulation status`를 확인하세요.",
    }
    not_active {
        en: "its decision is not among the active ones; see `cscli decisions list`.",
        ko: "활성 조치 목록에 없습니다. `cscli decisions list`를 확인하세요.",
    }
}

impl Say for NotApplied {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Dropped => dropped(lang),
            Self::NoDecision => no_decision(lang),
            Self::Simulated => simulated(lang),
            Self::NotActive => not_active(lang),
        }
        .to_owned()
    }
}

impl Say for EnforceError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Unreachable { url, cause, maybe_sent: false } => {
                said::no_answer(lang, url, cause, nothing_sent(lang))
            }
            Self::Unreachable { url, cause, maybe_sent: true } => cut(lang, url, cause),
            Self::Denied { url, machine, message } => denied(lang, url, machine, message),
            Self::NoCredentials { message } => no_credentials(lang, message),
            Self::Refused { url, status, message } => refused(lang, url, *status, message),
            Self::AllowListed { target, list } => allow_listed(lang, &short(target), list),
            Self::NotApplied { target, why } => not_applied(lang, &short(target), &why.say(lang)),
            Self::Unconfirmed { url, cause } => unconfirmed(lang, url, cause),
            Self::Stale { target } => stale(lang, &short(target)),
            Self::Unexpected { url, message } => said::not_theirs(lang, url, "CrowdSec", message, look_at_url(lang)),
            Self::Rehearsal { cause } => cause.say(lang),
        }
    }
}

impl fmt::Display for EnforceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for EnforceError {}
