//! Every command, declared once: its keys by context, its label in both languages, when it is enabled and why not,
//! what it does. Keymap, footer, help, palette and the documentation derive from this table. The rooms declare their
//! own commands beside their views; [`ROOMS`] puts them together.

use super::app::App;
use super::effect::Effect;
use super::keymap::{self, Context};
use super::{app, overlays, views};
use crate::text::Lang;

/// Under which heading the help lists a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// The console itself.
    Console,
    /// Moving about.
    Move,
    /// The gate table.
    Suspects,
    /// The dossier.
    Dossier,
    /// The cohorts.
    Cohorts,
    /// The events.
    Events,
    /// Bans and their lifting.
    Decisions,
    /// The query view.
    Query,
    /// Forms and lists on top.
    Forms,
}

impl Section {
    /// All, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Suspects,
        Self::Dossier,
        Self::Cohorts,
        Self::Events,
        Self::Decisions,
        Self::Query,
        Self::Move,
        Self::Forms,
        Self::Console,
    ];

    /// The heading.
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Console => say::console(lang),
            Self::Move => say::moving(lang),
            Self::Suspects => say::suspects(lang),
            Self::Dossier => say::dossier(lang),
            Self::Cohorts => say::cohorts(lang),
            Self::Events => say::events(lang),
            Self::Decisions => say::decisions(lang),
            Self::Query => say::query(lang),
            Self::Forms => say::forms(lang),
        }
    }
}

mod say {
    crate::text::words! {
        console { en: "Console", ko: "콘솔" }
        moving { en: "Moving about", ko: "이동" }
        suspects { en: "Suspects", ko: "용의자" }
        dossier { en: "Dossier", ko: "조서" }
        cohorts { en: "Cohorts", ko: "집단" }
        events { en: "Events", ko: "이벤트" }
        decisions { en: "Decisions", ko: "차단" }
        query { en: "Query", ko: "쿼리" }
        forms { en: "Forms and lists", ko: "양식과 목록" }
    }
}

/// Words that depend on the language.
pub type Words = fn(Lang) -> &'static str;

/// A command.
pub struct Command {
    /// Its stable name: `suspects.refresh`.
    pub id: &'static str,
    /// Its keys, each in the context where it holds; see [`keymap::Chord::parse`]. The first of a context is shown.
    pub keys: &'static [(Context, &'static str)],
    /// What it does, in two or three words.
    pub label: Words,
    /// Its place in the help.
    pub section: Section,
    /// Its rank in the footer, 1 first; 0 keeps it out.
    pub footer: u8,
    /// `Err` says why it cannot run now.
    pub enabled: fn(&App) -> Result<(), Words>,
    /// What it does.
    pub run: fn(&mut App) -> Vec<Effect>,
}

/// For commands that can always run.
pub const fn always(_app: &App) -> Result<(), Words> {
    Ok(())
}

/// The table, room by room.
pub const ROOMS: &[&[Command]] = &[
    app::commands::COMMANDS,
    views::commands::COMMANDS,
    views::suspects::commands::COMMANDS,
    views::dossier::commands::COMMANDS,
    views::decisions::commands::COMMANDS,
    views::cohorts::commands::COMMANDS,
    views::events::commands::COMMANDS,
    views::costs::commands::COMMANDS,
    views::query::commands::COMMANDS,
    overlays::commands::COMMANDS,
];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Command> {
    ROOMS.iter().flat_map(|room| room.iter())
}

/// The key that is shown for a command of this name in a context.
pub fn key_of(id: &str, context: Context) -> Option<keymap::Chord> {
    all().find(|command| command.id == id).and_then(|command| keymap::shown(command, context))
}

/// The commands that can be reached from a context, in the order of the footer; those without a rank last.
pub fn reachable(context: Context) -> Vec<&'static Command> {
    let mut found: Vec<_> = all().filter(|command| keymap::shown(command, context).is_some()).collect();
    found.sort_by_key(|command| if command.footer == 0 { u8::MAX } else { command.footer });
    found
}

/// The table as a page of documentation.
pub fn markdown(lang: Lang) -> String {
    let mut page = String::new();
    for section in Section::ALL {
        page.push_str(&format!("\n### {}\n\n", section.label(lang)));
        for command in all().filter(|command| command.section == *section) {
            let mut keys: Vec<String> = Vec::new();
            for (_, text) in command.keys {
                if let Some(chord) = keymap::Chord::parse(text)
                    && !keys.contains(&chord.to_string())
                {
                    keys.push(chord.to_string());
                }
            }
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            page.push_str(&format!("- {}: {}\n", keys.join(", "), (command.label)(lang)));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::Chord;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn ids_are_unique_and_keys_can_be_read() {
        let mut seen = BTreeSet::new();
        for command in all() {
            assert!(seen.insert(command.id), "{} twice", command.id);
            for (_, text) in command.keys {
                assert!(Chord::parse(text).is_some(), "{}: {text:?}", command.id);
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for context in Context::ALL {
            let mut meant: BTreeMap<String, &str> = BTreeMap::new();
            for place in context.chain().collect::<BTreeSet<_>>() {
                for command in all() {
                    for (_, text) in command.keys.iter().filter(|(bound, _)| *bound == place) {
                        let shown = Chord::parse(text).map(|chord| chord.to_string()).unwrap_or_default();
                        if let Some(other) = meant.insert(shown.clone(), command.id) {
                            assert_eq!(other, command.id, "{shown} in {context:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn text_fields_lose_no_letter_to_a_command() {
        for context in Context::ALL.iter().filter(|context| context.takes_text()) {
            for command in all() {
                for (_, text) in command.keys.iter().filter(|(bound, _)| bound == context || *bound == Context::Always)
                {
                    assert!(text.chars().count() > 1, "{} takes {text:?} from {context:?}", command.id);
                }
            }
        }
    }

    #[test]
    fn every_context_can_be_left_and_shows_its_help() {
        for context in Context::ALL {
            let ids: Vec<_> = reachable(*context).iter().map(|command| command.id).collect();
            assert!(ids.contains(&"console.help"), "{context:?}");
            assert!(ids.contains(&"console.interrupt"), "{context:?}");
            let bound = all().any(|command| command.keys.iter().any(|(place, _)| place == context));
            if bound && context.is_modal() && *context != Context::Always && *context != Context::QueryEditor {
                let esc = all().any(|command| command.keys.contains(&(*context, "esc")));
                assert!(esc, "{context:?} has no way out");
            }
        }
    }

    #[test]
    fn a_ban_and_a_lift_have_keys_of_their_own() {
        let keys = |id: &str| all().find(|command| command.id == id).map(|command| command.keys).unwrap();
        for (confirm, open) in [("ban.confirm", "ban.open"), ("lift.confirm", "lift.open")] {
            for (context, text) in keys(confirm) {
                assert!(!context.takes_text(), "{confirm} in a text field");
                assert!(text.chars().all(|c| c.is_ascii_uppercase()), "{confirm}: {text}");
                assert!(keys(open).iter().all(|(_, opens)| opens != text), "{text} opens and confirms");
            }
        }
    }

    #[test]
    fn labels_are_short_and_in_both_languages() {
        for command in all() {
            for lang in [Lang::En, Lang::Ko] {
                let label = (command.label)(lang);
                assert!(!label.is_empty() && crate::text::width::width(label) <= 34, "{}: {label}", command.id);
            }
        }
    }
}
