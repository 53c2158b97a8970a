//! Go's own tests of channels and select, those that need no goroutines: threads stand for them.
//! Written anew from what they test; each names its source.

mod common;

#[path = "golang/chan_test.rs"]
mod chan_test;
#[path = "golang/programs.rs"]
mod programs;
