//! The JSON answers of the endpoints that answer in one piece, as the server writes them, and what becomes of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::logs::piped::{facets_of, most_frequent_first, named, series};
use crate::logs::{Facet, HitSeries, Sample, ValueHits};

/// `/hits`.
#[derive(Debug, Deserialize)]
pub(super) struct Hits {
    #[serde(default)]
    hits: Vec<HitsGroup>,
}

#[derive(Debug, Deserialize)]
struct HitsGroup {
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    timestamps: Vec<Timestamp>,
    #[serde(default)]
    values: Vec<u64>,
}

impl Hits {
    /// Series with their fields in the order asked for, buckets in the order of time.
    pub fn into_series(self, group_by: &[String]) -> Vec<HitSeries> {
        let points = self.hits.into_iter().flat_map(|group| {
            let fields = named(group_by, |name| group.fields.get(name).cloned().unwrap_or_default());
            group.timestamps.into_iter().zip(group.values).map(move |(at, hits)| (fields.clone(), at, hits))
        });
        series(points)
    }
}

/// `/field_names`, `/field_values` and `/streams`.
#[derive(Debug, Deserialize)]
pub(super) struct Values {
    #[serde(default)]
    values: Vec<ValueHits>,
}

impl Values {
    /// Most frequent first, then by value.
    pub fn sorted(self) -> Vec<ValueHits> {
        most_frequent_first(self.values)
    }
}

/// `/facets`.
#[derive(Debug, Deserialize)]
pub(super) struct Facets {
    #[serde(default)]
    facets: Vec<FacetValues>,
}

#[derive(Debug, Deserialize)]
struct FacetValues {
    field_name: String,
    #[serde(default)]
    values: Vec<FacetValue>,
}

#[derive(Debug, Deserialize)]
struct FacetValue {
    field_value: String,
    hits: u64,
}

impl Facets {
    /// By field name; values most frequent first.
    pub fn sorted(self) -> Vec<Facet> {
        facets_of(self.facets.into_iter().flat_map(|facet| {
            let name = facet.field_name;
            facet
                .values
                .into_iter()
                .map(move |value| (name.clone(), ValueHits { value: value.field_value, hits: value.hits }))
        }))
    }
}

/// `/stats_query` and `/stats_query_range`, in Prometheus' shape.
#[derive(Debug, Deserialize)]
pub(super) struct Stats {
    data: StatsData,
}

#[derive(Debug, Deserialize)]
struct StatsData {
    #[serde(default)]
    result: Vec<StatsSeries>,
}

#[derive(Debug, Deserialize)]
struct StatsSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    /// One value at one instant.
    value: Option<(f64, String)>,
    /// Values over time.
    #[serde(default)]
    values: Vec<(f64, String)>,
}

impl Stats {
    /// The samples by labels and time. `at`, where given, is the instant of single values: the server tells one that
    /// is off by a nanosecond.
    pub fn into_samples(self, at: Option<Timestamp>) -> Vec<Sample> {
        let mut samples: Vec<Sample> = self.data.result.into_iter().flat_map(StatsSeries::samples).collect();
        if let Some(at) = at {
            for sample in &mut samples {
                sample.at = at;
            }
        }
        samples.sort_by(|one, other| one.labels.cmp(&other.labels).then(one.at.cmp(&other.at)));
        samples
    }
}

impl StatsSeries {
    fn samples(self) -> impl Iterator<Item = Sample> {
        let labels: Vec<(String, String)> = self.metric.into_iter().collect();
        self.values
            .into_iter()
            .chain(self.value)
            .filter_map(move |(seconds, value)| Some(Sample { labels: labels.clone(), at: instant(seconds)?, value }))
    }
}

/// Seconds since 1970 to the millisecond, which is as fine as a step can be.
#[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates, and the timestamp checks the range")]
fn instant(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()
}
