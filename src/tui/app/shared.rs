//! What all views know: time, language, theme, window, the decisions in force, the newest verdicts, how the servers
//! are, and the last thing that was said.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use crate::detect::baseline::Baselines;
use crate::detect::gates::GateLimits;
use crate::detect::groups::Cohort;
use crate::detect::ranges::overlaps;
use crate::detect::rules::RuleSet;
use crate::enforce::ActiveDecision;
use crate::judge::Verdict;
use crate::logs::{SourceInfo, Window};
use crate::policy::Remedy;
use crate::text::Lang;
use crate::text::number::ago;
use crate::tui::effect::Health;
use crate::tui::theme::{self, Depth, Theme};

/// A range that ended so long ago is over.
const OVER: Duration = Duration::from_secs(3_600);

/// What the console is made of, found out before it starts.
#[derive(Debug, Clone)]
pub struct Basics {
    /// The language.
    pub lang: Lang,
    /// All themes, as they are in their files.
    pub themes: Vec<Theme>,
    /// The name of the theme to begin with; `auto` picks one.
    pub theme: String,
    /// Colours that the terminal has.
    pub depth: Depth,
    /// The zone of the times shown.
    pub zone: TimeZone,
    /// The length of the window.
    pub window: Duration,
    /// Its end, where that is not now.
    pub window_end: Option<Timestamp>,
    /// The series that are watched, with their rules.
    pub baselines: std::sync::Arc<Baselines>,
    /// How often to look again.
    pub refresh: Duration,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Whether acts are real.
    pub live: bool,
    /// The source.
    pub source: SourceInfo,
    /// The enforcer's short name.
    pub enforcer: String,
    /// The judge's short name.
    pub judge: String,
    /// The thresholds.
    pub gates: GateLimits,
    /// The rules that requests are held against, for their words.
    pub rules: &'static RuleSet,
    /// The largest share of innocents that a range may hold to be chosen by itself.
    pub max_innocent_share: f64,
    /// How long a ban lasts unless the form says otherwise.
    pub ban_duration: Duration,
    /// What is done unless the form says otherwise.
    pub remedy: Remedy,
}

/// The last thing that was said to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub text: String,
    /// Whether something failed.
    pub failure: bool,
    /// When.
    pub at: Timestamp,
}

/// The state that all views share.
pub struct Shared {
    /// What does not change by itself.
    pub basics: Basics,
    /// The language.
    pub lang: Lang,
    /// The theme, fitted to the terminal's colours.
    pub theme: Theme,
    /// The time of the event at hand.
    pub now: Timestamp,
    /// The screen.
    pub size: Size,
    /// Columns that the panel takes beside the view.
    pub beside: u16,
    /// The length of the window.
    pub window: Duration,
    /// Its end, where that is not now.
    pub window_end: Option<Timestamp>,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// How the servers are; `None` until they were asked.
    pub health: Option<Box<Health>>,
    /// Active decisions as last read.
    pub decisions: Vec<ActiveDecision>,
    /// Why they could not be read the last time.
    pub decisions_failed: Option<String>,
    /// When they were last read.
    pub decisions_at: Option<Timestamp>,
    /// The cohorts of the last survey.
    pub cohorts: Vec<Cohort>,
    /// The newest verdict of each client that has one.
    pub verdicts: HashMap<IpNet, Verdict>,
    /// The last thing that was said.
    pub notice: Option<Notice>,
    /// What is said together with the outcome of the act in flight.
    pub with_outcome: Option<String>,
    /// Acts at work.
    pub acting: usize,
    /// Whether the screen has to be drawn again.
    pub dirty: bool,
}

/// From so many columns on, the panel lies beside the view.
const WIDE: u16 = 110;
/// So long a message of success stays, in seconds.
const NOTICE_SECONDS: i64 = 10;

impl Shared {
    /// The state at the start.
    pub fn new(basics: Basics, now: Timestamp, size: Size) -> Self {
        let theme = themed(&basics, &basics.theme);
        Self {
            lang: basics.lang,
            theme,
            now,
            size,
            beside: 0,
            window: basics.window,
            window_end: basics.window_end,
            mouse: basics.mouse,
            health: None,
            decisions: Vec::new(),
            decisions_failed: None,
            decisions_at: None,
            cohorts: Vec::new(),
            verdicts: HashMap::new(),
            notice: None,
            with_outcome: None,
            acting: 0,
            dirty: true,
            basics,
        }
    }

    /// Takes a theme by name; a name that is unknown, `auto` among them, takes the first.
    pub fn set_theme(&mut self, slug: &str) {
        self.theme = themed(&self.basics, slug);
    }

    /// The range under study at this moment.
    pub fn range(&self) -> Window {
        Window::ending(self.window_end.unwrap_or(self.now), self.window)
    }

    /// Whether the panel lies beside the view.
    pub const fn is_wide(&self) -> bool {
        self.size.width >= WIDE
    }

    /// Columns of the panel beside a view.
    pub fn panel_width(body: u16) -> u16 {
        (body * 45 / 100).clamp(50, 90)
    }

    /// Says something that went well, or why a key does nothing.
    pub fn inform(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), failure: false, at: self.now });
        self.dirty = true;
    }

    /// Says what failed. Stays until it is dismissed or something else is said.
    pub fn fail(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), failure: true, at: self.now });
        self.dirty = true;
    }

    /// A quarter of a second has passed.
    pub fn tick(&mut self) {
        let old = |notice: &Notice| !notice.failure && self.now.as_second() - notice.at.as_second() >= NOTICE_SECONDS;
        if self.notice.as_ref().is_some_and(old) {
            self.notice = None;
            self.dirty = true;
        }
        let now = self.now;
        let before = self.decisions.len();
        self.decisions.retain(|decision| decision.until > now);
        self.dirty |= self.decisions.len() != before;
    }

    /// The decision in force that covers an address, a real one before a rehearsed one, the longest first.
    pub fn decision_for(&self, client: IpAddr) -> Option<&ActiveDecision> {
        let covers = |decision: &&ActiveDecision| decision.target.is_some_and(|target| target.contains(&client));
        self.decisions.iter().filter(covers).max_by_key(|decision| (!decision.simulated, decision.until))
    }

    /// The decisions in force that touch a target.
    pub fn decisions_on(&self, target: IpNet) -> impl Iterator<Item = &ActiveDecision> {
        self.decisions.iter().filter(move |decision| decision.target.is_some_and(|other| overlaps(&other, &target)))
    }

    /// The newest verdict on an address.
    pub fn verdict_on(&self, client: IpAddr) -> Option<&Verdict> {
        self.verdicts.get(&IpNet::from(client))
    }

    /// An instant as a time of day in the person's zone.
    pub fn time_of_day(&self, instant: Timestamp) -> String {
        instant.to_zoned(self.basics.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// An instant as a date and a time of day in the person's zone; without the date where it is today's.
    pub fn date_and_time(&self, instant: Timestamp) -> String {
        let zoned = instant.to_zoned(self.basics.zone.clone());
        let today = self.now.to_zoned(self.basics.zone.clone()).date();
        let format = if zoned.date() == today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        zoned.strftime(format).to_string()
    }

    /// An instant as it stands below a chart: the time of day to the minute, with the day where it is not today's.
    pub fn time_in_chart(&self, instant: Timestamp) -> String {
        let zoned = instant.to_zoned(self.basics.zone.clone());
        let today = self.now.to_zoned(self.basics.zone.clone()).date();
        zoned.strftime(if zoned.date() == today { "%H:%M" } else { "%m-%d %H:%M" }).to_string()
    }

    /// How long ago an instant was; zero for one to come.
    pub fn since(&self, instant: Timestamp) -> Duration {
        u64::try_from(self.now.as_millisecond() - instant.as_millisecond())
            .map_or(Duration::ZERO, Duration::from_millis)
    }

    /// When something within the range was, in five columns: how long ago, or where the range has long been over, in
    /// which everything would be as long ago, the time of day; the date in a range of several days.
    pub fn when(&self, instant: Timestamp) -> String {
        let range = self.range();
        if self.since(range.end) < OVER {
            return ago(self.since(instant), self.lang);
        }
        let is_long = range.end.duration_since(range.start) > SignedDuration::from_hours(24);
        let format = if is_long { "%m-%d" } else { "%H:%M" };
        instant.to_zoned(self.basics.zone.clone()).strftime(format).to_string()
    }

    /// How long until an instant; zero for one that is past.
    pub fn until(&self, instant: Timestamp) -> Duration {
        u64::try_from(instant.as_millisecond() - self.now.as_millisecond())
            .map_or(Duration::ZERO, Duration::from_millis)
    }
}

/// The theme of a name, fitted to the terminal's colours; the first one where there is none of that name.
fn themed(basics: &Basics, slug: &str) -> Theme {
    let (own, shipped) = (&basics.themes, theme::shipped());
    let named = own.iter().find(|theme| theme.slug == slug);
    match named.or_else(|| own.first()).or_else(|| shipped.first()) {
        Some(theme) => theme.at(basics.depth),
        None => Theme::plain(),
    }
}
