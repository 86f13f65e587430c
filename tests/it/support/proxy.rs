//! A way to a server on which something can happen at an exact step of the protocol: it passes everything on, and at a
//! chosen request does what the test asks for, before the server hears of it or once the server has answered.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The request is here; the server has not heard of it.
    Before,
    /// The server has answered; nobody has heard that.
    After,
}

/// What becomes of the connection then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It goes on as if nothing had happened.
    PassOn,
    /// It is cut: the request, or its answer, is lost.
    Cut,
}

/// Something that happens once.
struct Toll {
    begin: String,
    skip: usize,
    when: When,
    then: Then,
    act: Box<dyn FnOnce() + Send>,
}

#[derive(Default)]
struct State {
    toll: Option<Toll>,
    requests: Vec<String>,
}

/// A running proxy; it ends with the test's runtime.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Starts one before `http://127.0.0.1:PORT`.
    pub async fn before(url: &str) -> Self {
        let server: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, server, Arc::clone(&shared)));
            }
        });
        Self { address, state }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, once: the request that begins so reaches the server, and its answer is lost.
    pub fn swallow_answer_to(&self, begin: &str) {
        self.at(begin, 0, When::After, Then::Cut, || {});
    }

    /// From now on, once: at the request that begins so, after `skip` others that do, `act` is done.
    pub fn at(&self, begin: &str, skip: usize, when: When, then: Then, act: impl FnOnce() + Send + 'static) {
        let toll = Toll { begin: begin.to_owned(), skip, when, then, act: Box::new(act) };
        self.state.lock().unwrap().toll = Some(toll);
    }

    /// The first lines of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

/// Looks at what a client sent; gives the toll if this is its request.
fn take_toll(state: &Mutex<State>, sent: &[u8]) -> Option<Toll> {
    let text = String::from_utf8_lossy(sent);
    let line = text.lines().next().filter(|line| line.ends_with(" HTTP/1.1"))?;
    let mut state = state.lock().unwrap();
    state.requests.push(line.to_owned());
    let toll = state.toll.as_mut().filter(|toll| line.starts_with(&toll.begin))?;
    match toll.skip.checked_sub(1) {
        Some(left) => {
            toll.skip = left;
            None
        }
        None => state.toll.take(),
    }
}

async fn pass_on(mut client: TcpStream, server: SocketAddr, state: Arc<Mutex<State>>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut waiting = None;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let sent = &asked[..length];
                match take_toll(&state, sent) {
                    Some(toll) if toll.when == When::Before => {
                        (toll.act)();
                        if toll.then == Then::Cut { return }
                    }
                    Some(toll) => waiting = Some(toll),
                    None => {}
                }
                if server.write_all(sent).await.is_err() { return }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                // The answer is here, so the server has done what it was asked.
                if let Some(toll) = waiting.take() {
                    (toll.act)();
                    if toll.then == Then::Cut { return }
                }
                if client.write_all(&answered[..length]).await.is_err() { return }
            }
        }
    }
}
