//! Go's concurrency for Rust: goroutines, channels, `select!`, and what belongs to them.
//!
//! # A program
//!
//! ```
//! use gaggle::{chan, go, select, sync::WaitGroup, time};
//! use std::time::Duration;
//!
//! #[gaggle::main]
//! unsafe fn main() {                       // `unsafe`: goroutines move between threads, see below
//!     let jobs = chan::<u64>(16);          // make(chan uint64, 16): a Chan<T>, cheap to clone
//!     let results = chan::<u64>(0);        // unbuffered
//!     let wg = WaitGroup::new();
//!     for _ in 0..3 {
//!         let (jobs, results) = (jobs.clone(), results.clone());
//!         wg.go(move || for j in jobs { results.send(j * j) }); // until it is closed and drained
//!     }
//!     let done = results.clone();
//!     go(move || { for j in 1..=10 { jobs.send(j) } jobs.close(); wg.wait(); done.close() });
//!     let timeout = time::after(Duration::from_secs(1));
//!     let mut total = 0;
//!     loop {
//!         select! {
//!             recv(results) -> r => match r { Some(v) => total += v, None => break },
//!             recv(timeout) -> _ => panic!("timed out"),
//!         }
//!     }
//!     println!("{total}");                 // 385
//! #   assert_eq!(total, 385);
//! }
//! ```
//!
//! # From Go to here
//!
//! | Go | here |
//! |---|---|
//! | `go f(a, b)` | [`go!`]`(f(a, b))`: `f`, `a` and `b` are evaluated now |
//! | `go func() { .. }()` | [`go()`]`(move \|\| { .. })` |
//! | `make(chan T, n)`, `chan T` | [`chan`]`::<T>(n)`, [`Chan`]`<T>` |
//! | `chan<- T`, `<-chan T` | [`SendOnly`]`<T>`, [`RecvOnly`]`<T>` |
//! | `c <- v`, `v, ok := <-c` | [`c.send(v)`](Chan::send), [`c.recv()`](Chan::recv): `Option<T>` |
//! | `for v := range c`, `close(c)` | `for v in c`, [`c.close()`](Chan::close) |
//! | `select { case .. }` | [`select!`]` { .. }` |
//! | `defer` | a destructor |
//! | `runtime.Gosched()`, ... | [`runtime`] |
//! | `sync.WaitGroup`, ... | [`sync`] |
//! | `context.WithTimeout(ctx, d)`, `<-ctx.Done()` | [`context::with_timeout`], [`ctx.done()`](context::Context::done) |
//! | `errgroup.Group`, `semaphore.Weighted`, ... | [`errgroup`], [`semaphore`], [`singleflight`], [`rate`] |
//! | `signal.Notify(c, os.Interrupt)`, ... | [`signal::notify`], [`signal::notify_context`] |
//! | `net.Listen`, `net.Dial`, ... | [`net::TcpListener::bind`], [`net::TcpStream::connect`], ... |
//! | `synctest.Test(t, f)`, `synctest.Wait()` | [`synctest::test`], [`synctest::wait`] |
//! | (nothing) | [`sim`]: every choice of a run from one seed |
//! | `time.Sleep(d)`, `time.After(d)` | [`time::sleep`], [`time::after`] |
//!
//! What Go does not have: [`spawn`] gives a handle to join; [`scope()`] lets goroutines borrow; and
//! [`channel`] is a [`Sender`] and a [`Receiver`] that close the channel when they are dropped.
//!
//! # Goroutines
//!
//! A goroutine that blocks gives its thread to the next one. It costs its stack's first page and a
//! little more, so a program may have very many of them. When main returns, the process ends; nobody
//! waits for the others (SEMANTICS A4). A panic that reaches the end of a goroutine ends the
//! process with Go's text and exit code 2 (SEMANTICS B1), unless it came from [`spawn`] or
//! [`scope()`], which hand it to who joins. When every goroutine waits for another one, the process
//! ends with `fatal error: all goroutines are asleep - deadlock!` (SEMANTICS H2).
//!
//! # The one `unsafe`
//!
//! A goroutine may go on on another thread after every *switch point*: an operation that can block,
//! or [`runtime::gosched`]. The compiler does not know of it and takes the address of a thread-local
//! for constant within a function. So the program's author promises, once, at `unsafe fn main`:
//!
//! *No function, after inlining, touches one thread-local on both sides of a switch point, and no
//! borrow of a thread-local, no value derived from one, and no guard bound to its thread lives
//! across a switch point.*
//!
//! Code that uses no thread-locals keeps it; so do `println!` and the standard library within one
//! call. What breaks it, with programs, and how to keep it: `docs/thread-locals.md`. The body of
//! `main` is compiled as safe code: the word covers this promise and nothing else. Nothing of the
//! program's runs on a goroutine before it: `go` and its like are refused, and what `after_func`,
//! `WaitGroup::go` and `errgroup` call gets a plain thread of its own.
//!
//! # Tests
//!
//! ```
//! #[gaggle::test]
//! unsafe fn squares_come_back() {
//!     let results = gaggle::chan::<u64>(0);
//!     gaggle::go!(results.clone().send(7 * 7));
//!     assert_eq!(results.recv(), Some(49));
//! }
//! ```
#![allow(clippy::needless_doctest_main, reason = "programs are shown whole")]

#[doc(inline)]
pub use gaggle_context as context;
#[doc(inline)]
pub use gaggle_hchan::{
    Chan, Chosen, Receiver, RecvOnly, RecvTimeoutError, Select, SendError, SendOnly,
    SendTimeoutError, Sender, TryRecvError, TrySendError, chan, chan_unbounded, channel,
    channel_unbounded, select, select_biased,
};
#[cfg(feature = "futures")]
#[doc(inline)]
pub use gaggle_hchan::{RecvFuture, SendFuture};
#[doc(hidden)]
pub use gaggle_insight::macro_support;
#[cfg(feature = "inspect")]
#[doc(inline)]
pub use gaggle_inspect as inspect;
#[doc(inline)]
pub use gaggle_macros::{go, main, test};
#[doc(inline)]
pub use gaggle_net::{self as net, block_on};
#[doc(inline)]
pub use gaggle_runtime::{
    Builder, Config, JoinHandle, Panic, Scope, ScopedJoinHandle, go, local, run, scope, spawn,
};
#[doc(inline)]
pub use gaggle_signal as signal;
#[doc(inline)]
pub use gaggle_sim as sim;
#[doc(inline)]
pub use gaggle_sync as sync;
#[doc(inline)]
pub use gaggle_synctest as synctest;
#[doc(inline)]
pub use gaggle_time as time;
#[doc(inline)]
pub use gaggle_xsync::{LockChan, SelectLock, SelectRwLock, lock_chan, read_chan, write_chan};
#[doc(inline)]
pub use gaggle_xsync::{errgroup, rate, semaphore, singleflight};

/// Shared memory that tells on those who touch it without order.
pub mod race {
    #[doc(inline)]
    pub use gaggle_race::{Cell, Shared, Word};
}

pub mod prelude;
#[cfg(doctest)]
mod refused;
pub mod runtime;

/// The programs of the guides, compiled.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../../docs/thread-locals.md")]
    struct ThreadLocals;
    #[doc = include_str!("../../../docs/trace.md")]
    struct Trace;
    #[doc = include_str!("../../../docs/replay.md")]
    struct Replay;
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../../../README.md")]
    struct Root;
}
