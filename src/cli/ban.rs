//! `gatewatch ban` and `gatewatch unban`: the plan is shown, confirmed and carried out by value. The policy rules
//! first; a rehearsal says that it is one and ends with its own exit code.

use clap::ArgMatches;
use ipnet::IpNet;
use jiff::Timestamp;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::{Run, decisions, target, wiring};
use crate::config::{duration, value};
use crate::enforce::ActiveDecision;
use crate::engine::{Impact, SystemClock};
use crate::policy::{Plan, Proposal, Refusal, Remedy, Ruling};
use crate::text::{Lang, Say as _, escape, number};

/// Bans a target.
pub async fn ban(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let wanted = matches.get_one::<String>("TARGET").map_or("", String::as_str);
    let net = target::parse(wanted, lang)?;
    let engine = wiring::engine_for_acts(run).await?;
    let asked = Asked::of(run, matches, net)?;
    let plan = loop {
        let prepared = engine.prepare(asked.proposal(Timestamp::now()), &SystemClock).await;
        let plan = match prepared.ruling {
            Ruling::Ask(plan) | Ruling::Act(plan) => plan,
            Ruling::Ignore(refusals) => return Err(refused(net, &refusals, lang)),
        };
        if let Err(error) = &prepared.impact {
            run.note(&say::no_impact(lang, &error.say(lang)));
        }
        run.note(&shown(&plan, prepared.impact.as_ref().ok(), engine.enforcer.is_live(), lang));
        if !matches.get_flag("yes") && !target::confirm(say::really_ban(lang).to_owned(), lang).await? {
            run.note(say::left(lang));
            return Ok(Exit::Failed);
        }
        // What is confirmed is what was shown; where the answer took more than a minute it is shown again.
        if plan.is_fresh(Timestamp::now()) {
            break plan;
        }
        run.note(say::stale(lang));
    };
    let _acting = run.act();
    let now = Timestamp::now();
    let enforced = engine.carry_out(&plan, &wiring::actor(), now).await.or_fail(lang)?;
    decisions::print(run, &enforced.decisions, now)?;
    if enforced.rehearsal {
        run.note(say::rehearsed(lang));
        return Ok(Exit::WouldAct);
    }
    Ok(Exit::Done)
}

/// What the command line asks for.
struct Asked {
    target: IpNet,
    remedy: Remedy,
    duration: std::time::Duration,
    reason: String,
}

impl Asked {
    fn of(run: &Run, matches: &ArgMatches, target: IpNet) -> Result<Self, Failure> {
        let lang = run.lang;
        let settings = &run.loaded.settings;
        let wrong = |text: &String| Failure::usage(say::wrong(lang, &escape::visible(text)));
        let duration = match matches.get_one::<String>("duration") {
            Some(text) => duration::parse(text).ok_or_else(|| wrong(text))?,
            None => settings.general.ban_duration,
        };
        let remedy = match matches.get_one::<String>("remedy") {
            Some(text) => value::from_text::<Remedy>(text).map_err(|_| wrong(text))?,
            None => settings.crowdsec.remedy.clone(),
        };
        let reason = matches.get_one::<String>("reason").cloned();
        let reason = reason.unwrap_or_else(|| say::by_hand(lang, &wiring::actor().user));
        Ok(Self { target, remedy, duration, reason })
    }

    fn proposal(&self, now: Timestamp) -> Proposal {
        Proposal {
            target: self.target,
            remedy: self.remedy.clone(),
            duration: self.duration,
            detector: "manual".to_owned(),
            reason: self.reason.clone(),
            // The engine fills in what the source knows of the last hour.
            events_count: 0,
            events: Vec::new(),
            first_seen: now,
            last_seen: now,
        }
    }
}

/// The policy's refusals, each with the rule's name.
fn refused(target: IpNet, refusals: &[Refusal], lang: Lang) -> Failure {
    let lines = refusals.iter().map(|refusal| format!("\n  - {}", refusal.say(lang)));
    let target = value::show_network(&target);
    Failure::failed(format!("{}{}", say::refused(lang, &target), lines.collect::<String>()))
}

/// The plan in lines: who, what, how long, why, whom it would have hit, and whether it is real.
fn shown(plan: &Plan, impact: Option<&Impact>, live: bool, lang: Lang) -> String {
    let remedy = match plan.remedy() {
        Remedy::ServerProfile => say::by_profile(lang),
        other => other.as_str(),
    };
    let mode = if live { say::live(lang) } else { say::rehearsal(lang) };
    let mut lines = vec![
        say::line_target(lang, &value::show_network(&plan.target()), remedy, &duration::show(plan.duration())),
        say::line_reason(lang, &escape::visible(plan.reason()), &plan.scenario()),
    ];
    if let Some(impact) = impact {
        let rows = number::count(impact.rows);
        let all = number::count(impact.rows_total);
        lines.push(say::line_impact(lang, &rows, &all, impact.clients, impact.clients_total));
        if plan.target().prefix_len() < plan.target().max_prefix_len() {
            lines.extend(
                impact.sample.iter().map(|client| say::line_client(lang, &client.client.to_string(), client.requests)),
            );
        }
    }
    lines.push(mode.to_owned());
    lines.join("\n")
}

/// Lifts decisions by their ids.
pub async fn unban(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let engine = wiring::engine_for_acts(run).await?;
    let now = Timestamp::now();
    let active = engine.decisions(now).await.or_fail(lang)?;
    let chosen: Vec<ActiveDecision> = match matches.get_one::<u64>("id") {
        Some(id) => active.into_iter().filter(|decision| decision.id == *id).collect(),
        None => {
            let text = matches.get_one::<String>("TARGET").map_or("", String::as_str);
            let net = target::parse(text, lang)?;
            say_wider(run, &active, net);
            active.into_iter().filter(|decision| decision.target == Some(net)).collect()
        }
    };
    if chosen.is_empty() {
        return Err(Failure::failed(say::nothing(lang)));
    }
    decisions::print(run, &chosen, now)?;
    run.out.flush()?;
    if !matches.get_flag("yes") && !target::confirm(say::really_lift(lang, chosen.len()), lang).await? {
        run.note(say::left(lang));
        return Ok(Exit::Failed);
    }
    let _acting = run.act();
    let mut exit = if engine.enforcer.is_live() { Exit::Done } else { Exit::WouldAct };
    for decision in &chosen {
        match engine.lift(decision, &wiring::actor(), Timestamp::now()).await {
            Ok(true) => run.note(&say::lifted(lang, decision.id, &escape::visible(&decision.value))),
            Ok(false) => run.note(&say::gone(lang, decision.id)),
            Err(error) => {
                run.note(&error.say(lang));
                exit = if chosen.len() > 1 { Exit::Partly } else { Exit::Failed };
            }
        }
    }
    if !engine.enforcer.is_live() {
        run.note(say::rehearsed(lang));
    }
    Ok(exit)
}

/// Ranges that cover the target stay: their ids are named, so that lifting them is a choice of its own.
fn say_wider(run: &Run, active: &[ActiveDecision], net: IpNet) {
    for decision in active {
        if decision.target.is_some_and(|target| target != net && target.contains(&net)) {
            run.note(&say::wider(run.lang, &escape::visible(&decision.value), decision.id));
        }
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        live { en: "LIVE: CrowdSec will be told, bouncers will act.", ko: "실전: CrowdSec에 전달되어 실제로 적용됩니다." }
        rehearsal { en: "REHEARSAL: nothing will be sent (dry_run = true).", ko: "예행: 아무것도 보내지 않습니다(dry_run = true)." }
        by_profile { en: "by the server's profile", ko: "서버 프로필에 따름" }
        really_ban { en: "Go ahead? [y/N]", ko: "진행할까요? [y/N]" }
        left { en: "nothing was done", ko: "아무것도 하지 않았습니다" }
        stale { en: "that took more than a minute; here is the plan again", ko: "1분이 지나 계획을 다시 보여 드립니다" }
        rehearsed {
            en: "this was a rehearsal; to act for real, set dry_run = false (or --dry-run=false)",
            ko: "예행이었습니다. 실제로 적용하려면 dry_run = false로 설정하세요(또는 --dry-run=false)",
        }
        nothing { en: "there is no such active decision; see `gatewatch decisions`", ko: "해당하는 적용 중인 결정이 없습니다. `gatewatch decisions`를 참고하세요" }
    }
    crate::text::sentences! {
        by_hand(user: &str) { en: "by hand ({user})", ko: "수동 차단({user})" }
        wrong(text: &str) {
            en: "`{text}` cannot be taken; durations look like 4h or 7d, remedies like ban, captcha or profile",
            ko: "`{text}` 값을 쓸 수 없습니다. 기간은 4h, 7d처럼, 조치는 ban, captcha, profile처럼 쓰세요",
        }
        no_impact(cause: &str) {
            en: "whom it would have hit is not known: {cause}",
            ko: "영향 범위를 알 수 없습니다: {cause}",
        }
        refused(target: &str) { en: "{target} is not banned; the policy says:", ko: "{target}을(를) 차단하지 않습니다. 정책 사유:" }
        line_target(target: &str, remedy: &str, duration: &str) {
            en: "target  {target}   {remedy} for {duration}",
            ko: "대상    {target}   {remedy}, {duration} 동안",
        }
        line_reason(reason: &str, scenario: &str) { en: "reason  {reason}   ({scenario})", ko: "이유    {reason}   ({scenario})" }
        line_impact(rows: &str, all: &str, clients: u64, clients_total: u64) {
            en: "impact  in the last hour it would have stopped {rows} of {all} rows, {clients} of {clients_total} clients",
            ko: "영향    지난 1시간 동안 {all}행 중 {rows}행, 클라이언트 {clients_total}개 중 {clients}개를 막았을 것입니다",
        }
        line_client(client: &str, requests: u64) { en: "        {client}  {requests} requests", ko: "        {client}  요청 {requests}건" }
        really_lift(count: usize) { en: "Lift {count} decisions? [y/N]", ko: "결정 {count}개를 해제할까요? [y/N]" }
        lifted(id: u64, value: &str) { en: "lifted decision {id} ({value})", ko: "결정 {id}({value})을(를) 해제했습니다" }
        gone(id: u64) { en: "decision {id} was not there any more", ko: "결정 {id}은(는) 이미 없습니다" }
        wider(value: &str, id: u64) {
            en: "{value} (decision {id}) covers it too and stays; lift it with --id {id}",
            ko: "{value}(결정 {id})도 이 대상을 포함하며 그대로 둡니다. 해제하려면 --id {id}",
        }
    }
}
