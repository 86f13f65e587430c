//! The sections of a dossier as lines: made for a width, drawn or copied later.

use std::borrow::Cow;

use super::Dossier;
use super::judge::opinion;
use crate::detect::gates::{Gate, GateLimits};
use crate::detect::rules::RuleSet;
use crate::detect::{Evidence, Suspect};
use crate::judge::{self as judging, Verdict};
use crate::logs::ValueHits;
use crate::text::escape::visible;
use crate::text::number::{bytes, clock, count, factor, percent};
use crate::text::width::{Align, cut, fit, width, wrap};
use crate::text::{Lang, Say as _};
use crate::tui::app::Shared;
use crate::tui::theme::Role;
use crate::tui::views::suspects::columns::action_role;
use crate::tui::widgets::request;
use crate::tui::widgets::table::probability;

crate::text::words! {
    score_title { en: "Score", ko: "점수" }
    cohort_title { en: "Cohort", ko: "집단" }
    no_action { en: "below all thresholds", ko: "모든 기준 미달" }
    of_attack { en: "probability of an attack; + adds to its log-odds", ko: "공격 확률, +는 로그 승산에 더한 값" }
    gates { en: "Gates", ko: "게이트" }
    in_force { en: "Decisions in force", ko: "적용 중인 차단" }
    nothing_in_force { en: "none", ko: "없음" }
    former { en: "Former verdicts", ko: "이전 판정" }
    paths { en: "Paths", ko: "경로" }
    agents { en: "User agents", ko: "사용자 에이전트" }
    statuses { en: "Statuses", ko: "상태 코드" }
    methods { en: "Methods", ko: "메서드" }
    evidence { en: "Evidence", ko: "근거" }
    rows { en: "Rows, newest first", ko: "행(최신순)" }
    gaps { en: "Could not be read", ko: "읽지 못한 부분" }
    timeline { en: "Requests over the window", ko: "구간의 요청" }
    ratio { en: "4xx share", ko: "4xx 비율" }
    server_errors { en: "5xx", ko: "5xx" }
    aborted { en: "499", ko: "499" }
    distinct_paths { en: "paths", ko: "경로 수" }
    passes { en: "passes", ko: "통과" }
    below { en: "below", ko: "미달" }
    empty { en: "(empty)", ko: "(비어 있음)" }
    reading { en: "reading…", ko: "읽는 중…" }
}

crate::text::sentences! {
    numbers(requests: &str, share: &str, size: &str) {
        en: "{requests} requests, {share} of all, {size}",
        ko: "요청 {requests}건, 전체의 {share}, {size}",
    }
    one_of(members: &str, alike: &str) {
        en: "one of {members} that act as one: they {alike}",
        ko: "하나처럼 행동하는 {members}개 주소 중 하나: {alike}",
    }
    covered(prefix: &str, members: &str, others: &str, innocent: &str) {
        en: "{prefix} covers {members} of them and {others} others, ~{innocent} innocent",
        ko: "{prefix}에 구성원 {members}, 다른 주소 {others}, 무고 약 {innocent}",
    }
    seen(first: &str, last: &str) { en: "{first} – {last}", ko: "{first} – {last}" }
    exempt(why: &str) { en: "exempt: {why}", ko: "제외: {why}" }
    needs(requests: &str) { en: "from {requests} requests on", ko: "요청 {requests}건부터" }
}

/// A piece of a line.
#[derive(Debug, Clone)]
pub struct Piece {
    text: Cow<'static, str>,
    role: Role,
}

impl Piece {
    /// Text in a role.
    pub fn new(text: impl Into<Cow<'static, str>>, role: Role) -> Self {
        Self { text: text.into(), role }
    }
}

/// A line of the panel.
#[derive(Debug, Clone)]
pub enum PanelLine {
    /// Pieces of text.
    Text(Vec<Piece>),
    /// A line of bars: the counts, and the number that fills the height.
    Bars(Vec<u64>, u64),
}

impl PanelLine {
    /// The text without roles.
    pub fn text(&self) -> String {
        match self {
            Self::Text(pieces) => {
                pieces.iter().map(|piece| piece.text.as_ref()).collect::<String>().trim_end().to_owned()
            }
            Self::Bars(values, _) => values.iter().map(u64::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    /// The pieces as they are drawn.
    pub fn parts(&self) -> Vec<(Cow<'_, str>, Role)> {
        match self {
            Self::Text(pieces) => pieces.iter().map(|piece| (Cow::Borrowed(piece.text.as_ref()), piece.role)).collect(),
            Self::Bars(..) => Vec::new(),
        }
    }
}

/// Lines being made for a width.
pub struct Lines {
    width: usize,
    made: Vec<PanelLine>,
}

impl Lines {
    /// None yet.
    pub fn new(width: usize) -> Self {
        Self { width: width.max(20), made: Vec::new() }
    }

    /// The width.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// All of them.
    pub fn done(self) -> Vec<PanelLine> {
        self.made
    }

    /// A line of pieces.
    pub fn push(&mut self, pieces: Vec<Piece>) {
        self.made.push(PanelLine::Text(pieces));
    }

    /// A heading, with room above.
    pub fn heading(&mut self, words: &'static str) {
        if !self.made.is_empty() {
            self.push(Vec::new());
        }
        self.push(vec![Piece::new(words, Role::Title)]);
    }

    /// Words over as many lines as they need.
    pub fn words(&mut self, words: &str, role: Role) {
        for line in wrap(words, self.width) {
            self.push(vec![Piece::new(line, role)]);
        }
    }
}

impl Dossier {
    /// The whole panel in lines.
    pub(super) fn content_lines(&self, shared: &Shared, width: usize) -> Vec<PanelLine> {
        let mut lines = Lines::new(width);
        let lang = shared.lang;
        if let Some(suspect) = self.suspect() {
            head(&mut lines, suspect, self.content.as_deref(), shared);
            self.judging.lines(&mut lines, shared);
            score_lines(&mut lines, suspect, shared.basics.rules, lang);
            gate_lines(&mut lines, suspect, &shared.basics.gates, lang);
        } else {
            self.judging.lines(&mut lines, shared);
        }
        self.decision_lines(&mut lines, shared);
        if let Some(content) = &self.content {
            content_sections(&mut lines, content, self.judging.cited(), shared);
        } else if self.loading {
            lines.words(reading(lang), Role::Muted);
        }
        lines.done()
    }

    fn decision_lines(&self, lines: &mut Lines, shared: &Shared) {
        let lang = shared.lang;
        lines.heading(in_force(lang));
        let mut any = false;
        for decision in shared.decisions_on(self.client.into()) {
            any = true;
            let left = clock(shared.until(decision.until));
            lines.push(vec![
                Piece::new(format!("■ {} {}", visible(&decision.kind), visible(&decision.value)), Role::Danger),
                Piece::new(format!("  {left}  {}", visible(&decision.origin)), Role::Text),
            ]);
            lines.words(&format!("  {} {}", decision.scenario, decision.reason), Role::Muted);
        }
        if !any {
            lines.words(nothing_in_force(lang), Role::Muted);
        }
    }
}

/// Verdicts of earlier days and other runs.
fn history_lines(lines: &mut Lines, verdicts: &[Verdict], shared: &Shared) {
    let lang = shared.lang;
    if verdicts.is_empty() {
        return;
    }
    lines.heading(former(lang));
    for verdict in verdicts {
        let (mark, word, role) = opinion(verdict.opinion, lang);
        lines.push(vec![
            Piece::new(format!("{}  ", shared.date_and_time(verdict.at)), Role::Muted),
            Piece::new(format!("{mark} {word} {}", percent(verdict.confidence)), role),
            Piece::new(format!("  {}", visible(&verdict.judge)), Role::Muted),
        ]);
        let room = lines.width() - 2;
        lines.push(vec![Piece::new(format!("  {}", cut(&verdict.reason, room)), Role::Text)]);
    }
}

fn head(lines: &mut Lines, suspect: &Suspect, content: Option<&judging::Dossier>, shared: &Shared) {
    let (stats, lang) = (&suspect.stats, shared.lang);
    let all = content.map_or(0, |content| content.totals.requests);
    #[expect(clippy::cast_precision_loss, reason = "a share in whole percent")]
    let share = if all == 0 { "–".to_owned() } else { percent(stats.requests as f64 / all as f64) };
    lines.words(&numbers(lang, &count(stats.requests), &share, &bytes(stats.bytes)), Role::Text);
    if let (Some(first), Some(last)) = (stats.first_seen, stats.last_seen) {
        lines.words(&seen(lang, &shared.date_and_time(first), &shared.date_and_time(last)), Role::Muted);
    }
    if let Some(why) = suspect.exempt {
        lines.words(&exempt(lang, why.label(lang)), Role::Warning);
    }
}

/// What detection makes of it: the probability, each part in words with what it adds, and the cohort.
fn score_lines(lines: &mut Lines, suspect: &Suspect, rules: &RuleSet, lang: Lang) {
    let Some(score) = &suspect.score else { return };
    lines.heading(score_title(lang));
    let (word, role) = match score.action {
        Some(action) => (action.label(lang), action_role(action)),
        None => (no_action(lang), Role::Muted),
    };
    lines.push(vec![
        Piece::new(format!("{} ", probability(score.probability)), role),
        Piece::new(word, role),
        Piece::new(format!("  {}", of_attack(lang)), Role::Muted),
    ]);
    for part in &score.parts {
        let added = fit(&format!("{:+.1}", part.weight), 6, Align::Right);
        for (index, line) in wrap(&part.say(lang, rules), lines.width().saturating_sub(7)).into_iter().enumerate() {
            let first = if index == 0 {
                Piece::new(format!("{added} "), Role::Gate)
            } else {
                Piece::new("       ", Role::Text)
            };
            lines.push(vec![first, Piece::new(line, Role::Text)]);
        }
        lines.push(vec![Piece::new(format!("       {}", visible(&part.detector)), Role::Muted)]);
    }
    let Some(cohort) = &score.cohort else { return };
    lines.heading(cohort_title(lang));
    lines.words(&one_of(lang, &count(cohort.members as u64), &cohort.alike.say(lang)), Role::Text);
    for share in &cohort.shares {
        lines.words(&format!("· {}", share.say(lang)), Role::Text);
    }
    if let Some(covering) = &cohort.prefix {
        let innocent = percent(covering.innocent_share);
        lines.words(
            &covered(
                lang,
                &covering.prefix.to_string(),
                &count(u64::from(covering.members)),
                &count(u64::from(covering.others)),
                &innocent,
            ),
            Role::Muted,
        );
    }
}

/// Cells of the bars that set a number against its gate.
const GATE_BAR: usize = 10;

/// The numbers against the gates: a bar in which the mark is the gate, and the factor.
fn gate_lines(lines: &mut Lines, suspect: &Suspect, limits: &GateLimits, lang: Lang) {
    lines.heading(gates(lang));
    let stats = &suspect.stats;
    let entries = [
        (Gate::ClientErrors, ratio(lang), stats.ratio_4xx(), limits.min_4xx_ratio),
        (Gate::ServerErrors, server_errors(lang), to_f64(stats.s5xx), to_f64(limits.min_5xx)),
        (Gate::Aborted, aborted(lang), to_f64(stats.s499), to_f64(limits.min_499)),
        (Gate::Paths, distinct_paths(lang), to_f64(stats.paths), to_f64(limits.min_paths)),
    ];
    for (gate, name, value, limit) in entries {
        let hit = suspect.gates.iter().find(|hit| hit.gate == gate);
        let shown = |number: f64| if gate == Gate::ClientErrors { percent(number) } else { format!("{number:.0}") };
        let (word, role) = match hit {
            Some(hit) => (format!("{} {}", passes(lang), factor(hit.factor())), Role::Gate),
            None => (below(lang).to_owned(), Role::Muted),
        };
        lines.push(vec![
            Piece::new(fit(name, 10, Align::Left), Role::Text),
            Piece::new(fit(&shown(value), 8, Align::Right), if hit.is_some() { Role::Gate } else { Role::Text }),
            Piece::new(fit(&format!(" / {}", shown(limit)), 9, Align::Left), Role::Muted),
            Piece::new(gate_bar(value, limit), role),
            Piece::new(format!(" {word}"), role),
        ]);
    }
    if stats.requests < limits.min_requests {
        let text = format!("{}: {}", Gate::ClientErrors.label(lang), needs(lang, &count(limits.min_requests)));
        lines.words(&text, Role::Muted);
    }
}

/// A bar of twice the gate: its middle is the gate.
fn gate_bar(value: f64, limit: f64) -> String {
    let half = GATE_BAR / 2;
    let share = (value / if limit > 0.0 { limit } else { 1.0 }).clamp(0.0, 2.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the bar's length")]
    let filled = (share * half as f64).round() as usize;
    let mut bar = String::new();
    for cell in 0..GATE_BAR {
        if cell == half {
            bar.push('│');
        }
        bar.push(if cell < filled { '▪' } else { '·' });
    }
    bar
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below 2^53")]
const fn to_f64(value: u64) -> f64 {
    value as f64
}

fn content_sections(lines: &mut Lines, content: &judging::Dossier, cited: &[String], shared: &Shared) {
    let lang = shared.lang;
    if !content.gaps.is_empty() {
        lines.heading(gaps(lang));
        for gap in &content.gaps {
            lines.words(gap, Role::Warning);
        }
    }
    if !content.timeline.values.is_empty() {
        lines.heading(timeline(lang));
        let values = &content.timeline.values;
        lines.made.push(PanelLine::Bars(values.clone(), values.iter().copied().max().unwrap_or(0)));
    }
    evidence_lines(lines, &content.evidence, cited, lang);
    top(lines, paths(lang), &content.top_paths, 8, lang);
    top(lines, statuses(lang), &content.statuses, 6, lang);
    top(lines, methods(lang), &content.methods, 4, lang);
    top(lines, agents(lang), &content.agents, 4, lang);
    history_lines(lines, &content.history, shared);
    row_lines(lines, content, shared);
}

/// The evidence, what the verdict cites marked and strong.
fn evidence_lines(lines: &mut Lines, all: &[Evidence], cited: &[String], lang: Lang) {
    if all.is_empty() {
        return;
    }
    lines.heading(evidence(lang));
    for one in all {
        let is_cited = cited.contains(&one.id);
        let mark = if is_cited { "»" } else { " " };
        let id = fit(&format!("{mark}{}", one.id), 5, Align::Left);
        let (id_role, role) = if is_cited { (Role::Match, Role::Strong) } else { (Role::Muted, Role::Text) };
        for (index, line) in wrap(&one.statement, lines.width() - 5).into_iter().enumerate() {
            let first = if index == 0 { Piece::new(id.clone(), id_role) } else { Piece::new("     ", Role::Text) };
            lines.push(vec![first, Piece::new(line, role)]);
        }
    }
}

/// The most frequent values, with their counts right-aligned before them.
fn top(lines: &mut Lines, heading: &'static str, values: &[ValueHits], most: usize, lang: Lang) {
    if values.is_empty() {
        return;
    }
    lines.heading(heading);
    let wide = values.iter().take(most).map(|value| width(&count(value.hits))).max().unwrap_or(1);
    for value in values.iter().take(most) {
        let name = if value.value.is_empty() { empty(lang).to_owned() } else { value.value.clone() };
        let room = lines.width().saturating_sub(wide + 2);
        lines.push(vec![
            Piece::new(fit(&count(value.hits), wide, Align::Right), Role::Muted),
            Piece::new(
                format!("  {}", cut(&name, room)),
                if value.value.is_empty() { Role::Muted } else { Role::Text },
            ),
        ]);
    }
}

/// The sample rows, one line each.
fn row_lines(lines: &mut Lines, content: &judging::Dossier, shared: &Shared) {
    if content.rows.is_empty() {
        return;
    }
    lines.heading(rows(shared.lang));
    for row in &content.rows {
        let parts = request::parts(row, &content.fields, shared);
        lines.push(parts.into_iter().map(|(text, role)| Piece::new(text, role)).collect());
    }
}
