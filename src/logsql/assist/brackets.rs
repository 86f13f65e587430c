//! Which brackets belong together.

use super::super::token::{Kind, tokens};

/// The bracket under or before a position and the one that belongs to it. A range may open with one sort and close with
/// another (`range(1, 5]`), so any closes any; brackets in strings and comments are text.
///
/// ```
/// use gatewatch::logsql::brackets;
/// assert_eq!(brackets("x:range(1, 5]", 7), Some((7, 12)));
/// ```
pub fn brackets(text: &str, position: usize) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for token in tokens(text).iter().filter(|token| token.kind == Kind::Symbol) {
        match &text[token.span.clone()] {
            "(" | "[" | "{" => open.push(token.span.start),
            ")" | "]" | "}" => pairs.extend(open.pop().map(|start| (start, token.span.start))),
            _ => {}
        }
    }
    // The one under the position before the one left of it.
    let at = |place: usize| pairs.iter().find(|(start, end)| *start == place || *end == place).copied();
    at(position).or_else(|| at(position.checked_sub(1)?))
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
}
