//! Valgrind's memcheck knows the stacks of goroutines: a program of goroutines has no error, and a mistake on one is found.
//!
//! The programs are tests that are ignored; the others run them, this binary once more, under valgrind. Without it on the
//! machine they say so and prove nothing.

use gaggle::sync::{Mutex, WaitGroup};
use gaggle::{chan, go, select};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

/// The exit code that stands for an error of memcheck's.
const ERROR: i32 = 99;

/// Runs the ignored test of that name; nothing, and why, where it cannot be.
fn under_valgrind(program: &str) -> Option<Output> {
    if gaggle_coro::sanitizer::ON {
        eprintln!("not run: built with a sanitizer, which valgrind cannot run");
        return None;
    }
    let this = std::env::current_exe().expect("it runs");
    let mut command = Command::new("valgrind");
    command.args(["-q", &format!("--error-exitcode={ERROR}")]).arg(this);
    command.args(["--ignored", "--exact", "--nocapture", program]).env("GOMAXPROCS", "2");
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("not run: valgrind: {error}");
            None
        }
    }
}

fn on_goroutine(main: fn()) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle::run(main) };
}

#[test]
fn a_program_of_goroutines_has_no_error() {
    let Some(output) = under_valgrind("goroutines") else { return };
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), words.contains("==")), (Some(0), false), "{words}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
fn a_mistake_on_a_goroutine_is_found_where_it_is() {
    let Some(output) = under_valgrind("mistaken") else { return };
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(ERROR), "{words}");
    assert!(words.contains("Invalid read of size 8") && words.contains("free'd"), "{words}");
    assert!(words.contains("valgrind::read_what_is_freed"), "{words}");
}

/// Every way from one stack to another: waiting, waking, yielding, ending, unwinding; stacks that are used again and that grow.
#[test]
#[ignore = "a program for valgrind"]
fn goroutines() {
    on_goroutine(|| {
        let (values, done) = (chan::<u64>(0), chan::<()>(1));
        let (sum, group) = (Arc::new(Mutex::new(0)), WaitGroup::new());
        for number in 0..20 {
            let (values, sum) = (values.clone(), Arc::clone(&sum));
            group.go(move || {
                values.send(deep(number));
                gaggle::runtime::gosched();
                *sum.lock() += number;
            });
        }
        let (theirs, end) = (values.clone(), done.clone());
        go(move || {
            (0..20).for_each(|_| _ = theirs.recv());
            end.send(());
        });
        group.wait();
        let late = gaggle::time::after(Duration::from_secs(3600));
        select! { recv(done) -> _ => {}, recv(late) -> _ => panic!("an hour has passed") }
        assert_eq!(*sum.lock(), 190);
        assert!(gaggle::spawn(|| panic!("caught")).join().is_err());
        gaggle::time::sleep(Duration::from_millis(1));
        for _ in 0..50 {
            go(|| {}); // on a stack that was used
        }
    });
}

/// Frames that are come back from, with something in each.
fn deep(number: u64) -> u64 {
    let frame = std::hint::black_box([number; 64]);
    if number == 0 { 0 } else { deep(number - 1) + frame[1] - frame[63] + 1 }
}

#[test]
#[ignore = "a program for valgrind, with a mistake"]
fn mistaken() {
    on_goroutine(|| {
        let done = chan::<u64>(0);
        let theirs = done.clone();
        go(move || theirs.send(read_what_is_freed()));
        done.recv();
    });
}

#[inline(never)]
fn read_what_is_freed() -> u64 {
    let place = Box::into_raw(Box::new(42_u64));
    // SAFETY: from `into_raw`.
    drop(unsafe { Box::from_raw(place) });
    // SAFETY: none: this is the mistake, and nobody uses what is read.
    unsafe { place.read_volatile() }
}
