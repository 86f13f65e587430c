//! A real VictoriaLogs on loopback with a folder of its own, killed when dropped.
//!
//! `GATEWATCH_TEST_VICTORIALOGS` names the binary. Without it [`Server::start`] says so on standard error, past the
//! test harness's capture, and gives `None`.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use gatewatch::logs::Row;
use gatewatch::logs::victorialogs::{Options, VictoriaLogs};
use gatewatch::net::Address;
use tempfile::TempDir;

/// A running server.
pub struct Server {
    _folder: TempDir,
    port: u16,
    child: Child,
}

impl Server {
    /// Starts one without rows; `None` where there is no VictoriaLogs to be tested with.
    ///
    /// Panics where it is there and does not start: a test that could run has to.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with more arguments.
    pub fn start_with(arguments: &[&str]) -> Option<Self> {
        let Some(binary) = std::env::var_os("GATEWATCH_TEST_VICTORIALOGS") else {
            // Not eprintln!: the test harness would swallow it.
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            let _ = writeln!(
                std::io::stderr(),
                "\n*** SKIPPED {test}: no VictoriaLogs here. Name its binary in GATEWATCH_TEST_VICTORIALOGS. ***"
            );
            return None;
        };
        // Another process may take the port between the look and the start.
        (0..5).find_map(|_| Self::launch(&binary, arguments)).or_else(|| panic!("{binary:?} does not start"))
    }

    fn launch(binary: &OsString, arguments: &[&str]) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut child = Command::new(binary)
            .arg(format!("-storageDataPath={}", folder.path().display()))
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .arg("-retentionPeriod=100y")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let started = log.by_ref().map_while(Result::ok).any(|line| line.contains("started server at http"));
        // Somebody has to read on, or the server blocks when the pipe is full.
        std::thread::spawn(move || log.map_while(Result::ok).for_each(drop));
        let server = Self { _folder: folder, port, child };
        started.then_some(server)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Options to reach it with.
    pub fn options(&self) -> Options {
        Options::new(Address::parse(&self.url()).unwrap())
    }

    /// The source over it.
    pub fn source(&self) -> VictoriaLogs {
        VictoriaLogs::new(&self.options()).unwrap()
    }

    /// Stores rows as they are (each needs a `_time`) in one stream and makes them visible to queries.
    pub async fn insert(&self, rows: &[Row]) {
        let body: String = rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
        self.insert_lines(body).await;
    }

    /// Stores JSON lines.
    pub async fn insert_lines(&self, body: impl Into<reqwest::Body>) {
        let client = reqwest_client(&self.options());
        let answer = client.post(format!("{}/insert/jsonline", self.url())).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        client.get(format!("{}/internal/force_flush", self.url())).send().await.unwrap();
    }
}

/// A client without proxies.
fn reqwest_client(options: &Options) -> reqwest::Client {
    gatewatch::net::client(&gatewatch::net::ClientOptions::new(options.address.clone())).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
