//! Census: every goroutine as data, for who looks into a program from above: profiles, leaks, waits.
//!
//! As in a dump, each is seen at an instant of its own, and nobody is stopped for it.

use crate::ends::hooks::Frames;
use crate::goroutine::g::{self, Goroutine};
use crate::view::dump;
use crate::view::snapshot::{Snapshot, waited};
use core::fmt;
use core::ops::Range;
use core::panic::Location;
use core::sync::atomic::Ordering;
use core::time::Duration;
use gaggle_gopark::{GRef, Status, StatusLook, WaitReason};
use std::sync::Arc;

/// One goroutine, at one instant.
#[derive(Clone, Debug)]
pub struct Sighting {
    snapshot: Snapshot,
    g: GRef,
    look: StatusLook,
    frames: Option<Range<usize>>,
}

/// Every goroutine that lives; the caller first, if it is one, the others by their numbers.
#[inline(never)]
pub fn census() -> Vec<Sighting> {
    let mut all = Vec::new();
    dump::look_at_all(|goroutine, look, snapshot| {
        all.push(Sighting::new(goroutine, look, snapshot));
    });
    all
}

/// The numbers of all that live.
pub fn goids() -> Vec<u64> {
    let mut all = Vec::new();
    g::for_each(|goroutine| {
        if !matches!(goroutine.g.status().get(), Status::Idle | Status::Dead) {
            all.push(goroutine.g.id());
        }
    });
    all
}

impl Sighting {
    fn new(goroutine: &'static Goroutine, look: StatusLook, snapshot: Snapshot) -> Self {
        let mut frames = None;
        if look.status() == Status::Waiting && goroutine.home().is_none() {
            frames = goroutine.saved().map(|(registers, range)| registers.sp..range.end);
        }
        Self { snapshot, g: goroutine.as_gref(), look, frames }
    }

    /// Its number.
    pub fn goid(&self) -> u64 {
        self.snapshot.goid
    }

    /// The number of the goroutine that started it; 0 for a plain thread.
    pub fn parent(&self) -> u64 {
        self.snapshot.parent
    }

    /// Its `go` statement; none for a main goroutine.
    pub fn site(&self) -> Option<&'static Location<'static>> {
        self.snapshot.site
    }

    /// What it is called, if [`Options`](crate::Options) gave it a name.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.snapshot.tags.as_ref()?.name.as_ref()
    }

    /// Its labels, by their keys, in order.
    pub fn labels(&self) -> &[(Arc<str>, Arc<str>)] {
        let labels = self.snapshot.tags.as_ref().and_then(|tags| tags.labels.as_ref());
        labels.map_or(&[], |labels| labels)
    }

    /// What it waits for, if it waits.
    pub fn reason(&self) -> Option<WaitReason> {
        self.snapshot.reason()
    }

    /// What it does, in one word, or what it waits for (SEMANTICS AA2).
    pub fn state(&self) -> &'static str {
        self.snapshot.state_text()
    }

    /// For how long it has waited, if it waits.
    pub fn waited(&self) -> Option<Duration> {
        self.reason().map(|_| Duration::from_nanos(waited(self.g.since())))
    }

    /// Its return addresses, innermost first; none if it never ran or could not be asked.
    pub fn pcs(&self) -> &[usize] {
        self.snapshot.pcs()
    }

    /// Since when it runs without a switch point, on the clock of `gaggle_lock`, in nanoseconds; none if it
    /// does not run, or that is not measured ([`measure_runs`](crate::measure_runs)).
    pub fn runs_since(&self) -> Option<u64> {
        // Relaxed: for the watchdog.
        let since = Goroutine::of(self.g).clocks.on_since.load(Ordering::Relaxed);
        let runs = matches!(self.state(), "running" | "preempted");
        (runs && since != 0).then_some(since)
    }

    /// Its header.
    pub fn g(&self) -> GRef {
        self.g
    }

    /// Where its frames lie, if it waits and has left its stack.
    pub fn frames(&self) -> Option<Range<usize>> {
        self.frames.clone()
    }

    /// True if it has not moved since it was seen, so that what was read of its frames was theirs.
    pub fn stood_still(&self) -> bool {
        self.g.status().stood_still(self.look)
    }

    /// Writes it in Go's layout, without the empty line before it (SEMANTICS AA1-AA5).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&self, frames: Frames, out: &mut dyn fmt::Write) -> fmt::Result {
        self.snapshot.write(frames, out)
    }

    /// As [`write`](Self::write), with `word` behind what it waits for: ` (leaked)`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_with(&self, word: &str, frames: Frames, out: &mut dyn fmt::Write) -> fmt::Result {
        self.snapshot.write_with(word, frames, out)
    }
}
