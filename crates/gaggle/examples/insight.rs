//! What a program can tell of itself: a goroutine profile, a leak, a circle of locks.
//!
//! The first part is Go's `pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)`.

use gaggle::runtime::{gosched, leaks, pprof, waits};
use gaggle::sync::{Mutex, WaitGroup, lockorder};
use gaggle::{chan, go};
use std::sync::Arc;

fn expensive_compute() -> u32 {
    42
}

/// Leaks: nobody will ever receive.
fn forgets_to_receive() {
    let results = chan(0);
    go(move || results.send(expensive_compute()));
}

/// Two locks, taken in two orders.
fn crosses_locks() {
    let locks = Arc::new((Mutex::new(1), Mutex::new(2)));
    let (theirs, both) = (locks.clone(), WaitGroup::new());
    both.add(2);
    let done = both.clone();
    go(move || {
        let _first = locks.0.lock();
        done.done();
        done.wait();
        let _second = locks.1.lock();
    });
    go(move || {
        let _second = theirs.1.lock();
        both.done();
        both.wait();
        let _first = theirs.0.lock();
    });
}

#[gaggle::main]
unsafe fn main() -> std::io::Result<()> {
    lockorder::check();
    forgets_to_receive();
    crosses_locks();
    (0..1000).for_each(|_| gosched());
    println!("-- goroutines");
    pprof::lookup("goroutine").expect("it always exists").write_to(&mut std::io::stdout(), 1)?;
    println!("-- leaks");
    print!("{}", leaks());
    println!("-- waits");
    print!("{}", waits());
    Ok(())
}
