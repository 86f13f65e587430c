//! What clients do once more that others do once: fetch a file that they have, or come by a link that paid for them.

use smallvec::SmallVec;

use super::keys::{Key, LEAST_OFTEN, SELDOM};
use crate::detect::traffic::{ClientProfile, TargetKind, Traffic};

/// Whoever fetches more files than this mirrors them.
const MOST_FILES: usize = 12;
/// The level of those who fetch the same file under one more query string.
const PAST_CACHES: u8 = 4;

/// What a client fetches or comes to once more: any file whole, or one page by the same way from elsewhere; and whether it
/// fetches anything.
pub(super) fn keys(traffic: &Traffic<'_>, client: &ClientProfile) -> impl Iterator<Item = Key> {
    let (page, times, host) = client.led_again();
    let led = (times > 0 && !traffic.looks_own(host))
        .then_some(Key::Again(Some(page), if times > 1 { LEAST_OFTEN + 1 } else { SELDOM }));
    let fetches = client.actions().iter().filter_map(|(number, count)| {
        let action = traffic.action_of(*number).filter(|action| !action.writes && action.outcome.is_fine())?;
        is_file(traffic, action.template).then_some(*count)
    });
    let fetches: u32 = fetches.sum();
    // Whoever asks whether a file has changed keeps what he has.
    let is_again = fetches >= 2 && client.revalidated == 0;
    let file = if is_again { fetched_again(traffic, client, fetches) } else { None };
    let fetch = (fetches > 0).then_some(Key::Fetch);
    fetch.into_iter().chain(file.map(|level| Key::Again(None, level))).chain(led)
}

/// Whether some of so many fetches were for a file that the client had fetched before, and how surely that was no chance.
fn fetched_again(traffic: &Traffic<'_>, client: &ClientProfile, fetches: u32) -> Option<u8> {
    let files = client
        .targets
        .iter()
        .filter(|number| traffic.target(*number).is_some_and(|target| is_file(traffic, target.template)));
    let mut paths: SmallVec<[&str; 8]> = SmallVec::new();
    let mut targets = 0;
    for number in files {
        let path = traffic.target_text(number).split('?').next().unwrap_or_default();
        targets += 1;
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    // Under a query string that its link does not have no cache answers.
    let level = if targets > paths.len() { PAST_CACHES } else { LEAST_OFTEN };
    (fetches as usize > paths.len() && paths.len() < MOST_FILES).then_some(level)
}

/// Whether a template is a file's that is fetched whole and kept: a playlist is asked for anew.
fn is_file(traffic: &Traffic<'_>, template: u32) -> bool {
    let is_stream = || {
        let text = traffic.templates.text(template).trim_end_matches('?');
        [".m3u8", ".mpd", ".ts", ".m4s"].iter().any(|end| text.ends_with(end))
    };
    traffic.template_facts(template).0 == TargetKind::Download && !is_stream()
}
