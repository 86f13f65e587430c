//! The cost table on the simulated shop, and alone.

use crate::text::Lang;
use crate::tui::stage::{Setting, Stage};
use crate::tui::theme::Depth;

fn setting(folder: &std::path::Path, lang: Lang, size: (u16, u16)) -> Setting<'_> {
    Setting { folder, lang, theme: "dark", depth: Depth::True, size, fleets: false }
}

#[tokio::test]
async fn the_table_by_cost_looks_as_it_did() {
    for (lang, suffix) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        for size in [(80, 24), (120, 40), (200, 50)] {
            let folder = tempfile::tempdir().unwrap();
            let mut stage = Stage::open(&setting(folder.path(), lang, size)).await.unwrap();
            stage.press("c").await.unwrap();
            // The log lies in another folder every time; its name is on the status line only.
            let text = stage.text().unwrap();
            let body: Vec<&str> = text.lines().take(usize::from(size.1) - 2).collect();
            insta::assert_snapshot!(format!("costs-{suffix}-{}x{}", size.0, size.1), body.join("\n"));
        }
    }
}

#[tokio::test]
async fn a_client_by_cost_leads_to_its_dossier_and_nobody_hidden_can_be_banned() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage::open(&setting(folder.path(), Lang::En, (120, 40))).await.unwrap();
    stage.press("c enter").await.unwrap();
    let text = stage.text().unwrap();
    assert!(text.contains("Clients by cost") && text.contains("Dossier"), "{text}");
    stage.press("esc").await.unwrap();
    // The gate table below is not in sight, so the form for a ban is empty.
    stage.press(":").await.unwrap();
    stage.type_text("ban").await;
    stage.press("enter").await.unwrap();
    let text = stage.text().unwrap();
    assert!(!text.lines().any(|line| line.contains("203.0.113.") && line.contains("Target")), "{text}");
    stage.press("esc c").await.unwrap();
    assert!(stage.text().unwrap().contains("Suspects"));
}
