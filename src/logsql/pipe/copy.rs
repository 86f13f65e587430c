//! `copy a as b, c* as d*`: pairs are done one after another.

use super::super::registry::{Doc, Sort as Kind};
use super::pairs::Pairs;

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "copy",
    aliases: &["cp"],
    syntax: "copy source as target, prefix* as other*",
    en: "Copies fields, or all fields of a prefix, to other names.",
    ko: "필드나 접두사가 같은 모든 필드를 다른 이름으로 복사합니다.",
    example: "* | copy remote_addr as client",
};

/// The pipe.
pub type Copy = Pairs<false>;

#[cfg(test)]
mod tests {
    use super::super::super::tests::run_rows;

    #[test]
    fn pairs_run_in_order_and_missing_fields_overwrite() {
        assert_eq!(run_rows("* | copy a as b, b as c", &[&[("a", "1"), ("b", "2")]]), ["a=1 b=1 c=1"]);
        assert_eq!(run_rows("* | copy x as b", &[&[("a", "1"), ("b", "2")]]), ["a=1"]);
        assert_eq!(run_rows("* | copy a* as z*", &[&[("ab", "1"), ("c", "2")]]), ["ab=1 c=2 zb=1"]);
    }
}
