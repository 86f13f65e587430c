//! Against a real VictoriaLogs.

mod detection;
mod endpoints;
mod gates;
mod series;
mod wire;
