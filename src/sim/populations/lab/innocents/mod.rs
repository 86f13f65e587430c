//! Innocent populations, each a look-alike of some attack. One file each.

use super::super::Population;

mod app_fleet;
mod broken_link;
mod cached_readers;
mod carrier_nat;
mod curious;
mod feed_readers;
mod forgetful;
mod link_previews;
mod partner;
mod proxy_office;
mod search_engines;
mod viral_link;

/// All of them.
pub const INNOCENTS: &[&Population] = &[
    &viral_link::VIRAL_LINK,
    &cached_readers::CACHED_READERS,
    &app_fleet::APP_FLEET,
    &feed_readers::FEED_READERS,
    &link_previews::LINK_PREVIEWS,
    &forgetful::FORGETFUL,
    &partner::PARTNER,
    &carrier_nat::CARRIER_NAT,
    &broken_link::BROKEN_LINK,
    &curious::CURIOUS,
    &proxy_office::PROXY_OFFICE,
    &search_engines::SEARCH_ENGINES,
];
