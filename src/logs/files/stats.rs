//! The numbers of a query that ends in `stats`, with their labels, as VictoriaLogs' `stats_query` and
//! `stats_query_range` give them.

use std::time::Duration;

use jiff::Timestamp;

use super::execute;
use crate::logs::{Row, Sample, SourceError, piped};
use crate::logsql::pipe::Pipe;

/// How the numbers are asked for and read.
pub struct StatsPlan {
    /// The query, with time buckets where a series is asked for.
    pub text: String,
    /// The fields that are labels.
    labels: Vec<String>,
    series: bool,
}

impl StatsPlan {
    /// A plan for a query; with a step, for a series.
    pub fn new(text: &str, step: Option<Duration>) -> Result<Self, SourceError> {
        let query = execute::parse(text)?;
        let last = query.pipes.iter().rposition(|pipe| matches!(pipe, Pipe::Stats(_))).ok_or(SourceError::NoStats)?;
        let labels = match &query.pipes[last] {
            Pipe::Stats(stats) => stats.results().0.into_iter().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let mut head = query.clone();
        head.pipes.clear();
        let text = query.pipes.iter().enumerate().fold(head.to_string(), |text, (index, pipe)| {
            let pipe = match step.filter(|_| index == last) {
                Some(step) => in_buckets(&pipe.to_string(), step),
                None => pipe.to_string(),
            };
            piped::behind(&text, &pipe)
        });
        Ok(Self { text, labels, series: step.is_some() })
    }

    /// The numbers in the rows of an answer, by label and time; `at` is the instant of those that have none.
    pub fn samples(&self, rows: &[Row], at: Timestamp) -> Vec<Sample> {
        let mut samples: Vec<Sample> = rows.iter().flat_map(|row| self.samples_of(row, at)).collect();
        samples.sort_by(|one, other| one.labels.cmp(&other.labels).then(one.at.cmp(&other.at)));
        samples
    }

    fn samples_of<'r>(&'r self, row: &'r Row, at: Timestamp) -> impl Iterator<Item = Sample> + 'r {
        let at = if self.series { row.get("_time").parse().unwrap_or(at) } else { at };
        let is_label = |name: &str| self.labels.iter().any(|label| label == name) || (self.series && name == "_time");
        row.iter().filter(move |(name, _)| !is_label(name)).map(move |(name, value)| {
            let mut labels: Vec<(String, String)> =
                self.labels.iter().map(|label| (label.clone(), row.get(label).to_owned())).collect();
            labels.push(("__name__".to_owned(), name.to_owned()));
            labels.sort();
            Sample { labels, at, value: value.to_owned() }
        })
    }
}

/// A `stats` pipe in canonical form, grouped by steps of time beside its own groups.
fn in_buckets(pipe: &str, step: Duration) -> String {
    let step = piped::step_of(step);
    match (pipe.strip_prefix("stats by ("), pipe.strip_prefix("stats ")) {
        (Some(rest), _) => format!("stats by (_time:{step}, {rest}"),
        (None, Some(rest)) => format!("stats by (_time:{step}) {rest}"),
        (None, None) => pipe.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_grouped_by_time_too() {
        let minute = Some(Duration::from_secs(60));
        let plan = StatsPlan::new("a:b | count() x | stats by (c) sum(x) y | filter y:>1", minute).unwrap();
        assert_eq!(plan.text, "a:b\n| stats count(*) as x\n| stats by (_time:60s, c) sum(x) as y\n| filter y:>1");
        assert!(
            StatsPlan::new("* | count() x", minute).unwrap().text.ends_with("| stats by (_time:60s) count(*) as x")
        );
        assert!(matches!(StatsPlan::new("* | limit 1", None), Err(SourceError::NoStats)));
    }
}
