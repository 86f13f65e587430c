//! Cuts content into blocks of whole lines, so that a parser can borrow from a block and nothing is copied but the
//! torn end of each block. A line beyond [`MAX_LINE`] is handed over cut, with its end passed over.

use std::io::{self, Read};

use super::bytes::fill;

/// How much is read at once.
const BLOCK: usize = 512 << 10;

/// Lines are whole up to this length.
pub const MAX_LINE: usize = 4 << 20;

/// Whole lines of some content.
pub struct Block<'reader> {
    /// The lines with their ends; the last one of the content may have none.
    pub bytes: &'reader [u8],
    /// Where the block begins in the content.
    pub offset: u64,
    /// Whether this is one line that was longer than [`MAX_LINE`] and is cut.
    pub cut: bool,
    /// Whether the content ended without a line end, so that the last line may still be growing.
    pub torn: bool,
}

impl<'reader> Block<'reader> {
    /// The lines without their ends (line feed, or carriage return and line feed), each with its offset.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &'reader [u8])> + use<'reader> {
        let (bytes, offset) = (self.bytes, self.offset);
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let start = offset + at as u64;
            at += end + 1;
            let line = &rest[..end];
            Some((start, line.strip_suffix(b"\r").unwrap_or(line)))
        })
    }
}

/// Reads content block by block.
pub struct Blocks {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// How much of the buffer is filled, and how much of that was handed over.
    filled: usize,
    taken: usize,
    /// Where the buffer begins in the content.
    offset: u64,
    /// Inside of the rest of a line that was cut.
    passing: bool,
    ended: bool,
}

impl Blocks {
    /// Content whose first byte has the given offset; a byte order mark at offset 0 is passed over.
    pub fn new(reader: Box<dyn Read + Send>, offset: u64) -> Self {
        Self::reusing(reader, offset, Vec::new())
    }

    /// The same with the memory of blocks that were read before.
    pub fn reusing(reader: Box<dyn Read + Send>, offset: u64, mut buffer: Vec<u8>) -> Self {
        buffer.resize(BLOCK, 0);
        Self { reader, buffer, filled: 0, taken: 0, offset, passing: false, ended: false }
    }

    /// The memory, for the next content.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// The next block; `None` at the end.
    pub fn next_block(&mut self) -> io::Result<Option<Block<'_>>> {
        loop {
            self.buffer.copy_within(self.taken..self.filled, 0);
            self.filled -= self.taken;
            self.offset += self.taken as u64;
            self.taken = 0;
            if !self.ended {
                let read = fill(&mut *self.reader, &mut self.buffer[self.filled..])?;
                self.filled += read;
                self.ended = self.filled < self.buffer.len();
            }
            if self.filled == 0 {
                return Ok(None);
            }
            if self.offset == 0 && self.buffer[..self.filled].starts_with(b"\xef\xbb\xbf") {
                self.taken = 3;
                continue;
            }
            let end = memchr::memrchr(b'\n', &self.buffer[..self.filled]).map(|last| last + 1);
            if self.passing {
                // Over the rest of the cut line, which may fill several buffers.
                let next = memchr::memchr(b'\n', &self.buffer[..self.filled]).map(|first| first + 1);
                self.passing = next.is_none();
                self.taken = next.unwrap_or(self.filled);
                continue;
            }
            match end {
                Some(end) => return Ok(Some(self.hand_over(end, false, false))),
                None if self.ended => return Ok(Some(self.hand_over(self.filled, false, true))),
                None if self.filled >= MAX_LINE => {
                    self.passing = true;
                    return Ok(Some(self.hand_over(MAX_LINE, true, false)));
                }
                None => self.buffer.resize((self.buffer.len() * 2).min(MAX_LINE), 0),
            }
        }
    }

    fn hand_over(&mut self, end: usize, cut: bool, torn: bool) -> Block<'_> {
        self.taken = end;
        Block { bytes: &self.buffer[..end], offset: self.offset, cut, torn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives one byte, then two, then three, … so that every seam is met.
    struct Dribble {
        content: io::Cursor<Vec<u8>>,
        step: usize,
    }

    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.step += 1;
            let length = self.step.min(buffer.len());
            self.content.read(&mut buffer[..length])
        }
    }

    fn lines(content: &[u8], block: usize) -> Vec<(u64, Vec<u8>, bool)> {
        let reader = Dribble { content: io::Cursor::new(content.to_vec()), step: 0 };
        let mut blocks = Blocks::new(Box::new(reader), 0);
        blocks.buffer.truncate(block);
        let mut found = Vec::new();
        while let Some(block) = blocks.next_block().unwrap() {
            found.extend(block.lines().map(|(offset, line)| (offset, line.to_vec(), block.cut)));
        }
        found
    }

    fn texts(content: &str) -> Vec<(u64, String)> {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        lines(content.as_bytes(), 4).into_iter().map(|(offset, line, _)| (offset, text(line))).collect()
    }

    #[test]
    fn lines_with_every_sort_of_end() {
        let expected =
            |pairs: &[(u64, &str)]| pairs.iter().map(|(at, line)| (*at, (*line).to_owned())).collect::<Vec<_>>();
        assert_eq!(texts(""), []);
        assert_eq!(texts("a"), expected(&[(0, "a")]));
        assert_eq!(
            texts("a\r\nlonger line\n\nx\ry"),
            expected(&[(0, "a"), (3, "longer line"), (15, ""), (16, "x\ry")])
        );
        assert_eq!(texts("\u{feff}a\n\u{feff}b\n"), expected(&[(3, "a"), (5, "\u{feff}b")]));
        assert_eq!(texts("\0\n"), expected(&[(0, "\0")]));
    }

    #[test]
    fn a_monstrous_line_is_cut_and_the_next_one_is_whole() {
        let content = [vec![b'a'; 10], vec![b'\n'], vec![b'b'; MAX_LINE + 5_000_000], b"\nc".to_vec()].concat();
        let found: Vec<_> = lines(&content, BLOCK).into_iter().map(|(at, line, cut)| (at, line.len(), cut)).collect();
        assert_eq!(found, [(0, 10, false), (11, MAX_LINE, true), (11 + MAX_LINE as u64 + 5_000_001, 1, false)]);
    }

    proptest! {
        #[test]
        fn blocks_change_nothing(content in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'a')], 0..80), block in 1..20_usize) {
            let mut expected: Vec<_> = content.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            if expected.last().is_some_and(Vec::is_empty) { expected.pop(); }
            let found: Vec<_> = lines(&content, block).into_iter().map(|(_, line, _)| line).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
