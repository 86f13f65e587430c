//! Headless browsers with all assets that register and fork in one rhythm.

use super::super::*;

pub(super) const FORGE_CI_HEADLESS: Population = Population {
    name: "forge-ci-headless",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 125, members: 36, delay: 1000.0, spread: 600.0, turns: (1, 1), ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, _| {
            let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
            Box::new(move |at, rng, send| {
                let mut visitor = Visitor::new(client, agent); for (step, page) in ["/", "/explore", "/group/project", "/group/project/-/forks/new"].into_iter().enumerate() { visitor.open(&FORGE, page, at + seconds(7.0 * f64::from(u32::try_from(step).unwrap_or(0))), rng, send); }
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Headless browsers with all assets that register and fork in one rhythm.", ko: "부속 파일까지 받는 헤드리스 브라우저가 같은 박자로 가입과 포크." }
    }
}
