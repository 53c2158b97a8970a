//! Nothing is allocated or freed inside a runtime section (DESIGN 3, PREEMPTION "Discipline").
//!
//! A goroutine may be stopped inside `malloc`; a section that then needs it would hang the
//! program. The allocator of this binary counts every call made by an M inside a section.
//!
//! *By The Real Clock*: the heaps of real timers are to be seen without an allocation.

use gaggle::context::{self, LockCtx as _};
use gaggle::sync::atomic::Pointer;
use gaggle::sync::{Cond, Map, Mutex, Pool, RwMutex, WaitGroup};
use gaggle::{Chan, chan, go, runtime, select, time};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

struct Watching;

static VIOLATIONS: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

fn look() {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let first =
        gaggle_gopark::in_machine_section() && VIOLATIONS.fetch_add(1, Ordering::Relaxed) == 0;
    if first && std::env::var_os("GAGGLE_ABORT").is_some() {
        std::process::abort(); // for a debugger: the first one, where it stands
    }
}

// SAFETY: passes every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        look();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        look();
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn channels(wg: &WaitGroup) {
    let (a, b): (Chan<Vec<u8>>, Chan<Vec<u8>>) = (chan(0), chan(7));
    for _ in 0..8 {
        let (a, b) = (a.clone(), b.clone());
        wg.go(move || {
            for at in 0..200 {
                if at % 2 == 0 { a.send(vec![1; at]) } else { b.send(vec![2; at]) }
            }
        });
    }
    for _ in 0..8 * 200 {
        select! {
            recv(a) -> v => drop(v),
            recv(b) -> v => drop(v),
        }
    }
    b.send(vec![3]);
    a.close();
    b.close();
}

fn clocks(wg: &WaitGroup) {
    for at in 0..20 {
        let never: Chan<String> = chan(0);
        wg.go(move || {
            time::sleep(Duration::from_micros(100 * at));
            assert!(never.recv_timeout(Duration::from_millis(1)).is_err());
            assert!(never.send_timeout("lost".into(), Duration::from_millis(1)).is_err());
            let tick = time::after(Duration::from_micros(50));
            assert!(tick.recv().is_some());
        });
    }
}

fn locks(wg: &WaitGroup) {
    let shared = Arc::new(Mutex::new(Vec::new()));
    for at in 0..20 {
        let shared = Arc::clone(&shared);
        wg.go(move || {
            for _ in 0..50 {
                let mut list = shared.lock();
                list.push(at);
                runtime::gosched();
            }
        });
    }
}

/// What the rest of package sync has in its hands inside sections: values that own memory.
struct Owners {
    table: RwMutex<Vec<usize>>,
    changed: Cond,
    pool: Pool<Vec<u8>>,
    map: Map<usize, Vec<usize>, BadHash>,
    latest: Pointer<Vec<usize>>,
}

/// Every key comes to the same bin, which grows.
#[derive(Default)]
struct BadHash;

impl std::hash::BuildHasher for BadHash {
    type Hasher = BadHash;

    fn build_hasher(&self) -> BadHash {
        BadHash
    }
}

impl std::hash::Hasher for BadHash {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, _: &[u8]) {}
}

impl Owners {
    fn use_all(&self, at: usize) {
        for turn in 0..50 {
            self.table.write().push(at);
            self.changed.wait_timeout(&mut self.table.read(), Duration::from_micros(20));
            self.changed.broadcast();
            assert!(
                self.table.try_read_for(Duration::from_micros(20)).is_none_or(|t| !t.is_empty())
            );
            let taken: Vec<_> = (0..20).map(|_| self.pool.get()).collect();
            taken.into_iter().for_each(|item| self.pool.put(item));
            self.map.store(at + turn % 7, vec![turn]);
            self.map.range(|key, value| *key < 100 && value.len() == 1);
            self.map.delete(&(at + turn % 3));
            self.latest.store(Some(Arc::new(vec![turn])));
            assert!(self.latest.load().is_some());
            if turn % 10 == 0 {
                self.pool.tick();
                runtime::gosched();
            }
        }
    }
}

fn owners(wg: &WaitGroup) {
    let shared = Arc::new(Owners {
        table: RwMutex::default(),
        changed: Cond::new(),
        pool: Pool::new(|| vec![1; 100]),
        map: Map::with_hasher(BadHash),
        latest: Pointer::null(),
    });
    for at in 0..20 {
        let shared = Arc::clone(&shared);
        wg.go(move || shared.use_all(at));
    }
}

/// Contexts own memory, and are freed while others walk their tree.
fn contexts(wg: &WaitGroup) {
    let (root, cancel) = context::with_cancel_cause(&context::background());
    let lock = Arc::new(Mutex::new(()));
    for at in 0..20_u64 {
        let (root, lock) = (root.clone(), Arc::clone(&lock));
        wg.go(move || {
            for turn in 0..50 {
                let soon = Duration::from_micros(20 * at);
                let (child, cancel) = context::with_timeout(&root, soon);
                let (kept, calls) = (vec![turn], chan(1));
                let _stop = context::after_func(&child, move || calls.send(kept.len()));
                let held = lock.lock_ctx(&child);
                let _ = context::sleep(&child, Duration::from_micros(10));
                drop(held);
                match turn % 3 {
                    0 => cancel.cancel(),
                    1 => drop(child),
                    _ => assert!(child.done().recv().is_none()),
                }
            }
        });
    }
    wg.go(move || {
        time::sleep(Duration::from_millis(1));
        cancel.cancel(Some(context::Error::new("over")));
    });
}

fn births(wg: &WaitGroup) {
    for _ in 0..2000 {
        let wg = wg.clone();
        wg.add(1);
        go(move || wg.done());
    }
}

#[test]
fn sections_never_allocate_and_the_hook_would_see_it() {
    // SAFETY: the test keeps no thread-local across a switch.
    unsafe {
        gaggle::run(|| {
            for procs in [1, 2, 4, 1] {
                runtime::gomaxprocs(procs);
                let wg = WaitGroup::new();
                channels(&wg);
                clocks(&wg);
                locks(&wg);
                owners(&wg);
                contexts(&wg);
                births(&wg);
                wg.wait();
            }
        });
    }
    assert!(CALLS.load(Ordering::Relaxed) > 1000, "the hook is not in place");
    assert_eq!(VIOLATIONS.load(Ordering::Relaxed), 0, "GAGGLE_ABORT=1 stops at the first");

    // The negative control: one allocation inside a section, on purpose.
    // SAFETY: as above.
    unsafe {
        gaggle::run(|| {
            let section = gaggle_gopark::enter();
            let forbidden = std::hint::black_box(Box::new(1));
            drop(section);
            drop(forbidden);
        });
    }
    assert_eq!(VIOLATIONS.load(Ordering::Relaxed), 1, "the hook does not see a violation");
}
