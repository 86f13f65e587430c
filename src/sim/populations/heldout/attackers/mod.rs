//! Held-out attack families, by site. One file each.

use super::super::Population;

mod api_gift_cards;
mod api_key_guessing;
mod api_login_hammer;
mod api_signup_bots;
mod api_ssrf_probes;
mod api_token_stuffing;
mod api_user_walk;
mod docs_big_file_drain;
mod docs_cgi_injection;
mod docs_dot_files;
mod docs_false_bots;
mod docs_method_abuse;
mod docs_mirror_bots;
mod forge_ci_headless;
mod forge_commit_scraper;
mod forge_exploit_spray;
mod forge_signin_stuffing;
mod forge_user_scan;
mod news_archive_walker;
mod news_comment_spam;
mod news_front_flood;
mod news_login_spray;
mod news_multicall;
mod news_plugin_scan;
mod news_search_flood;
mod news_subnet_scraper;

/// Those of the news site.
pub const NEWS: &[&Population] = &[
    &news_login_spray::NEWS_LOGIN_SPRAY,
    &news_multicall::NEWS_MULTICALL,
    &news_plugin_scan::NEWS_PLUGIN_SCAN,
    &news_comment_spam::NEWS_COMMENT_SPAM,
    &news_search_flood::NEWS_SEARCH_FLOOD,
    &news_front_flood::NEWS_FRONT_FLOOD,
    &news_subnet_scraper::NEWS_SUBNET_SCRAPER,
    &news_archive_walker::NEWS_ARCHIVE_WALKER,
];

/// Those of the api site.
pub const API: &[&Population] = &[
    &api_key_guessing::API_KEY_GUESSING,
    &api_user_walk::API_USER_WALK,
    &api_token_stuffing::API_TOKEN_STUFFING,
    &api_gift_cards::API_GIFT_CARDS,
    &api_signup_bots::API_SIGNUP_BOTS,
    &api_ssrf_probes::API_SSRF_PROBES,
    &api_login_hammer::API_LOGIN_HAMMER,
];

/// Those of the forge site.
pub const FORGE: &[&Population] = &[
    &forge_signin_stuffing::FORGE_SIGNIN_STUFFING,
    &forge_commit_scraper::FORGE_COMMIT_SCRAPER,
    &forge_exploit_spray::FORGE_EXPLOIT_SPRAY,
    &forge_user_scan::FORGE_USER_SCAN,
    &forge_ci_headless::FORGE_CI_HEADLESS,
];

/// Those of the docs site.
pub const DOCS: &[&Population] = &[
    &docs_mirror_bots::DOCS_MIRROR_BOTS,
    &docs_false_bots::DOCS_FALSE_BOTS,
    &docs_dot_files::DOCS_DOT_FILES,
    &docs_method_abuse::DOCS_METHOD_ABUSE,
    &docs_cgi_injection::DOCS_CGI_INJECTION,
    &docs_big_file_drain::DOCS_BIG_FILE_DRAIN,
];
