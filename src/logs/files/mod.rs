//! Log files as a source: formats, decompression, scanning, following through rotation. Lines that do not parse are counted and kept as samples.
