//! Channels and select, with Go's semantics.
