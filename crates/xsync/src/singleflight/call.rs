//! One call of a group, and who waits for it.
//!
//! Who waits is counted, or leaves a channel, under the lock of the group's map, and the call leaves the map
//! before it is finished: so nobody comes after `finish` has looked, but for a call that was forgotten,
//! which nobody can find either.

use super::Outcome;
use super::panic::PanicError;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, Goexit, Task};
use gaggle_hchan::Chan;
use gaggle_sync::{Mutex, WaitGroup};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::OnceLock;

/// How a function ended that did not return.
#[derive(Clone, Debug)]
pub(super) enum End {
    Panicked(PanicError),
    Goexit,
}

/// What a call gave to the one who made it.
pub(super) enum Ran<T> {
    Returned(Outcome<T>),
    Ended(End),
}

/// One call.
pub(super) struct Call<T> {
    done: WaitGroup,
    /// All callers, with the one who runs it.
    callers: AtomicU32,
    channels: Mutex<Vec<Chan<Outcome<T>>>>,
    end: OnceLock<Result<T, End>>,
}

/// Runs `f`; how it ended.
pub(super) fn run<T>(f: impl FnOnce() -> T) -> Result<T, End> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        if !Goexit::is(&*payload) {
            return End::Panicked(PanicError::new(payload));
        }
        Goexit::accept(payload);
        End::Goexit
    })
}

impl End {
    /// Goes on with it here.
    #[track_caller]
    pub(super) fn go_on(self) -> ! {
        match self {
            End::Panicked(error) => error.raise(),
            End::Goexit if gaggle_sched::on_goroutine() => gaggle_sched::goexit(),
            End::Goexit => panic!("runtime.Goexit was called"),
        }
    }
}

impl<T: Clone> Call<T> {
    pub(super) fn new() -> Self {
        let done = WaitGroup::new();
        done.add(1);
        let channels = Mutex::new(Vec::new());
        Self { done, callers: AtomicU32::new(0), channels, end: OnceLock::new() }
    }

    /// One caller more. Under the lock of the map.
    pub(super) fn count_caller(&self) {
        // Relaxed: the lock of the map orders it before `is_shared`.
        self.callers.fetch_add(1, Ordering::Relaxed);
    }

    /// One caller more, who waits for a channel. Under the lock of the map.
    pub(super) fn add_channel(&self, channel: Chan<Outcome<T>>) {
        self.count_caller();
        self.channels.lock().push(channel);
    }

    fn is_shared(&self) -> bool {
        // Relaxed: see `count_caller`.
        self.callers.load(Ordering::Relaxed) > 1
    }

    /// Waits for what somebody else's call gives.
    #[track_caller]
    pub(super) fn wait(&self) -> Outcome<T> {
        self.done.wait();
        match self.end.get() {
            Some(Ok(value)) => Outcome { value: value.clone(), shared: true },
            Some(Err(end)) => end.clone().go_on(),
            None => gaggle_prim::throw!("singleflight: a call is done and has no end"),
        }
    }

    /// Publishes how it ended: to those who wait, and to the channels.
    pub(super) fn finish(&self, end: Result<T, End>) -> Ran<T> {
        let channels = core::mem::take(&mut *self.channels.lock());
        // To clone is user code: if that panics, the call has, and nobody waits for ever.
        let end = end.and_then(|value| {
            run(|| {
                let theirs: Vec<T> = channels.iter().map(|_| value.clone()).collect();
                (value.clone(), theirs, value)
            })
        });
        if let (Err(End::Panicked(error)), false) = (&end, channels.is_empty()) {
            crash(error.clone(), &channels);
        }
        let shared = self.is_shared();
        let (ran, end) = match end {
            Ok((value, theirs, end)) => {
                for (channel, value) in channels.iter().zip(theirs) {
                    channel.send(Outcome { value, shared }); // it has room
                }
                (Ran::Returned(Outcome { value, shared }), Ok(end))
            }
            Err(end) => (Ran::Ended(end.clone()), Err(end)),
        };
        let _ = self.end.set(end);
        self.done.done();
        ran
    }
}

/// Nobody can catch it where it would be caught: it goes to a goroutine of its own, and the one that ran
/// the function stays, to be seen in the report (SEMANTICS X5).
#[cold]
fn crash<T>(error: PanicError, _kept: &[Chan<T>]) -> ! {
    gopark::spawn(Task::new(move || error.raise()), Location::caller());
    Chan::<()>::nil().recv();
    gaggle_prim::throw!("singleflight: received from a nil channel")
}
