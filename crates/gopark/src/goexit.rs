//! The token of a goexit: an unwind that is not a panic (SEMANTICS B5).
//!
//! The scheduler raises it; whoever catches unwinds of a goroutine's function must let it pass.

use core::any::Any;

/// The payload with which a goroutine unwinds when it calls `goexit`.
#[derive(Debug)]
pub struct Goexit;

impl Goexit {
    /// True if a caught payload is a goexit, to be raised again by whoever caught it.
    pub fn is(payload: &(dyn Any + Send)) -> bool {
        payload.is::<Goexit>()
    }
}
