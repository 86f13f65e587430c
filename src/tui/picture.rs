//! A screen as text and as a picture: the cells of a buffer as SVG, every run of text forced to the width of its cells, so that
//! wide characters stand where they stood whatever font shows them. For the pictures of the documentation.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Theme, rgb_of};

/// The size of a cell: that of a 15 px DejaVu Sans Mono, whose frames then join without a gap.
const CELL: (f64, f64) = (9.03, 17.5);
/// The size of the letters.
const SIZE: f64 = 15.0;
/// The size of wide characters, which then nearly fill their two cells.
const WIDE_SIZE: f64 = 16.5;
/// From the top of a cell to the line on which letters stand.
const BASELINE: f64 = 13.9;
/// The margin around the screen.
const MARGIN: f64 = 10.0;

/// How a run of cells looks.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    fg: String,
    bg: String,
    modifier: Modifier,
}

impl Look {
    fn of(cell: &Cell, theme: &Theme) -> Self {
        let ground = theme.style(Role::Text);
        let colour = |colour: Color, fallback: Option<Color>, last: [u8; 3]| {
            let [r, g, b] = rgb(colour).or_else(|| fallback.and_then(rgb)).unwrap_or(last);
            format!("#{r:02x}{g:02x}{b:02x}")
        };
        let mut fg = colour(cell.fg, ground.fg, [0xd0, 0xd0, 0xd0]);
        let mut bg = colour(cell.bg, ground.bg, [0x10, 0x10, 0x10]);
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut fg, &mut bg);
        }
        Self { fg, bg, modifier: cell.modifier - Modifier::REVERSED }
    }
}

/// A colour as it is shown; `None` for the terminal's own.
fn rgb(colour: Color) -> Option<[u8; 3]> {
    let index = match colour {
        Color::Reset => return None,
        Color::Rgb(r, g, b) => return Some([r, g, b]),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    Some(rgb_of(index))
}

/// Neighbouring cells that look the same and are equally wide.
struct Run {
    x: u16,
    cells: u16,
    text: String,
    wide: bool,
    look: Look,
}

/// The runs of one line of the screen.
fn runs(buffer: &Buffer, y: u16, theme: &Theme) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = buffer.area.left();
    while x < buffer.area.right() {
        let cell = &buffer[(x, y)];
        let symbol = if cell.symbol().is_empty() { " " } else { cell.symbol() };
        let cells = cells(symbol).min(buffer.area.right() - x);
        let (look, wide) = (Look::of(cell, theme), cells > 1);
        match runs.last_mut() {
            Some(run) if run.look == look && run.wide == wide => {
                run.text.push_str(symbol);
                run.cells += cells;
            }
            _ => runs.push(Run { x, cells, text: symbol.to_owned(), wide, look }),
        }
        x += cells;
    }
    runs
}

/// The screen as lines of text, a wide character once.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let (mut line, mut x) = (String::new(), buffer.area.left());
        while x < buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += cells(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// How many cells a symbol covers.
fn cells(symbol: &str) -> u16 {
    u16::try_from(symbol.width()).unwrap_or(1).max(1)
}

/// The screen as an SVG document; `title` says what it shows.
pub fn svg(buffer: &Buffer, theme: &Theme, title: &str) -> String {
    let area = buffer.area;
    let size = |cells: u16, cell: f64| f64::from(cells) * cell + 2.0 * MARGIN;
    let (width, height) = (size(area.width, CELL.0), size(area.height, CELL.1));
    let ground = Look::of(&Cell::EMPTY, theme).bg;
    let mut out = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK KR','D2Coding',monospace\" font-size=\"{SIZE}\">"
    );
    let _ = writeln!(out, "<title>{}</title>", escaped(title));
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>");
    for y in area.top()..area.bottom() {
        let top = MARGIN + f64::from(y - area.top()) * CELL.1;
        let runs = runs(buffer, y, theme);
        for run in runs.iter().filter(|run| run.look.bg != ground) {
            draw_ground(&mut out, run, area.left(), top);
        }
        for run in runs.iter().filter(|run| !run.text.trim().is_empty()) {
            draw_text(&mut out, run, area.left(), top);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn draw_ground(out: &mut String, run: &Run, left: u16, top: f64) {
    let (x, width) = (MARGIN + f64::from(run.x - left) * CELL.0, f64::from(run.cells) * CELL.0);
    let _ = writeln!(
        out,
        "<rect x=\"{x:.2}\" y=\"{top:.2}\" width=\"{width:.2}\" height=\"{:.2}\" fill=\"{}\"/>",
        CELL.1, run.look.bg
    );
}

fn draw_text(out: &mut String, run: &Run, left: u16, top: f64) {
    // Spaces at either end would be dropped by some viewers, and the rest then stretched.
    let before = u16::try_from(run.text.len() - run.text.trim_start_matches(' ').len()).unwrap_or(0);
    let after = u16::try_from(run.text.len() - run.text.trim_end_matches(' ').len()).unwrap_or(0);
    let column = |cell: u16| MARGIN + f64::from(run.x - left + cell) * CELL.0;
    // Wide characters are placed one by one, each in the middle of its two cells, because their font is another one;
    // narrow ones have a font that fits, and are held to its width.
    let place = if run.wide {
        let symbols = u16::try_from(run.text.chars().count()).unwrap_or(0).max(1);
        let each = run.cells / symbols;
        let middle = (f64::from(each) * CELL.0 - WIDE_SIZE) / 2.0;
        let places: Vec<String> = (0..symbols).map(|number| format!("{:.2}", column(number * each) + middle)).collect();
        format!("x=\"{}\" font-size=\"{WIDE_SIZE}\"", places.join(" "))
    } else {
        let width = f64::from(run.cells - before - after) * CELL.0;
        format!("x=\"{:.2}\" textLength=\"{width:.2}\" lengthAdjust=\"spacingAndGlyphs\"", column(before))
    };
    let mut looks = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::DIM, " opacity=\"0.65\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if run.look.modifier.contains(modifier) {
            looks.push_str(attribute);
        }
    }
    let _ = writeln!(
        out,
        "<text {place} y=\"{:.2}\" xml:space=\"preserve\" fill=\"{}\"{looks}>{}</text>",
        top + BASELINE,
        run.look.fg,
        escaped(run.text.trim_matches(' ')),
    );
}

/// Text as XML takes it; control characters, which XML has no place for, cannot be in a buffer.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::shipped;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn wide_characters_get_their_columns_and_looks_their_attributes() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, "ab서울<&", Style::new());
        buffer.set_string(8, 0, "X", Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(196)).bold());
        assert_eq!(text(&buffer), "ab서울<&X\n");
        let picture = svg(&buffer, &shipped()[0], "a \"b\"");
        assert!(picture.contains("<title>a &quot;b&quot;</title>"), "{picture}");
        // Two wide characters, each in the middle of two cells from column 2 on.
        assert!(picture.contains("<text x=\"28.84 46.90\" font-size=\"16.5\" y=\"23.90\""), "{picture}");
        assert!(picture.contains("<text x=\"10.00\" textLength=\"18.06\""), "{picture}");
        assert!(picture.contains(">서울</text>") && picture.contains(">&lt;&amp;</text>"), "{picture}");
        assert!(picture.contains("fill=\"#010203\" font-weight=\"bold\">X</text>"), "{picture}");
        assert!(picture.contains("fill=\"#ff0000\"/>"), "{picture}");
    }

    #[test]
    fn reversed_cells_swap_their_colours() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
        buffer.set_string(0, 0, "r", Style::new().fg(Color::Rgb(1, 1, 1)).bg(Color::Rgb(2, 2, 2)).reversed());
        let picture = svg(&buffer, &shipped()[0], "");
        assert!(picture.contains("fill=\"#010101\"/>") && picture.contains("fill=\"#020202\">r"), "{picture}");
    }
}
