//! How a server is reached: address, credentials, tenant, TLS, limits.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::logs::FieldMap;
use crate::net::{self, Address, ClientOptions, NetError, Tls};

/// The server's default address on this host.
pub const DEFAULT_URL: &str = "http://127.0.0.1:9428";

/// How a request proves who it is.
#[derive(Clone, Default)]
pub enum Auth {
    /// Not at all, or with the user and password that stand in the URL.
    #[default]
    None,
    /// Basic authentication.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A bearer token.
    Bearer(SecretString),
}

/// How a VictoriaLogs server is reached and what is asked of it.
#[derive(Clone)]
pub struct Options {
    /// Where it is.
    pub address: Address,
    /// Credentials; they win over those of the URL.
    pub auth: Auth,
    /// Further headers, such as a proxy in front asks for.
    pub headers: Vec<(String, SecretString)>,
    /// The tenant: header `AccountID`.
    pub account_id: Option<u32>,
    /// The tenant: header `ProjectID`.
    pub project_id: Option<u32>,
    /// TLS beyond the defaults.
    pub tls: Tls,
    /// A query that names no limit of its own is given up after this long.
    pub timeout: Duration,
    /// The filter that picks request rows, for the look at field names.
    pub base_filter: String,
    /// Names that the operator gave to parts; an empty map leaves all to recognition.
    pub fields: FieldMap,
}

impl Options {
    /// A server with nothing special about it.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            auth: Auth::None,
            headers: Vec::new(),
            account_id: None,
            project_id: None,
            tls: Tls::default(),
            timeout: Duration::from_secs(30),
            base_filter: "*".to_owned(),
            fields: FieldMap::default(),
        }
    }

    /// The tenant as the server writes it, `AccountID:ProjectID`, where it is not `0:0`. A header that is set by its
    /// name counts too.
    pub(super) fn tenant(&self) -> Option<String> {
        let id = |name: &str, given: Option<u32>| {
            let header = self.headers.iter().rfind(|(header, _)| header.eq_ignore_ascii_case(name));
            let header = header.and_then(|(_, value)| value.expose_secret().trim().parse::<u32>().ok());
            header.or(given).unwrap_or(0)
        };
        let (account, project) = (id("AccountID", self.account_id), id("ProjectID", self.project_id));
        (account != 0 || project != 0).then(|| format!("{account}:{project}"))
    }

    /// The HTTP client for these options.
    pub(super) fn client(&self) -> Result<reqwest::Client, NetError> {
        let mut pairs: Vec<(&str, SecretString)> = Vec::new();
        match (&self.auth, self.address.user()) {
            (Auth::Basic { user, password }, _) => pairs.push(("Authorization", basic(user, password))),
            (Auth::Bearer(token), _) => {
                pairs.push(("Authorization", SecretString::from(format!("Bearer {}", token.expose_secret()))));
            }
            (Auth::None, Some((user, password))) => pairs.push(("Authorization", basic(user, password))),
            (Auth::None, None) => {}
        }
        for (name, id) in [("AccountID", self.account_id), ("ProjectID", self.project_id)] {
            pairs.extend(id.map(|id| (name, SecretString::from(id.to_string()))));
        }
        pairs.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let headers = net::headers(pairs.iter().map(|(name, value)| (*name, value)))?;
        net::client(&ClientOptions { headers, tls: self.tls.clone(), ..ClientOptions::new(self.address.clone()) })
    }
}

fn basic(user: &str, password: &SecretString) -> SecretString {
    SecretString::from(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose_secret()))))
}

/// Says nothing secret: neither credentials nor header values.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let auth = match self.auth {
            Auth::None if self.address.user().is_some() => "basic (from the URL)",
            Auth::None => "none",
            Auth::Basic { .. } => "basic",
            Auth::Bearer(_) => "bearer",
        };
        f.debug_struct("Options")
            .field("address", &self.address)
            .field("auth", &auth)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("account_id", &self.account_id)
            .field("project_id", &self.project_id)
            .field("tls", &self.tls)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
