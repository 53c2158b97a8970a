//! [`Group`]: of calls that ask for the same at the same time, one is made (SEMANTICS X4, X5). The face.

mod call;
mod panic;

use call::{Call, Ran};
use core::fmt;
use core::hash::Hash;
use core::panic::Location;
use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::{RecvOnly, chan};
use gaggle_sync::Mutex;
pub use panic::PanicError;
use std::collections::HashMap;
use std::sync::Arc;

/// What a call gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<T> {
    /// The value; of a function that can fail, its `Result`.
    pub value: T,
    /// True if several callers have got it.
    pub shared: bool,
}

/// Calls by key, one at a time for each (Go: `singleflight.Group`). A handle: clones are the same group.
///
/// # Examples
///
/// ```
/// use gaggle_xsync::singleflight::Group;
/// let group = Group::<&str, u32>::new();
/// assert_eq!(group.call("answer", || 6 * 7).value, 42);
/// assert_eq!(group.call_chan("answer", || 43).recv().map(|it| it.value), Some(43)); // anew
/// ```
pub struct Group<K, T> {
    calls: Arc<Mutex<HashMap<K, Arc<Call<T>>>>>,
}

impl<K: Eq + Hash + Clone, T: Clone> Group<K, T> {
    /// A group in which nobody calls.
    pub fn new() -> Self {
        Self { calls: Arc::default() }
    }

    /// Calls `f`, or, while somebody calls with this key, waits for what that gives (Go: `Do`). A switch
    /// point.
    ///
    /// # Panics
    ///
    /// If the function panics, each caller does, with a [`PanicError`] in a box, as an error. If it ends by
    /// goexit, each caller does.
    #[track_caller]
    pub fn call(&self, key: K, f: impl FnOnce() -> T) -> Outcome<T> {
        let call = match self.join(&key, |call| call.count_caller()) {
            Ok(theirs) => return theirs.wait(),
            Err(ours) => ours,
        };
        match self.run(&key, &call, f) {
            Ran::Returned(outcome) => outcome,
            Ran::Ended(end) => end.go_on(),
        }
    }

    /// As [`call`](Self::call), but gives a channel on which the outcome will be sent; it is never closed
    /// (Go: `DoChan`).
    ///
    /// If the function panics, the process ends: whoever waits for the channel could not be told
    /// (SEMANTICS X5).
    #[track_caller]
    pub fn call_chan<F>(&self, key: K, f: F) -> RecvOnly<Outcome<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        K: Send + 'static,
        T: Send + Sync + 'static,
    {
        let channel = chan(1);
        if let Err(ours) = self.join(&key, |call| call.add_channel(channel.clone())) {
            let group = self.clone();
            let run = move || match group.run(&key, &ours, f) {
                Ran::Returned(_) => {}
                Ran::Ended(end) => end.go_on(),
            };
            gopark::spawn(Task::new(run), Location::caller());
        }
        channel.into()
    }

    /// The next call with `key` runs its function, even if one is being made (Go: `Forget`).
    pub fn forget(&self, key: &K) {
        let forgotten = self.calls.lock().remove_entry(key);
        drop(forgotten); // after the lock: keys are user code
    }

    /// The call that is being made for `key` (`Ok`), or a new one that the caller must make (`Err`); either
    /// way `enter` was done to it before anybody could finish it.
    fn join(&self, key: &K, enter: impl FnOnce(&Call<T>)) -> Result<Arc<Call<T>>, Arc<Call<T>>> {
        let mut calls = self.calls.lock();
        if let Some(call) = calls.get(key) {
            enter(call);
            return Ok(Arc::clone(call));
        }
        let call = Arc::new(Call::new());
        enter(&call);
        calls.insert(key.clone(), Arc::clone(&call));
        Err(call)
    }

    /// Makes a call, and lets all who wait for it go on.
    fn run(&self, key: &K, call: &Arc<Call<T>>, f: impl FnOnce() -> T) -> Ran<T> {
        // To find the key is user code, too: if that panics, the call has, and nobody waits for ever.
        let (end, over) = match call::run(f) {
            Ok(value) => match call::run(|| (value, self.leave(key, call))) {
                Ok((value, over)) => (Ok(value), over),
                Err(end) => (Err(end), None),
            },
            Err(end) => (Err(end), call::run(|| self.leave(key, call)).ok().flatten()),
        };
        let ran = call.finish(end);
        drop(over); // after all have been told: a key is user code
        ran
    }

    /// From here on nobody joins `call`. What the map had of it, to be dropped without the lock.
    fn leave(&self, key: &K, call: &Arc<Call<T>>) -> Option<(K, Arc<Call<T>>)> {
        let mut calls = self.calls.lock();
        // It may have been forgotten, and another may be under way.
        let ours = calls.get(key).is_some_and(|now| Arc::ptr_eq(now, call));
        if ours { calls.remove_entry(key) } else { None }
    }
}

impl<K, T> Clone for Group<K, T> {
    fn clone(&self) -> Self {
        Self { calls: Arc::clone(&self.calls) }
    }
}

impl<K: Eq + Hash + Clone, T: Clone> Default for Group<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, T> fmt::Debug for Group<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").finish_non_exhaustive()
    }
}
