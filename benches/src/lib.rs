//! Benchmarks, one file each under `benches/`; this library is empty.
