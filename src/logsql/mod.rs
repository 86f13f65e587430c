//! LogsQL: lossless tokens → tree → plan → execution over rows, one registry, one construct a file. Does no I/O and
//! reads no clock: the instant that `now` means comes in as an argument.
