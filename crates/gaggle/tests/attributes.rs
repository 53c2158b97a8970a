//! `#[gaggle::test]` on tests of every form.

use gaggle::{go, runtime, scope, spawn};
use std::fmt;

#[gaggle::test]
unsafe fn the_body_may_start_goroutines() {
    assert_eq!(spawn(|| 1 + 1).join().unwrap(), 2);
}

#[gaggle::test]
#[should_panic(expected = "on purpose")]
unsafe fn a_panic_of_the_body_is_a_panic_of_the_test() {
    panic!("on purpose");
}

#[gaggle::test]
#[should_panic(expected = "and says so")]
unsafe fn a_test_that_is_to_panic_may_say_that_it_returns_nothing() -> () {
    panic!("and says so");
}

#[gaggle::test]
#[should_panic(expected = "in a child")]
unsafe fn a_panic_of_a_scope_reaches_the_test() {
    scope(|s| s.go(|| panic!("in a child")));
}

#[gaggle::test]
#[should_panic(expected = "test executed runtime.Goexit")]
unsafe fn a_goexit_of_the_body_fails_the_test() {
    // SEMANTICS B5.
    runtime::goexit();
}

/// An error that could not travel between threads.
#[derive(Debug)]
struct Local(#[allow(dead_code, reason = "only to be no Send")] std::rc::Rc<()>);

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("local")
    }
}

impl std::error::Error for Local {}

#[gaggle::test]
unsafe fn a_test_may_return_a_result_that_is_not_send() -> Result<(), Box<dyn std::error::Error>> {
    let number: u8 = "42".parse()?;
    if number != 42 {
        return Err(Local(std::rc::Rc::new(())).into());
    }
    Ok(())
}

#[gaggle::test(procs = 1, timeout = 30)]
unsafe fn settings_are_applied_before_the_body() {
    // SEMANTICS D1.
    assert_eq!(runtime::gomaxprocs(0), 1);
}

#[gaggle::test]
#[ignore = "to show that the attribute is kept"]
unsafe fn an_ignored_test_is_not_run() {
    panic!("it was run");
}

#[gaggle::test]
unsafe fn a_test_may_leave_goroutines_behind() {
    go(runtime::gosched);
}

#[gaggle::test]
unsafe fn the_body_is_safe_code() {
    #![deny(unused_unsafe)]
    // SAFETY: nothing is asked; in an unsafe context this block would be unused, and refused.
    unsafe { no_promise() }
}

/// # Safety
///
/// None needed.
unsafe fn no_promise() {}
