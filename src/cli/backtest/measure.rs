//! How right a replay's findings are, by labels: figures, recall by family, and everybody who was flagged wrongly.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use super::clients::Clients;
use crate::cli::Run;
use crate::cli::failure::Failure;
use crate::cli::output::{Format, number, text};
use crate::cli::simulate::Label;
use crate::detect::replay::{Action, Finding};
use crate::detect::rules::RuleSet;
use crate::text::{Lang, escape, number as show};

/// So many who were flagged wrongly are shown.
const WRONG_SHOWN: usize = 20;
/// So many parts of the evidence against each.
const PARTS_SHOWN: usize = 3;

/// How right the findings are. A share of nobody is none.
#[derive(Debug, Serialize)]
pub(super) struct Measure {
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    /// Recall, averaged over the families.
    family_recall: Option<f64>,
    /// The share of innocents that were flagged.
    innocents_flagged: Option<f64>,
    /// Attackers that were flagged, of how many.
    attackers: Found,
    /// Innocents that were flagged, of how many.
    innocents: Found,
    /// Flagged ones that have no label and are in none of these figures.
    unlabelled: u32,
    by_family: BTreeMap<String, Found>,
    wrongly_flagged: Vec<Finding>,
}

/// So many of how many.
#[derive(Debug, Clone, Copy, Serialize, Default)]
struct Found {
    found: u32,
    all: u32,
}

impl Found {
    fn note(&mut self, is_found: bool) {
        self.all += 1;
        self.found += u32::from(is_found);
    }

    fn share(self) -> Option<f64> {
        (self.all > 0).then(|| f64::from(self.found) / f64::from(self.all))
    }

    fn of(self, lang: Lang) -> String {
        say::of(lang, &show::count(self.found.into()), &show::count(self.all.into()))
    }
}

/// Compares findings with labels; `None` where nobody of `clients` has one.
pub(super) fn measure(findings: &[Finding], labels: &BTreeMap<IpAddr, Label>, clients: &Clients) -> Option<Measure> {
    if !labels.keys().any(|client| clients.contains(*client)) {
        return None;
    }
    let flagged: BTreeMap<IpAddr, &Finding> = findings
        .iter()
        .filter(|finding| finding.action >= Action::Ask)
        .map(|finding| (finding.target, finding))
        .collect();
    let mut by_family: BTreeMap<String, Found> = BTreeMap::new();
    let (mut attackers, mut innocents, mut wrongly_flagged) = (Found::default(), Found::default(), Vec::new());
    for (client, label) in labels {
        let finding = flagged.get(client);
        if label.hostile {
            by_family.entry(label.population.clone()).or_default().note(finding.is_some());
            attackers.note(finding.is_some());
        } else {
            innocents.note(finding.is_some());
            wrongly_flagged.extend(finding.map(|finding| (*finding).clone()));
        }
    }
    let unlabelled = flagged.keys().filter(|client| !labels.contains_key(client)).count();
    let of_flagged = Found { found: attackers.found, all: attackers.found + innocents.found };
    // 2·right of all that are hostile and all that are flagged: the harmonic mean of precision and recall.
    let both = Found { found: 2 * attackers.found, all: attackers.all + of_flagged.all };
    let shares: Vec<f64> = by_family.values().filter_map(|family| family.share()).collect();
    let families = f64::from(u32::try_from(shares.len()).unwrap_or(u32::MAX));
    Some(Measure {
        precision: of_flagged.share(),
        recall: attackers.share(),
        f1: both.share(),
        family_recall: (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / families),
        innocents_flagged: innocents.share(),
        attackers,
        innocents,
        unlabelled: u32::try_from(unlabelled).unwrap_or(u32::MAX),
        by_family,
        wrongly_flagged,
    })
}

/// A share with two decimals of a percent.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.2}%", share * 100.0))
}

impl Measure {
    /// Prints the figures below a table; where other programs read the output, they go to standard error in a line.
    pub(super) fn print(&self, run: &mut Run, rules: &RuleSet) -> Result<(), Failure> {
        let lang = run.lang;
        if run.out.format != Format::Table {
            let (flagged, recall) = (percent(self.innocents_flagged), percent(self.family_recall));
            run.note(&say::measured(lang, &percent(self.precision), &recall, &flagged));
            return Ok(());
        }
        let flagged = Found { found: self.attackers.found, all: self.attackers.found + self.innocents.found };
        let families = self.by_family.len();
        let figures = [
            (say::precision(lang), self.precision, flagged.of(lang)),
            (say::recall(lang), self.recall, self.attackers.of(lang)),
            (say::f1(lang), self.f1, String::new()),
            (say::family_recall(lang), self.family_recall, say::families(lang, families)),
            (say::innocents(lang), self.innocents_flagged, self.innocents.of(lang)),
        ];
        run.out.line("")?;
        let columns = [text("measure", say::measure(lang)), number("share", say::share(lang)), text("of", "")];
        run.out.list(&columns, &figures, |(name, share, of)| vec![(*name).to_owned(), percent(*share), of.clone()])?;
        if self.unlabelled > 0 {
            run.out.line(&say::unlabelled(lang, &show::count(self.unlabelled.into())))?;
        }
        self.print_families(run)?;
        self.print_wrong(run, rules)
    }

    /// Recall by family, the lowest first: that is where there is something to do.
    fn print_families(&self, run: &mut Run) -> Result<(), Failure> {
        if self.by_family.is_empty() {
            return Ok(());
        }
        let lang = run.lang;
        let mut families: Vec<(&String, Found)> = self.by_family.iter().map(|(name, found)| (name, *found)).collect();
        families.sort_by(|(_, one), (_, other)| {
            one.share().partial_cmp(&other.share()).unwrap_or(std::cmp::Ordering::Equal)
        });
        run.out.line("")?;
        let columns = [text("family", say::family(lang)), number("recall", say::recall(lang)), text("of", "")];
        Ok(run
            .out
            .list(&columns, &families, |(name, found)| vec![(*name).clone(), percent(found.share()), found.of(lang)])?)
    }

    fn print_wrong(&self, run: &mut Run, rules: &RuleSet) -> Result<(), Failure> {
        let lang = run.lang;
        let Some(more) = self.wrongly_flagged.len().checked_sub(1) else { return Ok(()) };
        run.out.line("")?;
        run.out.line(&say::wrong(lang, self.wrongly_flagged.len()))?;
        let shown = &self.wrongly_flagged[..=more.min(WRONG_SHOWN - 1)];
        for finding in shown {
            let action = finding.action.label(lang);
            run.out.line(&format!("  {}  {action} {:.3}", finding.target, finding.score))?;
            // Whole lines: in a column they would be cut where they matter.
            for part in finding.evidence.iter().take(PARTS_SHOWN) {
                run.out.line(&format!("      {} [{}]", part.say(lang, rules), escape::visible(&part.detector)))?;
            }
        }
        if self.wrongly_flagged.len() > shown.len() {
            run.out.line(&say::more_wrong(lang, self.wrongly_flagged.len() - shown.len()))?;
        }
        Ok(())
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        measure { en: "measure", ko: "지표" }
        share { en: "share", ko: "비율" }
        precision { en: "precision", ko: "정밀도" }
        recall { en: "recall", ko: "재현율" }
        f1 { en: "F1", ko: "F1" }
        family_recall { en: "recall, mean of families", ko: "공격군 평균 재현율" }
        innocents { en: "innocents flagged", ko: "무고한 주소 오탐" }
        family { en: "family", ko: "공격군" }
    }
    crate::text::sentences! {
        of(part: &str, whole: &str) { en: "{part} of {whole}", ko: "{whole} 중 {part}" }
        families(families: usize) { en: "{families} families", ko: "공격군 {families}개" }
        unlabelled(flagged: &str) {
            en: "{flagged} flagged without a label, in none of these figures",
            ko: "라벨이 없어 계산에서 뺀 지목: {flagged}개",
        }
        wrong(many: usize) { en: "flagged wrongly: {many}", ko: "잘못 지목: {many}개" }
        more_wrong(more: usize) { en: "and {more} more; -o json has all", ko: "이 밖에 {more}개. 전부 보려면 -o json" }
        measured(precision: &str, recall: &str, innocents: &str) {
            en: "precision {precision}, recall averaged over families {recall}, innocents flagged {innocents}",
            ko: "정밀도 {precision}, 공격군 평균 재현율 {recall}, 무고한 주소 오탐 {innocents}",
        }
    }
}
