//! Every sentence a person reads, in English and Korean, and the escaping of text that strangers wrote.
//! A sentence is declared with both languages or it does not compile. This module never prints.
//!
//! ```
//! use gatewatch::text::{Lang, sentences};
//! sentences! {
//!     /// How many rows an answer has.
//!     rows(count: usize) { en: "{count} rows", ko: "{count}행" }
//! }
//! assert_eq!(rows(Lang::Ko, 3), "3행");
//! ```

use serde::{Deserialize, Serialize};

pub mod escape;
pub mod json;
pub mod number;
pub mod width;

/// The language of everything a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean (한국어).
    Ko,
}

impl Lang {
    /// Takes the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set and not empty; Korean where it begins with
    /// `ko`, English otherwise. The variables come as a function so that this stays free of the environment.
    pub fn from_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        match locale {
            Some(value) if value.to_ascii_lowercase().starts_with("ko") => Self::Ko,
            _ => Self::En,
        }
    }
}

/// Something that can say itself to a person. Error types implement it; their `Display` is `say(Lang::En)`.
pub trait Say {
    /// The sentence in `lang`: what happened, where, and what to do next.
    fn say(&self, lang: Lang) -> String;
}

/// Declares sentences with arguments: each becomes `fn name(lang, args…) -> String`. Both languages are required.
#[macro_export]
macro_rules! __sentences {
    ($( $(#[$meta:meta])* $name:ident ( $($arg:ident : $ty:ty),* $(,)? ) { en: $en:literal, ko: $ko:literal $(,)? } )*) => {
        $(
            $(#[$meta])*
            pub fn $name(lang: $crate::text::Lang $(, $arg: $ty)*) -> String {
                match lang {
                    $crate::text::Lang::En => format!($en),
                    $crate::text::Lang::Ko => format!($ko),
                }
            }
        )*
    };
}

/// Declares fixed words: each becomes `const fn name(lang) -> &'static str`. Both languages are required.
#[macro_export]
macro_rules! __words {
    ($( $(#[$meta:meta])* $name:ident { en: $en:literal, ko: $ko:literal $(,)? } )*) => {
        $(
            $(#[$meta])*
            pub const fn $name(lang: $crate::text::Lang) -> &'static str {
                match lang {
                    $crate::text::Lang::En => $en,
                    $crate::text::Lang::Ko => $ko,
                }
            }
        )*
    };
}

pub use crate::__sentences as sentences;
pub use crate::__words as words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let with = |pairs: &'static [(&str, &str)]| {
            Lang::from_locale(move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(with(&[("LANG", "ko_KR.UTF-8")]), Lang::Ko);
        assert_eq!(with(&[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")]), Lang::En);
        assert_eq!(with(&[("LC_ALL", ""), ("LANG", "ko")]), Lang::Ko);
        assert_eq!(with(&[]), Lang::En);
    }
}
