//! What the cursor notes for an editor while it reads: where fields are named, what the parser would take at the end.
//! Costs nothing where nobody asks.

use super::super::quote::place_inside;
use super::super::token::Kind;
use super::super::trace::{Event, Expected, How, Mention, Trace};
use super::Cursor;

impl<'t> Cursor<'t> {
    /// A cursor that notes where fields are named and what could stand at the end of the text.
    pub fn traced(text: &'t str) -> Self {
        Self { trace: Some(Box::default()), ..Self::new(text) }
    }

    /// What was noted.
    pub fn into_trace(self) -> Trace {
        self.trace.map(|trace| *trace).unwrap_or_default()
    }

    /// Notes what could stand here, where the text ends here.
    pub fn expects(&self, expected: impl FnOnce() -> Expected) {
        if let Some(trace) = self.trace.as_ref().filter(|_| self.at_end()) {
            trace.expects(expected());
        }
    }

    /// Notes that a filter could stand here: of any field, or a value of the one that is filtered.
    pub fn expects_filter(&self) {
        if let Some(trace) = self.trace.as_ref().filter(|_| self.at_end()) {
            trace.expects_filter();
        }
    }

    /// Notes that a value of the field that is filtered could stand here.
    pub(super) fn expects_value(&self) {
        if let Some(trace) = self.trace.as_ref().filter(|_| self.at_end()) {
            trace.expects_value();
        }
    }

    /// Notes something that happened up to here.
    pub fn note(&mut self, event: impl FnOnce(&Self) -> Event) {
        if self.trace.is_some() {
            let event = event(self);
            let at = self.at;
            if let Some(trace) = &mut self.trace {
                trace.events.push((at, event));
            }
        }
    }

    /// Notes that the tokens since a kept position name a field.
    pub fn note_field(&mut self, mark: usize, name: &str, how: How) {
        self.note(|cursor| Event::Mention(Mention { span: cursor.span_since(mark), name: name.to_owned(), how }));
    }

    /// Notes that a result gets a name that is not written.
    pub fn note_unnamed(&mut self, name: &str) {
        self.expects(|| Expected::Word("as".to_owned()));
        self.note(|cursor| {
            let end = cursor.at.checked_sub(1).and_then(|last| cursor.items.get(last)).map_or(0, |item| item.span.end);
            Event::Mention(Mention { span: end..end, name: name.to_owned(), how: How::Unnamed })
        });
    }

    /// Notes that the text token at a kept position names fields inside of it, each at a byte of its value.
    pub fn note_inside<'n>(&mut self, mark: usize, names: impl IntoIterator<Item = (usize, &'n str)>, how: How) {
        for (offset, name) in names {
            let Some(item) = self.items.get(mark).filter(|_| self.trace.is_some()) else { return };
            let raw = &self.text[item.span.clone()];
            let place = |offset| match item.kind {
                Kind::Quoted => place_inside(raw, offset),
                _ => Some(offset),
            };
            if let (Some(start), Some(end)) = (place(offset), place(offset + name.len())) {
                let span = item.span.start + start..item.span.start + end;
                self.note(|_| Event::Mention(Mention { span, name: name.to_owned(), how }));
            }
        }
    }

    /// Says more exactly how the field that was named last is made.
    pub fn made(&mut self, how: How) {
        let last = self.trace.as_mut().and_then(|trace| trace.events.last_mut());
        if let Some((_, Event::Mention(mention))) = last.filter(|_| how == How::MadeForSome) {
            mention.how = how;
        }
    }

    /// Notes that the only argument of a function that was just read names a field, which began at `mark`.
    pub fn note_argument(&mut self, mark: usize, name: &str) {
        let closed = self.at;
        self.at = closed.saturating_sub(1).max(mark);
        let span = self.span_since(mark);
        self.at = closed;
        self.note(|_| Event::Mention(Mention { span, name: name.to_owned(), how: How::Read }));
    }

    /// What was noted last as a field that is read is a number or the like.
    pub fn no_field_after(&mut self, mark: usize) {
        if let Some(trace) = &mut self.trace {
            trace.drop_first_after(mark);
        }
    }

    /// Runs a part of the parser that reads a filter of this field.
    pub fn about<T>(&mut self, field: &str, parse: impl FnOnce(&mut Self) -> T) -> T {
        if let Some(trace) = &mut self.trace {
            trace.about.push(field.to_owned());
        }
        let parsed = parse(self);
        if let Some(trace) = &mut self.trace {
            trace.about.pop();
        }
        parsed
    }
}
