//! Many runs under many seeds, until one fails.

use crate::failed::Failed;
use crate::sim::Sim;
use std::sync::Arc;

/// What came of an exploration in which no seed failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    runs: u64,
    steps: u64,
}

impl Explored {
    /// How many seeds were tried.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// How many choices were made in all of them.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

impl Sim {
    /// Runs `f` under `iterations` seeds, from this one on, and stops at the first that fails. With
    /// `GAGGLE_SEED` in the environment that seed is the only one.
    ///
    /// # Errors
    ///
    /// [`Failed`], which names the seed.
    ///
    /// # Panics
    ///
    /// If called on a goroutine.
    ///
    /// # Safety
    ///
    /// That of [`Sim::run`].
    #[track_caller]
    pub unsafe fn explore<F>(&self, iterations: u64, f: F) -> Result<Explored, Failed>
    where
        F: Fn() + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let mut explored = Explored { runs: 0, steps: 0 };
        let (first, count) = match wanted() {
            Some(seed) => (seed, 1),
            None => (self.first_seed(), iterations),
        };
        for at in 0..count {
            let f = Arc::clone(&f);
            // SAFETY: the caller's promise, passed on.
            let report = unsafe { self.under(first.wrapping_add(at)).run(move || f()) }?;
            explored.runs += 1;
            explored.steps += report.steps();
        }
        Ok(explored)
    }
}

/// The seed that somebody wants to see again.
fn wanted() -> Option<u64> {
    gaggle_runtime::replayed::wanted_seed()
}

/// Runs `f` under the seeds from 0 to `iterations`, each a run of its own. With `GAGGLE_SEED` in the
/// environment that seed is the only one.
///
/// # Panics
///
/// At the first seed that fails, with a text that names it and says why; if called on a goroutine.
///
/// # Safety
///
/// That of [`Sim::run`].
///
/// # Examples
///
/// Two goroutines add to one number, and give way between reading and writing:
///
/// ```should_panic
/// use gaggle_runtime::{gosched, spawn};
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering::Relaxed}};
///
/// fn lost_update() {
///     let number = Arc::new(AtomicU32::new(0));
///     let adders = [0, 1].map(|_| {
///         let number = Arc::clone(&number);
///         spawn(move || {
///             let seen = number.load(Relaxed);
///             gosched();
///             number.store(seen + 1, Relaxed);
///         })
///     });
///     for adder in adders {
///         adder.join().unwrap();
///     }
///     assert_eq!(number.load(Relaxed), 2);
/// }
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe { gaggle_sim::explore(100, lost_update) };
/// ```
#[track_caller]
pub unsafe fn explore<F>(iterations: u64, f: F)
where
    F: Fn() + Send + Sync + 'static,
{
    // SAFETY: the caller's promise, passed on.
    if let Err(failed) = unsafe { Sim::new(0).explore(iterations, f) } {
        panic!("sim: {failed}");
    }
}
