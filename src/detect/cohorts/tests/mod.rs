//! Attacks beside the innocents that look like them, in one small window of a shop's visitors each.

mod fleets;

use std::net::{IpAddr, Ipv4Addr};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{Cell, Cohorts, LEAST_MEMBERS};
use crate::detect::rules::{Request, RuleSet};
use crate::detect::score::{Score, Scorer};
use crate::detect::traffic::{Hit, Traffic};

const SITE: &str = "https://shop.example";
const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const AGENTS: [&str; 4] = [CHROME, SAFARI, FIREFOX, PHONE];
/// When the hour begins: a full minute.
const START_MS: i64 = 1_772_442_000_000;

struct Sent {
    at_ms: i64,
    client: IpAddr,
    method: &'static str,
    status: u16,
    target: String,
    agent: String,
    referer: String,
}

/// A window that is being made up.
struct Scene {
    sent: Vec<Sent>,
    rng: ChaCha8Rng,
}

/// An address of its own network.
fn address(group: u8, number: u32) -> IpAddr {
    let [.., high, low] = number.to_be_bytes();
    Ipv4Addr::new(60 + group, low, high, 7).into()
}

impl Scene {
    /// Sixty people who look at a few pages, each sent by the one before, at their own pace.
    fn with_people() -> Self {
        let mut scene = Self { sent: Vec::new(), rng: ChaCha8Rng::seed_from_u64(7) };
        for number in 0..60 {
            let agent = AGENTS[number as usize % AGENTS.len()];
            let (mut at, mut referer) = (scene.between(0.0, 2_000.0), String::new());
            for _ in 0..7 {
                let page = format!("/product/{}", scene.rng.random_range(1..400));
                scene.visit(address(0, number), at, &page, &referer, agent);
                // A page asks once whether there is any left.
                scene.send(address(0, number), at + 0.6, "/api/stock?id=7", &format!("{SITE}{page}"), agent);
                referer = format!("{SITE}{page}");
                at += 10_f64.powf(scene.between(0.6, 2.2));
            }
        }
        scene
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.rng.random_range(low..high)
    }

    fn send(&mut self, client: IpAddr, at: f64, target: &str, referer: &str, agent: &str) {
        self.ask(client, at, ("GET", 200), target, referer, agent);
    }

    fn post(&mut self, client: IpAddr, at: f64, status: u16, target: &str, referer: &str, agent: &str) {
        self.ask(client, at, ("POST", status), target, &format!("{SITE}{referer}"), agent);
    }

    fn ask(
        &mut self,
        client: IpAddr,
        at: f64,
        (method, status): (&'static str, u16),
        target: &str,
        referer: &str,
        agent: &str,
    ) {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of an hour")]
        let at_ms = START_MS + (at * 1000.0) as i64;
        let (target, agent, referer) = (target.to_owned(), agent.to_owned(), referer.to_owned());
        self.sent.push(Sent { at_ms, client, method, status, target, agent, referer });
    }

    /// A page with what it loads.
    fn visit(&mut self, client: IpAddr, at: f64, page: &str, referer: &str, agent: &str) {
        self.send(client, at, page, referer, agent);
        for asset in ["/static/app.js", "/static/main.css"] {
            self.send(client, at + 0.3, asset, &format!("{SITE}{page}"), agent);
        }
    }

    /// All of it counted.
    fn traffic(mut self) -> Traffic<'static> {
        self.sent.sort_by_key(|sent| sent.at_ms);
        let mut traffic = Traffic::new(RuleSet::shipped());
        for sent in &self.sent {
            traffic.add(&Hit {
                at_ms: sent.at_ms,
                client: sent.client,
                request: Request {
                    method: sent.method,
                    target: &sent.target,
                    protocol: "HTTP/1.1",
                    status: sent.status,
                    agent: &sent.agent,
                    referer: &sent.referer,
                },
                bytes: 300,
                duration_ms: 3,
            });
        }
        traffic.finish();
        traffic
    }

    /// The scores of a group's members.
    fn scores(self, group: u8) -> Vec<Score> {
        let traffic = self.traffic();
        let scorer = Scorer::new(&traffic);
        let first = |client: &IpAddr| matches!(client, IpAddr::V4(v4) if v4.octets()[0] == 60 + group);
        traffic.clients.iter().filter(|(client, _)| first(client)).map(|(at, one)| scorer.score(*at, one)).collect()
    }

    /// The share of a group's members that are flagged.
    fn flagged(self, group: u8) -> f64 {
        let scores = self.scores(group);
        #[expect(clippy::cast_precision_loss, reason = "dozens")]
        let share = scores.iter().filter(|score| score.probability >= 0.5).count() as f64 / scores.len() as f64;
        share
    }

    /// Members of a group who ask for one interface in one beat; each from its own moment on.
    fn poll(&mut self, group: u8, members: u32, period: f64, agent: &str, from: impl Fn(&mut Self) -> f64) {
        for number in 0..members {
            let mut at = from(self);
            while at < 2_400.0 {
                let jitter = self.between(-0.4, 0.4);
                self.send(address(group, number), at, "/api/stock?id=7", &format!("{SITE}/product/7"), agent);
                at += period + jitter;
            }
        }
    }
}

fn is_without(score: &Score, detector: &str) -> bool {
    score.parts.iter().all(|part| part.detector != detector)
}

#[test]
fn clients_in_step_are_one_and_open_pages_are_not() {
    let mut scene = Scene::with_people();
    scene.poll(1, 40, 90.0, CHROME, |scene| 222.0 + scene.between(0.0, 3.0));
    assert!(scene.flagged(1) > 0.9);

    // So they are at full minutes, where they are more than keep a timetable.
    let mut scene = Scene::with_people();
    scene.poll(1, 120, 120.0, CHROME, |scene| 180.0 + scene.between(0.0, 3.0));
    assert!(scene.flagged(1) > 0.9);

    // Pages that were opened before, each at its own moment.
    let mut scene = Scene::with_people();
    scene.poll(1, 40, 90.0, CHROME, |scene| scene.between(0.0, 90.0));
    assert!(scene.flagged(1) < 0.01);
}

#[test]
fn in_step_by_a_timetable_or_by_a_message_is_innocent() {
    // A few people's scripts, which call themselves browsers, at each full minute.
    let mut scene = Scene::with_people();
    scene.poll(1, 9, 60.0, FIREFOX, |scene| 60.0 + scene.between(0.5, 4.0));
    assert!(scene.flagged(1) < 0.01);

    // An app that one message woke everywhere, and which goes on asking while it is shown.
    let mut scene = Scene::with_people();
    scene.poll(1, 60, 30.0, "ShopApp/5.2 (Android 14)", |scene| 400.0 + scene.between(0.0, 2.0));
    assert!(scene.flagged(1) < 0.01);

    // The screens of one house, switched on at once: whatever else they are, in step they may be.
    let mut scene = Scene::with_people();
    for number in 0..12 {
        let client = Ipv4Addr::new(61, 9, 9, number + 1).into();
        (0..30).for_each(|turn| scene.send(client, 131.0 + f64::from(turn) * 60.0, "/api/stock?id=7", SITE, CHROME));
    }
    assert!(scene.scores(1).iter().all(|score| is_without(score, "cohort:step")));

    // Pages that all lost their server, those that were seen to load and those from before.
    let mut scene = Scene::with_people();
    for number in 0..30 {
        scene.visit(address(1, number), 5.0 + f64::from(number), "/product/7", "", CHROME);
        scene.visit(address(1, number), 60.0 + f64::from(number), "/product/9", &format!("{SITE}/product/7"), CHROME);
    }
    scene.poll(1, 60, 45.0, CHROME, |scene| 222.0 + scene.between(0.0, 2.0));
    assert!(scene.flagged(1) < 0.01);
}

/// Members who open pages of their own, which no page leads to; pauses lie between two numbers of seconds.
fn walkers(scene: &mut Scene, members: u32, pages: u32, pauses: (f64, f64), agent: impl Fn(u32) -> &'static str) {
    for number in 0..members {
        let mut at = scene.between(0.0, 2_000.0);
        for _ in 0..pages {
            let page = format!("/product/{}", scene.rng.random_range(1..4_000));
            scene.visit(address(1, number), at, &page, "", agent(number));
            at += scene.between(pauses.0, pauses.1);
        }
    }
}

#[test]
fn browsers_that_no_page_leads_on_at_a_timers_pace_are_programs() {
    let any = |number: u32| AGENTS[number as usize % AGENTS.len()];
    let mut scene = Scene::with_people();
    walkers(&mut scene, 30, 8, (6.0, 14.0), any);
    assert!(scene.flagged(1) > 0.9);

    // Who opens one article after another out of a feed or a mail takes his own time over each.
    let mut scene = Scene::with_people();
    walkers(&mut scene, 30, 8, (4.0, 300.0), any);
    assert!(scene.flagged(1) < 0.05);

    // Screens in shops that show three pages in turn.
    let mut scene = Scene::with_people();
    for number in 0..30 {
        let from = scene.between(0.0, 300.0);
        for turn in 0..60_u32 {
            let page = ["/offers", "/news", "/"][turn as usize % 3];
            scene.visit(address(1, number), from + f64::from(turn) * 20.0, page, "", CHROME);
        }
    }
    assert!(scene.scores(1).iter().all(|score| is_without(score, "cohort:pace")));
}

#[test]
fn one_agent_that_no_page_ever_leads_on_is_a_fleet() {
    const FULL: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.55 Safari/537.36";
    let mut scene = Scene::with_people();
    walkers(&mut scene, 60, 3, (5.0, 600.0), |_| FULL);
    assert!(scene.flagged(1) > 0.9);

    // A company's managed browsers: whoever has one follows links with it.
    let mut scene = Scene::with_people();
    for number in 0..60 {
        let (mut at, mut referer) = (scene.between(0.0, 2_000.0), String::new());
        for turn in 0..3_u32 {
            let page = format!("/product/{}", turn * 100 + number);
            scene.visit(address(1, number), at, &page, &referer, FULL);
            (referer, at) = (format!("{SITE}{page}"), at + scene.between(5.0, 200.0));
        }
    }
    assert!(scene.flagged(1) < 0.01);

    // The shop's app shows each page within itself, and all have the same phone.
    let app = "Mozilla/5.0 (Linux; Android 14; SM-S921N Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36";
    let mut scene = Scene::with_people();
    walkers(&mut scene, 60, 3, (5.0, 600.0), |_| app);
    assert!(scene.flagged(1) < 0.01);

    // A link that went around: one page each, opened within a messenger.
    let mut scene = Scene::with_people();
    for number in 0..60 {
        let at = scene.between(600.0, 900.0);
        scene.visit(address(1, number), at, "/event/spring", "", app);
    }
    assert!(scene.flagged(1) < 0.01);

    // A few who were sent a mail with three links each.
    let mut scene = Scene::with_people();
    walkers(&mut scene, 9, 3, (20.0, 300.0), |_| FULL);
    assert!(scene.flagged(1) < 0.01);
}

/// People who open a form with all that it loads and send it, so many seconds later.
fn writers(scene: &mut Scene, form: &str, page: &str, seconds: (f64, f64)) {
    for number in 0..30 {
        let at = scene.between(0.0, 2_000.0);
        scene.visit(address(2, number), at, page, &format!("{SITE}/"), AGENTS[number as usize % 4]);
        let after = scene.between(seconds.0, seconds.1);
        scene.post(address(2, number), at + after, 302, form, page, AGENTS[number as usize % 4]);
    }
}

/// Members who open a form without anything else and send it.
fn bare_writers(scene: &mut Scene, members: u32, form: &str, page: &str, seconds: (f64, f64)) {
    for number in 0..members {
        let (at, after) = (scene.between(300.0, 2_000.0), scene.between(seconds.0, seconds.1));
        scene.send(address(1, number), at, page, &format!("{SITE}/"), AGENTS[number as usize % 4]);
        scene.post(address(1, number), at + after, 302, form, page, AGENTS[number as usize % 4]);
    }
}

#[test]
fn forms_that_are_sent_within_seconds_are_a_programs_and_votes_are_not() {
    let mut scene = Scene::with_people();
    writers(&mut scene, "/account/register", "/account/register", (20.0, 120.0));
    bare_writers(&mut scene, 30, "/account/register", "/account/register", (1.0, 4.0));
    assert!(scene.flagged(1) > 0.9);

    // Returning visitors whose browsers had the page's files already.
    let mut scene = Scene::with_people();
    writers(&mut scene, "/account/register", "/account/register", (20.0, 120.0));
    bare_writers(&mut scene, 4, "/account/register", "/account/register", (20.0, 120.0));
    assert!(scene.flagged(1) < 0.01);

    // A vote is one click: people are as quick.
    let mut scene = Scene::with_people();
    writers(&mut scene, "/vote/7", "/bus-lanes", (1.0, 5.0));
    bare_writers(&mut scene, 6, "/vote/7", "/bus-lanes", (1.0, 5.0));
    assert!(scene.flagged(1) < 0.01);
}

#[test]
fn things_that_end_alike_are_one_thing_where_everybody_has_names_of_their_own() {
    const NAMES: [&str; 8] = ["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "oak"];
    let name = |number: u32| format!("/{}/{}", NAMES[number as usize % 8], NAMES[number as usize / 8 % 8]);
    let mut scene = Scene::with_people();
    for number in 0..40 {
        let at = scene.between(300.0, 2_000.0);
        for turn in 0..3_u32 {
            let form = format!("{}/issues/new", name(number + turn * 9));
            scene.post(address(1, number), at + f64::from(turn) * 60.0, 302, &form, &form, CHROME);
        }
    }
    assert!(scene.flagged(1) > 0.9);

    // Readers who were each sent to another project by another site and have everything in their caches.
    let mut scene = Scene::with_people();
    for number in 0..40 {
        let at = scene.between(300.0, 2_000.0);
        let page = format!("{}/issues/open", name(number));
        let from = format!("https://blog-{number}.example/");
        scene.send(address(1, number), at, &page, &from, AGENTS[number as usize % 4]);
    }
    assert!(scene.flagged(1) < 0.01);
}

/// Refused sign-ins, two a member, over the whole window.
fn spray(scene: &mut Scene, members: u32) {
    for number in 0..members {
        let at = scene.between(0.0, 2_000.0);
        for turn in 0..2 {
            let agent = AGENTS[number as usize % 4];
            scene.post(address(3, number), at + f64::from(turn) * 9.0, 401, "/login", "/login", agent);
        }
    }
}

#[test]
fn who_gets_in_at_last_is_none_of_those_who_only_try() {
    let mut scene = Scene::with_people();
    spray(&mut scene, 60);
    assert!(scene.flagged(3) > 0.8);

    let mut scene = Scene::with_people();
    spray(&mut scene, 60);
    for number in 0..8 {
        let (client, at) = (address(1, number), scene.between(400.0, 2_000.0));
        scene.send(client, at, "/login", "", SAFARI);
        scene.post(client, at + 9.0, 401, "/login", "/login", SAFARI);
        scene.post(client, at + 21.0, 302, "/login", "/login", SAFARI);
        (1..9).for_each(|turn| scene.post(client, at + 30.0 * f64::from(turn), 200, "/drafts/save", "/drafts", SAFARI));
    }
    assert!(scene.flagged(1) < 0.01);
}

#[test]
fn who_was_amid_a_visit_where_the_log_begins_is_not_taken_for_a_bare_writer() {
    let attack = |scene: &mut Scene| {
        writers(scene, "/account/register", "/account/register", (20.0, 120.0));
        for number in 0..60 {
            let at = scene.between(300.0, 2_000.0);
            scene.post(address(3, number), at, 302, "/account/register", "/account/register", CHROME);
        }
    };
    let mut scene = Scene::with_people();
    attack(&mut scene);
    assert!(scene.flagged(3) > 0.9);

    let mut scene = Scene::with_people();
    attack(&mut scene);
    for number in 0..4 {
        let client = address(1, number);
        scene.post(client, 20.0 + f64::from(number), 302, "/account/register", "/account/register", SAFARI);
    }
    assert!(scene.flagged(1) < 0.01);
}

#[test]
fn what_only_a_few_share_is_no_cell_however_the_keys_fall() {
    for _ in 0..4 {
        let cohorts = Cohorts::of(&Scene::with_people().traffic());
        let members = |cell: &Cell| cell.people + cell.quiet + cell.programs;
        assert!(cohorts.cells.len() > 10 && cohorts.cells.values().all(|cell| members(cell) >= LEAST_MEMBERS));
    }
}
