//! Asks for one-time codes by text message, over many addresses, to earn from the numbers.

use super::super::*;

pub(super) const SMS_PUMPING: Population = Population {
    name: "sms-pumping",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet = Fleet {
            number: 16,
            members: 60,
            delay: 1000.0,
            spread: 1500.0,
            turns: (1, 4),
            pause: 60.0,
            regular: false,
        };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, shop::BROWSERS);
            Box::new(move |at, rng, send| {
                let status = if rng.random_ratio(1, 6) { 429 } else { 200 };
                Sent::post(client, agent).status(status).to("/api/otp/send", "", at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Asks for one-time codes by text message, over many addresses, to earn from the numbers.", ko: "많은 주소에서 문자 인증 코드를 요청해 수익을 노림." }
    }
}
