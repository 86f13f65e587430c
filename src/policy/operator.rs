//! Where the person at the keyboard comes from, read out of the variables that sshd sets. Pure: the strings come from
//! the caller.

use std::net::IpAddr;

use crate::detect::ranges::plain;

/// The addresses that sshd names as the client: the first word of `SSH_CONNECTION` (`client port server port`) and of
/// `SSH_CLIENT` (`client port port`). They may differ where a `tmux` session was begun from elsewhere: both count.
pub fn ssh_client(ssh_connection: Option<&str>, ssh_client: Option<&str>) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for value in [ssh_connection, ssh_client].into_iter().flatten() {
        if let Some(address) = word(value, 0)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

/// The address of this host that the SSH connection came in at: the third word of `SSH_CONNECTION`.
pub fn ssh_server(ssh_connection: Option<&str>) -> Option<IpAddr> {
    ssh_connection.and_then(|value| word(value, 2))
}

/// The address that is the word at `index`; an IPv6 zone (`fe80::1%eth0`) is cut off.
fn word(value: &str, index: usize) -> Option<IpAddr> {
    let word = value.split_ascii_whitespace().nth(index)?;
    let address = word.split_once('%').map_or(word, |(address, _zone)| address);
    address.parse().ok().map(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_client_is_the_first_word_of_either_variable() {
        let both = ssh_client(Some("203.0.113.5 51514 198.51.100.1 22"), Some("203.0.113.5 51514 22"));
        assert_eq!(both, addresses(&["203.0.113.5"]));
        let moved = ssh_client(Some("203.0.113.5 51514 198.51.100.1 22"), Some("2001:db8::7 51514 22"));
        assert_eq!(moved, addresses(&["203.0.113.5", "2001:db8::7"]));
        assert_eq!(ssh_server(Some("203.0.113.5 51514 198.51.100.1 22")), "198.51.100.1".parse().ok());
    }

    #[test]
    fn zones_and_mapped_addresses_are_made_plain() {
        assert_eq!(ssh_client(Some("fe80::1%eth0 1 fe80::2%eth0 22"), None), addresses(&["fe80::1"]));
        assert_eq!(ssh_server(Some("fe80::1%eth0 1 fe80::2%eth0 22")), "fe80::2".parse().ok());
        assert_eq!(ssh_client(Some("::ffff:203.0.113.5 1 ::1 22"), None), addresses(&["203.0.113.5"]));
    }

    #[test]
    fn garbage_names_nobody() {
        for text in ["", "   ", "localhost 1 2 3", "203.0.113.5.6 1", "%eth0", "203.0.113.5:22 1"] {
            assert_eq!(ssh_client(Some(text), Some(text)), Vec::<IpAddr>::new(), "{text:?}");
            assert_eq!(ssh_server(Some(text)), None, "{text:?}");
        }
        assert_eq!(ssh_client(None, None), Vec::<IpAddr>::new());
    }
}
