//! The line formats, one a file. A format turns the bytes of one line into named values and a time, borrowing from
//! the line where it can; it does no I/O and reads no clock.

use std::fmt;
use std::str::FromStr;

use entry::{Entry, Field, Wanted};

pub mod access;
pub mod entry;
pub mod json;
mod line_time;
pub mod logfmt;
pub mod plain;
mod sshd;
pub mod syslog;
pub mod text;
pub mod time;

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

/// A file's format, settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Access lines of one layout.
    Access(access::Layout),
    /// JSON objects.
    Json,
    /// Pairs.
    Logfmt,
    /// Syslog; the layout is that of access lines inside.
    Syslog(access::Layout),
    /// Plain lines.
    Plain,
}

/// The share of the first lines that a format must read to be chosen, in hundredths.
const ENOUGH: usize = 50;

impl Format {
    /// Settles the format by a file's first lines. With `kind` only the details are looked for.
    pub fn of(lines: &[&[u8]], kind: Option<Kind>, context: &time::Context) -> Self {
        let lines: Vec<&[u8]> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
        let fitting = Kind::ALL.into_iter().find(|kind| {
            let read = lines.iter().filter(|line| kind.reads(line, context)).count();
            read > 0 && read * 100 >= lines.len() * ENOUGH
        });
        match kind.or(fitting).unwrap_or(Kind::Plain) {
            Kind::Access => Self::Access(access::Layout::of(lines).unwrap_or(access::Layout::PLAIN)),
            Kind::Json => Self::Json,
            Kind::Logfmt => Self::Logfmt,
            Kind::Syslog => {
                let inner = lines.into_iter().filter_map(|line| syslog::message(line, context));
                Self::Syslog(access::Layout::of(inner).unwrap_or(access::Layout::PLAIN))
            }
            Kind::Plain => Self::Plain,
        }
    }

    /// Its name for people.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Access(_) => Kind::Access,
            Self::Json => Kind::Json,
            Self::Logfmt => Kind::Logfmt,
            Self::Syslog(_) => Kind::Syslog,
            Self::Plain => Kind::Plain,
        }
    }

    /// Takes a line apart into an entry, which is cleared first. Where the line is none of this format, the entry
    /// holds the line as `_msg` and the answer is `false`. The line has no line end.
    pub fn parse<'line>(
        self,
        line: &'line [u8],
        context: &time::Context,
        wanted: &Wanted,
        entry: &mut Entry<'line>,
    ) -> bool {
        entry.clear();
        let parsed = match self {
            Self::Access(layout) => access::parse(line, layout, wanted, entry),
            Self::Json => json::parse(line, context, wanted, entry),
            Self::Logfmt => logfmt::parse(line, context, wanted, entry),
            Self::Syslog(inner) => syslog::parse(line, inner, context, wanted, entry),
            Self::Plain => {
                plain::parse(line, context, wanted, entry);
                true
            }
        };
        if !parsed {
            entry.clear();
            entry.set(Field::Msg, line);
        }
        parsed
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind())?;
        if let Self::Access(layout) | Self::Syslog(layout) = self
            && layout.vhost
        {
            f.write_str(" (virtual host first)")?;
        }
        Ok(())
    }
}

impl Kind {
    /// Whether a line is plausibly of this format.
    fn reads(self, line: &[u8], context: &time::Context) -> bool {
        let (mut entry, wanted) = (Entry::default(), Wanted::only(["_time"]));
        match self {
            Self::Access => {
                let either = [false, true].map(|vhost| access::Layout { vhost, ..access::Layout::PLAIN });
                either.into_iter().any(|layout| access::parse(line, layout, &wanted, &mut entry))
            }
            Self::Json => json::parse(line, context, &wanted, &mut entry),
            Self::Syslog => syslog::message(line, context).is_some(),
            Self::Logfmt => logfmt::looks_like(line),
            Self::Plain => true,
        }
    }
}

#[cfg(test)]
pub mod testing {
    //! What the formats' tests share.
    use super::*;

    /// A fixed context: UTC, November 2026.
    pub fn context() -> time::Context {
        time::Context { zone: jiff::tz::TimeZone::UTC, reference: "2026-11-21T12:00:00Z".parse().unwrap() }
    }

    /// What a parser made of a line: `_time` first, then the fields that are not empty.
    pub fn shown<'line>(parse: impl FnOnce(&mut Entry<'line>) -> bool) -> Option<Vec<(String, String)>> {
        let mut entry = Entry::default();
        if !parse(&mut entry) {
            return None;
        }
        let time = entry.time.map(|instant| ("_time".to_owned(), time::print(instant)));
        Some(time.into_iter().chain(entry.texts().map(|(k, v)| (k.to_owned(), v.into_owned()))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMBINED: &str = r#"203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 5 "-" "x""#;
    const VHOST: &str =
        r#"shop.example:443 203.0.113.5 - - [21/Nov/2026:09:37:55 +0000] "GET / HTTP/1.1" 200 5 "-" "x""#;

    fn detected(lines: &[&str]) -> String {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        Format::of(&lines, None, &testing::context()).to_string()
    }

    #[test]
    fn the_first_lines_settle_the_format() {
        for (lines, expected) in [
            (&[COMBINED, "garbage", COMBINED][..], "access"),
            (&[VHOST, VHOST], "access (virtual host first)"),
            (&[r#"{"a":1}"#, r#"{"a":2}"#], "json"),
            (&["Nov 20 22:14:15 h sshd[1]: x", "Nov 20 22:14:15 h cron: y"], "syslog"),
            (&["<34>1 - h a p m - x"], "syslog"),
            (&["a=b c=d", "level=info msg=x"], "logfmt"),
            (&["hello", "world"], "plain"),
            (&[], "plain"),
            (&["", "", r#"{"a":1}"#], "json"),
        ] {
            assert_eq!(detected(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_line_of_another_format_is_kept_as_the_message() {
        let mut entry = Entry::default();
        let format = Format::Access(access::Layout::PLAIN);
        assert!(!format.parse(b"nonsense", &testing::context(), &Wanted::all(), &mut entry));
        assert_eq!(entry.texts().collect::<Vec<_>>(), [("_msg", "nonsense".into())]);
    }

    /// Lines that are nearly of some format.
    fn near_lines() -> impl Strategy<Value = String> {
        let bits = prop_oneof![
            Just(COMBINED.to_owned()),
            Just(VHOST.to_owned()),
            Just("<34>1 2026-11-21T09:37:55Z h sshd 1 m [a b=\"c\"] ".to_owned()),
            Just("Nov 20 22:14:15 h sshd[1]: Failed password for x from 203.0.113.5 port 1 ssh2".to_owned()),
            Just("{\"time\":\"2026-11-21T09:37:55Z\",\"a\":{\"b\":[1]},\"_msg\":\"m\"".to_owned()),
            Just(",\"status\":404}".to_owned()),
            Just("ts=1763717875 status=200 a=\"b\\\"c\" ".to_owned()),
            "[ -~]{0,6}",
        ];
        proptest::collection::vec(bits, 0..4).prop_map(|bits| bits.concat())
    }

    proptest! {
        #[test]
        fn asking_for_less_gives_the_same_values(line in near_lines()) {
            let layout = access::Layout::PLAIN;
            for format in [Format::Access(layout), Format::Json, Format::Logfmt, Format::Syslog(layout), Format::Plain] {
                let (mut whole, mut part) = (Entry::default(), Entry::default());
                let parsed = format.parse(line.as_bytes(), &testing::context(), &Wanted::all(), &mut whole);
                for (name, value) in whole.texts() {
                    let wanted = Wanted::only([name, "_time"]);
                    let again = format.parse(line.as_bytes(), &testing::context(), &wanted, &mut part);
                    prop_assert_eq!((again, part.time), (parsed, whole.time));
                    prop_assert_eq!(text::lossless(part.get(name)), value, "{} of {}", name, format);
                }
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("xml".parse::<Kind>(), Err(UnknownFormat("xml".to_owned())));
    }
}
