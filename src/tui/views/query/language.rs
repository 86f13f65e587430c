//! What the text in the editor means, in the words of the screen: colours, what is wrong, brackets, what could stand at
//! the cursor. The only place of this view that asks [`crate::logsql`] about more than tokens.

use std::ops::Range;

use crate::logsql::registry::{self, Sort};
use crate::logsql::{self, Class, Kind, Offer, Token};
use crate::text::{Lang, escape};
use crate::tui::theme::Role;

pub use crate::logsql::Diagnostic;

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

/// What is wrong with a text, the errors first.
pub fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let mut found = logsql::parse(text).diagnostics;
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
    Some(on_lines(&canonical))
}

/// Every pipe of the query itself (not those of queries inside of it) on a line of its own.
fn on_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    for token in logsql::tokens(text) {
        let raw = &text[token.span.clone()];
        if token.kind == Kind::Symbol {
            match raw {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                "|" if depth == 0 => {
                    out.truncate(out.trim_end().len());
                    out.push('\n');
                }
                _ => {}
            }
        }
        out.push_str(raw);
    }
    out
}

/// The bracket before or under the cursor, and the one that belongs to it. A range may open with one sort and close
/// with another (`range(1, 5]`), so any closes any.
pub fn brackets(text: &str, cursor: usize) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for token in logsql::tokens(text).iter().filter(|token| token.kind == Kind::Symbol) {
        match &text[token.span.clone()] {
            "(" | "[" | "{" => open.push(token.span.start),
            ")" | "]" | "}" => pairs.extend(open.pop().map(|start| (start, token.span.start))),
            _ => {}
        }
    }
    // The one under the cursor before the one left of it.
    let at = |place: usize| pairs.iter().find(|(start, end)| *start == place || *end == place).copied();
    at(cursor).or_else(|| at(cursor.checked_sub(1)?))
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
}

impl Vocabulary {
    /// Whether the source has a field of that name.
    pub fn knows(&self, field: &str) -> bool {
        self.known.fields.iter().any(|name| name == field)
    }

    /// Takes in the names.
    pub fn set_names(&mut self, names: impl Iterator<Item = String>) {
        self.known.fields = names.collect();
    }

    /// Takes in the values of a field.
    pub fn set_values(&mut self, field: String, values: impl Iterator<Item = String>) {
        self.known.values.retain(|(known, _)| *known != field);
        self.known.values.push((field, values.collect()));
    }
}

/// What could stand at the cursor.
pub fn complete(text: &str, cursor: usize, vocabulary: &Vocabulary, lang: Lang) -> Offered {
    let found = logsql::complete(text, cursor, &vocabulary.known);
    let typed = text.get(found.replace.clone()).unwrap_or_default();
    let items = found.candidates.into_iter().filter(|candidate| candidate.text != typed);
    let items = items.map(|candidate| item(candidate, found.replace.clone(), lang)).collect();
    let is_known = |field: &String| vocabulary.known.values.iter().any(|(known, _)| known == field);
    Offered { items, wanted: found.value_of.filter(|field| !is_known(field)) }
}

fn item(candidate: logsql::Candidate, range: Range<usize>, lang: Lang) -> Item {
    let logsql::Candidate { text, offer } = candidate;
    let label = escape::visible(&text).into_owned();
    let (role, about) = match offer {
        Offer::Construct(sort) => {
            let about = registry::find_sort(sort, &text).map_or("", |doc| doc.summary(lang));
            (if sort == Sort::Pipe { Role::SyntaxPipe } else { Role::SyntaxFunction }, about)
        }
        Offer::Clause => (Role::SyntaxKeyword, ""),
        Offer::Field => (Role::SyntaxField, ""),
        Offer::Value => (Role::SyntaxValue, ""),
    };
    // A stats function always takes brackets.
    let text = if offer == Offer::Construct(Sort::Stats) { format!("{text}(") } else { text };
    Item { label, about: about.to_owned(), role, range, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_match_across_sorts_and_not_inside_of_strings() {
        let text = "x:range(1, 5] \")\" (a)";
        assert_eq!(brackets(text, 7), Some((7, 12)));
        assert_eq!(brackets(text, 13), Some((7, 12)));
        assert_eq!(brackets(text, 18), Some((18, 20)));
        assert_eq!(brackets(text, 15), None);
        assert_eq!(brackets("(a", 0), None);
    }

    #[test]
    fn tidying_puts_pipes_on_lines_and_changes_no_meaning() {
        for query in crate::library::shipped() {
            let tidied = tidy(&query.text).unwrap_or_else(|| panic!("{}", query.slug));
            assert_eq!(logsql::format(&tidied), logsql::format(&query.text), "{tidied}");
            assert!(tidied.lines().skip(1).all(|line| line.starts_with("| ")), "{tidied}");
        }
        assert_eq!(tidy("a | "), None);
    }

    #[test]
    fn offers_say_what_they_do_and_values_are_wanted_once() {
        let mut vocabulary = Vocabulary::default();
        vocabulary.set_names(["status".to_owned(), "path".to_owned()].into_iter());
        let offered = complete("* | sta", 7, &vocabulary, Lang::Ko);
        let stats = offered.items.iter().find(|item| item.label == "stats").unwrap();
        assert_eq!((&stats.range, stats.text.as_str(), stats.role), (&(4..7), "stats", Role::SyntaxPipe));
        assert!(!stats.about.is_empty());
        assert_eq!(complete("status:", 7, &vocabulary, Lang::En).wanted.as_deref(), Some("status"));
        vocabulary.set_values("status".to_owned(), ["404".to_owned(), "a b".to_owned()].into_iter());
        let offered = complete("status:", 7, &vocabulary, Lang::En);
        assert_eq!(offered.wanted, None);
        assert_eq!(offered.items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>(), ["=404", "=\"a b\""]);
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
