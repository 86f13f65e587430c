//! Reads series where the data lies: those that one question can give together, and the same hour of earlier weeks.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};

use super::{Watched, is_robust};
use crate::detect::access::AccessLog;
use crate::detect::baseline::Series;
use crate::detect::baseline::query::{self, Question};
use crate::detect::baseline::series::{self, Point};
use crate::engine::Engine;
use crate::logs::{Query, SourceError, Window};
use crate::text::Say as _;

/// So many questions are asked at once.
const AT_ONCE: usize = 4;
/// A robust rule looks at the same hour of the week.
pub(super) const HOUR: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// A series as it was read, by source.
pub(super) struct Read<'a> {
    pub(super) series: &'a Series,
    pub(super) question: Question,
    /// The range of the recent points.
    pub(super) window: Window,
    pub(super) recent: BTreeMap<String, Vec<Point>>,
    /// The same hour of earlier weeks.
    pub(super) weeks: BTreeMap<String, Vec<Point>>,
}

/// Series that one question gives.
struct Group<'a> {
    range: Window,
    step: Duration,
    members: Vec<(&'a Series, Question)>,
}

impl Group<'_> {
    /// Whether a series can be asked for along with these.
    fn takes(&self, series: &Series, question: &Question, range: Window) -> bool {
        let is_like =
            |known: &Question| known.by == question.by && known.parts.is_some() && known.base() == question.base();
        self.range == range && self.step == series.step && self.members.iter().all(|(_, known)| is_like(known))
    }

    /// The name of a member's result.
    fn name(place: usize) -> String {
        format!("gw_series_{place}")
    }

    /// The LogsQL.
    fn text(&self) -> String {
        let (Some((_, first)), true) = (self.members.first(), self.members.len() > 1) else {
            return self.members.first().map(|(_, question)| question.text.clone()).unwrap_or_default();
        };
        let functions = self.members.iter().enumerate().filter_map(|(place, (_, question))| {
            let (_, function) = question.parts.as_ref()?;
            Some(format!("{function} as {}", Self::name(place)))
        });
        let by =
            first.by.as_deref().map_or_else(String::new, |name| format!("by ({}) ", crate::logsql::quote_field(name)));
        format!("{} | stats {by}{}", first.base().unwrap_or("*"), functions.collect::<Vec<_>>().join(", "))
    }
}

impl Engine {
    /// Reads the series in use. What the source does not have is left out; what fails is said.
    pub(super) async fn read_all(&self, log: &AccessLog<'_>, window: Window, watched: &mut Watched) -> Vec<Read<'_>> {
        let lang = self.settings.lang;
        let in_use: Vec<&Series> = self.settings.baselines.in_use().collect();
        let mut names = Vec::new();
        if in_use.iter().any(|series| !series.fields.is_empty() || !series.by.is_empty()) {
            match self.source.field_names(Query::new("*", window)).await {
                Ok(found) => names = found.into_iter().map(|name| name.value).collect(),
                Err(error) => watched.failures.push(error.say(lang)),
            }
        }
        // Series that differ only in what they count are one question.
        let mut groups: Vec<Group<'_>> = Vec::new();
        for series in in_use {
            let Some(question) = query::question(series, log, &names) else { continue };
            let range = self.range_of(series, window);
            match groups.iter_mut().find(|group| group.takes(series, &question, range)) {
                Some(group) => group.members.push((series, question)),
                None => groups.push(Group { range, step: series.step, members: vec![(series, question)] }),
            }
        }
        let mut reads: Vec<Result<Vec<Read<'_>>, SourceError>> = Vec::new();
        let mut asked: Vec<BoxFuture<'_, Result<Vec<Read<'_>>, SourceError>>> = Vec::new();
        for group in groups {
            asked.push(Box::pin(self.read(group, window)));
            if asked.len() == AT_ONCE {
                reads.extend(join_all(asked.drain(..)).await);
            }
        }
        reads.extend(join_all(asked).await);
        let mut done = Vec::new();
        for read in reads {
            match read {
                Ok(read) => done.extend(read),
                Err(error) => watched.failures.push(error.say(lang)),
            }
        }
        done
    }

    /// How far back the rules over a series look, robust ones left aside.
    pub(super) fn range_of(&self, series: &Series, study: Window) -> Window {
        let rules = self.settings.baselines.rules_on(&series.name).filter(|rule| !is_robust(rule));
        let back = rules.map(|rule| rule.window).max().unwrap_or_default();
        let study = series::whole_steps(study, series.step);
        series::whole_steps(Window { start: Window::ending(study.start, back).start, ..study }, series.step)
    }

    /// Reads the series of a question, and the same hour of earlier weeks where a rule asks for that.
    async fn read<'a>(&'a self, group: Group<'a>, study: Window) -> Result<Vec<Read<'a>>, SourceError> {
        let whole = self.source.info().label;
        let samples = self.source.stats(Query::new(group.text(), group.range), Some(group.step)).await?;
        let mut reads = Vec::new();
        let alone = group.members.len() == 1;
        for (place, (series, question)) in group.members.into_iter().enumerate() {
            let name = if alone { series::VALUE.to_owned() } else { Group::name(place) };
            let recent = series::by_source(&samples, &name, question.by.as_deref(), &whole, series.scale);
            let weeks = self.weeks(series, &question, study).await?;
            reads.push(Read { series, question, window: group.range, recent, weeks });
        }
        Ok(reads)
    }

    /// The points at the same hour of earlier weeks, where a rule compares with them.
    pub(super) async fn weeks(
        &self,
        series: &Series,
        question: &Question,
        study: Window,
    ) -> Result<BTreeMap<String, Vec<Point>>, SourceError> {
        let mut weeks: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        let Some(rule) = self.settings.baselines.rules_on(&series.name).find(|rule| is_robust(rule)) else {
            return Ok(weeks);
        };
        let (whole, study) = (self.source.info().label, series::whole_steps(study, series.step));
        let count = u32::try_from(rule.window.as_secs() / WEEK.as_secs()).unwrap_or(4).min(8);
        for week in (1..=count).rev() {
            let middle = Window::ending(study.end, WEEK * week).start;
            let end = middle.checked_add(HOUR / 2).unwrap_or(middle);
            let hour = series::whole_steps(Window::ending(end, HOUR), series.step);
            let samples = self.source.stats(Query::new(question.text.clone(), hour), Some(series.step)).await?;
            let points = series::by_source(&samples, series::VALUE, question.by.as_deref(), &whole, series.scale);
            for (source, points) in points {
                weeks.entry(source).or_default().extend(points);
            }
        }
        Ok(weeks)
    }
}
