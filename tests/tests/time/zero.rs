//! Zero timers (T6), and what counts as a deadlock (H3, H4).

use crate::HOUR;
use crate::child::{Exit, run, run_with};
use gaggle::time::{Ticker, Timer};

/// TestZeroTimerStopPanics.
#[test]
#[should_panic(expected = "time: Stop called on uninitialized Timer")]
fn test_zero_timer_stop_panics() {
    Timer::default().stop();
}

/// TestZeroTimerResetPanics.
#[test]
#[should_panic(expected = "time: Reset called on uninitialized Timer")]
fn test_zero_timer_reset_panics() {
    Timer::default().reset(HOUR);
}

/// T6: of a ticker.
#[test]
#[should_panic(expected = "time: Reset called on uninitialized Ticker")]
fn a_zero_ticker_cannot_be_reset() {
    Ticker::default().reset(HOUR);
}

/// H4: an hour that nobody waits for, or no longer.
#[test]
fn a_timer_that_nobody_waits_for_hides_no_deadlock() {
    for program in ["timer_unheard", "timer_lost_select", "timer_stopped_while_waited_for"] {
        for procs in ["1", "2", "4"] {
            let outcome = run_with(program, procs).ends(Exit::Code(2));
            let text = "fatal error: all goroutines are asleep - deadlock!";
            if !outcome.stderr.starts_with(text) {
                outcome.fail(program);
            }
        }
    }
}

/// H3: one that somebody waits for, and one that calls.
#[test]
fn a_timer_that_somebody_waits_for_is_no_deadlock() {
    for program in ["timer_waited_for", "timer_that_calls"] {
        run(program).does_well("rings\n");
        run_with(program, "1").does_well("rings\n");
    }
}
