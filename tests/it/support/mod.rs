//! What the tests share.

pub mod crowdsec;
pub mod dossiers;
pub mod ollama;
pub mod plans;
pub mod proxy;
pub mod shop;
pub mod victorialogs;
