//! The values of old variables in the form that settings have today.

/// A bare number gets a unit; anything else stays as it is.
fn with_unit(text: &str, unit: &str) -> String {
    let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_bare { format!("{text}{unit}") } else { text.to_owned() }
}

pub(super) fn minutes(text: &str) -> String {
    with_unit(text, "m")
}

pub(super) fn hours(text: &str) -> String {
    with_unit(text, "h")
}

pub(super) fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// `OLLAMA_HOST` may be a bare host, a host and a port, or a URL; `0.0.0.0` and `[::]`, where a server listens
/// everywhere, are reached over loopback.
pub(super) fn ollama_host(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => (host, port),
        _ => (authority, if text.contains("://") { "" } else { "11434" }),
    };
    let host = match host {
        "" | "0.0.0.0" => "127.0.0.1",
        "[::]" => "[::1]",
        other => other,
    };
    let colon = if port.is_empty() { "" } else { ":" };
    let path = path.trim_end_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{scheme}://{host}{colon}{port}{slash}{path}")
}
