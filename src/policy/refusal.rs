//! Why a proposal does not become a plan: one case a rule, each able to say itself in English and Korean.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::Serialize;

use crate::detect::ranges::Exemption;
use crate::judge::Opinion;
use crate::text::escape::visible;
use crate::text::{Lang, Say, sentences, words};

/// The rule that stands against a proposal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Refusal {
    /// The target overlaps a range that no setting can make bannable.
    NeverBannable {
        /// The proposed target.
        target: IpNet,
        /// The range.
        range: IpNet,
        /// What the range is.
        why: Exemption,
    },
    /// The target overlaps the allow list.
    AllowList {
        /// The proposed target.
        target: IpNet,
        /// The entry.
        range: IpNet,
    },
    /// The target overlaps a trusted proxy.
    TrustedProxy {
        /// The proposed target.
        target: IpNet,
        /// The entry.
        range: IpNet,
    },
    /// The operator would lock themselves out.
    Operator {
        /// The proposed target.
        target: IpNet,
        /// Where the operator comes from.
        address: IpAddr,
    },
    /// The target holds an address of this host.
    ThisHost {
        /// The proposed target.
        target: IpNet,
        /// This host's address.
        address: IpAddr,
    },
    /// The target holds the source, the model or the LAPI.
    Service {
        /// The proposed target.
        target: IpNet,
        /// The service's address.
        address: IpAddr,
    },
    /// The range is wider than the ceiling.
    TooWide {
        /// The proposed target.
        target: IpNet,
        /// The shortest prefix length allowed.
        widest: u8,
    },
    /// This cycle has made all the bans it may make.
    Cap {
        /// The cap.
        cap: usize,
    },
    /// Too large a share of the window's clients would be hit.
    CircuitBreaker {
        /// Clients hit.
        hit: u64,
        /// Clients in the window.
        clients: u64,
        /// The largest share allowed, 0 to 1.
        share: f64,
    },
    /// No duration, or less than a second.
    NoDuration,
    /// Longer than a year.
    TooLong {
        /// What was asked, in hours.
        hours: u64,
        /// The longest, in hours.
        longest: u64,
    },
    /// No reason was given.
    NoReason,
    /// The detector's name cannot be part of a scenario.
    BadDetector {
        /// The name.
        name: String,
    },
    /// The custom remedy's name cannot be a decision type.
    BadRemedy {
        /// The name.
        name: String,
    },
    /// Unattended, and no model judged.
    NoVerdict,
    /// Unattended, and the judge did not say yes.
    NotGuilty {
        /// What it said.
        opinion: Opinion,
    },
    /// Unattended, and the judge is not sure enough.
    NotSure {
        /// How sure it is, 0 to 1.
        confidence: f64,
        /// How sure it has to be, 0 to 1.
        needed: f64,
    },
    /// Unattended, and all the evidence that the judge cites was made up.
    Groundless,
    /// Unattended, and too many innocents are in the range, or nobody counted them.
    Innocents {
        /// The range.
        target: IpNet,
        /// How many of those in it are innocent, 0 to 1.
        share: f64,
        /// How many may be, 0 to 1.
        most: f64,
    },
    /// Unattended, and a decision that covers the target is in force.
    InForce {
        /// The target.
        target: IpNet,
        /// When it ends.
        until: Timestamp,
    },
    /// Unattended, and the target was acted on not long ago.
    ActedOn {
        /// The target.
        target: IpNet,
        /// When.
        at: Timestamp,
    },
}

sentences! {
    never(target: &str, range: &IpNet, what: &str) {
        en: "{target} overlaps {range} ({what}), which is never banned",
        ko: "{target}은(는) 절대 차단하지 않는 대역 {range}({what})와 겹칩니다",
    }
    allow_list(target: &str, range: &IpNet) {
        en: "{target} overlaps {range} of the allow list (clients.allow_list)",
        ko: "{target}은(는) 허용 목록(clients.allow_list)의 {range}와 겹칩니다",
    }
    trusted_proxy(target: &str, range: &IpNet) {
        en: "{target} overlaps the trusted proxy {range}; banning it would ban everybody behind it",
        ko: "{target}은(는) 신뢰 프록시 {range}와 겹칩니다. 차단하면 그 뒤의 모든 사용자가 차단됩니다",
    }
    operator(target: &str, address: IpAddr) {
        en: "{target} holds {address}, the address you are logged in from",
        ko: "{target}에는 지금 접속한 주소 {address}이(가) 들어 있습니다",
    }
    this_host(target: &str, address: IpAddr) {
        en: "{target} holds {address}, an address of this host",
        ko: "{target}에는 이 호스트의 주소 {address}이(가) 들어 있습니다",
    }
    service(target: &str, address: IpAddr) {
        en: "{target} holds {address}, where the log source, the model or CrowdSec is reached",
        ko: "{target}에는 로그 소스, 모델 또는 CrowdSec의 주소 {address}이(가) 들어 있습니다",
    }
    too_wide(target: &str, widest: u8) {
        en: "{target} is wider than /{widest}, the widest range that may be banned",
        ko: "{target}은(는) 차단할 수 있는 가장 넓은 대역 /{widest}보다 넓습니다",
    }
    cap(cap: usize) {
        en: "this cycle has made its {cap} new bans; the rest waits for the next one",
        ko: "이번 주기의 새 차단 {cap}건을 모두 썼습니다. 나머지는 다음 주기에 처리합니다",
    }
    circuit_breaker(hit: u64, clients: u64, percent: f64) {
        en: "it would hit {hit} of the window's {clients} clients, more than {percent:.0}% (circuit breaker)",
        ko: "구간의 클라이언트 {clients}개 중 {hit}개가 영향을 받아 {percent:.0}%를 넘습니다(회로 차단기)",
    }
    too_long(hours: u64, longest: u64) {
        en: "{hours} h is too long; at most {longest} h",
        ko: "{hours}시간은 너무 깁니다. 최대 {longest}시간입니다",
    }
    bad_detector(name: &str) {
        en: "\"{name}\" cannot name a detector: 1 to 64 letters, digits, _ or -",
        ko: "\"{name}\"은(는) 탐지기 이름이 될 수 없습니다. 영문자, 숫자, _, - 1~64자만 쓸 수 있습니다",
    }
    bad_remedy(name: &str) {
        en: "\"{name}\" cannot be a decision type: 1 to 64 letters, digits, _ or -",
        ko: "\"{name}\"은(는) 조치 유형이 될 수 없습니다. 영문자, 숫자, _, - 1~64자만 쓸 수 있습니다",
    }
    not_sure(percent: f64, needed: f64) {
        en: "the judge is only {percent:.0}% sure; {needed:.0}% is needed to ban unattended",
        ko: "판정 확신도가 {percent:.0}%입니다. 무인 차단에는 {needed:.0}%가 필요합니다",
    }
    innocents(target: &str, percent: f64, most: f64) {
        en: "{percent:.1}% of those in {target} may be innocent; at most {most:.1}% may be (policy.max_innocent_share)",
        ko: "{target}의 {percent:.1}%는 무고할 수 있습니다. 허용 한도는 {most:.1}%입니다(policy.max_innocent_share)",
    }
    in_force(target: &str, until: Timestamp) {
        en: "a decision for {target} is already in force until {until:.0}",
        ko: "{target}에 대한 조치가 이미 {until:.0}까지 적용 중입니다",
    }
    acted_on(target: &str, at: Timestamp) {
        en: "{target} was already acted on at {at:.0}",
        ko: "{target}은(는) {at:.0}에 이미 조치했습니다",
    }
}

words! {
    no_duration { en: "the duration has to be a second at least", ko: "기간은 1초 이상이어야 합니다" }
    no_reason { en: "a reason has to be given", ko: "사유를 적어야 합니다" }
    no_verdict { en: "no model has judged it; unattended, only a verdict bans", ko: "모델 판정이 없습니다. 무인 실행에서는 판정이 있어야 차단합니다" }
    said_no { en: "the judge says no: not an attack", ko: "판정: 공격이 아님" }
    said_unsure { en: "the judge is unsure", ko: "판정: 확신할 수 없음" }
    groundless { en: "the judge cites only evidence that does not exist", ko: "판정이 존재하지 않는 증거만 인용합니다" }
    said_yes { en: "the judge says yes", ko: "판정: 공격" }
}

impl Say for Refusal {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::NeverBannable { target, range, why } => never(lang, &short(target), range, why.label(lang)),
            Self::AllowList { target, range } => allow_list(lang, &short(target), range),
            Self::TrustedProxy { target, range } => trusted_proxy(lang, &short(target), range),
            Self::Operator { target, address } => operator(lang, &short(target), *address),
            Self::ThisHost { target, address } => this_host(lang, &short(target), *address),
            Self::Service { target, address } => service(lang, &short(target), *address),
            Self::TooWide { target, widest } => too_wide(lang, &short(target), *widest),
            Self::Cap { cap: most } => cap(lang, *most),
            Self::CircuitBreaker { hit, clients, share } => circuit_breaker(lang, *hit, *clients, share * 100.0),
            Self::NoDuration => no_duration(lang).to_owned(),
            Self::TooLong { hours, longest } => too_long(lang, *hours, *longest),
            Self::NoReason => no_reason(lang).to_owned(),
            Self::BadDetector { name } => bad_detector(lang, &visible(name)),
            Self::BadRemedy { name } => bad_remedy(lang, &visible(name)),
            Self::NoVerdict => no_verdict(lang).to_owned(),
            Self::NotGuilty { opinion: Opinion::No } => said_no(lang).to_owned(),
            Self::NotGuilty { opinion: Opinion::Unsure } => said_unsure(lang).to_owned(),
            Self::NotGuilty { opinion: Opinion::Yes } => said_yes(lang).to_owned(),
            Self::NotSure { confidence, needed } => not_sure(lang, confidence * 100.0, needed * 100.0),
            Self::Groundless => groundless(lang).to_owned(),
            Self::Innocents { target, share, most } => innocents(lang, &short(target), share * 100.0, most * 100.0),
            Self::InForce { target, until } => in_force(lang, &short(target), *until),
            Self::ActedOn { target, at } => acted_on(lang, &short(target), *at),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

/// An address without its full-length prefix, a range as it is.
pub(crate) fn short(target: &IpNet) -> String {
    if target.prefix_len() == target.max_prefix_len() { target.addr().to_string() } else { target.to_string() }
}
