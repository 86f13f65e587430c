//! Names and addresses by this host's resolver, behind a trait, so that nothing else needs a network to be tested. It
//! asks only what it is asked, keeps nothing, and is not asked at all unless the settings say so.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;

/// At most so many lookups block a thread at once; the others wait.
const AT_ONCE: usize = 16;

/// Who knows names and addresses.
#[async_trait::async_trait]
pub trait Resolver: std::fmt::Debug + Send + Sync {
    /// The name of an address: a stranger's text.
    ///
    /// # Errors
    /// Where it has none, or nobody answers.
    async fn name(&self, address: IpAddr) -> io::Result<String>;

    /// The addresses of a name.
    ///
    /// # Errors
    /// Where it has none, or nobody answers.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug)]
pub struct System {
    permits: Arc<Semaphore>,
}

impl Default for System {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

#[async_trait::async_trait]
impl Resolver for System {
    async fn name(&self, address: IpAddr) -> io::Result<String> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(io::Error::other)?;
        let lookup = tokio::task::spawn_blocking(move || {
            // Held until the lookup itself ends, which whoever asked may not have waited for.
            let _permit = permit;
            dns_lookup::lookup_addr(&address).map_err(io::Error::from)
        });
        lookup.await.map_err(io::Error::other)?
    }

    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let _permit = self.permits.acquire().await.map_err(io::Error::other)?;
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|socket| socket.ip()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_host_knows_itself() {
        let system = System::default();
        assert!(system.addresses("localhost").await.unwrap().iter().any(IpAddr::is_loopback));
        let name = system.name(std::net::Ipv4Addr::LOCALHOST.into()).await;
        assert!(name.is_err() || name.is_ok_and(|name| !name.is_empty()));
    }
}
