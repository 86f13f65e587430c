//! The Query view's requests, carried out.

use super::{Reply, Request};
use crate::tui::work::{Services, Sink};

/// Carries a request out.
pub async fn perform(request: Request, _services: Services, _sink: Sink) -> Reply {
    match request {}
}
