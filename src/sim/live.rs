//! A log that grows as a server's does. The caller owns the clock: every [`Live::step`] writes what is due by then.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::iter::Peekable;
use std::path::Path;

use jiff::Timestamp;

use super::write::{self, Format};
use super::{Labels, Plan, Traffic};

/// Simulated traffic on its way into a file.
pub struct Live {
    out: BufWriter<File>,
    format: Format,
    traffic: Peekable<Traffic>,
    labels: Labels,
}

impl Live {
    /// Makes the file, or empties it. Nothing is written before the first step.
    pub fn create(path: &Path, format: Format, plan: &Plan) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(File::create(path)?),
            format,
            traffic: Traffic::new(plan).peekable(),
            labels: Labels::default(),
        })
    }

    /// Writes every request from before `now` that has not been written, whole lines only, and says how many. A first
    /// step with a `now` well after the plan's start gives the log a past.
    pub fn step(&mut self, now: Timestamp) -> io::Result<u64> {
        let mut lines = 0;
        while let Some(request) = self.traffic.next_if(|request| request.at < now) {
            self.labels.note(&request);
            write::line(&mut self.out, self.format, &request)?;
            lines += 1;
        }
        self.out.flush()?;
        Ok(lines)
    }

    /// When the next request is due; `None` where the plan has ended.
    pub fn next_due(&mut self) -> Option<Timestamp> {
        self.traffic.peek().map(|request| request.at)
    }

    /// Who has written so far.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn steps_write_the_same_log_as_one_stride() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let plan = Plan::new(3, start);
        let directory = tempfile::tempdir().unwrap();
        let written = |name: &str, steps: i64| {
            let path = directory.path().join(name);
            let mut live = Live::create(&path, Format::default(), &plan).unwrap();
            let lines: u64 =
                (1..=steps).map(|step| live.step(start + SignedDuration::from_secs(60 * step / steps)).unwrap()).sum();
            let text = std::fs::read_to_string(path).unwrap();
            assert_eq!(text.lines().count() as u64, lines);
            assert!(live.next_due().is_some_and(|due| due >= start + SignedDuration::from_mins(1)));
            text
        };
        assert_eq!(written("strides", 60), written("one", 1));
    }
}
