//! No operation on a channel allocates on a goroutine, also when it waits, once everything that is kept was made
//! (DESIGN 6). `hchan/tests/no_alloc.rs` says the same of plain threads.
//!
//! The allocator of this binary counts what all Ms take; whoever makes new Ms is none.
//!
//! *By The Real Clock*: a time limit that is not reached is a wait as others are.

#[path = "../../crates/hchan/tests/common/sixteen.rs"]
mod sixteen;
#[path = "sched/watchdog.rs"]
mod watchdog;

use gaggle::{Chan, chan, runtime, select, spawn};
use sixteen::{select_of_all, serve, sixteen};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // `in_section` is true of every other thread.
        if !gaggle_gopark::in_section() || gaggle_gopark::in_machine_section() {
            TAKEN.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: u64 = 1600;
const MINUTE: Duration = Duration::from_secs(60);

/// What goroutines take in the second turn of `work`.
fn taken(work: &mut dyn FnMut()) -> usize {
    work();
    let before = TAKEN.load(Ordering::Relaxed);
    work();
    TAKEN.load(Ordering::Relaxed) - before
}

/// What `mine` and `theirs` take, a pair of goroutines that meet in each round. The second begins its next round
/// or waits when the first is done: it is not born and does not end while we count.
fn both_take(mut mine: impl FnMut(u64), mut theirs: impl FnMut(u64) + Send + 'static) -> usize {
    let more: Chan<()> = chan(0);
    let turns = more.clone();
    let partner = spawn(move || {
        while turns.recv().is_some() {
            (0..ROUNDS).for_each(&mut theirs);
        }
    });
    let taken = taken(&mut || {
        more.send(());
        (0..ROUNDS).for_each(&mut mine);
    });
    more.close();
    partner.join().expect("it ends");
    taken
}

/// Who finds what it looks for.
fn nobody_waits() -> usize {
    let (c, idle) = (chan::<u64>(4), chan::<u64>(0));
    taken(&mut || {
        for i in 0..ROUNDS {
            c.send(i);
            assert_eq!(c.recv(), Some(i));
            assert!(c.try_send(i).is_ok() && c.try_recv() == Ok(i));
            assert!(idle.try_send(i).is_err() && idle.try_recv().is_err());
            select! { send(c, i) => {}, recv(idle) -> _ => {} }
            select! { recv(c) -> v => assert_eq!(v, Some(i)), send(idle, i) => {} }
            select! { recv(idle) -> _ => {}, send(idle, i) => {}, default => {} }
        }
    })
}

/// There and back: each waits for the other.
fn there_and_back(cap: usize) -> usize {
    let (c, d, idle) = (chan::<u64>(cap), chan::<u64>(cap), chan::<u64>(0));
    let (c2, d2, idle2) = (c.clone(), d.clone(), idle.clone());
    let mine = move |i| {
        if i % 2 == 0 {
            c.send(i);
            assert_eq!(d.recv(), Some(i));
        } else {
            select! { send(c, i) => {}, send(idle, i) => {} }
            select! { recv(d) -> v => assert_eq!(v, Some(i)), recv(idle) -> _ => {} }
        }
    };
    let theirs = move |i| {
        let v = match i % 3 {
            0 => c2.recv(),
            _ => select! { recv(c2) -> v => v, recv(idle2) -> v => v },
        };
        d2.send(v.expect("it is open"));
    };
    both_take(mine, theirs)
}

/// The same with a time limit that is not reached: each P makes room for timers once, wherever its first one is.
fn there_and_back_in_time(cap: usize) -> usize {
    let (c, d) = (chan::<u64>(cap), chan::<u64>(cap));
    let (c2, d2) = (c.clone(), d.clone());
    let mine = move |i| {
        assert!(c.send_timeout(i, MINUTE).is_ok());
        assert_eq!(d.recv_timeout(MINUTE), Ok(i));
    };
    both_take(mine, move |_| d2.send(c2.recv().expect("it is open")))
}

/// One way only: who sends finds the buffer full.
fn a_stream(cap: usize) -> usize {
    let c = chan::<u64>(cap);
    let d = c.clone();
    both_take(move |i| c.send(i), move |i| assert_eq!(d.recv(), Some(i)))
}

/// A select of sixteen that is served only once it waits.
fn a_wait_for_sixteen() -> usize {
    let all = sixteen();
    let theirs = all.clone();
    let mine = move |i| assert_eq!(select_of_all(&all, i), i % 16);
    both_take(mine, move |i| serve(&theirs, i % 16, runtime::gosched))
}

#[test]
fn operations_on_goroutines_do_not_allocate_and_the_hook_would_see_it() {
    let _watched = watchdog::watch(std::panic::Location::caller());
    let on_each = || {
        for procs in [1, 2, 4] {
            runtime::gomaxprocs(procs);
            assert_eq!(nobody_waits(), 0, "nobody waits, {procs} Ps");
            for cap in [0, 1, 4] {
                assert_eq!(there_and_back(cap), 0, "there and back by {cap}, {procs} Ps");
                assert_eq!(a_stream(cap), 0, "a stream by {cap}, {procs} Ps");
                let taken = there_and_back_in_time(cap);
                assert!(taken <= procs, "in time by {cap}, {procs} Ps: {taken}");
            }
            assert_eq!(a_wait_for_sixteen(), 0, "sixteen cases, {procs} Ps");
        }
        assert_eq!(taken(&mut || drop(std::hint::black_box(Box::new(1)))), 1);
    };
    // SAFETY: nothing here keeps a thread-local across a switch.
    unsafe { gaggle::run(on_each) };
}
