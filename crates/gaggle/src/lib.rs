//! Go's concurrency for Rust: goroutines, channels, select.
