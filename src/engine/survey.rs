//! Who hurts: the suspects of a window by gates and by scores, one client's numbers, and hits over time. Aggregations
//! where the data lies; raw rows never travel for this. Decides nothing.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;

use super::Engine;
use super::detection::Detected;
use super::requests::is_silent;
use crate::detect::access::{AccessLog, Column};
use crate::detect::assess::{Assessed, Assessment, Scored};
use crate::detect::gates::{self, TableQuestion};
use crate::detect::{ClientStats, Survey, Suspect, WindowTotals, ranges};
use crate::logs::{FieldMap, HitSeries, LogSource, Query, Row, SourceError, Window, collect};
use crate::text::Say as _;

/// One client may be written in a few ways (`192.0.2.1`, `::ffff:192.0.2.1`), each a row of its own.
const WAYS_TO_WRITE_A_CLIENT: usize = 8;
/// So many clients are asked about in one query.
const CLIENTS_A_QUESTION: usize = 500;
/// So many addresses at most are fetched to count suspects that the table has no room for.
const MOST_COUNTED: usize = 200_000;

/// Which clients a survey shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Those that pass a gate and that nothing exempts.
    #[default]
    Passing,
    /// Those, and beside them the clients with the most requests and the exempt ones, so that a person sees what the
    /// suspects are compared with.
    All,
}

impl Engine {
    /// Who is a suspect in a window, by gates and by scores, with the window's totals; the surest first.
    ///
    /// # Errors
    /// Those of the source; a table that was cut in the middle is one too, because its numbers could be wrong. Where
    /// only the scores cannot be had, the gates are given without them and the gap is said.
    pub async fn survey(&self, window: Window, scope: Scope) -> Result<Survey, SourceError> {
        let fields = self.source.fields(window).await?;
        let log = self.log(&fields);
        let limit = self.settings.max_table_rows;
        let exempt = self.exempt_ranges();
        let gated = TableQuestion { target: None, gates: Some(&self.settings.gates), without: Some(&exempt), limit };
        let everybody = TableQuestion { target: None, gates: None, without: None, limit };
        let query = match gates::table_query(&log, &gated) {
            Ok(query) => query,
            // Where there is no row, no field can be known, and nobody hurts.
            Err(_) if is_silent(self.source.as_ref(), &log, window).await? => return Ok(empty(window)),
            Err(error) => return self.sign_ins_alone(window).await?.ok_or(error),
        };
        let (totals, (passing, cut), (others, others_cut)) = futures::try_join!(
            self.totals(&log, None, window),
            self.table(&log, query.clone(), limit, window),
            async {
                match scope {
                    Scope::Passing => Ok((Vec::new(), false)),
                    Scope::All => self.table(&log, gates::table_query(&log, &everybody)?, limit, window).await,
                }
            },
        )?;
        let mut survey = Survey { totals, query, cut: cut || others_cut, ..empty(window) };
        if !fields.tells_target() {
            survey.gaps.push(say::no_target(self.settings.lang).to_owned());
        }
        let mut known: HashSet<IpAddr> = HashSet::new();
        let mut table: Vec<ClientStats> = passing.into_iter().chain(others).collect();
        table.retain(|stats| known.insert(stats.client));
        let detected = match self.detect(window, known.clone()).await {
            Ok(detected) => detected,
            Err(error) => {
                survey.gaps.push(say::unscored(self.settings.lang, &error.say(self.settings.lang)));
                Detected::default()
            }
        };
        survey.gaps.extend(detected.notes);
        if detected.cut {
            survey.partial_scores = true;
            survey.gaps.push(say::partly_scored(self.settings.lang).to_owned());
        }
        let scored = detected.assessment.clients.iter().filter(|one| one.action.is_some());
        let unknown: Vec<IpAddr> = scored.map(|one| one.client).filter(|client| !known.contains(client)).collect();
        survey.cut |= unknown.len() > limit;
        let mut numbers = self.numbers(&log, &unknown[..unknown.len().min(limit)], window).await?;
        let found: HashSet<IpAddr> = numbers.iter().map(|stats| stats.client).collect();
        let elsewhere = unknown.iter().take(limit).filter(|client| !found.contains(*client));
        numbers.extend(elsewhere.filter_map(|client| only_detected(&detected.assessment, *client, window)));
        table.extend(numbers);
        let mut scores: HashMap<IpAddr, Scored> =
            detected.assessment.clients.iter().map(|one| (one.client, detected.assessment.shown(one))).collect();
        survey.clients = table
            .into_iter()
            .map(|stats| Suspect { score: scores.remove(&stats.client).map(Box::new), ..self.weighed(stats) })
            // The table's own filter lets a few odd ways to write an exempt address through.
            .filter(|suspect| scope == Scope::All || suspect.is_suspect())
            .collect();
        survey.clients.sort_by(surest_first);
        let shown = survey.clients.iter().filter(|suspect| suspect.is_suspect()).map(|suspect| suspect.stats.client);
        let mut all: HashSet<IpAddr> = shown.chain(unknown).collect();
        if cut {
            all.extend(self.all_passing(&log, &gated, window).await?);
        }
        survey.suspects = all.len() as u64;
        survey.cohorts = detected.assessment.cohorts;
        Ok(survey)
    }

    /// Everybody who passes a gate, also those that a table has no room for.
    async fn all_passing(
        &self,
        log: &AccessLog<'_>,
        question: &TableQuestion<'_>,
        window: Window,
    ) -> Result<Vec<IpAddr>, SourceError> {
        let query = gates::clients_of(log, &TableQuestion { limit: MOST_COUNTED, ..*question })?;
        let rules = &self.settings.rules;
        let mut clients = gates::read_clients(log, &rows(self.source.as_ref(), query, window, MOST_COUNTED).await?)?;
        clients.retain(|client| ranges::exemption(*client, &rules.allow_list, &rules.trusted_proxies).is_none());
        Ok(clients)
    }

    /// Who signs in, where a server holds sshd's messages and no access log; `None` where there are none either.
    async fn sign_ins_alone(&self, window: Window) -> Result<Option<Survey>, SourceError> {
        let (sign_ins, cut) = self.requests().sign_ins(self.source.as_ref(), window).await?;
        if sign_ins.is_empty() {
            return Ok(None);
        }
        let clients: HashSet<IpAddr> = sign_ins.iter().map(|one| one.client).collect();
        let totals = WindowTotals { requests: sign_ins.len() as u64, clients: clients.len() as u64 };
        let detected = self.detect(window, HashSet::new()).await?;
        let assessment = detected.assessment;
        let suspects = assessment.clients.iter().map(|one| {
            let score = Some(Box::new(assessment.shown(one)));
            Suspect { score, ..self.weighed(seen_only(one, window)) }
        });
        let mut suspects: Vec<Suspect> = suspects.filter(Suspect::is_suspect).collect();
        suspects.sort_by(surest_first);
        let gaps = [say::only_sign_ins(self.settings.lang).to_owned()].into_iter().chain(detected.notes).collect();
        let partial_scores = cut || detected.cut;
        let all = suspects.len() as u64;
        Ok(Some(Survey { totals, clients: suspects, suspects: all, gaps, partial_scores, ..empty(window) }))
    }

    /// The numbers of clients by name.
    pub(super) async fn numbers(
        &self,
        log: &AccessLog<'_>,
        clients: &[IpAddr],
        window: Window,
    ) -> Result<Vec<ClientStats>, SourceError> {
        let mut table = Vec::with_capacity(clients.len());
        for some in clients.chunks(CLIENTS_A_QUESTION) {
            let query = gates::clients_query(log, some)?;
            let limit = some.len() * WAYS_TO_WRITE_A_CLIENT;
            table.extend(self.table(log, query, limit, window).await?.0);
        }
        table.retain(|stats| clients.contains(&stats.client));
        Ok(table)
    }

    /// One client's numbers in a window, whether it passes a gate or not; all zero where it sent nothing.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn suspect(&self, client: IpAddr, window: Window) -> Result<Suspect, SourceError> {
        let client = ranges::plain(client);
        let fields = self.source.fields(window).await?;
        let log = self.log(&fields);
        let table = match self.numbers_query(&log, &client.into()) {
            Ok(query) => Ok(self.table(&log, query, WAYS_TO_WRITE_A_CLIENT, window).await?.0),
            Err(error) => Err(error),
        };
        // Without a score there are still the numbers.
        let detected = self.detect(window, HashSet::from([client])).await.unwrap_or_default();
        let table = match table {
            // Where there is no access log, who signs in over SSH is seen all the same.
            Err(error) if only_detected(&detected.assessment, client, window).is_none() => return Err(error),
            table => table.unwrap_or_default(),
        };
        let stats = table.into_iter().find(|stats| stats.client == client);
        let stats = stats
            .or_else(|| only_detected(&detected.assessment, client, window))
            .unwrap_or_else(|| ClientStats::none(client));
        Ok(Suspect { score: detected.assessment.scored(client).map(Box::new), ..self.weighed(stats) })
    }

    /// Hits over time, one series per status class that has any, in the order `2xx`, `3xx`, `4xx`, `5xx`, then all
    /// other rows under an empty class; each has the single field `status`. Of one client, or of all.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn histogram(
        &self,
        window: Window,
        step: Duration,
        client: Option<IpAddr>,
    ) -> Result<Vec<HitSeries>, SourceError> {
        let fields = self.source.fields(window).await?;
        let log = self.log(&fields);
        let target = client.map(|client| IpNet::from(ranges::plain(client)));
        let status: Vec<String> = log.column(Column::Status).map(str::to_owned).into_iter().collect();
        let query = Query::new(log.requests(target.as_ref())?, window);
        Ok(by_class(&self.source.hits(query, step, &status).await?))
    }

    /// The access log that the settings describe, over the fields that the source has.
    pub(super) fn log<'a>(&'a self, fields: &'a FieldMap) -> AccessLog<'a> {
        AccessLog { fields, base_filter: &self.settings.base_filter, trusted: &self.settings.rules.trusted_proxies }
    }

    /// The LogsQL that gives one client's or range's line of the gate table.
    pub(super) fn numbers_query(&self, log: &AccessLog<'_>, target: &IpNet) -> Result<String, SourceError> {
        let question =
            TableQuestion { target: Some(target), gates: None, without: None, limit: WAYS_TO_WRITE_A_CLIENT };
        gates::table_query(log, &question)
    }

    /// Runs a table's query.
    pub(super) async fn table(
        &self,
        log: &AccessLog<'_>,
        query: String,
        limit: usize,
        window: Window,
    ) -> Result<(Vec<ClientStats>, bool), SourceError> {
        let rows = rows(self.source.as_ref(), query, window, limit.saturating_add(1)).await?;
        gates::read_table(log, &rows, limit)
    }

    /// Requests and clients of a window: all, or those of a target.
    pub(super) async fn totals(
        &self,
        log: &AccessLog<'_>,
        target: Option<&IpNet>,
        window: Window,
    ) -> Result<WindowTotals, SourceError> {
        let rows = rows(self.source.as_ref(), log.totals(target)?, window, 1).await?;
        Ok(log.read_totals(&rows))
    }

    /// The gates that numbers pass, and what exempts their client.
    fn weighed(&self, stats: ClientStats) -> Suspect {
        let rules = &self.settings.rules;
        Suspect {
            target: stats.client.into(),
            gates: gates::passed(&stats, &self.settings.gates),
            score: None,
            exempt: ranges::exemption(stats.client, &rules.allow_list, &rules.trusted_proxies),
            stats,
        }
    }

    fn exempt_ranges(&self) -> Vec<IpNet> {
        let rules = &self.settings.rules;
        rules.allow_list.iter().chain(&rules.trusted_proxies).copied().collect()
    }
}

/// The surest first, those whom something exempts last.
fn surest_first(one: &Suspect, other: &Suspect) -> Ordering {
    let sure = |suspect: &Suspect| if suspect.exempt.is_some() { -1.0 } else { suspect.probability() };
    let by = sure(other).total_cmp(&sure(one)).then(other.stats.requests.cmp(&one.stats.requests));
    by.then(one.stats.client.cmp(&other.stats.client))
}

/// All rows of a small answer. One that is cut is an error: numbers made of a part of it would be wrong.
pub(super) async fn rows(
    source: &dyn LogSource,
    text: String,
    window: Window,
    at_most: usize,
) -> Result<Vec<Row>, SourceError> {
    let answer = collect(source.query(Query::new(text, window)).await?, at_most).await;
    answer.cut.map_or(Ok(answer.rows), Err)
}

/// The numbers of a client that has no row in the access log and was seen all the same: it signs in over SSH.
fn only_detected(assessment: &Assessment, client: IpAddr, window: Window) -> Option<ClientStats> {
    assessment.clients.iter().find(|one| one.client == client).map(|seen| seen_only(seen, window))
}

/// What detection alone knows of a client's numbers.
fn seen_only(seen: &Assessed, window: Window) -> ClientStats {
    let (first_seen, last_seen) = (Some(seen.first.max(window.start)), Some(seen.last));
    ClientStats { requests: seen.requests.into(), first_seen, last_seen, ..ClientStats::none(seen.client) }
}

/// A window in which nothing was logged.
fn empty(window: Window) -> Survey {
    Survey {
        window,
        totals: WindowTotals::default(),
        clients: Vec::new(),
        suspects: 0,
        cohorts: Vec::new(),
        gaps: Vec::new(),
        partial_scores: false,
        query: String::new(),
        cut: false,
    }
}

/// Series of single statuses as series of their classes.
fn by_class(series: &[HitSeries]) -> Vec<HitSeries> {
    let mut classes: [BTreeMap<Timestamp, u64>; 5] = Default::default();
    for one in series {
        let status = one.fields.first().map_or("", |(_, status)| status.as_str());
        let class = match status.as_bytes() {
            [class @ b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] => usize::from(class - b'2'),
            _ => 4,
        };
        for (at, hits) in one.timestamps.iter().zip(&one.values) {
            *classes[class].entry(*at).or_default() += hits;
        }
    }
    let names = ["2xx", "3xx", "4xx", "5xx", ""];
    names
        .iter()
        .zip(classes)
        .filter(|(_, hits)| !hits.is_empty())
        .map(|(name, hits)| {
            let (timestamps, values) = hits.into_iter().unzip();
            HitSeries { fields: vec![("status".to_owned(), (*name).to_owned())], timestamps, values }
        })
        .collect()
}

/// The words.
mod say {
    crate::text::words! {
        only_sign_ins {
            en: "no access log here: only sign-ins over SSH are judged",
            ko: "접속 로그가 없어 SSH 로그인 시도만 판단합니다",
        }
        no_target {
            en: "no field tells what was asked for: only how often and with what result is judged; set fields.uri",
            ko: "무엇을 요청했는지 알려 주는 필드가 없어 횟수와 결과만으로 판단합니다. fields.uri를 설정하세요",
        }
        partly_scored {
            en: "more was logged than detection reads of one window; scores are of a part of it",
            ko: "탐지가 한 구간에서 읽는 양보다 로그가 많아 점수는 일부만 반영합니다",
        }
    }
    crate::text::sentences! {
        unscored(error: &str) {
            en: "nobody could be scored, the gates alone are shown: {error}",
            ko: "점수를 매기지 못해 게이트만 표시합니다: {error}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_become_classes_in_order_and_odd_ones_the_rest() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let series = |status: &str, values: &[u64]| HitSeries {
            fields: vec![("st".to_owned(), status.to_owned())],
            timestamps: values.iter().enumerate().map(|(index, _)| at(index as i64)).collect(),
            values: values.to_vec(),
        };
        let folded =
            by_class(&[series("404", &[1, 2]), series("200", &[5]), series("499", &[0, 3]), series("-", &[7])]);
        let shown: Vec<_> = folded.iter().map(|one| (one.fields[0].1.as_str(), one.values.clone())).collect();
        assert_eq!(shown, [("2xx", vec![5]), ("4xx", vec![1, 5]), ("", vec![7])]);
        let whole = by_class(&[HitSeries { fields: Vec::new(), ..series("", &[4]) }]);
        assert_eq!((whole.len(), whole[0].values.as_slice()), (1, &[4][..]));
    }
}
