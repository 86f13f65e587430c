//! How much memory this host has, so that neither a query nor an index brings it down.

/// What is taken where the host does not say.
const UNKNOWN: usize = 4 << 30;

/// A quarter of the memory, as the operating system tells it, or of what the control group allows.
pub fn quarter() -> usize {
    let host = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    host.into_iter().chain(group).min().unwrap_or(UNKNOWN) / 4
}

/// `MemTotal:       24609128 kB`.
fn total(text: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read() {
        assert_eq!(total("MemTotal:       24609128 kB\nMemFree: 1 kB\n"), Some(24_609_128 * 1024));
        assert_eq!(total("nothing"), None);
        assert!(quarter() > 1 << 20);
    }
}
