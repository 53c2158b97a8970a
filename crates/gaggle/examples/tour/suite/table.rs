//! The table: every program, how it is run, and what it must do. Data only.

use super::check::Verdict;
use super::child::Outcome;
use super::promises as by;

/// One program.
pub(crate) struct Row {
    /// The name of the example.
    pub(crate) program: &'static str,
    /// Each `GOMAXPROCS` it must keep its promise with; the tour uses the first. Empty: as inherited.
    pub(crate) ps: &'static [&'static str],
    pub(crate) exit: i32,
    /// More than one where sleeps or a time slice decide: a busy machine may break the promise once.
    pub(crate) tries: u32,
    /// The promise in a few words.
    pub(crate) expect: &'static str,
    pub(crate) promise: Promise,
}

/// What stdout and stderr must be.
#[derive(Clone, Copy)]
pub(crate) enum Promise {
    /// Exactly these lines.
    Lines(&'static [&'static str]),
    /// `body` in any order, then `last` in this order.
    AnyOrder { body: &'static [&'static str], last: &'static [&'static str] },
    /// Nothing on stdout; stderr starts with the line `first` and has every text of `also`.
    Dies { first: &'static str, also: &'static [&'static str] },
    /// A check of its own.
    By(fn(&Outcome) -> Verdict),
}
use Promise::{AnyOrder, By, Dies, Lines};

const ANY: &[&str] = &["", "1", "4", "16"];
const ONE: &[&str] = &["1"];
const MANY: &[&str] = &["4", "2", "16"];
/// The program sets the number of Ps itself.
const OWN: &[&str] = &[""];

const DEADLOCK: &str = "fatal error: all goroutines are asleep - deadlock!";

const fn row(program: &'static str, expect: &'static str, promise: Promise) -> Row {
    Row { program, ps: ANY, exit: 0, tries: 1, expect, promise }
}

impl Row {
    const fn ps(self, ps: &'static [&'static str]) -> Row {
        Row { ps, ..self }
    }

    /// Goroutines get their turn within main's sleep, or are done within one time slice.
    const fn timed(self) -> Row {
        Row { tries: 3, ..self }
    }

    const fn exit(self, exit: i32) -> Row {
        Row { exit, ..self }
    }
}

/// Every program, in the order of the documents.
#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row("s0_say", "hello and world interleaved, then done", By(by::talkers)).timed(),
    row("s0_gomaxprocs", "1 goroutine, then 101; ends", By(by::counts)).timed(),
    row("s0_workers", "three overlapping workers", By(by::workers)),
    row("s0_first_channel", "42", Lines(&["42"])),
    row("s0_third_send", "deadlock text, exit 2", Dies { first: DEADLOCK, also: &["goroutine 1 [chan send"] }).exit(2),
    row("s0_third_send_fixed", "1, then 2 and 3 from the buffer", Lines(&["received 1", "left in the buffer 2", "left in the buffer 3"])),
    row("s0_closed_receive", "0 false", Lines(&["0 false"])),
    row("s0_nil_channel", "deadlock text, exit 2", Dies { first: DEADLOCK, also: &["goroutine 1 [chan receive (nil chan)"] }).exit(2),
    row("s0_send_on_closed", "panic: send on closed channel, exit 2", Dies { first: "panic: send on closed channel", also: &["goroutine 1 [running]:"] }).exit(2),
    row("s0_fetch", "three results, any order", AnyOrder { body: &["result from a.example", "result from b.example", "result from c.example"], last: &[] }),
    row("s0_range_close", "1 to 5, then the loop ends", Lines(&["1", "2", "3", "4", "5", "closed and drained"])),
    row("s0_ready_channel", "hello, world", Lines(&["hello, world"])),
    row("s0_done_channel", "42", Lines(&["42"])),
    row("s0_busy_wait_fixed", "computed, 100 of 100", Lines(&["computed 100 of 100"])),
    row("s0_once_service", "made once, seen ten times", By(by::service)),
    row("s0_select_default", "default where nothing is ready", Lines(&[
        "no receiver: default", "room in the buffer: sent", "buffer full: default", "received 1", "buffer empty: default"])),
    row("s0_buffered", "five sends do not block", Lines(&["len 5 cap 5", "1", "2", "3", "4", "5"])),
    row("s0_select_timeout", "a message, a timeout, a cancellation", Lines(&["handled: message", "error: timeout", "error: context canceled"])).timed(),
    row("s0_fetch_slow", "gave up: context deadline exceeded", Lines(&["gave up: context deadline exceeded"])),
    row("s0_worker_pool", "1000 squares, at most 10 at a time", By(by::thousand_jobs)),
    row("s0_worker_pool_errgroup", "1000 squares, at most 10 at a time; then an error", By(by::thousand_jobs_in_a_group)),
    row("s0_leaks_fixed", "1 goroutine, 3, and 1 again", Lines(&[
        "goroutines: 1", "goroutines with two at work: 3", "goroutines after both were told to end: 1"])),
    row("s0_counter_mutex", "1000", Lines(&["1000"])),
    row("s0_squares", "385", Lines(&["385"])),
    row("s0_squares_waitgroup", "385", Lines(&["385"])),
    row("s0_squares_scope", "385", Lines(&["385"])),

    row("s1_say", "hello and main, any order", AnyOrder { body: &["hello", "main"], last: &[] }).timed(),
    row("s1_waitgroup", "three workers, then all done", AnyOrder { body: &["worker 1", "worker 2", "worker 3"], last: &["all done"] }),
    row("s1_safe_counter", "1000", Lines(&["1000"])),
    row("s1_work_closed", "1 to 3, and the goroutine ends", Lines(&["1", "2", "3", "no goroutine left behind"])),
    row("s1_once_config", "loaded once, seen five times", Lines(&["loading", "port 8080", "port 8080", "port 8080", "port 8080", "port 8080"])),

    row("s1_pipeline_cancel", "2, 5, 10, and every stage ends", Lines(&["2", "5", "10", "every stage has ended"])),
    row("s2_speak", "three lines of each, interleaved", By(by::speakers)).timed(),
    row("s2_workers", "each starts and is done, then all", By(by::three_workers)),
    row("s2_ping", "ping", Lines(&["ping"])),
    row("s2_worker_pool", "5 jobs, 3 workers", By(by::five_jobs)),
    row("s2_deadlock", "deadlock text, exit 2", Dies { first: DEADLOCK, also: &["goroutine 1 [", "[chan receive"] }).exit(2),

    row("s3_goroutine_basics", "four overlapping coffees", By(by::coffees)).timed(),
    row("s3_anonymous", "both lines, any order", AnyOrder { body: &["Hello from anonymous goroutine!", "Received number: 42"], last: &[] }).timed(),
    row("s3_main_does_not_wait", "nothing, or Hello! once; exit 0", By(by::perhaps_hello)),
    row("s3_sleep_hello", "Hello!", Lines(&["Hello!"])).timed(),
    row("s3_waitgroup_hello", "Hello!", Lines(&["Hello!"])),
    row("s3_loop_variable", "0 to 4 once per solution", By(by::own_copies)),
    row("s3_semaphore_pattern", "50 tasks, at most 10 at a time", By(by::semaphore)),
    row("s3_graceful_shutdown", "an interrupt, and three workers stop", By(by::graceful)),
    row("s3_url_checker", "990 up, 10 down, at most 50 at a time", By(by::urls)),
    row("s3_small_operations", "0 to 9, any order", AnyOrder { body: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], last: &[] }),

    row("s4_listing01_alphabet", "capitals completely before lower case", By(by::capitals_first)).ps(OWN).timed(),
    row("s4_listing04_primes", "B first; all 669 primes of each in order", By(by::primes)).ps(OWN).timed(),
    row("s4_listing06_all_cpus", "as many Ps as CPUs", By(by::all_cpus)).ps(OWN),
    row("s4_listing07_alphabet", "both alphabets, each in order", By(by::both_alphabets)).ps(OWN),
    row("s4_listing09_race", "one P: Final Counter: 2", Lines(&["Final Counter: 2"])).ps(ONE).timed(),
    row("s4_listing09_race", "several Ps: 2 to 4", By(by::lost_updates)).ps(MANY),
    row("s4_listing13_atomic", "Final Counter: 4", Lines(&["Final Counter: 4"])),
    row("s4_listing15_shutdown", "work until told, then each shuts down", By(by::shutdown)).timed(),
    row("s4_listing16_mutex", "Final Counter: 4", Lines(&["Final Counter: 4"])),
    row("s4_listing17_gopher", "Gopher through 10, not 0", Lines(&["Gopher through 10, not 0"])),
    row("s4_tennis", "hits by turns, a miss, a winner", By(by::tennis)),
    row("s4_relay", "four runners one after the other", Lines(&[
        "Runner 1 Running With Baton", "Runner 2 To The Line", "Runner 1 Exchange With Runner 2",
        "Runner 2 Running With Baton", "Runner 3 To The Line", "Runner 2 Exchange With Runner 3",
        "Runner 3 Running With Baton", "Runner 4 To The Line", "Runner 3 Exchange With Runner 4",
        "Runner 4 Running With Baton", "Runner 4 Finished, Race Over"])),
    row("s4_listing24_buffered_workers", "10 tasks, 4 workers, each shuts down", By(by::ten_tasks)),
];
