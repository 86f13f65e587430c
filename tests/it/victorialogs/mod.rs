//! Against a real VictoriaLogs.

mod endpoints;
mod gates;
mod wire;
