//! Looks for weak plugins with a browser agent, six paths an address.

use super::super::*;

pub(super) const NEWS_PLUGIN_SCAN: Population = Population {
    name: "news-plugin-scan",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 103, members: 30, spread: 3000.0, turns: (4, 9), pause: 25.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                let plugin = pick(
                    rng,
                    &[
                        "revslider",
                        "wp-file-manager",
                        "duplicator",
                        "elementor-pro",
                        "wpforms",
                        "booking",
                        "events-manager",
                        "contact-form-7",
                        "akismet-old",
                    ],
                );
                let file = pick(rng, &["readme.txt", "admin-ajax.php", "upload.php", "inc/x.php"]);
                Asked::get(client, agent, &format!("/wp-content/plugins/{plugin}/{file}"))
                    .status(404)
                    .at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Looks for weak plugins with a browser agent, six paths an address.", ko: "브라우저로 위장해 주소마다 취약 플러그인 경로 몇 개를 확인." }
    }
}
