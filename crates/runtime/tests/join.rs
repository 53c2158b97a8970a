//! `spawn` and its handle: results, panics, goexits, and handles nobody joins.

mod face;

use face::{HUNG, in_child, on_main, yield_until};
use gaggle_runtime::{JoinHandle, Panic, go, goexit, gosched, spawn};
use std::future::Future;
use std::panic::catch_unwind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};

#[test]
fn join_returns_what_the_function_returned() {
    assert_eq!(on_main(|| spawn(|| String::from("value")).join().unwrap()), "value");
}

#[test]
fn a_plain_thread_may_join() {
    let handle = on_main(|| {
        spawn(|| {
            for _ in 0..100 {
                gosched();
            }
            7
        })
    });
    assert_eq!(handle.join().unwrap(), 7);
}

#[test]
fn many_goroutines_join_each_their_own_child() {
    let sum = on_main(|| {
        let tree =
            |seed: u64| move || (0..10).map(|i| spawn(move || seed * i).join().unwrap()).sum();
        let roots: Vec<JoinHandle<u64>> = (1..=20).map(|seed| spawn(tree(seed))).collect();
        roots.into_iter().map(|root| root.join().unwrap()).sum::<u64>()
    });
    assert_eq!(sum, 45 * 210);
}

#[test]
fn join_of_one_that_has_ended_does_not_wait() {
    on_main(|| {
        let handle = spawn(|| 1);
        yield_until(|| handle.is_finished());
        assert_eq!(handle.join().unwrap(), 1);
    });
}

#[test]
fn is_finished_is_false_while_it_runs() {
    let go_on = Arc::new(AtomicBool::new(false));
    let gate = Arc::clone(&go_on);
    on_main(move || {
        // Acquire: pairs with the Release below.
        let handle = spawn(move || yield_until(|| gate.load(Ordering::Acquire)));
        assert!(!handle.is_finished());
        // Release: pairs with the Acquire above.
        go_on.store(true, Ordering::Release);
        handle.join().unwrap();
    });
}

fn end_of<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Panic {
    match on_main(|| spawn(f).join()) {
        Ok(_) => panic!("it returned"),
        Err(panic) => panic,
    }
}

#[test]
fn join_returns_the_panic_with_its_text() {
    let n = 3;
    let panic = end_of(move || panic!("formatted {n}"));
    assert_eq!(panic.message(), "formatted 3");
    assert_eq!(panic.to_string(), "goroutine panicked: formatted 3");
    assert_eq!(format!("{panic:?}"), "Panic(\"formatted 3\")");
    assert!(!panic.is_goexit());
    assert_eq!(*panic.into_payload().downcast::<String>().unwrap(), "formatted 3");
    assert_eq!(end_of(|| panic!("literal")).message(), "literal");
}

#[test]
fn a_payload_that_is_no_text_comes_through_whole() {
    let panic = end_of(|| std::panic::panic_any(41_u8));
    assert_eq!(panic.message(), "Box<dyn Any>");
    assert_eq!(*panic.into_payload().downcast::<u8>().unwrap(), 41);
}

#[test]
fn resume_panics_with_the_same_payload() {
    let panic = end_of(|| std::panic::panic_any(42_u8));
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panic.resume()));
    assert_eq!(*again.unwrap_err().downcast::<u8>().unwrap(), 42);
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        // Relaxed: read after a join.
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_goexit_runs_destructors_and_is_told_to_who_joins() {
    // SEMANTICS B5.
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = CountDrop(Arc::clone(&drops));
    let panic = end_of(move || {
        let _guard = guard;
        goexit()
    });
    assert!(panic.is_goexit());
    assert_eq!(panic.message(), "runtime.Goexit was called");
    assert_eq!(panic.to_string(), "runtime.Goexit was called");
    // Relaxed: the join ordered it.
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn a_goexit_of_a_goroutine_without_handle_disturbs_nobody() {
    // SEMANTICS B5.
    let (sender, receiver) = mpsc::channel();
    on_main(move || {
        go(move || {
            let _sender = sender;
            goexit()
        });
    });
    assert_eq!(receiver.recv(), Err::<(), _>(mpsc::RecvError));
}

/// SEMANTICS B5, B8: whoever catches a goexit and does not know it goes on with it.
#[test]
fn a_goexit_that_is_caught_and_dropped_goes_on() {
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = CountDrop(Arc::clone(&drops));
    let panic = end_of(move || {
        let _guard = guard;
        let outer = catch_unwind(|| {
            drop(catch_unwind(|| goexit()));
            "the inner one was stopped"
        });
        assert!(outer.is_err());
        let kept = vec![outer, Ok("another")]; // dropped at the end of its scope
        gosched();
        drop(kept);
        "the outer one was stopped"
    });
    assert!(panic.is_goexit());
    // Relaxed: the join ordered it.
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

/// A token belongs to one goroutine: on another one, and on a thread, it is a value.
#[test]
fn a_goexit_s_token_ends_nobody_else() {
    let token = end_of_catching();
    assert!(std::thread::spawn(move || drop(token)).join().is_ok());
    let token = end_of_catching();
    assert!(on_main(|| spawn(move || drop(token)).join().is_ok()));
}

/// What a goroutine caught of its own goexit and gave away.
fn end_of_catching() -> Box<dyn std::any::Any + Send> {
    on_main(|| spawn(|| catch_unwind(|| goexit()).unwrap_err()).join().unwrap())
}

/// A goexit that meets a panic on its way leaves it alone (SEMANTICS B8).
#[test]
fn a_token_that_is_dropped_by_a_panic_does_not_abort() {
    let panic = end_of(|| {
        let _token = catch_unwind(|| goexit());
        panic!("later")
    });
    assert_eq!(panic.message(), "later");
}

#[test]
fn the_result_of_a_dropped_handle_is_dropped_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (early, late) = (CountDrop(Arc::clone(&drops)), CountDrop(Arc::clone(&drops)));
    let seen = Arc::clone(&drops);
    on_main(move || {
        let ended = spawn(move || early);
        yield_until(|| ended.is_finished());
        drop(ended);
        drop(spawn(move || late));
        // Relaxed: only counts.
        yield_until(|| seen.load(Ordering::Relaxed) == 2);
    });
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        // Release: pairs with the Acquire in `a_handle_is_a_future`.
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn a_handle_is_a_future() {
    on_main(|| {
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        let go_on = Arc::new(AtomicBool::new(false));
        let gate = Arc::clone(&go_on);
        // Acquire: pairs with the Release below.
        let mut handle = pin!(spawn(move || yield_until(|| gate.load(Ordering::Acquire))));
        assert!(handle.as_mut().poll(&mut context).is_pending());
        assert!(handle.as_mut().poll(&mut context).is_pending());
        // Release: pairs with the Acquire above.
        go_on.store(true, Ordering::Release);
        // Acquire: pairs with the Release in `Flag::wake`.
        yield_until(|| flag.0.load(Ordering::Acquire));
        assert!(matches!(handle.as_mut().poll(&mut context), Poll::Ready(Ok(()))));
    });
}

#[test]
fn a_handle_that_was_polled_may_be_joined() {
    on_main(|| {
        let go_on = Arc::new(AtomicBool::new(false));
        let gate = Arc::clone(&go_on);
        // Acquire: pairs with the Release below.
        let mut handle = spawn(move || yield_until(|| gate.load(Ordering::Acquire)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut handle).poll(&mut context).is_pending());
        // Release: pairs with the Acquire above.
        go_on.store(true, Ordering::Release);
        handle.join().unwrap();
    });
}

fn dies_of(output: &std::process::Output, text: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(HUNG), "{stderr}");
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains(text), "{stderr}");
}

#[test]
fn a_panic_after_the_handle_was_dropped_ends_the_process() {
    // SEMANTICS B1.
    let output = in_child("a_panic_after_the_handle_was_dropped_ends_the_process", || {
        let gate = Arc::new(AtomicBool::new(false));
        let go_on = Arc::clone(&gate);
        on_main(move || {
            let handle = spawn(move || {
                // Acquire: pairs with the Release below.
                yield_until(|| gate.load(Ordering::Acquire));
                panic!("nobody joins");
            });
            drop(handle);
            // Release: pairs with the Acquire above.
            go_on.store(true, Ordering::Release);
            // Long enough for the crash, and then an end without it.
            for _ in 0..10_000_000 {
                gosched();
            }
        });
        println!("the process survived");
    });
    if let Some(output) = output {
        dies_of(&output, "panic: nobody joins\n");
    }
}

#[test]
fn dropping_the_handle_of_one_that_has_panicked_ends_the_process() {
    // SEMANTICS B1.
    let output = in_child("dropping_the_handle_of_one_that_has_panicked_ends_the_process", || {
        on_main(|| {
            let handle = spawn(|| panic!("it was too late"));
            yield_until(|| handle.is_finished());
            drop(handle);
        });
        println!("the process survived");
    });
    if let Some(output) = output {
        dies_of(&output, "panic: it was too late\n");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("survived"));
    }
}
