//! A way to a server that can be cut: it passes everything on, and swallows the answer to a chosen request.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A running proxy; it ends with the test's runtime.
pub struct Proxy {
    address: SocketAddr,
    swallow: Arc<Mutex<Option<&'static str>>>,
}

impl Proxy {
    /// Starts one before `http://127.0.0.1:PORT`.
    pub async fn before(url: &str) -> Self {
        let server: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let swallow = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&swallow);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, server, Arc::clone(&shared)));
            }
        });
        Self { address, swallow }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, once: the request that begins so reaches the server, and its answer is lost.
    pub fn swallow_answer_to(&self, begin: &'static str) {
        *self.swallow.lock().unwrap() = Some(begin);
    }
}

async fn pass_on(mut client: TcpStream, server: SocketAddr, swallow: Arc<Mutex<Option<&'static str>>>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut cut = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(length @ 1..) => {
                    let text = &asked[..length];
                    cut |= swallow.lock().unwrap().take_if(|begin| text.starts_with(begin.as_bytes())).is_some();
                    if server.write_all(text).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut answered) => match read {
                // The answer is here, so the server has done what it was asked; nobody hears of it.
                Ok(1..) if cut => return,
                Ok(length @ 1..) => if client.write_all(&answered[..length]).await.is_err() { return },
                _ => return,
            },
        }
    }
}
