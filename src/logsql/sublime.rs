//! The language as a syntax for Sublime Text, bat, delta and whatever else reads `.sublime-syntax`, made of the
//! registry: the same places and classes as in [`highlight`](super::highlight()).

use super::assist::CLAUSES;
use super::highlight::is_clause;
use super::registry::{self, Sort};

/// A letter, digit or `_` of any script, or a dot.
const WORD: &str = r"[\p{L}\p{Nd}_.]";

/// One rule of a context.
struct Rule {
    regex: String,
    scope: &'static str,
    then: &'static str,
}

/// The syntax file. `gatewatch logsql syntax` prints it.
pub fn sublime_syntax() -> String {
    let mut out = String::from(
        "%YAML 1.2\n---\n# LogsQL, the query language of VictoriaLogs. Printed by `gatewatch logsql syntax`.\n\
         name: LogsQL\nfile_extensions: [logsql]\nscope: source.logsql\ncontexts:\n",
    );
    out.push_str("  prototype:\n    - match: '#.*'\n      scope: comment.line.number-sign.logsql\n");
    // What opens a bracket comes back to where it was; so each context is there for the top and for the inside.
    for (inside, ending) in [(false, ""), (true, "-inside")] {
        for (name, rules) in [("main", words(true)), ("pipe", words(false)), ("bar", bar())] {
            out.push_str(&format!("  {name}{ending}:\n"));
            if inside {
                out.push_str("    - match: '[)\\]}]'\n      scope: punctuation.section.logsql\n      pop: true\n");
            }
            rules.iter().for_each(|rule| print(rule, ending, &mut out));
        }
    }
    out.push_str("  raw:\n    - meta_include_prototype: false\n    - meta_scope: string.quoted.other.logsql\n    - match: '`'\n      pop: true\n");
    out
}

fn print(rule: &Rule, ending: &str, out: &mut String) {
    out.push_str(&format!("    - match: '{}'\n", rule.regex.replace('\'', "''")));
    if !rule.scope.is_empty() {
        out.push_str(&format!("      scope: {}.logsql\n", rule.scope));
    }
    match rule.then.split_once(' ') {
        Some(("set", context)) => out.push_str(&format!("      set: {context}{ending}\n")),
        // A filter stays a filter inside of its brackets, a pipe a pipe.
        Some(("push", "raw")) => out.push_str("      push: raw\n"),
        Some(("push", context)) => out.push_str(&format!("      push: {context}-inside\n")),
        Some(("enter", context)) => {
            out.push_str(&format!("      set: [{context}{ending}, {context}-inside]\n"));
        }
        _ => {}
    }
}

const fn rule(regex: String, scope: &'static str, then: &'static str) -> Rule {
    Rule { regex, scope, then }
}

/// Names as one expression, longest first so that none hides another.
fn any_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|name| (std::cmp::Reverse(name.len()), *name));
    format!("(?i:{})(?!{WORD})", names.join("|"))
}

fn named(sort: Sort) -> impl Iterator<Item = &'static str> {
    registry::all().iter().filter(move |doc| doc.sort == sort).flat_map(|doc| doc.names())
}

/// Right behind a bar: the name of a pipe, or what stands where it is left out.
fn bar() -> Vec<Rule> {
    let pipes = named(Sort::Pipe).filter(|name| !matches!(*name, "filter" | "where"));
    let clauses = CLAUSES.iter().map(|clause| clause.word).filter(|word| is_clause(word) && *word != "by");
    vec![
        rule(r"\|".to_owned(), "punctuation.separator.pipe", ""),
        rule(any_of(["filter", "where"].into_iter()), "keyword.control", "set main"),
        rule(any_of(pipes), "keyword.control", "set pipe"),
        rule(any_of(named(Sort::Stats)) + r"(?=\s*\()", "support.function.stats", "set pipe"),
        rule(any_of(["by"].into_iter()), "keyword.other", "set pipe"),
        rule(r"\(".to_owned(), "punctuation.section", "enter pipe"),
        rule(any_of(clauses), "keyword.other", "set main"),
        rule(r"(?=\S)".to_owned(), "", "set main"),
    ]
}

/// Inside of a filter, or of another pipe.
fn words(in_filter: bool) -> Vec<Rule> {
    let mut rules = vec![rule(r"\|".to_owned(), "punctuation.separator.pipe", "set bar")];
    let escape = r"[abfnrtv\\]|x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}";
    let string = |quote: char| format!(r"{quote}(?:[^{quote}\\]|\\(?:{quote}|{escape}))*{quote}");
    for quoted in [string('"'), string('\''), "`[^`]*`".to_owned()] {
        rules.push(rule(format!(r"{quoted}(?=\s*:)"), "variable.other.member", ""));
        rules.push(rule(quoted, "string.quoted", ""));
    }
    rules.push(rule("`".to_owned(), "string.quoted.other", "push raw"));
    rules.push(rule(r#"["']"#.to_owned(), "invalid.illegal", ""));
    if !in_filter {
        rules.push(rule(any_of(named(Sort::Stats)) + r"(?=\s*\()", "support.function.stats", ""));
    }
    let functions = named(Sort::Filter).filter(|name| registry::is_filter_name(name));
    rules.push(rule(any_of(functions) + r"(?=\s*\()", "support.function.filter", ""));
    rules.push(rule(any_of(["day_range", "week_range"].into_iter()), "support.function.filter", ""));
    let logical = ["and", "or", "not"].into_iter();
    let clauses = CLAUSES.iter().map(|clause| clause.word).filter(|word| !in_filter && is_clause(word));
    rules.push(rule(any_of(logical.chain(clauses)), "keyword.other", ""));
    rules.push(rule(format!(r"{WORD}+(?=\s*:)"), "variable.other.member", ""));
    rules.push(rule(number() + &format!("(?!{WORD})"), "constant.numeric", ""));
    rules.push(rule(format!("{WORD}+"), "", ""));
    rules.push(rule(r"[(\[{]".to_owned(), "punctuation.section", if in_filter { "push main" } else { "push pipe" }));
    rules.push(rule(r"[)\]}]".to_owned(), "punctuation.section", ""));
    rules.push(rule(r"[^\s\p{L}\p{Nd}_.]".to_owned(), "keyword.operator", ""));
    rules
}

/// Numbers, durations, sizes, addresses.
fn number() -> String {
    let units = "ns|µs|ms|s|m|h|d|w|y|[KMGT]i?B?|B";
    format!(r"(?:0[xXbBoO][0-9A-Fa-f]+|(?:[0-9][0-9_]*(?:\.[0-9]+)*(?:{units})?)+)")
}

#[cfg(test)]
#[cfg(feature = "tui")]
mod tests {
    use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxDefinition, SyntaxSet, SyntaxSetBuilder};

    use super::super::highlight::{Class, highlight};
    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/queries/logsql.sublime-syntax");

    #[test]
    fn the_file_is_that_of_the_registry() {
        if std::env::var_os("GATEWATCH_BLESS").is_some() {
            std::fs::write(FILE, sublime_syntax()).unwrap();
        }
        let there = std::fs::read_to_string(FILE).unwrap_or_default();
        assert!(there == sublime_syntax(), "{FILE} is behind the registry: gatewatch logsql syntax > {FILE}");
    }

    fn set() -> SyntaxSet {
        let mut builder = SyntaxSetBuilder::new();
        builder.add(SyntaxDefinition::load_from_str(&sublime_syntax(), true, None).unwrap());
        builder.build()
    }

    fn class(stack: &ScopeStack) -> Class {
        let table = [
            ("comment", Class::Comment),
            ("string", Class::Text),
            ("invalid", Class::Broken),
            ("keyword.control", Class::Pipe),
            ("support.function.stats", Class::Stats),
            ("support.function.filter", Class::Filter),
            ("keyword.other", Class::Keyword),
            ("variable.other.member", Class::Field),
            ("constant.numeric", Class::Number),
            ("keyword.operator", Class::Operator),
            ("punctuation.separator.pipe", Class::Bar),
            ("punctuation.section", Class::Bracket),
        ];
        let holds = |name: &str| stack.scopes.iter().any(|scope| Scope::new(name).unwrap().is_prefix_of(*scope));
        table.into_iter().find(|(name, _)| holds(name)).map_or(Class::Word, |(_, class)| class)
    }

    /// The class of every byte but blanks, by syntect.
    fn classes(text: &str, set: &SyntaxSet) -> Vec<Option<Class>> {
        let syntax = set.find_syntax_by_extension("logsql").unwrap();
        let (mut state, mut stack) = (ParseState::new(syntax), ScopeStack::new());
        let mut out = Vec::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let mut at = 0;
            let mut fill = |end: usize, stack: &ScopeStack| {
                out.extend(line[at..end].bytes().map(|byte| (!byte.is_ascii_whitespace()).then(|| class(stack))));
                at = end;
            };
            for (place, change) in state.parse_line(line, set).unwrap() {
                fill(place, &stack);
                stack.apply(&change).unwrap();
            }
            fill(line.len(), &stack);
        }
        out
    }

    #[test]
    fn it_loads_and_colours_as_our_own_classes_do() {
        let set = set();
        let examples = registry::all().iter().map(|doc| doc.example);
        let shipped = crate::library::shipped().iter().map(|query| query.text.as_str());
        let own = [
            "limit:5 by:x | limit 5 | by (ip) count() n | fields limit",
            "a:in(b | fields x) and count | filter by:1 or sort",
            "\"open | x",
            "# only\na:`raw\ntext` | count() if (s:>=5m) x | 서울:x",
            "a:range(1, 5] | stats by (_time:1h30m offset 5m) sum(b) s # why",
        ];
        let corpus = include_str!("../../tests/logsql/canonical.jsonl").lines().map(|line| {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            case["query"].as_str().unwrap().to_owned()
        });
        let ours = examples.chain(shipped).chain(own).map(|text| (text.to_owned(), true));
        for (text, strict) in ours.chain(corpus.map(|text| (text, false))) {
            let text = text.as_str();
            // Forms of numbers that nobody writes by hand (`0x1p4`) are words there.
            let plain = |class| if !strict && class == Class::Number { Class::Word } else { class };
            let theirs = classes(text, &set);
            for (span, class) in highlight(text) {
                let here: Vec<_> = theirs[span.clone()].iter().flatten().collect();
                assert!(
                    here.iter().all(|their| plain(**their) == plain(class)),
                    "{:?} of {text:?}: {class:?}, {here:?}",
                    &text[span]
                );
            }
        }
    }
}
