//! A host on which the clock ends a wait before its commit runs, as may happen on a scheduler: the
//! commit runs on another thread then, while the parker goes on.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.
#![cfg(not(loom))]

use gaggle_gopark::{
    self as gopark, Claim, Commit, Committed, G, GRef, Host, Interrupt, Parking, Seat, SeatKind,
    Section, Status, WaitReason, Wake, sit,
};
use gaggle_lock::{Mutex, Rank};
use std::hint::black_box;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

static HOST: Host = Host {
    name: "late",
    park,
    ready: |_, g| g.status().ready(),
    has_timer_room: |_| true,
    now: |_| gaggle_lock::nanotime(),
    ..Host::NOBODY
};

struct Sent<T>(T);

// SAFETY: a commit may run on the thread that the host chooses.
unsafe impl<T> Send for Sent<T> {}

static LATE: Mutex<Option<JoinHandle<Committed>>> = Mutex::new(Rank::Leaf, None);

/// The clock comes at once; the commit, a while later.
fn park(section: &mut Section, parking: Parking) {
    let g = section.current();
    g.status().park();
    let (ticket, _) = parking.deadline.expect("a deadline");
    assert!(g.wait().claim(ticket, Claim::TimeOut));
    let commit = Sent(parking.commit);
    let late = spawn(move || {
        #[expect(clippy::disallowed_methods, reason = "a thread that comes late")]
        std::thread::sleep(Duration::from_millis(100));
        let Sent(commit) = { commit };
        // SAFETY: once, after the G was `Waiting`.
        unsafe { commit.run() }
    });
    *LATE.lock() = Some(late);
    g.status().resume();
}

static RAN: AtomicU32 = AtomicU32::new(0);

fn count(_: *const ()) -> Committed {
    RAN.fetch_add(1, Ordering::AcqRel);
    Committed::Stay
}

/// Overwrites what frames have left below this one.
#[inline(never)]
fn scribble() -> u8 {
    black_box([0xa5_u8; 4096])[black_box(7)]
}

fn one_wait() -> Wake {
    let interrupt = Box::new(Interrupt::new());
    let wake = gopark::interruptible(&interrupt, || {
        let mut section = gopark::enter_timed();
        let ticket = section.current().wait().open();
        // SAFETY: `count` may be called at any time.
        let commit = unsafe { Commit::new(count, std::ptr::null()) };
        section.park_until(WaitReason::Sleep, commit, ticket, 1)
    });
    drop(interrupt);
    wake
}

/// The parts of that commit lie on the parker's stack, and the interrupt is the parker's. (It crashed, or
/// ran into nowhere: the parker had left the frame.)
#[test]
fn who_is_woken_by_the_clock_waits_until_its_commit_needs_its_frame_no_more() {
    let seat: &Seat = Box::leak(Box::new(Seat::new(SeatKind::Thread)));
    let g: &G = Box::leak(Box::new(G::new(&HOST, Status::Running)));
    // SAFETY: leaked; used as a header only.
    seat.set_g(Some(unsafe { GRef::new(NonNull::from(g)) }));
    // SAFETY: leaked; no section is open here, and nobody else sits there.
    unsafe { sit(seat) };
    for round in 1..=3 {
        assert_eq!(one_wait(), Wake::TimedOut);
        assert_eq!(scribble(), 0xa5);
        let late = LATE.lock().take();
        assert_eq!(late.expect("parked").join().unwrap(), Committed::Stay);
        assert_eq!(RAN.load(Ordering::Acquire), round);
    }
    // SAFETY: no section is open.
    unsafe { sit(std::ptr::null()) };
}
