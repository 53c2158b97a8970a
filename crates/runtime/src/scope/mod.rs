//! `scope`: goroutines that borrow from their starter, joined before it goes on.
//!
//! *Within The Scope*: [`scope`] returns or unwinds only after every child has given up all that
//! it could reach the scope's borrows with ([`line::Child`], Last Act). That is what lets a child
//! borrow: its closure's lifetime is erased here, and nowhere else.

mod erased;
mod line;

use crate::caught::{caught, raise_goexit};
use crate::go::start;
use crate::packet::Packet;
use crate::panic::Panic;
use core::fmt;
use core::marker::PhantomData;
use erased::Erased;
use gaggle_gopark::{Goexit, Task};
use line::{Child, Line, Unjoined};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// Runs `f` with a [`Scope`] in which it starts goroutines that borrow from outside of it, and
/// waits for all of them.
///
/// They are joined whatever ends `f`: a return, a panic, a [`goexit`](crate::goexit). A switch
/// point, always.
///
/// # Panics
///
/// With the panic of `f`; else with that of the first goroutine that panicked, unless its handle
/// was joined.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{run, scope};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let counts = unsafe {
///     run(|| {
///         let words = ["one", "three", "seven"];
///         let mut counts = [0; 3];
///         scope(|s| {
///             for (word, count) in words.iter().zip(&mut counts) {
///                 s.go(move || *count = word.len());
///             }
///         });
///         counts
///     })
/// };
/// assert_eq!(counts, [3, 5, 5]);
/// ```
///
/// What is borrowed must live longer than the scope:
///
/// ```compile_fail,E0373
/// use gaggle_runtime::scope;
///
/// scope(|s| {
///     let inside = String::new();
///     s.go(|| drop(inside.len())); // it may run after `inside` has gone
/// });
/// ```
///
/// and nothing of the scope gets out of it:
///
/// ```compile_fail
/// use gaggle_runtime::{Scope, scope};
///
/// let escaped = scope(|s| s.spawn(|| 1)); // a handle
/// ```
///
/// ```compile_fail,E0521
/// use gaggle_runtime::{Scope, scope};
///
/// let mut escaped: Option<&Scope<'_, '_>> = None;
/// scope(|s| escaped = Some(s)); // the scope itself
/// ```
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let scope = Scope { line: Arc::new(Line::new()), scope: PhantomData, env: PhantomData };
    // Catch, Then Wait.
    let end = catch_unwind(AssertUnwindSafe(|| f(&scope)));
    scope.line.wait();
    let first = scope.line.take_first();
    match (end, first) {
        (Ok(value), None) => value,
        // A goexit ends quietly; a panic of a child may not get lost in it (SEMANTICS B8).
        (Err(token), Some(first)) if Goexit::is(&*token) => first.resume(),
        (Err(payload), _) => resume_unwind(payload),
        (Ok(_), Some(first)) => first.resume(),
    }
}

/// Where [`scope`] starts goroutines: they may borrow everything that lives for `'env`.
pub struct Scope<'scope, 'env: 'scope> {
    line: Arc<Line>,
    // Both invariant: a scope that could shrink would let children borrow for less than its wait.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a goroutine that the scope waits for.
    ///
    /// Its panic goes to the caller of [`scope`]; its [`goexit`](crate::goexit) ends it alone.
    ///
    /// # Panics
    ///
    /// If no [`run`](crate::run) has begun in this process.
    #[track_caller]
    pub fn go<F: FnOnce() + Send + 'scope>(&'scope self, f: F) {
        let line = Arc::clone(&self.line);
        self.start(move || {
            let Err(panic) = caught(f) else { return };
            let exits = panic.is_goexit();
            line.note(panic);
            if exits {
                raise_goexit();
            }
        });
    }

    /// Starts a goroutine whose result can be joined; if nobody does, it is as with
    /// [`go`](Self::go).
    ///
    /// # Panics
    ///
    /// If no [`run`](crate::run) has begun in this process.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_runtime::{run, scope};
    ///
    /// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    /// let longest = unsafe {
    ///     run(|| {
    ///         let text = String::from("a few words");
    ///         scope(|s| s.spawn(|| text.split(' ').map(str::len).max()).join().unwrap())
    ///     })
    /// };
    /// assert_eq!(longest, Some(5));
    /// ```
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let packet = Arc::new(Packet::new());
        let (line, theirs) = (Arc::clone(&self.line), Arc::clone(&packet));
        self.start(move || {
            let end = caught(f);
            let exits = matches!(&end, Err(panic) if panic.is_goexit());
            let end = end.map_err(|panic| line.keep(panic));
            if let Some(Err(unwanted)) = theirs.publish(end) {
                line.note_unjoined(&unwanted);
            }
            if exits {
                raise_goexit();
            }
        });
        ScopedJoinHandle { packet, line: Arc::clone(&self.line), scope: PhantomData }
    }

    #[track_caller]
    fn start<F: FnOnce() + Send + 'scope>(&'scope self, f: F) {
        // SAFETY: Within The Scope: `child` is dropped after `closure`, in every case.
        let closure = unsafe { Erased::new(f) };
        let member = Member { closure, child: Child::new(&self.line) };
        start(Task::new(move || member.run()));
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// A goroutine of a scope that has not run. Fields are dropped in this order.
struct Member {
    closure: Erased,
    child: Child,
}

impl Member {
    fn run(self) {
        let Member { closure, child } = self;
        // Dropped last, also when a goexit unwinds through here.
        let _child = child;
        closure.run();
    }
}

/// The right to the result of a goroutine of a [`Scope`].
pub struct ScopedJoinHandle<'scope, T> {
    packet: Arc<Packet<Result<T, Arc<Unjoined>>>>,
    line: Arc<Line>,
    scope: PhantomData<&'scope ()>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits until the goroutine has ended. A switch point.
    ///
    /// # Errors
    ///
    /// The [`Panic`] with which it ended instead of a result, or that it called
    /// [`goexit`](crate::goexit). The scope does not panic for it any more.
    #[track_caller]
    pub fn join(self) -> Result<T, Panic> {
        match self.packet.wait() {
            Some(Ok(value)) => Ok(value),
            Some(Err(unjoined)) => Err(unjoined.take().unwrap_or_else(|| twice())),
            None => twice(),
        }
    }

    /// True once a [`join`](Self::join) would not wait. Not a switch point.
    pub fn is_finished(&self) -> bool {
        self.packet.is_finished()
    }
}

#[cold]
#[inline(never)]
fn twice() -> ! {
    gaggle_prim::throw!("scope: a result was handed out twice")
}

impl<T> Drop for ScopedJoinHandle<'_, T> {
    fn drop(&mut self) {
        if let Some(Err(unwanted)) = self.packet.detach() {
            self.line.note_unjoined(&unwanted);
        }
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").field("finished", &self.is_finished()).finish()
    }
}
