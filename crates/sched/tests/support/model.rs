//! Gs for models: headers that nobody ever runs.

use core::ptr::NonNull;
use gaggle_gopark::{G, GRef, Host, Status};

static NOBODY: Host = Host::NOBODY;

/// A G with this number; leaked, as models are short.
pub fn g(id: u64) -> GRef {
    let g = Box::leak(Box::new(G::new(&NOBODY, Status::Runnable)));
    g.set_id(id);
    // SAFETY: leaked; nobody widens it.
    unsafe { GRef::new(NonNull::from(g)) }
}
