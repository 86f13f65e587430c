//! The parts of a syslog line, RFC 5424 or RFC 3164, under the names that VictoriaLogs gives them.

use super::number::{SECOND, parse_u64};
use super::pipe::unpack_logfmt;
use super::time::{civil, date_of, iso8601_text};

type Fields = Vec<(String, String)>;

const SEVERITIES: [&str; 8] = ["emerg", "alert", "critical", "error", "warning", "notice", "info", "debug"];
const FACILITIES: [&str; 24] = [
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "security",
    "console",
    "solaris-cron",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7",
];

/// The fields of a line. A time without a year lies in the year before `now`; one without a zone is taken as `offset`
/// nanoseconds ahead of UTC.
pub(super) fn parse(line: &str, now: i64, offset: i64) -> Fields {
    let mut fields = Fields::new();
    let Some(rest) = line.strip_prefix('<') else {
        parse_after_priority(line, now, offset, &mut fields);
        return fields;
    };
    let Some((priority, rest)) = rest.split_once('>') else { return fields };
    add(&mut fields, "priority", priority);
    let Some(number) = parse_u64(priority) else { return fields };
    let (facility, severity) = (number / 8, number % 8);
    let name = |table: &'static [&str], index: u64| {
        usize::try_from(index).ok().and_then(|index| table.get(index)).copied().unwrap_or("unknown")
    };
    add(&mut fields, "facility_keyword", name(&FACILITIES, facility));
    add(&mut fields, "level", name(&SEVERITIES, severity));
    add(&mut fields, "facility", &facility.to_string());
    add(&mut fields, "severity", &severity.to_string());
    parse_after_priority(rest, now, offset, &mut fields);
    fields
}

fn add(fields: &mut Fields, name: &str, value: &str) {
    fields.push((name.to_owned(), value.to_owned()));
}

fn parse_after_priority(text: &str, now: i64, offset: i64, fields: &mut Fields) {
    match text.strip_prefix("1 ") {
        _ if text.is_empty() => {}
        Some(rest) => parse_5424(rest, fields),
        None => parse_3164(text, now, offset, fields),
    }
}

fn parse_5424(text: &str, fields: &mut Fields) {
    add(fields, "format", "rfc5424");
    if text.is_empty() {
        return;
    }
    let mut rest = text;
    for name in ["timestamp", "hostname", "app_name", "proc_id", "msg_id"] {
        let Some((value, after)) = rest.split_once(' ') else {
            add(fields, name, rest);
            return;
        };
        add(fields, name, value);
        rest = after;
    }
    if let Some(message) = structured_data(rest, fields) {
        add(fields, "message", message);
    }
}

/// `- ` or `[id name="value" …][…] `: what follows it.
fn structured_data<'t>(text: &'t str, fields: &mut Fields) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix("- ") {
        return Some(rest);
    }
    let mut rest = text;
    loop {
        rest = structured_element(rest.strip_prefix('[')?, fields)?;
        if let Some(message) = rest.strip_prefix(' ') {
            return Some(message);
        }
    }
}

fn structured_element<'t>(text: &'t str, fields: &mut Fields) -> Option<&'t str> {
    let id_end = text.find([' ', ']'])?;
    let (mut id, body) = text.split_at(id_end);
    if let Some((name, value)) = id.split_once('=') {
        add(fields, name, value);
        id = "";
    }
    let end = element_end(body)?;
    let parts = unpack_logfmt::unpack(&body[..end].trim().replace("\\]", "]"));
    if parts.is_empty() && !id.is_empty() {
        add(fields, id, "");
    }
    for (name, value) in parts {
        add(fields, &if id.is_empty() { name } else { format!("{id}.{name}") }, &value);
    }
    Some(&body[end + 1..])
}

/// Where the `]` of an element stands, quoted values aside.
fn element_end(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let mut at = 0;
    while at < bytes.len() && (bytes[at] != b']' || at > 0 && bytes[at - 1] == b'\\') {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        at += body[at..].find('=')? + 1;
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            while *bytes.get(at)? != b'"' || bytes[at - 1] == b'\\' {
                at += 1;
            }
            at += 1;
        } else {
            at += body.get(at..)?.find([' ', ']'])?;
        }
        if !body.is_char_boundary(at) {
            return None;
        }
    }
    (at < bytes.len()).then_some(at)
}

fn parse_3164(text: &str, now: i64, offset: i64, fields: &mut Fields) {
    add(fields, "format", "rfc3164");
    let time = text.get(..15).and_then(|stamp| parse_stamp(stamp, now, offset));
    let Some(nanos) = time else {
        add(fields, "message", text);
        return;
    };
    add(fields, "timestamp", &iso8601_text(nanos));
    let after = &text[15..];
    let Some(rest) = after.strip_prefix(' ') else {
        if !after.is_empty() {
            add(fields, "message", after);
        }
        return;
    };
    let Some((host, rest)) = rest.split_once(' ') else {
        add(fields, "hostname", rest);
        return;
    };
    add(fields, "hostname", host);
    let Some(end) = rest.find(['[', ':', ' ']) else {
        add(fields, "app_name", rest);
        return;
    };
    let (name, mut rest) = rest.split_at(end);
    add(fields, "app_name", name);
    if let Some(process) = rest.strip_prefix('[') {
        let Some((id, after)) = process.split_once(']') else { return };
        add(fields, "proc_id", id);
        rest = after;
    }
    rest = rest.strip_prefix(':').unwrap_or(rest);
    rest = rest.strip_prefix(' ').unwrap_or(rest);
    if !rest.is_empty() {
        add(fields, "message", rest);
    }
}

/// `Jan _2 15:04:05` in the last year up to a day after `now`.
fn parse_stamp(stamp: &str, now: i64, offset: i64) -> Option<i64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let bytes = stamp.as_bytes();
    if !stamp.is_ascii() || bytes[3] != b' ' || bytes[6] != b' ' || bytes[9] != b':' || bytes[12] != b':' {
        return None;
    }
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(&stamp[..3]))? + 1;
    let number = |from: usize, below: i64| stamp[from..from + 2].parse::<i64>().ok().filter(|n| *n < below);
    let day = stamp[4..6].trim_start().parse::<i64>().ok().filter(|day| (1..=31).contains(day))?;
    let seconds = number(7, 24)? * 3600 + number(10, 60)? * 60 + number(13, 60)?;
    let year = i64::from(date_of(now).year());
    let month = i64::try_from(month).ok()?;
    let nanos = civil(year, month, day, seconds)?.checked_sub(offset)?;
    if nanos.saturating_sub(86_400 * SECOND) > now {
        civil(year - 1, month, day, seconds)?.checked_sub(offset)
    } else {
        Some(nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        let now = civil(2024, 6, 1, 0).unwrap();
        parse(line, now, 0).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn both_formats_are_taken_apart() {
        assert_eq!(
            shown(r#"<165>1 2024-05-03T17:42:00Z host app 123 ID47 [sd@1 a="x]y" b="2"] hello"#)[5..],
            [
                "format=rfc5424",
                "timestamp=2024-05-03T17:42:00Z",
                "hostname=host",
                "app_name=app",
                "proc_id=123",
                "msg_id=ID47",
                "sd@1.a=x]y",
                "sd@1.b=2",
                "message=hello"
            ]
        );
        assert_eq!(
            shown("<38>May  3 17:42:00 web sshd[42]: Failed password")[..],
            [
                "priority=38",
                "facility_keyword=auth",
                "level=info",
                "facility=4",
                "severity=6",
                "format=rfc3164",
                "timestamp=2024-05-03T17:42:00.000Z",
                "hostname=web",
                "app_name=sshd",
                "proc_id=42",
                "message=Failed password"
            ]
        );
        assert_eq!(shown("Dec  3 17:42:00 web x")[1], "timestamp=2023-12-03T17:42:00.000Z");
        assert_eq!(shown("no syslog"), ["format=rfc3164", "message=no syslog"]);
    }
}
