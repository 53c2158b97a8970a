//! Programs of Go's runtime/testdata/testprog, by hand, as far as Rust has what they are about
//! (SEMANTICS B5-B11, AA).

use crate::Program;
use crate::Start::Main;
use gaggle::{chan, go, runtime, spawn, time};
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::panic::{catch_unwind, panic_any};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("go_no_helper_goroutines", Main(no_helper_goroutines)),
    ("go_error_yields", Main(|| panic_any(boxed(Yields)))),
    ("go_error_prints", Main(|| panic_any(boxed(Prints)))),
    ("go_error_waits", Main(|| panic_any(boxed(Waits)))),
    ("go_error_panics", Main(|| panic_any(boxed(Panics)))),
    ("go_error_panics_in_spawn", Main(error_panics_in_spawn)),
    ("go_goexit_in_panic", Main(goexit_in_panic)),
    ("go_recovered_panic_after_goexit", Main(recovered_panic_after_goexit)),
    ("go_elision", Main(elision)),
    ("go_parents", Main(parents)),
    ("go_goexit_in_locals", Main(goexit_in_locals)),
    ("go_goexit_while_others_join", Main(goexit_while_others_join)),
];

/// NoHelperGoroutines.
fn no_helper_goroutines() {
    let _never = time::after_func(Duration::from_secs(3600), || ());
    time::sleep(Duration::from_millis(1));
    panic!("oops");
}

fn boxed(error: impl Error + Send + Sync + 'static) -> Box<dyn Error + Send + Sync> {
    Box::new(error)
}

macro_rules! errors {
    ($($name:ident => $body:expr;)*) => {
        $(#[derive(Debug)]
        struct $name;

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                ($body)(f)
            }
        }

        impl Error for $name {})*
    };
}

errors! {
    // GoschedInPanic.
    Yields => |f: &mut fmt::Formatter<'_>| {
        runtime::gosched();
        f.write_str("errorThatGosched")
    };
    // SyscallInPanic.
    Prints => |f: &mut fmt::Formatter<'_>| {
        prints();
        f.write_str("3")
    };
    Waits => |f: &mut fmt::Formatter<'_>| {
        let c = chan::<u32>(0);
        let theirs = c.clone();
        go(move || theirs.send(4));
        write!(f, "waited for {:?}", c.recv())
    };
    // PanicLoop.
    Panics => |_: &mut fmt::Formatter<'_>| panic!("inside the words");
}

fn prints() {
    println!("1");
    eprintln!("2");
}

/// Who joins sees the panic, and its words are nobody's business until then.
fn error_panics_in_spawn() {
    let end = spawn(|| panic_any(boxed(Panics))).join();
    println!("{}", end.is_err());
}

struct Exits;

impl Drop for Exits {
    fn drop(&mut self) {
        runtime::goexit();
    }
}

/// GoexitInPanic.
fn goexit_in_panic() {
    go(|| {
        let _exits = Exits;
        panic!("hello");
    });
    runtime::goexit();
}

struct PanicsAndCatches;

impl Drop for PanicsAndCatches {
    fn drop(&mut self) {
        let caught = catch_unwind(|| panic!("foo"));
        println!("{}", caught.is_err());
    }
}

/// RecoveredPanicAfterGoexit.
fn recovered_panic_after_goexit() {
    let _catches = PanicsAndCatches;
    runtime::goexit();
}

#[inline(never)]
fn deeper(n: u32, c: &gaggle::Chan<()>) -> u32 {
    if black_box(n) == 0 {
        READY.fetch_add(1, Ordering::AcqRel);
        c.recv();
        return 0;
    }
    deeper(n - 1, c) + black_box(1)
}

static READY: AtomicU32 = AtomicU32::new(0);

fn wait_until_ready(count: u32) {
    while READY.load(Ordering::Acquire) < count {
        time::sleep(Duration::from_millis(1));
    }
    time::sleep(Duration::from_millis(20));
}

/// Has a name of its own in optimised builds, where a closure has none.
#[inline(never)]
fn elision_of(depth: u32, c: &gaggle::Chan<()>) {
    black_box(deeper(depth, c));
}

/// TestTracebackElision: recursions of several depths, parked at their bottom.
fn elision() {
    let c = chan::<()>(0);
    for (at, depth) in [10, 90, 96, 97, 98, 99, 100, 101, 102, 150, 400].into_iter().enumerate() {
        let c = c.clone();
        go(move || elision_of(depth, &c));
        wait_until_ready(at as u32 + 1); // so their numbers are in order
    }
    print!("{}", runtime::stack(true));
}

#[inline(never)]
fn child_of(n: u32, c: gaggle::Chan<()>) {
    READY.fetch_add(1, Ordering::AcqRel);
    if n > 0 {
        let theirs = c.clone();
        go(move || child_of(n - 1, theirs));
    }
    c.recv();
    crate::not_last();
}

/// TestTracebackParentChildGoroutines, over four generations.
fn parents() {
    runtime::gomaxprocs(1);
    let c = chan::<()>(0);
    let theirs = c.clone();
    go(move || child_of(3, theirs));
    wait_until_ready(4);
    print!("{}", runtime::stack(true));
}

struct Leaves;

impl Drop for Leaves {
    fn drop(&mut self) {
        COUNT.with(|count| count.set(77));
        runtime::goexit();
    }
}

gaggle::local! {
    static COUNT: Cell<u32> = Cell::new(0);
    static LEAVES: Cell<Option<Leaves>> = Cell::new(None);
}

/// The destructor of a goroutine-local value makes another one, and leaves by goexit.
fn goexit_in_locals() {
    runtime::gomaxprocs(1);
    let mut seen = 0;
    for _ in 0..100 {
        _ = spawn(|| LEAVES.with(|place| place.set(Some(Leaves)))).join();
        seen += spawn(|| COUNT.with(Cell::get)).join().unwrap_or(0);
    }
    println!("{seen}");
}

/// Main exits; the others join each other and end.
fn goexit_while_others_join() {
    go(|| {
        let sum: u32 = (1..=3).map(|n| spawn(move || n).join().unwrap_or(0)).sum();
        println!("{sum}");
    });
    runtime::goexit();
}
