//! Sentences of the console that more than one of its parts says.

use ipnet::IpNet;

use crate::config::duration;
use crate::config::value::show_network;
use crate::enforce::Enforced;
use crate::policy::{Plan, Remedy};
use crate::text::Lang;
use crate::text::escape::visible;

crate::text::words! {
    nothing_to_copy { en: "there is nothing to copy here", ko: "복사할 내용이 없습니다" }
    live { en: "LIVE", ko: "실전" }
    rehearsal { en: "REHEARSAL", ko: "예행" }
    live_means { en: "bans are really sent", ko: "차단을 실제로 보냅니다" }
    rehearsal_means { en: "nothing is sent", ko: "아무것도 보내지 않습니다" }
    reading { en: "reading…", ko: "읽는 중…" }
    no_server_profile { en: "as the server's profile says", ko: "서버 프로필에 따름" }
}

crate::text::sentences! {
    broken_task(message: &str) {
        en: "a task broke, which is a fault of this program: {message}. Read again with r.",
        ko: "작업이 중단되었습니다(프로그램 오류): {message}. r 키로 다시 읽으세요.",
    }
    done_live(what: &str, target: &str, time: &str, ids: &str) {
        en: "{what} {target} for {time}, in force as decision {ids}",
        ko: "{target} {what} {time} 적용됨, 결정 {ids}",
    }
    done_rehearsed(what: &str, target: &str, time: &str) {
        en: "rehearsed: {what} {target} for {time}; nothing was sent",
        ko: "예행: {target} {what} {time}. 아무것도 보내지 않았습니다",
    }
    not_done(target: &str, why: &str) {
        en: "{target} was not banned: {why}",
        ko: "{target} 차단 실패: {why}",
    }
    lifted_decision(target: &str, id: u64) {
        en: "lifted decision {id} on {target}",
        ko: "{target} 결정 {id} 해제됨",
    }
    gone_already(target: &str, id: u64) {
        en: "decision {id} on {target} was gone already",
        ko: "{target} 결정 {id}은(는) 이미 없었습니다",
    }
    not_lifted_decision(target: &str, why: &str) {
        en: "{target} was not lifted: {why}",
        ko: "{target} 해제 실패: {why}",
    }
}

/// A task broke.
pub fn broken(lang: Lang, message: &str) -> String {
    broken_task(lang, &visible(message))
}

/// What a remedy does to the target, as a word.
pub fn remedy(lang: Lang, remedy: &Remedy) -> String {
    match remedy {
        Remedy::ServerProfile => no_server_profile(lang).to_owned(),
        other => visible(other.as_str()).into_owned(),
    }
}

/// A plan was carried out.
pub fn enforced(lang: Lang, plan: &Plan, outcome: &Enforced) -> String {
    let (what, target) = (remedy(lang, plan.remedy()), show_network(&plan.target()));
    let time = duration::show(plan.duration());
    if outcome.rehearsal {
        return done_rehearsed(lang, &what, &target, &time);
    }
    let ids: Vec<String> = outcome.decisions.iter().map(|decision| decision.id.to_string()).collect();
    done_live(lang, &what, &target, &time, &ids.join(", "))
}

/// A plan was not carried out.
pub fn not_enforced(lang: Lang, of: IpNet, why: &str) -> String {
    not_done(lang, &show_network(&of), &visible(why))
}

/// A decision was lifted.
pub fn lifted(lang: Lang, value: &str, id: u64) -> String {
    lifted_decision(lang, &visible(value), id)
}

/// A decision was gone before it could be lifted.
pub fn gone(lang: Lang, value: &str, id: u64) -> String {
    gone_already(lang, &visible(value), id)
}

/// A decision was not lifted.
pub fn not_lifted(lang: Lang, value: &str, why: &str) -> String {
    not_lifted_decision(lang, &visible(value), &visible(why))
}
