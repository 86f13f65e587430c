//! `format "text <field>" as result`: a text made of fields.

use std::sync::Arc;

use base64::Engine as _;

use super::super::cursor::Cursor;
use super::super::exec::{Each, Needs, Run, Stage, Stop};
use super::super::filter::{parse_if, print_if};
use super::super::number::{duration_text, float_text, from_i64, ipv4_text, parse_duration, parse_i64, parse_u64};
use super::super::problem::{Parsed, Problem, fault};
use super::super::quote::quoted;
use super::super::registry::{Doc, Sort as Kind};
use super::super::text::{lossy, lower, push_json, upper};
use super::super::time::{parse_unix, rfc3339_text};
use super::super::trace::{Expected, How};
use super::update::Keep;
use super::{Batch, Column, Query, RowFilter, Step, compile_if, name, pattern, rows_if};

pub(in super::super) const DOC: Doc = Doc {
    sort: Kind::Pipe,
    name: "format",
    aliases: &[],
    syntax: "format if (filter) \"text <field> <q:field>\" as result keep_original_fields",
    en: "Makes a text of fields; options: q, lc, uc, time, duration, duration_seconds, ipv4, base64encode, base64decode, hexencode, hexdecode, hexnumencode, hexnumdecode, urlencode, urldecode.",
    ko: "필드들로 글자를 만듭니다. 옵션: q, lc, uc, time, duration, duration_seconds, ipv4, base64encode, base64decode, hexencode, hexdecode, hexnumencode, hexnumdecode, urlencode, urldecode.",
    example: "* | format \"<method> <path> <uc:user>\" as request",
};

/// The pipe.
#[derive(Debug, Clone)]
pub struct Format {
    condition: Option<RowFilter>,
    pattern: String,
    steps: Vec<pattern::Step>,
    to: String,
    keep: Keep,
}

impl Format {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let condition = parse_if(cursor)?;
        let mark = cursor.mark();
        cursor.expects(|| Expected::Pattern { makes: false });
        let pattern = cursor.compound()?;
        let steps = pattern::parse(&pattern).filter(|steps| steps.iter().all(|step| !step.field.ends_with('*')));
        let Some(steps) = steps else { return fault(cursor.span_since(mark), Problem::BadPattern(pattern)) };
        let to = if cursor.take("as") { cursor.result(How::Made)? } else { "_msg".to_owned() };
        let keep = Keep::parse(cursor);
        cursor.made(keep.how(condition.is_some()));
        cursor.note_inside(mark, pattern::names(&pattern), How::Read);
        Ok(Self { condition, pattern, steps, to, keep })
    }
}

impl Step for Format {
    fn print(&self, out: &mut String) {
        out.push_str("format");
        print_if(self.condition.as_ref(), out);
        out.push_str(&format!(" {}", quoted(&self.pattern)));
        if self.to != "_msg" {
            out.push_str(&format!(" as {}", quoted(&self.to)));
        }
        self.keep.print(out);
    }

    fn needs(&self, needs: &mut Needs) {
        if !needs.has(&self.to) {
            return;
        }
        if self.condition.is_none() && self.keep == Keep::default() {
            needs.made(&self.to);
        }
        self.steps.iter().filter(|step| !step.field.is_empty()).for_each(|step| needs.add(&step.field));
        if let Some(condition) = &self.condition {
            condition.needs(needs);
        }
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn stage<'p>(&'p self, run: &Run<'_>, _: Option<f64>) -> Result<Box<dyn Stage + 'p>, Stop> {
        let condition = compile_if(self.condition.as_ref(), run)?;
        let to = name(&self.to);
        Ok(Box::new(Each(move |mut batch: Batch| {
            let take = rows_if(condition.as_ref(), &batch);
            if !take.contains(&true) {
                return batch;
            }
            let columns: Vec<_> = self.steps.iter().map(|step| batch.column(&step.field).clone()).collect();
            let old = batch.column(&to).clone();
            let mut new = Column::default();
            let mut text = String::new();
            for (row, take) in take.iter().enumerate() {
                if !take {
                    new.push(old.get(row));
                    continue;
                }
                text.clear();
                for (step, column) in self.steps.iter().zip(&columns) {
                    text.push_str(&step.before);
                    if !step.field.is_empty() {
                        push_value(&step.option, column.get(row), &mut text);
                    }
                }
                new.push(self.keep.choose(old.get(row), &text));
            }
            batch.set(&to, Arc::new(new));
            batch
        })))
    }

    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Query)) {
        if let Some(condition) = &mut self.condition {
            condition.visit_queries(visit);
        }
    }
}

/// Appends a value as the option says; as it is where the option does not fit it.
fn push_value(option: &str, value: &str, out: &mut String) {
    use base64::engine::general_purpose::STANDARD;
    let converted = match option {
        "q" => return push_json(value, out),
        "lc" => Some(value.chars().map(lower).collect()),
        "uc" => Some(value.chars().map(upper).collect()),
        "time" => parse_unix(value).map(rfc3339_text),
        "duration" => parse_i64(value).map(duration_text),
        "duration_seconds" => parse_duration(value).map(|nanos| float_text(from_i64(nanos) / 1e9)),
        "ipv4" => parse_u64(value).and_then(|number| u32::try_from(number).ok()).map(ipv4_text),
        "base64encode" => Some(STANDARD.encode(value)),
        "base64decode" => STANDARD.decode(value.replace(['\n', '\r'], "")).ok().map(|bytes| lossy(&bytes)),
        "hexencode" => Some(value.bytes().map(|byte| format!("{byte:02X}")).collect()),
        "hexdecode" => Some(lossy(&hex_decoded(value.as_bytes()))),
        "hexnumencode" => parse_u64(value).map(|number| format!("{number:016X}")),
        "hexnumdecode" => hex_number(value).map(|number| number.to_string()),
        "urlencode" => Some(value.bytes().map(url_encoded).collect()),
        "urldecode" => Some(lossy(&url_decoded(value.as_bytes()))),
        _ => None,
    };
    out.push_str(converted.as_deref().unwrap_or(value));
}

fn hex_number(text: &str) -> Option<u64> {
    match text {
        "" => Some(0),
        text if text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            u64::from_str_radix(text, 16).ok()
        }
        _ => None,
    }
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

fn hex_decoded(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    while let [high, low, rest @ ..] = bytes {
        match hex_pair(*high, *low) {
            Some(byte) => out.push(byte),
            None => out.extend([*high, *low]),
        }
        bytes = rest;
    }
    out.extend(bytes);
    out
}

fn url_encoded(byte: u8) -> String {
    match byte {
        b' ' => "+".to_owned(),
        b'-' | b'.' | b'_' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

fn url_decoded(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        match (first, rest) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) if hex_pair(*high, *low).is_some() => {
                out.extend(hex_pair(*high, *low));
                bytes = after;
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_convert_what_fits() {
        for (option, value, made) in [
            ("", "x", "x"),
            ("q", "a\"b", "\"a\\\"b\""),
            ("uc", "straße", "STRAßE"),
            ("time", "1704067200", "2024-01-01T00:00:00Z"),
            ("duration", "1500000000", "1.5s"),
            ("duration_seconds", "1m30s", "90"),
            ("ipv4", "167772161", "10.0.0.1"),
            ("ipv4", "x", "x"),
            ("hexdecode", "41zz42", "AzzB"),
            ("hexnumencode", "255", "00000000000000FF"),
            ("hexnumdecode", "ff", "255"),
            ("urlencode", "a b/é", "a+b%2F%C3%A9"),
            ("urldecode", "a+b%2F%C3%A9%", "a b/é%"),
            ("base64decode", "aGk=", "hi"),
            ("unknown", "v", "v"),
        ] {
            let mut out = String::new();
            push_value(option, value, &mut out);
            assert_eq!(out, made, "{option}:{value}");
        }
    }
}
