//! How the server is reached: TLS with an own CA, a client's certificate, proxies of the environment.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use gatewatch::logs::victorialogs::{Options, VictoriaLogs};
use gatewatch::logs::{LogSource, Query, Row, SourceError, Window, collect};
use gatewatch::net::Address;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use tempfile::TempDir;

use crate::cli::Home;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/stream+json\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{\"_msg\":\"a\"}\n";

/// A CA, and files for a client.
struct Pki {
    folder: TempDir,
    ca: CertifiedIssuer<'static, KeyPair>,
}

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pki = Self { folder: TempDir::new().unwrap(), ca };
        std::fs::write(pki.file("ca.pem"), pki.ca.pem()).unwrap();
        pki
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A certificate of this CA with its key.
    fn issue(&self, names: &[&str]) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        (params.signed_by(&key, &self.ca).unwrap(), key)
    }

    /// A server that answers every request with one row; with `asks`, only to clients with a certificate of the CA.
    fn serve(&self, asks: bool) -> SocketAddr {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (certificate, key) = self.issue(&["127.0.0.1"]);
        let mut roots = RootCertStore::empty();
        roots.add(self.ca.der().clone()).unwrap();
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let builder = if asks {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = Arc::new(builder.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut tls = rustls::StreamOwned::new(connection, stream);
                // A client that is turned away, or turns away, ends its own connection only.
                if read_request(&mut tls).is_some() {
                    let _ = tls.write_all(ANSWER.as_bytes());
                    tls.conn.send_close_notify();
                    let _ = tls.flush();
                }
            }
        });
        address
    }

    fn options(&self, server: SocketAddr) -> Options {
        let mut options = Options::new(Address::parse(&format!("https://{server}")).unwrap());
        options.tls.ca_file = Some(self.file("ca.pem"));
        options
    }
}

/// Head and body of one request.
fn read_request(stream: &mut impl std::io::Read) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(text);
        }
    }
}

async fn ask(options: &Options) -> Result<Vec<Row>, SourceError> {
    let window =
        Window { start: "2026-11-21T09:00:00Z".parse().unwrap(), end: "2026-11-21T09:10:00Z".parse().unwrap() };
    let answer = collect(VictoriaLogs::new(options).unwrap().query(Query::new("*", window)).await?, 10).await;
    answer.cut.map_or(Ok(answer.rows), Err)
}

#[tokio::test]
async fn an_own_ca_is_believed_and_no_other() {
    let (ours, other) = (Pki::new(), Pki::new());
    let server = ours.serve(false);
    assert_eq!(ask(&ours.options(server)).await.unwrap()[0].get("_msg"), "a");

    let mut options = ours.options(server);
    options.tls.ca_file = Some(other.file("ca.pem"));
    let error = ask(&options).await.unwrap_err();
    assert!(matches!(&error, SourceError::Unreachable { cause, .. } if cause.contains("certificate")), "{error}");
}

#[tokio::test]
async fn a_clients_certificate_is_shown_where_it_is_asked_for() {
    let pki = Pki::new();
    let server = pki.serve(true);
    let error = ask(&pki.options(server)).await.unwrap_err();
    assert!(matches!(&error, SourceError::Unreachable { .. } | SourceError::CutOff { .. }), "{error}");

    let (certificate, key) = pki.issue(&["gatewatch"]);
    let mut options = pki.options(server);
    std::fs::write(pki.file("client.pem"), certificate.pem()).unwrap();
    std::fs::write(pki.file("client.key"), key.serialize_pem()).unwrap();
    options.tls.client_certificate = Some(pki.file("client.pem"));
    options.tls.client_key = Some(pki.file("client.key"));
    assert_eq!(ask(&options).await.unwrap().len(), 1);

    // Both in one file.
    std::fs::write(pki.file("both.pem"), certificate.pem() + &key.serialize_pem()).unwrap();
    options.tls.client_certificate = Some(pki.file("both.pem"));
    options.tls.client_key = None;
    assert_eq!(ask(&options).await.unwrap().len(), 1);
}

/// A server without TLS that answers every request with one row and tells its first line.
fn plain_server() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Some(request) = read_request(&mut stream) else { continue };
            let _ = tell.send(request.lines().next().unwrap_or_default().to_owned());
            let _ = stream.write_all(ANSWER.as_bytes());
            drain(&mut stream);
        }
    });
    (address, told)
}

fn drain(stream: &mut TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Write);
    while matches!(stream.read(&mut [0; 512]), Ok(1..)) {}
}

/// Runs a query in the program with these proxy variables; gives the exit code and what it printed.
fn query_with_proxy(url: &str, proxy: &str) -> (i32, String, String) {
    let home = Home::new();
    let mut command = home.gatewatch(&["query", "--url", url, "-o", "jsonl", "*"]);
    crate::cli::told(&command.env("http_proxy", proxy).env("HTTP_PROXY", proxy).output().unwrap())
}

#[test]
fn proxies_of_the_environment_are_used_but_never_for_loopback() {
    let (proxy, told) = plain_server();
    let (code, out, err) = query_with_proxy("http://logs.example.invalid:9428", &format!("http://{proxy}"));
    assert_eq!((code, out.trim()), (0, r#"{"_msg":"a"}"#), "{err}");
    assert!(told.recv().unwrap().starts_with("POST http://logs.example.invalid:9428/select/logsql/query "));

    let (server, told) = plain_server();
    let (code, out, err) = query_with_proxy(&format!("http://{server}"), "http://127.0.0.1:1");
    assert_eq!((code, out.trim()), (0, r#"{"_msg":"a"}"#), "{err}");
    assert!(told.recv().unwrap().starts_with("POST /select/logsql/query "));
}
