//! What a goroutine ended with when it did not return: a caught panic, or a goexit.
//!
//! *Looked At By Type Only*: through a shared reference a payload is asked for its type and read
//! only as `&'static str` or `String`, which are `Sync`; everything else needs ownership.

use core::any::Any;
use core::fmt;
use gaggle_gopark::Goexit;

/// Why a joined goroutine has no result.
pub struct Panic(Cause);

enum Cause {
    Panic(Box<dyn Any + Send>),
    Goexit,
}

// SAFETY: Looked At By Type Only.
unsafe impl Sync for Panic {}

const GOEXIT: &str = "runtime.Goexit was called";

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Panic {
        if !Goexit::is(&*payload) {
            return Panic(Cause::Panic(payload));
        }
        Goexit::accept(payload);
        Panic(Cause::Goexit)
    }

    /// The text of the panic, if it had one: what `panic!("..")` was given.
    ///
    /// `runtime.Goexit was called` if the goroutine called [`goexit`](crate::goexit), and
    /// `Box<dyn Any>` if it panicked with a value that is no text.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_runtime::{run, spawn};
    ///
    /// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    /// let end = unsafe { run(|| spawn(|| panic!("no {}", "luck")).join()) };
    /// assert_eq!(end.unwrap_err().message(), "no luck");
    /// ```
    pub fn message(&self) -> &str {
        let payload = match &self.0 {
            Cause::Goexit => return GOEXIT,
            Cause::Panic(payload) => payload,
        };
        if let Some(text) = payload.downcast_ref::<&'static str>() {
            return text;
        }
        payload.downcast_ref::<String>().map_or("Box<dyn Any>", String::as_str)
    }

    /// True if the goroutine did not panic but called [`goexit`](crate::goexit).
    pub fn is_goexit(&self) -> bool {
        matches!(self.0, Cause::Goexit)
    }

    /// The value it panicked with; for a goexit, the text.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        match self.0 {
            Cause::Panic(payload) => payload,
            Cause::Goexit => Box::new(GOEXIT),
        }
    }

    /// Goes on with it here: the caller panics with the same value, without a second message, or
    /// ends by [`goexit`](crate::goexit) too.
    ///
    /// # Panics
    ///
    /// Always. A plain thread cannot goexit; it panics with the text.
    #[track_caller]
    pub fn resume(self) -> ! {
        match self.0 {
            Cause::Panic(payload) => std::panic::resume_unwind(payload),
            Cause::Goexit if gaggle_sched::on_goroutine() => gaggle_sched::goexit(),
            Cause::Goexit => panic!("{GOEXIT}"),
        }
    }

    /// Go's rule: nobody wants to know of this panic, so it ends the process. A goexit concerns
    /// nobody but the goroutine.
    pub(crate) fn crash(self) {
        match self.0 {
            Cause::Panic(payload) => gaggle_sched::crash(&*payload),
            Cause::Goexit => {}
        }
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Panic(_) => write!(f, "goroutine panicked: {}", self.message()),
            Cause::Goexit => f.write_str(GOEXIT),
        }
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Panic(_) => f.debug_tuple("Panic").field(&self.message()).finish(),
            Cause::Goexit => f.write_str("Goexit"),
        }
    }
}

impl std::error::Error for Panic {}
