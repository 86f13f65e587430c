//! WordPress password guessing over xmlrpc.php, two attempts from each of many addresses.

use super::super::*;

pub(super) const XMLRPC_BOTNET: Population = Population {
    name: "xmlrpc-botnet",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 9,
            members: 100,
            delay: 300.0,
            spread: 2700.0,
            turns: (1, 3),
            pause: 120.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                Sent::post(client, agent).status(404).to("/xmlrpc.php", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "WordPress password guessing over xmlrpc.php, two attempts from each of many addresses.", ko: "많은 주소에서 xmlrpc.php로 비밀번호를 두 번씩 추측." }
    }
}
