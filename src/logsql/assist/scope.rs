//! Which mentions of a field mean the same field: the source's own, or one that a pipe made. A name that a pipe makes
//! is another field from there on, what `stats` does not keep is gone, and the rows of a `join` bring theirs along.

use std::collections::{BTreeSet, HashMap};

use super::super::exec::Needs;
use super::super::pipe::Pipe;
use super::super::trace::{Event, How, Mention, Trace};

/// Where a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comes {
    /// From the source.
    Source,
    /// A pipe makes it under the name that is written.
    Made,
    /// A pipe makes it under a name that is not written, or that the data gives it.
    Fixed,
    /// It is not there any more: this pipe has not kept it.
    Gone(&'static str),
}

/// A mention and the field it means.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The mention.
    pub mention: Mention,
    field: usize,
}

/// The fields of a query.
#[derive(Debug, Default)]
pub struct Scope {
    /// All mentions in the order in which the query works; names with `*` are not among them.
    pub placed: Vec<Placed>,
    /// The names with `*`.
    pub wildcards: Vec<String>,
    /// Fields that are known to be there at the end of the text.
    pub there: Vec<String>,
    /// Whether the source's fields are there too.
    pub open: bool,
    parents: Vec<usize>,
    comes: Vec<Comes>,
}

/// The names at one place of one query.
#[derive(Debug, Clone)]
struct Names {
    known: HashMap<String, usize>,
    /// What another name means: the source's field, or nothing any more.
    others: Comes,
    /// Made by the pipe that is being read, for those after it.
    pending: Vec<(String, usize)>,
}

impl Names {
    fn of_source() -> Self {
        Self { known: HashMap::new(), others: Comes::Source, pending: Vec::new() }
    }
}

/// A name that no field has.
const PROBE: &str = "\u{0}";

impl Scope {
    /// Reads the events in order.
    pub fn of(trace: Trace) -> Self {
        let mut scope = Self { open: true, ..Self::default() };
        let mentioned: BTreeSet<String> = trace
            .events
            .iter()
            .filter_map(
                |(_, event)| if let Event::Mention(mention) = event { Some(mention.name.clone()) } else { None },
            )
            .filter(|name| !name.ends_with('*'))
            .collect();
        let mut source = HashMap::new();
        let mut queries = vec![Names::of_source()];
        let mut ended = None;
        for (_, event) in trace.events {
            let Some(names) = queries.last_mut() else { break };
            match event {
                Event::Query => queries.push(Names::of_source()),
                Event::QueryEnd => ended = queries.pop(),
                Event::Flows => {
                    if let Some(joined) = ended.take() {
                        scope.flow(names, joined);
                    }
                }
                Event::Pipe(pipe, _) => scope.pipe(names, &pipe, &mentioned, &mut source),
                Event::Mention(mention) if mention.name.ends_with('*') => scope.wildcards.push(mention.name),
                Event::Mention(mention) => scope.mention(names, mention, &mut source),
            }
        }
        if let Some(names) = queries.last().filter(|_| queries.len() > 1).or(ended.as_ref()) {
            scope.open = names.others == Comes::Source;
            let is_there = |(_, field): &(&String, &usize)| !matches!(scope.comes[scope.root(**field)], Comes::Gone(_));
            scope.there = names.known.iter().filter(is_there).map(|(name, _)| name.clone()).collect();
            scope.there.sort();
        }
        scope
    }

    fn new_field(&mut self, comes: Comes) -> usize {
        self.parents.push(self.parents.len());
        self.comes.push(comes);
        self.parents.len() - 1
    }

    fn root(&self, mut field: usize) -> usize {
        while self.parents[field] != field {
            field = self.parents[field];
        }
        field
    }

    /// Two fields become one: some rows have the one, some the other.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // What is fixed stays fixed; the source's field is the source's.
        let rank = |comes| match comes {
            Comes::Fixed => 0,
            Comes::Source => 1,
            Comes::Made => 2,
            Comes::Gone(_) => 3,
        };
        let (keep, lose) = if rank(self.comes[one]) <= rank(self.comes[other]) { (one, other) } else { (other, one) };
        self.parents[lose] = keep;
    }

    fn look_up(&mut self, names: &mut Names, name: &str, source: &mut HashMap<String, usize>) -> usize {
        if let Some(field) = names.known.get(name) {
            return *field;
        }
        if names.others == Comes::Source {
            return *source.entry(name.to_owned()).or_insert_with(|| self.new_field(Comes::Source));
        }
        let field = self.new_field(names.others);
        names.known.insert(name.to_owned(), field);
        field
    }

    fn mention(&mut self, names: &mut Names, mention: Mention, source: &mut HashMap<String, usize>) {
        let name = mention.name.clone();
        let field = match mention.how {
            How::Read => self.look_up(names, &name, source),
            How::MadeForSome => {
                let before = self.look_up(names, &name, source);
                let made = self.new_field(Comes::Made);
                if !matches!(self.comes[self.root(before)], Comes::Gone(_)) {
                    self.join(before, made);
                }
                made
            }
            How::Unpacked => self.new_field(Comes::Fixed),
            How::Made | How::MadeAtOnce | How::Unnamed => self.new_field(Comes::Made),
        };
        match mention.how {
            How::Read => {}
            How::MadeAtOnce => {
                names.known.insert(name.clone(), field);
                names.pending.push((name, field));
            }
            _ => names.pending.push((name, field)),
        }
        self.placed.push(Placed { mention, field });
    }

    fn pipe(
        &mut self,
        names: &mut Names,
        pipe: &Pipe,
        mentioned: &BTreeSet<String>,
        source: &mut HashMap<String, usize>,
    ) {
        let pending = std::mem::take(&mut names.pending);
        // What of a name that is read after the pipe is read before it: the pipe's own word on what it keeps.
        let keeps = |name: &str| {
            let mut needs = Needs::none();
            needs.add(name);
            pipe.needs(&mut needs);
            needs.has(name)
        };
        let lost = match pipe {
            Pipe::Stats(_) => Comes::Gone("stats"),
            Pipe::Fields(_) => Comes::Gone("fields"),
            Pipe::Delete(_) => Comes::Gone("delete"),
            _ => Comes::Fixed,
        };
        let before = names.clone();
        let closes = !keeps(PROBE);
        for name in mentioned {
            if pending.iter().any(|(made, _)| made == name) {
                continue;
            }
            if !keeps(name) {
                let field = self.new_field(lost);
                names.known.insert(name.clone(), field);
            } else if closes {
                let field = self.look_up(&mut before.clone(), name, source);
                names.known.insert(name.clone(), field);
            }
        }
        if closes {
            names.others = lost;
        }
        if matches!(pipe, Pipe::UnpackJson(_) | Pipe::UnpackLogfmt(_) | Pipe::UnpackSyslog(_)) {
            // The data may have any names.
            names.known.retain(|_, field| !matches!(self.comes[self.root(*field)], Comes::Gone(_)));
            if matches!(names.others, Comes::Gone(_)) {
                names.others = Comes::Fixed;
            }
        }
        names.known.extend(pending);
    }

    fn flow(&mut self, names: &mut Names, joined: Names) {
        if joined.others == Comes::Source {
            names.others = Comes::Source;
            names.known.retain(|_, field| !matches!(self.comes[self.root(*field)], Comes::Gone(_)));
        }
        for (name, field) in joined.known {
            if matches!(self.comes[self.root(field)], Comes::Gone(_)) {
                continue;
            }
            match names.known.get(&name) {
                Some(own) => self.join(*own, field),
                None => {
                    names.known.insert(name, field);
                }
            }
        }
    }

    /// Whether two mentions mean the same field.
    pub fn same(&self, one: &Placed, other: &Placed) -> bool {
        self.root(one.field) == self.root(other.field)
    }

    /// Where the field of a mention comes from.
    pub fn comes(&self, placed: &Placed) -> Comes {
        self.comes[self.root(placed.field)]
    }

    /// The mention at a position.
    pub fn at(&self, position: usize) -> Option<&Placed> {
        let written = self.placed.iter().filter(|placed| !placed.mention.span.is_empty());
        // The one under the position before the one that ends there.
        let mut found: Vec<&Placed> = written
            .filter(|placed| placed.mention.span.start <= position && position <= placed.mention.span.end)
            .collect();
        found.sort_by_key(|placed| placed.mention.span.end == position);
        found.first().copied()
    }
}
