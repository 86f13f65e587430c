//! `unpack_words from field as result`: the words of a text as a JSON array.

use super::super::cursor::Cursor;
use super::super::exec::{Needs, Run, Stage, Stop};
use super::super::problem::Parsed;
use super::super::quote::{is_word_char, quoted};
use super::super::registry::{Doc, Sort as Kind};
use super::super::text::json_array;
use super::super::trace::How;
use super::Step;
use super::len::needs_of_derived;
use super::update::derive;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "unpack_words",
    aliases: &[],
    syntax: "unpack_words from field as result drop_duplicates",
    en: "Puts the words of a field into another one as a JSON array.",
    ko: "필드의 단어들을 JSON 배열로 다른 필드에 넣습니다.",
    example: "* | unpack_words from path as words drop_duplicates",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct UnpackWords {
    from: String,
    to: String,
    distinct: bool,
}

impl UnpackWords {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut from = "_msg".to_owned();
        if !cursor.is(&["drop_duplicates", "as"]) && !cursor.pipe_ends() {
            cursor.take("from");
            from = cursor.field()?;
        }
        let mut to = from.clone();
        if !cursor.is(&["drop_duplicates"]) && !cursor.pipe_ends() {
            cursor.take("as");
            to = cursor.result(How::Made)?;
        }
        Ok(Self { from, to, distinct: cursor.take("drop_duplicates") })
    }
}

impl Step for UnpackWords {
    fn print(&self, out: &mut String) {
        out.push_str("unpack_words");
        if self.from != "_msg" {
            out.push_str(&format!(" from {}", quoted(&self.from)));
        }
        if self.to != self.from {
            out.push_str(&format!(" as {}", quoted(&self.to)));
        }
        out.push_str(if self.distinct { " drop_duplicates" } else { "" });
    }

    fn needs(&self, needs: &mut Needs) {
        needs_of_derived(&self.from, &self.to, needs);
    }

    fn stage<'p>(&'p self, _: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        Ok(derive(&self.from, &self.to, |value| {
            let mut words: Vec<&str> = value.split(|c| !is_word_char(c)).filter(|word| !word.is_empty()).collect();
            if self.distinct {
                let mut seen = std::collections::HashSet::new();
                words.retain(|word| seen.insert(*word));
            }
            json_array(words)
        }))
    }
}
