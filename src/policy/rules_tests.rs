//! The rules one by one, and the promise that none of them can be got round.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::detect::ranges::Exemption;
use crate::text::{Lang, Say};

const HOUR: Duration = Duration::from_secs(3600);

fn net(text: &str) -> IpNet {
    text.parse().unwrap_or_else(|_| IpNet::from(text.parse::<IpAddr>().unwrap()))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + second).unwrap()
}

fn proposal(target: IpNet) -> Proposal {
    Proposal {
        target,
        remedy: Remedy::Ban,
        duration: 4 * HOUR,
        detector: "gate".to_owned(),
        reason: "404 on 92% of 1,204 requests".to_owned(),
        events_count: 1204,
        events: Vec::new(),
        first_seen: at(-300),
        last_seen: at(-1),
    }
}

fn rules() -> Rules {
    Rules {
        allow_list: vec![net("203.0.113.0/28"), net("2001:db8:a::/48")],
        trusted_proxies: vec![net("198.51.100.9")],
        operator: vec!["192.0.2.77".parse().unwrap()],
        host: vec!["192.0.2.10".parse().unwrap(), "2001:db8:b::1".parse().unwrap()],
        services: vec!["192.0.2.20".parse().unwrap()],
        ..Rules::default()
    }
}

fn sure_yes() -> Situation {
    Situation {
        unattended: true,
        verdict: Some((Opinion::Yes, 0.95)),
        clients_in_window: 100,
        clients_hit: 1,
        ..Situation::default()
    }
}

fn refused(target: &str) -> Vec<Refusal> {
    match rules().decide(proposal(net(target)), &Situation::default(), at(0)) {
        Ruling::Ignore(refusals) => refusals,
        other => panic!("{target} was let pass: {other:?}"),
    }
}

#[test]
fn a_stranger_is_asked_about_attended_and_acted_on_unattended() {
    let target = net("198.51.100.77");
    match rules().decide(proposal(target), &Situation::default(), at(0)) {
        Ruling::Ask(plan) => {
            assert_eq!(plan.target(), target);
            assert_eq!(plan.scenario(), "gatewatch/gate");
            assert_eq!(plan.made_at(), at(0));
            assert!(plan.is_fresh(at(60)) && !plan.is_fresh(at(61)));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(rules().decide(proposal(target), &sure_yes(), at(0)), Ruling::Act(_)));
}

#[test]
fn every_protected_address_is_refused_by_its_own_rule() {
    use Refusal::{AllowList, NeverBannable, Operator, Service, ThisHost, TrustedProxy};
    for (target, expected) in [
        ("10.0.0.7", "never"),
        ("100.101.102.103", "never"),
        ("::ffff:10.0.0.7", "never"),
        ("fd00::1", "never"),
        ("203.0.113.4", "allow"),
        ("203.0.113.0/24", "allow"),
        ("2001:db8:a:1::/64", "allow"),
        ("198.51.100.9", "proxy"),
        ("198.51.100.0/28", "proxy"),
        ("192.0.2.77", "operator"),
        ("::ffff:192.0.2.77", "operator"),
        ("::ffff:192.0.2.76/127", "operator"),
        ("192.0.2.10", "host"),
        ("2001:db8:b::/48", "host"),
        ("192.0.2.20", "service"),
    ] {
        let refusals = refused(target);
        let rule = match refusals.first() {
            Some(NeverBannable { .. }) => "never",
            Some(AllowList { .. }) => "allow",
            Some(TrustedProxy { .. }) => "proxy",
            Some(Operator { .. }) => "operator",
            Some(ThisHost { .. }) => "host",
            Some(Service { .. }) => "service",
            other => panic!("{target}: {other:?}"),
        };
        assert_eq!(rule, expected, "{target}: {refusals:?}");
    }
    // A range that holds several of them names every one.
    assert_eq!(refused("192.0.2.0/24").len(), 3);
}

#[test]
fn the_ceiling_on_ranges() {
    for (target, wide) in [("198.18.0.0/23", true), ("2600::/47", true), ("0.0.0.0/0", true), ("::/0", true)] {
        assert_eq!(refused(target).iter().any(|refusal| matches!(refusal, Refusal::TooWide { .. })), wide, "{target}");
    }
    for target in ["198.18.5.0/24", "2600::/48", "198.18.5.7/32"] {
        assert!(rules().decide(proposal(net(target)), &Situation::default(), at(0)).plan().is_some(), "{target}");
    }
}

#[test]
fn host_bits_are_dropped_from_the_plan() {
    let ruling = rules().decide(proposal("198.18.5.77/24".parse().unwrap()), &Situation::default(), at(0));
    assert_eq!(ruling.plan().unwrap().target(), net("198.18.5.0/24"));
    let ruling = rules().decide(proposal("::ffff:198.18.5.77/120".parse().unwrap()), &Situation::default(), at(0));
    assert_eq!(ruling.plan().unwrap().target(), net("198.18.5.0/24"));
}

#[test]
fn duration_reason_and_names_have_a_form() {
    let form = |change: fn(&mut Proposal)| {
        let mut changed = proposal(net("198.51.100.77"));
        change(&mut changed);
        match rules().decide(changed, &Situation::default(), at(0)) {
            Ruling::Ignore(refusals) => refusals,
            _ => Vec::new(),
        }
    };
    assert_eq!(form(|p| p.duration = Duration::ZERO), [Refusal::NoDuration]);
    assert_eq!(form(|p| p.duration = Duration::from_millis(999)), [Refusal::NoDuration]);
    assert_eq!(form(|p| p.duration = 8760 * HOUR), []);
    assert_eq!(form(|p| p.duration = 8761 * HOUR), [Refusal::TooLong { hours: 8761, longest: 8760 }]);
    assert_eq!(form(|p| p.duration = Duration::MAX).len(), 1);
    assert_eq!(form(|p| p.reason = " \n\t".to_owned()), [Refusal::NoReason]);
    assert_eq!(form(|p| p.detector = "a/b".to_owned()), [Refusal::BadDetector { name: "a/b".to_owned() }]);
    assert_eq!(form(|p| p.remedy = Remedy::Custom(String::new())), [Refusal::BadRemedy { name: String::new() }]);
    assert_eq!(form(|p| p.remedy = Remedy::Custom("mfa-check".to_owned())), []);
}

#[test]
fn unattended_only_a_sure_yes_acts() {
    let ruled =
        |verdict| match rules().decide(proposal(net("198.51.100.77")), &Situation { verdict, ..sure_yes() }, at(0)) {
            Ruling::Ignore(refusals) => refusals,
            Ruling::Act(_) => Vec::new(),
            Ruling::Ask(plan) => panic!("asked unattended: {plan:?}"),
        };
    assert_eq!(ruled(None), [Refusal::NoVerdict]);
    assert_eq!(ruled(Some((Opinion::No, 1.0))), [Refusal::NotGuilty { opinion: Opinion::No }]);
    assert_eq!(ruled(Some((Opinion::Unsure, 1.0))), [Refusal::NotGuilty { opinion: Opinion::Unsure }]);
    let invented = Situation { groundless: true, ..sure_yes() };
    assert_eq!(
        rules().decide(proposal(net("198.51.100.77")), &invented, at(0)),
        Ruling::Ignore(vec![Refusal::Groundless])
    );
    assert_eq!(ruled(Some((Opinion::Yes, 0.69))), [Refusal::NotSure { confidence: 0.69, needed: 0.7 }]);
    assert_eq!(ruled(Some((Opinion::Yes, f64::NAN))).len(), 1);
    assert_eq!(ruled(Some((Opinion::Yes, 0.7))), []);
}

#[test]
fn a_cycle_has_a_cap_and_a_circuit_breaker() {
    let ruled = |situation: Situation| match rules().decide(proposal(net("198.51.100.77")), &situation, at(0)) {
        Ruling::Ignore(refusals) => refusals,
        _ => Vec::new(),
    };
    assert_eq!(ruled(Situation { new_bans_so_far: 4, ..sure_yes() }), []);
    assert_eq!(ruled(Situation { new_bans_so_far: 5, ..sure_yes() }), [Refusal::Cap { cap: 5 }]);
    let hits = |clients_hit, clients_in_window| ruled(Situation { clients_hit, clients_in_window, ..sure_yes() });
    assert_eq!(hits(20, 100), []);
    assert_eq!(hits(21, 100), [Refusal::CircuitBreaker { hit: 21, clients: 100, share: 0.2 }]);
    assert_eq!(hits(1, 1), [], "one client may always be hit");
    assert_eq!(hits(2, 0).len(), 1, "an unknown number of clients is no licence");
    // A person's range is held to it too.
    assert_eq!(ruled(Situation { unattended: false, ..Situation { clients_hit: 60, ..sure_yes() } }).len(), 1);
}

#[test]
fn unattended_nothing_is_done_twice() {
    let ruled = |situation: Situation| rules().decide(proposal(net("198.51.100.77")), &situation, at(0));
    let acted = |second| Situation { last_acted: Some(at(second)), ..sure_yes() };
    assert!(matches!(ruled(acted(-86_399)), Ruling::Ignore(_)));
    assert!(matches!(ruled(acted(-86_400)), Ruling::Act(_)));
    let force = |second| Situation { in_force_until: Some(at(second)), ..sure_yes() };
    assert!(matches!(ruled(force(1)), Ruling::Ignore(_)));
    assert!(matches!(ruled(force(0)), Ruling::Act(_)));
    // A person may ban again what is banned already.
    assert!(matches!(ruled(Situation { unattended: false, ..force(1) }), Ruling::Ask(_)));
}

#[test]
fn at_most_ten_events_go_with_a_plan() {
    let event = super::super::SampleEvent { at: at(-1), meta: Vec::new() };
    let many = Proposal { events: vec![event; 50], ..proposal(net("198.51.100.77")) };
    let ruling = rules().decide(many, &Situation::default(), at(0));
    assert_eq!(ruling.plan().unwrap().events().len(), 10);
    assert_eq!(ruling.plan().unwrap().events_count(), 1204);
}

#[test]
fn a_refusal_says_which_rule_in_both_languages_without_control_characters() {
    let refusals = [
        Refusal::NeverBannable { target: net("10.0.0.7"), range: net("10.0.0.0/8"), why: Exemption::Private },
        Refusal::TooWide { target: net("198.18.0.0/16"), widest: 24 },
        Refusal::BadRemedy { name: "\u{1b}[2J".to_owned() },
        Refusal::InForce { target: net("198.18.0.1"), until: at(0) },
    ];
    let said: Vec<String> = refusals.iter().map(|refusal| refusal.say(Lang::En)).collect();
    assert_eq!(said[0], "10.0.0.7 overlaps 10.0.0.0/8 (private), which is never banned");
    assert_eq!(said[1], "198.18.0.0/16 is wider than /24, the widest range that may be banned");
    assert!(said[2].contains("\\x1b[2J"));
    assert_eq!(said[3], "a decision for 198.18.0.1 is already in force until 2025-06-15T15:06:40Z");
    assert!(refusals[1].say(Lang::Ko).contains("넓습니다"));
}

fn any_net() -> impl Strategy<Value = IpNet> {
    // Near the protected ranges as often as anywhere.
    let anywhere = prop_oneof![
        (any::<u32>(), 0..=32u8)
            .prop_map(|(bits, length)| IpNet::new(IpAddr::from(bits.to_be_bytes()), length).unwrap()),
        (any::<u128>(), 0..=128u8)
            .prop_map(|(bits, length)| IpNet::new(IpAddr::from(bits.to_be_bytes()), length).unwrap()),
    ];
    let protected: Vec<IpNet> = protected().into_iter().map(|(range, _)| range).collect();
    let near = (prop::sample::select(protected), 0..=128u8, any::<bool>()).prop_map(|(range, length, mapped)| {
        let (address, length) = match range.addr() {
            IpAddr::V4(v4) if mapped => (IpAddr::V6(v4.to_ipv6_mapped()), length),
            IpAddr::V4(v4) => (IpAddr::V4(v4), length % 33),
            v6 => (v6, length),
        };
        IpNet::new(address, length).unwrap()
    });
    prop_oneof![anywhere, near]
}

fn protected() -> Vec<(IpNet, &'static str)> {
    let rules = rules();
    let addresses =
        rules.operator.iter().chain(&rules.host).chain(&rules.services).map(|address| IpNet::from(*address));
    let ranges = rules.allow_list.iter().chain(&rules.trusted_proxies).copied();
    let never = never_bannable().iter().map(|(range, _)| (*range, "never"));
    never.chain(addresses.chain(ranges).map(|range| (range, "settings"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_plan_ever_touches_a_protected_range(target in any_net(), unattended in any::<bool>(), hours in 0..10_000u64) {
        let asked = Proposal { duration: hours as u32 * HOUR, ..proposal(target) };
        let situation = Situation { unattended, ..sure_yes() };
        if let Some(plan) = rules().decide(asked, &situation, at(0)).plan() {
            for (range, why) in protected() {
                prop_assert!(!overlaps(&plan.target(), &range), "{} overlaps {range} ({why})", plan.target());
                if let IpAddr::V4(v4) = range.addr() {
                    prop_assert!(!plan.target().contains(&IpAddr::V6(v4.to_ipv6_mapped())));
                }
            }
            let widest = if plan.target().addr().is_ipv4() { 24 } else { 48 };
            prop_assert!(plan.target().prefix_len() >= widest);
            prop_assert!(plan.duration() >= Duration::from_secs(1) && plan.duration() <= MAX_DURATION);
            prop_assert_eq!(plan.target(), plan.target().trunc());
        }
    }
}
