//! What the language consists of: one entry for each filter, pipe and stats function, taken from the file that
//! implements it. Parser, printer, completion, highlighting and documentation read this list and no other.

use std::sync::LazyLock;

use crate::text::Lang;

/// What sort of construct a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// A filter.
    Filter,
    /// A pipe.
    Pipe,
    /// A stats function.
    Stats,
}

/// The documentation of one construct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doc {
    /// What it is.
    pub sort: Sort,
    /// Its name.
    pub name: &'static str,
    /// Other names for the same thing.
    pub aliases: &'static [&'static str],
    /// How it is written.
    pub syntax: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// What it does, in Korean.
    pub ko: &'static str,
    /// A query that shows it.
    pub example: &'static str,
}

impl Sort {
    /// What it is called.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Filter => say::filter(lang),
            Self::Pipe => say::pipe(lang),
            Self::Stats => say::stats(lang),
        }
    }
}

impl Doc {
    /// The ways in which it is written, one by one.
    pub fn forms(&self) -> Vec<&'static str> {
        let Some(colon) = self.syntax.find(':').filter(|_| self.sort == Sort::Filter) else { return vec![self.syntax] };
        let begins = format!(", {}", &self.syntax[..=colon]);
        let mut forms = Vec::new();
        let mut rest = self.syntax;
        while let Some(at) = rest.find(&begins) {
            forms.push(&rest[..at]);
            rest = &rest[at + 2..];
        }
        forms.push(rest);
        forms
    }

    /// What it does.
    pub fn summary(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }

    /// Name and aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Every construct: filters, pipes, stats functions, each by name.
pub fn all() -> &'static [&'static Doc] {
    static ALL: LazyLock<Vec<&'static Doc>> =
        LazyLock::new(|| [super::filter::DOCS, super::pipe::DOCS, super::stats::DOCS].concat());
    &ALL
}

/// The construct of this name in any case; a pipe before a stats function before a filter.
pub fn find(name: &str) -> Option<&'static Doc> {
    [Sort::Pipe, Sort::Stats, Sort::Filter].into_iter().find_map(|sort| find_sort(sort, name))
}

/// The construct of this sort and name.
pub fn find_sort(sort: Sort, name: &str) -> Option<&'static Doc> {
    all().iter().copied().find(|doc| doc.sort == sort && doc.names().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Whether a lower-case word is the name of a filter function and so prints quoted as a word.
pub(super) fn is_filter_name(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "contains_all",
        "contains_any",
        "eq_field",
        "exact",
        "i",
        "in",
        "ipv4_range",
        "le_field",
        "len_range",
        "lt_field",
        "range",
        "re",
        "seq",
        "string_range",
        "value_type",
    ];
    NAMES.contains(&word)
}

/// Pipes and stats functions that servers of 2025 do not know. As words they are like any other, so that a query means
/// and prints the same for them.
const NEWER: &[&str] = &[
    "any",
    "coalesce",
    "deduplicate",
    "field_max",
    "field_min",
    "generate_sequence",
    "json_array_concat",
    "query_stats",
    "running_stats",
    "set_stream_fields",
    "split",
    "stddev",
    "time_add",
    "total_stats",
];

/// Whether it is a pipe or stats function that older servers do not know.
pub(super) fn is_newer(name: &str) -> bool {
    NEWER.contains(&name)
}

/// Whether a lower-case word begins a pipe, and so neither begins a filter nor prints bare. The server knows
/// `pack_logfmt` as a pipe but not as such a word.
pub(super) fn is_pipe_keyword(word: &str) -> bool {
    static WORDS: LazyLock<std::collections::HashSet<&'static str>> = LazyLock::new(|| {
        let named = all().iter().filter(|doc| doc.sort != Sort::Filter).flat_map(|doc| doc.names());
        named.chain(["by"]).filter(|name| *name != "pack_logfmt" && !is_newer(name)).collect()
    });
    WORDS.contains(word)
}

/// The name of this sort that resembles a misspelled word most.
pub fn nearest(sorts: &[Sort], word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let close = if word.len() <= 4 { 1 } else { 2 };
    let names = all().iter().filter(|doc| sorts.contains(&doc.sort)).flat_map(|doc| doc.names());
    names
        .map(|name| (strsim::damerau_levenshtein(name, &word), name))
        .filter(|(distance, _)| (1..=close).contains(distance))
        .min()
        .map(|(_, name)| name)
}

/// The sentences.
mod say {
    crate::text::words! {
        filter { en: "filter", ko: "필터" }
        pipe { en: "pipe", ko: "파이프" }
        stats { en: "stats function", ko: "통계 함수" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_construct_are_told_one_by_one() {
        assert_eq!(find("in").unwrap().forms(), ["field:in(value, …)", "field:in(query | fields name)"]);
        assert_eq!(find("sort").unwrap().forms().len(), 1);
    }

    #[test]
    fn every_construct_is_documented_and_its_example_is_canonical() {
        for doc in all() {
            assert!(!doc.en.is_empty() && !doc.ko.is_empty() && !doc.syntax.is_empty(), "{}", doc.name);
            let printed = super::super::format(doc.example);
            assert_eq!(printed.as_deref().map_err(|e| e.to_string()), Ok(doc.example), "{}", doc.name);
        }
    }

    #[test]
    fn every_example_runs_or_says_that_it_needs_a_server() {
        let row: crate::logs::Row =
            [("_time", "2026-03-02T09:00:00Z"), ("_msg", "GET /a 200"), ("status", "200"), ("ip", "10.0.0.1")]
                .into_iter()
                .collect();
        for doc in all() {
            let parsed = super::super::parse(doc.example);
            let done = parsed.query().unwrap().rows(&vec![row.clone()], &super::super::Env::at(0, 1 << 20));
            assert!(matches!(done, Ok(_) | Err(super::super::Stop::ServerOnly(_))), "{}: {done:?}", doc.name);
        }
    }

    #[test]
    fn misspelled_names_are_found() {
        assert_eq!(nearest(&[Sort::Pipe], "stat"), Some("stats"));
        assert_eq!(nearest(&[Sort::Pipe], "hed"), Some("head"));
        assert_eq!(nearest(&[Sort::Stats], "cuont"), Some("count"));
        assert_eq!(nearest(&[Sort::Pipe], "error"), None);
    }
}
