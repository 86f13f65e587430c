//! Patterns like `ip=<ip> <_> "<q:agent>"`, which take a text apart (`extract`) or put one together (`format`).

use super::super::quote::unquote_prefix;

/// Text and the field after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What stands before the field.
    pub before: String,
    /// The field; empty for a part without a name.
    pub field: String,
    /// What stands before the colon: `plain`, `q`, `lc` …
    pub option: String,
}

/// Takes a pattern apart; `None` where a `<` is not closed.
pub fn parse(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some((before, after)) = rest.split_once('<') else {
            steps.push(Step { before: unescape_html(rest), field: String::new(), option: String::new() });
            break;
        };
        let (inside, after) = after.split_once('>')?;
        let inside = if inside == "_" || inside == "*" { "" } else { inside };
        let (option, field) = inside.split_once(':').unwrap_or(("", inside));
        let (option, field) = (option.trim().to_owned(), field.trim().to_owned());
        steps.push(Step { before: unescape_html(before), field, option });
        rest = after;
    }
    Some(steps)
}

/// The fields that a pattern names, each with the byte at which its name stands.
pub fn names(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find('<')).map(|at| from + at + 1) {
        let Some(close) = text[open..].find('>').map(|at| open + at) else { break };
        let start = text[open..close].find(':').map_or(open, |at| open + at + 1);
        let name = text[start..close].trim();
        if !matches!(name, "" | "_" | "*") {
            found.push((start + text[start..close].find(name).unwrap_or(0), name));
        }
        from = close + 1;
    }
    found
}

/// The names that mean characters in HTML, as far as they stand in logs.
fn unescape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match entity(after) {
            Some((c, length)) => {
                out.push(c);
                rest = &after[length..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] =
        &[("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"'), ("LT", '<'), ("GT", '>'), ("AMP", '&'), ("QUOT", '"')];
    if let Some(digits) = text.strip_prefix('#') {
        let (digits, radix, offset) = digits.strip_prefix(['x', 'X']).map_or((digits, 10, 1), |digits| (digits, 16, 2));
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let value = u32::from_str_radix(&digits[..length], radix).ok()?;
        let semicolon = usize::from(digits[length..].starts_with(';'));
        return Some((char::from_u32(value).filter(|c| *c != '\0').unwrap_or('\u{fffd}'), offset + length + semicolon));
    }
    if let Some((name, c)) = [("apos;", '\''), ("nbsp;", '\u{a0}')].into_iter().find(|(name, _)| text.starts_with(name))
    {
        return Some((c, name.len()));
    }
    let (name, c) = NAMED.iter().find(|(name, _)| text.starts_with(name))?;
    let semicolon = usize::from(text[name.len()..].starts_with(';'));
    Some((*c, name.len() + semicolon))
}

/// What the fields of a pattern are in a text, in the order of the steps; empty from where it stops to match.
pub fn apply(steps: &[Step], text: &str) -> Vec<String> {
    let mut found = vec![String::new(); steps.len()];
    let Some(first) = steps.first() else { return found };
    let Some(start) = text.find(&first.before) else { return found };
    let mut rest = &text[start + first.before.len()..];
    for (index, step) in steps.iter().enumerate() {
        let next = steps.get(index + 1).map_or("", |step| step.before.as_str());
        let quoted = (step.option != "plain" && rest.starts_with(['"', '`'])).then(|| unquote_prefix(rest)).flatten();
        if let Some((value, length)) = quoted {
            found[index] = value;
            match rest[length..].strip_prefix(next) {
                Some(after) => rest = after,
                None => return found,
            }
        } else if next.is_empty() {
            rest.clone_into(&mut found[index]);
            return found;
        } else {
            let Some((value, after)) = rest.split_once(next) else { return found };
            value.clone_into(&mut found[index]);
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        let fields = |pattern: &str, text: &str| apply(&parse(pattern).unwrap(), text);
        assert_eq!(fields("ip=<ip> <_>", "x ip=1.2.3.4 rest"), ["1.2.3.4", "rest"]);
        assert_eq!(fields("a=<a>;", "a=\"x;y\";"), ["x;y", ""]);
        assert_eq!(fields("a=<plain:a>;", "a=\"x;y\";"), ["\"x", "y\";"]);
        assert_eq!(fields("&lt;<a>&gt;", "<b>"), ["b", ""]);
        assert_eq!(fields("no<a>", "x"), [""]);
        assert_eq!(parse("<a"), None);
    }
}
