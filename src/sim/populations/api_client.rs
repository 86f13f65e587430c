//! A partner's program.

use super::*;
use std::net::Ipv4Addr;

/// One address that polls the orders and confirms them: few paths, steady, now and then a conflict.
pub const API_CLIENT: Population = Population {
    name: "api-client",
    hostile: false,
    description: say::api_client,
    actors: |plan, numbers| {
        let mut rng = numbers(0);
        let actor = Client { since: plan.start, rng: rng.clone() };
        vec![(joins(plan, &mut rng, 5.0), Box::new(actor) as Box<dyn Actor>)]
    },
};

struct Client {
    since: Timestamp,
    rng: ChaCha8Rng,
}

impl Client {
    fn message(&mut self, at: Timestamp, method: &'static str, uri: String, status: u16, bytes: u64) -> Message {
        Message {
            at,
            client: Ipv4Addr::new(198, 19, 40, 12).into(),
            method,
            uri: uri.into(),
            status,
            bytes,
            duration: latency(&mut self.rng, std::time::Duration::from_millis(25)),
            referer: "".into(),
            user_agent: "hanbit-erp/4.2 (okhttp/5.3.0)",
        }
    }
}

impl Actor for Client {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        let uri = format!("/api/v1/orders?since={}", self.since.as_second());
        self.since = at;
        let bytes = size(&mut self.rng, 4_200);
        send.push(self.message(at, "GET", uri, 200, bytes));
        if self.rng.random_bool(0.3) {
            let status = if self.rng.random_ratio(1, 20) { 409 } else { 204 };
            send.push(self.message(at + seconds(0.4), "POST", "/api/v1/orders/confirm".to_owned(), status, 0));
        }
        Some(at + seconds(5.0))
    }
}

mod say {
    crate::text::words! {
        api_client {
            en: "A partner's program: polls the orders every five seconds and confirms some of them.",
            ko: "협력사 프로그램: 5초마다 주문을 조회하고 일부를 확인 처리.",
        }
    }
}
