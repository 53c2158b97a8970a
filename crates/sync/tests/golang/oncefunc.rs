//! From src/sync/oncefunc_test.go.

use crate::support::{Signals, go};
use gaggle_gopark::Goexit;
use gaggle_sync::{OnceFunc, OnceValue, OnceValues};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// TestOnceFunc, TestOnceValue, TestOnceValues (N1, N4).
pub fn test_once_func() {
    let calls = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&calls);
    let f = Arc::new(OnceFunc::new(move || {
        theirs.fetch_add(1, Ordering::Relaxed);
    }));
    let done = Signals::default();
    for _ in 0..10 {
        let (f, calls, done) = (Arc::clone(&f), Arc::clone(&calls), done.clone());
        go(move || {
            f.call();
            assert_eq!(calls.load(Ordering::Relaxed), 1, "want f to be called once");
            done.send();
        });
    }
    (0..10).for_each(|_| done.recv());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

pub fn test_once_value() {
    let calls = AtomicU32::new(0);
    let f = OnceValue::new(|| calls.fetch_add(1, Ordering::Relaxed) + 1);
    assert_eq!((f.get(), f.get()), (&1, &1));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

pub fn test_once_values() {
    let calls = AtomicU32::new(0);
    let f: OnceValues<_, _, _> = OnceValue::new(|| {
        let n = calls.fetch_add(1, Ordering::Relaxed) + 1;
        (n, n + 1)
    });
    assert_eq!((f.get(), f.get()), (&(1, 2), &(1, 2)));
}

fn panics(call: impl Fn()) -> Box<dyn Any + Send> {
    catch_unwind(AssertUnwindSafe(call)).expect_err("did not panic")
}

/// TestOnceFuncPanic (N4): the same panic every time, and one call of the function.
pub fn test_once_func_panic() {
    let calls = AtomicU32::new(0);
    let f = OnceFunc::new(|| {
        calls.fetch_add(1, Ordering::Relaxed);
        panic!("x");
    });
    for _ in 0..2 {
        assert_eq!(panics(|| f.call()).downcast_ref(), Some(&"x"));
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

/// TestOnceValuePanic.
pub fn test_once_value_panic() {
    let f: OnceValue<u32, _> = OnceValue::new(|| panic!("x {}", 1 + 1));
    for _ in 0..2 {
        assert_eq!(panics(|| _ = f.get()).downcast_ref(), Some(&String::from("x 2")));
    }
}

/// TestOnceValuesPanic.
pub fn test_once_values_panic() {
    let f: OnceValues<u32, u32, _> = OnceValue::new(|| panic!("x"));
    for _ in 0..2 {
        assert_eq!(panics(|| _ = f.get()).downcast_ref(), Some(&"x"));
    }
}

/// TestOnceFuncPanicTraceback (N4): the first panic is the function's own, from its place.
pub fn test_once_func_panic_traceback() {
    use gaggle_sync::Mutex as Place;
    use std::panic::{set_hook, take_hook};
    static SEEN: Place<Vec<String>> = Place::new(Vec::new());
    let before = take_hook();
    set_hook(Box::new(|info| {
        if info.payload().downcast_ref() == Some(&"from inside a once") {
            let stack = std::backtrace::Backtrace::force_capture().to_string();
            SEEN.lock().push(stack);
        }
    }));
    #[inline(never)]
    fn panics_inside() -> u32 {
        if std::hint::black_box(true) {
            panic!("from inside a once");
        }
        0
    }
    let f = OnceValue::new(panics_inside);
    panics(|| _ = f.get());
    set_hook(before);
    let seen = std::mem::take(&mut *SEEN.lock());
    let [stack] = &seen[..] else { panic!("one panic: {seen:?}") };
    assert!(stack.contains("panics_inside"), "{stack}");
}

/// TestOnceFuncPanicNil: the value is passed on, whatever it is; here it is none that can be shown.
pub fn test_once_func_panic_nil() {
    let f = OnceFunc::new(|| resume_unwind(Box::new(())));
    assert!(panics(|| f.call()).is::<()>(), "the first caller has the value");
    let words = "(dyn Any), which the first caller was given";
    for _ in 0..2 {
        assert_eq!(panics(|| f.call()).downcast_ref(), Some(&words));
    }
}

/// TestOnceFuncGoexit (N5): it is not run twice, and callers are told.
pub fn test_once_func_goexit() {
    let calls = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&calls);
    let f = OnceFunc::new(move || {
        theirs.fetch_add(1, Ordering::Relaxed);
        Goexit::raise();
    });
    let token = panics(|| f.call());
    assert!(token.is::<Goexit>(), "it goes on in the first caller");
    Goexit::accept(token); // it would go on here too
    for _ in 0..2 {
        let words = "runtime error: panic called with nil argument";
        assert_eq!(panics(|| f.call()).downcast_ref(), Some(&words));
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

/// TestOnceXGC: the function is dropped after the first call (N4).
pub fn test_once_x_gc() {
    let kept = Arc::new(());
    let theirs = Arc::clone(&kept);
    let f = OnceFunc::new(move || drop(theirs));
    assert_eq!(Arc::strong_count(&kept), 2);
    f.call();
    assert_eq!(Arc::strong_count(&kept), 1);
    let theirs = Arc::clone(&kept);
    let f = OnceValue::new(move || -> u32 { panic!("{}", Arc::strong_count(&theirs)) });
    panics(|| _ = f.get());
    assert_eq!(Arc::strong_count(&kept), 1, "also if it panicked");
}
