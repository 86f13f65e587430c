//! Labels: who of a log's clients is who. Reads what `gatewatch simulate` writes (address → population and whether it
//! is hostile), address → family with `innocent` for the rest, or a list of objects that name address and family.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::simulate::Label;
use crate::text::{Lang, escape};

/// The names under which an address may stand.
const ADDRESS: [&str; 4] = ["address", "ip", "client", "target"];
/// The names under which a family may stand.
const FAMILY: [&str; 3] = ["population", "family", "label"];
/// The names under which it may stand whether one is hostile.
const HOSTILE: [&str; 4] = ["hostile", "attack", "attacker", "malicious"];
/// What an innocent family may be called.
const INNOCENT: [&str; 5] = ["innocent", "benign", "normal", "human", "real"];

/// Reads a file of labels.
pub(super) fn read(path: &str, lang: Lang) -> Result<BTreeMap<IpAddr, Label>, Failure> {
    let shown = escape::visible(path);
    let wrong = |what: &str| Failure::failed(format!("{shown}: {what}"));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let entries: Vec<(String, Value)> = match value {
        Value::Object(by_address) => by_address.into_iter().collect(),
        Value::Array(list) => list
            .into_iter()
            .map(|entry| {
                let address = ADDRESS.iter().find_map(|name| entry[*name].as_str());
                (address.unwrap_or_default().to_owned(), entry)
            })
            .collect(),
        _ => return Err(wrong(say::no_list(lang))),
    };
    if entries.is_empty() {
        return Err(wrong(say::empty(lang)));
    }
    let read = entries.into_iter().map(|(address, entry)| {
        let shown = escape::visible(&address).into_owned();
        let client = address.parse().map_err(|_| wrong(&say::no_address(lang, &shown)))?;
        let label = label(&entry).ok_or_else(|| {
            let given = escape::visible(&entry.to_string()).into_owned();
            wrong(&say::no_label(lang, &shown, &given))
        })?;
        Ok((client, label))
    });
    read.collect()
}

/// What one entry says; one that only names its address is innocent. `None` where it is no label at all.
fn label(entry: &Value) -> Option<Label> {
    let innocent = || "innocent".to_owned();
    let (population, told) = match entry {
        Value::String(family) => (Some(family.clone()), None),
        Value::Bool(hostile) => (hostile.then(|| "attack".to_owned()), Some(*hostile)),
        Value::Object(parts) => {
            let part = |names: &[&str]| names.iter().find_map(|name| parts.get(*name));
            let family = part(&FAMILY).map(|family| family.as_str().map(str::to_owned).ok_or(())).transpose();
            let hostile = part(&HOSTILE).map(|hostile| hostile.as_bool().ok_or(())).transpose();
            let (family, hostile) = (family.ok()?, hostile.ok()?);
            if family.is_none() && hostile.is_none() && part(&ADDRESS).is_none() {
                return None;
            }
            (family, hostile)
        }
        _ => return None,
    };
    let population = population.unwrap_or_else(|| if told == Some(true) { "attack".to_owned() } else { innocent() });
    Some(Label { hostile: told.unwrap_or(!INNOCENT.contains(&population.as_str())), population })
}

/// The sentences.
mod say {
    crate::text::words! {
        no_list { en: "neither an object nor a list", ko: "객체도 목록도 아닙니다" }
        empty { en: "there is no label in it", ko: "라벨이 없습니다" }
    }
    crate::text::sentences! {
        no_address(text: &str) { en: "`{text}` is no address", ko: "`{text}`은(는) 주소가 아닙니다" }
        no_label(address: &str, given: &str) {
            en: "{address}: {given} is no label; write a family's name (\"innocent\" for people) or {{\"population\": …, \"hostile\": true}}",
            ko: "{address}: {given}은(는) 라벨이 아닙니다. 공격군 이름(일반 방문자는 \"innocent\")이나 {{\"population\": …, \"hostile\": true}}로 쓰세요",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_family_or_tells_who_is_hostile_and_nothing_else_is_one() {
        for (entry, expected) in [
            (r#""scanner""#, Some(("scanner", true))),
            (r#""innocent""#, Some(("innocent", false))),
            ("true", Some(("attack", true))),
            ("false", Some(("innocent", false))),
            (r#"{"population":"shoppers","hostile":false}"#, Some(("shoppers", false))),
            (r#"{"hostile":true}"#, Some(("attack", true))),
            (r#"{"ip":"192.0.2.1"}"#, Some(("innocent", false))),
            ("5", None),
            ("null", None),
            ("{}", None),
            (r#"{"family":5}"#, None),
            (r#"{"family":"x","hostile":"yes"}"#, None),
        ] {
            let read = label(&serde_json::from_str(entry).unwrap());
            let read = read.as_ref().map(|label| (label.population.as_str(), label.hostile));
            assert_eq!(read, expected, "{entry}");
        }
    }
}
