//! Held-out innocent populations, by site. One file each.

use super::super::Population;

mod api_app_fleet;
mod api_landing;
mod api_partners;
mod api_telemetry;
mod docs_crawlers;
mod docs_hotlinks;
mod docs_old_links;
mod docs_readers;
mod forge_company;
mod forge_forgetful;
mod forge_git_clients;
mod forge_open_tabs;
mod forge_readers;
mod news_bare_visits;
mod news_cron_and_hooks;
mod news_feed_readers;
mod news_icon_askers;
mod news_link_previews;
mod news_newsletter;
mod news_readers;

/// Those of the news site.
pub const NEWS: &[&Population] = &[
    &news_readers::NEWS_READERS,
    &news_newsletter::NEWS_NEWSLETTER,
    &news_feed_readers::NEWS_FEED_READERS,
    &news_cron_and_hooks::NEWS_CRON_AND_HOOKS,
    &news_link_previews::NEWS_LINK_PREVIEWS,
    &news_icon_askers::NEWS_ICON_ASKERS,
    &news_bare_visits::NEWS_BARE_VISITS,
];

/// Those of the api site.
pub const API: &[&Population] = &[
    &api_app_fleet::API_APP_FLEET,
    &api_telemetry::API_TELEMETRY,
    &api_partners::API_PARTNERS,
    &api_landing::API_LANDING,
];

/// Those of the forge site.
pub const FORGE: &[&Population] = &[
    &forge_readers::FORGE_READERS,
    &forge_git_clients::FORGE_GIT_CLIENTS,
    &forge_forgetful::FORGE_FORGETFUL,
    &forge_open_tabs::FORGE_OPEN_TABS,
    &forge_company::FORGE_COMPANY,
];

/// Those of the docs site.
pub const DOCS: &[&Population] = &[
    &docs_readers::DOCS_READERS,
    &docs_crawlers::DOCS_CRAWLERS,
    &docs_old_links::DOCS_OLD_LINKS,
    &docs_hotlinks::DOCS_HOTLINKS,
];
