//! Go's own tests of golang.org/x/sync and x/time, by hand (go/TESTS.md section 10; SEMANTICS X).

#[path = "../crash/child.rs"]
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod child;
mod errgroup;
mod rate;
mod semaphore;
mod singleflight;
mod singleflight_keys;
#[path = "../context/support.rs"]
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod support;
