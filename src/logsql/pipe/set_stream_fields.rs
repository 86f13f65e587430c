//! `set_stream_fields if (filter) a, b*`: the stream that a row would belong to by other fields.

use std::sync::Arc;

use super::super::batch::matches_any;
use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::problem::Parsed;
use super::super::quote::go_quote;
use super::super::registry::{Doc, Sort as Kind};
use super::fields::listed;
use super::{Batch, Column, Query, RowFilter, Step, compile_if, name, rows_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "set_stream_fields",
    aliases: &[],
    syntax: "set_stream_fields if (filter) field, prefix*, …",
    en: "Sets `_stream` to the labels that the named fields make.",
    ko: "지정한 필드로 만든 레이블을 `_stream`에 넣습니다.",
    example: "* | set_stream_fields host, app",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct SetStreamFields {
    condition: Option<RowFilter>,
    fields: Vec<String>,
}

impl SetStreamFields {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { condition: parse_if(cursor)?, fields: cursor.fields_listed()? })
    }

    /// `{a="x",b="y"}` by name, without empty values.
    fn stream(&self, batch: &Batch, row: usize) -> String {
        let matching = batch.columns.iter().filter(|(name, _)| matches_any(&self.fields, name));
        let mut labels: Vec<(&str, &str)> = matching.map(|(name, column)| (&**name, column.get(row))).collect();
        labels.retain(|(_, value)| !value.is_empty());
        labels.sort_unstable();
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={}", go_quote(value))).collect();
        format!("{{{}}}", labels.join(","))
    }
}

impl Step for SetStreamFields {
    fn print(&self, out: &mut String) {
        out.push_str("set_stream_fields");
        print_if(self.condition.as_ref(), out);
        out.push_str(&format!(" {}", listed(&self.fields)));
    }

    fn needs(&self, needs: &mut Needs) {
        if !needs.has("_stream") {
            return;
        }
        match &self.condition {
            Some(condition) => condition.needs(needs),
            None => needs.made("_stream"),
        }
        needs.add_all(&self.fields);
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        Ok(Box::new(Each(move |mut batch: Batch| {
            let take = rows_if(condition.as_ref(), &batch);
            if !take.contains(&true) {
                return batch;
            }
            let (streams, ids) = (batch.column("_stream").clone(), batch.column("_stream_id").clone());
            let mut new = (Column::default(), Column::default());
            for (row, take) in take.iter().enumerate() {
                if *take {
                    new.0.push(&self.stream(&batch, row));
                    new.1.push("");
                } else {
                    new.0.push(streams.get(row));
                    new.1.push(ids.get(row));
                }
            }
            batch.set(&name("_stream"), Arc::new(new.0));
            batch.set(&name("_stream_id"), Arc::new(new.1));
            batch
        })))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn labels_come_by_name_without_empty_ones() {
        let rows: &[&[(&str, &str)]] = &[&[("b", "x\"y"), ("a", "1"), ("ac", ""), ("z", "2")]];
        let stream = r#"_stream={a="1",b="x\"y"}"#;
        assert_eq!(run_rows("* | set_stream_fields b, a* | fields _stream", rows), [stream]);
        assert_eq!(run_rows("* | set_stream_fields if (z:3) b | fields _stream", rows), [""]);
    }
}
