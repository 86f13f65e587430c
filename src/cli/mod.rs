//! The command line: one file per subcommand, each a thin layer over the library that ends in an exit code.
