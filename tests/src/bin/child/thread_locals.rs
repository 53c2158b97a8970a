//! Programs of docs/thread-locals.md: what breaks when a goroutine changes its thread, and what does
//! not. Run with `GAGGLE_DEBUG=migrate=1`, where it changes at every switch point.

use crate::Program;
use crate::Start::Main;
use gaggle::sync::{BareMutex, WaitGroup};
use gaggle::{chan, local, runtime, scope, select, spawn, time};
use std::cell::{Cell, RefCell};
use std::io::{Write, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] = &[
    ("tl_every_switch_point", Main(every_switch_point)),
    ("tl_after_its_p_was_taken", Main(after_its_p_was_taken)),
    ("tl_a_remembered_address", Main(a_remembered_address)),
    ("tl_a_borrow", Main(a_borrow)),
    ("tl_a_lock_of_the_thread_s", Main(a_lock_of_the_thread_s)),
    ("tl_done_before", Main(done_before)),
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

/// Returns once that many goroutines wait.
fn wait_until_waiting(count: usize) {
    while runtime::metrics().waiting < count {
        runtime::gosched();
    }
}

/// A channel to range over.
fn one_value() -> gaggle::Chan<u32> {
    let c = chan(1);
    c.try_send(1).expect("there is room");
    c.close();
    c
}

/// Prints how often each kind of switch point moved the goroutine.
fn every_switch_point() {
    let (room, never) = (chan::<u32>(1), chan::<u32>(0));
    let mutex = BareMutex::new();
    let lock = || {
        mutex.lock();
        mutex.unlock();
    };
    let (ping, pong) = (chan::<u32>(0), chan::<u32>(0));
    let (theirs, answers) = (ping.clone(), pong.clone());
    gaggle::go(move || theirs.into_iter().for_each(|value| answers.send(value)));
    let waits = || {
        let wg = WaitGroup::new();
        wg.go(|| wait_until_waiting(2)); // one of us, and who answers
        wg.wait();
    };
    let counts = [
        moves(runtime::gosched),
        moves(|| room.send(room.try_recv().unwrap_or(1))), // never blocks
        moves(|| _ = (room.try_send(1), room.recv())),     // nor does this
        moves(lock),
        moves(|| time::sleep(Duration::from_micros(10))),
        moves(|| _ = spawn(|| ()).join()),
        moves(|| _ = (ping.send(1), pong.recv())),
        moves(|| {
            _ = room.try_send(1);
            select! { recv(room) -> _ => {}, recv(never) -> _ => {} } // never blocks
        }),
        moves(waits),
        moves(|| scope(|s| _ = s.spawn(|| ()))),
        moves(|| scope(|_| ())), // waits for nobody
        moves(|| for _ in &one_value() {}),
    ];
    println!("{counts:?}");
}

/// Danger 1: after a switch the function writes to the variable of the thread that it was on. Prints how often; where the
/// compiler does not optimise it looks anew each time.
fn a_remembered_address() {
    let serve = || {
        let mut wrong = 0;
        for _ in 0..ROUNDS {
            SERVED.with(|served| served.set(served.get() + 1));
            runtime::gosched();
            let place = SERVED.with(|served| core::ptr::from_ref(served).addr());
            wrong += usize::from(place != address());
        }
        wrong
    };
    let all: Vec<_> = (0..8).map(|_| spawn(serve)).collect();
    println!("{}", all.into_iter().map(|one| one.join().unwrap()).sum::<usize>());
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

/// What the kernel calls the thread that this goroutine is on.
#[inline(never)]
fn thread() -> u32 {
    // SAFETY: always answers.
    unsafe { libc::gettid() }.unsigned_abs()
}

const NOBODY: u32 = 0;
const TWO: u32 = u32::MAX;

/// Danger 3: the lock of the standard output belongs to a thread. One goroutine has it, and goes on elsewhere; another one that
/// comes to the thread finds it its own. Then it is unlocked by a thread that never had it.
fn a_lock_of_the_thread_s() {
    let holder = Arc::new(AtomicU32::new(NOBODY));
    let seen = Arc::clone(&holder);
    let holds = spawn(move || {
        let lock = stdout().lock();
        let home = thread();
        seen.store(home, Ordering::Release);
        while seen.load(Ordering::Acquire) != TWO || thread() == home {
            runtime::gosched();
        }
        drop(lock);
        thread() != home
    });
    let finds = spawn(move || {
        for _ in 0..100_000 {
            let home = holder.load(Ordering::Acquire);
            if home != NOBODY && home == thread() {
                drop(stdout().lock()); // does not wait, though somebody has it
                holder.store(TWO, Ordering::Release);
                return true;
            }
            runtime::gosched();
        }
        holder.store(TWO, Ordering::Release);
        false
    });
    let (finds, holds) = (finds.join().unwrap(), holds.join().unwrap());
    println!("{finds} {holds}");
}

#[inline(never)]
fn remember(names: [u32; 3]) {
    NAMES.with_borrow_mut(|all| *all = names.into());
}

#[inline(never)] // contains no switch point
fn names() -> Vec<u32> {
    NAMES.with_borrow(Vec::clone)
}

/// Sound: what a thread-local has is taken out, and what belongs to a thread is given back, before the goroutine switches.
fn done_before() {
    let prints = |first: u32| {
        move || {
            remember([first, first + 1, first + 2]); // no switch point until they are taken
            let (mut sum, mut out) = (0, stdout());
            for name in names() {
                sum += spawn(move || name).join().unwrap();
                writeln!(out, "{name}").unwrap(); // locked and unlocked within the statement
            }
            sum
        }
    };
    let all: Vec<_> = (0..4).map(|at| spawn(prints(at * 10))).collect();
    let sum: u32 = all.into_iter().map(|one| one.join().unwrap()).sum();
    println!("sum {sum}");
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
