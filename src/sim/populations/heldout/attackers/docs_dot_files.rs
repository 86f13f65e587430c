//! Dot-files and backups, one or two an address, ordinary agents.

use super::super::*;

pub(super) const DOCS_DOT_FILES: Population = Population {
    name: "docs-dot-files",
    hostile: true,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 133, members: 45, spread: 3400.0, turns: (1, 2), pause: 10.0, ..CROWD };
        crowd.start(plan.attacks_from, numbers, |client, rng| {
            let agent = pick(rng, NOW);
            Box::new(move |at, rng, send| {
                let path = pick(
                    rng,
                    &[
                        "/.env",
                        "/.git/HEAD",
                        "/.git/config",
                        "/.aws/credentials",
                        "/.DS_Store",
                        "/.vscode/sftp.json",
                        "/backup.sql",
                        "/docs.tar.gz",
                    ],
                );
                Asked::get(client, agent, path).status(404).at(at, rng, send);
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "Dot-files and backups, one or two an address, ordinary agents.", ko: "주소마다 숨은 파일·백업을 한두 개 확인, 평범한 에이전트." }
    }
}
