//! The ways of values into SQLite and out of it.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::JournalError;

/// The two ends of a range as 16 bytes each, in network order; IPv4 as IPv4-mapped IPv6.
pub(super) fn ends(target: IpNet) -> ([u8; 16], [u8; 16]) {
    let wide = |address: IpAddr| -> Ipv6Addr {
        match address {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        }
    };
    (wide(target.network()).octets(), wide(target.broadcast()).octets())
}

pub(super) fn json(value: &impl Serialize) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|cause| JournalError::Statement { cause: cause.to_string() })
}

/// A column of JSON.
pub(super) fn from_json<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|cause| unreadable(row, column, cause))
}

/// A column of microseconds.
pub(super) fn time(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|cause| unreadable(row, column, cause))
}

/// A column that holds a number which is never negative.
pub(super) fn count(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or(0))
}

/// A number for a column; SQLite's end at 2^63.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unreadable(
    row: &rusqlite::Row<'_>,
    column: &str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or(0);
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(cause))
}
