//! Counts over time as strips, one for each class: the label is the legend, the peak beside it the scale, and the
//! height of the bar the number, so that nothing has to be told by colour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::number::count;
use crate::text::width::{Align, fit, width};
use crate::tui::pane::Paint;
use crate::tui::theme::Role;

/// One strip: a count for each bucket of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// What is counted.
    pub label: String,
    /// Its colour.
    pub role: Role,
    /// A count for each bucket, oldest first.
    pub values: Vec<u64>,
}

impl Strip {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.values.iter().sum()
    }

    /// The highest bucket.
    pub fn peak(&self) -> u64 {
        self.values.iter().copied().max().unwrap_or(0)
    }
}

/// Eighths of a cell; the first is an empty bucket.
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws bars of the values from the left of the area, `top` being the full height. Every bucket that is not zero
/// shows at least the lowest bar; where there are more buckets than columns, the newest are shown.
pub fn bars(buffer: &mut Buffer, area: Rect, values: &[u64], top: u64, paint: &Paint<'_>, role: Role) {
    let style = paint.style(role);
    let skip = values.len().saturating_sub(usize::from(area.width));
    let levels = u64::from(area.height) * 8;
    for (column, value) in (area.left()..area.right()).zip(values.iter().skip(skip)) {
        let level = match (u128::from(*value) * u128::from(levels)).checked_div(u128::from(top)) {
            Some(level) if *value > 0 => u64::try_from(level).unwrap_or(levels).clamp(1, levels),
            _ => 0,
        };
        for row in 0..area.height {
            let below = u64::from(area.height - 1 - row) * 8;
            let part = usize::try_from(level.saturating_sub(below).min(8)).unwrap_or(8);
            if part > 0 {
                buffer.set_string(column, area.y + row, EIGHTHS[part], style);
            }
        }
    }
}

/// Cells of the labels.
const LABEL: u16 = 4;
/// Cells of the numbers.
const NUMBERS: u16 = 22;

/// Where the bars of [`draw`] lie in an area: between the labels on the left and the numbers on the right.
pub fn plot(area: Rect) -> Rect {
    let left = LABEL.min(area.width);
    let right = NUMBERS.min(area.width - left);
    Rect { x: area.x + left, width: area.width - left - right, ..area }
}

/// Draws the strips below each other, each as high as there is room for, with label, total and peak. `peak` is the
/// word for the scale.
pub fn draw(buffer: &mut Buffer, area: Rect, strips: &[Strip], peak: &str, paint: &Paint<'_>) {
    let Ok(many) = u16::try_from(strips.len()) else { return };
    if many == 0 || area.height < many {
        return;
    }
    let (high, spare) = (area.height / many, area.height % many);
    let mut y = area.y;
    for (index, strip) in (0..many).zip(strips) {
        let height = high + u16::from(index < spare);
        draw_one(buffer, Rect { y, height, ..area }, strip, peak, paint);
        y += height;
    }
}

fn draw_one(buffer: &mut Buffer, area: Rect, strip: &Strip, peak: &str, paint: &Paint<'_>) {
    let base = area.bottom() - 1;
    let quiet = strip.peak() == 0;
    let role = if quiet { Role::Muted } else { strip.role };
    buffer.set_string(area.x, base, fit(&strip.label, usize::from(LABEL), Align::Left), paint.style(role));
    let middle = plot(area);
    // A high strip keeps its distance from the one above.
    let gap = u16::from(area.height > 2);
    let middle = Rect { y: middle.y + gap, height: middle.height - gap, ..middle };
    bars(buffer, middle, &strip.values, strip.peak(), paint, strip.role);
    let room = usize::from(area.right() - middle.right());
    let total = fit(&count(strip.total()), room.min(9), Align::Right);
    buffer.set_string(middle.right(), base, &total, paint.style(if quiet { Role::Muted } else { Role::Text }));
    let rest = room - width(&total);
    if !quiet && rest > 2 {
        let words = fit(&format!("  {peak} {}", count(strip.peak())), rest, Align::Left);
        buffer.set_string(area.right() - u16::try_from(rest).unwrap_or(0), base, words, paint.style(Role::Muted));
    }
}
