//! How a setting's value is read from TOML, from the environment and from a flag, and how it is written again. One
//! implementation of [`Value`] per type serves all of them.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use toml::de::DeValue;

use super::duration;
use super::secret::Secret;
use crate::logs::files::Kind;
use crate::policy::Remedy;
use crate::text::Lang;

/// How a value stands in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `"text"`.
    Text,
    /// `5`.
    Integer,
    /// `0.5`; an integer is taken too.
    Float,
    /// `true`.
    Boolean,
    /// `["one", "two"]`; in the environment and in flags the items are parted by one of these characters.
    List(&'static [char]),
}

/// A type that a setting can have.
pub trait Value: Sized + Clone + PartialEq {
    /// How it stands in TOML.
    const SHAPE: Shape;

    /// Whether it may hold a secret, so that no message repeats what was given.
    const IS_SECRET: bool = false;

    /// Reads it from its items: exactly one, unless it is a list. `None` where they are not of this type.
    fn read(items: &[&str]) -> Option<Self>;

    /// Its items, such that [`read`](Self::read) gives it again; a secret's value is redacted.
    fn write(&self) -> Vec<String>;

    /// What it has to be, for an error message: `a duration such as "5m"`.
    fn wants(lang: Lang) -> Cow<'static, str>;

    /// Whether it holds a secret in clear.
    fn is_secret_in_clear(&self) -> bool {
        false
    }
}

/// Why a value was not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// It is of another type, or its text cannot be read.
    Type,
    /// It is outside of what is allowed.
    Range {
        /// The least, as it would be written.
        least: String,
        /// The most.
        most: String,
    },
}

/// Reads a value from the environment or a flag.
pub fn from_text<T: Value>(text: &str) -> Result<T, Refused> {
    let items = match T::SHAPE {
        Shape::List(separators) => text.split(separators).map(str::trim).filter(|item| !item.is_empty()).collect(),
        _ => vec![text.trim()],
    };
    T::read(&items).ok_or(Refused::Type)
}

/// Reads a value from the settings file.
pub fn from_toml<T: Value>(value: &DeValue<'_>) -> Result<T, Refused> {
    let read = |item: &str| T::read(&[item]).ok_or(Refused::Type);
    match (T::SHAPE, value) {
        (Shape::Text, DeValue::String(text)) => read(text),
        (Shape::Integer | Shape::Float, DeValue::Integer(number)) if number.radix() == 10 => read(number.as_str()),
        (Shape::Float, DeValue::Float(number)) => read(number.as_str()),
        (Shape::Boolean, DeValue::Boolean(truth)) => read(if *truth { "true" } else { "false" }),
        (Shape::List(_), DeValue::Array(array)) => {
            let items: Option<Vec<&str>> = array.iter().map(|item| item.get_ref().as_str()).collect();
            items.and_then(|items| T::read(&items)).ok_or(Refused::Type)
        }
        _ => Err(Refused::Type),
    }
}

/// Writes items as they stand in TOML.
pub fn to_toml(shape: Shape, items: &[String]) -> String {
    let quoted = |item: &String| toml::Value::String(item.clone()).to_string();
    match shape {
        Shape::List(_) => format!("[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        Shape::Text => items.first().map_or_else(|| "\"\"".to_owned(), quoted),
        Shape::Integer | Shape::Float | Shape::Boolean => items.concat(),
    }
}

/// Lets a value pass that lies within `range`.
pub fn within<T: Value + PartialOrd>(value: T, range: RangeInclusive<T>) -> Result<T, Refused> {
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(Refused::Range { least: range.start().write().concat(), most: range.end().write().concat() })
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Boolean;
    fn read(items: &[&str]) -> Option<Self> {
        match items.first()?.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        }
    }
    fn write(&self) -> Vec<String> {
        vec![self.to_string()]
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::truth(lang).into()
    }
}

/// Whole numbers.
macro_rules! integers {
    ($($ty:ty),*) => { $(
        impl Value for $ty {
            const SHAPE: Shape = Shape::Integer;
            fn read(items: &[&str]) -> Option<Self> {
                items.first()?.parse().ok()
            }
            fn write(&self) -> Vec<String> {
                vec![self.to_string()]
            }
            fn wants(lang: Lang) -> Cow<'static, str> {
                wants::integer(lang).into()
            }
        }
    )* };
}
integers!(u8, u32, u64, i64, usize);

impl Value for f64 {
    const SHAPE: Shape = Shape::Float;
    fn read(items: &[&str]) -> Option<Self> {
        items.first()?.parse().ok().filter(|number: &Self| number.is_finite())
    }
    fn write(&self) -> Vec<String> {
        // `{:?}` keeps the point: `1.0`, not `1`.
        vec![format!("{self:?}")]
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::float(lang).into()
    }
}

impl Value for Duration {
    const SHAPE: Shape = Shape::Text;
    fn read(items: &[&str]) -> Option<Self> {
        duration::parse(items.first()?)
    }
    fn write(&self) -> Vec<String> {
        vec![duration::show(*self)]
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::duration(lang).into()
    }
}

impl Value for String {
    const SHAPE: Shape = Shape::Text;
    fn read(items: &[&str]) -> Option<Self> {
        items.first().map(|&text| text.to_owned())
    }
    fn write(&self) -> Vec<String> {
        vec![self.clone()]
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::text(lang).into()
    }
}

/// A text that may be left empty; empty is not set.
macro_rules! optional {
    ($($ty:ty: $from:expr, $to:expr, $wants:path;)*) => { $(
        impl Value for Option<$ty> {
            const SHAPE: Shape = Shape::Text;
            fn read(items: &[&str]) -> Option<Self> {
                match *items.first()? {
                    "" => Some(None),
                    text => $from(text).map(Some),
                }
            }
            fn write(&self) -> Vec<String> {
                vec![self.as_ref().map_or_else(String::new, $to)]
            }
            fn wants(lang: Lang) -> Cow<'static, str> {
                $wants(lang).into()
            }
        }
    )* };
}
optional! {
    String: |text: &str| Some(text.to_owned()), String::clone, wants::text;
    PathBuf: |text: &str| Some(PathBuf::from(text)), |path: &PathBuf| path.to_string_lossy().into_owned(), wants::path;
    Kind: format_named, |kind: &Kind| kind.name().to_owned(), wants::format;
}

impl Value for Option<Secret> {
    const SHAPE: Shape = Shape::Text;
    const IS_SECRET: bool = true;
    fn read(items: &[&str]) -> Option<Self> {
        match *items.first()? {
            "" => Some(None),
            text => Secret::parse(text).map(Some),
        }
    }
    fn write(&self) -> Vec<String> {
        vec![self.as_ref().map_or_else(String::new, Secret::redacted)]
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::secret(lang).into()
    }
    fn is_secret_in_clear(&self) -> bool {
        self.as_ref().is_some_and(Secret::is_by_value)
    }
}

/// A line format by its name; the names people know for access logs all mean the one format that reads them.
fn format_named(text: &str) -> Option<Kind> {
    match text {
        "combined" | "common" | "nginx" | "apache" => Some(Kind::Access),
        other => other.parse().ok(),
    }
}

impl Value for Remedy {
    const SHAPE: Shape = Shape::Text;
    fn read(items: &[&str]) -> Option<Self> {
        match *items.first()? {
            "ban" => Some(Self::Ban),
            "captcha" => Some(Self::Captcha),
            "profile" => Some(Self::ServerProfile),
            name if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') => {
                Some(Self::Custom(name.to_owned()))
            }
            _ => None,
        }
    }
    fn write(&self) -> Vec<String> {
        vec![if *self == Self::ServerProfile { "profile".to_owned() } else { self.as_str().to_owned() }]
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::remedy(lang).into()
    }
}

/// A list of texts: files, globs, field names.
impl Value for Vec<String> {
    const SHAPE: Shape = Shape::List(&[',', '\n']);
    fn read(items: &[&str]) -> Option<Self> {
        Some(items.iter().map(|&item| item.to_owned()).collect())
    }
    fn write(&self) -> Vec<String> {
        self.clone()
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::texts(lang).into()
    }
}

/// A list of addresses and ranges. A bare address is its full-length prefix; host bits are cut off.
impl Value for Vec<IpNet> {
    const SHAPE: Shape = Shape::List(&[',', ' ', '\n']);
    fn read(items: &[&str]) -> Option<Self> {
        items.iter().map(|item| network(item)).collect()
    }
    fn write(&self) -> Vec<String> {
        self.iter().map(show_network).collect()
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::networks(lang).into()
    }
}

/// Reads an address or a range in CIDR notation. IPv4-mapped IPv6 addresses are taken as IPv4, host bits are cut off.
pub fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Some(IpNet::from(address.to_canonical()));
    }
    text.parse::<IpNet>().ok().map(|net| net.trunc())
}

/// A range as a person writes it: without the prefix where it is one address.
pub fn show_network(net: &IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}

/// An HTTP header to send along. Its value may be a secret, by value or by reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret,
}

impl Value for Vec<Header> {
    const SHAPE: Shape = Shape::List(&['\n']);
    const IS_SECRET: bool = true;
    fn read(items: &[&str]) -> Option<Self> {
        items
            .iter()
            .map(|item| {
                let (name, value) = item.split_once(':')?;
                let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
                let name = Some(name.trim()).filter(|name| !name.is_empty() && name.bytes().all(is_token))?;
                Some(Header { name: name.to_owned(), value: Secret::parse(value.trim())? })
            })
            .collect()
    }
    fn write(&self) -> Vec<String> {
        self.iter().map(|header| format!("{}: {}", header.name, header.value.redacted())).collect()
    }
    fn wants(lang: Lang) -> Cow<'static, str> {
        wants::headers(lang).into()
    }
    fn is_secret_in_clear(&self) -> bool {
        self.iter().any(|header| header.value.is_by_value())
    }
}

/// Declares a type that is one of a few words.
macro_rules! choices {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$vmeta:meta])* $variant:ident = $word:literal ),* $(,)? } )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $( $(#[$vmeta])* $variant, )* }

        impl $name {
            /// The words, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
        }

        impl Value for $name {
            const SHAPE: Shape = Shape::Text;
            fn read(items: &[&str]) -> Option<Self> {
                match *items.first()? { $($word => Some(Self::$variant),)* _ => None }
            }
            fn write(&self) -> Vec<String> {
                vec![match self { $(Self::$variant => $word,)* }.to_owned()]
            }
            fn wants(lang: Lang) -> Cow<'static, str> {
                wants::one_of(lang, &Self::WORDS.join(", ")).into()
            }
        }
    )* };
}
choices! {
    /// The language, or the locale's.
    LangChoice {
        /// By `LC_ALL`, `LC_MESSAGES`, `LANG`.
        Auto = "auto",
        /// English.
        En = "en",
        /// Korean.
        Ko = "ko",
    }
    /// How many colours are used.
    Colour {
        /// By `NO_COLOR`, `COLORTERM` and `TERM`.
        Auto = "auto",
        /// None.
        Never = "never",
        /// The sixteen of the terminal's own palette.
        Sixteen = "16",
        /// The 256 of xterm.
        Indexed = "256",
        /// 24 bits.
        True = "truecolor",
    }
    /// Who judges.
    JudgeKind {
        /// Ollama where it answers, the offline judge where it does not.
        Auto = "auto",
        /// Ollama, and an error where it does not answer.
        Ollama = "ollama",
        /// The gates alone.
        Offline = "offline",
    }
}

/// What a value has to be.
mod wants {
    crate::text::words! {
        truth { en: "true or false", ko: "true 또는 false" }
        integer { en: "a whole number, not negative", ko: "0 이상의 정수" }
        float { en: "a number", ko: "숫자" }
        duration { en: "a duration such as \"90s\", \"5m\", \"4h\" or \"30d\"", ko: "\"90s\", \"5m\", \"4h\", \"30d\" 같은 시간" }
        text { en: "a text in quotes", ko: "따옴표로 묶은 문자열" }
        path { en: "a path in quotes", ko: "따옴표로 묶은 경로" }
        format {
            en: "a log format: access (combined, common), json, logfmt, syslog or plain",
            ko: "로그 형식: access(combined, common), json, logfmt, syslog, plain 중 하나",
        }
        secret { en: "a secret, \"file:PATH\" or \"env:NAME\"", ko: "비밀 값, \"file:경로\" 또는 \"env:이름\"" }
        remedy { en: "ban, captcha, profile or a type of your own bouncers", ko: "ban, captcha, profile 또는 바운서의 자체 유형" }
        texts { en: "a list of texts: [\"one\", \"two\"]", ko: "문자열 목록: [\"하나\", \"둘\"]" }
        networks {
            en: "a list of addresses or ranges: [\"192.0.2.7\", \"198.51.100.0/24\"]",
            ko: "주소나 대역의 목록: [\"192.0.2.7\", \"198.51.100.0/24\"]",
        }
        headers { en: "a list of headers: [\"Name: value\"]", ko: "헤더 목록: [\"이름: 값\"]" }
    }
    crate::text::sentences! {
        one_of(words: &str) { en: "one of {words}", ko: "다음 중 하나: {words}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip<T: Value + std::fmt::Debug>(value: T) {
        let items = value.write();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        assert_eq!(T::read(&items).as_ref(), Some(&value));
    }

    #[test]
    fn what_is_written_is_read_again() {
        round_trip(true);
        round_trip(0.5_f64);
        round_trip(1.0_f64);
        round_trip(Duration::from_secs(5400));
        round_trip(None::<String>);
        round_trip(Some(Kind::Json));
        round_trip(Remedy::ServerProfile);
        round_trip(Remedy::Custom("throttle".to_owned()));
        round_trip(Colour::Indexed);
        round_trip(vec![network("192.0.2.7").unwrap(), network("2001:db8::/32").unwrap()]);
    }

    #[test]
    fn truth_is_read_from_the_words_people_write_and_from_nothing_else() {
        assert_eq!((from_text::<bool>("1"), from_text::<bool>("FALSE")), (Ok(true), Ok(false)));
        for text in ["", "ture", "2", "live"] {
            assert_eq!(from_text::<bool>(text), Err(Refused::Type), "{text}");
        }
    }

    #[test]
    fn ranges_lose_their_host_bits_and_mapped_addresses_are_ipv4() {
        assert_eq!(network("198.51.100.77/24"), network("198.51.100.0/24"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1/32"));
        assert_eq!(show_network(&network("192.0.2.1").unwrap()), "192.0.2.1");
        assert_eq!(network("192.0.2.1/33"), None);
        assert_eq!(from_text::<Vec<IpNet>>("192.0.2.1, 198.51.100.0/24 ::1").map(|nets| nets.len()), Ok(3));
    }

    #[test]
    fn a_header_needs_a_name_and_a_value_and_hides_the_value() {
        let headers: Vec<Header> = from_text("X-Scope-OrgID: shop\nAuthorization: env:TOKEN").unwrap();
        assert_eq!(headers.write(), ["X-Scope-OrgID: (redacted)", "Authorization: env:TOKEN"]);
        assert!(headers.is_secret_in_clear());
        for text in ["no colon", ": x", "a b: x", "name:"] {
            assert!(from_text::<Vec<Header>>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_outside_its_range_says_the_range() {
        assert_eq!(within(0.5, 0.0..=1.0), Ok(0.5));
        assert_eq!(within(33_u8, 8..=32), Err(Refused::Range { least: "8".to_owned(), most: "32".to_owned() }));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = from_text::<Vec<IpNet>>(&text);
            let _ = from_text::<Vec<Header>>(&text);
            let _ = from_text::<f64>(&text);
            let _ = from_text::<Remedy>(&text);
        }
    }
}
