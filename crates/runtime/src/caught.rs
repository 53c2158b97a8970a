//! To call a function of the user's and have its end, whichever it is, as a value.
//!
//! *The Token Goes On*: a goexit becomes a [`Panic`] for who waits, and [`raise_goexit`] lets the
//! goroutine go on to exit after that was published.

use crate::panic::Panic;
use gaggle_gopark::Goexit;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls `f` at the root of a goroutine whose panics somebody will see.
pub(crate) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    let end = {
        let _catching = gaggle_sched::catching();
        catch_unwind(AssertUnwindSafe(f))
    };
    end.map_err(Panic::new)
}

/// Goes on with a goexit that [`caught`] stopped.
pub(crate) fn raise_goexit() -> ! {
    Goexit::raise()
}
