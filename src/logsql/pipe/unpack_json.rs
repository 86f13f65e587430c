//! `unpack_json from field fields (a, b*) result_prefix p`.

use super::super::batch::matches_any;
use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::json::{self, Json};
use super::super::problem::Parsed;
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::fields::listed;
use super::rows::{AddFields, Extra};
use super::update::Keep;
use super::{Query, RowFilter, Step, compile_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "unpack_json",
    aliases: &[],
    syntax: "unpack_json if (filter) from field fields (name, prefix*) result_prefix prefix keep_original_fields",
    en: "Makes fields of a JSON object; nested ones get names with dots.",
    ko: "JSON 객체를 필드로 풉니다. 중첩된 값은 점으로 이은 이름이 됩니다.",
    example: "* | unpack_json fields (status, user.*) result_prefix app_",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct UnpackJson(Unpacking);

impl UnpackJson {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Unpacking::parse(cursor).map(Self)
    }
}

/// What to unpack, and under which names.
#[derive(Debug, Clone)]
pub(super) struct Unpacking {
    condition: Option<RowFilter>,
    from: String,
    /// Names and `prefix*`.
    names: Vec<String>,
    prefix: String,
    keep: Keep,
}

impl Unpacking {
    /// `if (filter) from field fields (a, b*) result_prefix p keep_original_fields`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let mut from = "_msg".to_owned();
        let clauses = ["fields", "result_prefix", "keep_original_fields", "skip_empty_results", ")", "|", ""];
        if !cursor.is(&clauses) {
            cursor.take("from");
            from = cursor.field()?;
        }
        let mut names = Vec::new();
        if cursor.take("fields") {
            cursor.in_parens(|cursor| {
                names.push(cursor.result_or_wildcard(How::Unpacked)?);
                Ok(())
            })?;
        }
        if names.is_empty() {
            names.push("*".to_owned());
        }
        let prefix = if cursor.take("result_prefix") { cursor.compound()? } else { String::new() };
        Ok(Self { condition, from, names, prefix, keep: Keep::parse(cursor) })
    }

    pub(super) fn print(&self, pipe: &str, out: &mut String) {
        out.push_str(pipe);
        print_if(self.condition.as_ref(), out);
        if self.from != "_msg" {
            out.push_str(&format!(" from {}", quoted(&self.from)));
        }
        if !self.names.iter().any(|name| name == "*") {
            out.push_str(&format!(" fields ({})", listed(&self.names)));
        }
        if !self.prefix.is_empty() {
            out.push_str(&format!(" result_prefix {}", quoted(&self.prefix)));
        }
        self.keep.print(out);
    }

    pub(super) fn needs(&self, needs: &mut Needs) {
        needs.add(&self.from);
        if let Some(condition) = &self.condition {
            condition.needs(needs);
        }
    }

    /// The stage; `unpack` gives the fields of a value, or `None` where the value is not of the format at all.
    pub(super) fn stage<'p>(
        &'p self,
        run: &Run<'_>,
        unpack: fn(&str) -> Option<Extra>,
    ) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        let expand = move |batch: &super::Batch, row: usize| {
            let Some(found) = unpack(batch.column(&self.from).get(row)) else { return vec![Extra::new()] };
            let mut extra: Extra = found.into_iter().filter(|(name, _)| matches_any(&self.names, name)).collect();
            for name in self.names.iter().filter(|name| !name.ends_with('*')) {
                if !extra.iter().any(|(known, _)| known == name) {
                    extra.push((name.clone(), String::new()));
                }
            }
            for (name, _) in &mut extra {
                name.insert_str(0, &self.prefix);
            }
            vec![extra]
        };
        Ok(Box::new(AddFields { condition, keep: self.keep, expand }))
    }

    pub(super) fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

/// No fields for a broken object, `None` for what does not begin like one.
fn unpack(text: &str) -> Option<Extra> {
    text.starts_with('{').then(|| json::parse(text).and_then(Json::flattened).unwrap_or_default())
}

impl Step for UnpackJson {
    fn print(&self, out: &mut String) {
        self.0.print("unpack_json", out);
    }

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        self.0.stage(run, unpack)
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        self.0.visit_queries(visit);
    }
}
