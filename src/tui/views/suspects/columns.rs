//! The columns of the gate table: heading, cell, order.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::detect::Suspect;
use crate::detect::gates::{Gate, GateHit};
use crate::detect::replay::Action;
use crate::judge::Opinion;
use crate::text::Lang;
use crate::text::number::{bytes, clock, count_within, factor, percent};
use crate::tui::app::Shared;
use crate::tui::theme::Role;
use crate::tui::widgets::table::{self, Cell};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The address.
    Client,
    /// The probability of an attack, and what it leads to.
    Score,
    /// Banned, exempt, judged.
    State,
    /// Requests.
    Requests,
    /// Share of 4xx.
    Ratio,
    /// 4xx, 499 counted in.
    S4xx,
    /// 499.
    S499,
    /// 5xx.
    S5xx,
    /// Distinct paths.
    Paths,
    /// Bytes sent.
    Bytes,
    /// When its last request was.
    Last,
    /// The gates it passes, and by how much.
    Gates,
    /// The detectors that speak against it.
    Detectors,
}

crate::text::words! {
    client { en: "client", ko: "주소" }
    state { en: "state", ko: "상태" }
    requests { en: "reqs", ko: "요청" }
    paths { en: "paths", ko: "경로" }
    bytes_sent { en: "bytes", ko: "바이트" }
    last { en: "last", ko: "최근" }
    gates { en: "gates passed", ko: "넘은 게이트" }
    score { en: "score", ko: "점수" }
    detectors { en: "detectors", ko: "탐지기" }
    banned { en: "banned", ko: "차단됨" }
    rehearsed { en: "rehearsed", ko: "차단 예행" }
    exempt { en: "exempt", ko: "제외" }
    attack { en: "attack", ko: "공격" }
    benign { en: "benign", ko: "정상" }
    unsure { en: "unsure", ko: "불확실" }
}

impl Column {
    /// All, from left to right.
    pub const ALL: &'static [Self] = &[
        Self::Client,
        Self::Score,
        Self::State,
        Self::Requests,
        Self::Ratio,
        Self::S4xx,
        Self::S499,
        Self::S5xx,
        Self::Paths,
        Self::Bytes,
        Self::Last,
        Self::Gates,
        Self::Detectors,
    ];

    /// Heading, width, side and rank.
    ///
    /// `longest` are the cells of the longest address: IPv6 gets room where there is some.
    fn shape(self, lang: Lang, longest: u16) -> table::Column {
        match self {
            Self::Client => table::Column::words(client(lang), longest.clamp(15, 26), longest.max(15), 0),
            Self::Score => table::Column::words(score(lang), 10, 10, 0),
            Self::State => table::Column::words(state(lang), 16, 16, 2),
            Self::Requests => table::Column::number(requests(lang), 7, 0),
            Self::Ratio => table::Column::number("4xx%", 5, 3),
            Self::S4xx => table::Column::number("4xx", 6, 7),
            Self::S499 => table::Column::number("499", 5, 6),
            Self::S5xx => table::Column::number("5xx", 5, 4),
            Self::Paths => table::Column::number(paths(lang), 5, 5),
            Self::Bytes => table::Column::number(bytes_sent(lang), 8, 9),
            Self::Last => table::Column::number(last(lang), 5, 8),
            Self::Gates => table::Column::words(gates(lang), 14, 22, 4),
            Self::Detectors => table::Column::words(detectors(lang), 15, 60, 1),
        }
    }

    /// The columns as a table wants them.
    pub fn shapes(lang: Lang, longest: u16) -> Vec<table::Column> {
        Self::ALL.iter().map(|column| column.shape(lang, longest)).collect()
    }

    /// Whether sorting by it begins with the highest.
    pub const fn begins_downwards(self) -> bool {
        !matches!(self, Self::Client)
    }

    /// The cell of a client. `wide` cells are there for a number.
    pub fn cell<'a>(self, suspect: &Suspect, shared: &Shared, wide: usize) -> Cell<'a> {
        let stats = &suspect.stats;
        let hit = |gate: Gate| suspect.gates.iter().any(|hit| hit.gate == gate) && suspect.exempt.is_none();
        let number = |value: u64, passes: bool| {
            let role = match (passes, value) {
                (true, _) => Role::Gate,
                (false, 0) => Role::Muted,
                (false, _) => plain(suspect),
            };
            Cell::new(count_within(value, wide), role)
        };
        match self {
            Self::Client => {
                Cell::new(stats.client.to_string(), if suspect.is_suspect() { Role::Strong } else { plain(suspect) })
            }
            Self::Score => score_cell(suspect, shared.lang),
            Self::State => state_cell(suspect, shared),
            Self::Requests => number(stats.requests, false),
            Self::Ratio => {
                let role = match (hit(Gate::ClientErrors), stats.s4xx) {
                    (true, _) => Role::Gate,
                    (false, 0) => Role::Muted,
                    (false, _) => plain(suspect),
                };
                Cell::new(percent(stats.ratio_4xx()), role)
            }
            Self::S4xx => number(stats.s4xx, false),
            Self::S499 => number(stats.s499, hit(Gate::Aborted)),
            Self::S5xx => number(stats.s5xx, hit(Gate::ServerErrors)),
            Self::Paths => number(stats.paths, hit(Gate::Paths)),
            Self::Bytes => Cell::new(bytes(stats.bytes), plain(suspect)),
            Self::Last => match stats.last_seen {
                Some(at) => Cell::new(shared.when(at), plain(suspect)),
                None => Cell::default(),
            },
            Self::Gates => gates_cell(suspect, shared.lang),
            Self::Detectors => detectors_cell(suspect),
        }
    }

    /// The order of two clients, the lesser first.
    pub fn compare(self, one: &Suspect, other: &Suspect, shared: &Shared) -> Ordering {
        let (a, b) = (&one.stats, &other.stats);
        match self {
            // The table sorts equal rows by address.
            Self::Client => a.client.cmp(&b.client),
            Self::Score => sureness(one).total_cmp(&sureness(other)).then(weight(one).total_cmp(&weight(other))),
            Self::State => state_rank(one, shared).total_cmp(&state_rank(other, shared)),
            Self::Requests => a.requests.cmp(&b.requests),
            Self::Ratio => a.ratio_4xx().total_cmp(&b.ratio_4xx()).then(a.s4xx.cmp(&b.s4xx)),
            Self::S4xx => a.s4xx.cmp(&b.s4xx),
            Self::S499 => a.s499.cmp(&b.s499),
            Self::S5xx => a.s5xx.cmp(&b.s5xx),
            Self::Paths => a.paths.cmp(&b.paths),
            Self::Bytes => a.bytes.cmp(&b.bytes),
            Self::Last => a.last_seen.cmp(&b.last_seen),
            Self::Detectors => {
                let most = |suspect: &Suspect| suspect.score.as_ref().map_or(0, |score| score.parts.len());
                most(one).cmp(&most(other))
            }
            Self::Gates => weight(one).total_cmp(&weight(other)).then(a.requests.cmp(&b.requests)),
        }
    }
}

/// The role of what is neither a gate nor a state: an exempt client is greyed.
const fn plain(suspect: &Suspect) -> Role {
    if suspect.exempt.is_some() { Role::Muted } else { Role::Text }
}

/// How strongly a client passes: suspects before the rest, the rest before the exempt.
fn weight(suspect: &Suspect) -> f64 {
    if suspect.exempt.is_some() {
        return -1.0;
    }
    suspect.gates.iter().map(GateHit::factor).sum()
}

fn state_rank(suspect: &Suspect, shared: &Shared) -> f64 {
    if suspect.exempt.is_some() {
        return -1.0;
    }
    let banned = if shared.decision_for(suspect.stats.client).is_some() { 10.0 } else { 0.0 };
    let judged = shared.verdict_on(suspect.stats.client).map_or(0.5, |verdict| match verdict.opinion {
        Opinion::Yes => 2.0 + verdict.confidence,
        Opinion::Unsure => 1.0,
        Opinion::No => 0.0,
    });
    banned + judged
}

/// How sure detection is: suspects before the rest, the rest before the exempt.
fn sureness(suspect: &Suspect) -> f64 {
    if suspect.exempt.is_some() { -1.0 } else { suspect.probability() }
}

/// The probability, and what it leads to in a word and a role.
fn score_cell<'a>(suspect: &Suspect, lang: Lang) -> Cell<'a> {
    let Some(score) = suspect.score.as_ref().filter(|_| suspect.exempt.is_none()) else { return Cell::default() };
    let sure = table::probability(score.probability);
    match score.action {
        None => Cell::new(sure, Role::Muted),
        Some(action) => {
            let role = action_role(action);
            Cell { parts: vec![(Cow::Owned(sure), role), (Cow::Owned(format!(" {}", action.label(lang))), role)] }
        }
    }
}

/// The role of what a score leads to.
pub const fn action_role(action: Action) -> Role {
    match action {
        Action::Act => Role::Danger,
        Action::Ask => Role::Warning,
        Action::Watch => Role::Text,
    }
}

fn detectors_cell<'a>(suspect: &Suspect) -> Cell<'a> {
    let Some(score) = suspect.score.as_ref().filter(|_| suspect.exempt.is_none()) else { return Cell::default() };
    let mut names: Vec<&str> = score.detectors().map(short).collect();
    names.dedup();
    Cell::new(names.join(" "), plain(suspect))
}

/// A detector's name for a narrow column: of a rule its own, of the others their family's.
fn short(detector: &str) -> &str {
    match detector.split_once(':') {
        Some(("rule", name)) => name,
        Some((family, _)) => family,
        None => detector,
    }
}

/// The state, told by a mark and a word.
fn state_cell<'a>(suspect: &Suspect, shared: &Shared) -> Cell<'a> {
    let lang = shared.lang;
    if suspect.exempt.is_some() {
        return Cell::new(format!("– {}", exempt(lang)), Role::Muted);
    }
    if let Some(decision) = shared.decision_for(suspect.stats.client) {
        if decision.simulated {
            return Cell::new(format!("□ {}", rehearsed(lang)), Role::Warning);
        }
        let word = banned(lang);
        let left = clock(shared.until(decision.until));
        return Cell {
            parts: vec![(Cow::Owned(format!("■ {word}")), Role::Danger), (Cow::Owned(format!(" {left}")), Role::Muted)],
        };
    }
    match shared.verdict_on(suspect.stats.client) {
        Some(verdict) => {
            let sure = percent(verdict.confidence);
            match verdict.opinion {
                Opinion::Yes => Cell::new(format!("! {} {sure}", attack(lang)), Role::VerdictYes),
                Opinion::No => Cell::new(format!("· {} {sure}", benign(lang)), Role::VerdictNo),
                Opinion::Unsure => Cell::new(format!("? {}", unsure(lang)), Role::VerdictUnsure),
            }
        }
        None => Cell::default(),
    }
}

fn gates_cell<'a>(suspect: &Suspect, lang: Lang) -> Cell<'a> {
    if let Some(why) = suspect.exempt {
        return Cell::new(why.label(lang), Role::Muted);
    }
    let mut cell = Cell::default();
    for hit in &suspect.gates {
        let gap = if cell.parts.is_empty() { "" } else { "  " };
        cell.parts.push((Cow::Owned(format!("{gap}{} ", hit.gate.label(lang))), Role::Muted));
        cell.parts.push((Cow::Owned(factor(hit.factor())), Role::Gate));
    }
    cell
}

/// What a filter looks at.
pub fn searched(suspect: &Suspect, shared: &Shared) -> String {
    let parts = [Column::Client, Column::Score, Column::State, Column::Gates, Column::Detectors];
    parts.map(|column| column.cell(suspect, shared, usize::MAX).text()).join(" ")
}
