//! Every program of the seed documents keeps its promise, under each number of Ps of its table row.
//!
//! Invariant: the promises are those of the `tour` example: its table is the only one.

use crate::suite::{self, Outcome, ROWS, Row};
use std::collections::BTreeSet;
use std::path::Path;

/// Sleeps are ten times shorter than in the sources, unless the caller says otherwise.
const SCALE: &str = "0.1";

/// Runs every row of `program`, with each number of Ps, and says everything that failed.
#[track_caller]
fn keeps_its_promise(program: &str) {
    let examples = match crate::examples() {
        Ok(examples) => examples,
        Err(why) => panic!("the examples cannot be built: {why}"),
    };
    let scale = std::env::var("GAGGLE_TOUR_SCALE").unwrap_or_else(|_| SCALE.to_owned());
    let mut broken = String::new();
    for row in ROWS.iter().filter(|row| row.program == program) {
        for ps in row.ps {
            let report = suite::run(row, ps, &examples, Some(&scale));
            if let Err(why) = &report.verdict {
                let it = &report.outcome;
                broken += &format!("{program}, GOMAXPROCS={ps:?}: {why}\n");
                broken += &format!("expected {}, happened {}\n", row.expect, it.summary());
                broken += &format!("--- stdout\n{}--- stderr\n{}", it.stdout, it.stderr);
            }
        }
    }
    assert!(broken.is_empty(), "\n{broken}");
}

macro_rules! programs {
    ($($program:ident)*) => {
        const TESTED: &[&str] = &[$(stringify!($program)),*];
        $(
            #[test]
            fn $program() {
                keeps_its_promise(stringify!($program));
            }
        )*
    };
}

programs! {
    s0_say s0_gomaxprocs s0_workers s0_first_channel s0_third_send s0_third_send_fixed
    s0_closed_receive s0_nil_channel s0_send_on_closed s0_fetch s0_range_close s0_ready_channel
    s0_done_channel s0_busy_wait_fixed s0_once_service s0_select_default s0_buffered
    s0_select_timeout s0_fetch_slow s0_worker_pool s0_worker_pool_errgroup s0_leaks_fixed s0_counter_mutex s0_squares
    s0_squares_waitgroup s0_squares_scope
    s1_say s1_waitgroup s1_safe_counter s1_work_closed s1_once_config s1_pipeline_cancel
    s2_speak s2_workers s2_ping s2_worker_pool s2_deadlock
    s3_goroutine_basics s3_anonymous s3_main_does_not_wait s3_sleep_hello s3_waitgroup_hello
    s3_loop_variable s3_semaphore_pattern s3_graceful_shutdown s3_url_checker s3_small_operations
    s4_listing01_alphabet s4_listing04_primes s4_listing06_all_cpus s4_listing07_alphabet
    s4_listing09_race s4_listing13_atomic s4_listing15_shutdown s4_listing16_mutex
    s4_listing17_gopher s4_tennis s4_relay s4_listing24_buffered_workers
}

#[test]
fn every_seed_program_has_a_row_a_test_and_a_line_in_the_guide() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/gaggle/examples");
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // `s0_say.rs`: the number of the document, then the program.
        let seed = name.strip_suffix(".rs").filter(|it| it.starts_with('s'));
        files.extend(seed.map(str::to_owned));
    }
    let owned = |names: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        names.map(str::to_owned).collect()
    };
    assert_eq!(files, owned(&mut ROWS.iter().map(|row| row.program)), "the files and the table");
    assert_eq!(files, owned(&mut TESTED.iter().copied()), "the files and the tests");
    let guide = std::fs::read_to_string(folder.join("README.md")).unwrap();
    for name in &files {
        assert!(guide.contains(&format!("| `{name}` | ")), "{name} is not in examples/README.md");
    }
}

/// Promises that leave open how many lines there are.
const OPEN_ENDED: &[&str] = &["s3_main_does_not_wait", "s4_listing15_shutdown"];

/// A game of one hit without that hit is a game without a hit: chance plays both.
fn shorter_is_a_promise_too(row: &Row, kept: &Outcome) -> bool {
    row.program == "s4_tennis" && kept.lines().len() == 3
}

/// Ways to break a promise, each with its name.
fn broken(row: &Row, kept: &Outcome) -> Vec<(&'static str, Outcome)> {
    let with = |change: &dyn Fn(&mut Outcome)| {
        let mut it = kept.clone();
        change(&mut it);
        it
    };
    let mut all = vec![
        ("another exit code", with(&|it| it.exit = Ok(3 - row.exit))),
        ("no exit code", with(&|it| it.exit = Err("killed".to_owned()))),
        ("another text before stderr", with(&|it| it.stderr.insert_str(0, "noise\n"))),
        ("a line before stdout", with(&|it| it.stdout.insert_str(0, "noise\n"))),
        ("a line after stdout", with(&|it| it.stdout.push_str("noise\n"))),
    ];
    if !OPEN_ENDED.contains(&row.program) && row.exit == 0 {
        let first = kept.lines()[0].to_owned() + "\n";
        all.push(("the first line twice", with(&|it| it.stdout.insert_str(0, &first))));
        if !shorter_is_a_promise_too(row, kept) {
            all.push(("no first line", with(&|it| it.stdout = it.stdout.replacen(&first, "", 1))));
        }
        all.push(("nothing", with(&|it| it.stdout.clear())));
    }
    all
}

#[test]
fn no_promise_takes_an_outcome_that_breaks_it() {
    let examples = crate::examples().unwrap_or_else(|why| panic!("no examples: {why}"));
    for row in ROWS {
        let report = suite::run(row, row.ps[0], &examples, Some(SCALE));
        assert_eq!(report.verdict, Ok(()), "{}", row.program);
        for (name, outcome) in broken(row, &report.outcome) {
            let verdict = suite::judge(row, &outcome);
            assert!(verdict.is_err(), "{} takes {name}: {:?}", row.program, outcome.stdout);
        }
    }
}
