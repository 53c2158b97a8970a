//! What ends the process, and what a dump shows (SEMANTICS W4, W6, W11, AA2).

use crate::child::{Exit, run, run_with};

#[track_caller]
fn dies_of(program: &str, text: &str) {
    for procs in ["1", "4"] {
        let outcome = run_with(program, procs).ends(Exit::Code(2));
        let wanted = format!("fatal error: {text}\n");
        if !outcome.stderr.starts_with(&wanted) {
            outcome.fail(&format!("expected {wanted:?}"));
        }
    }
}

/// TestChannelMovedOutOfBubble: W6.
#[test]
fn test_channel_moved_out_of_bubble() {
    for (program, what) in [
        ("synctest_send", "send on"),
        ("synctest_send_buffered", "send on"),
        ("synctest_try_send", "send on"),
        ("synctest_receive", "receive on"),
        ("synctest_receive_buffered", "receive on"),
        ("synctest_try_receive", "receive on"),
        ("synctest_close", "close of"),
        ("synctest_select", "select on"),
        ("synctest_context_err", "receive on"),
    ] {
        dies_of(program, &format!("{what} synctest channel from outside bubble"));
    }
}

/// TestTimerFromInsideBubble: W6.
#[test]
fn test_timer_from_inside_bubble() {
    for (program, what) in [
        ("synctest_timer_stop", "stop of synctest timer"),
        ("synctest_timer_reset", "reset of synctest timer"),
        ("synctest_ticker_stop", "stop of synctest timer"),
        ("synctest_ticker_reset", "reset of synctest timer"),
        ("synctest_call_stop", "stop of synctest timer"),
        ("synctest_call_reset", "reset of synctest timer"),
        ("synctest_timer_receive", "receive on synctest channel"),
    ] {
        dies_of(program, &format!("{what} from outside bubble"));
    }
}

/// TestWaitGroupMovedIntoBubble, TestWaitGroupMovedOutOfBubble: W6.
#[test]
fn test_wait_group_moved_into_and_out_of_bubble() {
    for program in ["synctest_group_in", "synctest_group_out"] {
        dies_of(program, "sync: WaitGroup.Add called from inside and outside synctest bubble");
    }
}

/// TestWaitGroupMovedBetweenBubblesWithNonZeroCount, WithZeroCount: W6, W7.
#[test]
fn test_wait_group_moved_between_bubbles() {
    for program in ["synctest_group_between", "synctest_group_between_at_zero"] {
        dies_of(program, "sync: WaitGroup.Add called from multiple synctest bubbles");
    }
}

/// W6.
#[test]
fn a_cond_is_not_signalled_from_outside() {
    dies_of("synctest_cond", "semaphore wake of synctest goroutine from outside bubble");
}

/// W11, AA2: both headers; here nothing else runs, so it is a deadlock of the process.
#[test]
fn a_lock_across_a_sleep_stalls_the_bubble() {
    let outcome = run_with("synctest_lock_across_sleep", "2").ends(Exit::Code(2));
    for header in ["[sync.Mutex.Lock, synctest bubble 1]:", "[sleep (durable), synctest bubble 1]:"]
    {
        if !outcome.stderr.contains(header) {
            outcome.fail(header);
        }
    }
}

/// W4, AA2: a deadlock shows the bubble's goroutines, and no others.
#[test]
fn a_deadlock_in_a_bubble_lists_its_goroutines() {
    let outcome = run_with("synctest_deadlock", "2").ends(Exit::Code(2));
    let (list, rest) = outcome.stderr.split_once("panic: ").unwrap();
    assert!(rest.starts_with("deadlock: all goroutines in bubble are blocked\n"), "{rest}");
    for header in [
        "[chan receive (durable), synctest bubble 1]",
        "[chan send (durable), synctest bubble 1]",
        "[select (durable), synctest bubble 1]",
        "[sync.WaitGroup.Wait (durable), synctest bubble 1]",
        "[sync.Cond.Wait (durable), synctest bubble 1]",
        "[chan receive (nil chan) (durable), synctest bubble 1]",
    ] {
        if !list.contains(header) {
            outcome.fail(header);
        }
    }
    assert_eq!(list.matches("goroutine ").count() - list.matches("in goroutine ").count(), 6);
}

/// A program that uses a bubble ends like any other, on any number of Ps.
#[test]
fn a_program_with_a_bubble_ends_well() {
    run("synctest_well").does_well("3600s\n");
    for procs in ["1", "2", "4"] {
        run_with("synctest_well", procs).prints("3600s\n").ends(Exit::Code(0));
    }
}
