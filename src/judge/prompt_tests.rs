use proptest::prelude::*;

use super::*;
use crate::judge::testing::of;

fn data(prompt: &Prompt) -> Value {
    serde_json::from_str(prompt.user.lines().nth(1).unwrap()).unwrap()
}

#[test]
fn the_dossier_is_one_line_of_json_between_its_boundaries() {
    let prompt = build(&of("path-scanner"), Lang::En, "00ff", 20_000);
    let lines: Vec<&str> = prompt.user.lines().collect();
    assert_eq!((lines[0], lines[2]), ("BEGIN DOSSIER 00ff", "END DOSSIER 00ff"));
    let data = data(&prompt);
    assert_eq!(data["client"], "203.0.113.66");
    assert_eq!(data["evidence"][0]["id"], "E1");
    assert_eq!(data["sample_of_requests"].as_array().unwrap().len(), 10);
    assert!(data["sample_of_requests"][0]["user_agent"].as_str().unwrap().contains("Nikto"));
    assert!(!prompt.shortened && prompt.system.contains("END DOSSIER 00ff"));
}

#[test]
fn it_is_cut_to_the_budget_and_says_so_but_numbers_and_evidence_stay() {
    let dossier = of("path-scanner");
    let whole = build(&dossier, Lang::Ko, "00ff", usize::MAX).text().chars().count();
    let mut longest = usize::MAX;
    for budget in [whole, whole - 500, whole - 900, 0] {
        let prompt = build(&dossier, Lang::Ko, "00ff", budget);
        let length = prompt.text().chars().count();
        assert!(length <= longest, "{length} of {longest} in a budget of {budget}, whole {whole}");
        longest = length;
        let data = data(&prompt);
        assert_eq!(data["numbers"]["requests"], dossier.suspect.stats.requests);
        assert_eq!(data["evidence"].as_array().unwrap().len(), dossier.evidence.len());
        assert_eq!(prompt.shortened, budget < whole);
    }
    assert!(longest < 4_200, "{longest}");
}

#[test]
fn a_row_without_known_parts_is_given_as_its_line() {
    let mut dossier = of("flood");
    dossier.fields = crate::logs::FieldMap::default();
    dossier.rows = vec![[("_time", "2026-03-02T09:00:00Z"), ("_msg", "as it stands")].into_iter().collect()];
    assert_eq!(data(&build(&dossier, Lang::En, "0", 20_000))["sample_of_requests"][0]["line"], "as it stands");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_a_log_holds_gets_out_of_the_json(text in any::<String>(), tail in "[<|>\\[\\]`{}END DOSSIER0f\n]{0,40}") {
        let mut dossier = of("flood");
        let text = format!("{text}{tail}");
        dossier.rows = vec![[("uri", text.clone()), ("user_agent", text.clone())].into_iter().collect()];
        dossier.top_paths = vec![ValueHits { value: text.clone(), hits: 1 }];
        dossier.evidence[0].statement = text.clone();
        dossier.gaps = vec![text.clone()];
        let prompt = build(&dossier, Lang::En, "0f0f", 20_000);
        prop_assert_eq!(prompt.user.lines().count(), 5);
        let json = prompt.user.lines().nth(1).unwrap();
        prop_assert!(!json.contains("<|") && !json.contains("|>") && !json.contains("[INST") && !json.contains("```"));
        let expected = cut(&visible(&text), 160);
        let data = data(&prompt);
        prop_assert_eq!(data["paths_and_hits"][0][0].as_str(), Some(expected.as_str()));
    }
}
