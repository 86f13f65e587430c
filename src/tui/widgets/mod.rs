//! Pieces that views draw with: a table that draws only the rows in sight, a line of input, strips over time, frames.
//! They take text that is shown as it is given, so every field value goes through [`crate::text::width`] first.

pub mod filter;
pub mod frame;
pub mod input;
pub mod listing;
pub mod request;
pub mod scroll;
pub mod strips;
pub mod table;
