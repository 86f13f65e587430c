//! JSON as it stands in log values: numbers keep their digits, objects their order and repeated keys.

use super::quote::go_quote;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true`, `false` or a number, as it is written.
    Literal(String),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// Deeper nesting is no JSON here.
const DEEPEST: usize = 300;

/// Reads a whole text.
pub fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text.trim_start_matches(BLANK), depth: 0 };
    let value = reader.value()?;
    reader.rest.trim_start_matches(BLANK).is_empty().then_some(value)
}

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches(BLANK);
    }

    fn take(&mut self, sign: char) -> bool {
        self.skip();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Json> {
        self.skip();
        self.depth += 1;
        let value = match self.rest.as_bytes().first()? {
            _ if self.depth > DEEPEST => None,
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(Json::Text),
            _ => self.literal(),
        };
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Option<Json> {
        self.take('{');
        let mut fields = Vec::new();
        if self.take('}') {
            return Some(Json::Object(fields));
        }
        loop {
            self.skip();
            let key = self.string()?;
            if !self.take(':') {
                return None;
            }
            fields.push((key, self.value()?));
            if self.take('}') {
                return Some(Json::Object(fields));
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    fn array(&mut self) -> Option<Json> {
        self.take('[');
        let mut values = Vec::new();
        if self.take(']') {
            return Some(Json::Array(values));
        }
        loop {
            values.push(self.value()?);
            if self.take(']') {
                return Some(Json::Array(values));
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    fn literal(&mut self) -> Option<Json> {
        for (word, value) in [("null", None), ("true", Some("true")), ("false", Some("false"))] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Some(value.map_or(Json::Null, |value| Json::Literal(value.to_owned())));
            }
        }
        // The server's reader takes these for numbers too.
        let unsigned = self.rest.trim_start_matches(['-', '+']);
        let signs = self.rest.len() - unsigned.len();
        let named =
            unsigned.get(..3).filter(|word| word.eq_ignore_ascii_case("nan") || word.eq_ignore_ascii_case("inf"));
        if let Some(word) = named.filter(|_| signs <= 1) {
            let (number, rest) = self.rest.split_at(signs + word.len());
            self.rest = rest;
            return Some(Json::Literal(number.to_owned()));
        }
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+' | 'e' | 'E'));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        Some(Json::Literal(number.to_owned()))
    }

    fn string(&mut self) -> Option<String> {
        let mut rest = self.rest.strip_prefix('"')?;
        let mut out = String::new();
        loop {
            let end = rest.find(['"', '\\'])?;
            out.push_str(&rest[..end]);
            let quote = rest.as_bytes()[end] == b'"';
            rest = &rest[end + 1..];
            if quote {
                self.rest = rest;
                return Some(out);
            }
            let code = rest.chars().next()?;
            rest = &rest[code.len_utf8()..];
            match code {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'b' => out.push('\u{8}'),
                'f' => out.push('\u{c}'),
                '"' | '\\' | '/' => out.push(code),
                'u' => rest = unicode_escape(rest, &mut out),
                // An unknown escape stays as it stands.
                other => {
                    out.push('\\');
                    out.push(other);
                }
            }
        }
    }
}

/// Reads four hexadecimal digits, and the second half of a surrogate pair; what is none stays as it stands.
fn unicode_escape<'t>(rest: &'t str, out: &mut String) -> &'t str {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(first) = unit(rest) else {
        out.push_str("\\u");
        return rest;
    };
    if let Some(c) = char::from_u32(first) {
        out.push(c);
        return &rest[4..];
    }
    let second = rest[4..].strip_prefix("\\u").and_then(unit).filter(|low| (0xdc00..0xe000).contains(low));
    match second.filter(|_| (0xd800..0xdc00).contains(&first)) {
        Some(low) => {
            out.extend(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00)));
            &rest[10..]
        }
        None => {
            out.push('\u{fffd}');
            &rest[4..]
        }
    }
}

impl Json {
    /// A string by itself, everything else as JSON text.
    pub fn into_value(self) -> String {
        match self {
            Self::Text(text) => text,
            other => other.to_string(),
        }
    }

    /// The fields of an object, nested ones with dots, `null` left out.
    pub fn flattened(self) -> Option<Vec<(String, String)>> {
        let Self::Object(fields) = self else { return None };
        let mut out = Vec::new();
        flatten_into("", fields, &mut out);
        Some(out)
    }
}

fn flatten_into(prefix: &str, fields: Vec<(String, Json)>, out: &mut Vec<(String, String)>) {
    for (key, value) in fields {
        let name = format!("{prefix}{key}");
        match value {
            Json::Null => {}
            Json::Object(inner) => flatten_into(&format!("{name}."), inner, out),
            value => out.push((if name.is_empty() { "_msg".to_owned() } else { name }, value.into_value())),
        }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted = |text: &str| {
            let special = text.chars().any(|c| c < ' ' || matches!(c, '"' | '\\'));
            if special { go_quote(text) } else { format!("\"{text}\"") }
        };
        match self {
            Self::Null => f.write_str("null"),
            Self::Literal(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{value}", if index > 0 { "," } else { "" }, quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// The elements of an array; none where the text is no array.
pub fn array_values(text: &str) -> Vec<String> {
    if !text.starts_with('[') {
        return Vec::new();
    }
    match parse(text) {
        Some(Json::Array(values)) => values.into_iter().map(Json::into_value).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_flatten_and_numbers_keep_their_digits() {
        let fields = parse(r#"{"a":{"b":1.50,"c":null,"d":[1,"x",{"y":"z"}]},"e":"\u00e9\ud83d\ude00","f":true}"#)
            .and_then(Json::flattened)
            .unwrap();
        let shown: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["a.b=1.50", r#"a.d=[1,"x",{"y":"z"}]"#, "e=é😀", "f=true"]);
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "{", "[1,]", "{\"a\"}", "[1] x", "nul", &"[".repeat(1000)] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(array_values(r#"["a",1,null]"#), ["a", "1", "null"]);
    }
}
