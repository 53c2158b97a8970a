//! Programs of docs/thread-locals.md: what breaks when a goroutine changes its thread, and what does
//! not. Run with `GAGGLE_DEBUG=migrate=1`, where it changes at every switch point.

use crate::Program;
use crate::Start::Main;
use gaggle::sync::BareMutex;
use gaggle::{chan, local, runtime, spawn, time};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] = &[
    ("tl_every_switch_point", Main(every_switch_point)),
    ("tl_after_its_p_was_taken", Main(after_its_p_was_taken)),
    ("tl_a_borrow", Main(a_borrow)),
    ("tl_a_function_of_its_own", Main(a_function_of_its_own)),
    ("tl_pinned", Main(pinned)),
    ("tl_goroutine_local", Main(goroutine_local)),
];

const ROUNDS: usize = 50;

thread_local! {
    static SERVED: Cell<u64> = const { Cell::new(0) };
    static NAMES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Where this thread's variable is. A function of its own is not enough here: it only computes, so
/// the compiler calls it once for two calls, but for the black box.
#[inline(never)]
fn address() -> usize {
    SERVED.with(|served| std::hint::black_box(core::ptr::from_ref(served).addr()))
}

/// How often an address taken before `switch` is another one's afterwards.
fn moves(mut switch: impl FnMut()) -> usize {
    let moved = |_: &usize| {
        let before = address();
        switch();
        before != address()
    };
    (0..ROUNDS).filter(moved).count()
}

/// Who computes for so long that its P is taken, for somebody who wants it now and then, has to find one at the next switch
/// point; others are idle.
fn after_its_p_was_taken() {
    let room = chan::<u32>(1);
    for _ in 0..8 {
        gaggle::go(|| {
            loop {
                time::sleep(Duration::from_micros(300));
            }
        });
    }
    let computes = || {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(4) {
            core::hint::spin_loop();
        }
    };
    let moved = moves(|| {
        computes();
        room.send(room.try_recv().unwrap_or(1)); // never blocks
    });
    println!("{moved}");
}

/// Prints how often each kind of switch point moved the goroutine.
fn every_switch_point() {
    let room = chan::<u32>(1);
    let mutex = BareMutex::new();
    let lock = || {
        mutex.lock();
        mutex.unlock();
    };
    let (ping, pong) = (chan::<u32>(0), chan::<u32>(0));
    let (theirs, answers) = (ping.clone(), pong.clone());
    gaggle::go(move || theirs.into_iter().for_each(|value| answers.send(value)));
    let counts = [
        moves(runtime::gosched),
        moves(|| room.send(room.try_recv().unwrap_or(1))), // never blocks
        moves(|| _ = (room.try_send(1), room.recv())),     // nor does this
        moves(lock),
        moves(|| time::sleep(Duration::from_micros(10))),
        moves(|| _ = spawn(|| ()).join()),
        moves(|| _ = (ping.send(1), pong.recv())),
    ];
    println!("{counts:?}");
}

/// Danger 2: the borrow goes on on another thread, and who stays finds the place borrowed.
fn a_borrow() {
    let borrow = || {
        NAMES.with_borrow_mut(|names| {
            names.push(1);
            runtime::gosched();
        });
    };
    let all: Vec<_> = (0..4).map(|_| spawn(borrow)).collect();
    let failed = all.into_iter().filter_map(|one| one.join().err()).count();
    println!("{}", failed > 0);
}

#[inline(never)]
fn count_one() -> usize {
    SERVED.with(|served| served.set(served.get() + 1));
    address()
}

/// Sound: counts per thread, and no count is lost.
fn a_function_of_its_own() {
    let counts = || {
        (0..ROUNDS)
            .map(|_| {
                let place = count_one();
                runtime::gosched();
                place
            })
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = (0..4).map(|_| spawn(counts)).collect();
    let mut places: Vec<usize> = all.into_iter().flat_map(|one| one.join().unwrap()).collect();
    println!("{}", places.len());
    places.sort_unstable();
    places.dedup();
    println!("{}", places.len() > 1);
}

/// Sound: it does not move.
fn pinned() {
    let moved = runtime::pin(|| moves(runtime::gosched));
    runtime::lock_os_thread();
    let locked = moves(|| time::sleep(Duration::from_micros(10)));
    runtime::unlock_os_thread();
    println!("{moved} {locked} {}", moves(runtime::gosched));
}

local! {
    static MINE: Cell<u64> = Cell::new(0);
    static DROPPED: Says = Says;
}

struct Says;

impl Drop for Says {
    fn drop(&mut self) {
        MINE.with(|mine| println!("dropped with {}", mine.get()));
    }
}

/// Sound: it goes along. It is dropped with its goroutine, and destructors may use others.
fn goroutine_local() {
    let counts = |add: u64| {
        move || {
            DROPPED.with(|_| ());
            for round in 0..ROUNDS as u64 {
                MINE.with(|mine| {
                    assert_eq!(mine.get(), round * add);
                    runtime::gosched(); // the value stays this goroutine's
                    mine.set(mine.get() + add);
                });
            }
            MINE.with(Cell::get)
        }
    };
    let all: Vec<_> = (1..=3).map(|add| spawn(counts(add))).collect();
    let sums: Vec<u64> = all.into_iter().map(|one| one.join().unwrap()).collect();
    MINE.with(|mine| println!("{sums:?} {}", mine.get()));
    let on_a_thread = std::thread::spawn(|| MINE.with(|mine| mine.replace(7) + mine.get()));
    println!("{}", on_a_thread.join().unwrap());
    time::sleep(Duration::from_millis(50)); // the last of them drops its values
}
