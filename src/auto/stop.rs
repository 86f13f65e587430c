//! Being told to stop: SIGINT from a terminal, SIGTERM from systemd, SIGHUP from a connection that is gone. The cycle
//! drops what it reads, ends the act in flight, and stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::AutoError;

/// Whether to stop, and how it was said. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    token: CancellationToken,
    gentle: Arc<AtomicBool>,
}

impl Stop {
    /// One that the process's signals say. Has to be called within the runtime.
    ///
    /// # Errors
    /// [`AutoError::Signals`].
    pub fn on_signals() -> Result<Self, AutoError> {
        let listen =
            |kind| signal(kind).map_err(|error: std::io::Error| AutoError::Signals { cause: error.to_string() });
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let mut hang_up = listen(SignalKind::hangup())?;
        let stop = Self::default();
        let told = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => told.now(false),
                _ = terminate.recv() => told.now(true),
                _ = hang_up.recv() => told.now(true),
            }
        });
        Ok(stop)
    }

    /// Says stop. `gentle` is what a service manager says at a time of its choice; the other is a person's Ctrl-C.
    pub fn now(&self, gentle: bool) {
        self.gentle.store(gentle, Ordering::SeqCst);
        tracing::info!("told to stop: an act in flight is ended first");
        self.token.cancel();
    }

    /// What the cycle watches.
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Whether it was a service manager that said it.
    pub fn is_gentle(&self) -> bool {
        self.gentle.load(Ordering::SeqCst)
    }
}
