//! Every detector with the attack that it is for and, beside it, innocents who look alike: the one is found by it, the
//! others are left alone. Both are added to the same minutes of the same shop's people. (Rules have their examples in
//! their own file, costs and networks beside their code.)

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use super::assess::assess;
use super::reader::SSH;
use super::replay::{Action, Thresholds};
use super::rules::{Request, RuleSet};
use super::traffic::{Hit, Traffic};
use crate::sim::{self, Plan};

const START: Timestamp = Timestamp::constant(1_772_442_000, 0);
/// Whoever reaches it is shown to a person or a judge.
const ASK: Option<Action> = Some(Action::Ask);
const SITE: &str = "https://shop.example";
const PAGES: [&str; 8] = ["/", "/cart", "/about", "/help", "/product/1", "/product/2", "/product/3", "/events"];

struct Line {
    at_ms: i64,
    client: IpAddr,
    method: &'static str,
    target: String,
    status: u16,
    agent: String,
    referer: String,
}

/// The requests of one side of a case.
#[derive(Default)]
struct Side {
    lines: Vec<Line>,
    clients: BTreeSet<IpAddr>,
}

/// Who asks, and when.
#[derive(Clone, Copy)]
struct At<'a> {
    client: IpAddr,
    agent: &'a str,
    second: f64,
}

impl<'a> At<'a> {
    fn new(client: IpAddr, agent: &'a str, second: f64) -> Self {
        Self { client, agent, second }
    }

    fn later(self, seconds: f64) -> Self {
        Self { second: self.second + seconds, ..self }
    }
}

impl Side {
    fn ask(&mut self, at: At<'_>, (method, target, status): (&'static str, &str, u16), referer: &str) {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of an hour")]
        let at_ms = START.as_millisecond() + (at.second * 1000.0) as i64;
        let (target, agent, referer) = (target.to_owned(), at.agent.to_owned(), referer.to_owned());
        self.lines.push(Line { at_ms, client: at.client, method, target, status, agent, referer });
        self.clients.insert(at.client);
    }

    fn get(&mut self, at: At<'_>, target: &str) {
        self.ask(at, ("GET", target, 200), "");
    }

    /// A page with what it loads, as a person's browser asks for it.
    fn visit(&mut self, at: At<'_>, page: &str, from: &str) {
        self.ask(at, ("GET", page, 200), from);
        for (number, asset) in
            ["/assets/app.6f1c2a.css", "/assets/app.91be07.js", "/images/p007.webp"].iter().enumerate()
        {
            let seconds = 0.1 + f64::from(u32::try_from(number).unwrap()) / 50.0;
            self.ask(at.later(seconds), ("GET", asset, 200), &format!("{SITE}{page}"));
        }
    }

    /// A visit to some pages one after another, each from the one before, in a person's own time.
    fn stroll(&mut self, mut at: At<'_>, number: u32, pages: &[&str]) {
        let mut from = String::new();
        for (step, page) in (1..).zip(pages) {
            self.visit(at, page, &from);
            from = format!("{SITE}{page}");
            at = at.later(6.0 + f64::from(number * 37 % 41 * step % 53));
        }
    }
}

/// An attacker's address, each of another network.
fn attacker(number: u32) -> IpAddr {
    let [_, _, high, low] = (number * 7919).to_be_bytes();
    Ipv4Addr::new(241, high, low, 7).into()
}

/// An innocent's address, each of another network.
fn innocent(number: u32) -> IpAddr {
    let [_, _, high, low] = (number * 7919).to_be_bytes();
    Ipv4Addr::new(198, 19, low, high).into()
}

/// A browser's agent, one of two dozen that people use.
fn browser(number: u32) -> String {
    let version = 118 + number % 8;
    match number % 3 {
        0 => format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"),
        1 => format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
        ),
        _ => format!(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.{} Safari/605.1.15",
            17 + version % 2,
            version % 7
        ),
    }
}

/// A moment of somebody's own.
fn moment(number: u32) -> f64 {
    f64::from(number * 6151 % 780)
}

/// The share of the attackers who reach an action with a detector among the parts, and the innocents who are flagged.
fn judge(detector: &str, least: Option<Action>, attack: &Side, alike: &Side) -> (f64, Vec<String>) {
    let end = START + SignedDuration::from_mins(15);
    let plan = Plan { populations: sim::measure::populations("shop"), ..Plan::new(3, START).until(end) }.innocent();
    let people: Vec<sim::Request> = sim::Traffic::new(&plan).collect();
    let ours = attack.lines.iter().chain(&alike.lines).map(|line| Hit {
        at_ms: line.at_ms,
        client: line.client,
        request: Request {
            method: line.method,
            target: &line.target,
            protocol: "HTTP/1.1",
            status: line.status,
            agent: &line.agent,
            referer: &line.referer,
        },
        bytes: if line.status == 204 { 0 } else { 4_000 },
        duration_ms: 5,
    });
    let mut hits: Vec<Hit<'_>> = people.iter().map(sim::Request::hit).chain(ours).collect();
    hits.sort_by_key(|hit| hit.at_ms);
    let mut traffic = Traffic::new(RuleSet::shipped());
    hits.iter().for_each(|hit| traffic.add(hit));
    traffic.finish();
    let assessment = assess(&traffic, &Thresholds::default(), &|one| attack.clients.contains(&one), None);
    let reach = |least: Option<Action>| assessment.clients.iter().filter(move |one| one.action >= least);
    let names = |part: &&super::score::Part| part.detector.starts_with(detector) && part.weight >= 1.0;
    let found = reach(least)
        .filter(|one| attack.clients.contains(&one.client) && one.score.parts.iter().any(|part| names(&part)));
    #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
    let share = found.count() as f64 / attack.clients.len() as f64;
    let wrong = reach(ASK).filter(|one| alike.clients.contains(&one.client));
    (share, wrong.map(|one| format!("{} {:?}", one.client, one.score.parts)).collect())
}

macro_rules! cases {
    ($($(#[$doc:meta])* $name:ident: $detector:literal at $least:expr, $attack:expr, $alike:expr;)*) => { $(
        $(#[$doc])*
        #[test]
        fn $name() {
            let (mut attack, mut alike) = (Side::default(), Side::default());
            let (make, make_alike): (fn(&mut Side), fn(&mut Side)) = ($attack, $alike);
            make(&mut attack);
            make_alike(&mut alike);
            let (found, wrong) = judge($detector, $least, &attack, &alike);
            assert!(found >= 0.9, "{} finds {found}", $detector);
            assert!(wrong.is_empty(), "{}: {} {:?}", $detector, wrong.len(), wrong.first());
        }
    )* };
}

mod again;
mod clients;
mod cohorts;

#[test]
fn who_asks_once_for_a_front_page_that_is_not_there_is_left_alone() {
    let mut alike = Side::default();
    for number in 0..70 {
        let agent = browser(number);
        alike.ask(At::new(innocent(number), &agent, moment(number)), ("GET", "/", 404), "");
    }
    let (_, wrong) = judge("", ASK, &Side::default(), &alike);
    assert!(wrong.is_empty(), "{} {:?}", wrong.len(), wrong.first());
}
