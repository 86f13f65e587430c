//! Attack families, most of them fleets whose members each stay under every threshold. One file each.

use super::super::Population;

mod carding;
mod comment_spam;
mod coupon_guessing;
mod false_googlebot;
mod front_page_flood;
mod head_probe;
mod headless_fleet;
mod hoarding;
mod id_enumeration;
mod injector;
mod log4shell_spray;
mod one_probe_each;
mod price_scraper;
mod referer_spam;
mod search_flood;
mod single_flood;
mod slow_scanner;
mod sms_pumping;
mod stuffing_fleet;
mod stuffing_one_agent;
mod subnet_scrape;
mod xmlrpc_botnet;

/// All of them.
pub const ATTACKERS: &[&Population] = &[
    &stuffing_fleet::STUFFING_FLEET,
    &stuffing_one_agent::STUFFING_ONE_AGENT,
    &front_page_flood::FRONT_PAGE_FLOOD,
    &search_flood::SEARCH_FLOOD,
    &price_scraper::PRICE_SCRAPER,
    &id_enumeration::ID_ENUMERATION,
    &slow_scanner::SLOW_SCANNER,
    &one_probe_each::ONE_PROBE_EACH,
    &xmlrpc_botnet::XMLRPC_BOTNET,
    &log4shell_spray::LOG4SHELL_SPRAY,
    &injector::INJECTOR,
    &carding::CARDING,
    &coupon_guessing::COUPON_GUESSING,
    &hoarding::HOARDING,
    &false_googlebot::FALSE_GOOGLEBOT,
    &sms_pumping::SMS_PUMPING,
    &single_flood::SINGLE_FLOOD,
    &head_probe::HEAD_PROBE,
    &comment_spam::COMMENT_SPAM,
    &subnet_scrape::SUBNET_SCRAPE,
    &referer_spam::REFERER_SPAM,
    &headless_fleet::HEADLESS_FLEET,
];
