//! What sshd says about a connection: who, from where, and how it went. User names and protocol strings in these
//! messages are written by the peer, so the address is only taken from the place where sshd itself writes it.

use super::access::is_address;
use super::entry::{Entry, Field, Wanted};

/// Messages whose address stands right behind these words; what follows it may be the peer's.
const ADDRESS_FIRST: [(&str, &str); 6] = [
    ("Received disconnect from ", "disconnected"),
    ("Unable to negotiate with ", "refused"),
    ("Did not receive identification string from ", "no_banner"),
    ("Connection from ", "connected"),
    ("banner exchange: Connection from ", "bad_banner"),
    ("ssh_dispatch_run_fatal: Connection from ", "broken"),
];

/// Messages that end in the address, whatever stands between.
const ADDRESS_LAST: [(&str, &str); 10] = [
    ("Failed ", "failed"),
    ("Accepted ", "accepted"),
    ("Invalid user ", "invalid_user"),
    ("Illegal user ", "invalid_user"),
    ("Disconnected from ", "disconnected"),
    ("Connection closed by ", "closed"),
    ("Connection reset by ", "closed"),
    ("Disconnecting ", "disconnected"),
    ("Bad protocol version identification ", "bad_banner"),
    ("maximum authentication attempts exceeded for ", "too_many"),
];

/// Adds `remote_addr`, `remote_port`, `user` and `event` where the message is about a connection.
pub fn add<'line>(message: &'line [u8], wanted: &Wanted, entry: &mut Entry<'line>) {
    let message = message.strip_prefix(b"error: ").unwrap_or(message);
    let Some(peer) = first(message).or_else(|| last(message)) else { return };
    if wanted.field(Field::RemoteAddr) {
        entry.set(Field::RemoteAddr, peer.address);
    }
    if wanted.field(Field::User) {
        entry.set(Field::User, peer.user);
    }
    if wanted.name("remote_port") {
        entry.push("remote_port", peer.port);
    }
    if wanted.name("event") {
        entry.push("event", peer.event.as_bytes());
    }
}

struct Peer<'line> {
    event: &'static str,
    user: &'line [u8],
    address: &'line [u8],
    port: &'line [u8],
}

fn first(message: &[u8]) -> Option<Peer<'_>> {
    let (event, rest) = event(&ADDRESS_FIRST, message)?;
    let (address, rest) = word(rest);
    let port = rest
        .strip_prefix(b"port ")
        .map_or(&[][..], |rest| &rest[..rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())]);
    is_address(address).then_some(Peer { event, user: &[], address, port })
}

fn last(message: &[u8]) -> Option<Peer<'_>> {
    let (event, rest) = event(&ADDRESS_LAST, message)?;
    // `Disconnecting invalid user x 203.0.113.5 port 22: Too many authentication failures [preauth]`
    let rest = rest.strip_suffix(b" [preauth]").unwrap_or(rest);
    let rest = rest.strip_suffix(b": Too many authentication failures").unwrap_or(rest);
    let rest = match event {
        // The key's type and fingerprint follow.
        "accepted" => &rest[..memchr::memmem::rfind(rest, b" ssh2").unwrap_or(rest.len())],
        _ => rest.strip_suffix(b" ssh2").unwrap_or(rest),
    };
    let (rest, port) = last_word(rest);
    let rest = rest.strip_suffix(b" port")?;
    let (before, address) = last_word(rest);
    let sound = is_address(address) && !port.is_empty() && port.iter().all(u8::is_ascii_digit);
    sound.then_some(Peer { event, user: user(event, before), address, port })
}

/// The user in what stands between the first words and the address.
fn user<'line>(event: &str, before: &'line [u8]) -> &'line [u8] {
    let before = before.strip_suffix(b" from").unwrap_or(before);
    let named = match event {
        "failed" | "accepted" => {
            memchr::memmem::find(before, b" for ").map_or(&[][..], |start| &before[start + b" for ".len()..])
        }
        "bad_banner" => &[],
        _ => before,
    };
    if let Some(user) = named.strip_prefix(b"invalid user ") {
        return user;
    }
    match (event, ["authenticating user ", "user "].iter().find_map(|words| named.strip_prefix(words.as_bytes()))) {
        (_, Some(user)) => user,
        ("failed" | "accepted" | "invalid_user" | "too_many", None) => named,
        _ => &[],
    }
}

fn event<'line>(table: &[(&'static str, &'static str)], message: &'line [u8]) -> Option<(&'static str, &'line [u8])> {
    table.iter().find_map(|(words, event)| Some((*event, message.strip_prefix(words.as_bytes())?)))
}

fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b':')).unwrap_or(text.len());
    (&text[..end], text.get(end + 1..).unwrap_or(&[]))
}

fn last_word(text: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b' ', text) {
        Some(blank) => (&text[..blank], &text[blank + 1..]),
        None => (&[], text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::files::formats::testing::shown;
    use proptest::prelude::*;

    fn found(message: &str) -> Option<String> {
        let fields = shown(|entry| {
            add(message.as_bytes(), &Wanted::all(), entry);
            true
        })?;
        let get = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value).to_owned();
        Some([get("event"), get("user"), get("remote_addr"), get("remote_port")].join("|"))
    }

    #[test]
    fn who_from_where_and_how_it_went() {
        for (message, expected) in [
            ("Failed password for root from 203.0.113.5 port 4711 ssh2", "failed|root|203.0.113.5|4711"),
            ("Failed password for invalid user a b from 2001:db8::1 port 1 ssh2", "failed|a b|2001:db8::1|1"),
            (
                "Accepted publickey for kim from 203.0.113.5 port 22 ssh2: ED25519 SHA256:abc",
                "accepted|kim|203.0.113.5|22",
            ),
            ("Invalid user admin from 203.0.113.5 port 22", "invalid_user|admin|203.0.113.5|22"),
            ("Invalid user  from 203.0.113.5 port 22", "invalid_user||203.0.113.5|22"),
            ("Connection closed by 203.0.113.5 port 22 [preauth]", "closed||203.0.113.5|22"),
            (
                "Connection closed by authenticating user root 203.0.113.5 port 22 [preauth]",
                "closed|root|203.0.113.5|22",
            ),
            ("Disconnected from invalid user x 203.0.113.5 port 22 [preauth]", "disconnected|x|203.0.113.5|22"),
            ("Received disconnect from 203.0.113.5 port 22:11: Bye [preauth]", "disconnected||203.0.113.5|22"),
            (
                "error: maximum authentication attempts exceeded for invalid user x from 203.0.113.5 port 22 ssh2 [preauth]",
                "too_many|x|203.0.113.5|22",
            ),
            ("Server listening on 0.0.0.0 port 22.", "|||"),
        ] {
            assert_eq!(found(message).as_deref(), Some(expected), "{message}");
        }
    }

    #[test]
    fn a_peer_cannot_put_another_address_in_its_place() {
        for message in [
            "Failed password for invalid user x from 198.51.100.9 port 1 ssh2 from 203.0.113.5 port 22 ssh2",
            "Invalid user from 198.51.100.9 port 1 from 203.0.113.5 port 22",
            "Bad protocol version identification 'GET / from 198.51.100.9 port 1' from 203.0.113.5 port 22",
            "Unable to negotiate with 203.0.113.5 port 22: no matching cipher found. Their offer: x 198.51.100.9 port 1",
            "Received disconnect from 203.0.113.5 port 22:11: bye from 198.51.100.9 port 1",
            "Disconnected from invalid user x 198.51.100.9 port 1 203.0.113.5 port 22 [preauth]",
        ] {
            let found = found(message).unwrap();
            assert!(found.ends_with("|203.0.113.5|22"), "{message}: {found}");
        }
    }

    proptest! {
        #[test]
        fn any_message_is_survived(message in ".{0,80}") {
            for (words, _) in ADDRESS_FIRST.iter().chain(&ADDRESS_LAST) {
                let _ = found(&format!("{words}{message}"));
            }
        }
    }
}
