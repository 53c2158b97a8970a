//! Benchmarks beside their Go twins.
