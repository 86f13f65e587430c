//! What a traffic knows by number: targets, templates, actions, agents and hosts.

use super::agents::AgentKind;
use super::targets::{TargetKind, Theme};
use super::window::{Action, Target, Traffic, hash, kind_of};
use crate::detect::rules::RuleSet;

impl<'r> Traffic<'r> {
    /// What an action is.
    pub fn action_of(&self, number: u32) -> Option<Action> {
        self.actions.get(number as usize).copied()
    }

    /// What an action has in common with others that end alike under other names (see [`super::tails`]).
    pub fn tail_of(&self, number: u32) -> Option<u64> {
        self.tails.of(number)
    }

    /// What a form has in common with others that begin alike (see [`super::tails`]).
    pub fn head_of(&self, number: u32) -> Option<u64> {
        self.heads.of(number)
    }

    /// A hash of a template's text: the same in every window.
    pub fn template_hash(&self, template: u32) -> u64 {
        hash(self.templates.text(template).bytes())
    }

    /// A template's kind and theme.
    pub fn template_facts(&self, template: u32) -> (TargetKind, Theme) {
        self.template_facts.get(template as usize).copied().unwrap_or((TargetKind::Page, Theme::Plain))
    }

    /// What is known of a target.
    pub fn target(&self, number: u32) -> Option<&Target> {
        self.targets.get(number as usize)
    }

    /// How many targets are known by number.
    pub fn targets_known(&self) -> usize {
        self.target_names.len()
    }

    /// A target's text.
    pub fn target_text(&self, number: u32) -> &str {
        self.target_names.text(number)
    }

    /// An agent's text.
    pub fn agent_text(&self, number: u32) -> &str {
        self.agent_names.text(number)
    }

    /// A referer's host by its number.
    pub fn host_text(&self, number: u32) -> &str {
        self.hosts.text(number)
    }

    /// Which known crawler an agent claims to be (see [`crate::detect::crawlers::Crawlers::worth`]).
    pub fn agent_crawler(&self, number: u32) -> Option<usize> {
        self.agents.get(number as usize).and_then(|agent| agent.crawler)
    }

    /// Whether an agent is an app's that shows pages within itself (see [`super::agents::is_in_app`]).
    pub fn is_in_app(&self, number: u32) -> bool {
        self.agents.get(number as usize).is_some_and(|agent| agent.is_in_app)
    }

    /// Whether an agent fetches packages or sources (see [`super::agents`]).
    pub fn is_fetcher(&self, number: u32) -> bool {
        self.agents.get(number as usize).is_some_and(|agent| agent.is_fetcher)
    }

    /// Which app with a name of its own an agent is (see [`super::agents`]).
    pub fn agent_app(&self, number: u32) -> Option<u64> {
        self.agents.get(number as usize).and_then(|agent| agent.app)
    }

    /// What an agent claims to be.
    pub fn agent_kind(&self, number: u32) -> AgentKind {
        kind_of(&self.agents, self.without_agents, number)
    }

    /// The rules it looks for.
    pub fn rules(&self) -> &'r RuleSet {
        self.rules
    }
}
