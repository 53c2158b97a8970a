//! Why a run failed, and under which seed.

use core::fmt;
use gaggle_runtime::replayed::{Failure, Outcome};

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// A goroutine panicked and nobody caught it: its words. The trace is on standard error.
    Panic(String),
    /// Main and all others wait for ever: where each stands.
    Deadlock(String),
    /// Main has ended, and these wait for ever.
    LeftBehind(String),
    /// It was not over after that many steps.
    Steps(u64),
}

/// A run that failed.
#[derive(Clone, Debug)]
#[must_use = "it says what is wrong, and under which seed"]
pub struct Failed {
    seed: u64,
    why: Why,
    outcome: Box<Outcome>,
}

impl Failed {
    pub(crate) fn new(seed: u64, outcome: Outcome) -> Result<Outcome, Failed> {
        let why = match outcome.failure.clone() {
            None => return Ok(outcome),
            Some(Failure::Panic(words)) => Why::Panic(words),
            Some(Failure::Deadlock(stacks)) => Why::Deadlock(stacks),
            Some(Failure::LeftBehind(stacks)) => Why::LeftBehind(stacks),
            Some(Failure::Steps(steps)) => Why::Steps(steps),
        };
        Err(Failed { seed, why, outcome: Box::new(outcome) })
    }

    /// The seed that replays it.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What went wrong.
    pub fn why(&self) -> &Why {
        &self.why
    }

    /// How many choices of who goes on had been made.
    pub fn steps(&self) -> u64 {
        self.outcome.steps
    }

    /// Two runs with the same one were the same, step by step.
    pub fn fingerprint(&self) -> u64 {
        self.outcome.fingerprint
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seed, steps) = (self.seed, self.outcome.steps);
        write!(f, "seed {seed} fails at step {steps}: ")?;
        match &self.why {
            Why::Panic(words) => writeln!(f, "panic: {words}")?,
            Why::Deadlock(stacks) => {
                writeln!(f, "all goroutines are asleep - deadlock!\n{stacks}")?;
            }
            Why::LeftBehind(stacks) => {
                writeln!(f, "main has ended, but goroutines wait for ever\n{stacks}")?;
            }
            Why::Steps(most) => writeln!(f, "it is not over after {most} steps")?,
        }
        if self.outcome.from_outside > 0 {
            let times = self.outcome.from_outside;
            writeln!(
                f,
                "it waited for other threads {times} times: the seed alone decides nothing"
            )?;
        }
        write!(f, "GAGGLE_SEED={seed} replays it")
    }
}

impl std::error::Error for Failed {}
