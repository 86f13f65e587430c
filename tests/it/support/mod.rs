//! What the tests share.

pub mod dossiers;
pub mod ollama;
