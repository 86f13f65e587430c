//! Checks thousands of paths by HEAD with a library.

use super::super::*;

pub(super) const HEAD_PROBE: Population = Population {
    name: "head-probe",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 18,
            members: 3,
            delay: 300.0,
            spread: 900.0,
            turns: (120, 260),
            pause: 2.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, _| {
            Box::new(move |at, rng, send| {
                let head = Sent { method: "HEAD", ..Sent::get(client, "python-requests/2.31.0") };
                head.status(404).to(
                    format!(
                        "/{}/{:x}",
                        ["old", "backup", "files", "uploads"][rng.random_range(0..4)],
                        rng.random::<u16>()
                    ),
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
        it { en: "Checks thousands of paths by HEAD with a library.", ko: "라이브러리로 HEAD 요청을 보내 경로를 확인." }
    }
}
