//! The views: one is in front, the dossier lies beside or over it.

use crate::text::Lang;

pub mod cohorts;
pub mod commands;
pub mod costs;
pub mod decisions;
pub mod dossier;
pub mod events;
pub mod query;
pub mod suspects;

/// A view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewId {
    /// The gate table.
    Suspects,
    /// LogsQL.
    Query,
    /// Active decisions.
    Decisions,
    /// Cohorts.
    Cohorts,
    /// Events of watched series.
    Events,
}

impl ViewId {
    /// All, in the order of the tabs.
    pub const ALL: &'static [Self] = &[Self::Suspects, Self::Query, Self::Decisions, Self::Cohorts, Self::Events];

    /// The key of its tab.
    pub const fn key(self) -> char {
        match self {
            Self::Suspects => '1',
            Self::Query => '2',
            Self::Decisions => '3',
            Self::Cohorts => '4',
            Self::Events => '5',
        }
    }

    /// Its name.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Suspects => say::suspects(lang),
            Self::Query => say::query(lang),
            Self::Decisions => say::decisions(lang),
            Self::Cohorts => say::cohorts(lang),
            Self::Events => say::events(lang),
        }
    }
}

mod say {
    crate::text::words! {
        suspects { en: "Suspects", ko: "용의자" }
        query { en: "Query", ko: "쿼리" }
        decisions { en: "Decisions", ko: "차단" }
        cohorts { en: "Cohorts", ko: "집단" }
        events { en: "Events", ko: "이벤트" }
    }
}
