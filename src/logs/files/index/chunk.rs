//! Some thousand lines as columns.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::logs::files::slab::next_list;
use crate::logsql::Name;

/// The time of a line before which no line had a time.
pub const UNTIMED: i64 = i64::MIN;

/// Some lines, in their order.
pub struct Chunk {
    /// How many.
    pub rows: usize,
    /// When each belongs.
    pub times: Vec<i64>,
    /// The first and the last time.
    pub span: (i64, i64),
    /// The fields that any of the lines has.
    pub columns: Vec<(Name, Stored)>,
    /// Rows whose path and query are not the halves of their target, since an escape hid the mark between them.
    pub odd: Vec<u32>,
}

/// The values of one field.
pub enum Stored {
    /// Numbers into a list.
    Codes(Codes, Arc<List>),
    /// Texts one after another, and where each ends.
    Texts {
        /// The texts.
        text: String,
        /// The ends.
        ends: Vec<u32>,
    },
}

/// Numbers in as few bytes as they need.
pub enum Codes {
    /// Up to 256 values.
    Byte(Vec<u8>),
    /// Up to 65,536.
    Short(Vec<u16>),
    /// More.
    Word(Vec<u32>),
}

/// The values of a field that repeat, over all chunks; only grows.
pub struct List {
    /// Which list it is.
    pub id: u64,
    texts: RwLock<Vec<Box<str>>>,
}

impl Default for List {
    fn default() -> Self {
        Self { id: next_list(), texts: RwLock::default() }
    }
}

impl List {
    /// The values.
    pub fn texts(&self) -> RwLockReadGuard<'_, Vec<Box<str>>> {
        self.texts.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds values.
    pub fn extend(&self, more: Vec<Box<str>>) {
        if !more.is_empty() {
            self.texts.write().unwrap_or_else(PoisonError::into_inner).extend(more);
        }
    }
}

impl Codes {
    /// In the fewest bytes.
    pub fn new(codes: Vec<u32>) -> Self {
        let narrow = |codes: &[u32]| codes.iter().map(|code| u8::try_from(*code)).collect::<Result<_, _>>();
        let short = |codes: &[u32]| codes.iter().map(|code| u16::try_from(*code)).collect::<Result<_, _>>();
        match (narrow(&codes), short(&codes)) {
            (Ok(bytes), _) => Self::Byte(bytes),
            (_, Ok(shorts)) => Self::Short(shorts),
            _ => Self::Word(codes),
        }
    }

    /// The number of a row.
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Self::Byte(codes) => codes[row].into(),
            Self::Short(codes) => codes[row].into(),
            Self::Word(codes) => codes[row],
        }
    }

    /// The numbers of some rows.
    pub fn gather(&self, rows: &[u32]) -> Vec<u32> {
        let rows = rows.iter().map(|row| *row as usize);
        match self {
            Self::Byte(codes) => rows.map(|row| codes[row].into()).collect(),
            Self::Short(codes) => rows.map(|row| codes[row].into()).collect(),
            Self::Word(codes) => rows.map(|row| codes[row]).collect(),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Byte(codes) => codes.len(),
            Self::Short(codes) => codes.len() * 2,
            Self::Word(codes) => codes.len() * 4,
        }
    }
}

impl Stored {
    /// Bytes that it takes, without the list.
    fn size(&self) -> usize {
        match self {
            Self::Codes(codes, _) => codes.size(),
            Self::Texts { text, ends } => text.len() + ends.len() * 4,
        }
    }
}

/// A text by its row.
pub fn text_of<'t>(text: &'t str, ends: &[u32], row: usize) -> &'t str {
    let start = if row == 0 { 0 } else { ends[row - 1] as usize };
    &text[start..ends[row] as usize]
}

impl Chunk {
    /// A field's values, where any line has it.
    pub fn column(&self, name: &str) -> Option<&Stored> {
        self.columns.iter().find(|(known, _)| **known == *name).map(|(_, stored)| stored)
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.times.len() * 8 + self.columns.iter().map(|(_, stored)| stored.size()).sum::<usize>()
    }
}
