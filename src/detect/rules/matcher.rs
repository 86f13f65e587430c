//! Compiles rules to one multi-pattern automaton and one regex set per part of a request, and answers with a bit per
//! rule: set where that part does not speak against the rule. The bits of all parts are then joined by "and".

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::RegexSet;
use smallvec::{SmallVec, smallvec};

use super::error::{Fault, RuleError};
use super::file::{Patterns, RuleText};
use super::{Request, normal};

/// A bit per rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Bits(SmallVec<[u64; 2]>);

impl Bits {
    fn none(count: usize) -> Self {
        Self(smallvec![0; count.div_ceil(64)])
    }
    fn all(count: usize) -> Self {
        Self(smallvec![u64::MAX; count.div_ceil(64)])
    }
    fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }
    fn clear(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word &= !(1 << (index % 64));
        }
    }
    fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
    /// Keeps what the other has too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(one, two)| *one &= two);
    }
    pub(super) fn intersects(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, two)| one & two != 0)
    }
    /// Whether it has one that the other has not.
    fn exceeds(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, two)| one & !two != 0)
    }
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
    pub(super) fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(index, &word)| {
            // Without the lowest bit that is set, again and again.
            let words = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
            words.take_while(|word| *word != 0).map(move |word| index * 64 + word.trailing_zeros() as usize)
        })
    }
}

/// Where in the text a literal has to stand.
#[derive(Debug, Clone, Copy)]
enum Place {
    Whole,
    Start,
    End,
    Anywhere,
}

/// All rules' patterns for one part.
#[derive(Debug, Default)]
struct Part {
    literals: Option<AhoCorasick>,
    /// By literal: the rule, and where it has to stand.
    meanings: Vec<(usize, Place)>,
    regexes: RegexSet,
    /// By regex: the rule.
    regex_rules: Vec<usize>,
    /// Rules that match the empty text (`equals = [""]`), which an automaton cannot hold.
    empty: Vec<usize>,
    /// Rules that do not look at this part: always set.
    indifferent: Bits,
}

impl Part {
    fn compile(rules: &[RuleText], of: impl Fn(&RuleText) -> &Patterns) -> Result<Self, RuleError> {
        let mut part = Self { indifferent: Bits::none(rules.len()), ..Self::default() };
        let (mut literals, mut regexes) = (Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let patterns = of(rule);
            if patterns.is_empty() {
                part.indifferent.set(index);
            }
            for (texts, place) in [
                (&patterns.equals, Place::Whole),
                (&patterns.starts, Place::Start),
                (&patterns.ends, Place::End),
                (&patterns.contains, Place::Anywhere),
            ] {
                for text in texts {
                    if text.is_empty() {
                        part.empty.push(index);
                    } else {
                        literals.push(text.to_ascii_lowercase());
                        part.meanings.push((index, place));
                    }
                }
            }
            for text in &patterns.regex {
                regex::Regex::new(text).map_err(|error| rule.error(Fault::Pattern(error.to_string())))?;
                regexes.push(text.as_str());
                part.regex_rules.push(index);
            }
        }
        if !literals.is_empty() {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::DFA))
                .build(&literals);
            part.literals = Some(automaton.map_err(|error| rules[0].error(Fault::Pattern(error.to_string())))?);
        }
        part.regexes = RegexSet::new(&regexes).map_err(|error| rules[0].error(Fault::Pattern(error.to_string())))?;
        Ok(part)
    }

    /// Keeps the rules that this part does not speak against. `text` is in normal form.
    fn narrow(&self, kept: &mut Bits, text: &str) {
        let mut matched: SmallVec<[usize; 8]> = SmallVec::new();
        if text.is_empty() {
            matched.extend_from_slice(&self.empty);
        }
        // Whether there is any is told faster than which, here and of the regexes.
        let literals = self.literals.iter().filter(|automaton| automaton.is_match(text));
        for found in literals.flat_map(|automaton| automaton.find_overlapping_iter(text)) {
            let (rule, place) = self.meanings[found.pattern().as_usize()];
            let stands = match place {
                Place::Whole => found.start() == 0 && found.end() == text.len(),
                Place::Start => found.start() == 0,
                Place::End => found.end() == text.len(),
                Place::Anywhere => true,
            };
            if stands {
                matched.push(rule);
            }
        }
        if self.regexes.is_match(text) {
            matched.extend(self.regexes.matches(text).into_iter().map(|index| self.regex_rules[index]));
        }
        matched.retain(|rule| kept.has(*rule));
        kept.keep(&self.indifferent);
        matched.into_iter().for_each(|rule| kept.set(rule));
    }
}

/// The parts that only few values can have: checked per rule that is still in question.
#[derive(Debug, Default)]
struct Small {
    method: Vec<String>,
    protocol: Vec<String>,
    status: Vec<std::ops::RangeInclusive<u16>>,
}

/// All rules, part by part.
#[derive(Debug, Default)]
pub(super) struct Parts {
    target: Part,
    whole: Part,
    path: Part,
    query: Part,
    agent: Part,
    referer: Part,
    small: Vec<Small>,
}

impl Parts {
    pub(super) fn compile(rules: &[RuleText]) -> Result<Self, RuleError> {
        let small = rules.iter().map(|rule| {
            let status = rule
                .status
                .iter()
                .map(|text| status_range(text).ok_or_else(|| rule.error(Fault::Status(text.clone()))));
            Ok(Small {
                method: rule.method.clone(),
                protocol: rule.protocol.clone(),
                status: status.collect::<Result<_, _>>()?,
            })
        });
        Ok(Self {
            target: Part::compile(rules, |rule| &rule.target)?,
            whole: Part::compile(rules, |rule| &rule.whole)?,
            path: Part::compile(rules, |rule| &rule.path)?,
            query: Part::compile(rules, |rule| &rule.query)?,
            agent: Part::compile(rules, |rule| &rule.agent)?,
            referer: Part::compile(rules, |rule| &rule.referer)?,
            small: small.collect::<Result<_, RuleError>>()?,
        })
    }

    /// What a path in normal form tells by itself.
    pub(super) fn path(&self, path: &str) -> Bits {
        let mut bits = Bits::all(self.small.len());
        self.path.narrow(&mut bits, path);
        bits
    }

    /// What a target tells whose path told `bits`. `target` patterns see it as sent, in lower case, with
    /// `encoded-twice:` before it where it was.
    pub(super) fn target(&self, sent: &str, normal: &normal::Target, mut bits: Bits) -> Bits {
        let mut raw = normal::header(sent);
        if normal.twice {
            raw.to_mut().insert_str(0, "encoded-twice:");
        }
        self.target.narrow(&mut bits, &raw);
        self.whole.narrow(&mut bits, normal.whole());
        self.query.narrow(&mut bits, normal.query());
        bits
    }

    pub(super) fn agent(&self, agent: &str) -> Bits {
        let mut bits = Bits::all(self.small.len());
        self.agent.narrow(&mut bits, &normal::header(agent));
        bits
    }

    /// Clears the rules that the rest of the request speaks against.
    pub(super) fn narrow(&self, bits: &mut Bits, request: &Request<'_>) {
        if bits.exceeds(&self.referer.indifferent) {
            self.referer.narrow(bits, &normal::header(request.referer));
        }
        for index in bits.clone().ones() {
            let Some(small) = self.small.get(index) else { continue };
            let allows = |texts: &[String], value: &str| texts.is_empty() || texts.iter().any(|text| text == value);
            let status = small.status.is_empty() || small.status.iter().any(|range| range.contains(&request.status));
            if !(status && allows(&small.method, request.method) && allows(&small.protocol, request.protocol)) {
                bits.clear(index);
            }
        }
    }
}

/// `404` → 404..=404, `4xx` → 400..=499.
fn status_range(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
        return Some(class * 100..=class * 100 + 99);
    }
    let code = text.parse().ok()?;
    Some(code..=code)
}
