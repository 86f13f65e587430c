//! Texts as Go's libraries make them: JSON strings, case by single characters, ANSI colours taken out.

/// Lower case of one character, as one character.
pub(super) fn lower(c: char) -> char {
    // The only character whose lower case is more than one: the server drops the dot.
    if c == 'İ' { 'i' } else { single(c.to_lowercase(), c) }
}

/// Upper case of one character, where it is one character.
pub(super) fn upper(c: char) -> char {
    single(c.to_uppercase(), c)
}

/// Bytes as text; each one that belongs to no character becomes a replacement character of its own.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

fn single(mut mapped: impl Iterator<Item = char>, otherwise: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => otherwise,
    }
}

/// Appends a JSON string as the server writes it: `<` and `'` are escaped too.
pub(super) fn push_json(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '<' => out.push_str("\\u003c"),
            '\'' => out.push_str("\\u0027"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A JSON array of strings.
pub(super) fn json_array<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> String {
    let mut out = String::from("[");
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_json(value.as_ref(), &mut out);
    }
    out.push(']');
    out
}

/// A JSON object of strings without the empty ones.
pub(super) fn json_object<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    let mut out = String::from("{");
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        if out.len() > 1 {
            out.push(',');
        }
        push_json(if name.is_empty() { "_msg" } else { name }, &mut out);
        out.push(':');
        push_json(value, &mut out);
    }
    out.push('}');
    out
}

/// `name=value …`, with values quoted that hold blanks, quotes or backslashes.
pub(super) fn logfmt<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    let mut out = String::new();
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(if name.is_empty() { "_msg" } else { name });
        out.push('=');
        if value.chars().any(|c| c <= ' ' || matches!(c, '"' | '\\')) {
            push_json(value, &mut out);
        } else {
            out.push_str(value);
        }
    }
    out
}

/// The text without ANSI escape sequences.
pub(super) fn without_colors(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let skip = |text: &str, from: u8, to: u8| text.bytes().position(|b| b < from || b > to).unwrap_or(text.len());
        let mut end = skip(after, 0x30, 0x3f);
        end += skip(&after[end..], 0x20, 0x2f);
        if after.as_bytes().get(end).is_some_and(|byte| (0x30..=0x7e).contains(byte)) {
            end += 1;
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}
