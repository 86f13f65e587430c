//! Request targets as a shop's log has them: pages, searches, calls of an interface, sign-ins, each with the query strings
//! that make most of them different from one another.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::random::pick;

const WORDS: &[&str] = &[
    "kimchi",
    "rice",
    "%EA%B0%90%EA%B7%A4",
    "gift+set",
    "beef",
    "%EA%B5%B4%EB%B9%84",
    "apple",
    "tea",
    "honey",
    "soap",
];
const CAMPAIGNS: &[&str] = &["newsletter", "chuseok", "kakao", "naver-ad", "spring", "app"];
const PAGES: &[&str] = &["/", "/cart", "/account/orders", "/help/delivery", "/category/fruit", "/category/meat"];
const ASSETS: &[&str] = &["/assets/app.6f1c2a.css", "/assets/app.91be07.js", "/assets/logo.svg", "/favicon.ico"];

/// What calls an interface beside browsers.
pub(super) const PROGRAMS: &[&str] = &[
    "okhttp/4.12.0",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "kube-probe/1.31",
    "ShopApp/5.2 CFNetwork/1568 Darwin/24.1",
];

/// A target; `product` gives the path of a product's page.
pub(super) fn target(rng: &mut ChaCha8Rng, product: fn(&mut ChaCha8Rng) -> &'static str) -> String {
    match rng.random_range(0..100) {
        0..14 => product(rng).to_owned(),
        14..30 => {
            let (path, campaign) = (product(rng), pick(rng, CAMPAIGNS));
            format!("{path}?utm_source={campaign}&ref={}", rng.random_range(0..400_000))
        }
        30..52 => {
            let (word, page) = (pick(rng, WORDS), rng.random_range(1..40));
            format!("/search?q={word}&page={page}&sort=price&t={}", rng.random_range(0..100_000))
        }
        52..74 => format!(
            "/api/v1/items/{}?fields=name,price,stock&v={}",
            rng.random_range(1..90_000),
            rng.random_range(1..60)
        ),
        74..86 => pick(rng, ASSETS).to_owned(),
        86..95 => pick(rng, PAGES).to_owned(),
        95..97 => format!("/login?next=%2Faccount%2Forders%2F{}", rng.random_range(10_000..99_999)),
        _ => format!("/cart/add?item={}&count={}", rng.random_range(1..90_000), rng.random_range(1..9)),
    }
}
