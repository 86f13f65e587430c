//! In what the members of a cohort are alike, in words that stay the same from window to window.

use std::net::IpAddr;
use std::num::NonZeroU32;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::super::cohorts::{Key, action_of};
use super::super::ranges::neighbourhood;
use super::super::traffic::agents::app_of;
use super::super::traffic::tails;
use super::super::traffic::window::Outcome;
use super::super::traffic::{ClientProfile, Traffic};
use crate::text::escape::visible;
use crate::text::{Lang, Say};

/// In what the members of a cohort are alike. Texts are as logged: hostile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Alike {
    /// They ask for the same thing and are answered alike.
    Action {
        /// Whether the method changes something.
        writes: bool,
        /// The path with its variable parts folded.
        template: String,
        /// `fine`, `taken` (redirected after a change), `refused`, `broken`.
        outcome: String,
    },
    /// They send the same agent.
    Agent {
        /// The agent.
        agent: String,
    },
    /// They come from one prefix.
    Prefix {
        /// The prefix.
        prefix: IpNet,
    },
    /// They come from one network.
    Network {
        /// The number of its autonomous system.
        asn: NonZeroU32,
        /// Who runs it, as the database says; empty where it does not.
        name: String,
    },
    /// They do the same few things and nothing else.
    Only {
        /// The things' templates.
        templates: Vec<String>,
    },
    /// The same foreign page sent them.
    Referer {
        /// Its host.
        host: String,
    },
    /// They come to page after page anew, each from one foreign page of its own.
    Sent,
    /// They look at about as many pages without naming the page before.
    Depth {
        /// At least so many.
        pages: u32,
    },
    /// They open the same pages in the same order with the same pauses.
    Rhythm {
        /// How many pages are looked at.
        steps: u8,
        /// Tells one rhythm from another.
        mark: String,
    },
    /// They ask for one file that pages load, and for nothing else.
    Asset {
        /// The file.
        target: String,
    },
    /// They ask for the same thing in the same beat and at the same moments.
    Step {
        /// Whether the method changes something.
        writes: bool,
        /// The path with its variable parts folded.
        template: String,
        /// The beat's period, to five seconds.
        seconds: u32,
    },
    /// They send the same form in, sooner after its page than people do.
    Hasty {
        /// The form's path with its variable parts folded.
        template: String,
    },
    /// They send the same agent, and no page leads them to the next.
    Unled {
        /// The agent.
        agent: String,
    },
    /// No page leads them to the next, and they pause as a timer does.
    Pace,
    /// They come with another agent at nearly every step.
    Rotating,
    /// They send the same form in the same beat.
    Timed {
        /// The form's path with its variable parts folded.
        template: String,
        /// The beat's period, to five seconds.
        seconds: u32,
    },
    /// They fetch the same file whole once more, or come to the same page once more from elsewhere.
    Again {
        /// Its path with its variable parts folded.
        template: String,
    },
    /// They bear an app's name and take thing after thing from its interfaces, and do nothing else that its users do.
    Bare {
        /// The app's name.
        app: String,
    },
    /// They sign in more than once and do not behave as those do who share a device.
    SignedIn,
    /// They ask for page after page that is not there.
    Vain,
    /// They come back to several things of one sort, each after the same time.
    Rounds {
        /// The things' path with its variable parts folded.
        template: String,
        /// The time, to five seconds.
        seconds: u32,
    },
    /// They ask for the same thing often, out of one part of the network.
    Around {
        /// The part.
        prefix: IpNet,
        /// Whether the method changes something.
        writes: bool,
        /// The path with its variable parts folded.
        template: String,
    },
    /// They take pages by their numbers, and nothing leads them from one to the next.
    InTurn {
        /// The pages' path, with its number folded.
        template: String,
    },
}

/// The key in words. Cells that differ by agent only are one cohort.
pub(super) fn alike(traffic: &Traffic<'_>, address: IpAddr, client: &ClientProfile, key: Key) -> Option<Alike> {
    Some(match key {
        Key::Action(number, _) | Key::AgentAction(_, number, _) => {
            let action = traffic.action_of(number)?;
            let template = traffic.templates.text(action.template).to_owned();
            Alike::Action { writes: action.writes, template, outcome: outcome_word(action.outcome).to_owned() }
        }
        Key::Tail(..) => {
            let action = traffic.action_of(action_of(traffic, client, key)?)?;
            let end = tails::tail(traffic.templates.text(action.template))?;
            let (template, outcome) = (format!("…{end}"), outcome_word(action.outcome).to_owned());
            Alike::Action { writes: action.writes, template, outcome }
        }
        Key::Head(..) => {
            let action = traffic.action_of(action_of(traffic, client, key)?)?;
            let folder = tails::head(traffic.templates.text(action.template))?;
            let (template, outcome) = (format!("{folder}/…"), outcome_word(action.outcome).to_owned());
            Alike::Action { writes: action.writes, template, outcome }
        }
        Key::Agent(number) => Alike::Agent { agent: traffic.agent_text(number).to_owned() },
        Key::Prefix(_) => Alike::Prefix { prefix: neighbourhood(address)? },
        Key::Network(asn) => Alike::Network { asn, name: traffic.rules().networks().name(address) },
        Key::Only(_) => {
            let actions = client.actions().iter().filter_map(|(number, _)| traffic.action_of(*number));
            let mut templates: Vec<String> =
                actions.map(|action| traffic.templates.text(action.template).to_owned()).collect();
            templates.sort_unstable();
            templates.dedup();
            Alike::Only { templates }
        }
        Key::Referer(number) => Alike::Referer { host: traffic.host_text(number).to_owned() },
        Key::Rhythm(hash) => Alike::Rhythm { steps: client.rhythm.steps(), mark: format!("{:08x}", hash >> 32) },
        Key::Asset(template, _) => Alike::Asset { target: traffic.templates.text(template).to_owned() },
        Key::Beat(number, _) | Key::Step(number, ..) => {
            let action = traffic.action_of(number)?;
            let template = traffic.templates.text(action.template).to_owned();
            let (period_ms, ..) = client.beat.steady()?;
            Alike::Step { writes: action.writes, template, seconds: five_seconds(period_ms) }
        }
        Key::Hasty(template) => Alike::Hasty { template: traffic.templates.text(template).to_owned() },
        Key::Unled(number) => Alike::Unled { agent: traffic.agent_text(number).to_owned() },
        Key::Pace(_) => Alike::Pace,
        Key::Rotating => Alike::Rotating,
        Key::Timed(template, _) => {
            let (period_ms, ..) = client.form_beat().steady()?;
            Alike::Timed { template: traffic.templates.text(template).to_owned(), seconds: five_seconds(period_ms) }
        }
        Key::InTurn(_) => {
            let action = traffic.action_of(action_of(traffic, client, key)?)?;
            Alike::InTurn { template: traffic.templates.text(action.template).to_owned() }
        }
        Key::Fetch | Key::Fully(_) | Key::OfApp(..) => return None,
        Key::SignedIn => Alike::SignedIn,
        Key::Vain => Alike::Vain,
        Key::Bare(_) => Alike::Bare { app: app_of(traffic.agent_text(client.agent)).to_owned() },
        Key::Again(..) => {
            let action = traffic.action_of(action_of(traffic, client, key)?)?;
            Alike::Again { template: traffic.templates.text(action.template).trim_end_matches('?').to_owned() }
        }
        Key::Rounds(template) => {
            let (_, seconds) = client.rounds()?.stops()?;
            let seconds = five_seconds(f32::from(seconds) * 1_000.0);
            Alike::Rounds { template: traffic.templates.text(template).to_owned(), seconds }
        }
        Key::Around(_, number) => {
            let action = traffic.action_of(number)?;
            let bits = if address.is_ipv4() { 20 } else { 32 };
            let prefix = IpNet::new(address, bits).ok()?.trunc();
            Alike::Around {
                prefix,
                writes: action.writes,
                template: traffic.templates.text(action.template).to_owned(),
            }
        }
        Key::Sent(_) => Alike::Sent,
        Key::Depth(log) => Alike::Depth { pages: 1_u32.checked_shl(log.into()).unwrap_or(u32::MAX) },
    })
}

/// A period to the next five seconds, so that those that hardly differ have one name.
fn five_seconds(period_ms: f32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a period within hours")]
    let fives = (period_ms / 5_000.0).round() as u32;
    fives.max(1) * 5
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fine => "fine",
        Outcome::Refused => "refused",
        Outcome::Broken => "broken",
        Outcome::Taken => "taken",
    }
}

impl Alike {
    /// A word for the sort of likeness: what follows `cohort:` in a detector's name.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Action { .. } => "action",
            Self::Agent { .. } => "agent",
            Self::Prefix { .. } => "prefix",
            Self::Network { .. } => "network",
            Self::Only { .. } => "only",
            Self::Referer { .. } => "referer",
            Self::Sent => "sent",
            Self::Depth { .. } => "depth",
            Self::Rhythm { .. } => "rhythm",
            Self::Asset { .. } => "asset",
            Self::Step { .. } => "step",
            Self::Hasty { .. } => "hasty",
            Self::Unled { .. } => "unled",
            Self::Pace => "pace",
            Self::Rotating => "rotating",
            Self::Timed { .. } => "timed",
            Self::InTurn { .. } => "in-turn",
            Self::Again { .. } => "again",
            Self::Bare { .. } => "bare",
            Self::SignedIn => "signed-in",
            Self::Vain => "vain",
            Self::Rounds { .. } => "rounds",
            Self::Around { .. } => "around",
        }
    }
}

/// What members ask for, as it is shown.
fn request(writes: bool, template: &str) -> String {
    format!("{} {}", if writes { "POST" } else { "GET" }, visible(template))
}

impl Say for Alike {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Action { writes, template, outcome } => {
                let what = request(*writes, template);
                match outcome.as_str() {
                    "refused" => say::refused(lang, &what),
                    "broken" => say::broken(lang, &what),
                    _ => say::asked(lang, &what),
                }
            }
            Self::Agent { agent } if agent.trim().is_empty() || agent == "-" => say::no_agent(lang).to_owned(),
            Self::Agent { agent } => say::agent(lang, &visible(agent)),
            Self::Prefix { prefix } => say::prefix(lang, &prefix.to_string()),
            Self::Network { asn, name } if name.is_empty() => say::prefix(lang, &format!("AS{asn}")),
            Self::Network { asn, name } => say::prefix(lang, &format!("AS{asn} ({})", visible(name))),
            Self::Only { templates } => say::only(lang, &visible(&templates.join(", "))),
            Self::Referer { host } => say::referer(lang, &visible(host)),
            Self::Sent => say::sent(lang).to_owned(),
            Self::Depth { pages } => say::depth(lang, *pages),
            Self::Rhythm { steps, .. } => say::rhythm(lang, u32::from(*steps)),
            Self::Asset { target } => say::asset(lang, &visible(target)),
            Self::Step { writes, template, seconds } => say::step(lang, &request(*writes, template), *seconds),
            Self::Hasty { template } => say::hasty(lang, &visible(template)),
            Self::Unled { agent } => say::unled(lang, &visible(agent)),
            Self::Pace => say::pace(lang).to_owned(),
            Self::Rotating => say::rotating(lang).to_owned(),
            Self::Timed { template, seconds } => say::timed(lang, &visible(template), *seconds),
            Self::InTurn { template } => say::in_turn(lang, &visible(template)),
            Self::Again { template } => say::again(lang, &visible(template)),
            Self::SignedIn => say::signed_in(lang).to_owned(),
            Self::Vain => say::vain(lang).to_owned(),
            Self::Bare { app } => say::bare(lang, &visible(app)),
            Self::Rounds { template, seconds } => say::rounds(lang, &visible(template), *seconds),
            Self::Around { prefix, writes, template } => {
                say::around(lang, &request(*writes, template), &prefix.to_string())
            }
        }
    }
}

/// The words.
mod say {
    crate::text::words! {
        no_agent { en: "send no user agent", ko: "사용자 에이전트를 보내지 않음" }
        sent {
            en: "come to page after page anew, each from one foreign page",
            ko: "매번 같은 외부 페이지 하나에서 여러 페이지로 넘어옴",
        }
        pace {
            en: "open pages that no page leads to, with pauses as even as a timer's",
            ko: "어느 페이지에서도 이어지지 않은 페이지를 타이머처럼 고른 간격으로 엶",
        }
        signed_in {
            en: "sign in again and again, as others each time",
            ko: "매번 다른 사용자로 거듭 로그인",
        }
        vain {
            en: "ask for page after page that is not there",
            ko: "없는 페이지를 잇달아 요청",
        }
        rotating {
            en: "come with another user agent at nearly every step",
            ko: "거의 매번 다른 사용자 에이전트로 접속",
        }
    }
    crate::text::sentences! {
        timed(form: &str, seconds: u32) {
            en: "send POST {form} every {seconds} s",
            ko: "POST {form}을(를) {seconds}초마다 전송",
        }
        in_turn(pages: &str) {
            en: "open {pages} by number, one after the other, with nothing that leads from one to the next",
            ko: "이어 주는 링크 없이 {pages}을(를) 번호 순서대로 하나씩 엶",
        }
        again(what: &str) {
            en: "come to {what} once more, to have it whole",
            ko: "{what}을(를) 다시 처음부터 받음",
        }
        bare(app: &str) {
            en: "call themselves {app}, take thing after thing and do nothing else that its users do",
            ko: "{app}(이)라 하면서 항목만 차례로 받아 가고 그 사용자들이 하는 다른 일은 하지 않음",
        }
        rounds(what: &str, seconds: u32) {
            en: "come back to several {what}, each every {seconds} s",
            ko: "여러 {what}을(를) 각각 {seconds}초마다 다시 찾음",
        }
        around(what: &str, prefix: &str) {
            en: "ask {what} again and again, all from {prefix}",
            ko: "{prefix}에서 {what}을(를) 되풀이해 요청",
        }
        refused(what: &str) { en: "ask {what} and are refused", ko: "{what} 요청이 거부됨" }
        broken(what: &str) { en: "ask {what} and break it off or break it", ko: "{what} 요청이 끊기거나 오류가 남" }
        asked(what: &str) { en: "ask {what}", ko: "{what} 요청" }
        agent(agent: &str) { en: "send the agent {agent}", ko: "에이전트 {agent}" }
        prefix(prefix: &str) { en: "come from {prefix}", ko: "{prefix}에서 접속" }
        only(what: &str) { en: "do nothing but {what}", ko: "{what} 외에는 아무것도 하지 않음" }
        referer(host: &str) { en: "were sent by {host}", ko: "{host}에서 넘어옴" }
        depth(pages: u32) {
            en: "look at {pages} pages or more without naming the page before",
            ko: "이전 페이지를 밝히지 않고 {pages}쪽 이상을 봄",
        }
        rhythm(steps: u32) {
            en: "open the same {steps} pages in the same order with the same pauses",
            ko: "같은 {steps}쪽을 같은 순서와 간격으로 엶",
        }
        step(what: &str, seconds: u32) {
            en: "ask {what} every {seconds} s, all at the same moments",
            ko: "{what} 요청을 {seconds}초마다 모두 같은 순간에 보냄",
        }
        hasty(form: &str) {
            en: "send POST {form} within seconds of its page",
            ko: "페이지를 연 지 몇 초 만에 POST {form} 전송",
        }
        unled(agent: &str) {
            en: "send the agent {agent} and open pages that no page leads to",
            ko: "에이전트 {agent}(으)로, 어느 페이지에서도 이어지지 않은 페이지를 엶",
        }
        asset(target: &str) { en: "ask for {target} and nothing else", ko: "{target}만 요청" }
    }
}
