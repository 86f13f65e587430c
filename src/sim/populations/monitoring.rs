//! The shop's own health check.

use super::*;
use std::net::Ipv4Addr;

/// One address that asks one path every ten seconds.
pub const MONITORING: Population = Population {
    name: "monitoring",
    hostile: false,
    description: say::monitoring,
    actors: |plan, numbers| {
        let mut rng = numbers(0);
        vec![(joins(plan, &mut rng, 10.0), Box::new(Check { rng }) as Box<dyn Actor>)]
    },
};

struct Check {
    rng: ChaCha8Rng,
}

impl Actor for Check {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        let healthy = !self.rng.random_ratio(1, 200);
        send.push(Message {
            at,
            client: Ipv4Addr::new(198, 19, 200, 5).into(),
            method: "GET",
            uri: "/healthz".into(),
            status: if healthy { 200 } else { 503 },
            bytes: if healthy { 15 } else { 190 },
            duration: latency(&mut self.rng, std::time::Duration::from_millis(1)),
            referer: "".into(),
            user_agent: "Blackbox Exporter/0.28.0",
        });
        Some(at + seconds(10.0))
    }
}

mod say {
    crate::text::words! {
        monitoring {
            en: "The health check: one address, one path, every ten seconds.",
            ko: "상태 점검: 한 주소에서 한 경로를 10초마다 요청.",
        }
    }
}
