//! Adds a filter for one cell to a query: to its filter where the field is the source's own, behind its last pipe
//! where a pipe made the field. The text around stays as the person wrote it.

use crate::logsql::{self, Kind, Token};

/// The query with `field = value` (or without it) added.
pub fn refined(text: &str, field: &str, value: &str, exclude: bool, is_own_field: bool) -> String {
    let filter = format!("{}{}", if exclude { "!" } else { "" }, logsql::equals(field, value));
    let tokens = logsql::tokens(text);
    let pipe = top_level(text, &tokens).find(|at| symbol(text, &tokens[*at]) == "|");
    if pipe.is_some() && !is_own_field {
        let after = if text.ends_with('\n') { "" } else { "\n" };
        return format!("{text}{after}| filter {filter}");
    }
    let head = &tokens[..pipe.unwrap_or(tokens.len())];
    let means = |token: &&Token| !matches!(token.kind, Kind::Blank | Kind::Comment);
    let (Some(first), Some(last)) = (head.iter().find(means), head.iter().rfind(means)) else {
        // No filter at all: only blanks, comments and pipes. A comment reaches to the end of its line.
        let at = head.last().map_or(0, |token| token.span.end);
        let (before, after) = text.split_at(at);
        let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
        return format!("{before}{gap}{filter} {after}").trim_end().to_owned();
    };
    let (start, end) = (first.span.start, last.span.end);
    let (before, own, after) = (&text[..start], &text[start..end], &text[end..]);
    if own == "*" {
        return format!("{before}{filter}{after}");
    }
    let either = top_level(text, head).any(|at| symbol(text, &head[at]).eq_ignore_ascii_case("or"));
    if either { format!("{before}({own}) {filter}{after}") } else { format!("{before}{own} {filter}{after}") }
}

/// A bare token's text; nothing for a quoted one, which never is a sign.
fn symbol<'t>(text: &'t str, token: &Token) -> &'t str {
    if matches!(token.kind, Kind::Symbol | Kind::Word) { &text[token.span.clone()] } else { "" }
}

/// The places of the tokens that stand in no bracket.
fn top_level<'t>(text: &'t str, tokens: &'t [Token]) -> impl Iterator<Item = usize> + 't {
    let mut depth = 0_usize;
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        match symbol(text, token) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => return (depth == 0).then_some(at),
        }
        None
    })
}

/// Whether some pipe of the query gives its rows an order that is to be kept.
pub fn is_ordered(text: &str) -> bool {
    const ORDERING: [&str; 5] = ["sort", "order", "top", "first", "last"];
    let tokens = logsql::tokens(text);
    let words = |token: &&Token| !matches!(token.kind, Kind::Blank | Kind::Comment);
    let pipes = top_level(text, &tokens).filter(|at| symbol(text, &tokens[*at]) == "|");
    let names: Vec<&str> =
        pipes.filter_map(|at| tokens[at + 1..].iter().find(words).map(|token| symbol(text, token))).collect();
    names.iter().any(|name| ORDERING.iter().any(|ordering| name.eq_ignore_ascii_case(ordering)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_filter_goes_where_the_field_is() {
        for (text, exclude, own, expected) in [
            ("*", false, true, r#"path:="/a b""#),
            ("* | limit 5", true, true, r#"!path:="/a b" | limit 5"#),
            ("status:404 # why\n| limit 5", false, true, "status:404 path:=\"/a b\" # why\n| limit 5"),
            ("a or (b | c)", false, true, r#"(a or (b | c)) path:="/a b""#),
            ("(a or b) \"or\" | stats count()", false, true, r#"(a or b) "or" path:="/a b" | stats count()"#),
            ("* | stats by (path) count() n", false, false, "* | stats by (path) count() n\n| filter path:=\"/a b\""),
            ("# only a remark", false, true, "# only a remark\npath:=\"/a b\""),
            ("", false, true, r#"path:="/a b""#),
        ] {
            assert_eq!(refined(text, "path", "/a b", exclude, own), expected);
        }
    }

    #[test]
    fn an_order_is_seen_only_where_a_pipe_gives_one() {
        for (text, expected) in [
            ("* | sort by (_time)", true),
            ("* | stats count() c | ORDER by (c)", true),
            ("sort", false),
            ("\"| sort\"", false),
            ("x:in(* | sort by (a) | fields a)", false),
        ] {
            assert_eq!(is_ordered(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn hostile_values_stay_one_filter(value in any::<String>()) {
            let query = refined("*", "path", &value, false, true);
            prop_assert_eq!(logsql::parse(&query).diagnostics.len(), 0, "{}", query);
        }
    }
}
