//! The whole console by keys alone, over the simulated shop with the real file source, journal, policy and rehearsal:
//! what is on the screen in both languages and three sizes, and the main job from start to finish.

use gatewatch::text::Lang;
use gatewatch::tui::stage::{Setting, Stage};
use gatewatch::tui::theme::Depth;
use tempfile::TempDir;

/// A console in a folder of its own.
async fn stage(folder: &TempDir, lang: Lang, size: (u16, u16)) -> Stage {
    stage_with(folder, lang, size, false).await
}

async fn stage_with(folder: &TempDir, lang: Lang, size: (u16, u16), fleets: bool) -> Stage {
    let setting = Setting { folder: folder.path(), lang, theme: "dark", depth: Depth::True, size, fleets };
    Stage::open(&setting).await.unwrap()
}

/// The screen after some keys.
async fn screen(stage: &mut Stage, keys: &str) -> String {
    stage.press(keys).await.unwrap();
    stage.text().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_view_in_both_languages_and_three_sizes() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        for (width, height) in [(80, 24), (120, 40), (200, 50)] {
            let folder = TempDir::new().unwrap();
            let mut stage = stage(&folder, lang, (width, height)).await;
            stage.press("2 ctrl+o").await.unwrap();
            stage.type_text("client-errors-by").await;
            let shelf = body(&stage.text().unwrap());
            insta::assert_snapshot!(format!("query_shelf_{name}_{width}x{height}"), shelf);
            let answer = body(&screen(&mut stage, "enter f5 tab down enter").await);
            insta::assert_snapshot!(format!("query_row_{name}_{width}x{height}"), answer);
        }
    }
}

/// The screen without the status line, which names the test's folder.
fn body(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[..lines.len() - 2].join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_that_ships_runs_over_the_shops_log() {
    let folder = TempDir::new().unwrap();
    let mut stage = stage(&folder, Lang::En, (120, 40)).await;
    stage.press("2").await.unwrap();
    for query in gatewatch::library::shipped() {
        stage.press("ctrl+o").await.unwrap();
        stage.type_text(query.name(Lang::En)).await;
        let shown = screen(&mut stage, "enter f5").await;
        assert!(shown.contains(query.text.lines().next().unwrap_or_default().get(..20).unwrap_or("")), "{shown}");
        assert!(shown.contains(" rows · ") || shown.contains(" row · "), "{}: {shown}", query.slug);
        assert!(!shown.contains("failed") && !shown.contains("PARTIAL"), "{}: {shown}", query.slug);
        // The log holds attackers of every sort but those of sshd.
        assert_eq!(shown.contains(" 0 rows · "), query.slug == "sshd-failures", "{}: {shown}", query.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_written_run_saved_and_found_again_by_keys_alone() {
    let folder = TempDir::new().unwrap();
    let mut stage = stage(&folder, Lang::En, (120, 40)).await;
    stage.press("2").await.unwrap();
    stage.press(&"backspace ".repeat(60)).await.unwrap();
    stage.type_text("status:401 | limt 3").await;
    let shown = stage.text().unwrap();
    assert!(shown.contains("▲") && shown.contains("limit"), "the mistake and what was meant: {shown}");
    stage.press("backspace backspace backspace").await.unwrap();
    stage.type_text("it 3").await;
    let shown = screen(&mut stage, "f5").await;
    assert!(shown.contains("3 rows · ") && shown.contains("/login"), "{shown}");
    stage.press("ctrl+s").await.unwrap();
    stage.type_text("Wrong passwords").await;
    let shown = screen(&mut stage, "enter").await;
    assert!(shown.contains("wrong-passwords.logsql"), "{shown}");
    let saved = std::fs::read_to_string(folder.path().join("queries/wrong-passwords.logsql")).unwrap();
    assert_eq!(saved, "# name: Wrong passwords\nstatus:401 | limit 3\n");
    // Another query, then the saved one again: under its name, and in the history under its text.
    stage.press(&"backspace ".repeat(40)).await.unwrap();
    stage.type_text("*").await;
    stage.press("ctrl+o").await.unwrap();
    stage.type_text("wrong pass").await;
    assert!(stage.text().unwrap().contains("own     Wrong passwords"), "{}", stage.text().unwrap());
    let shown = screen(&mut stage, "enter").await;
    assert!(shown.contains("│status:401 | limit 3"), "{shown}");
    stage.press("ctrl+o").await.unwrap();
    stage.type_text("limit 3").await;
    assert!(stage.text().unwrap().contains("earlier status:401 | limit 3"), "{}", stage.text().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_editor_helps_in_both_languages() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        for (width, height) in [(80, 24), (120, 40)] {
            let folder = TempDir::new().unwrap();
            let mut stage = stage(&folder, lang, (width, height)).await;
            stage.press("2").await.unwrap();
            stage.press(&"backspace ".repeat(60)).await.unwrap();
            stage.type_text("status:>=400 | stats by (path) co").await;
            let shot = |what: &str| format!("query_{what}_{name}_{width}x{height}");
            insta::assert_snapshot!(shot("completion"), body(&stage.text().unwrap()));
            stage.press("esc").await.unwrap();
            stage.type_text("unt() n | srt by (n").await;
            insta::assert_snapshot!(shot("fix"), body(&screen(&mut stage, "esc").await));
            let mended = screen(&mut stage, "f4").await;
            assert!(mended.contains("| sort by (n"), "{mended}");
            insta::assert_snapshot!(shot("hover"), body(&screen(&mut stage, "left left left left left f3").await));
            let renaming = screen(&mut stage, "esc right right right right right f6").await;
            insta::assert_snapshot!(shot("rename"), body(&renaming));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspects_rows_are_one_key_away_from_its_dossier() {
    let folder = TempDir::new().unwrap();
    let mut stage = stage(&folder, Lang::En, (120, 40)).await;
    let shown = screen(&mut stage, "enter o").await;
    assert!(shown.contains("203.0.113.66") && shown.contains(" rows · ") && shown.contains(".sql"), "{shown}");
    // The cell under the cursor narrows the query; without it the rows are other ones.
    let shown = screen(&mut stage, "right right i").await;
    assert!(shown.contains(":="), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cohort_is_banned_through_one_form_and_not_by_a_slip() {
    let folder = TempDir::new().unwrap();
    let mut stage = stage_with(&folder, Lang::En, (120, 40), true).await;
    let decisions = |text: &str| -> usize {
        let title = text.lines().find(|line| line.contains("Decisions in force")).unwrap_or_else(|| panic!("{text}"));
        let words: Vec<&str> = title.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "force").unwrap();
        words[at + 1].parse().unwrap()
    };
    // The safe answer has the focus; a burst of keys and a paste confirm nothing.
    stage.press("4 b").await.unwrap();
    stage.type_text("B").await;
    stage.paste("B").await;
    assert_eq!(decisions(&screen(&mut stage, "enter 3").await), 0);
    let shown = screen(&mut stage, "4 b").await;
    assert!(shown.contains("REHEARSAL") && shown.contains("the policy agrees"), "{shown}");
    let chosen: usize = {
        let button =
            shown.lines().find(|line| line.contains("rehearse the ban (")).unwrap_or_else(|| panic!("{shown}"));
        button.split("the ban (").nth(1).unwrap().split(')').next().unwrap().parse().unwrap()
    };
    assert!(chosen >= 6, "{shown}");
    // One is left out by hand.
    let shown = screen(&mut stage, "end space").await;
    assert!(shown.contains(&format!("rehearse the ban ({})", chosen - 1)), "{shown}");
    let shown = screen(&mut stage, "B").await;
    assert!(shown.contains(&format!("done {}, failed 0", chosen - 1)), "{shown}");
    assert!(shown.contains("✓ rehearsed"), "{shown}");
    // What was sent is not sent again.
    let shown = screen(&mut stage, "B").await;
    assert!(shown.contains(&format!("done {}, failed 0", chosen - 1)), "{shown}");
    assert_eq!(decisions(&screen(&mut stage, "esc 3").await), chosen - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cohorts_range_is_typed_and_its_clients_go_with_it() {
    let folder = TempDir::new().unwrap();
    let mut stage = stage_with(&folder, Lang::En, (120, 40), true).await;
    // Down to a cohort that a prefix covers.
    let mut shown = screen(&mut stage, "4").await;
    for _ in 0..12 {
        if !shown.contains("none covers three or more") {
            break;
        }
        shown = screen(&mut stage, "down").await;
    }
    // Ranges stand first and are not chosen by themselves.
    let shown = screen(&mut stage, "b").await;
    let range =
        shown.lines().find(|line| line.contains("[ ]") && line.contains('/')).unwrap_or_else(|| panic!("{shown}"));
    let range = range.split_whitespace().find(|word| word.contains('/')).unwrap().to_owned();
    let shown = screen(&mut stage, "home space").await;
    assert!(shown.contains("type the range") && shown.contains("in a chosen range"), "{shown}");
    let shown = screen(&mut stage, "B").await;
    assert!(!shown.contains("done "), "not before it was typed: {shown}");
    stage.press("tab").await.unwrap();
    stage.paste(&range).await;
    let shown = screen(&mut stage, "enter B").await;
    assert!(!shown.contains("done "), "pasting does not count: {shown}");
    stage.press("tab").await.unwrap();
    stage.type_text(&range).await;
    let shown = screen(&mut stage, "enter B").await;
    assert!(shown.contains("failed 0"), "{shown}");
    stage.press("esc 3 /").await.unwrap();
    stage.type_text(&range).await;
    assert!(stage.text().unwrap().contains(&format!(" {range} ")), "{}", stage.text().unwrap());
}
