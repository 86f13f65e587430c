//! Requests as log lines: the combined format of nginx and Apache, the same with host and time taken, and JSON lines as
//! nginx writes them with `escape=json`. Escaping is the server's own, so hostile bytes arrive in a log as they really
//! would.

use std::io::{self, Write};

use super::{HOST, Request};

/// A log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// nginx's `combined`: whole seconds, no duration.
    Combined,
    /// The same with the virtual host in front, milliseconds in the time, and the time taken behind.
    #[default]
    Timed,
    /// JSON lines with milliseconds, duration and host, under nginx's own names.
    Json,
}

/// Writes one line, the line feed included.
pub fn line(out: &mut impl Write, format: Format, request: &Request) -> io::Result<()> {
    match format {
        Format::Combined => {
            combined(out, request, "%d/%b/%Y:%H:%M:%S +0000")?;
            out.write_all(b"\n")
        }
        Format::Timed => {
            write!(out, "{HOST} ")?;
            combined(out, request, "%d/%b/%Y:%H:%M:%S.%3f +0000")?;
            writeln!(out, " {:.3}", request.duration.as_secs_f64())
        }
        Format::Json => json(out, request),
    }
}

/// A combined line without its end.
fn combined(out: &mut impl Write, request: &Request, time: &str) -> io::Result<()> {
    let time = request.at.strftime(time);
    write!(out, "{} - - [{time}] \"{} ", request.client, request.method)?;
    escaped(out, &request.uri)?;
    write!(out, " HTTP/1.1\" {} {} \"", request.status, request.bytes)?;
    escaped(out, if request.referer.is_empty() { "-" } else { &request.referer })?;
    out.write_all(b"\" \"")?;
    escaped(out, request.user_agent)?;
    out.write_all(b"\"")
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
    fn what_is_written_is_read_by_the_file_formats() {
        use crate::logs::files::formats::{
            Format as Reader,
            entry::{Entry, Wanted},
            time,
        };
        let context = time::Context { zone: jiff::tz::TimeZone::UTC, reference: jiff::Timestamp::UNIX_EPOCH };
        let wanted = ["_time", "host", "remote_addr", "method", "path", "status", "bytes", "duration", "user_agent"];
        let start: jiff::Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let plan = crate::sim::Plan::new(1, start).until(start + jiff::SignedDuration::from_mins(2));
        for format in [Format::Combined, Format::Timed, Format::Json] {
            for request in crate::sim::Traffic::new(&plan) {
                let mut bytes = Vec::new();
                line(&mut bytes, format, &request).unwrap();
                let bytes = bytes.trim_ascii_end();
                let mut entry = Entry::default();
                let reader = Reader::of(&[bytes], None, &context);
                assert!(reader.parse(bytes, &context, &Wanted::only(wanted), &mut entry), "{reader}");
                assert!(entry.time.is_some());
                let field = |name: &str| String::from_utf8_lossy(entry.get(name)).into_owned();
                if format == Format::Json {
                    continue;
                }
                let path = request.uri.split('?').next().unwrap_or_default();
                assert_eq!(field("remote_addr"), request.client.to_string());
                assert_eq!((field("method"), field("path")), (request.method.to_owned(), path.to_owned()));
                assert_eq!(field("status"), request.status.to_string());
                if format == Format::Timed {
                    assert_eq!(entry.time, i64::try_from(request.at.as_nanosecond() / 1_000_000 * 1_000_000).ok());
                    assert_eq!(field("duration"), format!("{:.3}", request.duration.as_secs_f64()));
                    assert_eq!(field("host"), HOST);
                }
            }
        }
    }

    #[test]
    fn json_is_json() {
        let value: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(value["time"], "2026-03-02T09:00:01.250Z");
        assert_eq!(value["request_uri"], "/\"\\\u{1b}[2J배");
        assert_eq!((&value["status"], &value["request_time"]), (&404.into(), &0.007.into()));
    }
}
