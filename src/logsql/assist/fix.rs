//! What to write instead of what a diagnostic is about, as edits of the text.

use super::super::problem::{Diagnostic, Problem};
use super::super::quote::{go_quote, quote_field};
use super::Edit;
use crate::text::{Lang, Say, sentences, words};

/// A way to mend a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What changes.
    pub edits: Vec<Edit>,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Write(String),
    Add(String),
    LeaveOut(String),
    Quote,
}

impl Say for Fix {
    fn say(&self, lang: Lang) -> String {
        match &self.what {
            What::Write(text) => say::write(lang, text),
            What::Add(text) => say::add(lang, text),
            What::LeaveOut(text) => say::leave_out(lang, text),
            What::Quote => say::quote(lang).to_owned(),
        }
    }
}

/// What to do about a finding in a text, where that is clear.
///
/// ```
/// use gatewatch::logsql::{edited, fix, parse};
/// let query = "* | hed 5";
/// let mended = fix(query, &parse(query).diagnostics[0]).unwrap();
/// assert_eq!(edited(query, &mended.edits), "* | head 5");
/// ```
pub fn fix(text: &str, found: &Diagnostic) -> Option<Fix> {
    let span = found.span.clone();
    let here = text.get(span.clone())?;
    let insert = |at: usize, added: &str| {
        let edits = vec![Edit { range: at..at, text: added.to_owned() }];
        Some(Fix { edits, what: What::Add(added.trim().to_owned()) })
    };
    let replace = |with: String| {
        let edits = vec![Edit { range: span.clone(), text: with.clone() }];
        Some(Fix { edits, what: What::Write(with) })
    };
    match &found.problem {
        Problem::ReadsAsWord(_) | Problem::UnknownPipe(_) | Problem::UnknownStats(_) => replace(found.nearest.clone()?),
        Problem::Wanted { .. } => replace(found.nearest.clone()?),
        Problem::Gone { .. } => replace(quote_field(found.nearest.as_deref()?)),
        Problem::SortsEverything => insert(span.end, " limit 1000"),
        Problem::KeepsValues(_) => insert(span.end, " limit 100"),
        Problem::AllTime => all_time(text, span.start),
        Problem::LeadingWildcard => {
            let bare = super::advice::without_wildcards(here)?;
            let edits = vec![Edit { range: span, text: bare }];
            Some(Fix { edits, what: What::LeaveOut(".*".to_owned()) })
        }
        Problem::RegexIsExact { better } => replace(better.clone()),
        Problem::PipeAsFilter(_) => {
            Some(Fix { edits: vec![Edit { range: span.clone(), text: go_quote(here) }], what: What::Quote })
        }
        Problem::OpenQuote => insert(text.len(), here),
        Problem::BadEscape => {
            let end = span.end + text[span.end..].find(here)?;
            let inside = text[span.end..end].to_owned();
            let better = (!inside.contains('`')).then(|| format!("`{inside}`"))?;
            let edits = vec![Edit { range: span.start..end + here.len(), text: better.clone() }];
            Some(Fix { edits, what: What::Write(better) })
        }
        _ => None,
    }
}

/// A time filter in front, the rest in brackets where it is one of several.
fn all_time(text: &str, start: usize) -> Option<Fix> {
    const HOUR: &str = "_time:1h";
    let (filter, either) = super::advice::own_filter(text, start)?;
    let edit = |at: usize, added: &str| Edit { range: at..at, text: added.to_owned() };
    let mut edits = vec![edit(filter.start, &format!("{HOUR} {}", if either { "(" } else { "" }))];
    if either {
        edits.push(edit(filter.end, ")"));
    }
    Some(Fix { edits, what: What::Add(HOUR.to_owned()) })
}

/// The sentences.
mod say {
    use super::{sentences, words};

    sentences! {
        write(text: &str) { en: "write `{text}`", ko: "`{text}`(으)로 바꾸기" }
        add(text: &str) { en: "add `{text}`", ko: "`{text}` 추가" }
        leave_out(text: &str) { en: "leave out `{text}`", ko: "`{text}` 빼기" }
    }
    words! {
        quote { en: "put it into quotes", ko: "따옴표로 묶기" }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse;
    use super::super::{Reach, advice, edited};
    use super::*;

    #[test]
    fn every_fix_mends_what_it_is_about() {
        for (query, code, mended) in [
            ("* | hed 5", "reads-as-word", "* | head 5"),
            ("* | stat count()", "unknown-pipe", "* | stats count()"),
            ("* | sort by (a) lim 5 | fields a", "wanted", "* | sort by (a) limit 5 | fields a"),
            ("* | top 5 by (a) rnk", "wanted", "* | top 5 by (a) rank"),
            ("a | stats cuont() n", "unknown-stats", "a | stats count() n"),
            ("* | sort by (a) | fields a", "sorts-everything", "* | sort by (a) limit 1000 | fields a"),
            ("x:(a:~\".*b.*\" or c)", "leading-wildcard", "x:(a:~\"b\" or c)"),
            ("path:~\"^/login\"", "regex-is-exact", "path:=\"/login\"*"),
            ("path:!~\"^/a\\\\.b$\"", "regex-is-exact", "path:!=\"/a.b\""),
            ("path:~`^(/a|/b)$` x", "regex-is-exact", "path:in(\"/a\",\"/b\") x"),
            ("* | stats by (a) values(b) v", "keeps-values", "* | stats by (a) values(b) limit 100 v"),
            (
                "* | stats by (host) count() n | sort by (hosts) limit 5",
                "gone",
                "* | stats by (host) count() n | sort by (host) limit 5",
            ),
            ("limit 5", "pipe-as-filter", "\"limit\" 5"),
            ("a:\"b", "open-quote", "a:\"b\""),
            ("a:~\"\\d+\"", "bad-escape", "a:~`\\d+`"),
        ] {
            let found = parse(query).diagnostics;
            let found = found.iter().find(|found| found.code() == code).unwrap_or_else(|| panic!("{query}: {found:?}"));
            let fixed = edited(query, &fix(query, found).unwrap_or_else(|| panic!("{query}")).edits);
            assert_eq!(fixed, mended);
            assert!(!parse(&fixed).diagnostics.iter().any(|found| found.code() == code), "{fixed}");
        }
    }

    #[test]
    fn all_of_time_on_a_server_is_narrowed() {
        let reach = Reach { server: true, bounded: false };
        for (query, mended) in [
            ("error", "_time:1h error"),
            ("a or b | limit 5", "_time:1h (a or b) | limit 5"),
            ("options(concurrency=2) a", "options(concurrency=2) _time:1h a"),
        ] {
            let found = advice(query, reach);
            assert_eq!(found.len(), 1, "{query}");
            assert_eq!(edited(query, &fix(query, &found[0]).unwrap().edits), mended);
            assert!(advice(mended, reach).is_empty(), "{mended}");
        }
        assert!(advice("error", Reach { server: false, bounded: false }).is_empty());
        assert!(advice("error", Reach { server: true, bounded: true }).is_empty());
        assert_eq!(advice("options(ignore_global_time_filter=true) a", Reach { server: true, bounded: true }).len(), 1);
    }
}
