//! `json_array_concat ", " from field as result`: the elements of a JSON array as one text.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::json::array_values;
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::Step;
use super::len::needs_of_derived;
use super::split::Between;
use super::update::derive;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "json_array_concat",
    aliases: &[],
    syntax: "json_array_concat delimiter from field as result",
    en: "Joins the elements of a JSON array to one text, with a delimiter between them.",
    ko: "JSON 배열의 원소를 구분자로 이어 하나의 글로 만듭니다.",
    example: "* | json_array_concat \", \" from tags as tag_list",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct JsonArrayConcat(Between);

impl JsonArrayConcat {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let bare = cursor.pipe_ends() || cursor.is(&["from", "as"]);
        let delimiter = if bare { String::new() } else { cursor.compound()? };
        Between::parse_fields(cursor, delimiter).map(Self)
    }
}

impl Step for JsonArrayConcat {
    fn print(&self, out: &mut String) {
        out.push_str("json_array_concat");
        if !self.0.text.is_empty() {
            out.push_str(&format!(" {}", quoted(&self.0.text)));
        }
        self.0.print_fields(out);
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_derived(&self.0.from, &self.0.to, needs);
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(derive(&self.0.from, &self.0.to, |value| array_values(value).join(&self.0.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn elements_are_joined() {
        let run = |query: &str| run_rows(query, &[&[("_msg", r#"["a",1,null]"#)]]).remove(0);
        assert_eq!(run("* | json_array_concat \"; \""), "_msg=a; 1; null");
        assert_eq!(run("* | json_array_concat as r | fields r"), "r=a1null");
    }
}
