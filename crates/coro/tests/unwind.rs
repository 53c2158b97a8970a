//! Unwinding stops at the root: panics are caught there, tracebacks end there.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use gaggle_coro::stack::depot;
use gaggle_coro::{
    Backend, Context, Coroutine, Stack, Step, Suspend, backend, beneath, grow, prepare, switch,
};

const SIZE: usize = 256 << 10;

fn coroutine<I, O, R>(
    size: usize,
    body: impl FnOnce(&Suspend<I, O, R>, I) -> R + 'static,
) -> std::io::Result<Coroutine<I, O, R>> {
    // SAFETY: none of these is forgotten, or lives longer than its test.
    unsafe { Coroutine::new(size, body) }
}

struct Counted(Rc<Cell<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Runs `body` without the default hook's noise.
fn quietly<R>(body: impl FnOnce() -> R) -> R {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = body();
    panic::set_hook(hook);
    result
}

#[test]
fn a_coroutine_takes_turns_and_ends() {
    let mut coroutine = coroutine(SIZE, |me, mut text: String| {
        while text.len() < 6 {
            let more = me.suspend(text.clone());
            text.push_str(&more);
        }
        text.len()
    })
    .unwrap();
    assert_eq!(coroutine.resume("ab".into()), Step::Suspended("ab".into()));
    assert_eq!(coroutine.resume("cd".into()), Step::Suspended("abcd".into()));
    assert!(!coroutine.is_done());
    assert_eq!(coroutine.resume("ef".into()), Step::Done(6));
    assert!(coroutine.is_done());
    let again = quietly(|| catch_unwind(AssertUnwindSafe(|| coroutine.resume(String::new()))));
    assert_eq!(*again.unwrap_err().downcast::<&str>().unwrap(), "resume of a finished coroutine");
}

#[test]
fn a_panic_is_caught_on_the_coroutine() {
    let mut coroutine = coroutine::<(), (), _>(SIZE, |me, ()| {
        let caught = catch_unwind(AssertUnwindSafe(|| -> () {
            me.suspend(());
            panic!("inside");
        }));
        *caught.unwrap_err().downcast::<&str>().unwrap()
    })
    .unwrap();
    quietly(|| {
        assert_eq!(coroutine.resume(()), Step::Suspended(()));
        assert_eq!(coroutine.resume(()), Step::Done("inside"));
    });
}

#[test]
fn a_panic_that_nobody_catches_goes_on_in_the_resumer() {
    let dropped = Rc::new(Cell::new(0));
    let counted = Counted(Rc::clone(&dropped));
    let mut coroutine = coroutine::<(), (), ()>(SIZE, move |_, ()| {
        let _counted = counted;
        panic!("number {}", black_box(7));
    })
    .unwrap();
    let caught = quietly(|| catch_unwind(AssertUnwindSafe(|| coroutine.resume(()))));
    assert_eq!(*caught.unwrap_err().downcast::<String>().unwrap(), "number 7");
    assert_eq!(dropped.get(), 1);
    assert!(coroutine.is_done());
}

#[test]
fn dropping_a_suspended_coroutine_unwinds_it() {
    let dropped = Rc::new(Cell::new(0));
    let inside = Counted(Rc::clone(&dropped));
    let mut coroutine = coroutine::<(), (), ()>(SIZE, move |me, ()| {
        let _inside = inside;
        loop {
            me.suspend(());
        }
    })
    .unwrap();
    coroutine.resume(());
    coroutine.resume(());
    assert_eq!(dropped.get(), 0);
    drop(coroutine);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn dropping_a_fresh_coroutine_drops_its_body_unrun() {
    let dropped = Rc::new(Cell::new(0));
    let inside = Counted(Rc::clone(&dropped));
    let body = move |_: &_, ()| drop(inside);
    drop(coroutine::<(), (), ()>(SIZE, body).unwrap());
    assert_eq!(dropped.get(), 1);
}

#[test]
fn coroutines_nest() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let theirs = Rc::clone(&log);
    let mut outer = coroutine::<usize, usize, ()>(SIZE, move |me, from| {
        let mut inner = coroutine::<usize, usize, ()>(SIZE, move |me, mut n| {
            loop {
                n += me.suspend(n * 2);
            }
        })
        .unwrap();
        let mut next = from;
        for _ in 0..3 {
            let Step::Suspended(doubled) = inner.resume(next) else { unreachable!() };
            theirs.borrow_mut().push(doubled);
            next = me.suspend(doubled);
        }
    })
    .unwrap();
    assert_eq!(outer.resume(1), Step::Suspended(2));
    assert_eq!(outer.resume(10), Step::Suspended(22));
    assert_eq!(outer.resume(100), Step::Suspended(222));
    assert_eq!(outer.resume(0), Step::Done(()));
    assert_eq!(*log.borrow(), [2, 22, 222]);
}

#[inline(never)]
fn a_frame_to_be_seen() -> String {
    // One after the other by a lock of ours: a sanitizer does not see the one within std.
    static BUSY: AtomicBool = AtomicBool::new(false);
    while BUSY.swap(true, Ordering::Acquire) {
        std::thread::yield_now();
    }
    let text = Backtrace::force_capture().to_string();
    BUSY.store(false, Ordering::Release); // pairs with the Acquire above
    text
}

fn the_body(_: &Suspend<(), (), String>, (): ()) -> String {
    a_frame_to_be_seen()
}

#[inline(never)]
fn the_test_function_itself() -> Step<(), String> {
    let mut coroutine = coroutine::<(), (), String>(SIZE, the_body).unwrap();
    coroutine.resume(())
}

#[test]
fn a_backtrace_ends_at_the_root() {
    let Step::Done(trace) = the_test_function_itself() else { panic!("it does not suspend") };
    assert!(trace.contains("a_frame_to_be_seen"), "{trace}");
    assert!(trace.contains("root"), "{trace}");
    assert!(!trace.contains("the_test_function_itself"), "{trace}");
    if backend() == Backend::Inline {
        let last = trace.lines().rfind(|line| !line.trim_start().starts_with("at ")).unwrap();
        assert!(last.contains("root"), "the last frame is {last} in\n{trace}");
    }
}

struct Traced {
    home: Cell<Context>,
    away: Cell<Context>,
    trace: RefCell<String>,
}

unsafe extern "C" fn traces_itself(payload: usize) -> ! {
    // SAFETY: the payload is the record, which outlives this context.
    let traced = unsafe { &*std::ptr::with_exposed_provenance::<Traced>(payload) };
    *traced.trace.borrow_mut() = a_frame_to_be_seen();
    loop {
        // SAFETY: home stands still while this runs.
        unsafe { switch(traced.away.as_ptr(), traced.home.get(), 0) };
    }
}

#[test]
fn the_unwind_tables_end_a_backtrace_even_if_the_words_above_the_root_do_not() {
    if backend() == Backend::Thread {
        return; // no root frame of ours
    }
    let stack = depot().take(SIZE).unwrap();
    // SAFETY: idle, and kept to the end.
    let away = unsafe { prepare(&stack, traces_itself) };
    // SAFETY: it stands still.
    let above = stack.top().with_addr(unsafe { away.registers() }.sp).cast::<[usize; 2]>();
    // SAFETY: the two words above the root's frame, which only walkers read.
    unsafe { above.write([the_test_function_itself as *const () as usize + 8; 2]) };
    let home = Context::empty().into();
    let traced = Traced { home, away: away.into(), trace: RefCell::default() };
    let payload = (&raw const traced).expose_provenance();
    // SAFETY: fresh.
    unsafe { switch(traced.home.as_ptr(), away, payload) };
    let trace = traced.trace.borrow();
    assert!(trace.contains("traces_itself"), "{trace}");
    assert!(!trace.contains("the_test_function_itself"), "{trace}");
}

#[test]
fn a_first_panic_with_its_backtrace_fits_into_the_smallest_stack() {
    let mut coroutine = coroutine::<(), (), usize>(64 << 10, |_, ()| {
        let caught = catch_unwind(|| panic!("{}", a_frame_to_be_seen()));
        caught.unwrap_err().downcast::<String>().unwrap().len()
    })
    .unwrap();
    let length = quietly(|| coroutine.resume(()));
    assert!(matches!(length, Step::Done(100..)), "{length:?}");
}

#[inline(never)]
fn deep(levels: usize) -> usize {
    let frame = black_box([levels; 64]);
    if levels == 0 { 0 } else { 1 + deep(frame[33] - 1) }
}

#[test]
fn a_call_on_a_bigger_stack_recurses_deeper_and_suspends_in_the_middle() {
    if backend() == Backend::Thread {
        return; // the call stays on the thread's stack
    }
    // A thousand kilobytes of frames, called from a stack of 64.
    let mut coroutine = coroutine::<usize, usize, usize>(64 << 10, |me, levels| {
        let mut bigger = depot().take(8 << 20).unwrap();
        let borrowed = 1;
        let sum = grow(&mut bigger, || {
            let more = me.suspend(deep(levels) + borrowed);
            deep(more)
        });
        assert!(!bigger.contains((&raw const sum).addr()));
        sum
    })
    .unwrap();
    assert_eq!(coroutine.resume(2000), Step::Suspended(2001));
    assert_eq!(coroutine.resume(3000), Step::Done(3000));
}

#[inline(never)]
fn a_caller_to_be_seen(on: &mut Stack) -> String {
    let text = grow(on, || black_box(a_frame_to_be_seen()));
    black_box(text)
}

/// The bigger stack lies below the caller's once, and above it once.
#[test]
fn a_traceback_on_a_bigger_stack_goes_on_in_the_caller() {
    if backend() == Backend::Thread || cfg!(gaggle_asan) {
        return; // there it is a call in place, and two switches
    }
    let mut stacks = [(); 3].map(|()| depot().take(1 << 20).unwrap());
    stacks.sort_by_key(Stack::limit);
    let [low, middle, high] = &mut stacks;
    for on in [low, high] {
        let text = grow(middle, || a_caller_to_be_seen(on));
        for frame in ["a_frame_to_be_seen", "a_caller_to_be_seen", "goes_on_in_the_caller"] {
            assert!(text.contains(frame), "{frame} in {text}");
        }
    }
}

#[test]
fn what_is_beneath_a_call_is_known_while_it_stands() {
    if backend() == Backend::Thread || cfg!(gaggle_asan) {
        return; // as above
    }
    let (mut first, mut second) = (depot().take(SIZE).unwrap(), depot().take(SIZE).unwrap());
    let (lower, upper) = (first.range(), second.range());
    let page = lower.start % (64 << 10);
    for of_nobody in [0..(64 << 10) - page, 0..usize::MAX] {
        assert!(beneath(&of_nobody).is_none());
    }
    grow(&mut first, || {
        let local = 1;
        grow(&mut second, || {
            let (caller, range) = beneath(&upper).unwrap();
            assert_eq!(range, lower);
            let between = (&raw const local).addr().abs_diff(caller.sp);
            assert!(lower.contains(&caller.sp) && between < 4096, "{between}");
            assert!(beneath(&lower).is_none(), "a thread's own stack is none of ours");
        });
    });
    // SAFETY: it is idle.
    let _never_entered = unsafe { prepare(&second, never) };
    assert!(beneath(&upper).is_none(), "it begins anew");
}

unsafe extern "C" fn never(_: usize) -> ! {
    unreachable!()
}

#[test]
fn a_panic_on_a_bigger_stack_goes_on_in_the_caller() {
    let dropped = Rc::new(Cell::new(0));
    let mut bigger = depot().take(1 << 20).unwrap();
    let inside = Counted(Rc::clone(&dropped));
    let call = || {
        grow(&mut bigger, || {
            let _inside = inside;
            panic!("up there")
        })
    };
    let caught: Result<(), _> = quietly(|| catch_unwind(AssertUnwindSafe(call)));
    assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "up there");
    assert_eq!(dropped.get(), 1);
    assert_eq!(grow(&mut bigger, || 5), 5, "the stack serves again");
}

#[test]
fn dropping_a_coroutine_suspended_on_a_bigger_stack_unwinds_both() {
    if backend() == Backend::Thread {
        return; // the call stays on the thread's stack
    }
    let dropped = Rc::new(Cell::new(0));
    let (outer, inner) = (Counted(Rc::clone(&dropped)), Counted(Rc::clone(&dropped)));
    let mut coroutine = coroutine::<(), (), ()>(SIZE, move |me, ()| {
        let _outer = outer;
        let mut bigger = depot().take(1 << 20).unwrap();
        grow(&mut bigger, || {
            let _inner = inner;
            me.suspend(());
        });
    })
    .unwrap();
    coroutine.resume(());
    drop(coroutine);
    assert_eq!(dropped.get(), 2);
}
