//! The rows of an answer, printed as they come, in memory that does not grow with them. JSON and JSON lines go straight
//! out. CSV needs its columns first: they are known where the query names them; otherwise the rows wait in a temporary
//! file. A table takes its shape from its first rows.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};

use super::output::{Format, Grid, Output};
use crate::logs::{Lines, Row};

/// So many rows give a table its columns and their widths.
const SHAPE: usize = 10_000;

/// What could not be shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Columns for which the terminal has no room.
    pub narrow: usize,
    /// Columns that came after the table had its shape.
    pub late: Vec<String>,
}

/// Prints rows in the format of an output.
pub struct Rows {
    state: State,
    /// How many rows came.
    pub count: u64,
}

enum State {
    Lines,
    Json,
    Csv(Vec<String>),
    Spooled(Spool),
    Table(Table),
}

impl Rows {
    /// For an answer whose columns are these, where they are known.
    pub fn new(format: Format, columns: Option<Vec<String>>) -> io::Result<Self> {
        let state = match (format, columns) {
            (Format::Jsonl, _) => State::Lines,
            (Format::Json, _) => State::Json,
            (Format::Csv, Some(columns)) => State::Csv(columns),
            (Format::Csv, None) => State::Spooled(Spool::new()?),
            (Format::Table, _) => State::Table(Table::default()),
        };
        Ok(Self { state, count: 0 })
    }

    /// Prints rows, or keeps them until they can be printed.
    pub fn add(&mut self, rows: Vec<Row>, out: &mut Output) -> io::Result<()> {
        let first = self.count == 0;
        self.count += rows.len() as u64;
        match &mut self.state {
            State::Lines => rows.iter().try_for_each(|row| out.json_line(row)),
            State::Json => out.json_items(&rows, first),
            State::Csv(columns) => {
                if first && !rows.is_empty() {
                    out.csv_records(std::iter::once(columns.clone()))?;
                }
                out.csv_records(rows.iter().map(|row| cells(row, columns)))
            }
            State::Spooled(spool) => spool.add(&rows),
            State::Table(table) => table.add(rows, out),
        }
    }

    /// Prints rows that are lines of JSON already.
    pub fn add_lines(&mut self, lines: &Lines, out: &mut Output) -> io::Result<()> {
        self.count += lines.rows as u64;
        out.json_lines(&lines.json)
    }

    /// Prints what was kept.
    pub fn end(self, out: &mut Output) -> io::Result<LeftOut> {
        match self.state {
            State::Lines | State::Csv(_) => Ok(LeftOut::default()),
            State::Json => out.json_end(self.count == 0).map(|()| LeftOut::default()),
            State::Spooled(spool) => spool.print(out).map(|()| LeftOut::default()),
            State::Table(table) => table.end(out),
        }
    }
}

fn cells(row: &Row, columns: &[String]) -> Vec<String> {
    columns.iter().map(|name| row.get(name).to_owned()).collect()
}

/// The fields of rows in the order in which they first came.
#[derive(Debug, Default)]
struct Columns {
    names: Vec<String>,
    seen: HashSet<String>,
}

impl Columns {
    fn take(&mut self, rows: &[Row]) {
        for (name, value) in rows.iter().flat_map(Row::iter) {
            if !value.is_empty() && !self.seen.contains(name) {
                self.seen.insert(name.to_owned());
                self.names.push(name.to_owned());
            }
        }
    }

    /// The time first.
    fn in_order(&self) -> Vec<String> {
        let mut names = self.names.clone();
        names.sort_by_key(|name| name != "_time");
        names
    }
}

/// Rows on disk, until all columns are known.
struct Spool {
    file: BufWriter<File>,
    columns: Columns,
}

impl Spool {
    fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile()?), columns: Columns::default() })
    }

    fn add(&mut self, rows: &[Row]) -> io::Result<()> {
        self.columns.take(rows);
        for row in rows {
            serde_json::to_writer(&mut self.file, row)?;
            self.file.write_all(b"\n")?;
        }
        Ok(())
    }

    fn print(self, out: &mut Output) -> io::Result<()> {
        let columns = self.columns.in_order();
        if columns.is_empty() {
            return Ok(());
        }
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut failed = None;
        let record = |line: io::Result<String>| -> io::Result<Vec<String>> {
            let row: HashMap<String, String> = serde_json::from_str(&line?)?;
            Ok(columns.iter().map(|name| row.get(name).cloned().unwrap_or_default()).collect())
        };
        let lines = BufReader::new(file).lines();
        let records = lines.map_while(|line| record(line).map_err(|error| failed = Some(error)).ok());
        out.csv_records(std::iter::once(columns.clone()).chain(records))?;
        failed.map_or(Ok(()), Err)
    }
}

/// A table that has its shape, or waits for it.
#[derive(Default)]
struct Table {
    waiting: Vec<Row>,
    columns: Columns,
    shape: Option<(Vec<String>, Grid)>,
}

impl Table {
    fn add(&mut self, rows: Vec<Row>, out: &mut Output) -> io::Result<()> {
        self.columns.take(&rows);
        if let Some((names, grid)) = &self.shape {
            return rows.iter().try_for_each(|row| out.grid_row(grid, &cells(row, names)));
        }
        self.waiting.extend(rows);
        if self.waiting.len() >= SHAPE { self.take_shape(out) } else { Ok(()) }
    }

    fn take_shape(&mut self, out: &mut Output) -> io::Result<()> {
        let names = self.columns.in_order();
        let rows = std::mem::take(&mut self.waiting);
        if names.is_empty() {
            return Ok(());
        }
        let titles: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), is_numeric(&rows, name))).collect();
        let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row, &names)).collect();
        let grid = out.grid(&titles, &cells)?;
        self.shape = Some((names, grid));
        Ok(())
    }

    fn end(mut self, out: &mut Output) -> io::Result<LeftOut> {
        if self.shape.is_none() {
            self.take_shape(out)?;
        }
        let Some((names, grid)) = self.shape else { return Ok(LeftOut::default()) };
        let late = self.columns.names.into_iter().filter(|name| !names.contains(name)).collect();
        Ok(LeftOut { narrow: grid.left_out(), late })
    }
}

/// Whether a column holds numbers only, so that it stands to the right.
fn is_numeric(rows: &[Row], name: &str) -> bool {
    rows.iter().map(|row| row.get(name)).filter(|value| !value.is_empty()).all(|value| value.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::output::tests::printed;
    use super::*;

    fn row(pairs: &[(&str, &str)]) -> Row {
        pairs.iter().copied().collect()
    }

    fn all(format: Format, columns: Option<&[&str]>, batches: Vec<Vec<Row>>) -> (String, LeftOut) {
        let mut left = LeftOut::default();
        let columns = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let text = printed(format, None, |out| {
            let mut rows = Rows::new(format, columns).unwrap();
            batches.into_iter().for_each(|batch| rows.add(batch, out).unwrap());
            left = rows.end(out).unwrap();
        });
        (text, left)
    }

    fn batches() -> Vec<Vec<Row>> {
        vec![vec![row(&[("b", "1"), ("_time", "t"), ("e", "")])], vec![], vec![row(&[("a", "x,\u{1b}"), ("b", "22")])]]
    }

    #[test]
    fn csv_has_the_columns_of_all_rows_in_their_first_order_with_the_time_first() {
        assert_eq!(all(Format::Csv, None, batches()).0, "_time,b,a\nt,1,\n,22,\"x,\\x1b\"\n");
        assert_eq!(all(Format::Csv, Some(&["b", "c"]), batches()).0, "b,c\n1,\n22,\n");
        assert_eq!(all(Format::Csv, None, vec![]).0, "");
    }

    #[test]
    fn json_is_one_list_however_it_came() {
        for batches in [batches(), vec![], vec![vec![], vec![row(&[("a", "1")])]]] {
            let rows: Vec<Row> = batches.iter().flatten().cloned().collect();
            let whole = printed(Format::Json, None, |out| out.json(&rows).unwrap());
            assert_eq!(all(Format::Json, None, batches).0, whole);
        }
    }

    #[test]
    fn a_table_takes_its_shape_from_its_first_rows_and_goes_on_in_it() {
        let (text, left) = all(Format::Table, None, batches());
        assert_eq!(text, "_time   b  a\nt       1\n       22  x,\\x1b\n");
        assert_eq!(left, LeftOut::default());
        let many: Vec<Row> = (0..SHAPE).map(|_| row(&[("n", "1")])).collect();
        let (text, left) = all(Format::Table, None, vec![many, vec![row(&[("n", "2"), ("late", "x")])]]);
        assert_eq!(text.lines().count(), SHAPE + 2);
        assert!(text.ends_with("2\n"), "{}", &text[text.len() - 20..]);
        assert_eq!(left.late, ["late"]);
    }
}
