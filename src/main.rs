//! The binary: the command line → a mode → an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatewatch::cli::run(std::env::args_os())
}
