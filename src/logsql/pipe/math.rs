//! `math a / b as ratio, round(x, 0.1) as y`: numbers computed from fields.

use std::sync::Arc;

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::expression::{Expression, is_binary};
use super::super::number::float_text;
use super::super::problem::{Parsed, What};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::trace::How;
use super::{Batch, Column, Step, name};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "math",
    aliases: &["eval"],
    syntax: "math expression as result, …",
    en: "Computes numbers of fields: + - * / % ^ & or xor default, abs ceil exp floor ln max min now rand round.",
    ko: "필드로 숫자를 계산합니다: + - * / % ^ & or xor default, abs ceil exp floor ln max min now rand round.",
    example: "* | math (errors / requests) as ratio, round(ratio, 0.01) as shown",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Math {
    entries: Vec<(Expression, String)>,
}

impl Math {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut entries = Vec::new();
        loop {
            let expression = Expression::parse(cursor)?;
            let name = if cursor.is(&[",", "|", ")", ""]) {
                let name = expression.to_string();
                cursor.note_unnamed(&name);
                name
            } else {
                cursor.take("as");
                cursor.result(How::MadeAtOnce)?
            };
            entries.push((expression, name));
            if cursor.pipe_ends() {
                return Ok(Self { entries });
            }
            if !cursor.take(",") {
                return cursor.wanted(What::EndOfPipe);
            }
        }
    }
}

impl Step for Math {
    fn print(&self, out: &mut String) {
        let entry = |(expression, name): &(Expression, String)| {
            let text = expression.to_string();
            let text = if is_binary(expression) { format!("({text})") } else { text };
            format!("{text} as {}", quoted(name))
        };
        out.push_str(&format!("math {}", self.entries.iter().map(entry).collect::<Vec<_>>().join(", ")));
    }

    fn needs(&self, needs: &mut Needs) {
        for (expression, name) in self.entries.iter().rev() {
            if needs.has(name) {
                needs.made(name);
                expression.needs(needs);
            }
        }
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let now = run.env.now;
        let mut drawn = 0;
        Ok(Box::new(Each(move |mut batch: Batch| {
            for (expression, result) in &self.entries {
                let values = expression.evaluate(&batch, now, &mut drawn);
                let column: Column = values.into_iter().map(float_text).collect();
                batch.set(&name(result), Arc::new(column));
            }
            batch
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{format, tests::run_rows};

    #[test]
    fn operators_bind_as_on_the_server() {
        for (text, printed) in [
            ("a + b * c", "math (a + b * c) as \"a + b * c\""),
            ("(a + b) * c as x", "math ((a + b) * c) as x"),
            ("a ^ b ^ c x", "math (a ^ b ^ c) as x"),
            ("-a default 5 as x", "math (-a default 5) as x"),
            ("max(a, 5m) as x", "math max(a, 5m) as x"),
        ] {
            assert_eq!(format(&format!("* | math {text}")), Ok(format!("* | {printed}")));
        }
    }

    #[test]
    fn numbers_are_computed() {
        let rows: &[&[(&str, &str)]] = &[&[("a", "7"), ("b", "2"), ("c", "x")]];
        for (text, value) in [
            ("a / b", "3.5"),
            ("a % b", "1"),
            ("-b ^ 2", "4"),
            ("2 ^ 3 ^ 2", "64"),
            ("c default 5s", "5000000000"),
            ("c + 1", "NaN"),
            ("round(a / b)", "4"),
            ("round(1.2345, 0.01)", "1.23"),
            ("min(a, c, b)", "2"),
            ("a & 3", "3"),
            ("1 / 0", "+Inf"),
        ] {
            assert_eq!(run_rows(&format!("* | math {text} as r | fields r"), rows), [format!("r={value}")], "{text}");
        }
    }
}
