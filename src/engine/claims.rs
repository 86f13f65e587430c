//! Whether those that call themselves crawlers are, by their names in the DNS: an address has to have a name under one
//! of the crawler's domains, and that name has to have the address. Asked only where the settings say so, and only
//! about the few clients whose networks do not settle it. Without an answer everything stays as it is.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;

use super::Engine;
use crate::detect::crawlers::{Proof, Proofs, lies_under};
use crate::detect::ranges;
use crate::detect::traffic::{ClientProfile, Traffic};
use crate::dns::Resolver;

/// So long an answer is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// So many clients are asked about at once, and in one look.
const AT_ONCE: usize = 16;
const MOST: usize = 32;
/// So long an answer holds, and so long nobody asks again where there was none.
const HOLDS: Duration = Duration::from_secs(3_600);
const ASK_AGAIN: Duration = Duration::from_secs(300);
/// At most so many answers are kept.
const MOST_KEPT: usize = 4_096;

/// A client and the number of the crawler that it claims to be.
type Claimed = (IpAddr, usize);

/// What the DNS said, for a while.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<HashMap<Claimed, (Option<Proof>, Instant)>>);

impl Answers {
    /// What is known of claims, and the claims of which nothing is.
    fn sorted(&self, claims: Vec<Claimed>, now: Instant) -> (Proofs, Vec<Claimed>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, (_, until)| *until > now);
        let mut proofs = Proofs::default();
        let mut unknown = Vec::new();
        for claim in claims {
            match held.get(&claim) {
                Some((proof, _)) => proofs.extend(proof.clone().map(|proof| (claim, proof))),
                None => unknown.push(claim),
            }
        }
        (proofs, unknown)
    }

    fn keep(&self, claim: Claimed, proof: Option<Proof>, now: Instant) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() < MOST_KEPT {
            let holds = if proof.is_some() { HOLDS } else { ASK_AGAIN };
            held.insert(claim, (proof, now + holds));
        }
    }

    /// What was said of an address.
    fn of(&self, address: IpAddr) -> Option<Proof> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().find(|((client, _), _)| *client == address).and_then(|(_, (proof, _))| proof.clone())
    }
}

impl Engine {
    /// What the DNS says of claims; nothing where the settings do not let it be asked.
    pub(super) async fn proofs(&self, claims: Vec<Claimed>) -> Proofs {
        let Some(resolver) = &self.settings.resolver else { return Proofs::default() };
        let answers = &self.recollection.answers;
        let (mut proofs, unknown) = answers.sorted(claims, Instant::now());
        let crawlers = self.settings.rule_set.crawlers();
        let mut asked = futures::stream::iter(unknown.into_iter().take(MOST))
            .map(|(address, number)| async move {
                let proof = tokio::time::timeout(WAIT, prove(&**resolver, address, crawlers.domains_of(number))).await;
                ((address, number), proof.ok().flatten())
            })
            .buffer_unordered(AT_ONCE);
        while let Some((claim, proof)) = asked.next().await {
            proofs.extend(proof.clone().map(|proof| (claim, proof)));
            answers.keep(claim, proof, Instant::now());
        }
        proofs
    }

    /// What the DNS said lately of a client that claims to be a crawler; its name is a stranger's text.
    pub fn proof_of(&self, client: IpAddr) -> Option<Proof> {
        self.recollection.answers.of(ranges::plain(client))
    }
}

/// The clients seen at or after an instant that claim to be a crawler with a domain and do not come from its networks;
/// those of `first` before the others, then those with the most requests.
pub(super) fn open(traffic: &Traffic<'_>, since_ms: i64, first: &HashSet<IpAddr>) -> Vec<Claimed> {
    let crawlers = traffic.rules().crawlers();
    let claimed = |address: IpAddr, client: &ClientProfile| {
        let number = traffic.agent_crawler(client.agent)?;
        let is_open = crawlers.worth(Some(number), address).is_open();
        (client.last_ms >= since_ms && is_open && !crawlers.domains_of(number).is_empty())
            .then_some((client.requests, (address, number)))
    };
    let mut all: Vec<(u32, Claimed)> =
        traffic.clients.iter().filter_map(|(address, client)| claimed(*address, client)).collect();
    all.sort_by_key(|(requests, claim)| (!first.contains(&claim.0), Reverse(*requests), claim.0));
    all.into_iter().map(|(_, claim)| claim).collect()
}

/// Looks an address's name up, and that name's addresses where the name is one of the crawler's; `None` where either
/// is not answered.
async fn prove(resolver: &dyn Resolver, address: IpAddr, domains: &[String]) -> Option<Proof> {
    let name = resolver.name(address).await.ok()?;
    // Nobody asks for a name that a stranger chose.
    if !domains.iter().any(|domain| lies_under(&name, domain)) {
        return Some(Proof { name, is_true: false });
    }
    let addresses = resolver.addresses(&name).await.ok().filter(|addresses| !addresses.is_empty())?;
    let is_true = addresses.into_iter().any(|one| ranges::plain(one) == address);
    Some(Proof { name, is_true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enforce::rehearsal::Rehearsal;
    use crate::engine::{EngineSettings, Scope};
    use crate::journal::Journal;
    use crate::judge::offline::Offline;
    use crate::logs::Window;
    use crate::logs::files::{FileSource, Options};
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A table of names in place of a network.
    #[derive(Debug, Default)]
    struct Table {
        asked: AtomicUsize,
    }

    const TRUE: &str = "203.0.113.10";
    const FORGED: &str = "203.0.113.11";
    const OTHER: &str = "203.0.113.12";
    const SILENT: &str = "203.0.113.13";
    const SLOW: &str = "203.0.113.14";
    const NAMES: [(&str, &str, &str); 3] = [
        (TRUE, "crawl-203-0-113-10.googlebot.com", TRUE),
        // Whoever holds the address may write any name; the name's owner does not write it back.
        (FORGED, "crawl-66-249-66-1.googlebot.com", "66.249.66.1"),
        (OTHER, "crawl.evil-googlebot.com", OTHER),
    ];

    #[async_trait::async_trait]
    impl Resolver for Table {
        async fn name(&self, address: IpAddr) -> io::Result<String> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if address.to_string() == SLOW {
                std::future::pending::<()>().await;
            }
            let found = NAMES.iter().find(|(of, ..)| *of == address.to_string());
            found.map(|(_, name, _)| (*name).to_owned()).ok_or_else(|| io::Error::other("no name"))
        }

        async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
            let found = NAMES.iter().find(|(_, of, _)| *of == name);
            found.map(|(.., address)| vec![address.parse().unwrap()]).ok_or_else(|| io::Error::other("no address"))
        }
    }

    /// What speaks against each as a lie, by address, looked at twice.
    async fn lies(resolver: Option<Arc<Table>>) -> (Vec<Option<f64>>, Engine) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        let clients = [TRUE, FORGED, OTHER, SILENT, SLOW];
        let lines = clients.iter().flat_map(|client| {
            (0..9).map(move |number| {
                format!(
                    "{client} - - [02/Mar/2026:09:00:{number:02} +0000] \"GET /gone/{number} HTTP/1.1\" 404 5 \"-\" \"{agent}\"\n"
                )
            })
        });
        std::fs::write(&path, lines.collect::<String>()).unwrap();
        let journal = Arc::new(Journal::open(folder.path().join("journal.db")).unwrap());
        let inputs = vec![path.display().to_string()];
        let engine = Engine {
            source: Arc::new(FileSource::open(Options { inputs, ..Options::default() }).unwrap()),
            judge: Arc::new(Offline),
            enforcer: Arc::new(Rehearsal::new(Arc::clone(&journal))),
            journal,
            settings: Arc::new(EngineSettings {
                resolver: resolver.map(|table| table as Arc<dyn Resolver>),
                ..EngineSettings::default()
            }),
            recollection: Arc::default(),
        };
        let window = Window::ending("2026-03-02T09:05:00Z".parse().unwrap(), Duration::from_secs(300));
        engine.survey(window, Scope::All).await.unwrap();
        let survey = engine.survey(window, Scope::All).await.unwrap();
        let lie = |client: &&str| {
            let of = survey.clients.iter().find(|one| one.stats.client.to_string() == **client)?;
            let parts = &of.score.as_ref()?.parts;
            parts.iter().find(|part| part.detector.starts_with("crawler:")).map(|part| part.weight)
        };
        (clients.iter().map(lie).collect(), engine)
    }

    #[tokio::test]
    async fn a_name_that_leads_back_proves_a_crawler_and_one_that_does_not_refutes_it() {
        let (before, _) = lies(None).await;
        assert_eq!(before, [Some(5.2); 5], "by its networks alone");
        let table = Arc::new(Table::default());
        let (after, engine) = lies(Some(Arc::clone(&table))).await;
        assert_eq!(after, [None, Some(5.2), Some(5.2), Some(5.2), Some(5.2)]);
        assert_eq!(table.asked.load(Ordering::Relaxed), 5, "the second look asks nobody again");
        let proof = |client: &str| engine.proof_of(client.parse().unwrap()).map(|proof| proof.is_true);
        let proofs = [TRUE, FORGED, OTHER, SILENT, SLOW].map(proof);
        assert_eq!(proofs, [Some(true), Some(false), Some(false), None, None]);
    }
}
