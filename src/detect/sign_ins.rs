//! Sign-ins over SSH out of sshd's messages where they lie on a server: counted there by address and minute, so that
//! no message travels. They become the requests that the same messages in a file give (see [`super::reader`]); those
//! between the first and the last of a minute are spread evenly. This module asks nothing itself and reads no clock.

use std::net::IpAddr;

use super::gates::read_number;
use super::ranges;
use super::reader::{SSH, SSH_TARGET};
use super::rules::Request;
use super::traffic::Hit;
use crate::logs::Row;
use crate::logsql::quote_value as value;

/// At most so many rows of the aggregation are asked for, and at most so many sign-ins are taken out of them.
pub const MOST_ROWS: usize = 100_000;
const MOST: usize = 2_000_000;

/// sshd's words before a sign-in that was refused. What a peer calls itself follows, and only then the address.
const REFUSED: [&str; 4] = ["Failed", "Invalid user", "Illegal user", "maximum authentication attempts exceeded for"];
const ACCEPTED: &str = "Accepted";

/// A sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignIn {
    /// When, in milliseconds of Unix time.
    pub at_ms: i64,
    /// Who.
    pub client: IpAddr,
    /// Whether it got in.
    pub is_accepted: bool,
}

impl SignIn {
    /// It as a request.
    pub fn hit(&self) -> Hit<'static> {
        let status = if self.is_accepted { 200 } else { 401 };
        Hit {
            at_ms: self.at_ms,
            client: self.client,
            request: Request { method: SSH, target: SSH_TARGET, status, ..Request::default() },
            bytes: 0,
            duration_ms: 0,
        }
    }
}

/// The LogsQL that counts sign-ins in the rows which a filter picks; one row more than [`MOST_ROWS`] is asked for.
pub fn query(filter: &str) -> String {
    let words: Vec<String> = REFUSED.iter().chain([&ACCEPTED]).map(|words| value(words)).collect();
    format!(
        "{filter} | filter _msg:\"port\" _msg:({}) | extract_regexp {} from _msg \
         | filter (gw_refused:* or gw_accepted:*) \
         | stats by (_time:1m, gw_refused, gw_accepted) count() gw_hits, min(_time) gw_first, max(_time) gw_last \
         | sort by (gw_first) limit {}",
        words.join(" or "),
        value(&expression()),
        MOST_ROWS + 1
    )
}

/// Finds the address in sshd's messages, at their end, where sshd itself writes it.
fn expression() -> String {
    let peer = |group: &str| format!("(?:(?s:.)* )?(?P<{group}>[0-9A-Fa-f.:]+) port [0-9]+");
    let end = r"(?: ssh2)?(?:: Too many authentication failures)?(?: \[preauth\])?";
    format!(
        "^(?:error: )?(?:(?:{}) {}{end}|{ACCEPTED} {}(?: ssh2(?s:.)*)?)$",
        REFUSED.join("|"),
        peer("gw_refused"),
        peer("gw_accepted")
    )
}

/// The sign-ins that the aggregation's rows tell of, in the order of time; the flag says whether there were more.
pub fn read(rows: &[Row]) -> (Vec<SignIn>, bool) {
    let mut all = Vec::new();
    let mut cut = rows.len() > MOST_ROWS;
    for row in &rows[..rows.len().min(MOST_ROWS)] {
        let (refused, accepted) = (row.get("gw_refused"), row.get("gw_accepted"));
        let is_accepted = refused.is_empty();
        let Ok(client) = (if is_accepted { accepted } else { refused }).parse::<IpAddr>() else { continue };
        let client = ranges::plain(client);
        let Ok(first) = row.get("gw_first").parse::<jiff::Timestamp>() else { continue };
        let last = row.get("gw_last").parse().unwrap_or(first);
        let (first, hits) = (first.as_millisecond(), read_number(row.get("gw_hits")).max(1));
        let length = last.as_millisecond().saturating_sub(first).max(0);
        let left = MOST.saturating_sub(all.len());
        let taken = usize::try_from(hits).unwrap_or(usize::MAX).min(left);
        cut |= u64::try_from(taken).is_ok_and(|taken| taken < hits);
        let gaps = i64::try_from(hits - 1).unwrap_or(i64::MAX).max(1);
        all.extend((0_i64..).take(taken).map(|nth| {
            let at_ms = first.saturating_add(length.saturating_mul(nth) / gaps);
            SignIn { at_ms, client, is_accepted }
        }));
    }
    all.sort_unstable();
    (all, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(message: &str) -> Option<(bool, String)> {
        let found = regex::Regex::new(&expression()).unwrap();
        let groups = found.captures(message)?;
        let get = |name| groups.name(name).map(|group| group.as_str().to_owned());
        get("gw_refused").map(|address| (false, address)).or_else(|| Some((true, get("gw_accepted")?)))
    }

    #[test]
    fn the_address_is_the_one_that_sshd_writes() {
        for (message, expected) in [
            ("Failed password for root from 203.0.113.5 port 4711 ssh2", Some((false, "203.0.113.5"))),
            ("Failed password for invalid user a b from 2001:db8::1 port 1 ssh2", Some((false, "2001:db8::1"))),
            (
                "Accepted publickey for kim from 203.0.113.5 port 22 ssh2: ED25519 SHA256:abc",
                Some((true, "203.0.113.5")),
            ),
            ("Invalid user  from 203.0.113.5 port 22", Some((false, "203.0.113.5"))),
            ("Invalid user from 198.51.100.9 port 1 from 203.0.113.5 port 22", Some((false, "203.0.113.5"))),
            (
                "Failed none for invalid user x from 198.51.100.9 port 1 ssh2 from 203.0.113.5 port 22 ssh2",
                Some((false, "203.0.113.5")),
            ),
            (
                "error: maximum authentication attempts exceeded for x from 203.0.113.5 port 22 ssh2 [preauth]",
                Some((false, "203.0.113.5")),
            ),
            ("Disconnected from invalid user x 203.0.113.5 port 22 [preauth]", None),
            ("GET /Failed password for x from 203.0.113.5 port 22 ssh2", None),
            ("Failed to start the shop", None),
        ] {
            let expected = expected.map(|(is_accepted, address)| (is_accepted, address.to_owned()));
            assert_eq!(found(message), expected, "{message}");
        }
    }

    #[test]
    fn a_minutes_count_becomes_as_many_sign_ins_in_order() {
        let row = |first: &str, last: &str, refused: &str, accepted: &str, hits: &str| -> Row {
            [
                ("gw_first", first),
                ("gw_last", last),
                ("gw_refused", refused),
                ("gw_accepted", accepted),
                ("gw_hits", hits),
            ]
            .into_iter()
            .collect()
        };
        let (seen, cut) = read(&[
            row("2026-03-02T09:00:00Z", "2026-03-02T09:00:10Z", "::ffff:203.0.113.5", "", "3"),
            row("2026-03-02T09:00:04Z", "2026-03-02T09:00:04Z", "", "203.0.113.9", "1"),
            row("2026-03-02T09:00:04Z", "2026-03-02T09:00:04Z", "12:34", "", "1"),
        ]);
        let shown: Vec<_> =
            seen.iter().map(|one| (one.at_ms % 60_000, one.client.to_string(), one.is_accepted)).collect();
        let guesser = "203.0.113.5".to_owned();
        assert_eq!(
            shown,
            [
                (0, guesser.clone(), false),
                (4_000, "203.0.113.9".to_owned(), true),
                (5_000, guesser.clone(), false),
                (10_000, guesser, false)
            ]
        );
        assert!(!cut);
        let (seen, cut) =
            read(&[row("2026-03-02T09:00:00Z", "2026-03-02T09:00:59Z", "203.0.113.5", "", "18446744073709551615")]);
        assert!(cut && seen.len() == MOST);
    }
}
