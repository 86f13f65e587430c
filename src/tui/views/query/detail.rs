//! One row as indented JSON in colour. The colours come from syntect's JSON syntax, loaded when the first row is
//! opened; long values are cut, and everything hostile is visible before it is coloured. Belongs into a worker.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::logs::Row;
use crate::text::{escape, number};
use crate::tui::theme::Role;

/// A value is shown up to so many characters.
const LONGEST: usize = 4_000;

/// A line of coloured pieces.
pub type Line = Vec<(Role, String)>;

/// The row, a field a line, values as JSON writes them.
pub fn lines(row: &Row) -> Vec<Line> {
    let shown: Row = row.iter().map(|(name, value)| (name.to_owned(), shortened(value))).collect();
    // Serializing strings into a String cannot fail; an empty text would be shown as such.
    let json = serde_json::to_string_pretty(&shown).unwrap_or_default();
    coloured(&escape::visible_lines(&json))
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({})", &value[..end], number::bytes(value.len() as u64)),
        None => value.to_owned(),
    }
}

/// The syntax and what its scopes are in our themes.
struct Colours {
    set: SyntaxSet,
    roles: Vec<(Scope, Role)>,
}

impl Colours {
    fn load() -> Self {
        // From the most general to the most particular: the last one that holds decides.
        let roles = [
            ("source.json", Role::Text),
            ("punctuation", Role::SyntaxOperator),
            ("string", Role::SyntaxValue),
            ("constant.numeric", Role::SyntaxNumber),
            ("constant.language", Role::SyntaxKeyword),
            ("constant.character.escape", Role::SyntaxNumber),
            ("meta.structure.dictionary.key", Role::SyntaxField),
            ("invalid", Role::SyntaxInvalid),
        ];
        Self {
            set: SyntaxSet::load_defaults_newlines(),
            roles: roles.into_iter().filter_map(|(scope, role)| Some((Scope::new(scope).ok()?, role))).collect(),
        }
    }

    fn json(&self) -> Option<&SyntaxReference> {
        self.set.find_syntax_by_extension("json")
    }

    fn role(&self, stack: &ScopeStack) -> Role {
        let holds = |wanted: &Scope| stack.scopes.iter().any(|scope| wanted.is_prefix_of(*scope));
        self.roles.iter().rev().find(|(scope, _)| holds(scope)).map_or(Role::Text, |(_, role)| *role)
    }
}

/// A JSON text in colour, line by line; plain where the syntax does not take it.
pub fn coloured(json: &str) -> Vec<Line> {
    static COLOURS: LazyLock<Colours> = LazyLock::new(Colours::load);
    let plain = |line: &str| vec![(Role::Text, line.trim_end_matches('\n').to_owned())];
    let Some(syntax) = COLOURS.json() else { return json.lines().map(plain).collect() };
    let (mut state, mut stack) = (ParseState::new(syntax), ScopeStack::new());
    json.split_inclusive('\n')
        .map(|line| coloured_line(line, &mut state, &mut stack, &COLOURS).unwrap_or_else(|| plain(line)))
        .collect()
}

fn coloured_line(line: &str, state: &mut ParseState, stack: &mut ScopeStack, colours: &Colours) -> Option<Line> {
    let mut pieces: Line = Vec::new();
    let mut done = 0;
    let mut take = |end: usize, role: Role| {
        let text = line.get(done..end)?.trim_end_matches('\n');
        match pieces.last_mut() {
            Some((last, piece)) if *last == role => piece.push_str(text),
            _ if !text.is_empty() => pieces.push((role, text.to_owned())),
            _ => {}
        }
        done = end;
        Some(())
    };
    for (at, change) in state.parse_line(line, &colours.set).ok()? {
        take(at, colours.role(stack))?;
        stack.apply(&change).ok()?;
    }
    take(line.len(), colours.role(stack))?;
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_have_their_colours() {
        let row: Row = [("status", "404"), ("path", "/a\"b")].into_iter().collect();
        let lines = super::lines(&row);
        let text: Vec<String> =
            lines.iter().map(|line| line.iter().map(|(_, piece)| piece.as_str()).collect()).collect();
        assert_eq!(text, ["{", "  \"status\": \"404\",", "  \"path\": \"/a\\\"b\"", "}"]);
        let role_of =
            |line: usize, text: &str| lines[line].iter().find(|(_, piece)| piece.contains(text)).map(|(role, _)| *role);
        assert_eq!(role_of(1, "status"), Some(Role::SyntaxField), "{lines:?}");
        assert_eq!(role_of(1, "404"), Some(Role::SyntaxValue), "{lines:?}");
    }

    #[test]
    fn hostile_and_huge_values_are_tamed() {
        let row: Row =
            [("a", "\u{1b}[2J\u{202e}\u{200b}".to_owned()), ("b", "x".repeat(1_000_000))].into_iter().collect();
        let lines = super::lines(&row);
        assert!(lines.iter().flatten().all(|(_, piece)| !piece.chars().any(escape::is_dangerous)));
        let longest = lines.iter().map(|line| line.iter().map(|(_, piece)| piece.len()).sum::<usize>()).max();
        assert!(longest.is_some_and(|longest| longest < 4_100), "{longest:?}");
        assert!(lines[2].last().is_some_and(|(_, piece)| piece.ends_with('"')));
    }
}
