//! `gatewatch explain IP`: the dossier of one address, and the judge's verdict on it.

use std::io::{IsTerminal as _, Write as _};

use clap::ArgMatches;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::output::Format;
use super::{Run, args, target, timerange, wiring};
use crate::detect::crawlers::Proof;
use crate::judge::{Dossier, JudgeError, JudgeProgress, Opinion, Verdict};
use crate::logs::ValueHits;
use crate::text::{Lang, Say as _, escape, number};

/// What is printed as JSON.
#[derive(Serialize)]
struct Explained<'a> {
    dossier: &'a Dossier,
    verdict: Option<&'a Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dns: Option<&'a Proof>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Gathers, judges, prints. A judge that fails leaves the dossier: done in part.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let client = target::parse_address(matches.get_one::<String>("IP").map_or("", String::as_str), lang)?;
    if matches.get_flag("dns") {
        run.loaded.settings.detect.verify_by_dns = true;
    }
    let engine = wiring::engine_to_look(run, &args::given_files(matches), wiring::Waits::ForStdin).await?;
    let now = Timestamp::now();
    let window = wiring::window(run, &engine, matches, now).await?;
    let engine = wiring::looking_at(engine, timerange::Range::of(&window, now));
    let suspect = engine.suspect(client, window).await.or_fail(lang)?;
    if suspect.stats.requests == 0 {
        return Err(Failure::failed(say::unseen(lang, &client.to_string(), &timerange::show(&window, lang))));
    }
    let dossier = engine.dossier(&suspect, window, now).await;
    let (sender, receiver) = mpsc::unbounded_channel();
    let watching = tokio::spawn(watch(receiver, lang));
    let verdict = engine.explain(&dossier, now, Some(sender)).await;
    // The sender is gone with the call, so this ends; a watcher that failed has only lost its progress line.
    let _ = watching.await;
    print(run, &dossier, &verdict, engine.proof_of(client).as_ref())?;
    let whole = verdict.is_ok() && dossier.gaps.is_empty();
    Ok(if whole { Exit::Done } else { Exit::Partly })
}

/// Shows on a terminal what the judge is doing, on one line that is wiped at the end.
async fn watch(mut progress: mpsc::UnboundedReceiver<JudgeProgress>, lang: Lang) {
    let mut stderr = std::io::stderr();
    let is_terminal = stderr.is_terminal();
    let mut said = "";
    while let Some(step) = progress.recv().await {
        let now = match step {
            JudgeProgress::Loading => say::loading(lang),
            JudgeProgress::Reading => say::reading(lang),
            JudgeProgress::Thinking(_) => say::thinking(lang),
            JudgeProgress::Answer(_) => say::answering(lang),
            JudgeProgress::Repairing => say::repairing(lang),
        };
        if is_terminal && now != said {
            said = now;
            // Progress is a courtesy: a standard error that is gone does not matter.
            let _ = write!(stderr, "\r\x1b[K{now}").and_then(|()| stderr.flush());
        }
    }
    if !said.is_empty() {
        let _ = write!(stderr, "\r\x1b[K").and_then(|()| stderr.flush());
    }
}

fn print(
    run: &mut Run,
    dossier: &Dossier,
    verdict: &Result<Verdict, JudgeError>,
    proof: Option<&Proof>,
) -> Result<(), Failure> {
    let lang = run.lang;
    if matches!(run.out.format, Format::Json | Format::Jsonl) {
        let error = verdict.as_ref().err().map(|error| error.say(lang));
        run.out.json(&Explained { dossier, verdict: verdict.as_ref().ok(), dns: proof, error })?;
        return Ok(());
    }
    for line in dossier_lines(dossier, lang) {
        run.out.line(&line)?;
    }
    if let Some(proof) = proof {
        run.out.line(&proof_line(proof, lang))?;
    }
    run.out.line("")?;
    match verdict {
        Ok(verdict) => {
            for line in verdict_lines(verdict, lang) {
                run.out.line(&line)?;
            }
        }
        Err(error) => run.note(&error.say(lang)),
    }
    Ok(())
}

fn dossier_lines(dossier: &Dossier, lang: Lang) -> Vec<String> {
    let stats = &dossier.suspect.stats;
    let ratio = number::percent(stats.ratio_4xx());
    let mut lines = vec![
        format!("{}  {}", stats.client, timerange::show(&dossier.window, lang)),
        say::requests(lang, stats.requests, dossier.totals.requests, stats.paths),
        say::errors(lang, stats.s4xx, &ratio, stats.s499, stats.s5xx),
    ];
    lines.push(match &dossier.suspect.exempt {
        Some(exemption) => say::exempt(lang, exemption.label(lang)),
        None if dossier.suspect.gates.is_empty() => say::no_gate(lang).to_owned(),
        None => {
            let gates: Vec<String> = dossier.suspect.gates.iter().map(|hit| hit.say(lang)).collect();
            say::gates(lang, &gates.join(", "))
        }
    });
    if let Some(score) = &dossier.suspect.score {
        let action = score.action.map_or(say::below(lang), |action| action.label(lang));
        lines.push(say::score(lang, &number::percent(score.probability), action));
    }
    let parts: [(&str, &[ValueHits]); 4] = [
        (say::top_paths(lang), &dossier.top_paths),
        (say::statuses(lang), &dossier.statuses),
        (say::methods(lang), &dossier.methods),
        (say::agents(lang), &dossier.agents),
    ];
    for (title, values) in parts.into_iter().filter(|(_, values)| !values.is_empty()) {
        lines.push(format!("\n{title}"));
        lines.extend(
            values.iter().take(10).map(|value| format!("  {:>8}  {}", value.hits, escape::visible(&value.value))),
        );
    }
    if !dossier.evidence.is_empty() {
        lines.push(format!("\n{}", say::evidence(lang)));
        let shown = dossier
            .evidence
            .iter()
            .map(|e| format!("  {:<4} {}", escape::visible(&e.id), escape::visible(&e.statement)));
        lines.extend(shown);
    }
    lines.extend(dossier.gaps.iter().map(|gap| format!("\n{}", say::gap(lang, &escape::visible(gap)))));
    lines
}

/// What the DNS says of the claim to be a crawler.
fn proof_line(proof: &Proof, lang: Lang) -> String {
    let name = escape::visible(&proof.name);
    let said = if proof.is_true { say::is_crawler(lang, &name) } else { say::is_no_crawler(lang, &name) };
    format!("\n{said}")
}

fn verdict_lines(verdict: &Verdict, lang: Lang) -> Vec<String> {
    let opinion = match verdict.opinion {
        Opinion::Yes => say::yes(lang),
        Opinion::No => say::no(lang),
        Opinion::Unsure => say::unsure(lang),
    };
    let confidence = number::percent(verdict.confidence);
    let mut lines = vec![
        say::verdict(lang, opinion, &confidence, &escape::visible(&verdict.category), &escape::visible(&verdict.judge)),
        escape::visible_lines(&verdict.reason).into_owned(),
    ];
    if !verdict.cites.is_empty() {
        lines.push(say::cites(lang, &escape::visible(&verdict.cites.join(", "))));
    }
    if !verdict.cites_unknown.is_empty() {
        lines.push(say::made_up(lang, &escape::visible(&verdict.cites_unknown.join(", "))));
    }
    lines.extend(verdict.note.as_ref().map(|note| escape::visible_lines(note).into_owned()));
    lines
}

/// The sentences.
mod say {
    crate::text::words! {
        loading { en: "the model is being loaded…", ko: "모델을 불러오는 중…" }
        reading { en: "the model reads the dossier…", ko: "모델이 자료를 읽는 중…" }
        thinking { en: "the model thinks…", ko: "모델이 생각하는 중…" }
        answering { en: "the model answers…", ko: "모델이 답하는 중…" }
        repairing { en: "the answer was broken; asking once more…", ko: "답이 깨져 다시 묻는 중…" }
        below { en: "below all thresholds", ko: "모든 기준 미달" }
        no_gate { en: "passes no gate", ko: "넘은 게이트 없음" }
        top_paths { en: "Top paths", ko: "많이 요청한 경로" }
        statuses { en: "Statuses", ko: "상태 코드" }
        methods { en: "Methods", ko: "메서드" }
        agents { en: "User agents", ko: "사용자 에이전트" }
        evidence { en: "Evidence", ko: "근거" }
        yes { en: "YES, an attack", ko: "공격" }
        no { en: "NO, not an attack", ko: "공격 아님" }
        unsure { en: "UNSURE", ko: "불확실" }
    }
    crate::text::sentences! {
        unseen(client: &str, range: &str) {
            en: "{client} has no request in {range}; widen the range with --since",
            ko: "{range} 동안 {client}의 요청이 없습니다. --since로 범위를 넓혀 보세요",
        }
        requests(requests: u64, total: u64, paths: u64) {
            en: "{requests} of {total} requests, {paths} distinct paths",
            ko: "전체 {total}건 중 요청 {requests}건, 서로 다른 경로 {paths}개",
        }
        errors(s4xx: u64, ratio: &str, s499: u64, s5xx: u64) {
            en: "4xx {s4xx} ({ratio}; 499 among them: {s499}), 5xx {s5xx}",
            ko: "4xx {s4xx}({ratio}, 그중 499 {s499}), 5xx {s5xx}",
        }
        gates(gates: &str) { en: "passes: {gates}", ko: "넘은 게이트: {gates}" }
        score(probability: &str, action: &str) {
            en: "probability of an attack: {probability} ({action})",
            ko: "공격 확률: {probability}({action})",
        }
        exempt(why: &str) { en: "never a suspect: {why}", ko: "용의자에서 제외: {why}" }
        is_crawler(name: &str) {
            en: "DNS: its name {name} is one of the crawler's and leads back to it",
            ko: "DNS: 이름 {name}은(는) 그 크롤러의 것이고 이 주소로 되돌아옵니다",
        }
        is_no_crawler(name: &str) {
            en: "DNS: its name {name} does not prove that it is the crawler that it claims to be",
            ko: "DNS: 이름 {name}(으)로는 주장하는 크롤러라고 볼 수 없습니다",
        }
        gap(gap: &str) { en: "missing: {gap}", ko: "빠진 부분: {gap}" }
        verdict(opinion: &str, confidence: &str, category: &str, judge: &str) {
            en: "Verdict: {opinion} ({confidence}, {category}), by {judge}",
            ko: "판정: {opinion} ({confidence}, {category}), {judge}",
        }
        cites(ids: &str) { en: "rests on {ids}", ko: "근거: {ids}" }
        made_up(ids: &str) { en: "cited evidence that does not exist: {ids}", ko: "존재하지 않는 근거를 인용함: {ids}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_name_is_a_strangers_text() {
        let proof = Proof { name: "a\u{1b}]52;c;x\u{7}.example".to_owned(), is_true: false };
        for lang in [Lang::En, Lang::Ko] {
            let line = proof_line(&proof, lang);
            assert!(line.contains("a\\x1b]52;c;x\\x07.example") && !line.contains('\u{1b}'), "{line:?}");
        }
    }
}
