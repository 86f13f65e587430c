//! Regular expressions in RE2's syntax, as Go reads it, made into ones of the `regex` crate: there classes are not
//! nested, `\d`, `\w`, `\s` and `\b` are ASCII, a stray `{` is text, `\Q…\E` quotes.

use regex::{Regex, RegexBuilder};

/// Compiles; `dot_all` lets the dot match a line feed.
pub(super) fn compile(pattern: &str, dot_all: bool) -> Result<Regex, String> {
    let (translated, _) = translate(pattern)?;
    let build = |text: &str| {
        RegexBuilder::new(text)
            .dot_matches_new_line(dot_all)
            .size_limit(32 << 20)
            .build()
            .map_err(|error| last_line(&error.to_string()))
    };
    build(&translated)
}

/// Whether Go would compile the expression; what is wrong where not.
pub(super) fn check(pattern: &str) -> Result<Regex, String> {
    compile(pattern, true)
}

fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or(text).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The expression that matches exactly the text, escaped as Go escapes it.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The longest text that stands in everything that the expression matches, as far as that is seen at a glance; empty
/// where it is not.
pub(super) fn text(pattern: &str) -> String {
    if pattern.contains(['|']) || pattern.contains("(?") {
        return String::new();
    }
    let (mut best, mut run) = (String::new(), String::new());
    let mut characters = pattern.chars().peekable();
    while let Some(c) = characters.next() {
        let literal = match c {
            // What is in groups, classes and behind counts is not looked into.
            '(' | '[' | '{' | ')' => break,
            '.' | '^' | '$' => None,
            '*' | '?' => {
                run.pop();
                None
            }
            '+' => None,
            '\\' => match characters.next() {
                Some(c) if c.is_ascii_punctuation() => Some(c),
                // A class or a quotation.
                Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B') => None,
                _ => break,
            },
            c => Some(c),
        };
        // A count behind makes the character optional.
        match literal {
            Some(c) if characters.peek() != Some(&'{') => run.push(c),
            _ => {
                if run.len() > best.len() {
                    best.clone_from(&run);
                }
                run.clear();
            }
        }
    }
    if run.len() > best.len() { run } else { best }
}

/// The expression for the crate, and the names of its groups, the whole match first.
fn translate(pattern: &str) -> Result<(String, Vec<Option<String>>), String> {
    let mut groups = vec![None];
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut repeated = false;
    while let Some(c) = rest.chars().next() {
        let repeats = matches!(c, '*' | '+' | '?') || c == '{' && repetition(rest)? > 0;
        if repeats && repeated {
            return Err(format!("invalid nested repetition operator {c}"));
        }
        repeated = repeats;
        if repeats {
            let length = if c == '{' { repetition(rest)? } else { 1 };
            // A question mark after it makes it lazy.
            let length = length + usize::from(rest[length..].starts_with('?'));
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        match c {
            '\\' => rest = escape_sequence(rest, false, &mut out)?,
            '[' => rest = class(rest, &mut out)?,
            '{' | '}' => {
                out.push('\\');
                out.push(c);
                rest = &rest[1..];
            }
            '(' if rest.starts_with("(?") => rest = group(rest, &mut out, &mut groups)?,
            '(' => {
                groups.push(None);
                out.push('(');
                rest = &rest[1..];
            }
            c => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Ok((out, groups))
}

/// The length of `{n}`, `{n,}` or `{n,m}`; 0 where the brace is text.
fn repetition(text: &str) -> Result<usize, String> {
    let Some(end) = text.find('}') else { return Ok(0) };
    let body = &text[1..end];
    let (low, high) =
        body.split_once(',').map_or((body, Some(body)), |(low, high)| (low, (!high.is_empty()).then_some(high)));
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits && (text.len() == 1 || !text.starts_with('0'))).then(|| text.parse::<u32>().unwrap_or(u32::MAX))
    };
    let Some(low) = number(low) else { return Ok(0) };
    let high = match high {
        None => low,
        Some(high) => match number(high) {
            Some(high) => high,
            None => return Ok(0),
        },
    };
    if low > 1000 || high > 1000 || high < low { Err(format!("bad repeat count {{{body}}}")) } else { Ok(end + 1) }
}

/// `(?:`, `(?P<name>`, `(?flags)`; Go knows the flags i, m, s and U only. Names are kept apart, since the crate takes
/// fewer of them, and none twice.
fn group<'t>(text: &'t str, out: &mut String, groups: &mut Vec<Option<String>>) -> Result<&'t str, String> {
    let after = &text[2..];
    if let Some(named) = after.strip_prefix("P<").or_else(|| after.strip_prefix('<')) {
        let Some((name, rest)) = named.split_once('>') else { return Err("bad group name".to_owned()) };
        if name.is_empty() || !name.chars().all(super::quote::is_word_char) {
            return Err(format!("bad group name {name}"));
        }
        groups.push(Some(name.to_owned()));
        out.push('(');
        return Ok(rest);
    }
    if let Some(rest) = after.strip_prefix(')') {
        return Ok(rest);
    }
    let end = after.find([':', ')']).ok_or("missing )")?;
    let flags = &after[..end];
    let well_formed = flags.chars().all(|c| matches!(c, 'i' | 'm' | 's' | 'U' | '-'))
        && flags.matches('-').count() <= 1
        && !flags.ends_with('-');
    if !well_formed {
        return Err(format!("bad group (?{flags}"));
    }
    out.push_str(&text[..2 + end + 1]);
    Ok(&after[end + 1..])
}

/// The names of the groups of an expression, the whole match first; `None` for a group without a name.
pub(super) fn group_names(pattern: &str) -> Vec<Option<String>> {
    translate(pattern).map_or_else(|_| Vec::new(), |(_, groups)| groups)
}

/// The names of the groups, each with the byte at which it stands.
pub(super) fn group_places(pattern: &str) -> Vec<(usize, &str)> {
    let mut from = 0;
    let mut found = Vec::new();
    for name in group_names(pattern).into_iter().flatten() {
        let opened = |open: &str| pattern[from..].find(&format!("{open}{name}>")).map(|at| from + at + open.len());
        if let Some(start) = opened("(?P<").into_iter().chain(opened("(?<")).min() {
            from = start + name.len();
            found.push((start, &pattern[start..from]));
        }
    }
    found
}

/// Reads one escape; appends what it means inside or outside of a class.
fn escape_sequence<'t>(text: &'t str, in_class: bool, out: &mut String) -> Result<&'t str, String> {
    let after = &text[1..];
    let Some(c) = after.chars().next() else { return Err("trailing backslash".to_owned()) };
    let rest = &after[c.len_utf8()..];
    let class = |out: &mut String, inside: &str, negated: bool| match (in_class, negated) {
        (true, false) => out.push_str(inside),
        (_, true) => out.push_str(&format!("[^{inside}]")),
        (false, false) => out.push_str(&format!("[{inside}]")),
    };
    match c {
        'd' | 'D' => class(out, "0-9", c == 'D'),
        'w' | 'W' => class(out, "0-9A-Za-z_", c == 'W'),
        's' | 'S' => class(out, r"\t\n\x0c\r ", c == 'S'),
        'b' if !in_class => out.push_str(r"(?-u:\b)"),
        'B' if !in_class => out.push_str(r"\B"),
        'A' | 'z' if !in_class => out.push_str(&text[..2]),
        'Q' if !in_class => {
            let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(quoted));
            return Ok(rest);
        }
        'p' | 'P' => {
            let length = if rest.starts_with('{') {
                rest.find('}').map_or(0, |end| end + 1)
            } else {
                rest.chars().next().map_or(0, char::len_utf8)
            };
            if length == 0 {
                return Err("bad character class".to_owned());
            }
            let name = rest[..length].trim_matches(['{', '}', '^']);
            if name.contains(['=', ':']) || !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                return Err(format!("bad character class {name}"));
            }
            out.push_str(&text[..2 + length]);
            return Ok(&rest[length..]);
        }
        'a' | 'f' | 'n' | 'r' | 't' | 'v' => out.push_str(&text[..2]),
        'x' => return hexadecimal(text, out),
        '0'..='7' => {
            // Octal only: \1 to \7 need a second digit, else they would be back references.
            let digits = after.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            if c != '0' && digits < 2 {
                return Err(format!("bad escape \\{c}"));
            }
            let value = u32::from_str_radix(&after[..digits], 8).unwrap_or(0);
            out.push_str(&format!("\\x{{{value:x}}}"));
            return Ok(&after[digits..]);
        }
        c if c.is_ascii_punctuation() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c => return Err(format!("bad escape \\{c}")),
    }
    Ok(rest)
}

fn hexadecimal<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    let after = &text[2..];
    let (digits, length) = match after.strip_prefix('{') {
        Some(braced) => {
            let end = braced.find('}').ok_or("bad escape \\x{")?;
            (&braced[..end], end + 2)
        }
        None => (after.get(..2).ok_or("bad escape \\x")?, 2),
    };
    let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).ok_or("bad escape \\x")?;
    out.push_str(&format!("\\x{{{:x}}}", u32::from(value)));
    Ok(&after[length..])
}

/// `[…]`, in which everything but `]`, `-`, `\` and `[:name:]` is text.
fn class<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    out.push('[');
    let mut rest = &text[1..];
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let mut first = true;
    loop {
        let Some(c) = rest.chars().next() else { return Err("missing ]".to_owned()) };
        match c {
            ']' if !first => {
                out.push(']');
                return Ok(&rest[1..]);
            }
            '\\' => rest = escape_sequence(rest, true, out)?,
            '[' if rest.starts_with("[:") => match rest.find(":]") {
                Some(end) => {
                    const CLASSES: &[&str] = &[
                        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
                        "space", "upper", "word", "xdigit",
                    ];
                    if !CLASSES.contains(&rest[2..end].trim_start_matches('^')) {
                        return Err(format!("bad character class {}", &rest[..end + 2]));
                    }
                    out.push_str(&rest[..end + 2]);
                    rest = &rest[end + 2..];
                }
                None => {
                    out.push_str("\\[");
                    rest = &rest[1..];
                }
            },
            '-' => {
                // A range where something stands on both sides, else the sign itself.
                let last = rest[1..].starts_with(']');
                out.push_str(if first || last { "\\-" } else { "-" });
                rest = &rest[1..];
            }
            '[' | ']' | '&' | '~' | '^' => {
                out.push('\\');
                out.push(c);
                rest = &rest[1..];
            }
            c => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_syntax_means_here_what_it_means_there() {
        for (pattern, text, matches) in [
            (r"^\d+$", "１", false),
            (r"a{,2}", "a{,2}", true),
            (r"[[a]", "[", true),
            (r"[a&&b]", "&", true),
            (r"\Qa.b\E", "axb", false),
            (r"[\w-]+!", "a-b!", true),
            (r"\x41\x{42}", "AB", true),
            (r"[]a]", "]", true),
            (r"\<b\>", "<b>", true),
            (r"foo|", "anything", true),
            (r"(?i)ä", "Ä", true),
            (r"a.b", "a\nb", true),
            (r"[^\W]", "_", true),
        ] {
            assert_eq!(check(pattern).map(|regex| regex.is_match(text)), Ok(matches), "{pattern} {text}");
        }
    }

    #[test]
    fn a_text_that_every_match_contains() {
        for (pattern, expected) in [
            ("login", "login"),
            ("^/wp-login\\.php$", "/wp-login.php"),
            ("abc?d*ef+", "ab"),
            ("ab.cde", "cde"),
            ("a|b", ""),
            ("(?i)abc", ""),
            ("abc(d|e)", ""),
            ("abc(de)f", "abc"),
            ("ab{2}cd", "a"),
            (r"\d+x", "x"),
            (r"\Qa.b\E", ""),
            ("abx*", "ab"),
            ("[a]bc", ""),
        ] {
            assert_eq!(text(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in ["(", "a**", "[b-a]", r"\1", r"a{1001}", "(?x)a", r"\pX", "(?=a)", "[a", r"\", "*a", r"\Z"] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }
}
