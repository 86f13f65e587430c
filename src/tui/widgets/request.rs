//! A row of an access log in one line: time, status, method, target, agent. A row that has no such fields is shown as
//! it was logged.

use std::borrow::Cow;

use jiff::Timestamp;

use super::frame::Parts;
use crate::logs::{FieldMap, Row};
use crate::text::escape::visible;
use crate::text::width::{Align, fit};
use crate::tui::app::Shared;
use crate::tui::theme::Role;

/// The pieces of the line. Cut them where the line ends.
pub fn parts(row: &Row, fields: &FieldMap, shared: &Shared) -> Parts<'static> {
    let get = |field: &Option<String>| field.as_deref().map_or("", |name| row.get(name));
    let target = [&fields.uri, &fields.path, &fields.request].into_iter().map(get).find(|value| !value.is_empty());
    let Some(target) = target else { return vec![(Cow::Owned(raw(row)), Role::Muted)] };
    let time = row.get("_time").parse::<Timestamp>().map(|at| shared.time_of_day(at)).unwrap_or_default();
    let status = get(&fields.status);
    let mut parts: Parts<'static> = vec![
        (Cow::Owned(fit(&time, 9, Align::Left)), Role::Muted),
        (Cow::Owned(fit(status, 4, Align::Left)), status_role(status)),
    ];
    let method = get(&fields.method);
    if !method.is_empty() {
        parts.push((Cow::Owned(format!("{} ", visible(method))), Role::Muted));
    }
    parts.push((Cow::Owned(visible(target).into_owned()), Role::Text));
    let agent = get(&fields.user_agent);
    if !agent.is_empty() {
        parts.push((Cow::Owned(format!("  {}", visible(agent))), Role::Muted));
    }
    parts
}

/// The row as it was logged.
fn raw(row: &Row) -> String {
    match row.get("_msg") {
        "" => {
            let pairs: Vec<String> = row.iter().map(|(name, value)| format!("{name}={value}")).collect();
            visible(&pairs.join(" ")).into_owned()
        }
        raw => visible(raw).into_owned(),
    }
}

/// The role of a status code.
pub fn status_role(status: &str) -> Role {
    match status.as_bytes() {
        b"499" => Role::Class499,
        [b'2', _, _] => Role::Class2xx,
        [b'3', _, _] => Role::Class3xx,
        [b'4', _, _] => Role::Class4xx,
        [b'5', _, _] => Role::Class5xx,
        _ => Role::Muted,
    }
}
