//! Gives a field another name everywhere in a query: in filters, lists, sort orders, computations, results and
//! patterns, and nowhere else. The outcome is read again: were a single mention to mean another field than before, the
//! renaming is refused.

use super::super::pipe::pattern;
use super::super::quote::{go_quote, quote_field};
use super::super::token::{Kind, tokens};
use super::super::trace::How;
use super::scope::{Comes, Placed, Scope};
use super::{Edit, edited, traced};
use crate::text::{Lang, Say, sentences, words};

/// Why a field keeps its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The query cannot be read; it has to be mended first.
    Unreadable,
    /// No field stands there.
    NoField,
    /// No field can be called so, or not in this place.
    BadName(String),
    /// Another field of the query is called so.
    Taken(String),
    /// The name is the server's own.
    Special(String),
    /// The name comes from the data or from a pipe, not from the query.
    Fixed(String),
    /// A `prefix*` in the query stands for the name, or would.
    Wildcard(String),
}

impl Say for Refusal {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Unreadable => say::unreadable(lang).to_owned(),
            Self::NoField => say::no_field(lang).to_owned(),
            Self::BadName(name) => say::bad_name(lang, name),
            Self::Taken(name) => say::taken(lang, name),
            Self::Special(name) => say::special(lang, name),
            Self::Fixed(name) => say::fixed(lang, name),
            Self::Wildcard(name) => say::wildcard(lang, name),
        }
    }
}

/// The field that is named at a position.
pub fn field_at(text: &str, position: usize) -> Option<String> {
    Scope::of(traced(text)).at(position).map(|placed| placed.mention.name.clone())
}

/// The edits that rename the field at a position.
///
/// ```
/// use gatewatch::logsql::{edited, rename};
/// let query = "n:>1 | stats by (ip) count() as n | sort by (n desc)";
/// let edits = rename(query, query.len() - 7, "requests").unwrap();
/// assert_eq!(edited(query, &edits), "n:>1 | stats by (ip) count() as requests | sort by (requests desc)");
/// ```
pub fn rename(text: &str, position: usize, to: &str) -> Result<Vec<Edit>, Refusal> {
    let scope = Scope::of(traced(text));
    let target = scope.at(position).ok_or(Refusal::NoField)?;
    renamed(text, &scope, target, to)
}

/// What [`for_source`] has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renamed {
    /// The query.
    pub text: String,
    /// The names, as they were and as they are.
    pub names: Vec<(String, String)>,
}

/// The query with the source's own fields called as `names` say; fields that the query makes keep their names. A field
/// that cannot be renamed keeps its name too.
pub fn for_source(text: &str, names: &[(String, String)]) -> Renamed {
    let mut done = Renamed { text: text.to_owned(), names: Vec::new() };
    for (from, to) in names.iter().filter(|(from, to)| from != to) {
        let scope = Scope::of(traced(&done.text));
        let is_it = |placed: &&Placed| placed.mention.name == *from && scope.comes(placed) == Comes::Source;
        if let Some(target) = scope.placed.iter().find(is_it)
            && let Ok(edits) = renamed(&done.text, &scope, target, to)
        {
            done.text = edited(&done.text, &edits);
            done.names.push((from.clone(), to.clone()));
        }
    }
    done
}

fn renamed(text: &str, scope: &Scope, target: &Placed, to: &str) -> Result<Vec<Edit>, Refusal> {
    if super::super::parse(text).query().is_err() {
        return Err(Refusal::Unreadable);
    }
    let from = &target.mention.name;
    if to.is_empty() || to.ends_with('*') {
        return Err(Refusal::BadName(to.to_owned()));
    }
    if let Some(special) =
        [from, to].into_iter().find(|name| matches!(name, &"_msg" | &"_time" | &"_stream" | &"_stream_id"))
    {
        return Err(Refusal::Special(special.to_owned()));
    }
    let group = |placed: &Placed| scope.same(placed, target);
    let fixed = scope.placed.iter().any(|placed| group(placed) && placed.mention.how == How::Unpacked);
    if fixed || scope.comes(target) == Comes::Fixed {
        return Err(Refusal::Fixed(from.clone()));
    }
    let stands_for = |pattern: &String, name: &str| name.starts_with(pattern.trim_end_matches('*'));
    if let Some(pattern) = scope.wildcards.iter().find(|pattern| stands_for(pattern, from) != stands_for(pattern, to)) {
        return Err(Refusal::Wildcard(pattern.clone()));
    }
    let mut edits: Vec<Edit> =
        scope.placed.iter().filter(|placed| group(placed)).map(|placed| written(text, placed, to)).collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    let mut after = Scope::of(traced(&edited(text, &edits)));
    let names = keep_unnamed(scope, &after, target);
    if !names.is_empty() {
        edits.extend(names);
        after = Scope::of(traced(&edited(text, &edits)));
    }
    verify(text, scope, &after, target, to, &edits)?;
    Ok(edits)
}

/// The new name as it is written in place of a mention.
fn written(text: &str, placed: &Placed, to: &str) -> Edit {
    let range = placed.mention.span.clone();
    let inside = tokens(text)
        .iter()
        .any(|token| token.kind == Kind::Quoted && token.span.start < range.start && range.end < token.span.end);
    let text = if range.is_empty() {
        format!(" as {}", quote_field(to))
    } else if inside {
        // In a pattern there are no quotes around a name, but it stands in a string that may have escapes.
        let quoted = go_quote(to);
        quoted[1..quoted.len() - 1].to_owned()
    } else {
        quote_field(to)
    };
    Edit { range, text }
}

/// A result without a written name is called after what it computes, and so changes its name with it: where the query
/// reads it later, the old name is written.
fn keep_unnamed(before: &Scope, after: &Scope, target: &Placed) -> Vec<Edit> {
    let pairs = before.placed.iter().zip(&after.placed);
    let changed = pairs.filter(|(old, new)| {
        old.mention.how == How::Unnamed && !before.same(old, target) && old.mention.name != new.mention.name
    });
    let is_read = |old: &&Placed| before.placed.iter().filter(|other| before.same(other, old)).count() > 1;
    changed
        .map(|(old, _)| old)
        .filter(is_read)
        .map(|old| Edit { range: old.mention.span.clone(), text: format!(" as {}", quote_field(&old.mention.name)) })
        .collect()
}

/// Whether every mention means what it meant.
fn verify(text: &str, before: &Scope, after: &Scope, target: &Placed, to: &str, edits: &[Edit]) -> Result<(), Refusal> {
    if before.placed.len() != after.placed.len() || super::super::parse(&edited(text, edits)).query().is_err() {
        return Err(Refusal::BadName(to.to_owned()));
    }
    for (number, (old, new)) in before.placed.iter().zip(&after.placed).enumerate() {
        let expected = if before.same(old, target) { to } else { &old.mention.name };
        if new.mention.name != expected && new.mention.how != How::Unnamed {
            return Err(Refusal::BadName(to.to_owned()));
        }
        let others = before.placed[..number].iter().zip(&after.placed[..number]);
        if others.into_iter().any(|(a, b)| before.same(a, old) != after.same(b, new)) {
            return Err(Refusal::Taken(to.to_owned()));
        }
    }
    // A name that the pattern of `extract` would not give back as it is.
    let odd = to.contains(['<', '>', ':', '&']) && pattern::names(&format!("<{to}>")) != [(1, to)];
    let inside = edits.iter().any(|edit| edit.text != quote_field(to) && !edit.range.is_empty());
    if odd && inside { Err(Refusal::BadName(to.to_owned())) } else { Ok(()) }
}

/// The sentences.
mod say {
    use super::{sentences, words};

    words! {
        unreadable { en: "mend the query first: a field can be renamed only in a query that can be read", ko: "먼저 쿼리를 고치세요. 해석할 수 있는 쿼리에서만 필드 이름을 바꿀 수 있습니다" }
        no_field { en: "no field stands here", ko: "여기에는 필드가 없습니다" }
    }
    sentences! {
        bad_name(name: &str) { en: "a field cannot be called `{name}` here", ko: "여기서는 필드 이름으로 `{name}`을(를) 쓸 수 없습니다" }
        taken(name: &str) { en: "the query has another field `{name}` already", ko: "쿼리에 이미 다른 `{name}` 필드가 있습니다" }
        special(name: &str) { en: "`{name}` is a name of the server's own", ko: "`{name}`은(는) 서버가 정한 이름입니다" }
        fixed(name: &str) { en: "`{name}` is named by the data or its pipe: put `| rename {name} as …` behind it", ko: "`{name}`은(는) 데이터나 파이프가 정한 이름입니다. 뒤에 `| rename {name} as …`을 붙이세요" }
        wildcard(pattern: &str) { en: "`{pattern}` in the query stands for one of the names and not for the other", ko: "쿼리의 `{pattern}`이(가) 두 이름 중 하나에만 해당합니다" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Renames the field at `|>`.
    fn done(marked: &str, to: &str) -> Result<String, Refusal> {
        let position = marked.find("|>").unwrap();
        let text = marked.replacen("|>", "", 1);
        rename(&text, position, to).map(|edits| edited(&text, &edits))
    }

    #[test]
    fn every_place_that_means_the_field_is_renamed_and_no_other() {
        for (query, to, expected) in [
            ("|>status:>=500 -status:502", "code", "code:>=500 -code:502"),
            ("status:status \"status\" | fields |>status", "code", "code:status \"status\" | fields code"),
            (
                "* | stats by (|>a, b:5m) sum(a) s | sort by (a desc, s)",
                "x y",
                r#"* | stats by ("x y", b:5m) sum("x y") s | sort by ("x y" desc, s)"#,
            ),
            (
                "* | stats sum(|>bytes) as bytes | sort by (bytes)",
                "sent",
                "* | stats sum(sent) as bytes | sort by (bytes)",
            ),
            (
                "* | stats sum(bytes) as |>bytes | sort by (bytes)",
                "total",
                "* | stats sum(bytes) as total | sort by (total)",
            ),
            ("* | math |>a / b as r, r * a as q | filter r:>1", "z", "* | math z / b as r, r * z as q | filter r:>1"),
            (
                "* | math a / b as |>r, r * a as q | filter r:>1",
                "ratio",
                "* | math a / b as ratio, ratio * a as q | filter ratio:>1",
            ),
            (
                r#"* | extract "ip=<|>ip> <_>" from line | filter ip:=1"#,
                "peer",
                r#"* | extract "ip=<peer> <_>" from line | filter peer:=1"#,
            ),
            (r#"* | extract "\"<q>\" <|>a>" | fields a"#, "b", r#"* | extract "\"<q>\" <b>" | fields b"#),
            (
                r#"* | format "<method> <uc:|>path>" as path | top 5 by (path)"#,
                "uri",
                r#"* | format "<method> <uc:uri>" as path | top 5 by (path)"#,
            ),
            (
                r#"* | extract_regexp "(?P<|>client>\\S+)" | stats count_uniq(client)"#,
                "ip",
                r#"* | extract_regexp "(?P<ip>\\S+)" | stats count_uniq(ip)"#,
            ),
            ("a:eq_field(|>b) b:1", "c", "a:eq_field(c) c:1"),
            (
                "ip:in(|>ip:1 | fields ip) | join by (ip) (* | stats by (ip) count() n) | filter n:>1",
                "peer",
                "peer:in(peer:1 | fields peer) | join by (peer) (* | stats by (peer) count() n) | filter n:>1",
            ),
            (
                "* | join by (ip) (* | stats by (ip) count() |>n) | filter n:>1",
                "all",
                "* | join by (ip) (* | stats by (ip) count() all) | filter all:>1",
            ),
            ("* | count() | filter \"|>count(*)\":>5", "n", "* | count() as n | filter n:>5"),
            ("* | sum(|>a) | filter \"sum(a)\":>5", "b", "* | sum(b) as \"sum(a)\" | filter \"sum(a)\":>5"),
            ("* | rename |>a as b | filter b:1", "c", "* | rename c as b | filter b:1"),
            ("* | copy a as |>b | filter b:1 a:2", "c", "* | copy a as c | filter c:1 a:2"),
            ("{|>app=\"x\"} app:y", "service", "{service=\"x\"} service:y"),
            (
                "* | stats by (a) count() if (|>s:1) n | filter s:1",
                "t",
                "* | stats by (a) count() if (t:1) n | filter s:1",
            ),
            ("user-agent|>:x | fields \"user-agent\"", "ua", "ua:x | fields ua"),
        ] {
            assert_eq!(done(query, to).as_deref(), Ok(expected), "{query}");
        }
    }

    #[test]
    fn what_cannot_be_renamed_is_refused_with_a_reason() {
        let owned = str::to_owned;
        for (query, to, why) in [
            ("|>a:1 b:2", "b", Refusal::Taken(owned("b"))),
            ("* | stats count() as |>n, sum(a) as m | sort by (n)", "m", Refusal::BadName(owned("m"))),
            ("* | unpack_json fields (|>a) | filter a:1", "b", Refusal::Fixed(owned("a"))),
            ("* | top 5 by (a) | filter |>hits:>3", "n", Refusal::Fixed(owned("hits"))),
            ("|>_time:5m", "t", Refusal::Special(owned("_time"))),
            ("|>a:(", "b", Refusal::Unreadable),
            ("\"|>word\"", "b", Refusal::NoField),
            ("a:|>b", "c", Refusal::NoField),
            ("|>remote_addr:1 | fields remote_*", "ip", Refusal::Wildcard(owned("remote_*"))),
            ("* | extract \"<|>a>\"", "x>y", Refusal::BadName(owned("x>y"))),
            ("|>a:1", "b*", Refusal::BadName(owned("b*"))),
        ] {
            assert_eq!(done(query, to), Err(why), "{query}");
        }
    }

    #[test]
    fn the_shipped_queries_take_a_source_with_other_names() {
        let names = [
            ("remote_addr", "ClientHost"),
            ("path", "Request Path"),
            ("bytes", "size"),
            ("status", "s"),
            ("user_agent", "ua"),
        ]
        .map(|(from, to)| (from.to_owned(), to.to_owned()));
        for query in crate::library::shipped() {
            let done = for_source(&query.text, &names);
            let parsed = super::super::super::parse(&done.text);
            let needs = parsed.query().unwrap_or_else(|error| panic!("{}: {error}", query.slug)).needs();
            let before = super::super::super::parse(&query.text).query().unwrap().needs();
            for (from, to) in &names {
                assert_eq!(before.has(from), needs.has(to), "{}: {from}\n{}", query.slug, done.text);
                assert!(
                    before == super::super::super::Needs::All || !needs.has(from),
                    "{}: {from}\n{}",
                    query.slug,
                    done.text
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_name_is_taken_or_refused_and_comes_back(name in "\\PC{1,8}") {
            let query = "status:1 | stats by (status, path:5m) count() n | math n / 2 as half | format \"<status>\" as x | sort by (half)";
            if let Ok(edits) = rename(query, 0, &name) {
                let there = edited(query, &edits);
                prop_assert_eq!(field_at(&there, 0), Some(name));
                let back = rename(&there, 0, "status").unwrap();
                prop_assert_eq!(edited(&there, &back), query);
            }
        }
    }
}
