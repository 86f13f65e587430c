//! The names under which lines that name their fields carry their time.

/// The rank of `_time`, which is the row's time itself.
pub const OWN: usize = 0;

/// Best first. Where a line has several, when it was written counts more than when the request began.
const NAMES: [&str; 14] = [
    "_time",
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "time_iso8601",
    "time_local",
    "msec",
    "datetime",
    "date",
    "start_time",
    "StartUTC",
    "StartLocal",
    "t",
];

/// How good a name is; smaller is better.
pub fn rank(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}
