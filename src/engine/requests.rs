//! A range's requests for detection: row by row where the rows are on this host, and out of one aggregation where they
//! would have to travel. Both give the same requests (see [`crate::detect::tuples`]); nobody here looks at them.

use std::net::IpAddr;
use std::time::Duration;

use futures::StreamExt as _;
use ipnet::IpNet;
use jiff::Timestamp;

use super::survey::rows;
use crate::detect::access::AccessLog;
use crate::detect::memory::Memory;
use crate::detect::reader::Reader;
use crate::detect::replay::Replay;
use crate::detect::sign_ins::{self, SignIn};
use crate::detect::traffic::{Foresight, Hit, Traffic};
use crate::detect::tuples::{MOST_ROWS, Tuples};
use crate::logs::{FieldMap, LogSource, Query, RowStream, SourceError, Window};
use crate::logsql::{Batch, quote_field};

/// Which rows are requests, and whose.
#[derive(Debug, Clone, Copy)]
pub struct Requests<'a> {
    /// A LogsQL filter that picks the access-log rows out of the source.
    pub base_filter: &'a str,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted: &'a [IpNet],
    /// Who is never looked at.
    pub allow: &'a [IpNet],
    /// A LogsQL filter that picks sshd's rows out of a server; empty where nobody asks for them. In files they are
    /// requests like the others.
    pub sshd: &'a str,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// All requests.
    pub requests: u64,
    /// Whether there was more than is read of one range.
    pub cut: bool,
}

/// Takes requests in.
pub trait Take<'r> {
    /// Is asked what has to be worked out of the targets of the requests that come next: nothing, unless it says so.
    fn foresee<'t>(&self, _targets: impl Iterator<Item = &'t str>) -> Foresight<'t, 'r> {
        Foresight::default()
    }

    /// Is told what was worked out.
    fn foreseen(&mut self, _foresight: Foresight<'_, '_>) {}

    /// Takes a request in. `may_be_suspect` is whether its client can be one at all.
    fn take(&mut self, hit: &Hit<'_>, may_be_suspect: bool);
}

/// The ranges to read one after another: what lies on this host in one pass, what would have to travel window by
/// window, as an unattended run asks for it.
pub fn windows(source: &dyn LogSource, range: Window, length: Duration) -> Vec<Window> {
    if !source.info().is_remote {
        return vec![range];
    }
    let milliseconds = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
    let step = |at: Timestamp| {
        let end = (at.as_millisecond().div_euclid(milliseconds) + 1).saturating_mul(milliseconds);
        Timestamp::from_millisecond(end).unwrap_or(Timestamp::MAX)
    };
    let mut windows = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let end = step(start).min(range.end);
        windows.push(Window { start, end });
        start = end;
    }
    windows
}

/// Requests of those who can never be suspects are left out of what detection keeps.
macro_rules! take_suspects {
    ($($kept:ident),*) => { $(
        impl<'r> Take<'r> for $kept<'r> {
            fn foresee<'t>(&self, targets: impl Iterator<Item = &'t str>) -> Foresight<'t, 'r> {
                $kept::foresee(self, targets)
            }

            fn foreseen(&mut self, foresight: Foresight<'_, '_>) {
                $kept::foreseen(self, foresight);
            }

            fn take(&mut self, hit: &Hit<'_>, may_be_suspect: bool) {
                if may_be_suspect {
                    self.add(hit);
                }
            }
        }
    )* };
}

take_suspects!(Traffic, Memory, Replay);

impl Requests<'_> {
    /// Gives every request of a range, nearly in the order of time; also those of clients that can never be suspects.
    ///
    /// # Errors
    /// Those of the source; what was given before is a part then.
    pub async fn each<'r>(
        &self,
        source: &dyn LogSource,
        window: Window,
        into: &mut impl Take<'r>,
    ) -> Result<Seen, SourceError> {
        let fields = source.fields(window).await?;
        self.each_of(source, &fields, window, into).await
    }

    /// The same where the fields are known: those of a longer range that goes by in parts, of which one may be empty.
    ///
    /// # Errors
    /// As [`Requests::each`].
    pub async fn each_of<'r>(
        &self,
        source: &dyn LogSource,
        fields: &FieldMap,
        window: Window,
        into: &mut impl Take<'r>,
    ) -> Result<Seen, SourceError> {
        let mut seen = Seen::default();
        let log = AccessLog { fields, base_filter: self.base_filter, trusted: self.trusted };
        if !source.info().is_remote {
            match log.client_field() {
                Err(_) if is_silent(source, &log, window).await? => return Ok(seen),
                // Without a client there is no request: that is not the same as a quiet log.
                known => known.map(drop)?,
            }
            let reader = Reader::new(fields, self.trusted);
            let names: Vec<String> = reader.names().into_iter().map(quote_field).collect();
            let rows = format!("{} | fields {}", log.requests(None)?, names.join(", "));
            let mut stream = source.batches(Query::new(rows, window)).await?;
            let mut take = |into: &mut _, batch: &Batch| {
                reader.read_all(batch, |hit| {
                    seen.requests += 1;
                    Take::take(into, hit, self.may_be_suspect(hit.client));
                });
            };
            // What the targets of a batch tell is worked out while the batch before it is taken in.
            let mut before = Batch::default();
            while let Some(batch) = stream.next().await.transpose()? {
                let mut foresight = into.foresee(reader.targets(&batch));
                rayon::in_place_scope(|scope| {
                    scope.spawn(|_| foresight.work_out());
                    take(into, &before);
                });
                into.foreseen(foresight);
                before = batch;
                // Rows of a file are always there: whoever wants this to end would not be heard otherwise.
                tokio::task::yield_now().await;
            }
            take(into, &before);
            return Ok(seen);
        }
        let (sign_ins, sign_ins_cut) = self.sign_ins(source, window).await?;
        let tuples = match Tuples::of(&log) {
            Ok(tuples) => Some(tuples),
            // A server may hold sshd's messages and no access log.
            Err(SourceError::NoField { .. }) if !sign_ins.is_empty() => None,
            // Where there is no row, no field can be known, and there is nothing to read.
            Err(SourceError::NoField { .. }) if is_silent(source, &log, window).await? => return Ok(seen),
            Err(error) => return Err(error),
        };
        let mut sign_ins = sign_ins.into_iter().peekable();
        let mut note = |hit: &Hit<'_>| {
            seen.requests += 1;
            into.take(hit, self.may_be_suspect(hit.client));
        };
        let mut cut = false;
        if let Some(tuples) = &tuples {
            let stream = source.query(Query::new(tuples.query.as_str(), window)).await?;
            cut = unfold(tuples, stream, |hit| {
                // Both in one order of time: the same client may be in both.
                while let Some(sign_in) = sign_ins.next_if(|one| one.at_ms <= hit.at_ms) {
                    note(&sign_in.hit());
                }
                note(hit);
            })
            .await?;
        }
        sign_ins.for_each(|sign_in| note(&sign_in.hit()));
        Ok(Seen { cut: cut || sign_ins_cut, ..seen })
    }

    /// The sign-ins over SSH that a server's messages tell of, in the order of time, and whether there were more.
    pub(super) async fn sign_ins(
        &self,
        source: &dyn LogSource,
        window: Window,
    ) -> Result<(Vec<SignIn>, bool), SourceError> {
        let filter = self.sshd.trim();
        if filter.is_empty() {
            return Ok((Vec::new(), false));
        }
        let rows = rows(source, sign_ins::query(filter), window, sign_ins::MOST_ROWS + 1).await?;
        Ok(sign_ins::read(&rows))
    }

    fn may_be_suspect(&self, client: IpAddr) -> bool {
        crate::detect::reader::can_be_suspect(client, self.allow, self.trusted)
    }
}

/// Whether nothing was logged in a window.
pub(super) async fn is_silent(
    source: &dyn LogSource,
    log: &AccessLog<'_>,
    window: Window,
) -> Result<bool, SourceError> {
    let query = format!("{} | limit 1", log.requests(None)?);
    Ok(rows(source, query, window, 1).await?.is_empty())
}

/// Takes an aggregation's rows apart; says whether there were more than are read.
async fn unfold(tuples: &Tuples, mut stream: RowStream, mut each: impl FnMut(&Hit<'_>)) -> Result<bool, SourceError> {
    let mut unfolder = tuples.unfolder();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        for row in batch? {
            rows += 1;
            if rows <= MOST_ROWS {
                unfolder.take(&row, &mut each);
            }
        }
    }
    unfolder.finish(each);
    Ok(rows > MOST_ROWS)
}
