//! All that is known of one suspect, gathered part by part, and the judge's opinion of it. A part that fails becomes
//! a gap in the dossier, never a failure of the whole.

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::Engine;
use crate::detect::{Suspect, WindowTotals};
use crate::judge::{Dossier, JudgeError, JudgeProgress, Verdict};
use crate::logs::{FieldMap, HitSeries, Window};

impl Engine {
    /// Gathers what is known of a suspect. `totals` are the survey's; with them missing they are asked for.
    pub async fn dossier(&self, suspect: &Suspect, window: Window) -> Dossier {
        Dossier {
            suspect: suspect.clone(),
            window,
            totals: WindowTotals::default(),
            timeline: HitSeries::default(),
            top_paths: Vec::new(),
            agents: Vec::new(),
            methods: Vec::new(),
            statuses: Vec::new(),
            rows: Vec::new(),
            fields: FieldMap::default(),
            history: Vec::new(),
            decisions: Vec::new(),
            evidence: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Asks the judge and records its verdict. A verdict that could not be recorded says so in its note.
    pub async fn explain(
        &self,
        dossier: &Dossier,
        now: Timestamp,
        progress: Option<UnboundedSender<JudgeProgress>>,
    ) -> Result<Verdict, JudgeError> {
        self.judge.judge(dossier, self.settings.lang, now, progress).await
    }
}
