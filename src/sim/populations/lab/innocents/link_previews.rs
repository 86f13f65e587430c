//! Messengers that fetch a page to show a preview.

use super::super::*;

pub(super) const LINK_PREVIEWS: Population = Population {
    name: "link-previews",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 44, members: 50, delay: 1500.0, spread: 900.0, turns: (1, 2), pause: 30.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "facebookexternalhit/1.1;kakaotalk-scrap/1.0",
                    "WhatsApp/2.24.6",
                    "TelegramBot (like TwitterBot)",
                    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
                ],
            );
            Box::new(move |at, rng, send| {
                Sent::get(client, agent).to(shop::product_path(rng), "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Messengers that fetch a page to show a preview.", ko: "미리보기를 만들려고 페이지를 가져가는 메신저." }
    }
}
