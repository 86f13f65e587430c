//! One way to make an HTTP client, shared by the VictoriaLogs source, the CrowdSec enforcer and the Ollama judge: TLS
//! through rustls with ring, the system's certificates or an own CA, a client certificate, proxies from the
//! environment but never for loopback, no redirects, no secrets in what is said about it.
//!
//! How to use it:
//!
//! ```no_run
//! # fn main() -> Result<(), gatewatch::net::NetError> {
//! use gatewatch::net;
//! let address = net::Address::parse("https://user:secret@logs.example:9428/prefix")?;
//! let client = net::client(&net::ClientOptions::new(address.clone()))?;
//! let url = address.join("select/logsql/query");      // https://logs.example:9428/prefix/select/logsql/query
//! let label = address.label();                          // what may be shown and logged: no user, no password
//! # drop((client, url, label)); Ok(())
//! # }
//! ```
//!
//! The client has no total time limit (answers are streamed): set one per request, or wrap the future. On a failed
//! request say [`cause`] of the error, never the error itself: that holds the URL.
//! This module sends nothing by itself.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Identity, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use crate::text::{Lang, Say, escape};

pub(crate) mod said;

/// The `User-Agent` of every request. CrowdSec's login takes it only with exactly one slash.
pub const USER_AGENT: &str = concat!("gatewatch/", env!("CARGO_PKG_VERSION"));

/// How long to wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a client cannot be made. Nothing was sent yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum NetError {
    /// The URL is none, or not one of a web server.
    BadUrl {
        /// The URL as given, user and password taken out.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A certificate or key file cannot be used.
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A header's name or value cannot be sent.
    BadHeader {
        /// The header's name.
        name: String,
    },
    /// The TLS library refused the combination, or the system has no certificates.
    Tls {
        /// The cause in the library's words.
        cause: String,
    },
}

impl Say for NetError {
    fn say(&self, lang: Lang) -> String {
        let clean = |text: &str| escape::visible(text).into_owned();
        match self {
            Self::BadUrl { url, cause } => say::bad_url(lang, &clean(url), &clean(cause)),
            Self::BadFile { path, cause } => say::bad_file(lang, &clean(&path.display().to_string()), &clean(cause)),
            Self::BadHeader { name } => say::bad_header(lang, &clean(name)),
            Self::Tls { cause } => say::tls(lang, &clean(cause)),
        }
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        bad_url(url: &str, cause: &str) {
            en: "`{url}` is not a usable URL: {cause}. Write it like http://127.0.0.1:9428 or https://logs.example.",
            ko: "`{url}` 사용할 수 없는 URL: {cause}. http://127.0.0.1:9428 또는 https://logs.example 형식으로 쓰세요.",
        }
        bad_file(path: &str, cause: &str) {
            en: "the certificate or key in {path} cannot be used: {cause}. It must be a readable PEM file.",
            ko: "{path} 인증서 또는 키를 사용할 수 없음: {cause}. 읽을 수 있는 PEM 파일이어야 합니다.",
        }
        bad_header(name: &str) {
            en: "the header `{name}` cannot be sent: its name or value holds characters that HTTP does not allow",
            ko: "헤더 `{name}` 보낼 수 없음: 이름이나 값에 HTTP가 허용하지 않는 문자가 있습니다",
        }
        tls(cause: &str) {
            en: "TLS cannot be set up: {cause}. Install the system's CA certificates or name an own CA file.",
            ko: "TLS를 준비할 수 없음: {cause}. 시스템 CA 인증서를 설치하거나 CA 파일을 지정하세요.",
        }
    }
}

/// Where a server is, with the user and password that stood in its URL kept apart.
#[derive(Clone)]
pub struct Address {
    url: Url,
    user: Option<(String, SecretString)>,
}

impl Address {
    /// Reads a URL as a person writes it: without a scheme it is `http://`; a path is kept as a prefix; user and
    /// password are taken out; query and fragment are dropped.
    pub fn parse(text: &str) -> Result<Self, NetError> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let bad = |cause: &str| NetError::BadUrl { url: hide_user(text), cause: cause.to_owned() };
        let mut url = Url::parse(&full).map_err(|error| bad(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("only http and https are spoken here"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host"));
        }
        let user = (!url.username().is_empty() || url.password().is_some())
            .then(|| (decoded(url.username()), SecretString::from(decoded(url.password().unwrap_or_default()))));
        // Both fail only for URLs without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self { url, user })
    }

    /// The URL of a path below the address. The path holds no query.
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{}", self.url.path(), path.trim_start_matches('/')));
        url
    }

    /// What may be shown: the URL without user, password and trailing slash.
    pub fn label(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// The host as written, IPv6 without brackets.
    pub fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
    }

    /// User and password that stood in the URL.
    pub fn user(&self) -> Option<&(String, SecretString)> {
        self.user.as_ref()
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is this machine: `localhost`, `*.localhost`, 127.0.0.0/8, `::1`.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
            None => false,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.label()).finish()
    }
}

/// Percent-decodes a user or password.
fn decoded(text: &str) -> String {
    let pair = format!("={text}").replace('+', "%2B");
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// A URL that could not be parsed, without what stands before its last `@`.
fn hide_user(text: &str) -> String {
    text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, rest)| format!("…@{rest}"))
}

/// TLS beyond the system's defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// PEM file with the only CAs to believe; without it the system's.
    pub ca_file: Option<PathBuf>,
    /// PEM file with our own certificate and its chain.
    pub client_certificate: Option<PathBuf>,
    /// PEM file with the key of that certificate; without it the key stands in the same file.
    pub client_key: Option<PathBuf>,
}

/// What a client is made from.
#[derive(Clone)]
pub struct ClientOptions {
    /// The one server it will talk to.
    pub address: Address,
    /// TLS beyond the defaults.
    pub tls: Tls,
    /// Headers of every request; make them with [`headers`].
    pub headers: HeaderMap,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
}

impl ClientOptions {
    /// A plain client for a server.
    pub fn new(address: Address) -> Self {
        Self { address, tls: Tls::default(), headers: HeaderMap::new(), connect_timeout: CONNECT_TIMEOUT }
    }
}

/// Headers from names and secret values. All are marked sensitive: they show in no debug output.
pub fn headers<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a SecretString)>) -> Result<HeaderMap, NetError> {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let bad = || NetError::BadHeader { name: name.to_owned() };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| bad())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    Ok(map)
}

/// Makes the client. Certificates are read only for `https`, so that a machine without any can talk to loopback.
pub fn client(options: &ClientOptions) -> Result<Client, NetError> {
    install_crypto();
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(options.headers.clone())
        .connect_timeout(options.connect_timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .tls_backend_rustls();
    if options.address.is_loopback() {
        // Compression costs more than the loopback device, and a proxy of the environment is never meant for it.
        builder = builder.no_proxy().gzip(false);
    }
    builder = match &options.tls.ca_file {
        _ if !options.address.is_https() => builder.tls_certs_only([]),
        Some(path) => builder.tls_certs_only(certificates(path)?),
        None => builder,
    };
    if let Some(path) = options.tls.client_certificate.as_deref().filter(|_| options.address.is_https()) {
        builder = builder.identity(identity(path, options.tls.client_key.as_deref())?);
    }
    builder.build().map_err(|error| NetError::Tls { cause: cause(&error) })
}

/// The innermost cause of a failed request: says what went wrong without the URL, which may hold secrets.
pub fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match innermost.downcast_ref::<reqwest::Error>() {
        // A reqwest error without a source still prints its URL.
        Some(error) if error.is_timeout() => "timed out".to_owned(),
        Some(error) if error.url().is_some() => "the request failed".to_owned(),
        _ => innermost.to_string(),
    }
}

/// ring becomes the process's provider; where the program has installed another before, that one stays.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, NetError> {
    let bad = |cause: String| NetError::BadFile { path: path.to_owned(), cause };
    let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| bad(cause(&error)))?;
    if found.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    Ok(found)
}

fn identity(certificate: &Path, key: Option<&Path>) -> Result<Identity, NetError> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| NetError::BadFile { path: path.to_owned(), cause: error.to_string() })
    };
    let mut pem = read(certificate)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    Identity::from_pem(&pem)
        .map_err(|error| NetError::BadFile { path: key.unwrap_or(certificate).to_owned(), cause: cause(&error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_as_people_write_them() {
        for (given, label, host, loopback) in [
            ("127.0.0.1:9428", "http://127.0.0.1:9428", "127.0.0.1", true),
            ("http://localhost:9428/", "http://localhost:9428", "localhost", true),
            ("https://[::1]:9428/logs", "https://[::1]:9428/logs", "::1", true),
            ("https://u:p%40ss@logs.example/a/?q=1#x", "https://logs.example/a", "logs.example", false),
            ("logs.example", "http://logs.example", "logs.example", false),
        ] {
            let address = Address::parse(given).unwrap();
            assert_eq!(address.label(), label);
            assert_eq!(address.host(), host);
            assert_eq!(address.is_loopback(), loopback, "{given}");
        }
        let address = Address::parse("https://u%20x:p%40s+s@logs.example/a").unwrap();
        let (user, password) = address.user().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("u x", "p@s+s"));
        assert_eq!(address.join("/select/x").as_str(), "https://logs.example/a/select/x");
        assert!(!format!("{address:?}").contains("p%40s"));
    }

    #[test]
    fn urls_that_are_none_say_so_without_the_password() {
        for given in ["ftp://u:hunter2@x/", "http://u:hunter2@", "http://u:hunter2@[::1/", ""] {
            let error = Address::parse(given).unwrap_err();
            assert!(matches!(error, NetError::BadUrl { .. }), "{given}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn header_values_are_hidden_and_checked() {
        let secret = SecretString::from("Bearer hunter2");
        let map = headers([("Authorization", &secret)]).unwrap();
        assert!(!format!("{map:?}").contains("hunter2"));
        let bad = SecretString::from("a\r\nX-Evil: 1");
        assert_eq!(headers([("X-A", &bad)]), Err(NetError::BadHeader { name: "X-A".into() }));
    }

    #[test]
    fn plain_http_needs_no_certificates_and_bad_files_are_named() {
        let local = ClientOptions::new(Address::parse("127.0.0.1:1").unwrap());
        assert!(client(&local).is_ok());
        let mut options = ClientOptions::new(Address::parse("https://127.0.0.1:1").unwrap());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        options.tls.ca_file = Some(path.clone());
        assert!(matches!(client(&options), Err(NetError::BadFile { path: named, .. }) if named == path));
        std::fs::write(&path, "nothing").unwrap();
        assert!(matches!(client(&options), Err(NetError::BadFile { .. })));
    }

    #[tokio::test]
    async fn a_failed_request_is_told_without_its_url() {
        let address = Address::parse("http://127.0.0.1:1").unwrap();
        let client = client(&ClientOptions::new(address.clone())).unwrap();
        let mut url = address.join("x");
        url.set_query(Some("token=hunter2"));
        let error = client.get(url).send().await.unwrap_err();
        let said = cause(&error);
        assert!(said.contains("refused"), "{said}");
        assert!(!said.contains("hunter2"));
    }
}
