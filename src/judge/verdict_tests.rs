use proptest::prelude::*;

use super::*;
use crate::judge::testing::{NOW, of};

const GOOD: &str = r#"{"evidence":["E1"],"reason":"Many 404.","category":"scanner","verdict":"yes","confidence":0.9}"#;

#[test]
fn a_good_answer_needs_no_remark_in_any_wrapping_that_models_use() {
    for (text, remarks) in [
        (GOOD.to_owned(), vec![]),
        (format!("\n {GOOD} \n"), vec![]),
        (format!("<think>is {{it}}?</think>\n{GOOD}"), vec![]),
        (format!("```json\n{GOOD}\n```"), vec![Remark::Fenced]),
        (format!("```\n{GOOD}\n```\n"), vec![Remark::Fenced]),
        (GOOD.replace("yes", " YES "), vec![]),
        (GOOD.replace("0.9", "\"0.9\""), vec![]),
    ] {
        let answer = read(&text).unwrap();
        assert_eq!((answer.opinion, answer.confidence, answer.remarks), (Opinion::Yes, 0.9, remarks), "{text}");
    }
}

#[test]
fn what_is_not_one_whole_answer_is_broken() {
    for text in [
        "",
        "<think>forever",
        "yes",
        "[]",
        &GOOD[..GOOD.len() - 1],
        &format!("{GOOD}{GOOD}"),
        &format!("The answer: {GOOD}"),
        &format!("```json\n{GOOD}\n``` and more"),
        &GOOD.replace("yes", "ban 198.51.100.1"),
        &GOOD.replace("Many 404.", "  "),
        &GOOD.replace("0.9", "null"),
        &GOOD.replace("0.9", "\"high\""),
        &GOOD.replace("[\"E1\"]", "\"E1\""),
        &GOOD.replace("\"E1\"", "1"),
        &"[".repeat(100_000),
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn numbers_and_words_outside_of_what_was_asked_are_brought_in_and_remarked() {
    for (given, confidence) in [("85", 0.85), ("1.3", 1.0), ("-4", 0.0), ("250", 1.0)] {
        let answer = read(&GOOD.replace("0.9", given)).unwrap();
        assert_eq!((answer.confidence, &answer.remarks), (confidence, &vec![Remark::Confidence(given.to_owned())]));
    }
    let answer = read(&GOOD.replace("scanner", "apocalypse")).unwrap();
    assert_eq!((answer.category.as_str(), answer.remarks.len()), ("other", 1));
    assert_eq!(read(&GOOD.replace("scanner", "Brute Force")).unwrap().category, "brute_force");
}

#[test]
fn a_reason_is_two_sentences_on_one_line() {
    for (given, kept) in [
        ("One. Two. Three.", "One. Two."),
        ("96.5% of 240 are 404! Nikto 2.5.0? Ban it.", "96.5% of 240 are 404! Nikto 2.5.0?"),
        ("스캐너입니다. 404가 96%입니다. 차단하세요.", "스캐너입니다. 404가 96%입니다."),
        ("一。二。三。", "一。二。"),
        ("a\n\tb", "a b"),
        ("evil\u{202e}\u{1b}[2J", "evil\\u{202e}\\x1b[2J"),
        ("   ", ""),
    ] {
        assert_eq!(sentences(given), kept);
    }
    assert_eq!(sentences(&"x".repeat(999)).chars().count(), REASON_CHARACTERS + 1);
}

#[test]
fn evidence_is_checked_against_the_dossier() {
    let dossier = of("path-scanner");
    let answer = read(&GOOD.replace("[\"E1\"]", r#"["E1","E1"," E2 ","E99","\u001b[2J"]"#)).unwrap();
    let circumstances = Circumstances {
        dossier: &dossier,
        lang: Lang::Ko,
        judge: "test".to_owned(),
        prompt: String::new(),
        raw: GOOD.to_owned(),
        took: Duration::ZERO,
        at: NOW,
        remarks: vec![Remark::Shortened],
    };
    let verdict = circumstances.clone().verdict(answer);
    assert_eq!((verdict.cites, verdict.cites_unknown), (strings(&["E1", "E2"]), strings(&["E99", "\\x1b[2J"])));
    assert_eq!(verdict.target, dossier.suspect.target);
    assert!(verdict.note.unwrap().contains("자료를 줄였습니다"));
    let unsure = circumstances.not_understood(Broken::Empty);
    assert_eq!((unsure.opinion, unsure.confidence, unsure.raw.as_str()), (Opinion::Unsure, 0.0, GOOD));
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

proptest! {
    #[test]
    fn any_answer_is_in_bounds_or_broken(
        verdict in "yes|no|unsure|.*", confidence in any::<f64>(), category in any::<String>(),
        reason in any::<String>(), evidence in prop::collection::vec(any::<String>(), 0..40), fence in any::<bool>(),
    ) {
        let json = json!({
            "verdict": verdict, "confidence": confidence, "category": category, "reason": reason, "evidence": evidence,
        });
        let text = if fence { format!("```json\n{json}\n```") } else { json.to_string() };
        if let Ok(answer) = read(&text) {
            prop_assert!((0.0..=1.0).contains(&answer.confidence));
            prop_assert!(CATEGORIES.contains(&answer.category.as_str()));
            prop_assert!(answer.evidence.len() <= MAX_CITES);
            let shown = answer.evidence.iter().chain([&answer.reason]);
            for text in shown {
                prop_assert!(!text.chars().any(crate::text::escape::is_dangerous));
            }
            for remark in &answer.remarks {
                prop_assert!(!remark.say(Lang::Ko).chars().any(crate::text::escape::is_dangerous));
            }
        }
        let _ = read(&reason);
    }
}
