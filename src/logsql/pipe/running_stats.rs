//! `running_stats by (a) sum(b) as c`: functions over the rows up to each row.

use super::super::registry::{Doc, Sort as Kind};
use super::running::Running;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "running_stats",
    aliases: &[],
    syntax: "running_stats by (field, …) function(field) as name, …",
    en: "Adds to each row what functions make of the rows up to it, in the order of time: count, sum, min, max, first, last.",
    ko: "시간 순서로 각 행까지의 행에 함수를 계산해 그 행에 더합니다: count, sum, min, max, first, last.",
    example: "* | running_stats by (remote_addr) sum(bytes) as bytes_so_far",
};

/// The pipe.
pub type RunningStats = Running<false>;

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
    fn results_grow_row_by_row_in_the_order_of_time() {
        let run = |calls: &str| run_rows(&format!("* | running_stats {calls} | fields n, r, s"), ROWS);
        assert_eq!(run("sum(n) r, count() s"), ["n=1 r=1 s=1", "n=3 r=4 s=2", "n=5 r=9 s=3", "n=2 r=11 s=4"]);
        assert_eq!(run("by (g) max(n) r, min(n) s"), ["n=1 r=1 s=1", "n=3 r=3 s=1", "n=2 r=3 s=1", "n=5 r=5 s=5"]);
        assert_eq!(run("first(n) r, last(n) offset 1 s"), ["n=1 r=1", "n=3 r=1 s=1", "n=5 r=1 s=3", "n=2 r=1 s=5"]);
    }
}
