//! `split "," from field as result`: the parts of a text as a JSON array.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::{Parsed, What};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::text::json_array;
use super::super::trace::How;
use super::Step;
use super::len::needs_of_derived;
use super::update::derive;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "split",
    aliases: &[],
    syntax: "split separator from field as result",
    en: "Splits a text at a separator into a JSON array, at every character where the separator is empty.",
    ko: "구분자로 나눈 부분을 JSON 배열로 만듭니다. 구분자가 비었으면 글자마다 나눕니다.",
    example: "* | split \",\" from x_forwarded_for as hops",
};

/// A text that goes with a field and the field of the result: `"text" from field as result`.
#[derive(Debug, Clone)]
pub(super) struct Between {
    pub text: String,
    pub from: String,
    pub to: String,
}

impl Between {
    /// Reads what follows the text.
    pub(super) fn parse_fields(cursor: &mut Cursor<'_>, text: String) -> Parsed<Self> {
        let from = if cursor.is(&["as"]) || cursor.pipe_ends() {
            "_msg".to_owned()
        } else {
            cursor.take("from");
            cursor.field()?
        };
        let to = if cursor.pipe_ends() {
            from.clone()
        } else {
            cursor.take("as");
            cursor.result(How::Made)?
        };
        Ok(Self { text, from, to })
    }

    pub(super) fn print_fields(&self, out: &mut String) {
        if self.from != "_msg" {
            out.push_str(&format!(" from {}", quoted(&self.from)));
        }
        if self.to != self.from {
            out.push_str(&format!(" as {}", quoted(&self.to)));
        }
    }
}

/// The pipe.
#[derive(Debug, Clone)]
pub struct Split(Between);

impl Split {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.is(&["as", "from"]) || cursor.pipe_ends() {
            return cursor.wanted(What::Word);
        }
        let separator = if cursor.take(",") { ",".to_owned() } else { cursor.compound()? };
        Between::parse_fields(cursor, separator).map(Self)
    }
}

fn parts(text: &str, separator: &str) -> Vec<String> {
    if separator.is_empty() {
        return text.chars().map(String::from).collect();
    }
    text.split(separator).map(str::to_owned).collect()
}

impl Step for Split {
    fn print(&self, out: &mut String) {
        out.push_str(&format!("split {}", quoted(&self.0.text)));
        self.0.print_fields(out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_derived(&self.0.from, &self.0.to, needs);
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(derive(&self.0.from, &self.0.to, |value| json_array(parts(value, &self.0.text))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn texts_become_arrays() {
        let run = |query: &str, value: &str| run_rows(query, &[&[("_msg", value)]]).remove(0);
        assert_eq!(run("* | split \",\"", "a,b,,c"), r#"_msg=["a","b","","c"]"#);
        assert_eq!(run("* | split \", \" as r | fields r", "a, b"), r#"r=["a","b"]"#);
        assert_eq!(run("* | split \"\"", "aé"), r#"_msg=["a","é"]"#);
        assert_eq!(run("* | split \"x\"", "axx"), r#"_msg=["a","",""]"#);
        assert_eq!(run("* | split \"x\" from nothing as r | fields r", ""), r#"r=[""]"#);
    }
}
