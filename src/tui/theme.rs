//! Themes: a style for every [`Role`], read from TOML files (those of `themes/` are compiled in, a person's own are
//! added), fitted to the number of colours that the terminal has. State is never told by colour alone, so a theme
//! without any colour is complete. Nothing here draws.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::text::{Lang, Say, escape};

/// Declares the roles once: the enum, the list of all and the names in a theme file.
macro_rules! roles {
    ($($(#[$meta:meta])* $role:ident = $name:literal),* $(,)?) => {
        /// What a piece of the screen is. Widgets ask for roles, never for colours.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum Role { $($(#[$meta])* #[serde(rename = $name)] $role),* }

        impl Role {
            /// All roles.
            pub const ALL: &'static [Self] = &[$(Self::$role),*];

            /// Its name in a theme file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$role => $name),* }
            }
        }
    };
}

roles! {
    /// Plain text and the background of the whole screen.
    Text = "text",
    /// Text of less weight: units, hints, exempt clients.
    Muted = "muted",
    /// Text of more weight.
    Strong = "strong",
    /// The title of a pane.
    Title = "title",
    /// The frame of a pane.
    Border = "border",
    /// The frame of the pane that has the keyboard.
    BorderFocused = "border-focused",
    /// The head of a table.
    Header = "header",
    /// The row or item that is selected.
    Selection = "selection",
    /// What was searched for, where it was found; the bracket that belongs to another.
    Match = "match",
    /// The text cursor.
    Cursor = "cursor",
    /// The status line.
    Status = "status",
    /// A tab or view that is open.
    TabActive = "tab-active",
    /// A key in the footer and the help.
    Key = "key",
    /// The word LIVE: what is confirmed is really done.
    Live = "live",
    /// The word REHEARSAL: nothing is sent.
    Rehearsal = "rehearsal",
    /// Good news.
    Ok = "ok",
    /// Something to look at.
    Warning = "warning",
    /// A failure.
    Error = "error",
    /// The frame and the words of a dangerous act.
    Danger = "danger",
    /// A number that passes a gate.
    Gate = "gate",
    /// Answers 200 to 299.
    Class2xx = "class-2xx",
    /// Answers 300 to 399.
    Class3xx = "class-3xx",
    /// Answers 400 to 498.
    Class4xx = "class-4xx",
    /// Answers 499.
    Class499 = "class-499",
    /// Answers 500 to 599.
    Class5xx = "class-5xx",
    /// The judge says yes, ban.
    VerdictYes = "verdict-yes",
    /// The judge says no.
    VerdictNo = "verdict-no",
    /// The judge is unsure.
    VerdictUnsure = "verdict-unsure",
    /// LogsQL: a field's name.
    SyntaxField = "syntax-field",
    /// LogsQL: a word, phrase or other value. JSON: a string.
    SyntaxValue = "syntax-value",
    /// LogsQL and JSON: a number.
    SyntaxNumber = "syntax-number",
    /// LogsQL: and, or, not, by, as, if. JSON: true, false, null.
    SyntaxKeyword = "syntax-keyword",
    /// LogsQL: the name of a pipe.
    SyntaxPipe = "syntax-pipe",
    /// LogsQL: the name of a filter or stats function.
    SyntaxFunction = "syntax-function",
    /// LogsQL and JSON: operators and punctuation.
    SyntaxOperator = "syntax-operator",
    /// LogsQL: a comment.
    SyntaxComment = "syntax-comment",
    /// LogsQL: what the parser does not understand.
    SyntaxInvalid = "syntax-invalid",
}

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// None: only bold, dim, reversed and underlined.
    None,
    /// The sixteen that every terminal's owner chose.
    #[serde(rename = "16")]
    Ansi16,
    /// 256.
    #[serde(rename = "256")]
    Ansi256,
    /// 24 bit.
    #[serde(rename = "truecolor")]
    True,
}

impl Depth {
    /// What the environment promises: `NO_COLOR` (any value but empty) first, then `COLORTERM`, then `TERM`. Over SSH
    /// `COLORTERM` is usually lost, so 256 is the common answer. The variables come as a function.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Self::None;
        }
        if set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            return Self::True;
        }
        match set("TERM").as_deref() {
            None | Some("dumb") => Self::None,
            Some(term) if term.ends_with("-direct") => Self::True,
            Some(term) if term.contains("256color") => Self::Ansi256,
            Some(term) if term.ends_with("-mono") || term.starts_with("vt") => Self::None,
            Some(_) => Self::Ansi16,
        }
    }
}

/// A style for every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// What it is asked for by: the file's name without its ending.
    pub slug: String,
    name: Name,
    styles: BTreeMap<Role, Style>,
}

impl Theme {
    /// Reads a theme file.
    pub fn parse(slug: &str, content: &str) -> Result<Self, ThemeError> {
        let broken = |message: String| ThemeError { theme: slug.to_owned(), message };
        let file: ThemeFile = toml::from_str(content).map_err(|error| broken(error.to_string()))?;
        let mut styles = BTreeMap::new();
        for (role, spec) in &file.styles {
            let style = spec.style(&file.palette).map_err(|colour| {
                broken(format!("[styles] {}: `{colour}` is no colour and no name of [palette]", role.name()))
            })?;
            styles.insert(*role, style);
        }
        Ok(Self { slug: slug.to_owned(), name: file.name, styles })
    }

    /// No style at all.
    pub const fn plain() -> Self {
        Self { slug: String::new(), name: Name { en: String::new(), ko: String::new() }, styles: BTreeMap::new() }
    }

    /// Its name for a person.
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.name.en,
            Lang::Ko => &self.name.ko,
        }
    }

    /// The style of a role; a role that the theme leaves out looks like text.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    /// The same with colours that a terminal of this depth has, each the nearest. Without any colour, the styles of
    /// `mono` take over: a selection that was only a colour would be lost.
    pub fn at(&self, depth: Depth) -> Self {
        let mut fitted = self.clone();
        if depth == Depth::None
            && let Some(mono) = shipped().iter().find(|theme| theme.is_colourless())
        {
            fitted.styles.clone_from(&mono.styles);
        }
        for style in fitted.styles.values_mut() {
            style.fg = style.fg.and_then(|colour| fit(colour, depth));
            style.bg = style.bg.and_then(|colour| fit(colour, depth));
        }
        fitted
    }

    /// Whether no role has a colour.
    pub fn is_colourless(&self) -> bool {
        self.styles.values().all(|style| style.fg.is_none() && style.bg.is_none())
    }
}

/// A theme file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    name: Name,
    #[serde(default)]
    palette: BTreeMap<String, String>,
    #[serde(default)]
    styles: BTreeMap<Role, Spec>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    en: String,
    ko: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Spec {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underlined: bool,
    reversed: bool,
}

impl Spec {
    fn style(&self, palette: &BTreeMap<String, String>) -> Result<Style, String> {
        let colour = |name: &Option<String>| -> Result<Option<Color>, String> {
            let Some(name) = name else { return Ok(None) };
            let text = palette.get(name).unwrap_or(name);
            text.parse().map(Some).map_err(|_| text.clone())
        };
        let modifiers = [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underlined, Modifier::UNDERLINED),
            (self.reversed, Modifier::REVERSED),
        ];
        let add_modifier = modifiers.into_iter().filter(|(on, _)| *on).map(|(_, modifier)| modifier).collect();
        Ok(Style { fg: colour(&self.fg)?, bg: colour(&self.bg)?, add_modifier, ..Style::default() })
    }
}

/// A theme file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.say(Lang::En))]
pub struct ThemeError {
    /// The theme's slug or file.
    pub theme: String,
    /// What is wrong, with line and column where known.
    pub message: String,
}

impl Say for ThemeError {
    fn say(&self, lang: Lang) -> String {
        say::broken(lang, &escape::visible(&self.theme), &escape::visible_lines(&self.message))
    }
}

mod say {
    crate::text::sentences! {
        broken(theme: &str, message: &str) {
            en: "the theme {theme} cannot be used: {message}",
            ko: "테마 {theme} 사용 불가: {message}",
        }
    }
}

const SHIPPED: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// The themes that ship, the default first.
pub fn shipped() -> &'static [Theme] {
    static PARSED: LazyLock<Vec<Theme>> =
        LazyLock::new(|| SHIPPED.iter().filter_map(|(slug, content)| Theme::parse(slug, content).ok()).collect());
    &PARSED
}

/// The themes that ship and those of a folder (an own one replaces a shipped one of the same name), and what could not
/// be used of the folder. A folder that is missing holds none. Reads files, and so blocks.
pub fn list(folder: &Path) -> (Vec<Theme>, Vec<ThemeError>) {
    let (mut themes, mut problems) = (shipped().to_vec(), Vec::new());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    for path in files {
        let slug = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let read = std::fs::read_to_string(&path)
            .map_err(|error| ThemeError { theme: path.display().to_string(), message: error.to_string() })
            .and_then(|content| Theme::parse(&slug, &content));
        match read {
            Ok(theme) => match themes.iter_mut().find(|known| known.slug == slug) {
                Some(known) => *known = theme,
                None => themes.push(theme),
            },
            Err(problem) => problems.push(problem),
        }
    }
    (themes, problems)
}

/// The nearest colour of a depth.
fn fit(colour: Color, depth: Depth) -> Option<Color> {
    match (colour, depth) {
        (_, Depth::None) => None,
        (Color::Rgb(r, g, b), Depth::Ansi256) => Some(Color::Indexed(nearest([r, g, b], 16..=255))),
        (Color::Rgb(r, g, b), Depth::Ansi16) => Some(Color::Indexed(nearest([r, g, b], 0..=15))),
        (Color::Indexed(index @ 16..), Depth::Ansi16) => Some(Color::Indexed(nearest(rgb_of(index), 0..=15))),
        (colour, _) => Some(colour),
    }
}

fn nearest(wanted: [u8; 3], among: std::ops::RangeInclusive<u8>) -> u8 {
    among.min_by_key(|index| distance(wanted, rgb_of(*index))).unwrap_or_default()
}

/// Squared distance, weighted as the eye weighs (the "redmean" approximation's middle weights).
fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    let square = |at: usize| u32::from(one[at].abs_diff(other[at])).pow(2);
    2 * square(0) + 4 * square(1) + 3 * square(2)
}

/// xterm's palette: sixteen named colours, a 6×6×6 cube, 24 greys. Also what a picture of the screen is drawn with.
pub fn rgb_of(index: u8) -> [u8; 3] {
    const NAMED: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        0..=15 => NAMED[usize::from(index)],
        16..=231 => {
            let cube = usize::from(index - 16);
            [STEPS[cube / 36], STEPS[cube / 6 % 6], STEPS[cube % 6]]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_theme_parses_and_names_every_role() {
        assert_eq!(shipped().len(), SHIPPED.len());
        for (slug, content) in SHIPPED {
            let theme = Theme::parse(slug, content).unwrap();
            let missing: Vec<_> =
                Role::ALL.iter().filter(|role| !theme.styles.contains_key(role)).map(|role| role.name()).collect();
            assert!(missing.is_empty(), "{slug}: {missing:?}");
        }
    }

    #[test]
    fn one_theme_has_no_colour_and_still_tells_states_apart() {
        let mono = shipped().iter().find(|theme| theme.slug == "mono").unwrap();
        assert!(mono.is_colourless());
        for (one, other) in [
            (Role::Text, Role::Selection),
            (Role::Border, Role::BorderFocused),
            (Role::Live, Role::Rehearsal),
            (Role::Status, Role::TabActive),
            (Role::Text, Role::Error),
            (Role::Text, Role::Gate),
        ] {
            assert_ne!(mono.style(one), mono.style(other), "{one:?} {other:?}");
        }
    }

    /// WCAG 2's contrast of two colours, 1 to 21.
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let luminance = |rgb: [u8; 3]| {
            let linear = |value: u8| {
                let share = f64::from(value) / 255.0;
                if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
        };
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_its_ground_and_high_contrast_means_it() {
        for (slug, least) in [("dark", 4.5), ("light", 4.5), ("high-contrast", 7.0)] {
            let theme = shipped().iter().find(|theme| theme.slug == slug).unwrap();
            let ground = theme.style(Role::Text).bg;
            for role in Role::ALL.iter().filter(|role| **role != Role::Border) {
                let style = theme.style(*role);
                let (fg, bg) = (style.fg.or(theme.style(Role::Text).fg), style.bg.or(ground));
                if let (Some(Color::Rgb(r, g, b)), Some(Color::Rgb(x, y, z))) = (fg, bg) {
                    let found = contrast([r, g, b], [x, y, z]);
                    assert!(found >= least, "{slug} {}: {found:.1}", role.name());
                } else {
                    panic!("{slug} {}: colours in RGB, please", role.name());
                }
            }
        }
    }

    #[test]
    fn depth_comes_from_the_environment() {
        let with = |pairs: &'static [(&str, &str)]| {
            Depth::detect(move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(with(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::None);
        assert_eq!(with(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(with(&[("TERM", "tmux-256color")]), Depth::Ansi256);
        assert_eq!(with(&[("TERM", "linux")]), Depth::Ansi16);
        assert_eq!(with(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn colours_are_fitted_to_the_depth() {
        assert_eq!(fit(Color::Rgb(255, 0, 0), Depth::Ansi256), Some(Color::Indexed(196)));
        assert_eq!(fit(Color::Rgb(250, 10, 10), Depth::Ansi16), Some(Color::Indexed(9)));
        assert_eq!(fit(Color::Indexed(196), Depth::Ansi16), Some(Color::Indexed(9)));
        assert_eq!(fit(Color::Red, Depth::Ansi16), Some(Color::Red));
        assert_eq!(fit(Color::Red, Depth::None), None);
        for theme in shipped() {
            let bare = theme.at(Depth::None);
            assert!(bare.is_colourless());
            assert_ne!(bare.style(Role::Selection), bare.style(Role::Strong), "{}", theme.slug);
        }
    }

    #[test]
    fn mistakes_in_a_theme_are_named() {
        let head = "name = { en = \"X\", ko = \"X\" }\n";
        let wrong = |rest: &str| Theme::parse("x", &format!("{head}{rest}")).unwrap_err().to_string();
        assert!(
            wrong("[styles]\nselektion = { fg = \"red\" }").contains("line 3"),
            "{}",
            wrong("[styles]\nselektion = {}")
        );
        assert!(wrong("[styles]\ntext = { fg = \"rde\" }").contains("`rde` is no colour"));
        assert!(wrong("[styles]\ntext = { foreground = \"red\" }").contains("foreground"));
    }
}
