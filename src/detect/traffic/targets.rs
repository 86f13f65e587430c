//! What a request target is: a page, an asset, an interface; what it is about; and its template, in which the parts
//! that differ from item to item (numbers, hashes, identifiers) are folded.

use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::{Deserialize, Serialize};

use super::window::hash;
use super::words::{
    ASSET_ENDINGS, ASSET_FOLDERS, DOWNLOAD_ENDINGS, INTERFACES, LOGIN_WORDS, PURCHASE_WORDS, SEARCH_WORDS, UTILITIES,
    WRITING_WORDS,
};
use crate::detect::rules::normal;

/// What sort of thing a target is, by its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A document a person looks at.
    Page,
    /// What a page loads: style, script, picture, font.
    Asset,
    /// What a program or a script on a page calls.
    Interface,
    /// What robots and clients ask for on their own: robots.txt, sitemaps, feeds, icons, health checks.
    Utility,
    /// A file that is fetched for its own sake: packages, archives, documents, recordings.
    Download,
}

/// What a target is about, where that makes it worth attacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Signing in, one-time codes, password resets.
    Login,
    /// Cart, checkout, payment, coupons, reservations.
    Purchase,
    /// Sign-up, comments, contact forms, mail, asking whether a name is taken or what it was.
    Writing,
    /// Search and other expensive lists.
    Search,
    /// None of these.
    Plain,
}

/// Everything about a target that its text alone tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What sort of thing.
    pub kind: TargetKind,
    /// What about.
    pub theme: Theme,
    /// The path with its variable parts folded: `/order/{n}/items`; `?` follows where a query string was sent. Its
    /// parameters are left out: whoever makes their names up must not be able to take every request for another.
    pub template: Arc<str>,
    /// Of the template: the same in every window.
    pub hash: u64,
    /// Whether a query string was sent.
    pub has_query: bool,
}

/// Reads a target in its normal form. Of targets that are no feeds, those with the same [`normal::Target::path_and_mark`]
/// read the same.
pub fn read(normal: &normal::Target) -> Reading {
    let path = normal.path();
    let words = Words::of(path);
    let is_feed = is_feed(normal);
    let kind = if is_feed { TargetKind::Utility } else { kind(path, words) };
    let theme = if kind == TargetKind::Asset { Theme::Plain } else { words.theme };
    let mut template = template(path, normal.query());
    if is_feed {
        // Apart from what else is asked of this path.
        template.push_str("feed");
    }
    Reading {
        kind,
        theme,
        hash: hash(template.bytes()),
        template: template.into(),
        has_query: !normal.query().is_empty(),
    }
}

/// The number of the item that a target names: the last one in its path; without one, that of a parameter that is named
/// as an item's number. A page of a list is no item.
pub fn number(normal: &normal::Target) -> Option<u32> {
    let path = normal.path();
    let before_end = path.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let start = before_end.rfind(|letter: char| !letter.is_ascii_digit()).map_or(0, |at| at + 1);
    if !before_end.is_empty() {
        return before_end.get(start..)?.parse().ok();
    }
    // A conversation's or a session's number is none.
    let is_item = |name: &str| {
        ["id", "no", "num", "seq", "idx"].iter().any(|end| name.ends_with(end)) && !["cid", "sid"].contains(&name)
    };
    let mut pairs = normal.query().split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(name, value)| value.parse().ok().filter(|_| is_item(name)))
}

fn kind(path: &str, words: Words) -> TargetKind {
    let ending = path.rfind('.').map_or("", |dot| &path[dot..]);
    if UTILITIES.iter().any(|start| path.starts_with(start)) {
        TargetKind::Utility
    } else if ASSET_ENDINGS.contains(&ending) {
        TargetKind::Asset
    } else if DOWNLOAD_ENDINGS.contains(&ending) {
        TargetKind::Download
    } else if words.asset_folder && !is_document(path) {
        TargetKind::Asset
    } else if words.interface || [".json", ".xml"].contains(&ending) {
        TargetKind::Interface
    } else {
        TargetKind::Page
    }
}

/// Whether a query string asks for a feed, as blogs without paths for it have it (`?feed=rss2`, `?flav=atom`), and for
/// nothing else: with more in it, it could get past caches.
pub(super) fn is_feed(normal: &normal::Target) -> bool {
    let Some((name, value)) = normal.query().split_once('=') else { return false };
    let is_format = ["rss", "rss2", "rss20", "rdf", "atom", "atom10", "feed"].contains(&value);
    is_format && ["feed", "flav", "format", "type", "output"].contains(&name)
}

/// What the words in a path tell.
#[derive(Debug, Clone, Copy)]
struct Words {
    asset_folder: bool,
    interface: bool,
    /// The first of the themes in their order of which it has a word.
    theme: Theme,
}

/// The lists of words that may stand anywhere in a path; themes in the order in which they win.
const LISTS: [&[&str]; 6] = [ASSET_FOLDERS, INTERFACES, LOGIN_WORDS, PURCHASE_WORDS, WRITING_WORDS, SEARCH_WORDS];
const THEMES: [(usize, Theme); 4] = [(2, Theme::Login), (3, Theme::Purchase), (4, Theme::Writing), (5, Theme::Search)];

/// All of [`LISTS`] in one automaton, with the list of each word. Constants compile: a test says so.
static FINDER: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let words = || LISTS.iter().enumerate().flat_map(|(list, words)| words.iter().map(move |word| (list, word)));
    let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(words().map(|(_, word)| word));
    Some((automaton.ok()?, words().map(|(list, _)| list).collect()))
});

impl Words {
    fn of(path: &str) -> Self {
        let mut has = [false; LISTS.len()];
        if let Some((automaton, lists)) = &*FINDER {
            for found in automaton.find_overlapping_iter(path) {
                let list = lists[found.pattern().as_usize()];
                has[list] |= list < THEMES[0].0 || is_word(path, found.start());
            }
        }
        let theme = THEMES.into_iter().find(|(list, _)| has[*list]).map_or(Theme::Plain, |(_, theme)| theme);
        Self { asset_folder: has[0], interface: has[1], theme }
    }
}

/// So many words in one segment are a title.
const TITLE: usize = 4;

/// Whether a word of a theme begins here: not within another word (`preview` is no review), nor in a title, which may
/// be about anything.
fn is_word(path: &str, start: usize) -> bool {
    let (before, after) = path.split_at(start);
    let begins = !(before.ends_with(|letter: char| letter.is_ascii_alphabetic())
        && after.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        || ["log", "sign", "pass"].iter().any(|word| after.starts_with(word));
    // A word may name the slash before it.
    let segment_start = path[..=start].rfind('/').map_or(0, |at| at + 1);
    let segment = path[segment_start..].split('/').next().unwrap_or_default();
    begins && segment.split(['-', '_', '+']).filter(|word| !word.is_empty()).count() < TITLE
}

/// Whether a path is spelled as a page's.
fn is_document(path: &str) -> bool {
    path.ends_with('/') || [".html", ".htm", ".php", ".asp", ".aspx", ".jsp"].iter().any(|end| path.ends_with(end))
}

/// How many segments a template keeps: an attacker must not make it long.
const MOST_SEGMENTS: usize = 6;

fn template(path: &str, query: &str) -> String {
    let mut out = String::with_capacity(path.len().min(64));
    let mut shard = None;
    for segment in path.split('/').skip(1).take(MOST_SEGMENTS) {
        out.push('/');
        let start = out.len();
        fold(segment, &mut out);
        // What is stored by its hash is stored in folders of the hash's first letters.
        if let Some((start, end)) = shard.take().filter(|_| &out[start..] == "{id}") {
            out.replace_range(start..end, "{n}");
        }
        shard =
            (segment.len() == 2 && segment.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some((start, out.len()));
    }
    if out.is_empty() {
        out.push('/');
    }
    if !query.is_empty() {
        out.push('?');
    }
    out
}

/// Matches the paths that a template stands for: its folded segments are any, what follows `?` is no part of a path.
pub(in crate::detect) fn pattern(template: &str) -> String {
    let path = template.split('?').next().unwrap_or_default();
    // Of some only the end is known.
    let (start, path) = path.strip_prefix('…').map_or(("^", path), |end| ("", end));
    let segments: Vec<String> = path
        .split('/')
        .map(
            |segment| {
                if matches!(segment, "{n}" | "{id}" | "…") { "[^/]+".to_owned() } else { regex::escape(segment) }
            },
        )
        .collect();
    format!("(?i){start}{}/?$", segments.join("/"))
}

/// `{n}` for a number, `{id}` for what looks made by a machine, otherwise the segment itself with `{n}` for each number
/// of several digits in it.
fn fold(segment: &str, out: &mut String) {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let length = segment.len();
    let stem = segment.split('.').next().unwrap_or_default();
    if length > 0 && digits == length {
        out.push_str("{n}");
    } else if length > 64
        || (stem.len() >= 8 && stem.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') && digits >= 2)
        || (length >= 12 && digits * 4 >= length)
    {
        out.push_str("{id}");
    } else if digits > 0 && digits + 2 >= length {
        out.push_str("{n}");
    } else if digits < 2 {
        out.push_str(segment);
    } else {
        let mut rest = segment;
        while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
            let number = &rest[start..];
            let end = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
            out.push_str(&rest[..start]);
            out.push_str(if end > 1 { "{n}" } else { &number[..end] });
            rest = &number[end..];
        }
        out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &str) -> Reading {
        super::read(&normal::target(sent))
    }

    #[test]
    fn templates_fold_what_differs_from_item_to_item() {
        for (sent, expected) in [
            ("/", "/"),
            ("/order/4711/items", "/order/{n}/items"),
            ("/p/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/p/{id}"),
            ("/search?q=a&page=2", "/search?"),
            ("/?3f=9a", "/?"),
            ("/static/app.js?v=12", "/static/app.js?"),
            ("/p17", "/{n}"),
            ("/audio/ep207.mp3", "/audio/ep{n}.mp3"),
            ("/img/p/fc/24e741210af0?w=943", "/img/p/{n}/{id}?"),
            ("/img/p/a8/9d4eab0283ca", "/img/p/{n}/{id}"),
            ("/de/about", "/de/about"),
            ("/top-3-tips", "/top-3-tips"),
        ] {
            assert_eq!(&*read(sent).template, expected, "{sent}");
        }
    }

    #[test]
    fn items_are_told_by_their_numbers() {
        for (sent, number) in [
            ("/prof/1370", Some(1370)),
            ("/board/read.php?id=alumni&no=2457", Some(2457)),
            ("/contract/edit.xhtml?cid=3&id=391313", Some(391_313)),
            ("/list?page=3", None),
            ("/notice/44573/print", Some(44_573)),
            ("/n/99999999999", None),
            ("/글/7번", Some(7)),
            ("/", None),
        ] {
            assert_eq!(super::number(&normal::target(sent)), number, "{sent}");
        }
    }

    #[test]
    fn kinds_and_themes() {
        for (sent, kind, theme) in [
            ("/Login", TargetKind::Page, Theme::Login),
            ("/api/v1/cart", TargetKind::Interface, Theme::Purchase),
            ("/assets/login.css", TargetKind::Asset, Theme::Plain),
            ("/_next/image?url=%2Fimg%2F7.jpg&w=640", TargetKind::Asset, Theme::Plain),
            ("/cdn-cgi/image/width=80/upload/7", TargetKind::Asset, Theme::Plain),
            ("/robots.txt", TargetKind::Utility, Theme::Plain),
            ("/search?q=x", TargetKind::Page, Theme::Search),
            ("/blog/hello", TargetKind::Page, Theme::Plain),
            ("/blog/windows-preview.html", TargetKind::Page, Theme::Plain),
            ("/blog/how-to-review-a-login", TargetKind::Page, Theme::Plain),
            ("/wp-login.php", TargetKind::Page, Theme::Login),
            ("/userlogin.do", TargetKind::Page, Theme::Login),
            ("/wp-comments-post.php", TargetKind::Page, Theme::Writing),
            ("/wp-admin/admin-ajax.php", TargetKind::Interface, Theme::Plain),
            ("/shop/cart", TargetKind::Page, Theme::Purchase),
            ("/?feed=rss2", TargetKind::Utility, Theme::Plain),
            ("/blog/?flav=atom", TargetKind::Utility, Theme::Plain),
            ("/?feed=rss2&x=7", TargetKind::Page, Theme::Plain),
            ("/?s=feed", TargetKind::Page, Theme::Plain),
        ] {
            let reading = read(sent);
            assert_eq!((reading.kind, reading.theme), (kind, theme), "{sent}");
        }
    }
}
