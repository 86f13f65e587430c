//! Keys: how one is written (`ctrl+r`, `B`, `pgdn`), shown, and looked up. A key means what the command table says for
//! the top layer's [`Context`]; this module never decides what a command does.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::commands::{self, Command};

/// What is on top and so takes the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere, in text fields and modals too.
    Always,
    /// Every view, panel and list that is no modal and takes no text.
    Anywhere,
    /// The gate table.
    Suspects,
    /// The decisions table.
    Decisions,
    /// The cohorts.
    Cohorts,
    /// The events.
    Events,
    /// The clients that explain an event.
    Culprits,
    /// The table by cost.
    Costs,
    /// What the members of a cohort share.
    CohortShares,
    /// The members of a cohort.
    Members,
    /// The line in which a table is filtered.
    Filter,
    /// The dossier panel.
    Dossier,
    /// The query editor.
    QueryEditor,
    /// The result table.
    QueryResults,
    /// One row of a result.
    QueryRow,
    /// The lists of saved and earlier queries.
    QueryLibrary,
    /// The line in which a query gets its name.
    QueryName,
    /// The time range of a query.
    QueryRange,
    /// The line in which a field of a query gets another name.
    QueryRename,
    /// A text field of the ban form.
    BanField,
    /// The buttons of the ban form.
    BanButtons,
    /// The list of the form that bans many.
    BanList,
    /// The lift form.
    Lift,
    /// A list to choose from.
    Choice,
    /// The help.
    Help,
    /// The command palette.
    Palette,
}

impl Context {
    /// Every context.
    #[cfg(test)]
    pub const ALL: &'static [Self] = &[
        Self::Always,
        Self::Anywhere,
        Self::Suspects,
        Self::Decisions,
        Self::Cohorts,
        Self::Events,
        Self::Culprits,
        Self::Costs,
        Self::CohortShares,
        Self::Members,
        Self::Filter,
        Self::Dossier,
        Self::QueryEditor,
        Self::QueryResults,
        Self::QueryRow,
        Self::QueryLibrary,
        Self::QueryName,
        Self::QueryRange,
        Self::QueryRename,
        Self::BanField,
        Self::BanButtons,
        Self::BanList,
        Self::Lift,
        Self::Choice,
        Self::Help,
        Self::Palette,
    ];

    /// Whether keys that no command claims are typed text.
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Filter
                | Self::QueryEditor
                | Self::QueryLibrary
                | Self::QueryName
                | Self::QueryRange
                | Self::QueryRename
                | Self::BanField
                | Self::Palette
        )
    }

    /// Whether it shuts out the commands of [`Context::Anywhere`].
    pub const fn is_modal(self) -> bool {
        self.takes_text()
            || matches!(self, Self::Always | Self::BanButtons | Self::BanList | Self::Lift | Self::Choice | Self::Help)
    }

    /// The contexts in which a key is looked for, nearest first.
    pub fn chain(self) -> impl Iterator<Item = Self> {
        let anywhere = (!self.is_modal()).then_some(Self::Anywhere);
        [Some(self), anywhere, Some(Self::Always)].into_iter().flatten()
    }
}

/// One key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Names of keys that are not one character.
const NAMES: &[(&str, KeyCode, &str)] = &[
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "Shift+Tab"),
    ("space", KeyCode::Char(' '), "Space"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("pgup", KeyCode::PageUp, "PgUp"),
    ("pgdn", KeyCode::PageDown, "PgDn"),
    ("del", KeyCode::Delete, "Del"),
    ("backspace", KeyCode::Backspace, "Backspace"),
    ("f1", KeyCode::F(1), "F1"),
    ("f2", KeyCode::F(2), "F2"),
    ("f3", KeyCode::F(3), "F3"),
    ("f4", KeyCode::F(4), "F4"),
    ("f5", KeyCode::F(5), "F5"),
    ("f6", KeyCode::F(6), "F6"),
];

impl Chord {
    /// Reads `ctrl+r`, `alt+x`, `B`, `?`, `enter`. Upper case is its own key, shift is not written.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl+") {
                (modifiers, rest) = (modifiers | KeyModifiers::CONTROL, after);
            } else if let Some(after) = rest.strip_prefix("alt+") {
                (modifiers, rest) = (modifiers | KeyModifiers::ALT, after);
            } else {
                break;
            }
        }
        if let Some((_, code, _)) = NAMES.iter().find(|(name, ..)| *name == rest) {
            return Some(Self { code: *code, modifiers });
        }
        let mut characters = rest.chars();
        let character = characters.next().filter(|_| characters.next().is_none())?;
        Some(Self { code: KeyCode::Char(character), modifiers })
    }

    /// The key event that has this chord: what a script presses.
    pub const fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// The chord of a key event. Shift is dropped where the character already tells it, and a key of the Korean
    /// two-set layout counts as the Latin key in its place, so that commands work with the Hangul mode left on.
    pub fn of(key: &KeyEvent) -> Self {
        let modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        let code = match key.code {
            KeyCode::Char(character) => KeyCode::Char(latin(character)),
            KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        // Ctrl with a letter is the same key in either case.
        let code = match code {
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char(c.to_ascii_lowercase()),
            code => code,
        };
        Self { code, modifiers }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            out.write_str("Ctrl+")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            out.write_str("Alt+")?;
        }
        if let Some((.., shown)) = NAMES.iter().find(|(_, code, _)| *code == self.code) {
            return out.write_str(shown);
        }
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => write!(out, "{c}"),
            KeyCode::Char(c) => write!(out, "{}", c.to_ascii_uppercase()),
            code => write!(out, "{code}"),
        }
    }
}

/// The Latin letter that lies on the same key as a letter of the Korean two-set layout (두벌식); others as they are.
///
/// Where shift makes no difference in Hangul the small letter is meant: so no Hangul key can be the capital `B` that
/// confirms a ban.
const fn latin(character: char) -> char {
    match character {
        'ㅂ' => 'q',
        'ㅈ' => 'w',
        'ㄷ' => 'e',
        'ㄱ' => 'r',
        'ㅅ' => 't',
        'ㅛ' => 'y',
        'ㅕ' => 'u',
        'ㅑ' => 'i',
        'ㅐ' => 'o',
        'ㅔ' => 'p',
        'ㅁ' => 'a',
        'ㄴ' => 's',
        'ㅇ' => 'd',
        'ㄹ' => 'f',
        'ㅎ' => 'g',
        'ㅗ' => 'h',
        'ㅓ' => 'j',
        'ㅏ' => 'k',
        'ㅣ' => 'l',
        'ㅋ' => 'z',
        'ㅌ' => 'x',
        'ㅊ' => 'c',
        'ㅍ' => 'v',
        'ㅠ' => 'b',
        'ㅜ' => 'n',
        'ㅡ' => 'm',
        'ㅃ' => 'Q',
        'ㅉ' => 'W',
        'ㄸ' => 'E',
        'ㄲ' => 'R',
        'ㅆ' => 'T',
        'ㅒ' => 'O',
        'ㅖ' => 'P',
        other => other,
    }
}

/// The command that a key means in a context.
pub fn find(key: &KeyEvent, context: Context) -> Option<&'static Command> {
    // A typed Hangul letter is text where text is taken.
    let chord = Chord::of(key);
    let typed = matches!(key.code, KeyCode::Char(_)) && chord.modifiers.is_empty();
    context.chain().filter(|place| !(typed && context.takes_text() && *place == Context::Always)).find_map(|place| {
        commands::all().find(|command| {
            command.keys.iter().any(|(bound, text)| *bound == place && Chord::parse(text) == Some(chord))
        })
    })
}

/// The key that is shown for a command in a context: the first that reaches it from there.
pub fn shown(command: &Command, context: Context) -> Option<Chord> {
    context.chain().find_map(|place| {
        command.keys.iter().find(|(bound, _)| *bound == place).and_then(|(_, text)| Chord::parse(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(character: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)
    }

    #[test]
    fn chords_are_read_and_shown() {
        for (text, shown) in [
            ("ctrl+r", "Ctrl+R"),
            ("B", "B"),
            ("?", "?"),
            ("pgdn", "PgDn"),
            ("alt+enter", "Alt+Enter"),
            ("space", "Space"),
        ] {
            assert_eq!(Chord::parse(text).map(|chord| chord.to_string()).as_deref(), Some(shown));
        }
        for text in ["", "ctrl+", "hyper+x", "ab"] {
            assert_eq!(Chord::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn shift_is_told_by_the_character() {
        let shifted = KeyEvent::new(KeyCode::Char('B'), KeyModifiers::SHIFT);
        assert_eq!(Some(Chord::of(&shifted)), Chord::parse("B"));
        assert_ne!(Some(Chord::of(&shifted)), Chord::parse("b"));
        assert_eq!(Some(Chord::of(&KeyEvent::new(KeyCode::Char('R'), KeyModifiers::CONTROL))), Chord::parse("ctrl+r"));
    }

    #[test]
    fn hangul_keys_work_but_none_is_the_key_that_bans() {
        assert_eq!(Some(Chord::of(&press('ㅂ'))), Chord::parse("q"));
        let hangul = ('\u{3131}'..='\u{3163}').chain('가'..='힣');
        assert!(hangul.into_iter().all(|letter| !matches!(latin(letter), 'B' | 'U')));
    }
}
