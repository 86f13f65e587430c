//! Password spraying on WordPress: one or two attempts an address, each answered by the form again.

use super::super::*;

pub(super) const NEWS_LOGIN_SPRAY: Population = Population {
    name: "news-login-spray",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 101, members: 130, spread: 3300.0, turns: (1, 2), pause: 700.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                Asked::post(client, agent, "/wp-login.php").from("https://news.example/wp-login.php").at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Password spraying on WordPress: one or two attempts an address, each answered by the form again.", ko: "워드프레스 비밀번호 스프레이: 주소마다 한두 번 시도하고 매번 폼이 다시 나옴." }
    }
}
