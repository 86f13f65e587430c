//! `gatewatch detect`: requests as JSON lines on standard input, one answer a line on standard output, in order: a filter
//! in a pipe. A line that is no request is answered by an error in its place. Answers are written when the input pauses,
//! so that nobody waits for one.

use std::collections::HashMap;
use std::io::{self, BufRead, Read as _};
use std::net::{IpAddr, Ipv4Addr};

use clap::ArgMatches;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::exit::Exit;
use super::failure::Failure;
use super::{Run, wiring};
use crate::detect::reader::Reader;
use crate::detect::rules::Request;
use crate::detect::stream::Stream;
use crate::detect::traffic::Hit;
use crate::logs::files::formats::entry::{Entry, Wanted};
use crate::logs::files::formats::{Format, time::Context};
use crate::logs::{FieldMap, Row};

/// Lines longer than this are no request.
const LONGEST: usize = 1 << 20;
/// So many different sets of field names are remembered; a log has one or two.
const SHAPES: usize = 64;

/// What stands in the place of a line that cannot be answered.
#[derive(Serialize)]
struct Refused<'a> {
    error: &'a str,
    line: u64,
}

/// Reads to the end of the input.
pub fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let settings = run.loaded.settings.clone();
    // A model that cannot be used is said, and done without: the filter in somebody's pipe goes on.
    let model = if matches.get_flag("no-forest") { None } else { wiring::the_forest(run).model() };
    let mut stream = Stream::new(
        wiring::rule_set(run)?,
        wiring::gates(run),
        wiring::thresholds(run),
        settings.general.window,
        model.as_deref(),
        run.lang,
    );
    let mut requests = Requests { named: wiring::fields(run), known: HashMap::new(), last_ms: None };
    let trusted = settings.clients.trusted_proxies;
    let mut input = io::BufReader::with_capacity(1 << 16, io::stdin());
    let (mut line, mut number, mut refused) = (Vec::new(), 0_u64, 0_u64);
    while read_line(&mut input, &mut line)? {
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) && line.len() <= LONGEST {
            // A blank line is no request: nothing to answer.
        } else {
            let answer = if line.len() > LONGEST {
                Err(say::too_long(run.lang))
            } else {
                requests.read(&line).ok_or(say::no_object(run.lang))
            };
            let answer = answer.and_then(|(fields, row)| {
                let at = requests.instant(&row);
                requests
                    .with(&fields, &trusted, &row, at, |hit, has_client| stream.take(hit, has_client))
                    .ok_or(say::no_request(run.lang))
            });
            match answer {
                Ok(answer) => run.out.json_line(&answer)?,
                Err(error) => {
                    refused += 1;
                    run.out.json_line(&Refused { error, line: number })?;
                }
            }
        }
        // Nothing more has arrived: whoever reads gets what there is.
        if memchr::memchr(b'\n', input.buffer()).is_none() {
            run.out.flush()?;
        }
    }
    run.out.flush()?;
    if refused > 0 {
        run.note(&say::some_refused(run.lang, refused, number));
    }
    Ok(if refused > 0 { Exit::Partly } else { Exit::Done })
}

/// Reads one line without its end; `false` at the end of the input. Of a line that is too long only a little more than
/// the limit is kept.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let limit = LONGEST as u64 + 2;
    if input.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() != Some(&b'\n') && line.len() as u64 == limit {
        input.skip_until(b'\n')?;
    }
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(true)
}

/// Lines as requests.
struct Requests {
    /// The names that the settings give.
    named: FieldMap,
    /// By a line's names: which plays which part.
    known: HashMap<Vec<String>, FieldMap>,
    /// The time of the last request that told it.
    last_ms: Option<i64>,
}

impl Requests {
    /// A line's fields and what they are; `None` where it is no JSON object.
    fn read(&mut self, line: &[u8]) -> Option<(FieldMap, Row)> {
        let context = Context { zone: TimeZone::UTC, reference: Timestamp::now() };
        let mut entry = Entry::default();
        if !Format::Json.parse(line, &context, &Wanted::all(), &mut entry) {
            return None;
        }
        let mut row: Row = entry.texts().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
        if let Some(instant) = entry.time {
            row.set("_time", crate::logs::files::formats::time::print(instant));
        }
        let names: Vec<String> = row.iter().map(|(name, _)| name.to_owned()).collect();
        if let Some(known) = self.known.get(&names) {
            return Some((known.clone(), row));
        }
        let fields = FieldMap::recognise(&names, std::slice::from_ref(&row), &self.named);
        if self.known.len() < SHAPES {
            self.known.insert(names, fields.clone());
        }
        Some((fields, row))
    }

    /// When a request was: as it says, else as the one before it, else now.
    fn instant(&mut self, row: &Row) -> Timestamp {
        let told = row.get("_time").parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
        self.last_ms = told.or(self.last_ms);
        self.last_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_else(Timestamp::now)
    }

    /// Calls with the request of a row; `None` where it tells neither target nor agent.
    fn with<R>(
        &self,
        fields: &FieldMap,
        trusted: &[ipnet::IpNet],
        row: &Row,
        at: Timestamp,
        take: impl FnOnce(&Hit<'_>, bool) -> R,
    ) -> Option<R> {
        let mut row = row.clone();
        row.set("_time", at.to_string());
        let has_client = client_of(fields, trusted, &row).is_some();
        let mut fields = fields.clone();
        if !has_client {
            // The reader wants one; its request is never counted for it.
            row.set(NOBODY, NOBODYS_ADDRESS.to_string());
            fields.client = None;
            fields.forwarded_for = None;
            fields.remote_addr = Some(NOBODY.to_owned());
        }
        let mut done = None;
        let is_request = |request: &Request<'_>| !request.target.is_empty() || !request.agent.is_empty();
        Reader::new(&fields, trusted).read(&row, |hit| {
            if is_request(&hit.request) {
                done = Some(take(hit, has_client));
            }
        });
        done
    }
}

/// A field and an address that stand for no client.
const NOBODY: &str = "gatewatch nobody";
const NOBODYS_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

fn client_of(fields: &FieldMap, trusted: &[ipnet::IpNet], row: &Row) -> Option<IpAddr> {
    let text = |name: &Option<String>| name.as_deref().map_or("", |name| row.get(name));
    crate::detect::client_ip::client_of(text(&fields.remote_addr), text(&fields.forwarded_for), trusted)
}

/// The sentences.
mod say {
    crate::text::words! {
        too_long { en: "the line is longer than 1 MiB", ko: "줄이 1 MiB를 넘습니다" }
        no_object { en: "the line is no JSON object", ko: "JSON 객체가 아닙니다" }
        no_request { en: "the line tells neither a request target nor a user agent", ko: "요청 대상도 사용자 에이전트도 없습니다" }
    }
    crate::text::sentences! {
        some_refused(refused: u64, lines: u64) {
            en: "{refused} of {lines} lines could not be read as requests",
            ko: "{lines}줄 중 {refused}줄은 요청으로 읽지 못했습니다",
        }
    }
}
