//! A VictoriaLogs server over HTTP(S).
