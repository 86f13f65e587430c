//! Unattended: the schedule, the lock, the signals, the exit codes and the systemd units around `engine`. Opens no terminal.
