//! A window's traffic in aggregates: what the site serves, who its clients are and how each behaves. Built in one pass
//! over requests, bounded in memory, and the only thing that cohorts, rules and the score look at.
//!
//! Strings repeat, so targets and agents are interned and everything that depends on their text alone (what sort of
//! thing a path is, which rules it matches) is worked out once.

pub mod agents;
pub mod client;
pub mod distinct;
pub mod foresight;
pub mod intern;
pub mod intervals;
mod known;
pub mod pace;
pub mod rhythm;
pub mod rounds;
pub mod store;
pub mod tails;
pub mod targets;
mod turn;
pub mod whole;
pub mod window;
mod words;

pub use agents::AgentKind;
pub use client::{ClientProfile, Conduct};
pub use foresight::Foresight;
pub use store::Stored;
pub use targets::{TargetKind, Theme};
pub use window::{Hit, Traffic};
