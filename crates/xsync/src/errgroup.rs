//! [`Group`]: goroutines that work on one task, and the first error among them (SEMANTICS X1-X3).

use core::any::Any;
use core::fmt;
use core::panic::Location;
use gaggle_context::{CancelCauseFunc, Context, Error, with_cancel_cause};
use gaggle_gopark::{self as gopark, Goexit, Task};
use gaggle_hchan::{Chan, chan};
use gaggle_sync::{Mutex, WaitGroup};
use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// What a panic in one of the goroutines does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnPanic {
    /// Ends the process with Go's text, at once, while the goroutine's stack can be seen: Go's rule
    /// (SEMANTICS X3).
    #[default]
    Crash,
    /// Ends the context of the group, and goes on in [`Group::wait`] when all have finished. The first
    /// one counts.
    Propagate,
}

/// Goroutines that work on one task (Go: `errgroup.Group`). A handle: clones are the same group. In a
/// process where no `run` has begun, plain threads take their place.
///
/// # Examples
///
/// ```
/// use gaggle_context::background;
/// use gaggle_xsync::errgroup::Group;
/// let (group, ctx) = Group::with_context(&background());
/// group.go(|| Err("no such order"));
/// let waits = ctx.clone();
/// group.go(move || {
///     waits.done().recv(); // told to stop by the other's error
///     Ok::<(), String>(())
/// });
/// assert_eq!(group.wait().unwrap_err().to_string(), "no such order");
/// assert_eq!(gaggle_context::cause(&ctx).unwrap().to_string(), "no such order");
/// ```
#[derive(Clone, Default)]
pub struct Group {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    // Constant once goroutines run.
    on_panic: OnPanic,
    cancel: Option<CancelCauseFunc>,
    // As their types say.
    wg: WaitGroup,
    /// A place for each goroutine that may run; nil: no limit.
    places: Mutex<Chan<()>>,
    first: Mutex<First>,
}

/// What happened first.
#[derive(Default)]
struct First {
    error: Option<Error>,
    panic: Option<Box<dyn Any + Send>>,
}

impl Group {
    /// A group without a context and without a limit.
    pub fn new() -> Self {
        Self::default()
    }

    /// A group, and a child of `ctx` that ends with the first error, as its cause, or when
    /// [`wait`](Self::wait) returns, whichever comes first (SEMANTICS X1).
    pub fn with_context(ctx: &Context) -> (Self, Context) {
        let (ctx, cancel) = with_cancel_cause(ctx);
        let shared = Shared { cancel: Some(cancel), ..Shared::default() };
        (Self { shared: Arc::new(shared) }, ctx)
    }

    /// The same group, which does with panics what `on_panic` says.
    ///
    /// # Panics
    ///
    /// If another handle to the group exists: the choice is made before it is used.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_xsync::errgroup::{Group, OnPanic};
    /// let group = Group::new().on_panic(OnPanic::Propagate);
    /// group.go(|| -> Result<(), String> { std::panic::resume_unwind(Box::new("boom")) });
    /// let wait = std::panic::AssertUnwindSafe(|| group.wait());
    /// let payload = std::panic::catch_unwind(wait).unwrap_err();
    /// assert_eq!(payload.downcast_ref(), Some(&"boom"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn on_panic(mut self, on_panic: OnPanic) -> Self {
        match Arc::get_mut(&mut self.shared) {
            Some(shared) => shared.on_panic = on_panic,
            None => panic!("errgroup: on_panic of a group that is in use"),
        }
        self
    }

    /// At most `limit` goroutines of the group run from now on; none: as many as are started (Go: a
    /// negative number). With a limit of 0 none can start (SEMANTICS X2).
    ///
    /// # Panics
    ///
    /// `errgroup: modify limit while N goroutines in the group are still active` if there is a limit
    /// already, and some run under it; not if it is taken away, as in Go.
    #[track_caller]
    pub fn set_limit(&self, limit: Option<usize>) {
        let mut places = self.shared.places.lock();
        let Some(limit) = limit else {
            *places = Chan::nil(); // who runs has a place of the old one, and gives that back
            return;
        };
        let active = places.len();
        if active != 0 {
            drop(places);
            panic!(
                "errgroup: modify limit while {active} goroutines in the group are still active"
            );
        }
        *places = chan(limit.min(isize::MAX as usize)); // more can never run
    }

    /// Runs `f` in a new goroutine, after waiting for a place if there is a limit. Its first error ends
    /// the context of the group and is what [`wait`](Self::wait) returns.
    #[track_caller]
    pub fn go<F, E>(&self, f: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let places = self.shared.places.lock().clone();
        if !places.is_nil() {
            places.send(());
        }
        self.start(places, f);
    }

    /// Runs `f` in a new goroutine if there is a place for it now.
    ///
    /// # Errors
    ///
    /// `f`, if as many goroutines run as the limit allows.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_xsync::errgroup::Group;
    /// let group = Group::new();
    /// group.set_limit(Some(0));
    /// assert!(group.try_go(|| Ok::<(), String>(())).is_err());
    /// ```
    #[track_caller]
    pub fn try_go<F, E>(&self, f: F) -> Result<(), F>
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let places = self.shared.places.lock().clone();
        if !places.is_nil() && places.try_send(()).is_err() {
            return Err(f);
        }
        self.start(places, f);
        Ok(())
    }

    /// Waits until all goroutines of the group have finished, and ends its context.
    ///
    /// # Panics
    ///
    /// With the first panic, in a group that propagates them.
    ///
    /// # Errors
    ///
    /// The first error.
    pub fn wait(&self) -> Result<(), Error> {
        self.shared.wg.wait();
        let (error, panic) = {
            let mut first = self.shared.first.lock();
            (first.error.clone(), first.panic.take())
        };
        if let Some(cancel) = &self.shared.cancel {
            cancel.cancel(error.clone());
        }
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
        error.map_or(Ok(()), Err)
    }

    #[track_caller]
    fn start<F, E>(&self, places: Chan<()>, f: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.shared.wg.add(1);
        let shared = Arc::clone(&self.shared);
        let run = move || {
            let end = {
                // What will be shown by whoever waits is shown by the hook too, as with `spawn`.
                let _catching =
                    (shared.on_panic == OnPanic::Propagate).then(gaggle_sched::catching);
                catch_unwind(AssertUnwindSafe(|| f().map_err(Error::new)))
            };
            shared.finish(&places, end);
        };
        gopark::spawn(Task::new(run), Location::caller());
    }
}

type End = Result<Result<(), Error>, Box<dyn Any + Send>>;

impl Shared {
    /// Notes how a goroutine ended, then lets others have its place.
    fn finish(&self, places: &Chan<()>, end: End) {
        let goes_on = match end {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                self.fail(error);
                None
            }
            Err(payload) if Goexit::is(&*payload) => Some(payload),
            Err(payload) if self.on_panic == OnPanic::Propagate => {
                self.keep(payload);
                None
            }
            // Without `done`: no `wait` returns before the process has ended.
            Err(payload) => resume_unwind(payload),
        };
        if !places.is_nil() {
            let _place = places.recv();
        }
        self.wg.done();
        if let Some(goexit) = goes_on {
            resume_unwind(goexit);
        }
    }

    fn fail(&self, error: Error) {
        let mut first = self.first.lock();
        if first.error.is_some() {
            return;
        }
        first.error = Some(error.clone());
        drop(first);
        if let Some(cancel) = &self.cancel {
            cancel.cancel(Some(error));
        }
    }

    fn keep(&self, payload: Box<dyn Any + Send>) {
        let mut first = self.first.lock();
        let later = match first.panic {
            None => first.panic.replace(payload),
            Some(_) => Some(payload),
        };
        drop(first);
        drop(later); // user code
        if let Some(cancel) = &self.cancel {
            cancel.cancel(Some(Error::new("a goroutine of the group panicked")));
        }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("running", &self.shared.wg).finish_non_exhaustive()
    }
}
