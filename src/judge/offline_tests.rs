use super::*;
use crate::detect::assess::Scored;
use crate::detect::score::{Kind, Part};
use crate::judge::testing::{NOW, clients, of};

#[test]
fn no_innocent_of_the_simulated_shop_is_called_an_attacker_and_every_attacker_that_passes_a_gate_is() {
    let (mut attackers, mut innocents) = (0, 0);
    for seed in 0..4 {
        for (dossier, who) in clients(seed) {
            let verdict = Offline.verdict(&dossier, Lang::En, NOW);
            if !who.hostile {
                innocents += 1;
                assert_eq!(verdict.opinion, Opinion::Unsure, "{}: {}", who.name, verdict.reason);
            } else if dossier.suspect.is_suspect() {
                attackers += 1;
                assert_eq!(verdict.opinion, Opinion::Yes, "{}: {}", who.name, verdict.reason);
            }
        }
    }
    assert!(attackers >= 12 && innocents > 100, "{attackers} {innocents}");
}

#[test]
fn it_names_the_gates_and_the_strongest_sign_and_says_that_no_model_was_asked() {
    for (population, category, word) in [
        ("path-scanner", "scanner", "Nikto"),
        ("login-brute-force", "brute_force", "login"),
        ("flood", "flood", "a second"),
    ] {
        let verdict = Offline.verdict(&of(population), Lang::En, NOW);
        assert_eq!((verdict.opinion, verdict.category.as_str()), (Opinion::Yes, category), "{}", verdict.reason);
        assert!(verdict.reason.contains(word) && verdict.reason.contains("passed these gates"), "{}", verdict.reason);
        assert_eq!((verdict.judge.as_str(), verdict.is_by_model()), (NAME, false));
        assert!(verdict.note.unwrap().starts_with("no model was asked"));
        assert!(verdict.cites.contains(&"E1".to_owned()));
    }
    let korean = Offline.verdict(&of("login-brute-force"), Lang::Ko, NOW);
    assert!(korean.reason.contains("비밀번호 추측"), "{}", korean.reason);
}

#[test]
fn the_same_dossier_gets_the_same_words() {
    let dossier = of("path-scanner");
    assert_eq!(Offline.verdict(&dossier, Lang::Ko, NOW), Offline.verdict(&dossier, Lang::Ko, NOW));
}

#[test]
fn an_exempt_or_quiet_client_is_never_a_yes_whatever_it_sent() {
    let mut dossier = of("path-scanner");
    dossier.suspect.exempt = Some(crate::detect::ranges::Exemption::AllowList);
    let verdict = Offline.verdict(&dossier, Lang::En, NOW);
    assert_eq!(verdict.opinion, Opinion::Unsure);
    assert!(verdict.reason.contains("allow list"), "{}", verdict.reason);
    dossier.suspect.exempt = None;
    dossier.suspect.gates.clear();
    assert_eq!(Offline.verdict(&dossier, Lang::En, NOW).opinion, Opinion::Unsure);
}

#[test]
fn what_a_log_says_is_escaped_in_the_reason() {
    let mut dossier = of("login-brute-force");
    for path in &mut dossier.top_paths {
        path.value.push_str("\u{1b}[2J\u{202e}");
    }
    let reason = Offline.verdict(&dossier, Lang::En, NOW).reason;
    assert!(reason.contains("\\x1b[2J"), "{reason}");
    assert!(!reason.contains('\u{1b}'));
}

/// What detection says: its probability, what that leads to, and one part.
fn scored(probability: f64, action: Option<Action>, kind: Kind, detector: &str) -> Box<Scored> {
    let parts = vec![Part { kind, detector: detector.to_owned(), weight: 6.0, value: 0.01 }];
    Box::new(Scored { probability, action, parts, conclusive: false, cohort: None })
}

#[test]
fn what_detection_says_is_weighed_and_no_sentence_contradicts_it() {
    let mut dossier = of("shoppers");
    dossier.suspect.gates.clear();
    for (probability, action, percent) in [(0.96, Action::Ask, "96%"), (0.9991, Action::Act, ">99%")] {
        dossier.suspect.score = Some(scored(probability, Some(action), Kind::Cohort, "cohort:agent"));
        for lang in [Lang::En, Lang::Ko] {
            let verdict = Offline.verdict(&dossier, lang, NOW);
            assert_eq!((verdict.opinion, verdict.confidence), (Opinion::Yes, probability), "{}", verdict.reason);
            assert!(verdict.reason.contains(percent), "{}", verdict.reason);
            assert!(!verdict.reason.contains(say::no_sign(lang)), "{}", verdict.reason);
            assert_eq!(verdict.asks_only, action == Action::Ask, "one kind of evidence does not act unattended");
        }
    }
    let reason = Offline.verdict(&dossier, Lang::En, NOW).reason;
    assert!(reason.contains("passed no gate. But detection") && reason.contains("acts as one with others"), "{reason}");
    // Below the threshold to ask it is said, and no yes.
    dossier.suspect.score = Some(scored(0.31, Some(Action::Watch), Kind::Cohort, "cohort:agent"));
    let verdict = Offline.verdict(&dossier, Lang::En, NOW);
    assert_eq!((verdict.opinion, verdict.confidence), (Opinion::Unsure, 0.31), "{}", verdict.reason);
    assert!(verdict.reason.contains("31%"), "{}", verdict.reason);
}

#[test]
fn a_sign_of_one_clients_rows_does_not_outweigh_a_score_that_knows_the_site() {
    let mut dossier = of("flood");
    dossier.suspect.score = Some(scored(0.05, None, Kind::Burst, "burst:minute"));
    let verdict = Offline.verdict(&dossier, Lang::En, NOW);
    assert_eq!((verdict.opinion, verdict.confidence), (Opinion::Unsure, 0.0), "{}", verdict.reason);
    dossier.suspect.score = Some(scored(0.97, Some(Action::Ask), Kind::Burst, "burst:minute"));
    let verdict = Offline.verdict(&dossier, Lang::En, NOW);
    assert_eq!((verdict.opinion, verdict.confidence), (Opinion::Yes, 0.97), "{}", verdict.reason);
    assert!(verdict.reason.contains("a second") && verdict.reason.contains("97%"), "{}", verdict.reason);
}
