//! A real CrowdSec LAPI on loopback: a folder of its own, SQLite, no agent, no internet. Killed when dropped.
//!
//! `GATEWATCH_TEST_CROWDSEC` names the folder that Debian's package was unpacked in (`tests/run.sh` does that);
//! without it the place where `tests/run.sh` puts it is tried. Where there is none, [`Server::start`] says so on
//! standard error, past the test harness's capture, and gives `None`.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gatewatch::enforce::crowdsec::{Client, Options};
use secrecy::SecretString;
use tempfile::TempDir;

/// The machine that [`Server::client`] logs in as.
pub const MACHINE: &str = "gatewatch-test";

/// Its password.
pub const PASSWORD: &str = "a password: with 'marks'";

/// How long a server may take to answer. It takes a third of a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running LAPI.
pub struct Server {
    folder: TempDir,
    package: PathBuf,
    port: u16,
    child: Option<Child>,
    tls: bool,
}

impl Server {
    /// Starts one with a machine and no decisions; `None` where CrowdSec is not there to be tested with.
    ///
    /// Panics where it is there and does not start: a test that could run has to.
    pub fn start() -> Option<Self> {
        Self::start_over(false)
    }

    /// The same over TLS, for `localhost`, with a certificate of a CA of its own: see [`Server::ca`].
    pub fn start_with_tls() -> Option<Self> {
        Self::start_over(true)
    }

    fn start_over(tls: bool) -> Option<Self> {
        let package = package()?;
        let mut server = Self { folder: TempDir::new().unwrap(), package, port: 0, child: None, tls };
        server.lay_out();
        server.launch();
        // The machine of the server's own settings, as which cscli asks.
        server.add_machine("own", PASSWORD);
        server.add_machine(MACHINE, PASSWORD);
        ran();
        Some(server)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        if self.tls { format!("https://localhost:{}", self.port) } else { format!("http://127.0.0.1:{}", self.port) }
    }

    /// The certificate of the CA that vouches for it.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Options to log in with, with short pauses.
    pub fn options(&self) -> Options {
        Options { pause: Duration::from_millis(5), ..Options::new(self.url(), MACHINE, SecretString::from(PASSWORD)) }
    }

    /// A client that is let in.
    pub fn client(&self) -> Client {
        Client::new(&self.options()).unwrap()
    }

    /// The file that cscli wrote for the machine.
    pub fn credentials_file(&self) -> PathBuf {
        self.folder.path().join(format!("{MACHINE}.yaml"))
    }

    /// Adds a machine, with the file that cscli writes.
    pub fn add_machine(&self, name: &str, password: &str) {
        let file = self.folder.path().join(format!("{name}.yaml"));
        let file = file.to_str().unwrap();
        self.cscli(&["machines", "add", name, "--password", password, "--url", &self.url(), "--file", file]);
    }

    /// Adds a bouncer and gives its key.
    pub fn add_bouncer(&self, name: &str) -> String {
        self.cscli(&["bouncers", "add", name, "-o", "raw"]).trim().to_owned()
    }

    /// Runs cscli and gives its output; panics where it fails.
    pub fn cscli(&self, arguments: &[&str]) -> String {
        let output = self.command("cscli").args(arguments).stdin(Stdio::null()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cscli {arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What `cscli decisions list` shows: every decision, newest first.
    pub fn decisions(&self) -> Vec<serde_json::Value> {
        let alerts: Option<Vec<serde_json::Value>> =
            serde_json::from_str(&self.cscli(&["decisions", "list", "-o", "json"])).unwrap();
        let decisions = |alert: serde_json::Value| alert["decisions"].as_array().cloned().unwrap_or_default();
        alerts.unwrap_or_default().into_iter().flat_map(decisions).collect()
    }

    /// Stops it, as `systemctl stop` does.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Its pid belongs to a child that was not waited for yet.
            let pid = child.id().to_string();
            let told = Command::new("kill").args(["-TERM", &pid]).status().is_ok_and(|status| status.success());
            if !told || !ends_within(&mut child, Duration::from_secs(10)) {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }

    /// Starts it again at the same address, with the same decisions and another key for its tokens.
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "it still runs");
        self.run().unwrap();
    }

    fn lay_out(&self) {
        let at = |name: &str| self.folder.path().join(name);
        for name in ["data", "hub", "patterns"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("hub/.index.json"), "{}").unwrap();
        for name in ["profiles.yaml", "simulation.yaml"] {
            fs::copy(self.package.join("etc/crowdsec").join(name), at(name)).unwrap();
        }
        if self.tls {
            write_certificates(self.folder.path());
        }
    }

    fn write_settings(&self) {
        let folder = self.folder.path().display();
        let port = self.port;
        let tls = match self.tls {
            true => format!(", tls: {{cert_file: {folder}/server.pem, key_file: {folder}/server.key}}"),
            false => String::new(),
        };
        // cscli is not what is tested here.
        let insecure = self.tls;
        let settings = format!(
            "common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: {folder}}}\n\
             config_paths:\n  config_dir: {folder}\n  data_dir: {folder}/data\n  hub_dir: {folder}/hub\n  \
               index_path: {folder}/hub/.index.json\n  simulation_path: {folder}/simulation.yaml\n\
             db_config: {{type: sqlite, db_path: {folder}/data/crowdsec.db, use_wal: true, log_level: warning}}\n\
             api:\n  client: {{credentials_path: {folder}/own.yaml, insecure_skip_verify: {insecure}}}\n  \
               server: {{listen_uri: '127.0.0.1:{port}', profiles_path: {folder}/profiles.yaml, log_level: info{tls}}}\n\
             prometheus: {{enabled: false}}\n"
        );
        fs::write(self.folder.path().join("config.yaml"), settings).unwrap();
    }

    /// Starts at a free port. Another process may take that port first: then at another.
    fn launch(&mut self) {
        let mut failure = String::new();
        for _ in 0..5 {
            self.port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            self.write_settings();
            match self.run() {
                Ok(()) => return,
                Err(error) => failure = error,
            }
        }
        panic!("CrowdSec does not start: {failure}");
    }

    fn run(&mut self) -> Result<(), String> {
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = self.command("crowdsec");
        command.arg("-no-cs").stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if child.try_wait().unwrap().is_some() {
                return Err(fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
            }
            if is_healthy(self.port, self.tls) {
                self.child = Some(child);
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(format!("no answer within {} s", PATIENCE.as_secs()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.package.join("usr/bin").join(program));
        command.arg("-c").arg(self.folder.path().join("config.yaml")).current_dir(self.folder.path());
        // Debian's program is linked with SQLite; a copy lies beside it where the system has none.
        let libraries: Vec<PathBuf> = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
            .iter()
            .map(|triple| self.package.join("usr/lib").join(triple))
            .filter(|folder| folder.is_dir())
            .collect();
        command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The folder with the unpacked package.
fn package() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GATEWATCH_TEST_CROWDSEC") {
        let named = PathBuf::from(named);
        assert!(
            named.join("usr/bin/crowdsec").is_file(),
            "GATEWATCH_TEST_CROWDSEC: no CrowdSec in {}",
            named.display()
        );
        return Some(named);
    }
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-servers/crowdsec");
    if usual.join("usr/bin/crowdsec").is_file() {
        return Some(usual);
    }
    // Not eprintln!: the test harness would swallow it. In one piece, because other tests say the same.
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let said =
        format!("\n*** SKIPPED {test}: CrowdSec's server is not here. Run tests/run.sh, which unpacks it. ***\n");
    let _ = std::io::stderr().write_all(said.as_bytes());
    None
}

/// A CA, and a server's certificate for `localhost` that it signed.
fn write_certificates(folder: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    fs::write(folder.join("ca.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

/// Leaves the name of the test for `tests/run.sh`, which checks that none was skipped.
fn ran() {
    if let Some(path) = std::env::var_os("GATEWATCH_TEST_MARKER") {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "{}", std::thread::current().name().unwrap_or_default()).unwrap();
    }
}

/// Whether it answers; over TLS, whether it listens, which is the last thing it sets up.
fn is_healthy(port: u16, tls: bool) -> bool {
    use std::io::Read as _;
    let Ok(mut stream) = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    if tls {
        return true;
    }
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let asked = stream.write_all(b"GET /health HTTP/1.0\r\n\r\n");
    let mut answer = String::new();
    asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.0 200")
}

fn ends_within(child: &mut Child, patience: Duration) -> bool {
    let began = Instant::now();
    while began.elapsed() < patience {
        if child.try_wait().is_ok_and(|status| status.is_some()) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
