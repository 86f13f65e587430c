//! The bytes of a file: read by position in blocks, decompressed where the first bytes say so. Reading by position
//! lets several scans share one open file and stop at the length that it had when the scan began.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// How a file is compressed, by its first bytes and not by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, any number of members.
    Gzip,
    /// Zstandard, any number of frames.
    Zstd,
}

impl Compression {
    /// By the magic numbers of RFC 1952 and RFC 8878 (skippable frames among them).
    pub const fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// What the status says; empty for none.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// A range of an open file, read by position.
#[derive(Debug, Clone)]
pub struct Span {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Span {
    /// The bytes from `at` up to `end`.
    pub const fn new(file: Arc<File>, at: u64, end: u64) -> Self {
        Self { file, at, end }
    }

    /// The content, decompressed.
    pub fn content(self, compression: Compression) -> io::Result<Box<dyn Read + Send>> {
        Ok(match compression {
            Compression::None => Box::new(self),
            Compression::Gzip => Box::new(Gunzip::new(self)),
            // The decoder goes on with the next frame by itself.
            Compression::Zstd => Box::new(zstd::Decoder::new(self)?),
        })
    }
}

impl Read for Span {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// gzip of several members. What follows the last one and is no member (zero padding of tapes, a torn write) ends
/// the content instead of losing it; a member that breaks off is an error.
struct Gunzip {
    member: Option<flate2::bufread::GzDecoder<BufReader<Span>>>,
}

impl Gunzip {
    fn new(span: Span) -> Self {
        let input = BufReader::with_capacity(1 << 17, span);
        Self { member: Some(flate2::bufread::GzDecoder::new(input)) }
    }
}

impl Read for Gunzip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if let Some(member) = self.member.take() {
                let mut input = member.into_inner();
                if input.fill_buf()?.starts_with(&[0x1f]) {
                    self.member = Some(flate2::bufread::GzDecoder::new(input));
                }
            }
        }
        Ok(0)
    }
}

/// Reads until the buffer is full or the input ends; gives how much was read.
pub fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn read(content: &[u8]) -> io::Result<String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let span = Span::new(Arc::new(file), 0, content.len() as u64);
        let mut text = String::new();
        span.content(Compression::of(content))?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        assert_eq!(read(b"plain").unwrap(), "plain");
        assert_eq!(read(&[gzip("one\n"), gzip(""), gzip("two\n")].concat()).unwrap(), "one\ntwo\n");
        assert_eq!(read(&[gzip("one\n"), vec![0; 512]].concat()).unwrap(), "one\n");
        let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        assert_eq!(read(&[frame("one\n"), frame("two\n")].concat()).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_torn_member_is_an_error() {
        let whole = gzip("hello hello hello");
        assert_eq!(read(&whole[..whole.len() - 9]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let frame = zstd::encode_all(&b"hello"[..], 1).unwrap();
        assert!(read(&frame[..frame.len() - 1]).is_err());
    }

    #[test]
    fn a_span_ends_where_it_was_told() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let mut text = String::new();
        Span::new(Arc::new(file), 2, 5).read_to_string(&mut text).unwrap();
        assert_eq!(text, "234");
    }
}
