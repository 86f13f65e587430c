//! The part of a long range that lies before the hour that is remembered: replayed window by window, as an unattended
//! run would have seen it, so that who attacked in the morning is still a suspect of the day.

use std::time::Duration;

use jiff::Timestamp;

use super::super::Engine;
use super::super::requests::windows;
use super::Detected;
use crate::detect::assess::Assessment;
use crate::detect::memory::SPAN;
use crate::detect::replay::Replay;
use crate::logs::{FieldMap, SourceError, Window};

/// The replay goes on into the hour that is remembered, so that who came around its beginning is seen in one piece.
const OVERLAP: Duration = Duration::from_secs(1_800);
/// A server is asked for so much of a range at most: every window of it costs it a query or two.
const MOST_OF_SERVER: Duration = Duration::from_secs(6 * 3_600);

/// What was found in a range so far.
#[derive(Debug)]
pub(super) struct Earlier {
    name: String,
    from: Timestamp,
    until: Timestamp,
    found: Assessment,
    notes: Vec<String>,
    cut: bool,
}

impl Engine {
    /// Adds what the earlier part of a range shows to what its last hour does.
    pub(super) async fn with_earlier(
        &self,
        window: Window,
        fields: &FieldMap,
        latest: Detected,
    ) -> Result<Detected, SourceError> {
        let name = self.memory_name(fields);
        let mut slot = self.recollection.earlier.lock().await;
        let remembered = Window::ending(window.end, SPAN).start;
        let goes_on = |known: &Earlier| {
            known.name == name && known.from <= window.start && (remembered..=window.end).contains(&known.until)
        };
        // Taken out, so that work that is dropped half-way leaves nothing half-done behind.
        let mut known = match slot.take().filter(goes_on) {
            Some(known) => known,
            None => self.replayed(window, name, fields).await?,
        };
        known.found.join(latest.assessment);
        known.until = window.end;
        known.cut |= latest.cut;
        let mut assessment = known.found.clone();
        assessment.clients.retain(|one| one.last >= window.start);
        let notes = known.notes.iter().cloned().chain(latest.notes).collect();
        let detected = Detected { assessment, cut: known.cut, notes };
        *slot = Some(known);
        Ok(detected)
    }

    async fn replayed(&self, window: Window, name: String, fields: &FieldMap) -> Result<Earlier, SourceError> {
        let until = Window::ending(window.end, OVERLAP).start;
        let (mut start, mut notes) = (window.start, Vec::new());
        if self.source.info().is_remote {
            start = start.max(Window::ending(window.end, MOST_OF_SERVER).start);
            if start > window.start {
                notes.push(say::begins_later(self.settings.lang, &start));
            }
        }
        let (settings, length) = (&self.settings, self.settings.window);
        let replay = Replay::new(settings.rule_set, settings.thresholds, length);
        let mut replay = replay.compared_by(settings.forest.model());
        let mut cut = false;
        for part in windows(self.source.as_ref(), Window { start, end: until }, length) {
            cut |= self.requests().each_of(self.source.as_ref(), fields, part, &mut replay).await?.cut;
        }
        let found = tokio::task::spawn_blocking(|| replay.finish().into_assessment()).await.unwrap_or_default();
        Ok(Earlier { name, from: window.start, until, found, notes, cut })
    }
}

/// The words.
mod say {
    use super::Timestamp;

    crate::text::sentences! {
        begins_later(start: &Timestamp) {
            en: "scores are of what was logged since {start}: more of a server's log is not looked through for them",
            ko: "점수는 {start} 이후의 로그로 계산했습니다. 서버의 더 이전 로그는 점수에 쓰지 않습니다",
        }
    }
}
