//! The usual lines of the formats that are read most, an access log's and flat JSON, taken apart without anything
//! between the block and the columns. A line that is not usual is left to the format.

use std::borrow::Cow;

use super::columns::Origin;
use super::formats::Format;
use super::formats::access;
use super::formats::entry::{AccessClock, Field};
use super::formats::json;
use super::formats::time::Context;
use super::slab::{Slab, Source};

/// How the usual lines of a content are read.
pub enum Lean<'a> {
    /// Access lines.
    Access { layout: access::Layout, clock: AccessClock },
    /// JSON objects.
    Json {
        keys: Vec<&'a [u8]>,
        /// Of each column, the number of its own key, and of the key of which it is made where that is empty.
        places: Vec<(usize, Option<(usize, &'a Origin)>)>,
        /// Whether the time is needed.
        timed: bool,
    },
}

impl<'a> Lean<'a> {
    /// A reader for columns; `None` where they need the format.
    pub fn new(format: Format, sources: &[Source<'a>], timed: bool) -> Option<Self> {
        match format {
            Format::Access(layout) if sources.iter().all(|source| source.origin().is_none()) => {
                Some(Self::Access { layout, clock: AccessClock::default() })
            }
            Format::Json => Self::json(sources, timed),
            _ => None,
        }
    }

    fn json(sources: &[Source<'a>], timed: bool) -> Option<Self> {
        let mut keys: Vec<&'a [u8]> = Vec::new();
        let mut place = |name: &'a str| {
            let name = name.as_bytes();
            keys.iter().position(|key| *key == name).unwrap_or_else(|| {
                keys.push(name);
                keys.len() - 1
            })
        };
        let mut places = Vec::with_capacity(sources.len());
        for source in sources {
            // The whole line, and members of objects within.
            if source.field() == Some(Field::Msg) || source.name().contains('.') {
                return None;
            }
            let made = match source.origin() {
                Some(origin) => {
                    let base = origin.base().filter(|base| !base.contains('.'))?;
                    Some((place(base), origin))
                }
                None => None,
            };
            places.push((place(source.name()), made));
        }
        Some(Self::Json { keys, places, timed })
    }
}

/// A block as text, so that its parts are text without another look.
#[derive(Clone, Copy)]
pub struct BlockText<'block>(&'block str);

impl<'block> BlockText<'block> {
    /// `None` where the block is not all UTF-8.
    pub fn new(bytes: &'block [u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(Self)
    }

    /// A part of the block, by where it is.
    fn part(self, part: &'block [u8]) -> &'block str {
        let start = (part.as_ptr() as usize).wrapping_sub(self.0.as_ptr() as usize);
        self.0.get(start..start.wrapping_add(part.len())).unwrap_or_default()
    }
}

/// What a lean reader made of a line.
pub enum Read {
    /// A row.
    Row,
    /// Nothing: it lies outside of the range.
    Outside,
    /// It is for the format.
    Unusual,
}

impl Lean<'_> {
    /// Reads a line without a backslash into a row, where `place` says for its time when it belongs.
    pub fn read<'block>(
        &mut self,
        line: &'block [u8],
        text: BlockText<'block>,
        context: &Context,
        slab: &mut Slab<'_, 'block>,
        place: impl FnOnce(Option<i64>) -> Option<i64>,
    ) -> Read {
        match self {
            Self::Access { layout, clock } => {
                let Some(lean) = access::Lean::of(line, *layout) else { return Read::Unusual };
                let Some(time) = clock.read(lean.time()) else { return Read::Unusual };
                let Some(at) = place(Some(time)) else { return Read::Outside };
                let value = |source: &Source<'_>| source.field().map_or("", |field| text.part(lean.field(field)));
                slab.add(at, |_, source| Cow::Borrowed(value(source)));
            }
            Self::Json { keys, places, timed } => {
                let mut found = [&[][..]; MOST_KEYS];
                let Some(found) = found.get_mut(..keys.len()) else { return Read::Unusual };
                let Some(time) = json::flat(line, keys, found, timed.then_some(context)) else { return Read::Unusual };
                let Some(at) = place(time) else { return Read::Outside };
                slab.add(at, |index, source| {
                    let (own, made) = &places[index];
                    let value = found[*own];
                    if source.field() == Some(Field::Time) {
                        return Cow::Borrowed("");
                    }
                    Cow::Borrowed(match made {
                        Some((base, origin)) if value.is_empty() => text.part(origin.part(found[*base])),
                        _ => text.part(value),
                    })
                });
            }
        }
        Read::Row
    }
}

/// More keys than a query of this many fields has are left to the format.
const MOST_KEYS: usize = 24;
