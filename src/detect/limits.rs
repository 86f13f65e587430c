//! From how many on something is much, for one client: what a busier or a stricter site sets otherwise. A limit is where
//! evidence begins; what it weighs is decided where the score is made.

/// The limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Requests within any sixty seconds.
    pub burst: u32,
    /// Requests about signing in or paying, within an hour.
    pub sensitive: u32,
    /// Beginnings of paths that are as sensitive as those, in lower case.
    pub sensitive_paths: Vec<String>,
    /// Refused sign-ins over SSH, within a minute.
    pub ssh_failures: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { burst: 100, sensitive: 30, sensitive_paths: Vec::new(), ssh_failures: 5 }
    }
}

impl Limits {
    /// Whether somebody said that a path is sensitive. `path` is in normal form.
    pub fn lists(&self, path: &str) -> bool {
        self.sensitive_paths.iter().any(|start| path.starts_with(start))
    }
}
