//! Points image and link parameters at the metadata service.

use super::super::*;

pub(super) const API_SSRF_PROBES: Population = Population {
    name: "api-ssrf-probes",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 116, members: 14, spread: 3000.0, turns: (1, 4), pause: 20.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let host =
                    pick(rng, &["169.254.169.254/latest/meta-data/", "metadata.google.internal/computeMetadata/v1/"]);
                Asked::get(client, agent, &format!("/v3/preview?url=http://{host}")).status(400).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Points image and link parameters at the metadata service.", ko: "이미지·링크 매개변수로 메타데이터 서비스를 가리킴." }
    }
}
