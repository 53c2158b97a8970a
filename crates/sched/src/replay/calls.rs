//! Goroutines for calls that come while a run is replayed.
//!
//! Elsewhere calls wait for the thread that may allocate while no goroutine is free, and it starts them when it gets to it.
//! Here that would decide who is there when the next is drawn, and which numbers they have; and it would be somebody from
//! outside. So the M waits. Calls that others bring, of plain threads' timers, are no part of the run.

use super::clock::nap;
use crate::goroutine::spawn::take_dead;
use crate::machine::{m::M, spawner};
use gaggle_gopark::{GRef, Section};

/// A goroutine for a call that has come on the M of the run that is replayed; none on other threads. The caller holds no
/// lock.
#[cold]
#[inline(never)]
pub(crate) fn free_for_a_call(section: &Section) -> Option<GRef> {
    M::of(section).and_then(M::p)?;
    loop {
        if let Some(g) = take_dead(section) {
            return Some(g);
        }
        spawner::ask_for_free();
        nap();
    }
}
