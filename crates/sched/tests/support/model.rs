//! Gs for models: headers that nobody ever runs.

use core::ptr::NonNull;
use gaggle_gopark::{G, GRef, Host, Status};

static NOBODY: Host = Host {
    name: "nobody",
    park: |_, _| unreachable!(),
    ready: |_, _| unreachable!(),
    yield_now: |_| unreachable!(),
    has_timer_room: |_| unreachable!(),
    make_timer_room: || unreachable!(),
    spawn: |_, _, _| unreachable!(),
    now: |_| 0,
    can_spin: |_| unreachable!(),
    obey: |_| unreachable!(),
    wait_in_line: |_| unreachable!(),
    regain: |_| unreachable!(),
};

/// A G with this number; leaked, as models are short.
pub fn g(id: u64) -> GRef {
    let g = Box::leak(Box::new(G::new(&NOBODY, Status::Runnable)));
    g.set_id(id);
    // SAFETY: leaked; nobody widens it.
    unsafe { GRef::new(NonNull::from(g)) }
}
