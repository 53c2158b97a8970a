//! The token of a goexit: an unwind that is not a panic (SEMANTICS B5).
//!
//! The scheduler raises it; whoever catches unwinds of a goroutine's function must let it pass, or
//! answer for the end of the goroutine ([`Goexit::accept`]).
//!
//! *Goexit Wins*: a token that is dropped on the goroutine it ends, by somebody who caught it and does
//! not know it, raises the unwind again right there. It cannot while another unwind is on its way, nor
//! on another goroutine, nor if it is never dropped.

use core::any::Any;
use std::panic::resume_unwind;

/// The number of no goroutine.
const NOBODY: u64 = 0;

/// The payload with which a goroutine unwinds when it calls `goexit`.
#[derive(Debug)]
pub struct Goexit {
    /// The goroutine that it ends.
    of: u64,
}

impl Goexit {
    /// Unwinds the current goroutine; on a plain thread, to whatever catches there.
    pub fn raise() -> ! {
        resume_unwind(Box::new(Goexit { of: this_goroutine() }))
    }

    /// True if a caught payload is a goexit, to be raised again by whoever caught it.
    pub fn is(payload: &(dyn Any + Send)) -> bool {
        payload.is::<Goexit>()
    }

    /// Takes a token that was caught for good: the caller sees to it that the goroutine ends. Any other
    /// payload is dropped.
    pub fn accept(payload: Box<dyn Any + Send>) {
        if let Ok(mut token) = payload.downcast::<Goexit>() {
            token.of = NOBODY;
        }
    }
}

/// The number of the goroutine we are; that of nobody on a plain thread.
fn this_goroutine() -> u64 {
    if crate::section::on_machine() { crate::current().id() } else { NOBODY }
}

impl Drop for Goexit {
    fn drop(&mut self) {
        let of = core::mem::replace(&mut self.of, NOBODY);
        if of != NOBODY && !std::thread::panicking() && of == this_goroutine() {
            resume_unwind(Box::new(Goexit { of })) // Goexit Wins
        }
    }
}
