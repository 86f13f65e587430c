use super::*;
use crate::detect::replay::Thresholds;
use crate::detect::rules::RuleSet;
use crate::detect::score::Scorer;
use crate::detect::traffic::Hit;
use crate::sim::{self, Plan};

/// An innocent hour of the shop, and three attackers of the demo.
fn hour(seed: u64, hostile: bool) -> Traffic<'static> {
    let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let plan = Plan::new(seed, start).until(start + jiff::SignedDuration::from_mins(20));
    let plan = if hostile { plan } else { plan.innocent() };
    let mut traffic = Traffic::new(RuleSet::shipped());
    for request in sim::Traffic::new(&plan) {
        traffic.add(&Hit { duration_ms: 0, ..request.hit() });
    }
    traffic.finish();
    traffic
}

fn all(traffic: &Traffic<'_>) -> Vec<Features> {
    let mut clients: Vec<_> = traffic.clients.iter().collect();
    clients.sort_by_key(|(address, _)| **address);
    clients.into_iter().map(|(_, client)| features::of(traffic, client)).collect()
}

fn model() -> Model {
    let (at, clients) = (Timestamp::UNIX_EPOCH, all(&hour(1, false)));
    assert!(clients.len() > FEWEST, "{}", clients.len());
    Model::train(&clients, (at, at), at, 7).unwrap()
}

#[test]
fn attackers_are_stranger_than_the_shops_people() {
    let model = model();
    // Another day: the model must not know its clients by heart.
    let traffic = hour(2, true);
    let (mut hostile, mut innocent, mut rare_innocents) = (Vec::new(), Vec::new(), 0);
    let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let mut labels = sim::Labels::default();
    for request in sim::Traffic::new(&Plan::new(2, start).until(start + jiff::SignedDuration::from_mins(20))) {
        labels.note(&request);
    }
    for (address, population) in labels.iter() {
        let score = model.score(&features::of(&traffic, &traffic.clients[&address]));
        if population.hostile {
            hostile.push(score);
        } else {
            innocent.push(score);
            rare_innocents += usize::from(model.rarity(score) < STRANGE);
        }
    }
    let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
    assert!(mean(&hostile) > mean(&innocent) + 0.05, "{} {}", mean(&hostile), mean(&innocent));
    assert!(rare_innocents * 20 <= innocent.len(), "{rare_innocents} of {}", innocent.len());
}

#[test]
fn the_same_past_and_seed_give_the_same_model_and_it_reads_back() {
    let model = model();
    assert!(model == self::model());
    assert!(Model::read(&model.write().unwrap()).unwrap() == model);
}

#[test]
fn other_files_are_refused_and_say_what_to_do() {
    let text = model().write().unwrap();
    let other = text.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(Model::read(&other).unwrap_err(), ModelError::OtherVersion { found: 2 });
    let other = text.replacen("path_length", "path_lengths", 1);
    assert_eq!(Model::read(&other).unwrap_err(), ModelError::OtherVersion { found: 1 });
    for text in ["", "{}", "[]", "{\"format\":\"x\",\"version\":1,\"features\":[]}"] {
        assert!(matches!(Model::read(text), Err(ModelError::NotAModel { .. })), "{text}");
    }
    // A node that leads back would be a loop without end.
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["trees"][0][0] = serde_json::json!([0, 1.0, 0, 0]);
    assert!(matches!(Model::read(&json.to_string()), Err(ModelError::NotAModel { .. })));
    assert!(ModelError::OtherVersion { found: 2 }.to_string().contains("forest train"));
    assert!(matches!(
        Model::train(&[], (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH), Timestamp::UNIX_EPOCH, 1),
        Err(ModelError::TooFew { have: 0 })
    ));
}

#[test]
fn the_weight_is_bounded_and_rarer_never_weighs_less() {
    let mut last = 0.0;
    for step in 0..200 {
        let weight = weight(0.02 * 0.9_f64.powi(step));
        assert!(weight >= last && weight <= HEAVIEST);
        last = weight;
    }
    // It must not count as a kind of evidence of its own.
    const { assert!(HEAVIEST < 1.0) };
    let model = model();
    let mut last = 1.0;
    for step in 0..=100 {
        let rarity = model.rarity(f64::from(step) / 100.0);
        assert!(rarity <= last && rarity > 0.0, "{step}: {rarity} after {last}");
        last = rarity;
    }
}

#[test]
fn it_says_what_is_strange() {
    let model = model();
    let clients = all(&hour(1, false));
    let usual = clients.iter().min_by(|one, other| model.score(one).total_cmp(&model.score(other)));
    let mut odd = *usual.unwrap();
    let depth = FEATURES.iter().position(|feature| feature.name == "depth").unwrap();
    odd.0[depth] = Some(40.0);
    let reasons = model.reasons(&odd);
    let names: Vec<_> = reasons.iter().take(4).map(|one| one.feature).collect();
    assert_eq!(names[0], "depth", "{names:?}");
    assert!(reasons[0].say(Lang::En).starts_with("path depth 40 (usually "), "{}", reasons[0].say(Lang::En));
}

#[test]
fn the_same_site_does_not_drift_and_another_one_does() {
    let model = model();
    let same = model.drift(&all(&hour(3, false)));
    assert!(same[0].index < Drift::MUCH, "{:?}", same[0]);
    let mut moved = all(&hour(3, false));
    let agent = FEATURES.iter().position(|feature| feature.name == "agent_length").unwrap();
    moved.iter_mut().for_each(|client| client.0[agent] = Some(600.0));
    let drift = model.drift(&moved);
    assert!(drift[0].feature == "agent_length" && drift[0].index > Drift::MUCH, "{:?}", drift[0]);
}

#[test]
fn in_a_score_it_never_flags_alone_and_never_lowers_anything() {
    let model = model();
    let traffic = hour(2, true);
    let (without, with) = (Scorer::new(&traffic), Scorer::new(&traffic).with_forest(Some(&model)));
    let (mut raised, thresholds) = (0, Thresholds::default());
    for (&address, client) in &traffic.clients {
        let (before, after) = (without.score(address, client), with.score(address, client));
        assert!(after.probability >= before.probability, "{address}");
        assert_eq!(after.is_corroborated(), before.is_corroborated(), "{address}");
        raised += usize::from(after.probability > before.probability);
        if before.parts.is_empty() {
            assert_eq!(thresholds.action(&after), None, "{address}");
        }
    }
    assert!(raised > 0);
    // The strangest client there could be, with nothing else against it.
    let strangest = 1.0 / (1.0 + (5.0_f64 - HEAVIEST).exp());
    assert!(strangest < thresholds.watch, "{strangest}");
}
