//! Rows as they are logged: the follower's lines, taken apart and sent through a query that needs no end of input.

use std::sync::Arc;

use super::batches::Batches;
use super::catalog::{Catalog, Known};
use super::columns::Columns;
use super::execute;
use super::follow::Follower;
use super::formats::entry::{Entry, Wanted};
use super::formats::time::{Context, nanoseconds};
use crate::logs::{Row, SourceError};
use crate::logsql::pipe::Pipe;
use crate::logsql::{Batch, Env, Flow, Input, Out, Query, Scan, Stop};

/// A query over what comes.
pub struct Tail {
    catalog: Arc<Catalog>,
    follower: Follower,
    query: Query,
}

/// Lines of one file that came together.
struct Lines {
    known: Arc<Known>,
    context: Context,
    lines: Vec<Vec<u8>>,
}

impl Tail {
    /// Starts at the end of the files that are there now.
    pub fn start(catalog: Arc<Catalog>, text: &str) -> Result<Self, SourceError> {
        let query = execute::parse(text)?;
        if let Some(pipe) = query.pipes.iter().find(|pipe| needs_the_end(pipe)) {
            return Err(SourceError::NeedsEnd { pipe: pipe.to_string() });
        }
        let follower = Follower::start(Arc::clone(&catalog))?;
        Ok(Self { catalog, follower, query })
    }

    /// Looks at the files once; gives the rows that came since.
    pub fn step(&mut self) -> Result<Vec<Row>, SourceError> {
        let mut came: Vec<Lines> = Vec::new();
        self.follower.step(&mut |known, context, line| match came.last_mut() {
            Some(last) if Arc::ptr_eq(&last.known, known) => last.lines.push(line.to_vec()),
            _ => came.push(Lines { known: Arc::clone(known), context: context.clone(), lines: vec![line.to_vec()] }),
        })?;
        let now = nanoseconds((self.catalog.options().now)()).unwrap_or(i64::MAX);
        let came = Came(came.iter().flat_map(|lines| self.batches(lines, now)).collect());
        self.query.rows(&came, &Env::at(now, MEMORY)).map_err(|stop| execute::stopped(&stop))
    }

    /// The lines taken apart; one without a time belongs to now.
    fn batches(&self, lines: &Lines, now: i64) -> Vec<Batch> {
        let needs = self.query.needs();
        let columns = Columns::new(&lines.known.map, &self.catalog.options().trusted_proxies, &|name| needs.has(name));
        let wanted = Wanted::all();
        let mut done = Vec::new();
        let (mut timed, mut untimed) = (Batches::new(&wanted, &columns), Batches::new(&wanted, &columns));
        let mut entry = Entry::default();
        for line in &lines.lines {
            lines.known.format.parse(line, &lines.context, &wanted, &mut entry);
            let (own, other) =
                if entry.time.is_some() { (&mut timed, &mut untimed) } else { (&mut untimed, &mut timed) };
            done.extend(other.take());
            done.extend(own.push(&entry, entry.time.unwrap_or(now)));
        }
        done.extend(timed.take());
        done.extend(untimed.take());
        done
    }
}

/// What came since the last look, as the language's input.
struct Came(Vec<Batch>);

impl Input for Came {
    fn scan(&self, _: &Scan, out: Out<'_>) -> Result<(), Stop> {
        for batch in &self.0 {
            if out(batch.clone())? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

/// Whether a pipe's rows depend on rows that are still to come, or that other files had before.
const fn needs_the_end(pipe: &Pipe) -> bool {
    matches!(
        pipe,
        Pipe::BlockStats(_)
            | Pipe::BlocksCount(_)
            | Pipe::Facets(_)
            | Pipe::FieldNames(_)
            | Pipe::FieldValues(_)
            | Pipe::First(_)
            | Pipe::Join(_)
            | Pipe::Last(_)
            | Pipe::Limit(_)
            | Pipe::Offset(_)
            | Pipe::Sort(_)
            | Pipe::Stats(_)
            | Pipe::StreamContext(_)
            | Pipe::Top(_)
            | Pipe::Union(_)
            | Pipe::Uniq(_)
    )
}

/// What one look may keep; nothing that a tail may hold keeps rows.
const MEMORY: usize = 1 << 28;
