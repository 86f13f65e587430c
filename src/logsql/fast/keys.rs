//! Groups by their values, for one thread: each distinct key once, numbered in the order in which it came.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// Strangers choose what is hashed: the seed keeps them from choosing what collides.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0x6761_7465));

/// A hash for a table.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, *SEED)
}

/// A fingerprint in place of a text. With 128 bits and a seed that nobody knows, two texts among ten million have the
/// same one with a chance of 10^-25: far below that of a bit that flips in memory.
pub(super) fn fingerprint(bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(bytes, *SEED)
}

/// Distinct keys.
#[derive(Default)]
pub(super) struct Keys {
    /// The upper half of each key's hash, and its number.
    table: HashTable<(u32, u32)>,
    /// Where each key ends in the bytes.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Keys {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of a key, a new one where it is new.
    pub(super) fn of(&mut self, key: &[u8]) -> u32 {
        self.of_hashed(hash(key), key)
    }

    /// The same with the key's hash.
    pub(super) fn of_hashed(&mut self, hashed: u64, key: &[u8]) -> u32 {
        let tag = (hashed >> 32) as u32;
        let (ends, bytes) = (&mut self.ends, &mut self.bytes);
        let known = |number: u32| span(ends, bytes, number);
        let same = |(other, number): &(u32, u32)| *other == tag && known(*number) == key;
        match self.table.entry(hashed, same, |(_, number)| hash(known(*number))) {
            Entry::Occupied(entry) => entry.get().1,
            Entry::Vacant(entry) => {
                let number = u32::try_from(ends.len()).unwrap_or(u32::MAX);
                entry.insert((tag, number));
                bytes.extend_from_slice(key);
                ends.push(bytes.len());
                number
            }
        }
    }

    /// A key's bytes.
    pub(super) fn bytes(&self, number: u32) -> &[u8] {
        span(&self.ends, &self.bytes, number)
    }

    /// Takes the keys of another thread in; gives the number here of each number there.
    pub(super) fn merge(&mut self, other: &Self) -> Vec<u32> {
        (0..u32::try_from(other.len()).unwrap_or(u32::MAX)).map(|number| self.of(other.bytes(number))).collect()
    }

    /// Bytes that it takes, roughly.
    pub(super) fn size(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>() + self.table.capacity() * 10
    }
}

/// The bytes of a key by its number.
fn span<'b>(ends: &[usize], bytes: &'b [u8], number: u32) -> &'b [u8] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &bytes[start..ends[number]]
}

/// Appends a value to a key of several.
pub(super) fn push_part(value: &str, key: &mut Vec<u8>) {
    key.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
    key.extend_from_slice(value.as_bytes());
}

/// The values of a key of several.
pub(super) fn parts(mut key: &[u8]) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (length, rest) = key.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        key = rest;
        Some(std::str::from_utf8(value).unwrap_or_default())
    })
}
