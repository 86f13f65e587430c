//! Who there is. One file per population: its constant says what it is, its actors say how it behaves.

use jiff::Timestamp;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::random::{latency, pick, size, wait};
use super::shop::{self, Browser};
use super::{Actor, Message, Plan, Population, seconds};

mod api_client;
mod crawler;
mod flood;
pub mod heldout;
pub mod lab;
mod login_brute_force;
mod monitoring;
mod office;
mod path_scanner;
mod shoppers;

pub use api_client::API_CLIENT;
pub use crawler::CRAWLER;
pub use flood::FLOOD;
pub use login_brute_force::LOGIN_BRUTE_FORCE;
pub use monitoring::MONITORING;
pub use office::OFFICE;
pub use path_scanner::PATH_SCANNER;
pub use shoppers::SHOPPERS;

/// All of them, the innocent first.
pub const ALL: &[&Population] =
    &[&SHOPPERS, &CRAWLER, &MONITORING, &OFFICE, &API_CLIENT, &PATH_SCANNER, &LOGIN_BRUTE_FORCE, &FLOOD];

/// An instant within the first so many seconds after the start: where an innocent actor joins in.
fn joins(plan: &Plan, rng: &mut ChaCha8Rng, within_seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a minute has few milliseconds")]
    let milliseconds = (rng.random_range(0.0..within_seconds) * 1000.0) as i64;
    plan.start + jiff::SignedDuration::from_millis(milliseconds)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::net::IpAddr;

    use jiff::SignedDuration;

    use super::*;
    use crate::detect::ClientStats;
    use crate::detect::gates::{GateLimits, passed};
    use crate::detect::ranges::exemption;
    use crate::sim::{Request, Traffic};

    const START: &str = "2026-03-02T09:00:00Z";

    fn minutes(seed: u64, minutes: i64) -> Vec<Request> {
        let start: Timestamp = START.parse().unwrap();
        Traffic::new(&Plan::new(seed, start).until(start + SignedDuration::from_mins(minutes))).collect()
    }

    /// The gate table, counted plainly.
    fn table(requests: &[Request]) -> BTreeMap<IpAddr, (ClientStats, &'static Population)> {
        let mut paths: BTreeMap<IpAddr, BTreeSet<&str>> = BTreeMap::new();
        let mut table = BTreeMap::new();
        for request in requests {
            let (stats, _) =
                table.entry(request.client).or_insert_with(|| (ClientStats::none(request.client), request.population));
            stats.requests += 1;
            stats.s4xx += u64::from(request.status / 100 == 4);
            stats.s499 += u64::from(request.status == 499);
            stats.s5xx += u64::from(request.status / 100 == 5);
            let seen = paths.entry(request.client).or_default();
            seen.insert(request.uri.split('?').next().unwrap_or_default());
            stats.paths = seen.len() as u64;
        }
        table
    }

    #[test]
    fn the_attackers_pass_the_default_gates_within_a_minute() {
        for seed in 0..20 {
            let table = table(&minutes(seed, 1));
            let caught: BTreeSet<_> = table
                .values()
                .filter(|(stats, population)| population.hostile && !passed(stats, &GateLimits::default()).is_empty())
                .map(|(_, population)| population.name)
                .collect();
            assert_eq!(caught, BTreeSet::from(["flood", "login-brute-force", "path-scanner"]), "seed {seed}");
        }
    }

    #[test]
    fn of_the_innocent_only_the_office_passes_a_gate_and_only_for_its_many_paths() {
        let mut office = 0;
        for seed in 0..20 {
            for window in minutes(seed, 15).chunk_by(|one, other| five(one) == five(other)) {
                for (stats, population) in table(window).values().filter(|(_, population)| !population.hostile) {
                    let gates: Vec<_> = passed(stats, &GateLimits::default()).into_iter().map(|hit| hit.gate).collect();
                    match population.name {
                        "office" => office += usize::from(gates == [crate::detect::gates::Gate::Paths]),
                        name => assert!(gates.is_empty(), "seed {seed}: {name} {stats:?}"),
                    }
                }
            }
        }
        assert!(office > 0, "the office is there to be a borderline case");
    }

    /// The five minutes of the clock that a request falls into.
    fn five(request: &Request) -> i64 {
        request.at.as_second() / 300
    }

    #[test]
    fn everybody_is_there_described_in_both_languages_and_bannable() {
        use crate::text::Lang;
        let requests = minutes(1, 5);
        for population in ALL {
            let own: Vec<_> = requests.iter().filter(|request| request.population == *population).collect();
            assert!(!own.is_empty(), "{} sends nothing", population.name);
            assert!(own.iter().all(|request| exemption(request.client, &[], &[]).is_none()), "{}", population.name);
            assert_ne!((population.description)(Lang::En), (population.description)(Lang::Ko));
        }
        let names: BTreeSet<_> = ALL.iter().map(|population| population.name).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn an_address_belongs_to_one_population() {
        let mut owner = BTreeMap::new();
        for request in minutes(2, 30) {
            assert_eq!(*owner.entry(request.client).or_insert(request.population), request.population);
        }
    }

    #[test]
    fn the_traffic_is_ordered_fixed_by_its_seed_and_as_dense_as_asked() {
        let requests = minutes(5, 10);
        assert!(requests.is_sorted_by_key(|request| request.at));
        assert_eq!(requests, minutes(5, 10));
        assert_ne!(requests, minutes(6, 10));
        let shoppers = requests.iter().filter(|request| request.population == &SHOPPERS).count() as f64 / 600.0;
        assert!((4.0..8.0).contains(&shoppers), "{shoppers} a second, 6 asked for");
    }

    #[test]
    fn a_population_does_not_change_the_others() {
        let start: Timestamp = START.parse().unwrap();
        let plan = Plan::new(5, start).until(start + SignedDuration::from_mins(2));
        let innocent: Vec<_> = Traffic::new(&plan.clone().innocent()).collect();
        let kept: Vec<_> = Traffic::new(&plan).filter(|request| !request.population.hostile).collect();
        assert_eq!(innocent, kept);
    }
}
