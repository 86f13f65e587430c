//! The trees of an isolation forest (Liu, Ting and Zhou, 2008): each is grown over a small random sample by splitting
//! at random values of random features; what is soon alone is strange. Trees lie flat in lists, so that reading one
//! back cannot recurse.

use rand::seq::index::sample;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::features::COUNT;

/// One tree.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tree(Vec<Node>);

/// A split, or an end where `feature` is [`END`]: feature; value, or the number of clients left; the places of the
/// nodes below and above the value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Node(u8, f32, u16, u16);

const END: u8 = u8::MAX;

impl Tree {
    /// Whether every way leads to an end: each node leads to later ones only, and to such as there are.
    pub fn is_sound(&self) -> bool {
        !self.0.is_empty()
            && self.0.iter().enumerate().all(|(at, node)| {
                let leads = |to: u16| usize::from(to) > at && usize::from(to) < self.0.len();
                node.0 == END || (usize::from(node.0) < COUNT && leads(node.2) && leads(node.3))
            })
    }

    /// How many splits lead to a client, and how many more would set it apart from those it ends with.
    fn path(&self, client: &[f32; COUNT]) -> f64 {
        let (mut at, mut depth) = (0_usize, 0.0);
        while let Some(Node(feature, value, below, above)) = self.0.get(at).copied() {
            if feature == END {
                return depth + usual_path(f64::from(value));
            }
            at = usize::from(if client[usize::from(feature)] < value { below } else { above });
            depth += 1.0;
        }
        depth
    }

    fn grow(clients: Vec<[f32; COUNT]>, deepest: usize, random: &mut ChaCha8Rng) -> Self {
        let mut tree = Self::default();
        tree.branch(clients, deepest, random);
        tree
    }

    /// Adds a node for these clients and all below it; its place. The depth is at most the logarithm of the sample.
    fn branch(&mut self, clients: Vec<[f32; COUNT]>, left: usize, random: &mut ChaCha8Rng) -> u16 {
        let at = self.0.len();
        let place = u16::try_from(at).unwrap_or(u16::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a sample has a few hundred clients")]
        self.0.push(Node(END, clients.len() as f32, 0, 0));
        if left == 0 || clients.len() < 2 {
            return place;
        }
        let Some((feature, value)) = split(&clients, random) else { return place };
        let (below, above): (Vec<_>, Vec<_>) = clients.into_iter().partition(|client| client[feature] < value);
        let below = self.branch(below, left - 1, random);
        let above = self.branch(above, left - 1, random);
        self.0[at] = Node(u8::try_from(feature).unwrap_or(END), value, below, above);
        place
    }
}

/// A random feature in which the clients differ, and a value between them.
fn split(clients: &[[f32; COUNT]], random: &mut ChaCha8Rng) -> Option<(usize, f32)> {
    let range = |feature: usize| {
        let values = clients.iter().map(|client| client[feature]);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let differing: Vec<usize> = (0..COUNT).filter(|feature| range(*feature).0 < range(*feature).1).collect();
    let feature = *differing.get(random.random_range(0..differing.len().max(1)))?;
    let (low, high) = range(feature);
    // Above the lowest, so that both sides have somebody.
    let value = low + (high - low) * random.random_range(0.0..1.0_f32);
    Some((feature, if value > low { value } else { high }))
}

/// Grows a forest.
pub fn grow(clients: &[[f32; COUNT]], trees: usize, size: usize, seed: u64) -> Vec<Tree> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let size = size.min(clients.len());
    let deepest = usize::try_from(size.max(2).next_power_of_two().ilog2()).unwrap_or(8);
    (0..trees)
        .map(|_| {
            let chosen = sample(&mut random, clients.len(), size).into_iter().map(|index| clients[index]).collect();
            Tree::grow(chosen, deepest, &mut random)
        })
        .collect()
}

/// How strange a client is to trees over samples of this size.
#[expect(clippy::cast_precision_loss, reason = "counts of trees and clients")]
pub fn score(trees: &[Tree], client: &[f32; COUNT], size: usize) -> f64 {
    let mean = trees.iter().map(|tree| tree.path(client)).sum::<f64>() / trees.len().max(1) as f64;
    2.0_f64.powf(-mean / usual_path(size as f64).max(1.0))
}

/// The mean length of a path that is not found in a search tree of so many.
fn usual_path(count: f64) -> f64 {
    if count < 2.0 {
        0.0
    } else if count < 3.0 {
        1.0
    } else {
        2.0 * ((count - 1.0).ln() + 0.577_215_664_9) - 2.0 * (count - 1.0) / count
    }
}
