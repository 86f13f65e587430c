//! Which network an address belongs to: the autonomous system, by a database in MaxMind's format. The file is somebody
//! else's bytes: what cannot be read of it is not known, and nothing here reads files.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use maxminddb::{Reader, WithinOptions, path};

use crate::text::escape::visible;
use crate::text::{Lang, Say};

/// The fields that name a network.
const NUMBER: &str = "autonomous_system_number";
const NAME: &str = "autonomous_system_organization";
/// A database of networks names one among its first entries.
const FIRST: usize = 10_000;
/// The most of a name that is shown, in characters.
const LONGEST_NAME: usize = 80;

/// The networks that addresses belong to; none of them known without a database.
#[derive(Debug, Default)]
pub struct Networks(Option<Reader<Vec<u8>>>);

/// Why a database of networks cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub enum NetworksError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// It is not in MaxMind's format, or damaged.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: String,
    },
    /// It is a database of something else.
    NoNetworks {
        /// The file.
        path: PathBuf,
        /// What it calls itself.
        kind: String,
    },
}

impl Networks {
    /// Reads a database's bytes. `path` is where they come from, for the error.
    ///
    /// # Errors
    /// Where they are no database in MaxMind's format, or one that names no networks.
    pub fn read(path: PathBuf, bytes: Vec<u8>) -> Result<Self, NetworksError> {
        let reader = match Reader::from_source(bytes) {
            Ok(reader) => reader,
            Err(error) => return Err(NetworksError::Damaged { path, cause: error.to_string() }),
        };
        let is_named = match reader.networks(WithinOptions::default().include_networks_without_data()) {
            Ok(entries) => entries.take(FIRST).flatten().any(|entry| {
                let number = entry.decode_path::<u32>(&path![NUMBER]);
                matches!(number, Ok(Some(_)))
            }),
            Err(_) => false,
        };
        if is_named {
            Ok(Self(Some(reader)))
        } else {
            Err(NetworksError::NoNetworks { path, kind: reader.metadata().database_type.clone() })
        }
    }

    /// The number of the autonomous system that an address belongs to; `None` where it is not known.
    pub fn of(&self, address: IpAddr) -> Option<NonZeroU32> {
        let found = self.0.as_ref()?.lookup(address).ok()?;
        NonZeroU32::new(found.decode_path::<u32>(&path![NUMBER]).ok()??)
    }

    /// Who runs the network of an address, as the database says: a stranger's text. Empty where it does not say.
    pub fn name(&self, address: IpAddr) -> String {
        let name = self.0.as_ref().and_then(|reader| {
            let found = reader.lookup(address).ok()?;
            found.decode_path::<String>(&path![NAME]).ok()?
        });
        name.unwrap_or_default().chars().take(LONGEST_NAME).collect()
    }
}

impl Say for NetworksError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Read { path, cause } => say::read(lang, &visible(&path.display().to_string()), &visible(cause)),
            Self::Damaged { path, cause } => say::damaged(lang, &visible(&path.display().to_string()), &visible(cause)),
            Self::NoNetworks { path, kind } => {
                let kind: String = kind.chars().take(LONGEST_NAME).collect();
                say::no_networks(lang, &visible(&path.display().to_string()), &visible(&kind))
            }
        }
    }
}

/// The sentences.
mod say {
    crate::text::sentences! {
        read(path: &str, cause: &str) {
            en: "{path} cannot be read: {cause}. Put a database of autonomous systems there (such as GeoLite2-ASN.mmdb), or leave detect.networks empty.",
            ko: "{path}을(를) 읽을 수 없습니다: {cause}. AS 데이터베이스(예: GeoLite2-ASN.mmdb)를 두거나 detect.networks를 비우세요.",
        }
        damaged(path: &str, cause: &str) {
            en: "{path} is damaged or not in MaxMind's format: {cause}. Download it again, or leave detect.networks empty.",
            ko: "{path}이(가) 손상되었거나 MaxMind 형식이 아닙니다: {cause}. 다시 내려받거나 detect.networks를 비우세요.",
        }
        no_networks(path: &str, kind: &str) {
            en: "{path} names no autonomous systems (it is a {kind}). Name one that does in detect.networks, such as GeoLite2-ASN.mmdb.",
            ko: "{path}에는 AS 정보가 없습니다(종류: {kind}). detect.networks에 GeoLite2-ASN.mmdb 같은 AS 데이터베이스를 지정하세요.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::assess::assess;
    use crate::detect::groups::Alike;
    use crate::detect::replay::{Action, Thresholds};
    use crate::detect::rules::{Request, RuleSet};
    use crate::detect::traffic::{Hit, Traffic};
    use proptest::prelude::*;

    /// A value of the format.
    enum Data<'a> {
        Text(&'a str),
        Short(u16),
        Number(u32),
        Long(u64),
        Map(Vec<(&'a str, Data<'a>)>),
        List(Vec<Data<'a>>),
    }

    impl Data<'_> {
        fn write(&self, into: &mut Vec<u8>) {
            let control = |into: &mut Vec<u8>, sort: u8, size: usize| {
                let size = u8::try_from(size).unwrap();
                let (size, more) = if size < 29 { (size, None) } else { (29, Some(size - 29)) };
                into.push(if sort < 8 { sort << 5 | size } else { size });
                into.extend((sort >= 8).then(|| sort - 7));
                into.extend(more);
            };
            match self {
                Self::Text(text) => {
                    control(into, 2, text.len());
                    into.extend_from_slice(text.as_bytes());
                }
                Self::Short(number) => {
                    control(into, 5, 2);
                    into.extend_from_slice(&number.to_be_bytes());
                }
                Self::Long(number) => {
                    control(into, 9, 8);
                    into.extend_from_slice(&number.to_be_bytes());
                }
                Self::Number(number) => {
                    control(into, 6, 4);
                    into.extend_from_slice(&number.to_be_bytes());
                }
                Self::Map(entries) => {
                    control(into, 7, entries.len());
                    for (key, value) in entries {
                        Data::Text(key).write(into);
                        value.write(into);
                    }
                }
                Self::List(items) => {
                    control(into, 11, items.len());
                    items.iter().for_each(|item| item.write(into));
                }
            }
        }
    }

    /// A database of IPv4 prefixes: a tree with records of 24 bits, the data, what it says of itself.
    fn database(prefixes: &[([u8; 4], u8, Data<'_>)]) -> Vec<u8> {
        #[derive(Clone, Copy)]
        enum Record {
            Nothing,
            Node(usize),
            Data(usize),
        }
        let mut nodes = vec![[Record::Nothing; 2]];
        let mut data = Vec::new();
        for (address, length, value) in prefixes {
            let bits = u32::from_be_bytes(*address);
            let mut node = 0;
            for depth in 0..*length {
                let side = usize::from(bits >> (31 - depth) & 1 == 1);
                if depth + 1 == *length {
                    nodes[node][side] = Record::Data(data.len());
                } else if let Record::Node(next) = nodes[node][side] {
                    node = next;
                } else {
                    nodes.push([Record::Nothing; 2]);
                    nodes[node][side] = Record::Node(nodes.len() - 1);
                    node = nodes.len() - 1;
                }
            }
            value.write(&mut data);
        }
        let mut bytes = Vec::new();
        for record in nodes.iter().flatten() {
            let number = match record {
                Record::Nothing => nodes.len(),
                Record::Node(node) => *node,
                Record::Data(at) => nodes.len() + 16 + at,
            };
            bytes.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes()[1..]);
        }
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend(data);
        bytes.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
        let about = Data::Map(vec![
            ("node_count", Data::Number(u32::try_from(nodes.len()).unwrap())),
            ("record_size", Data::Short(24)),
            ("ip_version", Data::Short(4)),
            ("database_type", Data::Text("Test-ASN")),
            ("languages", Data::List(Vec::new())),
            ("binary_format_major_version", Data::Short(2)),
            ("binary_format_minor_version", Data::Short(0)),
            ("build_epoch", Data::Long(1_772_442_000)),
            ("description", Data::Map(Vec::new())),
        ]);
        about.write(&mut bytes);
        bytes
    }

    fn network(number: u32, name: &str) -> Data<'_> {
        Data::Map(vec![(NUMBER, Data::Number(number)), (NAME, Data::Text(name))])
    }

    fn two_networks() -> Vec<u8> {
        database(&[
            ([198, 18, 0, 0], 16, network(64_500, "Rented Servers \u{1b}[2J")),
            ([198, 19, 0, 0], 16, network(64_501, "People's Telephone Company, which has a rather long name")),
            ([203, 0, 113, 0], 24, Data::Map(vec![(NUMBER, Data::Text("none"))])),
        ])
    }

    fn read(bytes: Vec<u8>) -> Result<Networks, NetworksError> {
        Networks::read("networks.mmdb".into(), bytes)
    }

    fn number(networks: &Networks, address: &str) -> Option<u32> {
        networks.of(address.parse().unwrap()).map(NonZeroU32::get)
    }

    #[test]
    fn an_address_has_the_network_that_the_database_says() {
        let networks = read(two_networks()).unwrap();
        assert_eq!(number(&networks, "198.18.255.1"), Some(64_500));
        assert_eq!(number(&networks, "198.19.0.1"), Some(64_501));
        for unknown in ["203.0.113.9", "192.0.2.1", "2001:db8::1"] {
            assert_eq!(number(&networks, unknown), None, "{unknown}");
            assert_eq!(networks.name(unknown.parse().unwrap()), "", "{unknown}");
        }
        let name = networks.name("198.18.0.1".parse().unwrap());
        let alike = Alike::Network { asn: NonZeroU32::new(64_500).unwrap(), name };
        assert_eq!(alike.say(Lang::En), "come from AS64500 (Rented Servers \\x1b[2J)");
        assert_eq!(number(&Networks::default(), "198.18.0.1"), None);
    }

    #[test]
    fn a_file_that_is_no_such_database_says_what_to_do() {
        let whole = two_networks();
        for bytes in [Vec::new(), b"<html>".to_vec(), whole[..whole.len() / 2].to_vec(), whole[300..].to_vec()] {
            let error = read(bytes).unwrap_err();
            assert!(matches!(error, NetworksError::Damaged { .. }), "{error}");
            assert!(error.say(Lang::En).starts_with("networks.mmdb is damaged"), "{error}");
            assert!(error.say(Lang::Ko).contains("detect.networks"), "{error}");
        }
        let other = database(&[([192, 0, 2, 0], 24, Data::Map(vec![("city", Data::Text("Seoul"))]))]);
        let error = read(other).unwrap_err().to_string();
        assert!(error.contains("names no autonomous systems (it is a Test-ASN)"), "{error}");
    }

    /// Browsers' visits: pages with what they load.
    fn visit(traffic: &mut Traffic<'_>, client: IpAddr, number: i64, people: bool) {
        let agent = format!("Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{0}.0", 120 + number % 9);
        let pages = ["/", "/news", "/about", "/help", "/shop", "/team", "/jobs", "/terms"];
        let mut ask = |at_ms: i64, target: &str, referer: &str| {
            let request = Request { method: "GET", target, protocol: "HTTP/1.1", status: 200, agent: &agent, referer };
            traffic.add(&Hit { at_ms, client, request, bytes: 900, duration_ms: 3 });
        };
        // Each a little otherwise than the others: nothing ties them but where they come from.
        for step in 0..3 {
            let page = pages[usize::try_from((number * 5 + step * (1 + number % 3)) % 8).unwrap()];
            let at = number * 7_919 % 290_000 + step * (4_000 + number * 613 % 9_000);
            ask(at, page, "");
            if people {
                ask(at + 90, "/static/app.js", "https://site.example/");
                ask(at + 95, "/static/site.css", "https://site.example/");
            }
        }
    }

    fn mixed(rules: &RuleSet) -> Traffic<'_> {
        let mut traffic = Traffic::new(rules);
        for number in 0..120_u8 {
            // Every one of a /24 of its own.
            let (bot, customer) = (IpAddr::from([198, 18, number, 7]), IpAddr::from([198, 19, number, 7]));
            visit(&mut traffic, bot, i64::from(number), false);
            // One in six comes back with everything in its cache.
            visit(&mut traffic, customer, i64::from(number) + 200, number % 6 != 0);
        }
        traffic.finish();
        traffic
    }

    fn flagged(traffic: &Traffic<'_>, second: u8) -> Vec<Vec<String>> {
        let found = assess(traffic, &Thresholds::default(), &|_| false, None);
        let of_network = found.clients.iter().filter(|one| match one.client {
            IpAddr::V4(four) => four.octets()[1] == second && one.action >= Some(Action::Ask),
            IpAddr::V6(_) => false,
        });
        of_network.map(|one| one.score.parts.iter().map(|part| part.detector.clone()).collect()).collect()
    }

    #[test]
    fn bots_of_one_network_in_many_prefixes_are_tied_by_it_and_an_isps_customers_are_not() {
        let rules = RuleSet::with_user_files(&[]).unwrap().with_networks(read(two_networks()).unwrap());
        let traffic = mixed(&rules);
        let bots = flagged(&traffic, 18);
        assert!(bots.len() >= 100, "{}", bots.len());
        let tied = bots.iter().filter(|detectors| detectors.iter().any(|one| one == "cohort:network")).count();
        assert!(tied >= 100, "{bots:?}");
        assert_eq!(flagged(&traffic, 19), Vec::<Vec<String>>::new());
        let found = assess(&traffic, &Thresholds::default(), &|_| false, None);
        let cohort = found.cohorts.iter().find(|cohort| matches!(cohort.alike, Alike::Network { .. })).unwrap();
        assert_eq!(cohort.detector, "cohort:network");
        assert!(cohort.members.len() >= 100, "{}", cohort.members.len());
        // Without a database nothing says so.
        let plain = mixed(RuleSet::shipped());
        assert!(flagged(&plain, 18).concat().iter().all(|one| one != "cohort:network"));
    }

    #[test]
    fn what_is_remembered_takes_its_network_from_the_database_that_is_there_then() {
        let rules = RuleSet::with_user_files(&[]).unwrap().with_networks(read(two_networks()).unwrap());
        let stored = mixed(RuleSet::shipped()).store(1_000);
        let traffic = Traffic::restore(stored, &rules);
        assert_eq!(traffic.clients[&IpAddr::from([198, 18, 3, 7])].network, NonZeroU32::new(64_500));
    }

    proptest! {
        #[test]
        fn any_damage_is_read_without_panic(
            places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            address: [u8; 4],
        ) {
            let mut bytes = two_networks();
            for (place, byte) in places {
                let length = bytes.len();
                bytes[place.index(length)] = byte;
            }
            if let Ok(networks) = read(bytes) {
                for address in [IpAddr::from(address), "198.18.0.1".parse().unwrap(), "2001:db8::1".parse().unwrap()] {
                    let _ = (networks.of(address), networks.name(address));
                }
            }
        }
    }
}
