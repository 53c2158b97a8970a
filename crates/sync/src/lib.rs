//! Mutex and WaitGroup, with Go's semantics.
