//! Forms and lists on top of everything: the ban and lift forms, choices, help, palette. The uppermost takes the keys.

use crossterm::event::KeyEvent;
use ipnet::IpNet;

pub mod ban;
pub mod ban_many;
pub mod calm;
pub mod choice;
pub mod commands;
pub mod guard;
pub mod help;
pub mod lift;
pub mod palette;

use super::app::Shared;
use super::effect::{Effect, Slot};
use super::pane::Pane;

/// Something on top.
pub enum Overlay {
    /// The ban form.
    Ban(Box<ban::BanForm>),
    /// The form that bans many.
    BanMany(Box<ban_many::BanMany>),
    /// The lift form.
    Lift(lift::LiftForm),
    /// A list to choose from.
    Choice(choice::Choice),
    /// The help.
    Help(help::Help),
    /// The palette.
    Palette(palette::Palette),
}

impl Overlay {
    /// It as a pane.
    pub fn pane(&self) -> &dyn Pane {
        match self {
            Self::Ban(form) => form.as_ref(),
            Self::BanMany(form) => form.as_ref(),
            Self::Lift(form) => form,
            Self::Choice(choice) => choice,
            Self::Help(help) => help,
            Self::Palette(palette) => palette,
        }
    }

    /// It as a pane that may change.
    pub fn pane_mut(&mut self) -> &mut dyn Pane {
        match self {
            Self::Ban(form) => form.as_mut(),
            Self::BanMany(form) => form.as_mut(),
            Self::Lift(form) => form,
            Self::Choice(choice) => choice,
            Self::Help(help) => help,
            Self::Palette(palette) => palette,
        }
    }

    /// Whether a key counts now: a form in which an act can be confirmed does not heed a burst of keys.
    pub fn heeds(&mut self, key: &KeyEvent, shared: &mut Shared) -> bool {
        match self {
            Self::Ban(form) => form.guard.heeds(key, shared),
            Self::BanMany(form) => form.guard.heeds(key, shared),
            Self::Lift(form) => form.calm.heeds(key, shared),
            Self::Choice(_) | Self::Help(_) | Self::Palette(_) => true,
        }
    }

    /// Whether it waits for the outcome of an act on a target.
    pub fn waits_for(&self, target: Option<IpNet>) -> bool {
        match self {
            Self::Ban(form) => form.waits_for(target),
            Self::Lift(form) => form.waits_for(target),
            // It stays open and shows what became of each.
            Self::BanMany(_) | Self::Choice(_) | Self::Help(_) | Self::Palette(_) => false,
        }
    }

    /// The act it waited for failed.
    pub fn failed(&mut self, words: &str) {
        match self {
            Self::Ban(form) => form.failed(words),
            Self::Lift(form) => form.failed(words),
            Self::BanMany(_) | Self::Choice(_) | Self::Help(_) | Self::Palette(_) => {}
        }
    }

    /// It was closed without an answer.
    pub fn closed(self, shared: &mut Shared) -> Vec<Effect> {
        match self {
            Self::Ban(_) => vec![Effect::Cancel(Slot::Plan)],
            Self::BanMany(form) => {
                form.closed(shared);
                vec![Effect::Cancel(Slot::Plan)]
            }
            Self::Choice(choice) => {
                choice.closed(shared);
                Vec::new()
            }
            Self::Lift(_) | Self::Help(_) | Self::Palette(_) => Vec::new(),
        }
    }
}
