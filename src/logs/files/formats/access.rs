//! The access logs of nginx and Apache: common, combined, with a virtual host in front, with a quoted X-Forwarded-For
//! and the request time behind.
//!
//! Host names, users, targets, referers and agents are written by strangers. Which token is the peer's address
//! therefore follows from the layout of the file, settled once ([`Layout`]), never from how a single line looks:
//! otherwise a `Host: 203.0.113.9` would put a stranger in the place of the peer.

use std::net::IpAddr;

use super::entry::{Entry, Field, Wanted};
use super::text;

/// What a file's access lines have beyond the common fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// A virtual host, perhaps with a port, stands before the address.
    pub vhost: bool,
    /// The first quoted value after the user agent is X-Forwarded-For.
    pub forwarded: bool,
}

impl Layout {
    /// Combined as nginx and Apache ship it, where detection has nothing to go by.
    pub const PLAIN: Self = Self { vhost: false, forwarded: true };

    /// Decides the layout of a file from its first lines; `None` where no line is an access line.
    pub fn of<'line>(lines: impl IntoIterator<Item = &'line [u8]>) -> Option<Self> {
        let (mut seen, mut vhost, mut third, mut addresses) = (0, 0, 0, 0);
        for parts in lines.into_iter().filter_map(Parts::of) {
            seen += 1;
            vhost += usize::from(parts.second_is_address());
            if let Some(value) = Tail::of(parts.rest).quoted[2] {
                third += 1;
                addresses += usize::from(is_address_list(value));
            }
        }
        // Garbage that a client put into X-Forwarded-For must not hide the column: four fifths are enough.
        (seen > 0).then_some(Self { vhost: vhost * 2 > seen, forwarded: addresses * 5 >= third * 4 })
    }
}

/// Takes an access line apart. `false` where it is none, or where a virtual host or user that somebody made up
/// leaves open which token is the address.
pub fn parse<'line>(line: &'line [u8], layout: Layout, wanted: &Wanted, entry: &mut Entry<'line>) -> bool {
    let Some(parts) = Parts::of(line) else { return false };
    let Some(origin) = parts.origin(layout) else { return false };
    let Some((status, bytes)) = parts.status_and_bytes() else { return false };
    if wanted.field(Field::Time) && !entry.set_access_time(parts.time) {
        return false;
    }
    let mut put = |field: Field, value: &'line [u8]| {
        if wanted.field(field) {
            entry.set(field, text::unescape(value));
        }
    };
    if parts.request != b"-" && wanted.any(&[Field::Method, Field::Uri, Field::Path, Field::Query, Field::Protocol]) {
        let request = Request::of(parts.request);
        put(Field::Method, request.method);
        put(Field::Protocol, request.protocol);
        put(Field::Uri, request.uri);
        let (path, query) = halves(request.uri);
        put(Field::Path, path);
        put(Field::Query, query);
    }
    // A hyphen alone is a column without a value; a part of a request may well be one.
    let mut set = |field: Field, value: &'line [u8]| {
        if value != b"-" {
            put(field, value);
        }
    };
    set(Field::RemoteAddr, origin.address);
    set(Field::User, origin.user);
    set(Field::Host, origin.host);
    set(Field::Status, status);
    set(Field::Bytes, bytes);
    if wanted.any(&[Field::Referer, Field::UserAgent, Field::ForwardedFor, Field::Duration]) {
        let tail = Tail::of(parts.rest);
        set(Field::Referer, tail.quoted[0].unwrap_or_default());
        set(Field::UserAgent, tail.quoted[1].unwrap_or_default());
        set(Field::Duration, tail.duration);
        if layout.forwarded {
            set(Field::ForwardedFor, tail.quoted[2].unwrap_or_default());
        }
    }
    if wanted.field(Field::Msg) {
        entry.set(Field::Msg, line);
    }
    true
}

/// An access line without escapes, from which values are taken as they are asked for.
pub struct Lean<'line> {
    line: &'line [u8],
    layout: Layout,
    parts: Parts<'line>,
    origin: Origin<'line>,
    status: &'line [u8],
    bytes: &'line [u8],
}

impl<'line> Lean<'line> {
    /// The line, which has no backslash; `None` where [`parse`] would refuse it.
    pub fn of(line: &'line [u8], layout: Layout) -> Option<Self> {
        let parts = Parts::of(line)?;
        let origin = parts.origin(layout)?;
        let (status, bytes) = parts.status_and_bytes()?;
        Some(Self { line, layout, parts, origin, status, bytes })
    }

    /// The timestamp.
    pub const fn time(&self) -> &'line [u8] {
        self.parts.time
    }

    /// The value of a field, the same as [`parse`] gives it.
    pub fn field(&self, field: Field) -> &'line [u8] {
        let value = match field {
            Field::RemoteAddr => self.origin.address,
            Field::User => self.origin.user,
            Field::Host => self.origin.host,
            Field::Status => self.status,
            Field::Bytes => self.bytes,
            Field::Method | Field::Uri | Field::Path | Field::Query | Field::Protocol => return self.of_request(field),
            Field::Referer => Tail::of(self.parts.rest).quoted[0].unwrap_or_default(),
            Field::UserAgent => Tail::of(self.parts.rest).quoted[1].unwrap_or_default(),
            Field::ForwardedFor if !self.layout.forwarded => &[],
            Field::ForwardedFor => Tail::of(self.parts.rest).quoted[2].unwrap_or_default(),
            Field::Duration => Tail::of(self.parts.rest).duration,
            Field::Msg => return self.line,
            Field::Time => &[],
        };
        if value == b"-" { &[] } else { value }
    }

    fn of_request(&self, field: Field) -> &'line [u8] {
        if self.parts.request == b"-" {
            return &[];
        }
        let request = Request::of(self.parts.request);
        match field {
            Field::Method => request.method,
            Field::Protocol => request.protocol,
            Field::Path => halves(request.uri).0,
            Field::Query => halves(request.uri).1,
            _ => request.uri,
        }
    }
}

/// The target up to the first `?` and after it.
pub fn halves(uri: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'?', uri) {
        Some(mark) => (&uri[..mark], &uri[mark + 1..]),
        None => (uri, &[]),
    }
}

/// The coarse parts of a line: `origin [time] "request" rest`.
struct Parts<'line> {
    origin: &'line [u8],
    time: &'line [u8],
    request: &'line [u8],
    rest: &'line [u8],
}

impl<'line> Parts<'line> {
    /// No server writes a bare quote before the request, so the first one after `] ` opens it.
    fn of(line: &'line [u8]) -> Option<Self> {
        let quote = memchr::memchr_iter(b'"', line).find(|quote| line[..*quote].ends_with(b"] "))?;
        let closing = quote - 2;
        // The usual timestamp has 26 characters; one with a fraction of the second is looked for.
        let opening = match closing.checked_sub(27) {
            Some(usual) if line[usual] == b'[' => usual,
            _ => memchr::memrchr(b'[', &line[..closing])?,
        };
        let origin = line[..opening].strip_suffix(b" ")?;
        let (request, rest) = split_quoted(&line[quote + 1..])?;
        Some(Self { origin, time: &line[opening + 1..closing], request, rest })
    }

    fn second_is_address(&self) -> bool {
        self.origin.split(|byte| *byte == b' ').nth(1).is_some_and(is_address)
    }

    /// Host, address and user, by the file's layout.
    fn origin(&self, layout: Layout) -> Option<Origin<'line>> {
        let (first, after) = split_at_space(self.origin)?;
        if !layout.vhost {
            let (identity, user) = split_at_space(after)?;
            // Without an identity service, which nobody runs, there is a hyphen; a syslog header has none.
            let sound = !first.is_empty() && (identity == b"-" || (is_address(first) && !is_address(identity)));
            return sound.then_some(Origin { host: &[], address: first, user });
        }
        let (address, identity_and_user) = split_at_space(after)?;
        let (_, user) = split_at_space(identity_and_user)?;
        // `host address identity user`: were there more, a stranger's blanks would decide what the address is.
        let sound = !user.contains(&b' ') && is_address(address);
        sound.then_some(Origin { host: without_port(first), address, user })
    }

    fn status_and_bytes(&self) -> Option<(&'line [u8], &'line [u8])> {
        let (status, after) = split_at_space(self.rest.strip_prefix(b" ")?)?;
        let bytes = after.split(|byte| *byte == b' ').next()?;
        let sound = (status.len() == 3 && status.iter().all(u8::is_ascii_digit)) || status == b"-";
        let counted = !bytes.is_empty() && (bytes.iter().all(u8::is_ascii_digit) || bytes == b"-");
        (sound && counted).then_some((status, bytes))
    }
}

struct Origin<'line> {
    host: &'line [u8],
    address: &'line [u8],
    user: &'line [u8],
}

/// The request line's parts.
pub struct Request<'line> {
    /// Empty where the line is no HTTP request.
    pub method: &'line [u8],
    /// The target; the whole line where it is no HTTP request, so that a TLS hello on a plain port is still seen.
    pub uri: &'line [u8],
    /// `HTTP/1.1`; empty in HTTP/0.9.
    pub protocol: &'line [u8],
}

impl<'line> Request<'line> {
    /// Takes `GET /x HTTP/1.1` apart. Blanks inside of the target belong to it.
    pub fn of(line: &'line [u8]) -> Self {
        let nonsense = Self { method: &[], uri: line, protocol: &[] };
        let Some((method, rest)) = split_at_space(line) else { return nonsense };
        if method.is_empty() || !method.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')) {
            return nonsense;
        }
        match memchr::memrchr(b' ', rest) {
            Some(blank) if rest[blank + 1..].starts_with(b"HTTP/") => {
                Self { method, uri: &rest[..blank], protocol: &rest[blank + 1..] }
            }
            _ => Self { method, uri: rest, protocol: &[] },
        }
    }
}

/// What stands behind status and bytes.
#[derive(Default)]
struct Tail<'line> {
    /// Referer, user agent, and what is quoted after them.
    quoted: [Option<&'line [u8]>; 3],
    /// The first bare number with a dot or a unit of time; `rt=` and the like may stand before it.
    duration: &'line [u8],
}

impl<'line> Tail<'line> {
    /// Takes the rest of a line after the request apart; it starts with ` status bytes`.
    fn of(rest: &'line [u8]) -> Self {
        let mut tail = Self::default();
        let mut left = rest;
        let mut quoted = 0;
        while let Some((first, after)) = left.split_first() {
            if *first == b' ' {
                left = after;
            } else if *first == b'"' {
                // A value that syslog cut short is still a value; else a long agent would hide a whole request.
                let (value, more) = split_quoted(after).unwrap_or((after, &[]));
                if let Some(slot) = tail.quoted.get_mut(quoted) {
                    *slot = Some(value);
                }
                quoted += 1;
                left = more;
            } else {
                let end = memchr::memchr(b' ', left).unwrap_or(left.len());
                if tail.duration.is_empty() {
                    tail.duration = duration(&left[..end]).unwrap_or_default();
                }
                left = &left[end..];
            }
        }
        tail
    }
}

/// `0.005`, `12ms`, `rt=0.005`: the time taken. A bare integer could be anything and is none.
fn duration(token: &[u8]) -> Option<&[u8]> {
    let value = [&b"rt="[..], b"request_time="].iter().find_map(|name| token.strip_prefix(*name)).unwrap_or(token);
    let digits = value.iter().position(|byte| !byte.is_ascii_digit()).filter(|digits| *digits > 0)?;
    let sound = match &value[digits..] {
        [b'.', fraction @ ..] => !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit),
        unit => matches!(unit, b"s" | b"ms" | b"us" | b"\xc2\xb5s" | b"ns"),
    };
    sound.then_some(value)
}

/// The value up to its closing quote, and what follows it.
fn split_quoted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let closing = text::closing_quote(bytes)?;
    Some((&bytes[..closing], &bytes[closing + 1..]))
}

fn split_at_space(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = memchr::memchr(b' ', bytes)?;
    Some((&bytes[..blank], &bytes[blank + 1..]))
}

/// Whether a token is an IP address.
pub fn is_address(token: &[u8]) -> bool {
    // The cheap test first: this runs on every line.
    let plausible = (2..=45).contains(&token.len())
        && token.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'));
    plausible && std::str::from_utf8(token).is_ok_and(|text| text.parse::<IpAddr>().is_ok())
}

/// Whether a value reads as X-Forwarded-For does: addresses, perhaps with ports, `unknown`, or nothing.
fn is_address_list(value: &[u8]) -> bool {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).all(|part| {
        let bare = part.strip_prefix(b"[").map_or_else(|| without_port(part), |rest| bracketed(rest));
        part.is_empty() || part == b"-" || part == b"unknown" || is_address(part) || is_address(bare)
    })
}

fn bracketed(rest: &[u8]) -> &[u8] {
    &rest[..memchr::memchr(b']', rest).unwrap_or(rest.len())]
}

/// A host without `:port`.
fn without_port(host: &[u8]) -> &[u8] {
    match memchr::memrchr(b':', host) {
        Some(colon) if colon + 1 < host.len() && host[colon + 1..].iter().all(u8::is_ascii_digit) => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests;
