//! What a format gives for one line: a time and named byte values that borrow from the line. [`Wanted`] tells a format
//! which of them somebody will read, so that it can leave the rest alone.

use std::borrow::Cow;

use super::{text, time};

/// The fields of a request under the names that every access log gets, and the two that every row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Field {
    /// The peer's address.
    RemoteAddr,
    /// The authenticated user.
    User,
    /// The request method.
    Method,
    /// The request target as sent.
    Uri,
    /// The target up to the first `?`.
    Path,
    /// The target after the first `?`.
    Query,
    /// `HTTP/1.1` and the like.
    Protocol,
    /// The response status code.
    Status,
    /// Bytes sent.
    Bytes,
    /// The referer.
    Referer,
    /// The user agent.
    UserAgent,
    /// X-Forwarded-For as sent.
    ForwardedFor,
    /// Time taken, in seconds unless the value carries a unit.
    Duration,
    /// The virtual host.
    Host,
    /// The line as it stands, or its message where a format has one.
    Msg,
    /// The time in RFC 3339.
    Time,
}

impl Field {
    /// Every field, in the order in which rows show them; the index is the discriminant.
    pub const ALL: [Self; 16] = [
        Self::RemoteAddr,
        Self::User,
        Self::Method,
        Self::Uri,
        Self::Path,
        Self::Query,
        Self::Protocol,
        Self::Status,
        Self::Bytes,
        Self::Referer,
        Self::UserAgent,
        Self::ForwardedFor,
        Self::Duration,
        Self::Host,
        Self::Msg,
        Self::Time,
    ];

    /// The field's name in a row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RemoteAddr => "remote_addr",
            Self::User => "user",
            Self::Method => "method",
            Self::Uri => "uri",
            Self::Path => "path",
            Self::Query => "query",
            Self::Protocol => "protocol",
            Self::Status => "status",
            Self::Bytes => "bytes",
            Self::Referer => "referer",
            Self::UserAgent => "user_agent",
            Self::ForwardedFor => "forwarded_for",
            Self::Duration => "duration",
            Self::Host => "host",
            Self::Msg => "_msg",
            Self::Time => "_time",
        }
    }

    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// The fields that somebody will read. A format may give more; it must give these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    known: u32,
    /// Names that are none of [`Field`]'s, and starts of names with a `*` behind; `None` wants all.
    others: Option<Vec<String>>,
}

impl Wanted {
    /// Everything there is.
    pub const fn all() -> Self {
        Self { known: u32::MAX, others: None }
    }

    /// Only these names; one that ends in `*` stands for all that begin so.
    pub fn only<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut wanted = Self { known: 0, others: Some(Vec::new()) };
        for name in names {
            wanted.add(name.as_ref());
        }
        wanted
    }

    /// Wants one name more, or all that begin with what stands before a `*`.
    pub fn add(&mut self, name: &str) {
        let fields = Field::ALL.into_iter().filter(|field| matches(name, field.name()));
        self.known = fields.fold(self.known, |known, field| known | field.bit());
        if let Some(others) = &mut self.others
            && Field::named(name).is_none()
            && !others.iter().any(|other| other == name)
        {
            others.push(name.to_owned());
        }
    }

    /// Whether a field is wanted.
    pub const fn field(&self, field: Field) -> bool {
        self.known & field.bit() != 0
    }

    /// Whether any of some fields is wanted.
    pub fn any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.field(*field))
    }

    /// Whether a name is wanted.
    pub fn name(&self, name: &str) -> bool {
        let Some(others) = &self.others else { return true };
        Field::named(name).is_some_and(|field| self.field(field)) || others.iter().any(|other| matches(other, name))
    }

    /// Whether everything is wanted.
    pub const fn is_all(&self) -> bool {
        self.others.is_none()
    }
}

/// Whether a name is the one wanted, or begins with what stands before its `*`.
fn matches(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => wanted == name,
    }
}

/// Up to this many fields of a line, a name that comes twice has its last value; of more, its first. A stranger who
/// can make up names (headers, arguments) would otherwise make a line cost the square of its length.
const MOST_UNIQUE: usize = 1_000;

/// One line, taken apart. Values are bytes as they were sent; empty means missing.
#[derive(Debug, Clone, Default)]
pub struct Entry<'line> {
    /// Nanoseconds since 1970, where the line has a time.
    pub time: Option<i64>,
    known: [Cow<'line, [u8]>; Field::ALL.len()],
    others: Vec<(Cow<'line, str>, Cow<'line, [u8]>)>,
    clock: AccessClock,
}

/// Reads the timestamps of an access log, of which many lines in a row have the same.
#[derive(Debug, Clone, Default)]
pub struct AccessClock {
    /// The one read last.
    read: ([u8; 26], i64),
}

impl AccessClock {
    /// The instant of a timestamp.
    pub fn read(&mut self, text: &[u8]) -> Option<i64> {
        if text == self.read.0 {
            return Some(self.read.1);
        }
        let time = time::access(text)?;
        if let Ok(text) = text.try_into() {
            self.read = (text, time);
        }
        Some(time)
    }
}

impl<'line> Entry<'line> {
    /// Forgets the line before, keeps the memory.
    pub fn clear(&mut self) {
        self.time = None;
        self.known = Default::default();
        self.others.clear();
    }

    /// Sets the time from an access log's timestamp; `false` where it is none.
    pub fn set_access_time(&mut self, text: &[u8]) -> bool {
        self.time = self.clock.read(text);
        self.time.is_some()
    }

    /// Sets one of the known fields.
    pub fn set(&mut self, field: Field, value: impl Into<Cow<'line, [u8]>>) {
        self.known[field as usize] = value.into();
    }

    /// Sets a field by name, over an older value of that name; for formats whose lines name their fields.
    pub fn push(&mut self, name: impl Into<Cow<'line, str>>, value: impl Into<Cow<'line, [u8]>>) {
        let (name, value) = (name.into(), value.into());
        let known =
            if self.others.len() < MOST_UNIQUE { self.others.iter_mut().find(|(key, _)| *key == name) } else { None };
        match known {
            Some(slot) => slot.1 = value,
            None => self.others.push((name, value)),
        }
    }

    /// A known field's bytes; empty where it is missing.
    pub fn field(&self, field: Field) -> &[u8] {
        &self.known[field as usize]
    }

    /// The bytes of the field of that name; empty where it is missing. A name that the line itself gave wins.
    pub fn get(&self, name: &str) -> &[u8] {
        match self.others.iter().find(|(key, _)| key == name) {
            Some((_, value)) => value,
            None => Field::named(name).map_or(&[], |field| self.field(field)),
        }
    }

    /// The same, borrowed for as long as the line lives where it was not escaped. `field` is the field of that name.
    pub fn value(&self, name: &str, field: Option<Field>) -> Cow<'line, [u8]> {
        match self.others.iter().find(|(key, _)| key == name) {
            Some((_, value)) => value.clone(),
            None => field.map_or(Cow::Borrowed(&[]), |field| self.known[field as usize].clone()),
        }
    }

    /// Whether the line gave a field of that name, even an empty one.
    pub fn names(&self, name: &str) -> bool {
        self.others.iter().any(|(key, _)| key == name)
    }

    /// The fields that the line named, in its order.
    pub fn others(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.others.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The fields that are not empty, as text: the known ones first, then the line's own in their order. `_time` is
    /// not among them: see [`Self::time`].
    pub fn texts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let known = Field::ALL.into_iter().map(|field| (field.name(), self.field(field)));
        known
            .chain(self.others())
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, text::lossless(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_a_field_is_its_discriminant() {
        for (index, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, index);
            assert_eq!(Field::named(field.name()), Some(field));
        }
    }

    #[test]
    fn wanted_knows_fields_and_names() {
        let wanted = Wanted::only(["status", "request.uri"]);
        assert!(wanted.field(Field::Status) && wanted.name("status") && wanted.name("request.uri"));
        assert!(!wanted.field(Field::Path) && !wanted.name("path") && !wanted.name("x") && !wanted.is_all());
        assert!(Wanted::all().name("x") && Wanted::all().field(Field::Msg));
        let start = Wanted::only(["request.*", "u*"]);
        assert!(
            start.name("request.uri") && start.name("uri") && start.field(Field::UserAgent) && !start.name("request")
        );
    }

    #[test]
    fn a_name_of_the_line_wins_over_a_known_field() {
        let mut entry = Entry::default();
        entry.set(Field::Path, &b"/a"[..]);
        entry.push("path", &b"/b"[..]);
        entry.push("path", &b"/c"[..]);
        assert_eq!((entry.get("path"), entry.get("x")), (&b"/c"[..], &b""[..]));
        entry.clear();
        assert_eq!(entry.get("path"), b"");
    }
}
