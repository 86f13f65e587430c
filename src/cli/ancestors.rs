//! Variables of the processes that this one comes from. `sudo` takes `SSH_CONNECTION` away, and with it the operator's
//! own address, which must never be banned: the shell that `sudo` was typed in still has it. Where `/proc` does not
//! let us look (another user's process), that ancestor is passed over.

use std::fs;

/// How far up is looked; a login is a handful of processes away.
const FURTHEST: usize = 32;

/// The values of a variable, of this process first and then of its ancestors, as far as they can be read.
pub fn values(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pid = std::process::id();
    for _ in 0..FURTHEST {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        if let Some(value) = value_in(&environment, name).filter(|value| !found.contains(value)) {
            found.push(value);
        }
        match fs::read_to_string(format!("/proc/{pid}/status")).ok().as_deref().and_then(parent_in) {
            Some(parent) if parent > 1 => pid = parent,
            _ => break,
        }
    }
    found
}

/// A variable in the bytes of `/proc/PID/environ`: `NAME=value`, each ended by a NUL.
fn value_in(environment: &[u8], name: &str) -> Option<String> {
    let of = |entry: &[u8]| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec);
    let value = environment.split(|byte| *byte == 0).find_map(of)?;
    String::from_utf8(value).ok().filter(|value| !value.is_empty())
}

/// The parent in the text of `/proc/PID/status`.
fn parent_in(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_by_its_whole_name() {
        let environment = b"MY_SSH_CLIENT=x\0SSH_CLIENT_2=y\0SSH_CLIENT=203.0.113.5 51514 22\0BAD=\xff\0EMPTY=\0";
        assert_eq!(value_in(environment, "SSH_CLIENT").as_deref(), Some("203.0.113.5 51514 22"));
        for name in ["SSH", "BAD", "EMPTY", "MISSING"] {
            assert_eq!(value_in(environment, name), None, "{name}");
        }
    }

    #[test]
    fn the_parent_is_read_out_of_the_status() {
        assert_eq!(parent_in("Name:\tsudo\nPPid:\t4711\nTracerPid:\t0\n"), Some(4711));
        assert_eq!(parent_in("Name:\tPPid: 1\n"), None);
    }

    #[test]
    fn a_variable_that_only_an_ancestor_has_is_found() {
        // As sudo does: a child whose own environment is empty.
        let test = std::env::current_exe().unwrap();
        let child = "cli::ancestors::tests::says_what_it_finds";
        let command = format!("env -i {} --exact --nocapture {child}", test.display());
        let shell = std::process::Command::new("sh")
            .args(["-c", &format!("{command}; true")])
            .env("GATEWATCH_TEST_ANCESTOR", "203.0.113.5 51514 22")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&shell.stdout);
        assert!(said.contains("found: [\"203.0.113.5 51514 22\"]"), "{said}");
    }

    /// The child of the test above; alone it finds nothing and says so.
    #[test]
    fn says_what_it_finds() {
        println!("found: {:?}", values("GATEWATCH_TEST_ANCESTOR"));
    }
}
