//! `contains_common_case(Error)`, `equals_common_case(VictoriaMetrics)`: phrases as people write them, each capital
//! letter also small, and all in capitals.

use std::collections::BTreeSet;

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stop};
use super::super::problem::{Parsed, Problem};
use super::super::quote::{field_prefix, quoted};
use super::super::registry::{Doc, Sort};
use super::super::text::{lower, upper};
use super::word::Phrase;
use super::{Filter, Leaf, Test, call_glued, field_name};

pub(in super::super) const CONTAINS: Doc = Doc {
    sort: Sort::Filter,
    name: "contains_common_case",
    aliases: &[],
    syntax: "field:contains_common_case(phrase, …)",
    en: "Rows whose field contains one of the phrases, each capital letter also small, or all in capitals.",
    ko: "구절 중 하나가 들어 있는 행. 대문자는 소문자로 쓴 것도, 모두 대문자로 쓴 것도 찾습니다.",
    example: "contains_common_case(Error,\"Access Denied\")",
};

pub(in super::super) const EQUALS: Doc = Doc {
    sort: Sort::Filter,
    name: "equals_common_case",
    aliases: &[],
    syntax: "field:equals_common_case(value, …)",
    en: "Rows whose field is one of the values, each capital letter also small, or all in capitals.",
    ko: "필드가 값 중 하나인 행. 대문자는 소문자로 쓴 것도, 모두 대문자로 쓴 것도 찾습니다.",
    example: "level:equals_common_case(Error,Warning)",
};

/// The filter.
#[derive(Debug, Clone)]
pub struct CommonCase {
    field: String,
    written: Vec<String>,
    /// All ways to write them.
    forms: BTreeSet<String>,
    whole: bool,
}

/// More capital letters than that make too many forms.
const MOST_CAPITALS: usize = 10;

pub(super) fn parse(cursor: &mut Cursor<'_>, field: Option<&str>) -> Parsed<Filter> {
    let whole = cursor.is(&[EQUALS.name]);
    call_glued(cursor, field, |written| {
        let mut forms = BTreeSet::new();
        for phrase in &written {
            if phrase.chars().filter(|c| c.is_uppercase()).count() > MOST_CAPITALS {
                return Err(Problem::OutOfRange(phrase.clone()));
            }
            add_forms(phrase, &mut forms);
        }
        Ok(Filter::CommonCase(CommonCase { field: field_name(field), written, forms, whole }))
    })
}

/// Every choice of capital and small letters at the capitals of a phrase, and the phrase in capitals.
fn add_forms(phrase: &str, forms: &mut BTreeSet<String>) {
    let mut open = vec![String::new()];
    for c in phrase.chars() {
        let small = lower(c);
        if c.is_uppercase() && small != c {
            open = open.into_iter().flat_map(|start| [format!("{start}{c}"), format!("{start}{small}")]).collect();
        } else {
            open.iter_mut().for_each(|start| start.push(c));
        }
    }
    forms.extend(open);
    forms.insert(phrase.chars().map(upper).collect());
}

impl Leaf for CommonCase {
    fn print(&self, out: &mut String) {
        let name = if self.whole { EQUALS.name } else { CONTAINS.name };
        let written: Vec<String> = self.written.iter().map(|phrase| quoted(phrase)).collect();
        out.push_str(&format!("{}{name}({})", field_prefix(&self.field), written.join(",")));
    }

    fn needs(&self, needs: &mut Needs) {
        needs.add(&self.field);
    }

    fn compile(&self, _: &Run<'_>) -> Result<Test, Stop> {
        if self.whole {
            let forms = self.forms.clone();
            return Ok(Test::value(&self.field, move |value| forms.contains(value)));
        }
        let phrases: Vec<Phrase> = self.forms.iter().map(|form| Phrase::new(form)).collect();
        Ok(Test::value(&self.field, move |value| phrases.iter().any(|phrase| phrase.matches(value))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    const ROWS: &[&[(&str, &str)]] = &[
        &[("_msg", "an Error")],
        &[("_msg", "error")],
        &[("_msg", "ERROR")],
        &[("_msg", "eRROR")],
        &[("_msg", "errors")],
    ];

    #[test]
    fn words_are_found_as_people_write_them() {
        assert_eq!(run_rows("contains_common_case(Error)", ROWS), ["_msg=an Error", "_msg=error", "_msg=ERROR"]);
        assert_eq!(run_rows("equals_common_case(Error)", ROWS), ["_msg=error", "_msg=ERROR"]);
        assert_eq!(run_rows("contains_common_case(error)", ROWS), ["_msg=error", "_msg=ERROR"]);
        assert!(super::super::super::format("contains_common_case(ABCDEFGHIJK)").is_err());
    }
}
