//! Where the LAPI is and who we are there. The credentials file that cscli writes is read, never written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use crate::enforce::EnforceError;
use crate::net::{Address, ClientOptions, Tls};

/// A credentials file is small; anything larger is something else.
const LARGEST_FILE: u64 = 64 * 1024;

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct Options {
    /// The LAPI's URL, `http://127.0.0.1:8080` by default.
    pub url: String,
    /// The machine's name.
    pub machine: String,
    /// Its password.
    pub password: SecretString,
    /// PEM file with the only CAs to believe for `https`; without it the system's.
    pub ca: Option<PathBuf>,
    /// The longest wait for one answer.
    pub timeout: Duration,
    /// The first pause after a 429, 503 or 504; it doubles with each further try.
    pub pause: Duration,
}

/// The YAML that `cscli machines add --file` writes. CrowdSec's own client knows further keys: they are let pass.
#[derive(Deserialize)]
struct File {
    url: Option<String>,
    login: Option<String>,
    password: Option<String>,
    ca_cert_path: Option<PathBuf>,
}

impl Options {
    /// Options with the default limits: 10 s for an answer, pauses from half a second on.
    pub fn new(url: impl Into<String>, machine: impl Into<String>, password: SecretString) -> Self {
        Self {
            url: url.into(),
            machine: machine.into(),
            password,
            ca: None,
            timeout: Duration::from_secs(10),
            pause: Duration::from_millis(500),
        }
    }

    /// Reads the credentials that cscli wrote: `url`, `login`, `password` and, where there is one, `ca_cert_path`.
    ///
    /// # Errors
    /// [`EnforceError::NoCredentials`] with the file and what is wrong with it. No error quotes the file.
    pub fn from_credentials_file(path: impl AsRef<Path>) -> Result<Self, EnforceError> {
        let path = path.as_ref();
        let wrong = |cause: &str| EnforceError::NoCredentials { message: format!("{}: {cause}", path.display()) };
        let metadata = std::fs::metadata(path).map_err(|error| wrong(&error.to_string()))?;
        if !metadata.is_file() || metadata.len() > LARGEST_FILE {
            return Err(wrong("it is not a credentials file"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
        Self::from_yaml(&text).map_err(|cause| wrong(&cause))
    }

    fn from_yaml(text: &str) -> Result<Self, String> {
        // The parser's own message shows the lines around the error, the password among them.
        let file: File = serde_saphyr::from_str(text).map_err(|error| match error.location() {
            Some(at) => format!("line {}: it is not the YAML that cscli writes", at.line()),
            None => "it is not the YAML that cscli writes".to_owned(),
        })?;
        let given = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
        let url = given(file.url).ok_or("it has no url")?;
        let machine = given(file.login).ok_or("it has no login")?;
        let password = given(file.password).ok_or("it has no password")?;
        let ca = file.ca_cert_path.filter(|path| !path.as_os_str().is_empty());
        Ok(Self { ca, ..Self::new(url, machine, SecretString::from(password)) })
    }

    /// The address and what the HTTP client is made from.
    pub(super) fn client_options(&self) -> Result<ClientOptions, EnforceError> {
        let address = Address::parse(&self.url).map_err(unusable)?;
        let tls = Tls { ca_file: self.ca.clone(), ..Tls::default() };
        Ok(ClientOptions {
            tls,
            connect_timeout: self.timeout.min(Duration::from_secs(5)),
            ..ClientOptions::new(address)
        })
    }
}

/// A URL or certificate that cannot be used is a matter of the settings, as missing credentials are.
pub(super) fn unusable(error: crate::net::NetError) -> EnforceError {
    EnforceError::NoCredentials { message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_file_that_cscli_writes_is_understood() {
        let options =
            Options::from_yaml("url: http://127.0.0.1:8080\nlogin: gatewatch\npassword: \"p: #ss\"\n").unwrap();
        assert_eq!((options.url.as_str(), options.machine.as_str()), ("http://127.0.0.1:8080", "gatewatch"));
        assert_eq!(options.password.expose_secret(), "p: #ss");
        assert!(!format!("{options:?}").contains("#ss"), "the password shows nowhere");
        let numeric =
            Options::from_yaml("url: x\nlogin: 12\npassword: 0123\nca_cert_path: /etc/ca.pem\nkey_path: k\n").unwrap();
        assert_eq!((numeric.machine.as_str(), numeric.password.expose_secret()), ("12", "0123"));
        assert_eq!(numeric.ca, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapi.yaml");
        let message = |text: Option<&str>| {
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            Options::from_credentials_file(&path).unwrap_err().to_string()
        };
        assert!(message(None).contains("No such file"));
        for (text, said) in [
            ("", "it has no url"),
            ("url: http://127.0.0.1:8080\nlogin: gatewatch\n", "it has no password"),
            ("url: http://127.0.0.1:8080\npassword: hunter2\n", "it has no login"),
            ("url: u\nlogin: [a\npassword: hunter2\n", "it is not the YAML that cscli writes"),
            ("url: u\nlogin: g\npassword: hunter2: x\n", "it is not the YAML that cscli writes"),
            ("- hunter2", "it is not the YAML that cscli writes"),
        ] {
            let message = message(Some(text));
            assert!(message.contains(said) && message.contains("lapi.yaml"), "{text:?}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
            assert!(message.contains("cscli machines add"), "{message}");
        }
        assert!(Options::from_credentials_file(folder.path()).is_err());
    }
}
