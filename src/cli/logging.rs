//! Log lines: to standard error, or, while the console has the screen, to a file beside the journal. Off but for
//! warnings unless `-v` or `GATEWATCH_LOG` (a `tracing` filter such as `gatewatch=debug`) asks for more.

use std::fs::OpenOptions;

use tracing_subscriber::EnvFilter;

use super::environment;
use crate::config::paths;

/// The name of the console's log below the state directory.
const FILE: &str = "console.log";

/// Sets logging up once for the process. Where that fails the program goes on without log lines.
pub fn init(verbosity: u8, to_file: bool) {
    let filter = match (environment("GATEWATCH_LOG").filter(|text| !text.is_empty()), verbosity) {
        (Some(filter), _) => EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("gatewatch=info")),
        (None, 0) => EnvFilter::new("gatewatch=warn"),
        (None, 1) => EnvFilter::new("gatewatch=info"),
        (None, _) => EnvFilter::new("gatewatch=debug"),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_target(false);
    // A second initialisation, as in tests, changes nothing and is no failure.
    if !to_file {
        let _ = builder.with_writer(std::io::stderr).try_init();
        return;
    }
    let Some(folder) = paths::state_dir(&environment) else { return };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Ok(file) = std::fs::create_dir_all(&folder).and_then(|()| options.open(folder.join(FILE))) {
        let _ = builder.with_writer(std::sync::Mutex::new(file)).try_init();
    }
}
