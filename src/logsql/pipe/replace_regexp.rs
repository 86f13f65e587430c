//! `replace_regexp ("re", "$1") at field limit N`.

use regex::{Captures, Regex};

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::filter::parse_if;
use super::super::problem::{Parsed, Problem, fault};
use super::super::quote::is_word_char;
use super::super::re2;
use super::super::registry::{Doc, Sort as Kind};
use super::replace::Target;
use super::update::update;
use super::{Query, Step, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "replace_regexp",
    aliases: &[],
    syntax: "replace_regexp if (filter) (\"regexp\", \"with $1 or ${name}\") at field limit N",
    en: "Replaces what matches a regular expression; `$1` and `${name}` stand for its groups.",
    ko: "정규식과 일치하는 부분을 바꿉니다. `$1`과 `${name}`은 그룹입니다.",
    example: "* | replace_regexp (\"user=([^ ]+)\", \"user=$1\")",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct ReplaceRegexp {
    pattern: String,
    regex: Regex,
    names: Vec<Option<String>>,
    new: String,
    target: Target,
}

impl ReplaceRegexp {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        cursor.expect("(")?;
        let mark = cursor.mark();
        let pattern = cursor.compound()?;
        let regex = match re2::compile(&pattern, false) {
            Ok(regex) => regex,
            Err(why) => return fault(cursor.span_since(mark), Problem::BadRegex { pattern, why }),
        };
        cursor.expect(",")?;
        let new = cursor.compound()?;
        cursor.expect(")")?;
        let target = Target::parse(condition, cursor)?;
        Ok(Self { names: re2::group_names(&pattern), pattern, regex, new, target })
    }
}

impl Step for ReplaceRegexp {
    fn print(&self, out: &mut String) {
        self.target.print("replace_regexp", &self.pattern, &self.new, out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.target.needs(needs);
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.target.condition.as_ref(), run)?;
        Ok(update(&self.target.field, condition, |value| self.replaced(value)))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.target.condition {
            condition.visit_queries(visit);
        }
    }
}

impl ReplaceRegexp {
    fn replaced(&self, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        let mut out = String::with_capacity(value.len());
        let mut done = 0;
        for captures in self.regex.captures_iter(value).take(self.target.times()) {
            let Some(whole) = captures.get(0) else { continue };
            out.push_str(&value[done..whole.start()]);
            self.expand(&captures, &mut out);
            done = whole.end();
        }
        out.push_str(&value[done..]);
        out
    }

    /// Appends the replacement: `$name` takes as many word characters as it can, `$$` is a dollar.
    fn expand(&self, captures: &Captures<'_>, out: &mut String) {
        let mut rest = self.new.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            let (name, length) = match rest.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
                Some((name, _)) => (name, name.len() + 2),
                None => {
                    let end = rest.find(|c| !is_word_char(c)).unwrap_or(rest.len());
                    (&rest[..end], end)
                }
            };
            if name.is_empty() || !name.chars().all(is_word_char) {
                out.push('$');
                continue;
            }
            rest = &rest[length..];
            let number = name.parse().ok().filter(|_| name.bytes().all(|b| b.is_ascii_digit()));
            let group = number.or_else(|| self.names.iter().position(|known| known.as_deref() == Some(name)));
            out.push_str(group.and_then(|group| captures.get(group)).map_or("", |found| found.as_str()));
        }
        out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn groups_are_put_in() {
        let rows: &[&[(&str, &str)]] = &[&[("_msg", "a1b2")]];
        assert_eq!(run_rows(r#"* | replace_regexp ("([a-z])([0-9])", "$2${1}$$-")"#, rows), ["_msg=1a$-2b$-"]);
        assert_eq!(run_rows(r#"* | replace_regexp ("[a-z]", "x") limit 1"#, rows), ["_msg=x1b2"]);
    }
}
