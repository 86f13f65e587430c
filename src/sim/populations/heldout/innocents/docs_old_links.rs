//! Visitors who follow old links to versions that are gone.

use super::super::*;

pub(super) const DOCS_OLD_LINKS: Population = Population {
    name: "docs-old-links",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 173, members: 140, spread: 3400.0, turns: (1, 2), pause: 30.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let mut visitor = Visitor::new(client, pick(rng, NOW));
            Box::new(move |at, rng, send| {
                let chapter = pick(rng, &["install", "guide", "reference", "faq", "changes"]);
                Asked::get(client, visitor.agent, &format!("/en/1.0/{chapter}.html"))
                    .status(404)
                    .from("https://www.google.com/")
                    .at(at, rng, send);
                visitor.open(&DOCS, "/en/latest/", at + seconds(2.0) + wait(rng, 5.0), rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Visitors who follow old links to versions that are gone.", ko: "사라진 버전의 옛 링크를 따라온 방문자." }
    }
}
