//! What the text in the editor means, in the words of the screen: colours, what is wrong, brackets, what could stand at
//! the cursor. The only place of this view that asks [`crate::logsql`] about more than tokens.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::logs::ValueHits;
use crate::logsql::registry::{self, Sort};
use crate::logsql::{self, Class, Kind, Offer, Reach, Signature, Token};
use crate::text::number::count;
use crate::text::width::{cut, width};
use crate::text::{Lang, escape};
use crate::tui::theme::Role;
use crate::tui::widgets::frame::Parts;

pub use crate::logsql::{Diagnostic, brackets};

/// The roles of the pieces of a text, in order.
pub fn roles(text: &str) -> Vec<(Range<usize>, Role)> {
    logsql::highlight(text).into_iter().map(|(span, class)| (span, role(class))).collect()
}

const fn role(class: Class) -> Role {
    match class {
        Class::Comment => Role::SyntaxComment,
        Class::Text => Role::SyntaxValue,
        Class::Broken => Role::SyntaxInvalid,
        Class::Pipe => Role::SyntaxPipe,
        Class::Stats | Class::Filter => Role::SyntaxFunction,
        Class::Keyword => Role::SyntaxKeyword,
        Class::Field => Role::SyntaxField,
        Class::Number => Role::SyntaxNumber,
        Class::Word => Role::Text,
        Class::Operator | Class::Bar | Class::Bracket => Role::SyntaxOperator,
    }
}

/// A text in colour, line by line.
pub fn coloured(text: &str) -> Vec<Parts<'static>> {
    let roles = roles(text);
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        let mut parts: Parts<'static> = Vec::new();
        let mut done = start;
        let mut add = |range: Range<usize>, role| {
            let piece = text.get(range).unwrap_or_default();
            if !piece.is_empty() {
                parts.push((Cow::Owned(escape::visible(piece).into_owned()), role));
            }
        };
        for (span, role) in roles.iter().filter(|(span, _)| span.start < end && span.end > start) {
            let span = span.start.max(start)..span.end.min(end);
            add(done..span.start, Role::Text);
            add(span.clone(), *role);
            done = span.end;
        }
        add(done..end, Role::Text);
        lines.push(parts);
        start = end + 1;
    }
    lines
}

/// The form of a construct with the part marked that is written now, so that this part is in sight.
pub fn marked_form(signature: &Signature, room: usize) -> Parts<'static> {
    let form = signature.form;
    let current = signature.current.clone().unwrap_or(0..0);
    // Whole words from the front give way where the marked part would not be seen.
    let mut from = 0;
    while width(&form[from..current.end.max(from)]) + 1 > room {
        match form[from..].find(' ') {
            Some(blank) if from + blank < current.start => from += blank + 1,
            _ => break,
        }
    }
    let piece = |range: Range<usize>| form.get(range).unwrap_or_default().to_owned();
    let before = format!(" {}{}", if from > 0 { "…" } else { "" }, piece(from..current.start.max(from)));
    vec![
        (Cow::Owned(before), Role::Muted),
        (Cow::Owned(piece(current.clone())), Role::Match),
        (Cow::Owned(cut(&(piece(current.end.max(from)..form.len()) + " "), room).into_owned()), Role::Muted),
    ]
}

/// What is wrong with a text, the errors first; on a server also what it would cost.
pub fn diagnostics(text: &str, server: bool) -> Vec<Diagnostic> {
    let mut found = logsql::parse(text).diagnostics;
    // The range of the request is always sent.
    found.extend(logsql::advice(text, Reach { server, bounded: true }));
    found.sort_by_key(|diagnostic| (!is_error(diagnostic), diagnostic.span.start));
    found
}

/// Whether the query cannot run; anything else is only worth a look.
pub fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity() == logsql::Severity::Error
}

/// The text as `logsql fmt` writes it, a pipe a line; `None` where something is wrong with it.
pub fn tidy(text: &str) -> Option<String> {
    let canonical = logsql::format(text).ok()?;
    Some(logsql::lay_out(&canonical))
}

/// Whether a word, or the value behind a colon, has been begun at the cursor, so that it can be completed unasked.
pub fn has_begun(text: &str, cursor: usize) -> bool {
    let begins = |token: &Token| token.kind == Kind::Word || &text[token.span.clone()] == ":";
    let ends_here = |token: &Token| token.span.end == cursor && begins(token);
    logsql::tokens(text).iter().any(ends_here)
}

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is shown.
    pub label: String,
    /// What it does, in the language of the screen.
    pub about: String,
    /// Its colour.
    pub role: Role,
    /// The bytes that it takes the place of.
    pub range: Range<usize>,
    /// What is written there.
    pub text: String,
    /// How it is written, for a construct.
    pub form: Option<&'static str>,
}

/// What could stand at the cursor.
#[derive(Debug, Default)]
pub struct Offered {
    /// The items, best first.
    pub items: Vec<Item>,
    /// The field whose values would be offered if they were known.
    pub wanted: Option<String>,
}

/// What the source has: names of fields, and values of those that were asked for.
#[derive(Debug, Default)]
pub struct Vocabulary {
    known: logsql::Vocabulary,
    /// Rows that have each field.
    rows: HashMap<String, u64>,
    /// Rows that have each value of a field.
    hits: HashMap<(String, String), u64>,
}

impl Vocabulary {
    /// Whether the source has a field of that name.
    pub fn knows(&self, field: &str) -> bool {
        self.known.fields.iter().any(|name| name == field)
    }

    /// Takes in the names, the most frequent first.
    pub fn set_names(&mut self, mut names: Vec<ValueHits>) {
        names.sort_by_key(|name| std::cmp::Reverse(name.hits));
        self.rows = names.iter().map(|name| (name.value.clone(), name.hits)).collect();
        self.known.fields = names.into_iter().map(|name| name.value).collect();
    }

    /// Takes in the values of a field, the most frequent first.
    pub fn set_values(&mut self, field: String, mut values: Vec<ValueHits>) {
        values.sort_by_key(|value| std::cmp::Reverse(value.hits));
        for value in &values {
            self.hits.insert((field.clone(), value.value.clone()), value.hits);
        }
        self.known.values.retain(|(known, _)| *known != field);
        self.known.values.push((field, values.into_iter().map(|value| value.value).collect()));
    }

    /// How many rows have it, in words; nothing where the source did not count.
    fn frequency(&self, hits: Option<&u64>, lang: Lang) -> String {
        hits.filter(|hits| **hits > 0).map(|hits| say::rows(lang, &count(*hits))).unwrap_or_default()
    }
}

/// What could stand at the cursor.
pub fn complete(text: &str, cursor: usize, vocabulary: &Vocabulary, lang: Lang) -> Offered {
    let found = logsql::complete(text, cursor, &vocabulary.known);
    let typed = text.get(found.replace.clone()).unwrap_or_default();
    let items = found.candidates.into_iter().filter(|candidate| candidate.text != typed);
    let field = found.value_of.clone().unwrap_or_default();
    let items = items.map(|candidate| item(candidate, found.replace.clone(), vocabulary, &field, lang)).collect();
    let is_known = |field: &String| vocabulary.known.values.iter().any(|(known, _)| known == field);
    Offered { items, wanted: found.value_of.filter(|field| !is_known(field)) }
}

fn item(candidate: logsql::Candidate, range: Range<usize>, vocabulary: &Vocabulary, field: &str, lang: Lang) -> Item {
    let logsql::Candidate { label, text, offer } = candidate;
    let mut form = None;
    let (role, about) = match offer {
        Offer::Construct(sort) => {
            let doc = registry::find_sort(sort, &label);
            form = doc.map(|doc| doc.forms()[0]);
            let role = if sort == Sort::Pipe { Role::SyntaxPipe } else { Role::SyntaxFunction };
            (role, doc.map_or("", |doc| doc.summary(lang)).to_owned())
        }
        Offer::Clause => {
            let about = logsql::Clause::find(&label).map_or("", |clause| clause.summary(lang));
            (Role::SyntaxKeyword, about.to_owned())
        }
        Offer::Made => (Role::SyntaxField, say::made(lang).to_owned()),
        Offer::Field => (Role::SyntaxField, vocabulary.frequency(vocabulary.rows.get(&label), lang)),
        Offer::Value => {
            let hits = vocabulary.hits.get(&(field.to_owned(), label.clone()));
            (Role::SyntaxValue, vocabulary.frequency(hits, lang))
        }
        Offer::Size => (Role::SyntaxNumber, String::new()),
    };
    let label = escape::visible(&label).into_owned();
    Item { label, about, role, range, text, form }
}

mod say {
    crate::text::words! {
        made { en: "made by the query", ko: "쿼리가 만든 필드" }
    }
    crate::text::sentences! {
        rows(count: &str) { en: "{count} rows", ko: "{count}행" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidying_puts_pipes_on_lines_and_changes_no_meaning() {
        for query in crate::library::shipped() {
            let tidied = tidy(&query.text).unwrap_or_else(|| panic!("{}", query.slug));
            assert_eq!(logsql::format(&tidied), logsql::format(&query.text), "{tidied}");
            assert!(tidied.lines().skip(1).all(|line| line.starts_with("| ") || line.starts_with("    ")), "{tidied}");
        }
        assert_eq!(tidy("a | "), None);
    }

    #[test]
    fn offers_say_what_they_do_and_values_are_wanted_once() {
        let mut vocabulary = Vocabulary::default();
        let hits = |value: &str, hits| ValueHits { value: value.to_owned(), hits };
        vocabulary.set_names(vec![hits("status", 5), hits("path", 7)]);
        assert_eq!(complete("", 0, &vocabulary, Lang::En).items[0].about, "7 rows");
        let offered = complete("* | sta", 7, &vocabulary, Lang::Ko);
        let stats = offered.items.iter().find(|item| item.label == "stats").unwrap();
        assert_eq!((&stats.range, stats.text.as_str(), stats.role), (&(4..7), "stats", Role::SyntaxPipe));
        assert!(!stats.about.is_empty());
        assert_eq!(complete("status:", 7, &vocabulary, Lang::En).wanted.as_deref(), Some("status"));
        vocabulary.set_values("status".to_owned(), vec![hits("a b", 0), hits("404", 1)]);
        let offered = complete("status:", 7, &vocabulary, Lang::En);
        assert_eq!(offered.wanted, None);
        assert_eq!(
            offered.items.iter().map(|item| item.text.as_str()).take(2).collect::<Vec<_>>(),
            ["=404", "=\"a b\""]
        );
    }

    #[test]
    fn a_word_has_begun_only_outside_of_strings_and_comments() {
        for (text, expected) in [
            ("sta", true),
            ("status:", true),
            ("a ", false),
            ("\"sta", true),
            ("\"sta\"", false),
            ("# sta", false),
            ("", false),
        ] {
            assert_eq!(has_begun(text, text.len()), expected, "{text}");
        }
    }
}
