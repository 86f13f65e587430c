//! Password guessing.

use super::*;
use std::net::Ipv4Addr;

/// One address that posts to the login form, three times in two seconds, and gets 401.
pub const LOGIN_BRUTE_FORCE: Population = Population {
    name: "login-brute-force",
    hostile: true,
    description: say::login_brute_force,
    actors: |plan, numbers| {
        let actor = Guesser { tried: 0, rng: numbers(0) };
        vec![(plan.attacks_from + seconds(5.0), Box::new(actor) as Box<dyn Actor>)]
    },
};

struct Guesser {
    tried: u64,
    rng: ChaCha8Rng,
}

impl Actor for Guesser {
    fn act(&mut self, at: Timestamp, send: &mut Vec<Message>) -> Option<Timestamp> {
        // Every twentieth request fetches a fresh form token.
        let fetches_form = self.tried.is_multiple_of(20);
        self.tried += 1;
        let (method, status, bytes) = if fetches_form { ("GET", 200, 6_420) } else { ("POST", 401, 212) };
        send.push(Message {
            at,
            client: Ipv4Addr::new(198, 51, 100, 23).into(),
            method,
            uri: "/login".into(),
            status,
            bytes,
            // The password hash takes its time.
            duration: latency(&mut self.rng, std::time::Duration::from_millis(if fetches_form { 20 } else { 180 })),
            referer: "https://shop.example/login".into(),
            user_agent: "python-requests/2.32.5",
        });
        Some(at + seconds(0.2) + wait(&mut self.rng, 0.45))
    }
}

mod say {
    crate::text::words! {
        login_brute_force {
            en: "Password guessing: one address posts to /login three times in two seconds and gets 401.",
            ko: "비밀번호 대입: 한 주소에서 /login으로 2초에 3번씩 POST, 응답은 401.",
        }
    }
}
