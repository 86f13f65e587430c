//! What the forest looks at: a client's behaviour in numbers. Counts are taken as logarithms, because ten requests and
//! twenty differ as much as a thousand and two.

use super::super::traffic::{ClientProfile, Traffic};
use crate::text::Lang;

/// How many features there are.
pub const COUNT: usize = 18;

/// A client's features, in the order of [`FEATURES`]; `None` where its log does not say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features(pub [Option<f32>; COUNT]);

/// A feature.
pub struct Feature {
    /// Its name in model files and reports: stable, English.
    pub name: &'static str,
    /// Its name for people.
    pub label: fn(Lang) -> &'static str,
    /// How its value reads.
    pub unit: Unit,
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The logarithm of a number, counted from 0.
    Count,
    /// A share of 1.
    Share,
    /// log10 of milliseconds.
    Interval,
    /// As it is.
    Plain,
}

/// All of them.
pub const FEATURES: [Feature; COUNT] = [
    Feature { name: "requests", label: say::requests, unit: Unit::Count },
    Feature { name: "interval_mean", label: say::interval_mean, unit: Unit::Interval },
    Feature { name: "interval_spread", label: say::interval_spread, unit: Unit::Plain },
    Feature { name: "peak_minute", label: say::peak_minute, unit: Unit::Count },
    Feature { name: "paths", label: say::paths, unit: Unit::Count },
    Feature { name: "path_length", label: say::path_length, unit: Unit::Plain },
    Feature { name: "depth", label: say::depth, unit: Unit::Plain },
    Feature { name: "query_length", label: say::query_length, unit: Unit::Count },
    Feature { name: "query_share", label: say::query_share, unit: Unit::Share },
    Feature { name: "agent_length", label: say::agent_length, unit: Unit::Plain },
    Feature { name: "agent_changes", label: say::agent_changes, unit: Unit::Share },
    Feature { name: "status_3xx", label: say::status_3xx, unit: Unit::Share },
    Feature { name: "status_4xx", label: say::status_4xx, unit: Unit::Share },
    Feature { name: "status_5xx", label: say::status_5xx, unit: Unit::Share },
    Feature { name: "asset_share", label: say::asset_share, unit: Unit::Share },
    Feature { name: "referer_share", label: say::referer_share, unit: Unit::Share },
    Feature { name: "write_share", label: say::write_share, unit: Unit::Share },
    Feature { name: "bytes_per_request", label: say::bytes, unit: Unit::Count },
];

/// A client's features.
#[expect(clippy::cast_precision_loss, reason = "the forest needs no precision")]
pub fn of(traffic: &Traffic<'_>, client: &ClientProfile) -> Features {
    let targets = Targets::of(traffic, client);
    let log = |value: f64| ((value + 1.0).ln()) as f32;
    let count = |value: u32| Some(log(f64::from(value)));
    let share = |value: u32| Some((f64::from(value) / f64::from(client.requests.max(1))).min(1.0) as f32);
    let mean = |sum: u64| (targets.count > 0).then(|| (sum as f64 / targets.count as f64) as f32);
    Features([
        count(client.requests),
        (client.requests >= 2).then(|| client.gap_mean()),
        client.gap_spread(),
        count(client.peak_minute),
        count(u32::try_from(client.targets.len()).unwrap_or(u32::MAX)),
        mean(targets.path_length),
        mean(targets.depth),
        mean(targets.query_length).map(|length| log(f64::from(length))),
        share(client.with_query),
        Some(traffic.agent_text(client.agent).chars().count().min(1_000) as f32),
        share(client.agent_changes),
        share(client.s3xx),
        share(client.s4xx),
        share(client.s5xx),
        share(client.assets),
        share(client.requests.saturating_sub(client.without_referer)),
        share(client.writes),
        Some(log(client.bytes as f64 / f64::from(client.requests.max(1)))),
    ])
}

/// Sums over a client's distinct targets: whole numbers, so that their order does not matter.
#[derive(Default)]
struct Targets {
    count: u64,
    path_length: u64,
    depth: u64,
    query_length: u64,
}

impl Targets {
    fn of(traffic: &Traffic<'_>, client: &ClientProfile) -> Self {
        let mut sums = Self::default();
        for number in client.targets.iter() {
            let text = traffic.target_text(number);
            if text.is_empty() {
                continue;
            }
            let (path, query) = text.split_once('?').unwrap_or((text, ""));
            sums.count += 1;
            sums.path_length += path.len() as u64;
            sums.query_length += query.len() as u64;
            sums.depth += path.split('/').filter(|part| !part.is_empty()).count() as u64;
        }
        sums
    }
}

/// The names for people.
mod say {
    crate::text::words! {
        requests { en: "requests", ko: "요청 수" }
        interval_mean { en: "time between requests", ko: "요청 간격" }
        interval_spread { en: "spread of the intervals", ko: "간격의 편차" }
        peak_minute { en: "most requests in a minute", ko: "1분 최대 요청" }
        paths { en: "distinct paths", ko: "서로 다른 경로" }
        path_length { en: "path length", ko: "경로 길이" }
        depth { en: "path depth", ko: "경로 깊이" }
        query_length { en: "query length", ko: "쿼리 길이" }
        query_share { en: "with a query", ko: "쿼리 포함 비율" }
        agent_length { en: "agent length", ko: "에이전트 길이" }
        agent_changes { en: "changes of agent", ko: "에이전트 변경" }
        status_3xx { en: "3xx answers", ko: "3xx 응답" }
        status_4xx { en: "4xx answers", ko: "4xx 응답" }
        status_5xx { en: "5xx answers", ko: "5xx 응답" }
        asset_share { en: "assets", ko: "정적 자원" }
        referer_share { en: "with a referer", ko: "리퍼러 포함 비율" }
        write_share { en: "writing methods", ko: "쓰기 메서드" }
        bytes { en: "bytes a request", ko: "요청당 바이트" }
    }
}
