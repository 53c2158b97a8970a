//! What it is to be a G, to wait and to be ready. The one place where waiting and running meet.
//!
//! The whole system is four sentences: *a G runs until it waits; waiting is a node in somebody's
//! line; whoever makes the wait over takes the node out, then hands the G to its host; the host
//! runs it again.*
//!
//! | word | here |
//! |---|---|
//! | G | [`G`], a header inside the host's own struct, reached by [`GRef`] |
//! | to wait | [`Section::park`], [`Section::park_until`] |
//! | to be ready | [`Section::ready`] |
//! | who runs a G | its [`Host`]: the scheduler, or a plain OS thread ([`thread`]) |
//! | the runtime's own code | between [`enter`] and the drop of its [`Section`] |
//!
//! A thread that never was a goroutine gets a thread-backed G the first time it asks, so
//! everything above this crate works on plain threads, with no scheduler in the build.
//!
//! # A seam
//!
//! Who may ready a G, claim its wait or link it into a list follows from the protocols of the crates above, not from types:
//! to ready one that stands in somebody else's line takes the memory away that the line still points to. This crate is for
//! who writes such a line; programs use those that are there (`gaggle-hchan`, `gaggle-sync`, `gaggle-runtime`).
//!
//! # Examples
//!
//! One thread waits for another, with nothing but a lock and a G:
//!
//! ```
//! use gaggle_gopark::{self as gopark, Commit, GRef, WaitReason};
//! use gaggle_lock::{Mutex, Rank};
//! static WAITER: Mutex<Option<GRef>> = Mutex::new(Rank::Sema, None);
//!
//! let helper = std::thread::spawn(|| {
//!     loop {
//!         let mut section = gopark::enter();
//!         let waiter = WAITER.lock().take();
//!         if let Some(g) = waiter {
//!             section.ready(g);
//!             break;
//!         }
//!         drop(section);
//!         std::thread::yield_now();
//!     }
//! });
//! let mut section = gopark::enter();
//! let mut line = WAITER.lock();
//! *line = Some(section.current());
//! section.park(WaitReason::Semacquire, Commit::unlock(line)); // the guard travels into the park
//! drop(section);
//! helper.join().unwrap();
//! ```

mod bubble;
mod chance;
mod clock;
mod g;
mod goexit;
mod host;
mod instant;
mod interrupt;
mod list;
mod park;
mod patience;
mod reason;
mod seat;
mod section;
mod status;
mod sys;
mod task;
mod tell;
pub mod thread;
mod wait;

pub use bubble::{NO_BUBBLE, any_bubbles, bubble, have_bubbles, now};
pub use chance::{draw, forget_choices, is_seeded, random, seed_choices, unseed_choices};
pub use clock::{coarse_now, set_coarse_now};
pub use g::{G, GRef};
pub use goexit::Goexit;
pub use host::{Host, Parking, Spawner, set_spawner};
pub use instant::{base as instant_base, instant_at, instant_now};
pub use interrupt::{Interrupt, interruptible};
pub use list::GQueue;
pub use park::{Commit, Committed, Wake};
pub use reason::WaitReason;
pub use seat::{Granted, Look, MState, MWord, Seat, SeatKind};
pub use section::{
    Section, current, enter, enter_timed, in_machine_section, in_section, seat_in_handler, sit,
    spawn, switch_point,
};
pub use status::{Status, StatusLook, StatusWord};
pub use task::{Task, TaskPlace};
pub use tell::{Teller, set_teller, tell};
pub use wait::{Claim, Ticket, WaitWord};
