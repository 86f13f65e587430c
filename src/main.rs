//! The binary: the command line → a mode → an exit code.

fn main() {}
