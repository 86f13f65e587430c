//! Signs in a dossier that a person would point at: rules that its requests match, password guessing, a rate that
//! nobody keeps up by hand, names tried one after another. Pure arithmetic. A sign that decides is one that no
//! browser gives, whatever its user does; the others are only said.

use jiff::SignedDuration;

use super::Dossier;
use crate::detect::replay::Action;
use crate::detect::rules::{Request, RuleSet, Severity};
use crate::detect::score::Kind;
use crate::logs::{Row, ValueHits};
use crate::text::escape::visible;
use crate::text::number::percent;
use crate::text::{Lang, Say};

use super::verdict::cut;

/// Words of which one stands in the path of nearly every login.
const LOGIN_WORDS: [&str; 9] =
    ["login", "logon", "signin", "sign-in", "sign_in", "wp-login", "xmlrpc.php", "/auth", "/session"];
/// Refused answers to a password: unauthorised, forbidden, unprocessable, too many.
const REFUSED: [&str; 4] = ["401", "403", "422", "429"];
/// A person who forgot a password tries a few times in a window, not so often.
const GUESSES: u64 = 20;
/// Requests a second, kept up for [`STEADY_SECONDS`] on at most [`FEW_PATHS`] paths, that no browser makes.
const STEADY_RATE: f64 = 5.0;
const STEADY_SECONDS: i64 = 60;
const FEW_PATHS: u64 = 3;
/// More distinct paths, nearly all refused, than one broken page can ask for.
const MANY_PATHS: u64 = 60;
const NEARLY_ALL: f64 = 0.8;
/// At most so many rules are named.
const MAX_RULES: usize = 3;
/// At most so many parts of a score are said.
const MAX_PARTS: usize = 2;

/// One sign.
#[derive(Debug, Clone, PartialEq)]
pub enum Sign {
    /// A request matches a rule.
    Rule {
        /// How much the rule says.
        severity: Severity,
        /// What sort: `scanner`, `exploit`, `probe`, `automation`, `protocol`.
        category: String,
        /// What it means, in both languages.
        meaning: (String, String),
        /// The target or agent that matched: hostile text.
        example: String,
    },
    /// Many posts to a login, refused.
    PasswordGuessing {
        /// The login's path: hostile text.
        path: String,
        /// Refused answers.
        refused: u64,
    },
    /// A steady rate on a few paths.
    SteadyRate {
        /// Requests a second.
        per_second: f64,
        /// For how long, in seconds.
        seconds: i64,
        /// On so many paths.
        paths: u64,
    },
    /// Detection speaks against it.
    Detected {
        /// The probability of an attack.
        probability: f64,
        /// What that leads to.
        action: Action,
        /// The parts of the score in words, heaviest first, in both languages.
        parts: (String, String),
        /// What sort of attack the heaviest speaks for.
        category: &'static str,
    },
    /// Many distinct paths, nearly all refused, without a page that led there.
    Enumeration {
        /// Distinct paths.
        paths: u64,
        /// Share of 4xx, 0 to 1.
        ratio: f64,
    },
}

impl Sign {
    /// Whether no browser gives it, whatever its user does.
    pub fn decides(&self) -> bool {
        match self {
            Self::Rule { severity, .. } => *severity >= Severity::Severe,
            Self::Detected { action, .. } => *action == Action::Act,
            Self::PasswordGuessing { .. } | Self::SteadyRate { .. } | Self::Enumeration { .. } => true,
        }
    }

    /// The verdict's category that it speaks for.
    pub fn category(&self) -> &'static str {
        match self {
            Self::Rule { category, .. } if category == "exploit" => "exploit",
            Self::Rule { .. } => "scanner",
            Self::PasswordGuessing { .. } => "brute_force",
            Self::SteadyRate { .. } => "flood",
            Self::Detected { category, .. } => category,
            Self::Enumeration { .. } => "enumeration",
        }
    }

    /// The kind of evidence that shows it again.
    pub fn shown_by(&self) -> &'static [&'static str] {
        match self {
            Self::Rule { .. } => &["rules"],
            Self::PasswordGuessing { .. } => &["rules", "paths", "statuses", "methods"],
            Self::SteadyRate { .. } => &["rules", "timeline"],
            Self::Detected { .. } => &["score", "cohort"],
            Self::Enumeration { .. } => &["rules", "paths", "statuses"],
        }
    }
}

impl Say for Sign {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Rule { meaning, example, .. } => {
                let meaning = if lang == Lang::Ko { &meaning.1 } else { &meaning.0 };
                say::rule(lang, meaning, &cut(&visible(example), 80))
            }
            Self::PasswordGuessing { path, refused } => say::guessing(lang, &cut(&visible(path), 80), *refused),
            Self::SteadyRate { per_second, seconds, paths } => say::steady(lang, *per_second, *seconds, *paths),
            Self::Detected { probability, parts, .. } => {
                let parts = if lang == Lang::Ko { &parts.1 } else { &parts.0 };
                say::detected(lang, &percent(*probability), parts)
            }
            Self::Enumeration { paths, ratio } => say::enumeration(lang, *paths, &percent(*ratio)),
        }
    }
}

/// The signs of a dossier, those that decide first.
pub fn signs(dossier: &Dossier) -> Vec<Sign> {
    let mut signs = rules(dossier);
    signs.extend(guessing(dossier));
    signs.extend(steady_rate(dossier));
    signs.extend(enumeration(dossier));
    signs.extend(detected(dossier));
    signs.sort_by_key(|sign| !sign.decides());
    signs
}

/// The rules that its sample rows, paths and agents match, the heaviest first.
fn rules(dossier: &Dossier) -> Vec<Sign> {
    let set = RuleSet::shipped();
    let mut found: Vec<(&str, Sign)> = Vec::new();
    let mut look = |request: Request<'_>, example: &str| {
        for rule in set.matches(&request) {
            // A hint is what many innocent clients do too: not worth a sentence.
            if rule.severity > Severity::Hint && !found.iter().any(|(name, _)| *name == rule.name) {
                let meaning = (rule.meaning(Lang::En).to_owned(), rule.meaning(Lang::Ko).to_owned());
                let (severity, category) = (rule.severity, rule.category.clone());
                found.push((&rule.name, Sign::Rule { severity, category, meaning, example: example.to_owned() }));
            }
        }
    };
    for agent in &dossier.agents {
        look(Request { method: "GET", target: "/", agent: &agent.value, ..Request::default() }, &agent.value);
    }
    // An agent that no rule knows, so that only the path speaks.
    let silent = "gatewatch";
    for path in &dossier.top_paths {
        look(Request { method: "GET", target: &path.value, agent: silent, ..Request::default() }, &path.value);
    }
    for row in &dossier.rows {
        let request = request_of(row, dossier);
        look(request, request.target);
    }
    found.sort_by_key(|(_, sign)| match sign {
        Sign::Rule { severity, .. } => std::cmp::Reverse(*severity),
        _ => std::cmp::Reverse(Severity::Hint),
    });
    found.into_iter().map(|(_, sign)| sign).take(MAX_RULES).collect()
}

/// The parts of a row that rules look at.
fn request_of<'a>(row: &'a Row, dossier: &Dossier) -> Request<'a> {
    let fields = &dossier.fields;
    let get = |field: &Option<String>| field.as_deref().map_or("", |field| row.get(field));
    let mut words = get(&fields.request).split(' ');
    let (line_method, line_target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let first = |one: &'a str, other: &'a str| if one.is_empty() { other } else { one };
    Request {
        method: first(get(&fields.method), line_method),
        target: first(first(get(&fields.uri), get(&fields.path)), line_target),
        protocol: words.next().unwrap_or_default(),
        status: get(&fields.status).parse().unwrap_or_default(),
        agent: get(&fields.user_agent),
        referer: get(&fields.referer),
    }
}

fn guessing(dossier: &Dossier) -> Option<Sign> {
    let is_login = |path: &&ValueHits| {
        let path = path.value.to_ascii_lowercase();
        LOGIN_WORDS.iter().any(|word| path.contains(word))
    };
    let login = dossier.top_paths.iter().filter(is_login).max_by_key(|path| path.hits)?;
    let sum = |values: &[ValueHits], wanted: &[&str]| -> u64 {
        values.iter().filter(|one| wanted.contains(&one.value.as_str())).map(|one| one.hits).sum()
    };
    let refused = sum(&dossier.statuses, &REFUSED).min(login.hits);
    let posts = sum(&dossier.methods, &["POST"]);
    (login.hits >= GUESSES && refused >= GUESSES && posts >= GUESSES)
        .then(|| Sign::PasswordGuessing { path: login.value.clone(), refused })
}

#[expect(clippy::cast_precision_loss, reason = "requests of a window and its seconds stay far below 2^53")]
fn steady_rate(dossier: &Dossier) -> Option<Sign> {
    let stats = &dossier.suspect.stats;
    let span: SignedDuration = stats.last_seen?.duration_since(stats.first_seen?);
    let seconds = span.as_secs();
    if seconds < STEADY_SECONDS || stats.paths == 0 || stats.paths > FEW_PATHS || dossier.agents.len() != 1 {
        return None;
    }
    let per_second = stats.requests as f64 / seconds as f64;
    (per_second >= STEADY_RATE).then_some(Sign::SteadyRate { per_second, seconds, paths: stats.paths })
}

fn enumeration(dossier: &Dossier) -> Option<Sign> {
    let stats = &dossier.suspect.stats;
    let referer = dossier.fields.referer.as_deref()?;
    let led_there = dossier.rows.iter().any(|row| !matches!(row.get(referer), "" | "-"));
    let enough = stats.paths >= MANY_PATHS && stats.ratio_4xx() >= NEARLY_ALL && !dossier.rows.is_empty();
    (enough && !led_there).then(|| Sign::Enumeration { paths: stats.paths, ratio: stats.ratio_4xx() })
}

/// Scores are calibrated; the one that leads to acting has two kinds of evidence, or one that cannot be innocent.
fn detected(dossier: &Dossier) -> Option<Sign> {
    let score = dossier.suspect.score.as_ref()?;
    let action = score.action?;
    let said = |lang| {
        let parts = score.parts.iter().take(MAX_PARTS).map(|part| part.say(lang, RuleSet::shipped()));
        parts.collect::<Vec<_>>().join("; ")
    };
    let category = match score.parts.first()?.kind {
        Kind::Login => "brute_force",
        Kind::Burst => "flood",
        Kind::Harvest => "scraper",
        Kind::Probing | Kind::Rule | Kind::Identity => "scanner",
        _ => "other",
    };
    Some(Sign::Detected { probability: score.probability, action, parts: (said(Lang::En), said(Lang::Ko)), category })
}

/// The sentences.
mod say {
    crate::text::sentences! {
        rule(meaning: &str, example: &str) {
            en: "{meaning}: {example}",
            ko: "{meaning}: {example}",
        }
        guessing(path: &str, refused: u64) {
            en: "it posted to the login {path} and was refused {refused} times, as when passwords are guessed",
            ko: "로그인 {path}에 요청을 보내 {refused}번 거부되었으며 비밀번호 추측으로 보입니다",
        }
        steady(per_second: f64, seconds: i64, paths: u64) {
            en: "it kept up {per_second:.1} requests a second for {seconds} s on {paths} path(s), which no browser does",
            ko: "경로 {paths}개에 {seconds}초 동안 초당 {per_second:.1}건을 계속 요청했으며 브라우저는 그렇게 하지 않습니다",
        }
        detected(percent: &str, parts: &str) {
            en: "detection gives an attack a probability of {percent} ({parts})",
            ko: "탐지가 본 공격 확률은 {percent}입니다({parts})",
        }
        enumeration(paths: u64, percent: &str) {
            en: "it tried {paths} distinct paths of which {percent} do not exist or are refused, and no page led there",
            ko: "서로 다른 경로 {paths}개를 시도했고 {percent}가 없거나 거부되었으며, 어떤 페이지에서도 이어진 요청이 아닙니다",
        }
    }
}
