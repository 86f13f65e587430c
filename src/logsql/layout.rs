//! How a query stands on lines: a pipe a line, and a list that does not fit a line broken at its commas. What it means
//! stays the same, and laying out twice changes nothing.

use super::token::{Kind, tokens};
use crate::text::width::width;

/// A line of a query is broken beyond so many cells.
const WIDEST: usize = 100;

/// A canonical query on lines.
///
/// ```
/// use gatewatch::logsql::lay_out;
/// assert_eq!(lay_out("a | stats count(*) as n | limit 5"), "a\n| stats count(*) as n\n| limit 5");
/// ```
pub fn lay_out(text: &str) -> String {
    let lines = pieces(text, "|");
    let broken = lines.iter().map(|line| {
        if width(line) <= WIDEST {
            return line.clone();
        }
        pieces(line, ",").join("\n    ")
    });
    broken.collect::<Vec<_>>().join("\n")
}

/// The text cut at this sign where it stands in no brackets: before a bar, behind a comma.
fn pieces(text: &str, at: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut depth = 0_usize;
    for token in tokens(text) {
        let raw = &text[token.span.clone()];
        let sign = if token.kind == Kind::Symbol { raw } else { "" };
        match sign {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let here = depth == 0 && sign == at;
        if here && at == "|" {
            out.push(String::new());
        }
        if let Some(piece) = out.last_mut() {
            piece.push_str(raw);
        }
        if here && at == "," {
            out.push(String::new());
        }
    }
    out.into_iter().map(|piece| piece.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::registry;
    use super::*;

    #[test]
    fn the_meaning_stays_and_laying_out_is_done_once() {
        let long = "* | stats by (remote_addr) count() as requests, count() if (status:in(500, 502)) as errors, count_uniq(path) as paths, sum(bytes) as bytes | sort by (requests desc) limit 5";
        for query in
            registry::all().iter().map(|doc| doc.example).chain([long, "a:in(* | fields a) | union (b | limit 1)"])
        {
            let canonical = format(query).unwrap();
            let laid = lay_out(&canonical);
            assert_eq!(format(&laid).as_ref(), Ok(&canonical), "{laid}");
            assert_eq!(lay_out(&format(&laid).unwrap()), laid);
        }
        let laid = lay_out(&format(long).unwrap());
        assert!(laid.lines().all(|line| width(line) <= WIDEST), "{laid}");
        assert!(laid.contains("\n    count(*) if (status:in(500,502)) as errors,\n"), "{laid}");
    }
}
