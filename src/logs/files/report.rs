//! What a person is told about the files: each one's format, how many lines did not parse, and the first few of them
//! with their place; and which fields play which part across all files.

use std::io;

use super::bytes::Span;
use super::catalog::{Catalog, Content, Known};
use super::columns::CLIENT;
use super::formats::text;
use super::lines::Blocks;
use crate::logs::{FieldMap, SourceError, SourceStatus};

/// How many unparsed lines are shown in all.
const SAMPLES: usize = 10;

/// The state of all files.
pub fn status(catalog: &Catalog) -> Result<SourceStatus, SourceError> {
    let contents = catalog.list()?;
    let mut status = SourceStatus { unparsed_lines: catalog.past_unparsed(), ..SourceStatus::default() };
    for content in &contents {
        let name = content.path.display();
        let compression = match content.known.compression.name() {
            "" => String::new(),
            compression => format!(", {compression}"),
        };
        status.detail.push(format!("{name}: {}{compression}", content.known.format));
        status.unparsed_lines += content.known.lock_ledger().count();
        // A file that cannot be read again only loses the numbers.
        let _ = number_samples(content);
        for sample in content.known.lock_ledger().samples() {
            let number = sample.number.map_or_else(|| format!("@{}", sample.offset), |number| number.to_string());
            status.unparsed_samples.push(format!("{name}:{number}: {}", text::lossless(&sample.start)));
        }
    }
    for (name, spool) in catalog.streams() {
        status.detail.extend(spool.failure().map(|failure| format!("{name}: {failure}")));
    }
    status.unparsed_samples.truncate(SAMPLES);
    Ok(status)
}

/// Finds the line numbers of the samples that have none yet, in one pass up to the last of them.
fn number_samples(content: &Content) -> io::Result<()> {
    let mut offsets: Vec<u64> = {
        let ledger = content.known.lock_ledger();
        ledger.samples().iter().filter(|sample| sample.number.is_none()).map(|sample| sample.offset).collect()
    };
    offsets.sort_unstable();
    let Some(last) = offsets.last().copied() else { return Ok(()) };
    let span = Span::new(content.file.clone(), 0, content.length);
    let mut blocks = Blocks::new(span.content(content.known.compression)?, 0);
    let mut number = 0;
    while let Some(block) = blocks.next_block()? {
        for (offset, _) in block.lines() {
            number += 1;
            if offsets.contains(&offset) {
                content.known.lock_ledger().number(offset, number);
            }
        }
        if block.offset + block.bytes.len() as u64 > last {
            break;
        }
    }
    Ok(())
}

/// A part of a field map.
type Part = fn(&mut FieldMap) -> &mut Option<String>;

const PARTS: [(&str, Part); 13] = [
    ("remote_addr", |map| &mut map.remote_addr),
    ("forwarded_for", |map| &mut map.forwarded_for),
    ("method", |map| &mut map.method),
    ("uri", |map| &mut map.uri),
    ("path", |map| &mut map.path),
    ("query", |map| &mut map.query),
    ("request", |map| &mut map.request),
    ("status", |map| &mut map.status),
    ("bytes", |map| &mut map.bytes),
    ("duration", |map| &mut map.duration),
    ("user_agent", |map| &mut map.user_agent),
    ("referer", |map| &mut map.referer),
    ("host", |map| &mut map.host),
];

/// Which fields play which part. Where all files agree on a name it is that one; where they do not, or where the field
/// is made while scanning, it is the canonical name, to which every file answers (see [`super::columns`]).
pub fn fields(catalog: &Catalog) -> Result<FieldMap, SourceError> {
    let contents = catalog.list()?;
    let known: Vec<&Known> = contents.iter().map(|content| &*content.known).collect();
    Ok(merged(&known, catalog.options().trusted_proxies.is_empty()))
}

fn merged(known: &[&Known], nothing_trusted: bool) -> FieldMap {
    // Files that are still empty will most likely be access logs; a question about them has no rows, not no fields.
    if known.iter().all(|known| known.names.is_empty()) {
        let client = (!nothing_trusted).then(|| CLIENT.to_owned());
        return FieldMap { client, ..FieldMap::canonical() };
    }
    let mut map = FieldMap::default();
    for (canonical, part) in PARTS {
        let mut names: Vec<String> = known.iter().filter_map(|known| part(&mut known.map.clone()).take()).collect();
        names.sort_unstable();
        names.dedup();
        *part(&mut map) = match names.len() {
            0 => None,
            1 => names.pop(),
            _ => Some(canonical.to_owned()),
        };
    }
    // The halves of a target are made, unless a field of that name holds something else.
    let free = |name: &str| !known.iter().any(|known| known.names.iter().any(|other| other == name));
    for (canonical, part) in &PARTS[2..6] {
        let target = map.request.is_some() || (map.uri.is_some() && matches!(*canonical, "path" | "query"));
        let slot = part(&mut map);
        if slot.is_none() && target && free(canonical) {
            *slot = Some((*canonical).to_owned());
        }
    }
    let with_port = known.iter().any(|known| known.map.remote_addr_has_port);
    let own = known.iter().find_map(|known| known.map.client.clone());
    let makes = map.remote_addr.is_some() && (!nothing_trusted || with_port);
    map.client = own.or_else(|| makes.then(|| CLIENT.to_owned()));
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::files::Options;

    fn catalog(files: &[(&str, &str)], trusted: &[&str]) -> (tempfile::TempDir, Catalog) {
        let directory = tempfile::tempdir().unwrap();
        let mut inputs = Vec::new();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            inputs.push(path.display().to_string());
        }
        let trusted_proxies = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let catalog = Catalog::open(Options { inputs, trusted_proxies, ..Options::default() }).unwrap();
        (directory, catalog)
    }

    const ACCESS: &str = "203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] \"GET /a?b HTTP/1.1\" 200 5 \"-\" \"x\"\n";
    const JSON: &str = "{\"client_ip\":\"203.0.113.5\",\"request_uri\":\"/a?b\",\"status\":200}\n";

    #[test]
    fn one_sort_of_file_keeps_its_names_and_gets_the_halves() {
        let (_directory, catalog) = catalog(&[("a", JSON)], &[]);
        let map = fields(&catalog).unwrap();
        assert_eq!(map.remote_addr.as_deref(), Some("client_ip"));
        assert_eq!((map.uri.as_deref(), map.path.as_deref()), (Some("request_uri"), Some("path")));
        assert_eq!(map.client, None);
    }

    #[test]
    fn different_files_meet_at_the_canonical_names() {
        let (_directory, catalog) = catalog(&[("a", JSON), ("b", ACCESS)], &["10.0.0.0/8"]);
        let map = fields(&catalog).unwrap();
        assert_eq!(map.remote_addr.as_deref(), Some("remote_addr"));
        assert_eq!(map.status.as_deref(), Some("status"));
        assert_eq!(map.client.as_deref(), Some("client"));
    }

    #[test]
    fn files_that_are_still_empty_have_the_canonical_names() {
        let (_directory, catalog) = catalog(&[("a", ""), ("b", "\n")], &[]);
        assert_eq!(fields(&catalog).unwrap(), FieldMap::canonical());
    }

    #[test]
    fn the_status_names_formats_and_places() {
        let text = format!("{ACCESS}bad\u{1b}\n");
        let (directory, catalog) = catalog(&[("a", &text)], &[]);
        let content = catalog.list().unwrap().pop().unwrap();
        for _ in 0..2 {
            super::super::tests::messages_of(&content, super::super::tests::EVER).unwrap();
        }
        let status = status(&catalog).unwrap();
        let path = directory.path().join("a");
        assert_eq!(status.detail, [format!("{}: access", path.display())]);
        assert_eq!(status.unparsed_lines, 1);
        assert_eq!(status.unparsed_samples, [format!("{}:2: bad\u{1b}", path.display())]);
    }
}
