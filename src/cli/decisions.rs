//! `gatewatch decisions`: what is in force, by CrowdSec's own list (or by the rehearsal's).

use clap::ArgMatches;
use jiff::Timestamp;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::{Column, number, text};
use super::{Run, target, wiring};
use crate::enforce::ActiveDecision;
use crate::text::{Lang, number as show};

/// Lists the active decisions, or those that cover a target.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let only = matches.get_one::<String>("TARGET").map(|text| target::parse(text, lang)).transpose()?;
    let (enforcer, _journal) = wiring::enforcer(run)?;
    let now = Timestamp::now();
    // Of one address, the server is asked for what the community's lists decided too.
    let address = only.filter(|net| net.prefix_len() == net.max_prefix_len()).map(|net| net.addr());
    let mut decisions = enforcer.active(address, now).await.or_fail(lang)?;
    if let Some(only) = only {
        decisions.retain(|decision| decision.target.is_some_and(|target| target.contains(&only)));
    }
    decisions.sort_by(|one, other| one.until.cmp(&other.until).then(one.id.cmp(&other.id)));
    if !enforcer.is_live() {
        run.note(say::rehearsal(lang));
    }
    print(run, &decisions, now)?;
    Ok(Exit::Done)
}

/// Prints decisions in the format of the run.
pub fn print(run: &mut Run, decisions: &[ActiveDecision], now: Timestamp) -> Result<(), Failure> {
    let lang = run.lang;
    Ok(run.out.list(&columns(lang), decisions, |decision| cells(decision, now))?)
}

fn columns(lang: Lang) -> [Column; 8] {
    [
        number("id", say::id(lang)),
        text("value", say::value(lang)),
        text("kind", say::kind(lang)),
        number("left", say::left(lang)),
        text("origin", say::origin(lang)),
        text("scenario", say::scenario(lang)),
        text("reason", say::reason(lang)),
        text("until", say::until(lang)),
    ]
}

fn cells(decision: &ActiveDecision, now: Timestamp) -> Vec<String> {
    let left = u64::try_from(decision.until.duration_since(now).as_secs()).unwrap_or(0);
    vec![
        decision.id.to_string(),
        decision.value.clone(),
        decision.kind.clone(),
        show::clock(std::time::Duration::from_secs(left)),
        decision.origin.clone(),
        decision.scenario.clone(),
        decision.reason.clone(),
        decision.until.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    ]
}

/// The sentences.
mod say {
    crate::text::words! {
        id { en: "id", ko: "ID" }
        value { en: "target", ko: "대상" }
        kind { en: "type", ko: "유형" }
        left { en: "left", ko: "남은 시간" }
        origin { en: "origin", ko: "출처" }
        scenario { en: "scenario", ko: "시나리오" }
        reason { en: "reason", ko: "이유" }
        until { en: "until", ko: "만료" }
        rehearsal {
            en: "rehearsal: these decisions were not sent to CrowdSec (dry_run = true)",
            ko: "예행: 아래 결정은 CrowdSec로 보내지 않은 것입니다(dry_run = true)",
        }
    }
}
