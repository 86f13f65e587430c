//! What a user agent claims to be. A claim is not the truth: that a client claims to be a browser and does not behave
//! like one is one of the strongest signs there is.

use serde::{Deserialize, Serialize};

use super::window::hash;

/// What a user agent claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// A browser that a person sits at.
    Browser,
    /// A robot that says so: a crawler, a link preview, a feed reader, a monitor.
    DeclaredBot,
    /// A programming library or a command-line client.
    Library,
    /// Nothing was sent.
    Empty,
    /// Anything else: an app with a name of its own.
    Other,
}

/// Words by which robots declare themselves, in lower case.
const BOT_WORDS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "slurp",
    "http://",
    "https://",
    "@",
    "feed",
    "rss",
    "monitor",
    "pingdom",
    "uptime",
    "statuscake",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "kakaotalk-scrap",
    "yeti",
    "daum",
    "archiver",
    "validator",
    "check_http",
    "kube-probe",
    "elb-healthchecker",
    "googlehc",
    "prometheus",
    "blackbox",
    "lighthouse",
    "pagespeed",
    "google-read-aloud",
    "mediapartners",
    "apis-google",
    "feedly",
    "newsblur",
    "inoreader",
    "wordpress/",
    "http client",
    "checker",
    "fetcher",
    "headline",
    "podcast",
    "itunes",
    "overcast",
    "applecoremedia",
    "uptimerobot",
    "hookshot",
    "stripe/",
    "webhook",
    "newsreader",
    "netnewswire",
    "miniflux",
    "thunderbird",
    "akregator",
    "liferea",
    "reeder",
];

/// Beginnings of libraries' and tools' agents, in lower case.
const LIBRARIES: &[&str] = &[
    "curl",
    "wget",
    "python",
    "aiohttp",
    "httpx",
    "go-http-client",
    "go-resty",
    "okhttp",
    "java",
    "apache-httpclient",
    "libwww",
    "lwp",
    "perl",
    "php",
    "guzzle",
    "axios",
    "node",
    "undici",
    "got",
    "ruby",
    "faraday",
    "mechanize",
    "scrapy",
    "colly",
    "httpie",
    "postman",
    "insomnia",
    "restsharp",
    "reqwest",
    "hyper",
    "fasthttp",
    "winhttp",
    "powershell",
    "dart",
    "unirest",
    "httpclient",
    "pycurl",
    "aria2",
    "rust",
    "typhoeus",
    "lua-resty",
];

/// What an agent claims to be.
pub fn kind(agent: &str) -> AgentKind {
    let lower = agent.trim().to_ascii_lowercase();
    if lower.is_empty() || lower == "-" {
        return AgentKind::Empty;
    }
    if BOT_WORDS.iter().any(|word| lower.contains(word)) {
        return AgentKind::DeclaredBot;
    }
    if lower.starts_with("mozilla/") || lower.starts_with("opera/") {
        return AgentKind::Browser;
    }
    if LIBRARIES.iter().any(|start| lower.starts_with(start)) {
        return AgentKind::Library;
    }
    AgentKind::Other
}

/// The name by which an app with a name of its own begins its agent, whatever its version and device, as a hash; `None`
/// of everything else.
pub(super) fn app(kind: AgentKind, agent: &str) -> Option<u64> {
    let name = app_of(agent);
    let is_app = kind == AgentKind::Other && name.len() >= 3;
    is_app.then(|| hash(name.bytes().map(|byte| byte.to_ascii_lowercase())))
}

/// Beginnings of the agents of programs that fetch packages, images and sources: many at once, and first where they may
/// not be.
const FETCHERS: &[&str] = &[
    "npm/",
    "pnpm/",
    "yarn/",
    "bun/",
    "apache-maven",
    "gradle/",
    "docker/",
    "containerd/",
    "buildkit/",
    "podman/",
    "skopeo",
    "git/",
    "git-lfs",
    "jgit/",
    "pip/",
    "uv/",
    "poetry/",
    "cargo",
    "debian apt",
    "libdnf",
    "composer/",
    "bundler/",
    "nuget",
    "helm/",
    "gomodulemirror",
    "sbt/",
    "ivy/",
    "conda/",
    "renovate",
];

/// Whether an agent fetches packages or sources (see [`FETCHERS`]).
pub(super) fn is_fetcher(agent: &str) -> bool {
    let lower = agent.trim().to_ascii_lowercase();
    FETCHERS.iter().any(|start| lower.starts_with(start))
}

/// What stands before an agent's version.
pub(in crate::detect) fn app_of(agent: &str) -> &str {
    agent.trim().split(['/', ' ']).next().unwrap_or_default()
}

/// Whether an agent is that of an app on a phone that shows pages within itself: it opens each by its own doing, where
/// a browser follows a link.
pub fn is_in_app(agent: &str) -> bool {
    let lower = agent.to_ascii_lowercase();
    let on_phone = ["android", "iphone", "ipad"].iter().any(|word| lower.contains(word));
    // A phone's browser ends with Safari's name; apps leave it out or put their own behind it.
    let ends_as_a_browser = lower.rsplit(' ').next().is_some_and(|last| last.starts_with("safari/"));
    on_phone && (!ends_as_a_browser || lower.contains("; wv)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_within_an_app_are_told_from_a_phones_browser() {
        let phone = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
        assert!(!is_in_app(phone));
        assert!(is_in_app(&format!("{phone} NAVER(inapp; search; 2000; 12.18.3)")));
        assert!(is_in_app(&phone.replace("; K)", "; SM-S921N Build/UP1A.231005.007; wv)")));
        assert!(is_in_app(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
        ));
        assert!(!is_in_app("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"));
    }

    #[test]
    fn an_app_is_known_whatever_its_version_and_device() {
        let app = |agent: &str| app(kind(agent), agent);
        let named = app("ShopApp/4.2 (kr.shop.app; Android 14; Pixel 8) okhttp/4.12.0");
        assert!(named.is_some() && named == app("shopapp/3.9.1 (iOS 18.1)"));
        assert_ne!(named, app("ShopAdmin/4.2 (iOS 18.1)"));
        for other in ["okhttp/4.12.0", "Mozilla/5.0 (X11; Linux x86_64)", "-", "UptimeRobot/2.0"] {
            assert_eq!(app(other), None, "{other}");
        }
    }

    #[test]
    fn agents_by_what_they_claim() {
        for (agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", AgentKind::Browser),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", AgentKind::DeclaredBot),
            ("facebookexternalhit/1.1", AgentKind::DeclaredBot),
            ("Mozilla/5.0 (compatible; Ezooms/1.0; help@moz.example)", AgentKind::DeclaredBot),
            ("python-requests/2.32", AgentKind::Library),
            ("-", AgentKind::Empty),
            ("ShopApp/4.2 (iOS 18.1)", AgentKind::Other),
        ] {
            assert_eq!(kind(agent), expected, "{agent}");
        }
    }
}
