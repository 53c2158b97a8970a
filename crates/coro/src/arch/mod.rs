//! Chooses the one backend that knows how to leave a computation and enter another; nothing else asks which CPU.
//!
//! A backend defines
//!
//! * `BACKEND` — which `Backend` it is;
//! * `switch(save, to, payload) -> payload` — see `context::switch`, always inlined;
//! * `prepare(stack, entry) -> Context` — see `context::prepare`;
//! * `call_on(start, landed, record)` — see `call.rs`: calls `landed(record)` with the stack pointer below `start`; at its own
//!   stack pointer lie the caller's frame pointer and the address where the caller goes on (Beneath);
//! * `registers(context) -> Registers` — Frame At Sp, read;
//! * `fault_registers(ucontext) -> Option<Registers>` — the interrupted registers in a signal handler, `None` where
//!   goroutines do not run on our stacks;
//! * `ask_valgrind(request) -> answer` — a request to valgrind, 0 where there is none.
//!
//! `x86_64.rs` is the canon with the pictures, `aarch64.rs` tells only what differs, `thread.rs` is the backend that needs
//! no assembly: `--cfg gaggle_coro="thread"`, Miri, and every CPU not named here.

#[cfg(all(target_arch = "x86_64", not(gaggle_coro = "thread"), not(miri)))]
#[path = "x86_64.rs"]
mod imp;

#[cfg(all(target_arch = "aarch64", not(gaggle_coro = "thread"), not(miri)))]
#[path = "aarch64.rs"]
mod imp;

#[cfg(any(
    gaggle_coro = "thread",
    miri,
    not(any(target_arch = "x86_64", target_arch = "aarch64"))
))]
#[path = "thread.rs"]
mod imp;

#[cfg(not(target_os = "linux"))]
compile_error!(
    "gaggle-coro knows Linux only: its stacks and its fault handler speak to that kernel"
);

pub(crate) use imp::{BACKEND, ask_valgrind, call_on, fault_registers, prepare, registers, switch};

/// How computations are switched in this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Inline assembly: contexts run on our stacks, any thread may resume any context.
    Inline,
    /// One OS thread per context, one baton among them: thread-locals then belong to the context, our stacks
    /// hold nothing but the start record, and an overflow is the thread's own.
    Thread,
}

/// Which backend this build uses.
#[must_use]
pub const fn backend() -> Backend {
    BACKEND
}
