//! OnceFunc, OnceValue, OnceValues: functions that run once and are remembered.
//!
//! | `state` | meaning | who may leave it |
//! |---|---|---|
//! | `NotYet` | the function is here and has not run | the first caller, inside `once` |
//! | `Running` | it runs, and is no longer here (SEMANTICS N4) | the first caller, when it has ended |
//! | `Value` | it returned this | nobody |
//! | `Panicked` | it panicked, with this | nobody |
//! | `Exited` | it ended its goroutine (N5) | nobody |
//!
//! *After Once*: `state` is written inside `once` only, and read only after a call of `once` has
//! returned, or by who is inside.

use crate::once::Once;
use crate::once_again::Again;
use core::fmt;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use gaggle_gopark::Goexit;
use gaggle_prim::cell::UnsafeCell;
use std::panic::{catch_unwind, resume_unwind};

enum State<T, F> {
    NotYet(F),
    Running,
    Value(T),
    Panicked(Again),
    Exited,
}

/// A value that is computed by the first who asks for it (Go: `sync.OnceValue`).
///
/// The function is dropped after its call. To ask again costs one atomic load.
///
/// # Panics
///
/// If the function panics, every call panics with the same value (SEMANTICS N4): the first with the
/// original trace. Texts and numbers are the same value, and boxed errors and `io::Error`s one of the same type and text. Any
/// other value goes to the first caller only; later ones are told so by a text.
///
/// # Examples
///
/// ```
/// use gaggle_sync::OnceValue;
/// static ANSWER: OnceValue<u32> = OnceValue::new(|| {
///     println!("computed once");
///     42
/// });
/// assert_eq!((*ANSWER.get(), *ANSWER.get()), (42, 42));
/// ```
pub struct OnceValue<T, F = fn() -> T> {
    once: Once,
    state: UnsafeCell<State<T, F>>,
}

// SAFETY: After Once: the value is shared between threads, and the function moves to one of them.
unsafe impl<T: Send + Sync, F: Send> Sync for OnceValue<T, F> {}

impl<T, F> OnceValue<T, F> {
    /// What `f` will return.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new(f: F) -> Self {
        Self { once: Once::new(), state: UnsafeCell::new(State::NotYet(f)) }
    }

    /// What `f` will return.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new(f: F) -> Self {
        Self { once: Once::new(), state: UnsafeCell::new(State::NotYet(f)) }
    }
}

impl<T, F: FnOnce() -> T> OnceValue<T, F> {
    /// The value; the first call computes it, and others wait for that. A switch point.
    #[inline]
    #[track_caller]
    pub fn get(&self) -> &T {
        self.once.call_once(|| self.compute());
        self.computed()
    }

    /// As [`get`](Self::get), but waits at most for `timeout` for another's call to end; none if it still
    /// runs then. If this is the first call, it takes the time it takes. A switch point.
    ///
    /// # Panics
    ///
    /// As [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_sync::OnceValue;
    /// use std::time::Duration;
    /// let answer = OnceValue::new(|| 42);
    /// assert_eq!(answer.get_timeout(Duration::ZERO), Some(&42));
    /// ```
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Option<&T> {
        let over = self.once.call_once_timeout(|| self.compute(), timeout);
        over.then(|| self.computed())
    }

    /// The value, after a call of `once` has returned.
    #[inline]
    #[track_caller]
    fn computed(&self) -> &T {
        // SAFETY: After Once.
        match self.state.with(|state| unsafe { &*state }) {
            State::Value(value) => value,
            other => no_value(other),
        }
    }

    fn compute(&self) {
        let State::NotYet(f) = self.replace(State::Running) else { unreachable!("once ran twice") };
        match catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => drop(self.replace(State::Value(value))),
            Err(payload) => {
                let exited = Goexit::is(&*payload);
                let again = || State::Panicked(Again::of(&*payload));
                drop(self.replace(if exited { State::Exited } else { again() }));
                resume_unwind(payload)
            }
        }
    }

    fn replace(&self, state: State<T, F>) -> State<T, F> {
        // SAFETY: After Once: we are inside.
        self.state.with_mut(|place| core::mem::replace(unsafe { &mut *place }, state))
    }
}

#[cold]
#[track_caller]
fn no_value<T, F>(state: &State<T, F>) -> ! {
    match state {
        State::Panicked(again) => again.panic(),
        _ => panic!("runtime error: panic called with nil argument"), // N5, in the words of B4
    }
}

impl<T: fmt::Debug, F> fmt::Debug for OnceValue<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceValue").field("once", &self.once).finish_non_exhaustive()
    }
}

/// Two values that are computed by the first who asks for them (Go: `sync.OnceValues`).
///
/// # Examples
///
/// ```
/// use gaggle_sync::OnceValues;
/// static PARSED: OnceValues<u32, bool> = OnceValues::new(|| ("7".parse().unwrap_or(0), true));
/// let (number, valid) = PARSED.get();
/// assert!(*valid && *number == 7);
/// ```
pub type OnceValues<A, B, F = fn() -> (A, B)> = OnceValue<(A, B), F>;

/// A function that runs once, however often it is called (Go: `sync.OnceFunc`).
///
/// Unlike [`Once`] it has its function from the beginning, and if that panics, every call panics with the
/// same value (SEMANTICS N4).
///
/// # Examples
///
/// ```
/// use gaggle_sync::OnceFunc;
/// let hello = OnceFunc::new(|| println!("hello"));
/// hello.call();
/// hello.call();
/// ```
#[derive(Debug)]
pub struct OnceFunc<F = fn()> {
    value: OnceValue<(), F>,
}

impl<F> OnceFunc<F> {
    /// What will run `f`.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new(f: F) -> Self {
        Self { value: OnceValue::new(f) }
    }

    /// What will run `f`.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new(f: F) -> Self {
        Self { value: OnceValue::new(f) }
    }
}

impl<F: FnOnce()> OnceFunc<F> {
    /// Runs the function if this is the first call; returns when the first call's has ended. A switch
    /// point.
    ///
    /// # Panics
    ///
    /// As [`OnceValue::get`].
    #[inline]
    #[track_caller]
    pub fn call(&self) {
        self.value.get();
    }

    /// As [`call`](Self::call), but waits at most for `timeout` for another's call to end; false if it
    /// still runs then. A switch point.
    ///
    /// # Panics
    ///
    /// As [`OnceValue::get`].
    #[must_use = "false: the function has not ended"]
    #[track_caller]
    pub fn call_timeout(&self, timeout: Duration) -> bool {
        self.value.get_timeout(timeout).is_some()
    }
}
