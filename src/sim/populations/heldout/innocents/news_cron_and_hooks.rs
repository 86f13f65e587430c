//! The site calling itself, webhooks and monitors.

use super::super::*;

pub(super) const NEWS_CRON_AND_HOOKS: Population = Population {
    name: "news-cron-and-hooks",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd =
            Crowd { number: 154, members: 9, spread: 30.0, turns: (30, 60), pause: 58.0, regular: true, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let (agent, method, path) = pick(
                rng,
                &[
                    ("WordPress/6.5; https://news.example", "POST", "/wp-cron.php?doing_wp_cron=1709370000.12"),
                    ("GitHub-Hookshot/044aadd", "POST", "/hooks/deploy"),
                    ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "HEAD", "/"),
                    ("kube-probe/1.29", "GET", "/healthz"),
                    ("Prometheus/2.53.0", "GET", "/metrics"),
                    ("-", "GET", "/health"),
                ],
            );
            Box::new(move |at, rng, send| {
                Asked::get(client, agent, path).method(method).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "The site calling itself, webhooks and monitors.", ko: "사이트 자신의 크론 호출, 웹훅, 모니터." }
    }
}
