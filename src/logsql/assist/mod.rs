//! What an editor asks about a query while it is written: what could come next, what stands here, which form a
//! construct has, what to write instead, where else a field is named. Pure functions over tokens, registry and what the
//! parser noted; nothing here runs a query or asks a source.

use std::ops::Range;

use super::cursor::Cursor;
use super::trace::Trace;

mod advice;
mod brackets;
mod clause;
mod complete;
mod fix;
mod hover;
mod rename;
mod scope;
mod signature;

pub use advice::{Reach, advice};
pub use brackets::brackets;
pub use clause::Clause;
pub use complete::{Candidate, Completion, Offer, Vocabulary, complete};
pub use fix::{Fix, fix};
pub use hover::{Hover, Meaning, Origin, hover};
pub use rename::{Refusal, Renamed, field_at, for_source, rename};
pub use signature::{Signature, signature};

pub(super) use advice::doubts;
pub(super) use clause::CLAUSES;
pub(super) use complete::meant;

/// A text in place of a range of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes.
    pub range: Range<usize>,
    /// What is written there.
    pub text: String,
}

/// The text with the edits made; none of them may overlap another.
pub fn edited(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut out = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for edit in sorted {
        out.push_str(text.get(done..edit.range.start).unwrap_or_default());
        out.push_str(&edit.text);
        done = edit.range.end.max(done);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// What the parser notes about a text, whether it is whole or not.
fn traced(text: &str) -> Trace {
    let mut cursor = Cursor::traced(text);
    // What is wrong with the text is said elsewhere.
    let _ = super::parse::read_all(&mut cursor);
    cursor.into_trace()
}

/// The largest position that is not inside a character and not behind the text.
fn boundary(text: &str, position: usize) -> usize {
    let position = position.min(text.len());
    (0..=position).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
