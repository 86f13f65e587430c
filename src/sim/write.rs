//! Requests as log lines: the combined format of nginx and Apache, and JSON lines as nginx writes them with
//! `escape=json`. Escaping is the server's own, so hostile bytes arrive in a log as they really would.

use std::io::{self, Write};

use super::{HOST, Request};

/// A log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// nginx's `combined`: whole seconds, no duration.
    Combined,
    /// JSON lines with milliseconds, duration and host.
    #[default]
    Json,
}

/// Writes one line, the line feed included.
pub fn line(out: &mut impl Write, format: Format, request: &Request) -> io::Result<()> {
    match format {
        Format::Combined => combined(out, request),
        Format::Json => json(out, request),
    }
}

fn combined(out: &mut impl Write, request: &Request) -> io::Result<()> {
    let time = request.at.strftime("%d/%b/%Y:%H:%M:%S +0000");
    write!(out, "{} - - [{time}] \"{} ", request.client, request.method)?;
    escaped(out, &request.uri)?;
    write!(out, " HTTP/1.1\" {} {} \"", request.status, request.bytes)?;
    escaped(out, if request.referer.is_empty() { "-" } else { &request.referer })?;
    out.write_all(b"\" \"")?;
    escaped(out, request.user_agent)?;
    out.write_all(b"\"\n")
}

/// nginx's default escaping: `"`, `\`, controls and everything past ASCII become `\xXX`.
fn escaped(out: &mut impl Write, text: &str) -> io::Result<()> {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | 0..=0x1f | 0x7f.. => write!(out, "\\x{byte:02X}")?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

fn json(out: &mut impl Write, request: &Request) -> io::Result<()> {
    let text = |value: &str| serde_json::Value::from(value).to_string();
    writeln!(
        out,
        r#"{{"time":"{:.3}","remote_addr":"{}","host":"{HOST}","request_method":"{}","request_uri":{},"status":{},"body_bytes_sent":{},"request_time":{:.3},"http_referer":{},"http_user_agent":{}}}"#,
        request.at,
        request.client,
        request.method,
        text(&request.uri),
        request.status,
        request.bytes,
        request.duration.as_secs_f64(),
        text(&request.referer),
        text(request.user_agent),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::populations::PATH_SCANNER;

    fn written(format: Format) -> String {
        let request = Request {
            at: "2026-03-02T09:00:01.25Z".parse().unwrap(),
            client: "203.0.113.66".parse().unwrap(),
            method: "GET",
            uri: "/\"\\\u{1b}[2J배".into(),
            status: 404,
            bytes: 153,
            duration: std::time::Duration::from_millis(7),
            referer: "".into(),
            user_agent: "Nikto",
            population: &PATH_SCANNER,
        };
        let mut out = Vec::new();
        line(&mut out, format, &request).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn combined_escapes_as_nginx_does() {
        assert_eq!(
            written(Format::Combined),
            "203.0.113.66 - - [02/Mar/2026:09:00:01 +0000] \"GET /\\x22\\x5C\\x1B[2J\\xEB\\xB0\\xB0 HTTP/1.1\" 404 153 \"-\" \"Nikto\"\n"
        );
    }

    #[test]
    fn json_is_json() {
        let value: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(value["time"], "2026-03-02T09:00:01.250Z");
        assert_eq!(value["request_uri"], "/\"\\\u{1b}[2J배");
        assert_eq!((&value["status"], &value["request_time"]), (&404.into(), &0.007.into()));
    }
}
