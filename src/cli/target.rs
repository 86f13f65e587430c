//! What `ban`, `unban`, `explain` and `decisions` are pointed at, and how a person is asked.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::net::IpAddr;

use ipnet::IpNet;

use super::failure::Failure;
use crate::config::value;
use crate::text::{Lang, escape};

/// An address or a range; a usage error where it is neither.
pub fn parse(text: &str, lang: Lang) -> Result<IpNet, Failure> {
    value::network(text).ok_or_else(|| Failure::usage(say::no_target(lang, &escape::visible(text))))
}

/// One address.
pub fn parse_address(text: &str, lang: Lang) -> Result<IpAddr, Failure> {
    let address: Option<IpAddr> = text.trim().parse().ok();
    address
        .map(|address| address.to_canonical())
        .ok_or_else(|| Failure::usage(say::no_address(lang, &escape::visible(text))))
}

/// Asks on the terminal and waits for an answer; anything but a clear yes is a no. Where standard input is no
/// terminal nobody can be asked: a usage error that names `--yes`.
pub async fn confirm(question: String, lang: Lang) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(say::needs_yes(lang)));
    }
    let asked = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
        let mut stderr = std::io::stderr();
        write!(stderr, "{question} ")?;
        stderr.flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        Ok(answer)
    });
    let answer = asked.await.map_err(|error| Failure::failed(error.to_string()))??;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "예" | "네")
}

/// The sentences.
mod say {
    crate::text::words! {
        needs_yes {
            en: "nobody can be asked here: standard input is no terminal. Add --yes to go ahead",
            ko: "표준 입력이 터미널이 아니어서 확인할 수 없습니다. 진행하려면 --yes를 붙이세요",
        }
    }
    crate::text::sentences! {
        no_target(text: &str) {
            en: "`{text}` is neither an address nor a range such as 198.51.100.0/24",
            ko: "`{text}`은(는) 주소도 198.51.100.0/24 같은 대역도 아닙니다",
        }
        no_address(text: &str) { en: "`{text}` is no address", ko: "`{text}`은(는) 주소가 아닙니다" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_a_yes() {
        assert!(["y", "Yes\n", "예", " 네 "].iter().all(|answer| is_yes(answer)));
        assert!(!["", "\n", "n", "yess", "203.0.113.7"].iter().any(|answer| is_yes(answer)));
    }

    #[test]
    fn targets_are_addresses_and_ranges() {
        assert_eq!(parse("203.0.113.7", Lang::En).ok(), "203.0.113.7/32".parse().ok());
        assert_eq!(parse_address("::ffff:203.0.113.7", Lang::En).ok(), "203.0.113.7".parse().ok());
        for text in ["", "shop.example", "203.0.113.7/33", "203.0.113.7; DROP"] {
            assert!(parse(text, Lang::En).is_err(), "{text}");
        }
    }
}
