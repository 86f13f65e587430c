//! The rehearsal: does everything but send.
