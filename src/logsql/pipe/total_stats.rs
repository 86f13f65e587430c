//! `total_stats by (a) sum(b) as c`: functions over the whole group of each row.

use super::super::registry::{Doc, Sort as Kind};
use super::running::Running;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "total_stats",
    aliases: &[],
    syntax: "total_stats by (field, …) function(field) as name, …",
    en: "Adds to each row what functions make of all rows of its group: count, sum, min, max, first, last.",
    ko: "행이 속한 그룹 전체에 함수를 계산해 각 행에 더합니다: count, sum, min, max, first, last.",
    example: "* | stats by (path) count(*) as hits | total_stats sum(hits) as total",
};

/// The pipe.
pub type TotalStats = Running<true>;

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    const ROWS: &[&[(&str, &str)]] = &[
        &[("_time", "2024-01-01T00:00:02Z"), ("n", "3"), ("g", "a")],
        &[("_time", "2024-01-01T00:00:01Z"), ("n", "1"), ("g", "a")],
        &[("_time", "2024-01-01T00:00:03Z"), ("n", "5"), ("g", "bb")],
        &[("_time", "2024-01-01T00:00:04Z"), ("n", "2"), ("g", "a")],
    ];

    #[test]
    fn every_row_gets_the_result_of_its_group() {
        let run = |calls: &str| run_rows(&format!("* | total_stats {calls} | fields n, r, s"), ROWS);
        assert_eq!(run("sum(n) r, count() s"), ["n=1 r=11 s=4", "n=3 r=11 s=4", "n=5 r=11 s=4", "n=2 r=11 s=4"]);
        assert_eq!(run("by (g) max(n) r, last(n) s"), ["n=1 r=3 s=2", "n=3 r=3 s=2", "n=2 r=3 s=2", "n=5 r=5 s=5"]);
    }
}
