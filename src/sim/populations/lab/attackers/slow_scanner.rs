//! A scanner of one request every twelve seconds, over many addresses, each with its own part of a list.

use super::super::*;

pub(super) const SLOW_SCANNER: Population = Population {
    name: "slow-scanner",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let fleet =
            Fleet { number: 7, members: 25, delay: 100.0, spread: 600.0, turns: (10, 25), pause: 60.0, regular: false };
        fleet.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, FORGED);
            Box::new(move |at, rng, send| {
                let path = pick(rng, PROBES);
                Sent::get(client, agent).status(404).to(path, "", at, rng, send);
            })
        })
    },
};

const PROBES: &[&str] = &[
    "/.env",
    "/.git/HEAD",
    "/wp-login.php",
    "/phpmyadmin/",
    "/backup.sql",
    "/config.yml",
    "/server-status",
    "/actuator/env",
    "/.aws/credentials",
    "/admin.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/test.php",
    "/old/index.php",
    "/api/swagger.json",
    "/console/login",
    "/uploads/shell.php",
    "/db.sql.gz",
    "/.svn/entries",
    "/web.config",
    "/id_rsa",
    "/solr/admin/cores",
    "/manager/html",
    "/users/export",
    "/private/",
    "/internal/metrics",
];

mod say {
    crate::text::words! {
        it { en: "A scanner of one request every twelve seconds, over many addresses, each with its own part of a list.", ko: "12초에 한 번씩, 여러 주소에 나눠 목록을 훑는 스캐너." }
    }
}
