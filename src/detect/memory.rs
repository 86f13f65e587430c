//! What detection remembers from window to window, so that those who stay below everything in each single one add up:
//! the traffic of the last hour, fading after that, bounded in size. As bytes it can be kept between runs; bytes of
//! another version, of other rules, or damaged ones are refused, never half understood.

use std::io::Read as _;
use std::time::Duration;

use jiff::Timestamp;

use super::assess::instant;
use super::rules::RuleSet;
use super::traffic::window::hash;
use super::traffic::{ClientProfile, Foresight, Hit, Stored, Traffic};
use crate::logs::Window;

/// How long a client that has gone quiet is remembered, and of how long the counts of one that stays are at most.
pub const SPAN_MS: i64 = 3_600_000;
/// The same as a duration.
pub const SPAN: Duration = Duration::from_millis(SPAN_MS.unsigned_abs());
/// Rows arrive so long after they were logged, at most: shippers send them in batches, servers flush them. A memory
/// leaves so much of a window for its next look.
pub const LATE_MS: i64 = 15_000;
/// How often the memory fades.
const FADES_EVERY_MS: i64 = 300_000;
/// At most so many clients are kept between runs.
const MOST_CLIENTS: usize = 100_000;
/// At most so many bytes are kept between runs.
pub const MOST_BYTES: usize = 8 << 20;
/// Bytes that say they become more than this are refused.
const MOST_UNPACKED: u64 = 512 << 20;
/// What the bytes begin with; the digit is the version.
const MAGIC: &[u8; 8] = b"gwmem04\n";

/// The memory.
#[derive(Debug, Clone)]
pub struct Memory<'r> {
    traffic: Traffic<'r>,
    /// The range that it has seen, in milliseconds of Unix time; nothing yet where both are the same.
    from_ms: i64,
    until_ms: i64,
    /// When it will fade next.
    fades_ms: i64,
}

impl<'r> Memory<'r> {
    /// An empty one that begins at an instant.
    pub fn new(rules: &'r RuleSet, from: Timestamp) -> Self {
        let at = from.as_millisecond();
        Self { traffic: Traffic::new(rules), from_ms: at, until_ms: at, fades_ms: next_fade(at) }
    }

    /// What it has not seen yet of a window, and of the moments before it that it left for later: `None` where it has
    /// seen all of it. `Err` where the window begins before the memory does, lies before its end as a whole, or is
    /// farther away than it reaches: then it is of no use for this window.
    ///
    /// # Errors
    /// The unit error says that another memory is needed.
    pub fn missing(&self, window: Window) -> Result<Option<Window>, Useless> {
        let (start, end) = (window.start.as_millisecond(), window.end.as_millisecond());
        if start < self.from_ms || end < self.until_ms || end - self.until_ms > SPAN_MS {
            return Err(Useless);
        }
        let has_seen = self.until_ms > self.from_ms;
        let goes_on = has_seen && start - self.until_ms <= LATE_MS;
        let from = if goes_on { self.until_ms } else { start.max(self.until_ms) };
        Ok((from < end).then(|| Window { start: instant(from), end: window.end }))
    }

    /// See [`Traffic::foresee`].
    pub fn foresee<'t>(&self, targets: impl Iterator<Item = &'t str>) -> Foresight<'t, 'r> {
        self.traffic.foresee(targets)
    }

    /// See [`Traffic::foreseen`].
    pub fn foreseen(&mut self, foresight: Foresight<'_, '_>) {
        self.traffic.foreseen(foresight);
    }

    /// Takes one request in; requests come nearly in the order of time.
    pub fn add(&mut self, hit: &Hit<'_>) {
        self.traffic.add(hit);
    }

    /// Everything up to an instant has been added, but nobody is scored yet.
    pub fn reach(&mut self, until: Timestamp) {
        self.until_ms = self.until_ms.max(until.as_millisecond());
    }

    /// Everything up to an instant has been added, and is ready to score.
    pub fn finish(&mut self, until: Timestamp) {
        self.reach(until);
        self.traffic.finish();
    }

    /// Forgets what is old. To be called after scoring, however often: it fades once in five minutes.
    pub fn fade(&mut self) {
        if self.until_ms < self.fades_ms {
            return;
        }
        self.traffic.forget(self.until_ms, SPAN_MS);
        self.from_ms = self.from_ms.max(self.until_ms - SPAN_MS);
        self.fades_ms = next_fade(self.until_ms);
    }

    /// What it remembers.
    pub fn traffic(&self) -> &Traffic<'r> {
        &self.traffic
    }

    /// Until when it has seen everything.
    pub fn until(&self) -> Timestamp {
        instant(self.until_ms)
    }

    /// It as bytes, at most [`MOST_BYTES`]: the clients that say least are left out where it would be more.
    ///
    /// # Errors
    /// [`Unreadable`] where it cannot be written at all.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Unreadable> {
        let mut most = MOST_CLIENTS.min(self.traffic.clients.len());
        loop {
            let stored = self.traffic.store(most);
            let range = (self.from_ms, self.until_ms, self.fades_ms);
            let plain = postcard::to_stdvec(&(range, &stored)).map_err(|_| Unreadable)?;
            let packed = zstd::bulk::compress(&plain, 3).map_err(|_| Unreadable)?;
            if packed.len() + MAGIC.len() + 8 <= MOST_BYTES {
                let mut bytes = MAGIC.to_vec();
                bytes.extend(fingerprint(self.traffic.rules()).to_le_bytes());
                bytes.extend(packed);
                return Ok(bytes);
            }
            if most == 0 {
                return Err(Unreadable);
            }
            most /= 2;
        }
    }

    /// Reads what [`Memory::to_bytes`] wrote with the same version and the same rules.
    ///
    /// # Errors
    /// [`Unreadable`] for anything else.
    pub fn from_bytes(bytes: &[u8], rules: &'r RuleSet) -> Result<Self, Unreadable> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Unreadable)?;
        let (mark, packed) = rest.split_first_chunk::<8>().ok_or(Unreadable)?;
        if u64::from_le_bytes(*mark) != fingerprint(rules) {
            return Err(Unreadable);
        }
        let mut plain = Vec::new();
        let reader = zstd::stream::read::Decoder::new(packed).map_err(|_| Unreadable)?;
        reader.take(MOST_UNPACKED).read_to_end(&mut plain).map_err(|_| Unreadable)?;
        let ((from_ms, until_ms, fades_ms), stored): ((i64, i64, i64), Stored) =
            postcard::from_bytes(&plain).map_err(|_| Unreadable)?;
        if from_ms > until_ms || stored.clients() > MOST_CLIENTS {
            return Err(Unreadable);
        }
        let mut traffic = Traffic::restore(stored, rules);
        traffic.finish();
        Ok(Self { traffic, from_ms, until_ms, fades_ms })
    }
}

/// A memory that is of no use for a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Useless;

/// Bytes that are no memory of this version and these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

fn next_fade(at_ms: i64) -> i64 {
    (at_ms.div_euclid(FADES_EVERY_MS) + 1) * FADES_EVERY_MS
}

/// Changes with what a profile is made of and with the rules, whose places the profiles hold: FNV-1a over both.
fn fingerprint(rules: &RuleSet) -> u64 {
    let shape = serde_json::to_string(&ClientProfile::default()).unwrap_or_default();
    let names = rules.rules().iter().flat_map(|rule| rule.name.bytes().chain([0]));
    hash(shape.bytes().chain(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::assess::assess;
    use crate::detect::replay::Thresholds;
    use crate::detect::rules::Request;
    use std::net::IpAddr;

    const START: i64 = 1_772_442_000_000;

    fn hit<'a>(client: &str, at_ms: i64, target: &'a str, status: u16) -> Hit<'a> {
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
        Hit {
            at_ms,
            client: client.parse().unwrap(),
            request: Request { method: "GET", target, protocol: "", status, agent, referer: "" },
            bytes: 10,
            duration_ms: 1,
        }
    }

    fn probability(memory: &Memory<'_>, client: &str) -> f64 {
        let address: IpAddr = client.parse().unwrap();
        let found = assess(memory.traffic(), &Thresholds::default(), &|one| one == address, None);
        found.clients.iter().find(|one| one.client == address).map_or(0.0, |one| one.score.probability)
    }

    fn range(from: i64, until: i64) -> Window {
        Window { start: instant(from), end: instant(until) }
    }

    #[test]
    fn what_is_little_in_each_window_adds_up_also_through_bytes() {
        let rules = RuleSet::shipped();
        let mut memory = Memory::new(rules, instant(START));
        let paths: Vec<String> = (0..12).map(|number| format!("/old-{}/backup", "x".repeat(number + 1))).collect();
        let mut seen = Vec::new();
        for (window, paths) in paths.chunks(2).enumerate() {
            let from = START + i64::try_from(window).unwrap() * 300_000;
            assert_eq!(memory.missing(range(from, from + 300_000)), Ok(Some(range(from, from + 300_000))));
            for (number, path) in (0..).zip(paths) {
                memory.add(&hit("203.0.113.9", from + 1000 * number, path, 404));
            }
            memory.finish(instant(from + 300_000));
            seen.push(probability(&memory, "203.0.113.9"));
            memory.fade();
            memory = Memory::from_bytes(&memory.to_bytes().unwrap(), rules).unwrap();
        }
        assert!(seen[0] < 0.2 && seen.windows(2).all(|pair| pair[0] <= pair[1]), "{seen:?}");
        assert!(seen[5] > 0.2, "{seen:?}");
        assert_eq!(memory.missing(range(START + 1_500_000, START + 1_800_000)), Ok(None));
    }

    #[test]
    fn another_time_needs_another_memory() {
        let mut memory = Memory::new(RuleSet::shipped(), instant(START));
        memory.finish(instant(START + 600_000));
        assert_eq!(
            memory.missing(range(START + 300_000, START + 900_000)),
            Ok(Some(range(START + 600_000, START + 900_000)))
        );
        assert_eq!(memory.missing(range(START - 1, START + 900_000)), Err(Useless), "begins before");
        assert_eq!(memory.missing(range(START, START + 300_000)), Err(Useless), "ends before");
        let later = START + 600_000 + SPAN_MS;
        assert_eq!(memory.missing(range(later - 300_000, later + 1)), Err(Useless), "too far away");
    }

    #[test]
    fn damaged_bytes_and_those_of_others_are_refused() {
        let rules = RuleSet::shipped();
        let mut memory = Memory::new(rules, instant(START));
        memory.add(&hit("203.0.113.9", START, "/.env", 404));
        let bytes = memory.to_bytes().unwrap();
        assert!(Memory::from_bytes(&bytes, rules).is_ok());
        for cut in [0, 4, 8, 12, 16, bytes.len() - 1] {
            assert!(Memory::from_bytes(&bytes[..cut], rules).is_err(), "{cut}");
        }
        for at in [0, 6, 10, 17, bytes.len() - 1] {
            let mut other = bytes.clone();
            other[at] ^= 0x55;
            // A flipped bit may be one that the packing does not need; it must not panic.
            let _ = Memory::from_bytes(&other, rules);
        }
        let own = RuleSet::with_user_files(&[(
            "own.toml",
            "[[rule]]\nname='own'\nseverity='hint'\ncategory='probe'\nen='x'\nko='x'\npath.equals=['/a']\nhit=[{target='/a'}]\nmiss=[{target='/b'}]",
        )])
        .unwrap();
        assert_eq!(Memory::from_bytes(&bytes, &own).err(), Some(Unreadable));
    }
}
