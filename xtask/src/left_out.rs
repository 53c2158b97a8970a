//! What does not run under a sanitizer: one table for both, each line with what was found when it was tried.
//!
//! 1. A whole program stands here only if none of its tests can run; else its tests do, by name.
//! 2. No line is there because something is slow, and none because a sanitizer reports it.

use crate::fleet::LeftOut;
use crate::sanitize::Sanitizer::{self, Address, Thread};

const BOTH: &[Sanitizer] = &[Thread, Address];
const COMPILES: &str = "compiles programs and runs none";
const ALLOCATOR: &str = "leaks are found in the heap of the C library, whose place the sanitizer's allocator takes: its memory counts as \
    reachable (decision 080), and its shadow is terabytes of mappings; so nobody looks";
const PROBES: &str =
    "the compiler makes no stack probes in such a build, so one frame may step over a guard";
const STOPPED: &str = "is about being stopped in the middle, which a build with a sanitizer never does (decision 071); \
    the same tests run in hand-off mode";
const RESIDENT: &str = "measures the memory of the process, most of which is the sanitizer's shadow of it, which stays";

const UNSEEN: &str =
    "std's Mutex is not instrumented: who has to wait for it acquires it inside std";
const UNWATCHED: &str = "the checker of lock orders is switched off beside a detector, which does not know its locks (decision 064)";

const DELAYED: &str = "the sanitizer hands a signal on at the next call of that thread which it intercepts, and one that computes makes none";
const MUTE: &str = "std starts a thread while there are no descriptors, and without any the sanitizer cannot read the names by \
    which its report of std's own counts would be known";
const LIMITED: &str = "limits the addresses of the process, and the sanitizer's own memory is the first to ask for more";

/// One line.
struct Line {
    whose: &'static [Sanitizer],
    it: LeftOut,
}

const fn line(
    whose: &'static [Sanitizer],
    program: &'static str,
    tests: &'static [&'static str],
    why: &'static str,
) -> Line {
    Line { whose, it: LeftOut { program, tests, why } }
}

const TABLE: &[Line] = &[
    line(BOTH, "gaggle::ui", &[], COMPILES),
    line(BOTH, "hchan::ui", &[], COMPILES),
    line(BOTH, "insight::leaks", &[], ALLOCATOR),
    line(BOTH, "insight::not_leaked", &[], ALLOCATOR),
    line(BOTH, "insight::waits", &[], ALLOCATOR),
    line(BOTH, "inspect::browser", &[], ALLOCATOR),
    line(BOTH, "inspect::leaks_beside_looks", &[], ALLOCATOR),
    line(
        BOTH,
        "inspect::serve",
        &["it_shows_goroutines_that_wait_for_each_other_for_ever_and_a_trace_of_the_others"],
        ALLOCATOR,
    ),
    line(
        BOTH,
        "gaggle::hanging_test",
        &[
            "of_tests_that_run_in_parallel_only_the_one_that_leaks_fails",
            "a_test_that_leaks_fails_with_the_stack_and_the_go_statement_of_each",
        ],
        ALLOCATOR,
    ),
    line(BOTH, "coro::overflow", &["one_frame_of_800_kb_is_reported"], PROBES),
    line(&[Address], "coro::overflow", &["frames_of_12_kb_are_reported"], PROBES),
    line(
        &[Address],
        "coro::overflow",
        &["the_lowest_stack_of_a_group_is_reported_with_shared_guards"],
        "the sanitizer's own memset strikes the guard, and the frame of the handler lies in memory that it still has marked",
    ),
    line(BOTH, "sched::trim", &[], RESIDENT),
    line(BOTH, "tests::it", &["a_server_under_stress_at_a_hundredth"], RESIDENT),
    line(
        BOTH,
        "tests::preempt",
        &[
            "hundreds_of_computing_goroutines_need_few_threads",
            "all_of_it_holds_with_slices_of_a_millisecond",
            "all_of_it_holds_in_hand_off_mode",
        ],
        STOPPED,
    ),
    line(BOTH, "tests::crash", &["a_limit_of_threads_starves_nobody"], STOPPED),
    line(
        &[Thread],
        "tests::crash",
        &["a_call_that_the_kernel_starts_again_is_never_interrupted"],
        "its last kind of call must be ended by the signal; the sanitizer's handler is there first, and in one run of two none of 200 was",
    ),
    line(
        &[Thread],
        "tests::signal",
        &[
            "the_runtimes_signal_may_be_asked_for",
            "the_runtimes_signal_may_be_asked_for_before_the_runtime_is_there",
        ],
        DELAYED,
    ),
    line(
        &[Thread],
        "tests::crash",
        &["an_overflow_or_a_quit_beside_a_panic_mixes_no_lines"],
        "the sanitizer runs a handler that it has delayed on the stack of who was interrupted, not on the signal stack; this one has no room \
        left, and in one run of a hundred the report's own walk overflows it",
    ),
    line(BOTH, "tests::crash", &["who_has_used_up_all_memory_is_told_where_it_stands"], LIMITED),
    line(&[Thread], "net::exhaustion_context", &[], MUTE),
    line(&[Thread], "sync::lockorder", &[], UNWATCHED),
    line(
        &[Thread],
        "tests::preempt",
        &["holders_of_std_mutexes_are_never_stopped_for_good"],
        UNSEEN,
    ),
    line(
        &[Thread],
        "sim::leftovers",
        &["a_run_waits_for_a_lock_of_std_s_that_somebody_holds_who_was_stopped"],
        UNSEEN,
    ),
    line(
        &[Thread],
        "tests::signal",
        &["test_atomic_stop"],
        "the sanitizer hands a signal on at a later call of its own, and drops one whose handler was taken away until then",
    ),
    line(
        &[Thread],
        "tests::crash",
        &[
            "a_live_dump_shows_everybody_where_it_stands",
            "dumps_under_load_lose_nobody_and_stop_nobody",
            "sigquit_ends_the_process_with_everybodys_stack",
            "who_is_in_another_signals_handler_is_asked_again",
            "a_profile_hears_of_who_is_on_a_stack_of_its_own_making",
            "the_level_says_how_much_a_crash_shows",
        ],
        DELAYED,
    ),
    line(
        BOTH,
        "tests::crash",
        &[
            "one_frame_that_jumps_over_the_whole_stack_is_an_overflow",
            "a_value_larger_than_the_stack_of_its_sender_is_an_overflow",
        ],
        PROBES,
    ),
    line(
        BOTH,
        "tests::crash",
        &[
            "who_does_not_ask_dies_with_a_clear_text",
            "who_asks_for_a_stack_is_told_that_there_is_none",
        ],
        LIMITED,
    ),
    line(
        &[Thread],
        "tests::crash",
        &["the_limit_of_stacks_holds_for_goroutines_that_start_later"],
        "calls itself 100,000 times, and the sanitizer's own stack of calls has 65,536 places, without a guard behind them",
    ),
    line(
        &[Thread],
        "tests::crash",
        &["a_dump_says_who_holds_which_lock_if_locks_are_watched"],
        UNWATCHED,
    ),
    line(
        &[Thread],
        "tests::race_in_test",
        &[],
        "is about our own detector, which is not built in beside the sanitizer; it runs before",
    ),
    line(
        &[Thread],
        "tests::it",
        &["s4_listing09_race", "no_promise_takes_an_outcome_that_breaks_it"],
        "the one example that races, and the test that runs it among all: it must be reported, and is looked at below",
    ),
];

/// The lines of one sanitizer.
pub(crate) fn by(sanitizer: Sanitizer) -> Vec<LeftOut> {
    TABLE.iter().filter(|line| line.whose.contains(&sanitizer)).map(|line| line.it).collect()
}
