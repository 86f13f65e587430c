//! Against a scripted server: what newer, broken and hostile ones do.
