//! Which of a source's fields play the parts that detection needs. Access logs of different programs name the same
//! thing differently; generated queries use the names that are really there.

use serde::{Deserialize, Serialize};

/// The field that plays each part; `None` where the source has none. The canonical names are this struct's own field
/// names, which is what parsed access-log lines carry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldMap {
    /// The client's address where the source itself has worked it out, trusted proxies taken into account; it then
    /// wins over `remote_addr` and `forwarded_for`.
    pub client: Option<String>,
    /// The peer's address.
    pub remote_addr: Option<String>,
    /// X-Forwarded-For as sent.
    pub forwarded_for: Option<String>,
    /// The request method.
    pub method: Option<String>,
    /// The request target as sent, query string included.
    pub uri: Option<String>,
    /// The target without the query string. A `path` that does hold the query string is mapped as `uri` instead.
    pub path: Option<String>,
    /// The query string.
    pub query: Option<String>,
    /// The whole request line (`GET /x HTTP/1.1`), where a log has nothing finer.
    pub request: Option<String>,
    /// The response status code.
    pub status: Option<String>,
    /// Bytes sent.
    pub bytes: Option<String>,
    /// Time taken, in seconds unless the value carries a unit.
    pub duration: Option<String>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// The referer.
    pub referer: Option<String>,
    /// The virtual host.
    pub host: Option<String>,
}

impl FieldMap {
    /// Every part of a request line under its canonical name: what the file formats give.
    pub fn canonical() -> Self {
        let own = |name: &str| Some(name.to_owned());
        Self {
            client: None,
            remote_addr: own("remote_addr"),
            forwarded_for: own("forwarded_for"),
            method: own("method"),
            uri: own("uri"),
            path: own("path"),
            query: own("query"),
            request: None,
            status: own("status"),
            bytes: own("bytes"),
            duration: own("duration"),
            user_agent: own("user_agent"),
            referer: own("referer"),
            host: own("host"),
        }
    }
}
