//! The Cohorts view by keys alone: everything it knows can be read on the smallest screens.

use super::*;
use crate::tui::keymap::Context;

#[tokio::test]
async fn what_people_do_instead_and_the_prefixes_can_be_read_on_a_small_screen() {
    for (lang, instead, prefixes) in [
        (Lang::En, "What the site's people do instead", "too many innocents to ban unattended"),
        (Lang::Ko, "일반 방문자는 대신", "무고한 주소가 많아 무인 차단 불가"),
    ] {
        let mut bench = Bench::open((60, 16), lang).await;
        bench.survey(CLIENTS);
        bench.press("4").await;
        let screen = bench.shown();
        assert!(!screen.contains(prefixes) && screen.contains('↓'), "{screen}");
        bench.press("tab pgdn").await;
        let screen = bench.shown();
        assert!(screen.contains(instead) && screen.contains('↑'), "{screen}");
        bench.press("end").await;
        let screen = bench.shown();
        assert!(screen.contains(prefixes) && !screen.contains('↓'), "{screen}");
        // Another cohort is read from its beginning.
        bench.press("esc down").await;
        assert!(!bench.shown().contains('↑'), "{}", bench.shown());
    }
}

#[tokio::test]
async fn tab_goes_round_the_panes_and_to_a_dossier_beside_them() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("4").await;
    let mut seen = vec![bench.app.context()];
    for _ in 0..3 {
        bench.press("tab").await;
        seen.push(bench.app.context());
    }
    assert_eq!(seen, [Context::Cohorts, Context::CohortShares, Context::Members, Context::Cohorts]);
    bench.press("enter enter").await;
    let mut seen = vec![bench.app.context()];
    for _ in 0..3 {
        bench.press("tab").await;
        seen.push(bench.app.context());
    }
    assert_eq!(seen, [Context::Dossier, Context::Members, Context::Dossier, Context::Cohorts]);
    // Where it is narrow, the panes below the list take turns, and the footer says how.
    for (lang, hint) in [(Lang::En, "Tab other pane"), (Lang::Ko, "Tab 다른 창")] {
        let mut bench = Bench::open((80, 24), lang).await;
        bench.survey(CLIENTS);
        bench.press("4").await;
        assert!(bench.shown().contains(hint), "{}", bench.shown());
        let code = if lang == Lang::En { "en" } else { "ko" };
        bench.press("tab").await;
        insta::assert_snapshot!(format!("cohort-shares-{code}-80x24"), bench.shown());
        bench.press("tab").await;
        insta::assert_snapshot!(format!("cohort-members-{code}-80x24"), bench.shown());
    }
}

#[tokio::test]
async fn the_members_of_another_cohort_are_walked_from_the_first() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("4 enter down down down").await;
    let selected = |bench: &Bench| bench.app.cohorts.current_member(&bench.app.shared).map(|member| member.client);
    let (fourth, cohort) = (selected(&bench), bench.app.shared.cohorts[1].clone());
    // The same cohort after the next look: the cursor stays.
    bench.survey(CLIENTS);
    assert_eq!(selected(&bench), fourth);
    bench.press("esc down").await;
    let first = cohort
        .members
        .iter()
        .max_by(|one, other| one.score.total_cmp(&other.score).then(other.client.cmp(&one.client)));
    assert_eq!(selected(&bench), first.map(|member| member.client));
}

#[tokio::test]
async fn the_view_says_which_span_it_shows() {
    let mut bench = Bench::open((80, 24), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("4").await;
    assert!(bench.shown().contains("in the last hour"), "{}", bench.shown());
    bench.app.shared.window_end = Some(bench.app.shared.now);
    assert!(bench.shown().contains("in the hour until "), "{}", bench.shown());
    bench.app.shared.window = std::time::Duration::from_secs(6 * 3_600);
    assert!(bench.shown().contains("in the 6h until "), "{}", bench.shown());
}

#[tokio::test]
async fn numbers_have_their_thousands_apart() {
    let mut bench = Bench::open((200, 50), Lang::En).await;
    bench.survey(CLIENTS);
    let cohort = &mut bench.app.shared.cohorts[0];
    (cohort.people, cohort.median_requests, cohort.prefixes[0].others) = (84_982, 1_234, 5_678);
    bench.press("4").await;
    let screen = bench.shown();
    for shown in ["the same is true of 84,982 of", "at most 1,234 requests", "5,678 others"] {
        assert!(screen.contains(shown), "{shown}: {screen}");
    }
    bench.app.shared.cohorts[0].people = 0;
    assert!(bench.shown().contains("the same is true of none of the site's people"));
    bench.press("L").await;
    assert!(bench.shown().contains("일반 방문자 중 같은 공통점을 가진 사람은 없음"), "{}", bench.shown());
}

#[tokio::test]
async fn an_open_dossier_speaks_the_language_that_is_switched_to() {
    let mut bench = Bench::open((120, 40), Lang::En).await;
    bench.survey(CLIENTS);
    bench.press("1 enter").await;
    let text = |bench: &mut Bench| {
        bench.app.with_top(|pane, shared| pane.copied(crate::tui::pane::Extent::Row, shared)).unwrap_or_default()
    };
    let english = text(&mut bench);
    assert!(english.contains("distinct paths"), "{english}");
    bench.press("L").await;
    let korean = text(&mut bench);
    assert!(korean.contains("서로 다른 경로") && !korean.contains("distinct paths"), "{korean}");
    bench.press("L").await;
    assert_eq!(text(&mut bench), english);
}
