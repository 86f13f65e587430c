//! What clients cost: one aggregation where the data lies, weighed against the whole. Decides nothing.

use serde::Serialize;

use super::Engine;
use super::survey::rows;
use crate::detect::cost::{self, Cost, Totals};
use crate::detect::ranges::{self, Exemption};
use crate::logs::{SourceError, Window};

/// The costs of a window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    /// The range.
    pub window: Window,
    /// The whole.
    pub totals: Totals,
    /// The dearest clients, dearest first.
    pub clients: Vec<Priced>,
    /// The LogsQL that shows the table again.
    pub query: String,
}

/// A client's cost, and what exempts it from being a suspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Priced {
    /// The cost.
    #[serde(flatten)]
    pub cost: Cost,
    /// Why it can never be a suspect; `None` where it can.
    pub exempt: Option<Exemption>,
}

impl Priced {
    /// Whether its cost makes it a suspect.
    pub fn is_suspect(&self) -> bool {
        self.exempt.is_none() && self.cost.is_suspect
    }
}

impl Engine {
    /// What the dearest clients of a window cost; `None` where the log tells neither bytes nor time.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn costs(&self, window: Window) -> Result<Option<Costs>, SourceError> {
        let fields = self.source.fields(window).await?;
        let log = self.log(&fields);
        let limit = self.settings.max_table_rows;
        let Some(questions) = cost::query(&log, limit)? else { return Ok(None) };
        // Two orders of the same clients, each up to the limit.
        let (table, totals) = futures::try_join!(
            rows(self.source.as_ref(), questions.table.clone(), window, limit.saturating_mul(2)),
            rows(self.source.as_ref(), questions.totals.clone(), window, 1),
        )?;
        let totals = cost::read_totals(&totals);
        let table = cost::read_table(&log, &table)?;
        let rules = &self.settings.rules;
        let mut clients: Vec<Priced> = cost::weigh(&table, &totals)
            .into_iter()
            .map(|cost| Priced {
                exempt: ranges::exemption(cost.spent.client, &rules.allow_list, &rules.trusted_proxies),
                cost,
            })
            .collect();
        clients.truncate(limit);
        Ok(Some(Costs { window, totals, clients, query: questions.table }))
    }
}
