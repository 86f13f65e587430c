//! What the tests share.

use std::process::{Child, ExitStatus};
use std::sync::mpsc::channel;
use std::time::Duration;

pub mod crowdsec;
pub mod dossiers;
pub mod ollama;
pub mod plans;
pub mod proxy;
pub mod shop;
pub mod victorialogs;

/// So long a test waits for what has to come, on whatever machine: one that hangs says nothing of why, and holds up all
/// others.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for it, and fails with its name where it does not come.
pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Waits for the end of a process.
pub fn ended(mut child: Child) -> ExitStatus {
    let (sender, status) = channel();
    let id = child.id();
    std::thread::spawn(move || sender.send(child.wait()));
    let Ok(status) = status.recv_timeout(PATIENCE) else {
        let process = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        panic!("process {id} did not end within {PATIENCE:?}")
    };
    status.unwrap()
}
