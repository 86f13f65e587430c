//! Labelled traffic of a small shop, deterministic by seed: for the demo, the tests and the benchmarks.
