//! The line formats, one a file. A format turns the bytes of one line into named values and a time, borrowing from
//! the line where it can; it does no I/O and reads no clock.

use std::fmt;
use std::str::FromStr;

/// A line format, as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// nginx's and Apache's access logs: common, combined, with a virtual host in front, with X-Forwarded-For or the
    /// request time behind.
    Access,
    /// One JSON object a line.
    Json,
    /// `key=value key="quoted value"`.
    Logfmt,
    /// RFC 3164 and RFC 5424.
    Syslog,
    /// Anything: the line is the message.
    Plain,
}

impl Kind {
    /// All of them, in the order in which detection prefers them.
    pub const ALL: [Self; 5] = [Self::Json, Self::Access, Self::Syslog, Self::Logfmt, Self::Plain];

    /// The name on the command line, in the settings and in the status.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Json => "json",
            Self::Logfmt => "logfmt",
            Self::Syslog => "syslog",
            Self::Plain => "plain",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// No format has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no log format is called `{0}`; there are access, json, logfmt, syslog and plain")]
pub struct UnknownFormat(pub String);
