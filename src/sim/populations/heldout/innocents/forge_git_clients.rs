//! git, package and container clients.

use super::super::*;

pub(super) const FORGE_GIT_CLIENTS: Population = Population {
    name: "forge-git-clients",
    hostile: false,
    description: say::it,
    actors: |plan, numbers| {
        let crowd = Crowd { number: 162, members: 130, spread: 3000.0, turns: (1, 10), pause: 100.0, ..CROWD };
        crowd.start(plan.start, numbers, |client, rng| {
            let agent = pick(
                rng,
                &[
                    "git/2.43.0",
                    "JGit/6.5.0",
                    "docker/26.1.3 go/go1.21.10 git-commit/8e96db1 kernel/6.8.0 os/linux arch/amd64",
                    "npm/10.5.0 node/v20.12.2 linux x64 workspaces/false",
                    "Debian APT-HTTP/1.3 (2.6.1)",
                    "curl/8.5.0",
                    "Wget/1.21.4",
                    "cargo 1.80.0",
                ],
            );
            Box::new(move |at, rng, send| match rng.random_range(0..4) {
                0 => Asked::get(client, agent, "/group/project.git/info/refs?service=git-upload-pack")
                    .status(if rng.random_bool(0.3) { 401 } else { 200 })
                    .at(at, rng, send),
                1 => Asked::post(client, agent, "/group/project.git/git-upload-pack").at(at, rng, send),
                2 => {
                    let number = rng.random_range(1..40);
                    Asked::get(client, agent, &format!("/debian/pool/main/p/pkg_{number}.deb")).at(at, rng, send);
                }
                _ => Asked::get(client, agent, "/v2/group/image/manifests/latest")
                    .status(if rng.random_bool(0.3) { 401 } else { 200 })
                    .at(at, rng, send),
            })
        })
    },
};

mod say {
    crate::text::words! {
        it { en: "git, package and container clients.", ko: "git·패키지·컨테이너 클라이언트." }
    }
}
