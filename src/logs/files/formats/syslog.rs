//! Syslog: RFC 5424, RFC 3164, and what rsyslog and journald write to files (no priority, an RFC 3339 timestamp). The
//! fields have VictoriaLogs' names; `_msg` is the message. An access log or JSON that came through syslog is
//! unwrapped, sshd's messages give the peer.

use std::borrow::Cow;

use super::access::{self, Layout};
use super::entry::{Entry, Field, Wanted};
use super::time::{self, Context};
use super::{json, sshd, text};

/// Takes a line apart; `false` where it has no syslog header. `inner` is the layout of the access lines inside.
pub fn parse<'line>(
    line: &'line [u8],
    inner: Layout,
    context: &Context,
    wanted: &Wanted,
    entry: &mut Entry<'line>,
) -> bool {
    let Some(header) = Header::of(line, context) else { return false };
    let message = header.message;
    let unwrapped = access::parse(message, inner, wanted, entry)
        || (message.starts_with(b"{") && json::parse(message, context, wanted, entry));
    if !unwrapped {
        entry.clear();
        if wanted.field(Field::Msg) {
            entry.set(Field::Msg, message);
        }
        if header.app_name == b"sshd" || header.app_name == b"sshd-session" {
            sshd::add(message, wanted, entry);
        }
    }
    entry.time = entry.time.or(header.time);
    header.add(wanted, entry);
    true
}

/// The message inside of a line; for detection.
pub fn message<'line>(line: &'line [u8], context: &Context) -> Option<&'line [u8]> {
    Header::of(line, context).map(|header| header.message)
}

/// Everything in front of the message. Empty means missing.
#[derive(Default)]
struct Header<'line> {
    format: &'static str,
    priority: Option<u8>,
    time: Option<i64>,
    hostname: &'line [u8],
    app_name: &'line [u8],
    proc_id: &'line [u8],
    msg_id: &'line [u8],
    structured: &'line [u8],
    message: &'line [u8],
}

impl<'line> Header<'line> {
    fn of(line: &'line [u8], context: &Context) -> Option<Self> {
        let (priority, rest) = priority(line).map_or((None, line), |(priority, rest)| (Some(priority), rest));
        match rest.strip_prefix(b"1 ") {
            Some(rest) if priority.is_some() => Self::rfc5424(priority, rest, context),
            _ => Self::rfc3164(priority, rest, context),
        }
    }

    fn rfc5424(priority: Option<u8>, rest: &'line [u8], context: &Context) -> Option<Self> {
        let mut words = rest.splitn(6, |byte| *byte == b' ');
        let timestamp = words.next()?;
        let time = time::iso(timestamp, context).map(|(instant, _)| instant);
        if time.is_none() && timestamp != b"-" {
            return None;
        }
        let mut word = || words.next().map(|word| if word == b"-" { &[][..] } else { word });
        let (hostname, app_name, proc_id, msg_id) = (word()?, word()?, word()?, word()?);
        let rest = words.next().unwrap_or_default();
        let length = structured_length(rest)?;
        let message = rest[length..].strip_prefix(b" ").unwrap_or(&rest[length..]);
        Some(Self {
            format: "rfc5424",
            priority,
            time,
            hostname,
            app_name,
            proc_id,
            msg_id,
            structured: &rest[..length],
            message: message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message),
        })
    }

    fn rfc3164(priority: Option<u8>, rest: &'line [u8], context: &Context) -> Option<Self> {
        let stamp = time::bsd(rest, context);
        // Other programs begin their lines with RFC 3339 too: only a tag, or a priority, tells syslog from them.
        let needs_tag = stamp.is_none() && priority.is_none();
        let (instant, length) = stamp.or_else(|| time::iso(rest, context))?;
        let rest = rest[length..].strip_prefix(b" ")?;
        let header = Self { format: "rfc3164", priority, time: Some(instant), ..Self::default() };
        if let Some((app_name, proc_id, message)) = tag(rest).filter(|_| !needs_tag) {
            return Some(Self { app_name, proc_id, message, ..header });
        }
        let blank = memchr::memchr(b' ', rest)?;
        let (hostname, after) = (&rest[..blank], rest[blank + 1..].trim_ascii_start());
        match tag(after) {
            Some((app_name, proc_id, message)) => Some(Self { hostname, app_name, proc_id, message, ..header }),
            None if needs_tag => None,
            None => Some(Self { hostname, message: after, ..header }),
        }
    }

    /// Adds the fields, except where a line inside gave one of that name.
    fn add(&self, wanted: &Wanted, entry: &mut Entry<'line>) {
        let mut push = |name: &'static str, value: Cow<'line, [u8]>| {
            if !value.is_empty() && wanted.name(name) && !entry.names(name) {
                entry.push(name, value);
            }
        };
        push("format", Cow::Borrowed(self.format.as_bytes()));
        push("hostname", Cow::Borrowed(self.hostname));
        push("app_name", Cow::Borrowed(self.app_name));
        push("proc_id", Cow::Borrowed(self.proc_id));
        push("msg_id", Cow::Borrowed(self.msg_id));
        if let Some(priority) = self.priority {
            push("priority", Cow::Owned(priority.to_string().into_bytes()));
            push("facility", Cow::Owned((priority / 8).to_string().into_bytes()));
            push("severity", Cow::Owned((priority % 8).to_string().into_bytes()));
            push("facility_keyword", Cow::Borrowed(FACILITIES[usize::from(priority / 8) % FACILITIES.len()]));
            push("level", Cow::Borrowed(LEVELS[usize::from(priority % 8)]));
        }
        for (id, name, value) in parameters(self.structured) {
            let name = format!("{}.{}", text::lossless(id), text::lossless(name));
            if wanted.name(&name) {
                entry.push(name, text::unescape_parameter(value));
            }
        }
    }
}

/// `<34>`: at most 191, RFC 5424 section 6.2.1.
fn priority(line: &[u8]) -> Option<(u8, &[u8])> {
    let inside = line.strip_prefix(b"<")?;
    let closing = inside.iter().take(4).position(|byte| *byte == b'>')?;
    let digits = &inside[..closing];
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let value: u8 = std::str::from_utf8(digits).ok().filter(|_| all_digits)?.parse().ok()?;
    (value <= 191).then_some((value, &inside[closing + 1..]))
}

/// `sshd[123]: message` or `cron: message`.
fn tag(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b':' | b'['))?;
    let name = &text[..end];
    let (process, rest) = match text[end..].strip_prefix(b"[") {
        Some(inside) => {
            let closing =
                inside.iter().position(|byte| matches!(byte, b']' | b' ')).filter(|at| inside[*at] == b']')?;
            (&inside[..closing], &inside[closing + 1..])
        }
        None => (&[][..], &text[end..]),
    };
    let message = rest.strip_prefix(b":")?;
    // `fe80::1 …` is an address, not a tag.
    let sound = !name.is_empty() && message.first().is_none_or(|byte| *byte == b' ');
    sound.then(|| (name, process, message.strip_prefix(b" ").unwrap_or(message)))
}

/// The length of structured data: `-`, or elements in brackets without anything between.
fn structured_length(text: &[u8]) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    if text.starts_with(b"-") {
        return Some(1);
    }
    let mut at = 0;
    while text.get(at) == Some(&b'[') {
        let mut quoted = false;
        loop {
            at += 1;
            match text.get(at)? {
                b'\\' if quoted => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then_some(at)
}

/// The parameters of all elements: id, name, value with its escapes.
fn parameters(structured: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
    let mut rest = structured;
    let mut id: &[u8] = &[];
    std::iter::from_fn(move || {
        loop {
            let (first, after) = rest.split_first()?;
            match first {
                b'[' => {
                    let end = after.iter().position(|byte| matches!(byte, b' ' | b']')).unwrap_or(after.len());
                    (id, rest) = after.split_at(end);
                }
                b' ' | b']' => rest = after,
                _ => {
                    let equals = memchr::memchr(b'=', rest)?;
                    let name = &rest[..equals];
                    let value = rest[equals + 1..].strip_prefix(b"\"")?;
                    let closing = text::closing_quote(value)?;
                    rest = &value[closing + 1..];
                    return Some((id, name, &value[..closing]));
                }
            }
        }
    })
}

const FACILITIES: [&[u8]; 24] = [
    b"kern",
    b"user",
    b"mail",
    b"daemon",
    b"auth",
    b"syslog",
    b"lpr",
    b"news",
    b"uucp",
    b"cron",
    b"authpriv",
    b"ftp",
    b"ntp",
    b"security",
    b"console",
    b"solaris-cron",
    b"local0",
    b"local1",
    b"local2",
    b"local3",
    b"local4",
    b"local5",
    b"local6",
    b"local7",
];

const LEVELS: [&[u8]; 8] = [b"emerg", b"alert", b"critical", b"error", b"warning", b"notice", b"info", b"debug"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::files::formats::testing::{context, shown};
    use proptest::prelude::*;

    fn fields(line: &[u8]) -> Option<Vec<(String, String)>> {
        shown(|entry| parse(line, Layout::PLAIN, &context(), &Wanted::all(), entry))
    }

    #[track_caller]
    fn expect(line: &str, expected: &[(&str, &str)]) {
        let found = fields(line.as_bytes()).expect("parses");
        for (name, value) in expected {
            let own = found.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            assert_eq!(own.unwrap_or_default(), *value, "{name} of {line}");
        }
    }

    #[test]
    fn rfc_5424() {
        expect(
            "<165>1 2026-11-21T09:37:55.003Z host.example evntslog - ID47 [ex@1 iut=\"3\" src=\"A\\\"p]\"][b@2 x=\"\"] \u{feff}An event",
            &[
                ("_time", "2026-11-21T09:37:55.003Z"),
                ("format", "rfc5424"),
                ("priority", "165"),
                ("facility", "20"),
                ("facility_keyword", "local4"),
                ("severity", "5"),
                ("level", "notice"),
                ("hostname", "host.example"),
                ("app_name", "evntslog"),
                ("proc_id", ""),
                ("msg_id", "ID47"),
                ("ex@1.iut", "3"),
                ("ex@1.src", "A\"p]"),
                ("_msg", "An event"),
            ],
        );
        expect("<34>1 - - - - - -", &[("_msg", ""), ("_time", ""), ("level", "critical")]);
    }

    #[test]
    fn rfc_3164_with_and_without_priority() {
        expect(
            "<34>Nov 20 22:14:15 mymachine su[42]: 'su root' failed",
            &[
                ("_time", "2026-11-20T22:14:15Z"),
                ("format", "rfc3164"),
                ("hostname", "mymachine"),
                ("app_name", "su"),
                ("proc_id", "42"),
                ("facility_keyword", "auth"),
                ("_msg", "'su root' failed"),
            ],
        );
        expect("Nov  1 02:14:15 su: no host", &[("app_name", "su"), ("hostname", ""), ("_msg", "no host")]);
        expect("Nov  1 02:14:15 host a message", &[("app_name", ""), ("hostname", "host"), ("_msg", "a message")]);
        expect(
            "2026-11-21T09:37:55.5+09:00 host kernel: [1.0] up",
            &[("_time", "2026-11-21T00:37:55.5Z"), ("app_name", "kernel"), ("_msg", "[1.0] up")],
        );
    }

    #[test]
    fn sshd_gives_the_peer_and_keeps_the_message() {
        let message = "Failed password for invalid user admin from 203.0.113.5 port 4711 ssh2";
        expect(
            &format!("Nov 20 22:14:15 host sshd[1]: {message}"),
            &[("_msg", message), ("remote_addr", "203.0.113.5"), ("user", "admin"), ("event", "failed")],
        );
    }

    #[test]
    fn an_access_log_inside_is_unwrapped() {
        let inner = r#"203.0.113.5 - - [21/Nov/2026:09:37:54 +0000] "GET /a?b HTTP/1.1" 404 5 "-" "curl""#;
        expect(
            &format!("<190>Nov 21 09:37:55 web1 nginx: {inner}"),
            &[
                ("_msg", inner),
                ("_time", "2026-11-21T09:37:54Z"),
                ("remote_addr", "203.0.113.5"),
                ("path", "/a"),
                ("status", "404"),
                ("hostname", "web1"),
                ("app_name", "nginx"),
            ],
        );
        expect(
            r#"<190>Nov 21 09:37:55 web1 nginx: {"status":404,"hostname":"x"}"#,
            &[("status", "404"), ("hostname", "x"), ("_time", "2026-11-21T09:37:55Z")],
        );
    }

    #[test]
    fn other_lines_are_no_syslog() {
        for line in ["", "<34>", "<999>Nov 20 22:14:15 a b: c", "2026-11-21T09:37:55Z INFO started", "hello there: x"] {
            assert_eq!(fields(line.as_bytes()), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = fields(&line);
            let _ = fields(&[b"<34>1 - h a p m ", &line[..]].concat());
            let _ = fields(&[b"<34>Nov 20 22:14:15 ", &line[..]].concat());
        }

        #[test]
        fn written_parameters_come_back(value in "[^\\p{C}]{0,20}", message in "[!-~][ -~]{0,20}") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
            let line = format!("<34>1 2026-11-21T09:37:55Z h a 1 m [id p=\"{escaped}\"] {message}");
            let found = fields(line.as_bytes()).expect("parses");
            let get = |name: &str| found.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value).to_owned();
            prop_assert_eq!(get("id.p"), value);
            if !message.starts_with('{') { prop_assert_eq!(get("_msg"), message); }
        }
    }
}
