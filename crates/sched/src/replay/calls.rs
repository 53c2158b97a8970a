//! Calls that come in a replayed run while no goroutine is free.
//!
//! Elsewhere they wait for the thread that may allocate, which starts them when it gets to it. Here that would decide who is
//! there when the next is drawn, and which numbers they have; and it would be somebody from outside. So the M waits.

use super::clock::nap;
use super::is_on;
use crate::goroutine::spawn::take_dead;
use crate::machine::{m::M, spawner};
use gaggle_gopark::{GRef, Section};

/// A goroutine for a call that has come on the M of a replayed run; none on other threads, and while no run is replayed.
/// The caller holds no lock.
#[cold]
#[inline(never)]
pub(crate) fn wait_for_free(section: &Section) -> Option<GRef> {
    if !is_on() || M::of(section).and_then(M::p).is_none() {
        return None;
    }
    loop {
        spawner::ask_for_free();
        nap();
        if let Some(g) = take_dead(section) {
            return Some(g); // else others took them
        }
    }
}
