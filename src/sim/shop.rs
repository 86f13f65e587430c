//! What the shop serves: pages, products with Korean names, assets, sizes and times; and a browser that walks through.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::random::{latency, pick, size};
use super::{HOST, Message, seconds};

/// The products' names; their paths are percent-encoded UTF-8, as browsers send them.
const PRODUCTS: &[&str] = &[
    "한라봉-선물세트",
    "제주-감귤-5kg",
    "성주-참외",
    "이천쌀-10kg",
    "강원도-감자",
    "순창-고추장",
    "영광-굴비",
    "횡성-한우-등심",
    "나주-배",
    "청송-사과",
    "해남-고구마",
    "통영-굴",
    "보성-녹차",
    "전주-비빔밥-밀키트",
    "속초-오징어",
    "금산-인삼",
    "공주-알밤",
    "논산-딸기",
    "상주-곶감",
    "완도-전복",
    "울릉도-호박엿",
    "춘천-닭갈비",
    "안동-간고등어",
    "의성-마늘",
];

/// The product pages, percent-encoded.
static PRODUCT_PATHS: LazyLock<Vec<String>> =
    LazyLock::new(|| PRODUCTS.iter().map(|name| format!("/product/{}", percent_encoded(name))).collect());

/// A product's page.
pub(super) fn product_path(rng: &mut ChaCha8Rng) -> &'static str {
    &PRODUCT_PATHS[rng.random_range(0..PRODUCT_PATHS.len())]
}

/// The categories' pages.
pub(super) const CATEGORIES: &[&str] = &["/category/fruit", "/category/rice", "/category/seafood", "/category/meat"];

/// What every page loads: path, bytes.
const ASSETS: &[(&str, u64)] = &[
    ("/assets/app.6f1c2a.css", 48_213),
    ("/assets/app.91be07.js", 182_540),
    ("/assets/logo.svg", 3_120),
    ("/assets/pretendard.woff2", 98_304),
];

/// The browsers people use.
pub(super) const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK/25.9.1 (INAPP)",
];

/// Where visits come from; empty for a typed address.
const ENTRANCES: &[&str] = &[
    "",
    "",
    "https://www.google.com/",
    "https://search.naver.com/",
    "https://m.search.naver.com/",
    "https://shop.example/",
];

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// A browser with its cache, on a walk through the shop.
pub(super) struct Browser {
    client: IpAddr,
    user_agent: &'static str,
    referer: Cow<'static, str>,
    cache: HashSet<Cow<'static, str>>,
    /// A visitor who was here on another day has the assets already, and asks only whether they changed.
    returning: bool,
    has_cart: bool,
}

impl Browser {
    pub(super) fn new(client: IpAddr, rng: &mut ChaCha8Rng) -> Self {
        Self {
            client,
            user_agent: pick(rng, BROWSERS),
            referer: Cow::Borrowed(pick(rng, ENTRANCES)),
            cache: HashSet::new(),
            returning: rng.random_bool(0.4),
            has_cart: false,
        }
    }

    /// Opens a page that a shopper might open next, with what it loads.
    pub(super) fn view(&mut self, at: Timestamp, rng: &mut ChaCha8Rng, send: &mut Vec<Message>) {
        match rng.random_range(0..100) {
            0..15 => self.page("/".into(), at, rng, send),
            15..35 => self.page(Cow::Borrowed(pick(rng, CATEGORIES)), at, rng, send),
            35..85 => self.product(at, rng, send),
            _ if self.has_cart => self.page("/cart".into(), at, rng, send),
            _ => self.search(at, rng, send),
        }
    }

    fn product(&mut self, at: Timestamp, rng: &mut ChaCha8Rng, send: &mut Vec<Message>) {
        let number = rng.random_range(0..PRODUCT_PATHS.len());
        self.page(Cow::Borrowed(PRODUCT_PATHS[number].as_str()), at, rng, send);
        let picture = Cow::Owned(format!("/images/p{:03}.webp", number + 1));
        self.asset(picture, 64_000, at + seconds(0.35), rng, send);
        if rng.random_bool(0.15) {
            self.has_cart = true;
            let answer = Answer { status: 201, bytes: 310, floor_ms: 40 };
            self.send(
                "POST",
                "/api/cart".into(),
                answer,
                at + seconds(f64::from(rng.random_range(3_000_u32..9_000)) / 1000.0),
                rng,
                send,
            );
        }
    }

    fn search(&mut self, at: Timestamp, rng: &mut ChaCha8Rng, send: &mut Vec<Message>) {
        let word = PRODUCTS[rng.random_range(0..PRODUCTS.len())];
        let uri = format!("/search?q={}", percent_encoded(word.split('-').next().unwrap_or(word)));
        self.page(uri.into(), at, rng, send);
    }

    fn page(&mut self, uri: Cow<'static, str>, at: Timestamp, rng: &mut ChaCha8Rng, send: &mut Vec<Message>) {
        // One page in three hundred fails on its own, as in any shop.
        let status = if rng.random_ratio(1, 300) { 502 } else { 200 };
        let answer = Answer { status, bytes: if status == 200 { 21_000 } else { 150 }, floor_ms: 45 };
        let here = Cow::Owned(format!("https://{HOST}{uri}"));
        self.send("GET", uri, answer, at, rng, send);
        self.referer = here;
        let mut loaded = at + seconds(0.12);
        for (path, bytes) in ASSETS {
            self.asset(Cow::Borrowed(path), *bytes, loaded, rng, send);
            loaded += seconds(f64::from(rng.random_range(5_u32..60)) / 1000.0);
        }
        // The shop has no favicon; some browsers ask for one all the same.
        if self.cache.insert("/favicon.ico".into()) && rng.random_bool(0.3) {
            self.send("GET", "/favicon.ico".into(), Answer { status: 404, bytes: 150, floor_ms: 2 }, loaded, rng, send);
        }
    }

    fn asset(
        &mut self,
        path: Cow<'static, str>,
        bytes: u64,
        at: Timestamp,
        rng: &mut ChaCha8Rng,
        send: &mut Vec<Message>,
    ) {
        if self.cache.insert(path.clone()) {
            let (status, bytes) = if self.returning { (304, 0) } else { (200, bytes) };
            self.send("GET", path, Answer { status, bytes, floor_ms: 3 }, at, rng, send);
        }
    }

    fn send(
        &self,
        method: &'static str,
        uri: Cow<'static, str>,
        answer: Answer,
        at: Timestamp,
        rng: &mut ChaCha8Rng,
        send: &mut Vec<Message>,
    ) {
        send.push(Message {
            at,
            client: self.client,
            method,
            uri,
            status: answer.status,
            // Pages vary in length; assets, nothing and error pages do not.
            bytes: if answer.bytes == 21_000 { size(rng, answer.bytes) } else { answer.bytes },
            duration: latency(rng, Duration::from_millis(answer.floor_ms)),
            referer: self.referer.clone(),
            user_agent: self.user_agent,
        });
    }
}

/// What the server says, and how fast at best.
#[derive(Clone, Copy)]
struct Answer {
    status: u16,
    bytes: u64,
    floor_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_paths_are_percent_encoded_utf8() {
        assert_eq!(percent_encoded("배-1"), "%EB%B0%B0-1");
        assert!(PRODUCT_PATHS.iter().all(|path| path.is_ascii() && path.starts_with("/product/%")));
    }
}
