//! Data on standard output: tables aligned by display width, JSON, JSON lines, CSV. Whatever strangers wrote is
//! escaped on the way; a reader that goes away ends the run quietly.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use crate::text::width::{self, Align};
use crate::text::{Lang, escape, json};
use serde::Serialize;

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One JSON value.
    Json,
    /// One JSON value a line.
    Jsonl,
    /// Comma-separated, with a header.
    Csv,
}

impl Format {
    /// The names, as `-o` takes them.
    pub const NAMES: [&'static str; 4] = ["table", "json", "jsonl", "csv"];

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Table, Self::Json, Self::Jsonl, Self::Csv]
            .into_iter()
            .zip(Self::NAMES)
            .find(|(_, n)| *n == name)
            .map(|(f, _)| f)
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its title, in the language of the run.
    pub title: &'static str,
    /// Its name in JSON and CSV: stable, English.
    pub name: &'static str,
    /// Numbers stand to the right.
    pub right: bool,
}

/// A text column.
pub const fn text(name: &'static str, title: &'static str) -> Column {
    Column { title, name, right: false }
}

/// A number column.
pub const fn number(name: &'static str, title: &'static str) -> Column {
    Column { title, name, right: true }
}

/// Standard output, buffered.
pub struct Output {
    writer: Box<dyn Write + Send>,
    /// How data is printed.
    pub format: Format,
    /// The terminal's width; `None` where standard output is no terminal.
    pub width: Option<usize>,
    /// Whether the header may be bold.
    pub styled: bool,
    /// The language.
    pub lang: Lang,
}

impl Output {
    /// Standard output in `format`.
    pub fn stdout(format: Format, lang: Lang, no_colour: bool) -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self {
            writer: Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
            format,
            width: is_terminal.then(terminal_width),
            styled: is_terminal && !no_colour,
            lang,
        }
    }

    /// Prints a line as it is; the caller has escaped it.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.writer, "{line}")
    }

    /// Prints one value: as a line of JSON under `jsonl`, over several lines otherwise.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        if self.format == Format::Jsonl { self.json_line(value) } else { self.json_pretty(value) }
    }

    /// Prints one value on one line.
    pub fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        json::write_line(&mut self.writer, value)
    }

    /// Prints lines of JSON that were made by [`json`] or hold nothing dangerous either.
    pub fn json_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.writer.write_all(lines)
    }

    fn json_pretty(&mut self, value: &impl Serialize) -> io::Result<()> {
        let pretty = json::Pretty::default();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut self.writer, pretty))?;
        self.writer.write_all(b"\n")
    }

    /// Prints a list: a table or CSV of `cells`, or the values themselves as JSON.
    pub fn list<T: Serialize>(
        &mut self,
        columns: &[Column],
        items: &[T],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> io::Result<()> {
        match self.format {
            Format::Json => self.json_pretty(&items),
            Format::Jsonl => items.iter().try_for_each(|item| self.json_line(item)),
            Format::Csv => {
                let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
                self.csv(&names, items.iter().map(cells))
            }
            Format::Table => {
                let titles: Vec<(&str, bool)> = columns.iter().map(|column| (column.title, column.right)).collect();
                let rows: Vec<Vec<String>> = items.iter().map(cells).collect();
                self.table(&titles, &rows).map(|_| ())
            }
        }
    }

    /// Prints more items of a list of JSON, each over several lines; [`Output::json_end`] ends it.
    pub fn json_items<T: Serialize>(&mut self, items: &[T], first: bool) -> io::Result<()> {
        for (number, item) in items.iter().enumerate() {
            self.writer.write_all(if first && number == 0 { b"[\n" } else { b",\n" })?;
            let mut text = Vec::new();
            let pretty = json::Pretty::default();
            item.serialize(&mut serde_json::Serializer::with_formatter(&mut text, pretty))?;
            let mut lines = text.split(|byte| *byte == b'\n').peekable();
            while let Some(line) = lines.next() {
                self.writer.write_all(b"  ")?;
                self.writer.write_all(line)?;
                self.writer.write_all(if lines.peek().is_some() { b"\n" } else { b"" })?;
            }
        }
        Ok(())
    }

    /// Ends a list of JSON.
    pub fn json_end(&mut self, empty: bool) -> io::Result<()> {
        self.writer.write_all(if empty { b"[]\n" } else { b"\n]\n" })
    }

    /// Prints CSV.
    pub fn csv(&mut self, names: &[&str], rows: impl Iterator<Item = Vec<String>>) -> io::Result<()> {
        self.csv_records(std::iter::once(names.iter().map(|name| (*name).to_owned()).collect()).chain(rows))
    }

    /// Prints records of CSV.
    pub fn csv_records(&mut self, records: impl Iterator<Item = Vec<String>>) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(&mut self.writer);
        for record in records {
            csv.write_record(record.iter().map(|cell| escape::visible(cell).into_owned()))?;
        }
        // Dropping it writes what it holds; what lies below has a buffer of its own.
        csv.into_inner().map(|_| ()).map_err(|error| io::Error::other(error.to_string()))
    }

    /// Prints a table. On a terminal the widest columns are cut until it fits, and columns that do not fit at all are
    /// left out; returns how many were.
    pub fn table(&mut self, titles: &[(&str, bool)], rows: &[Vec<String>]) -> io::Result<usize> {
        Ok(self.grid(titles, rows)?.left_out())
    }

    /// Prints a table, and gives its shape for more rows.
    pub fn grid(&mut self, titles: &[(&str, bool)], rows: &[Vec<String>]) -> io::Result<Grid> {
        let natural: Vec<usize> = titles
            .iter()
            .enumerate()
            .map(|(at, (title, _))| {
                rows.iter()
                    .map(|row| row.get(at).map_or(0, |cell| width::width(cell)))
                    .chain([width::width(title)])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let right = titles.iter().map(|(_, right)| *right).collect();
        let grid = Grid { widths: fit(&natural, self.width), right };
        let header: Vec<String> = titles.iter().map(|(title, _)| (*title).to_owned()).collect();
        let header = grid.aligned(&header);
        if self.styled {
            writeln!(self.writer, "\x1b[1m{header}\x1b[0m")?;
        } else {
            writeln!(self.writer, "{header}")?;
        }
        rows.iter().try_for_each(|row| self.grid_row(&grid, row))?;
        Ok(grid)
    }

    /// Prints one more row in the shape of a table.
    pub fn grid_row(&mut self, grid: &Grid, row: &[String]) -> io::Result<()> {
        writeln!(self.writer, "{}", grid.aligned(row))
    }

    /// Writes what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The shape of a table.
#[derive(Debug)]
pub struct Grid {
    widths: Vec<usize>,
    /// Which of all columns stand to the right.
    right: Vec<bool>,
}

impl Grid {
    /// Columns for which there was no room.
    pub fn left_out(&self) -> usize {
        self.right.len() - self.widths.len()
    }

    fn aligned(&self, row: &[String]) -> String {
        let cells = self.widths.iter().enumerate().map(|(at, width)| {
            let cell = row.get(at).map_or("", String::as_str);
            width::fit(cell, *width, if self.right[at] { Align::Right } else { Align::Left })
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

/// The columns of the terminal: what it says, else `COLUMNS`, else 80.
fn terminal_width() -> usize {
    let asked = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    asked
        .filter(|columns| *columns > 0)
        .or_else(|| std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()))
        .unwrap_or(80)
}

/// The narrowest a column is cut to.
const NARROWEST: usize = 6;

/// Widths that fit into `available` with two blanks between columns: the widest give first, and columns at the end
/// are dropped where even that is not enough.
fn fit(natural: &[usize], available: Option<usize>) -> Vec<usize> {
    let mut widths = natural.to_vec();
    let Some(available) = available else { return widths };
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
    loop {
        let excess = total(&widths).saturating_sub(available);
        if excess == 0 || widths.len() <= 1 {
            return widths;
        }
        let widest = widths.iter().copied().max().unwrap_or(0);
        if widest <= NARROWEST {
            widths.pop();
            continue;
        }
        // Cut the widest ones down to the next width below them, or by just as much as is needed.
        let next = widths.iter().copied().filter(|width| *width < widest).max().unwrap_or(0).max(NARROWEST);
        let count = widths.iter().filter(|width| **width == widest).count();
        let cut = (widest - next).min(excess.div_ceil(count)).max(1);
        for width in widths.iter_mut().filter(|width| **width == widest) {
            *width -= cut;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    pub fn printed(format: Format, width: Option<usize>, print: impl FnOnce(&mut Output)) -> String {
        let shared = Shared::default();
        let mut output = Output { writer: Box::new(shared.clone()), format, width, styled: false, lang: Lang::En };
        print(&mut output);
        output.flush().unwrap();
        String::from_utf8(shared.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_table_is_aligned_by_display_width() {
        let rows = vec![vec!["서울".to_owned(), "7".to_owned()], vec!["a\u{1b}[2J".to_owned(), "1234".to_owned()]];
        let table = printed(Format::Table, None, |out| {
            out.table(&[("city", false), ("n", true)], &rows).unwrap();
        });
        assert_eq!(table, "city         n\n서울         7\na\\x1b[2J  1234\n");
    }

    #[test]
    fn a_narrow_terminal_cuts_the_widest_columns_then_drops_the_last() {
        assert_eq!(fit(&[10, 40, 30], Some(60)), [10, 23, 23]);
        assert_eq!(fit(&[10, 40, 30], None), [10, 40, 30]);
        assert_eq!(fit(&[10, 10, 10], Some(15)), [6, 6]);
    }

    #[test]
    fn json_hides_nothing_and_reads_back() {
        let hostile = "a\u{1b}[0m\u{202e}b\u{9b}\u{e0001}서울\"\n";
        let line = printed(Format::Jsonl, None, |out| out.json_line(&hostile).unwrap());
        assert!(!line.trim_end().chars().any(escape::is_dangerous), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), hostile);
    }

    proptest! {
        #[test]
        fn any_text_survives_json_and_nothing_dangerous_is_printed(text in any::<String>()) {
            for format in [Format::Json, Format::Jsonl] {
                let printed = printed(format, None, |out| out.json(&vec![&text]).unwrap());
                prop_assert!(!printed.chars().any(|c| c != '\n' && escape::is_dangerous(c)));
                prop_assert_eq!(serde_json::from_str::<Vec<String>>(&printed).unwrap(), vec![text.clone()]);
            }
        }

        #[test]
        fn a_table_never_exceeds_the_terminal(widths in proptest::collection::vec(1_usize..80, 1..12), available in 12_usize..120) {
            let fitted = fit(&widths, Some(available));
            prop_assert!(fitted.len() == 1 || fitted.iter().sum::<usize>() + 2 * (fitted.len() - 1) <= available);
        }
    }
}
