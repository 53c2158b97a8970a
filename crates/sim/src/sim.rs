//! One run under one seed.

use crate::failed::Failed;
use core::time::Duration;
use gaggle_runtime::replayed::{self, How, Plan, Step};

/// How often somebody may be picked before a run counts as endless.
const STEPS: u64 = 10_000_000;
/// How long a thread outside is waited for when nothing else can go on.
const PATIENCE: Duration = Duration::from_millis(100);

/// A run to come: its seed and its limits.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::gosched;
/// let sim = gaggle_sim::Sim::new(1).log(100);
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let report = unsafe { sim.run(|| gosched()) }.unwrap();
/// assert_eq!(report.steps(), report.log().len() as u64);
/// ```
#[derive(Clone, Debug)]
pub struct Sim {
    seed: u64,
    steps: u64,
    patience: Duration,
    log: usize,
}

impl Sim {
    /// A run under this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, steps: STEPS, patience: PATIENCE, log: 0 }
    }

    /// After so many choices of who goes on it fails; ten million if nothing is said.
    #[must_use]
    pub fn steps(self, steps: u64) -> Self {
        Self { steps, ..self }
    }

    /// How long a thread of the user's is waited for, by the real clock, when nothing else can go on.
    /// Without such threads nobody waits. A tenth of a second if nothing is said.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How many steps are written down; none if nothing is said.
    #[must_use]
    pub fn log(self, steps: usize) -> Self {
        Self { log: steps, ..self }
    }

    pub(crate) fn first_seed(&self) -> u64 {
        self.seed
    }

    /// The same limits under another seed.
    pub(crate) fn under(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }

    /// Runs `f` as a main goroutine under this seed, and waits for all goroutines it starts.
    ///
    /// # Errors
    ///
    /// [`Failed`], with the reason.
    ///
    /// # Panics
    ///
    /// If called on a goroutine.
    ///
    /// # Safety
    ///
    /// That of [`gaggle_runtime::run`]: the goroutines of a run keep to one thread unless one is pinned
    /// or blocks while it panics, but other runs of the process are not bound to it.
    #[track_caller]
    pub unsafe fn run<F, T>(&self, f: F) -> Result<Report<T>, Failed>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let plan = Plan {
            seed: self.seed,
            how: How::Judged,
            most_steps: self.steps,
            patience: u64::try_from(self.patience.as_nanos()).unwrap_or(u64::MAX),
            log: self.log,
        };
        // SAFETY: the caller's promise, passed on.
        let (value, outcome) = unsafe { replayed::replay(plan, f) };
        let outcome = Failed::new(self.seed, outcome)?;
        Ok(Report {
            value,
            steps: outcome.steps,
            fingerprint: outcome.fingerprint,
            elapsed: Duration::from_nanos(outcome.elapsed),
            from_outside: outcome.from_outside,
            log: outcome.log,
        })
    }
}

/// A run that was in order.
#[derive(Clone, Debug)]
pub struct Report<T> {
    value: Option<T>,
    steps: u64,
    fingerprint: u64,
    elapsed: Duration,
    from_outside: u64,
    log: Vec<Step>,
}

impl<T> Report<T> {
    /// What the function returned; none if it called goexit.
    pub fn into_value(self) -> Option<T> {
        self.value
    }

    /// How many choices of who goes on were made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Two runs with the same one were the same, step by step.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// How much time passed on the clock of the run.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How often a thread of the user's had to be waited for: if ever, the same seed may give another
    /// run.
    pub fn from_outside(&self) -> u64 {
        self.from_outside
    }

    /// The first steps, as many as [`Sim::log`] asked for.
    pub fn log(&self) -> &[Step] {
        &self.log
    }
}

/// Runs `f` under `seed` and returns its value. [`Sim`] has limits and hands failures back.
///
/// # Panics
///
/// If the run fails, with a text that names the seed; if `f` calls goexit; if called on a goroutine.
///
/// # Safety
///
/// That of [`Sim::run`].
#[track_caller]
pub unsafe fn run<F, T>(seed: u64, f: F) -> T
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    // SAFETY: the caller's promise, passed on.
    match unsafe { Sim::new(seed).run(f) } {
        Ok(report) => match report.into_value() {
            Some(value) => value,
            None => panic!("sim: the main goroutine called runtime.Goexit and has no value"),
        },
        Err(failed) => panic!("sim: {failed}"),
    }
}

/// The seed of the run that is going on, if a seed decides it.
///
/// # Examples
///
/// ```
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// assert_eq!(unsafe { gaggle_sim::run(5, gaggle_sim::seed) }, Some(5));
/// ```
pub fn seed() -> Option<u64> {
    replayed::replay_seed()
}

/// A random number; in a run that a seed decides, the seed decides it too. For tests that invent their
/// data.
pub fn random() -> u64 {
    gaggle_gopark::random()
}
