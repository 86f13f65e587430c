//! The four sites: what they serve, and a browser that looks at it.

use super::*;

/// A site.
pub(super) struct Site {
    pub host: &'static str,
    /// Pages; `#` stands for a number, `@` for a word.
    pub pages: &'static [&'static str],
    pub assets: &'static [&'static str],
}

const WORDS: &[&str] = &[
    "river", "budget", "election", "harbour", "winter", "robots", "garden", "trade", "museum", "storm", "cycling",
    "school", "forest", "market", "signal", "bridge",
];

impl Site {
    /// A page that somebody might open.
    pub fn page(&self, rng: &mut ChaCha8Rng) -> String {
        let number = rng.random_range(1..60).to_string();
        let word = format!("{}-{}", pick(rng, WORDS), pick(rng, WORDS));
        pick(rng, self.pages).replace('#', &number).replace('@', &word)
    }
}

/// A news site on WordPress.
pub(super) const NEWS: Site = Site {
    host: "https://news.example",
    pages: &[
        "/",
        "/",
        "/category/@/",
        "/2026/03/@/",
        "/2026/03/@/",
        "/2026/02/@/",
        "/2026/02/@/",
        "/author/desk/",
        "/page/#/",
    ],
    assets: &[
        "/wp-content/themes/daily/style.css?ver=6.5",
        "/wp-includes/js/jquery/jquery.min.js?ver=3.7.1",
        "/wp-content/themes/daily/main.js?ver=6.5",
        "/wp-content/uploads/2026/03/lead-768x512.jpg",
        "/wp-content/uploads/2026/03/map-300x200.webp",
        "/wp-content/themes/daily/fonts/serif.woff2",
        "/favicon.ico",
    ],
};

/// An interface for apps, with a page that advertises them.
pub(super) const API: Site = Site {
    host: "https://api.example",
    pages: &["/", "/pricing", "/developers"],
    assets: &["/web/site.css", "/web/site.js", "/web/hero.webp", "/favicon.ico"],
};

/// A forge.
pub(super) const FORGE: Site = Site {
    host: "https://forge.example",
    pages: &[
        "/group/project",
        "/group/project/-/issues",
        "/group/project/-/issues/#",
        "/group/project/-/merge_requests/#",
        "/group/project/-/tree/main/src",
        "/group/@",
        "/explore",
        "/dashboard/projects",
        "/group/project/-/commits/main",
    ],
    assets: &[
        "/assets/application-4f1c22d7.css",
        "/assets/webpack/main.8a31c0.chunk.js",
        "/assets/webpack/runtime.11aa20.bundle.js",
        "/assets/icons-91be07aa.svg",
        "/uploads/-/system/user/avatar/7/avatar.png?width=48",
    ],
};

/// A manual of static pages.
pub(super) const DOCS: Site = Site {
    host: "https://docs.example",
    pages: &[
        "/en/latest/",
        "/en/latest/@.html",
        "/en/latest/guide/@.html",
        "/en/stable/reference/@.html",
        "/en/latest/search.html?q=@",
    ],
    assets: &[
        "/_static/basic.css",
        "/_static/doctools.js",
        "/_static/pygments.css",
        "/_static/logo.svg",
        "/_static/architecture.png",
    ],
};

/// A browser with its cache.
pub(super) struct Visitor {
    client: IpAddr,
    pub agent: &'static str,
    cache: HashSet<&'static str>,
    before: Option<String>,
    is_returning: bool,
    strips: bool,
}

impl Visitor {
    pub fn new(client: IpAddr, agent: &'static str) -> Self {
        Self { client, agent, cache: HashSet::new(), before: None, is_returning: false, strips: false }
    }

    /// One in three was here before and has most in its cache; one in twelve names no page before.
    pub fn returning(mut self, rng: &mut ChaCha8Rng) -> Self {
        self.is_returning = rng.random_ratio(1, 3);
        self.strips = rng.random_ratio(1, 12);
        self.before = rng.random_bool(0.5).then(|| "https://www.google.com/".to_owned());
        self
    }

    /// Opens a page with what it loads.
    pub fn open(&mut self, site: &Site, page: &str, at: Timestamp, rng: &mut ChaCha8Rng, send: &mut Vec<Message>) {
        let this = format!("{}{page}", site.host);
        let referer = if self.strips { None } else { self.before.clone() };
        Asked::get(self.client, self.agent, page).from(&referer.unwrap_or_default()).at(at, rng, send);
        for asset in site.assets {
            // Not every page needs everything.
            if rng.random_ratio(1, 4) || !self.cache.insert(asset) {
                continue;
            }
            let status = match (self.is_returning, rng.random_range(0..4)) {
                (true, 0) => 304,
                (true, _) => continue,
                _ => 200,
            };
            let from = if self.strips { "" } else { &this };
            let later = at + seconds(0.1) + wait(rng, 0.4);
            Asked::get(self.client, self.agent, asset).status(status).from(from).at(later, rng, send);
        }
        self.before = Some(this);
    }
}
