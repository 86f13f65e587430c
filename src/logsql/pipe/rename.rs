//! `rename a as b, c* as d*`: pairs are done one after another.

use super::super::registry::{Doc, Sort as Kind};
use super::pairs::Pairs;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "rename",
    aliases: &["mv"],
    syntax: "rename source as target, prefix* as other*",
    en: "Renames fields, or all fields of a prefix.",
    ko: "필드나 접두사가 같은 모든 필드의 이름을 바꿉니다.",
    example: "* | rename remote_addr as client",
};

/// The pipe.
pub type Rename = Pairs<true>;

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn renamed_fields_overwrite() {
        assert_eq!(run_rows("* | rename a as b", &[&[("a", "1"), ("b", "2")]]), ["b=1"]);
        assert_eq!(run_rows("* | mv a* z*", &[&[("ab", "1"), ("c", "2")]]), ["c=2 zb=1"]);
    }
}
