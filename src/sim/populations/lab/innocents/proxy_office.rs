//! An office whose proxy strips referers.

use super::super::*;

pub(super) const PROXY_OFFICE: Population = Population {
    name: "proxy-office",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 50, members: 10, delay: 0.0, spread: 300.0, turns: (20, 50), pause: 50.0, regular: false };
        fleet.start(plan.start, numbers, |client, rng| {
            let mut browser = Browser::new(client, rng);
            Box::new(move |at, rng, send| {
                let from = send.len();
                browser.view(at, rng, send);
                for message in &mut send[from..] {
                    message.referer = "".into();
                }
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "An office whose proxy strips referers.", ko: "리퍼러를 지우는 회사 프록시." }
    }
}
