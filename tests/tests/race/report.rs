//! What a report looks like and what may be changed from outside (SEMANTICS Z2, Z3), of programs in processes of
//! their own.

use crate::Case;
use crate::support::{make, var};
use gaggle::go;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

type Check = (&'static str, fn());

/// Programs that only the checks run.
pub(crate) const PROGRAMS: &[Case] = &[
    ("OneIsLeft", || {
        let (x, done, never) = (var(), make::<()>(0), make::<()>(0));
        go(move || _ = never.recv());
        go(move || {
            x.set(1);
            done.send(());
        });
        x.set(2);
        done.recv();
    }),
    ("TooMany", || {
        let never = make::<()>(0);
        for _ in 0..9000 {
            let never = never.clone();
            go(move || _ = never.recv());
        }
    }),
    ("TwoRaces", || {
        let (x, y, done) = (var(), var(), make::<()>(0));
        go(move || {
            x.set(1);
            y.set(1);
            done.send(());
        });
        x.set(2);
        y.set(2);
        done.recv();
    }),
];

pub(crate) const CHECKS: &[Check] = &[
    ("a_report_has_go_s_layout", layout),
    ("a_race_free_program_says_nothing", || {
        let output = run("TestNoRaceListing16", "");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }),
    ("the_exit_code_can_be_chosen", || {
        assert_eq!(run("TestRaceListing9", "exitcode=7").status.code(), Some(7));
    }),
    ("exit_code_zero_leaves_the_program_s_own", || {
        assert_eq!(run("TestRaceListing9", "exitcode=0").status.code(), Some(0));
    }),
    ("the_first_error_can_end_the_program", || {
        let output = run("TwoRaces", "halt_on_error=1");
        assert_eq!(output.status.code(), Some(66), "{output:?}");
        assert_eq!(words(&output).matches("WARNING: DATA RACE").count(), 1, "{output:?}");
    }),
    ("without_that_the_program_goes_on", || {
        let output = run("TwoRaces", "halt_on_error=0");
        assert!(words(&output).ends_with("Found 2 data race(s)\n"), "{output:?}");
    }),
    ("reports_go_to_standard_error_by_its_name_too", || {
        assert!(words(&run("TestRaceListing9", "log_path=stderr")).contains("Found "));
    }),
    ("reports_can_go_to_standard_output", || {
        let output = run("TestRaceListing9", "log_path=stdout");
        assert!(output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("WARNING: DATA RACE"), "{output:?}");
        assert!(text.ends_with(" data race(s)\n"), "{output:?}");
    }),
    ("the_history_has_go_s_sizes_and_no_others", || {
        let output = run("TestRaceListing9", "history_size=7");
        assert!(words(&output).starts_with("====="), "{output:?}");
        let said = words(&run("TestRaceListing9", "history_size=8"));
        assert!(said.contains("\"history_size=8\" is not understood"), "{said}");
    }),
    // Z5.
    ("too_many_goroutines_end_the_program", || {
        let output = run("TooMany", "");
        let text = "race: limit on 8128 simultaneously alive goroutines is exceeded, dying\n";
        assert!(words(&output).contains(text), "{output:?}");
        assert_eq!(output.status.code(), Some(66), "{output:?}");
    }),
    ("the_end_waits_for_those_that_are_left", || {
        // More than the second that is waited without the option: it cannot end earlier, however idle the machine.
        let start = Instant::now();
        let output = run("OneIsLeft", "atexit_sleep_ms=1500");
        assert!(start.elapsed() >= Duration::from_millis(1500), "{output:?}");
        assert!(words(&output).ends_with("Found 1 data race(s)\n"), "{output:?}");
    }),
    ("reports_can_go_to_a_file", || {
        let folder = std::env::temp_dir().join(format!("gaggle-race-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let output = run("TestRaceListing9", &format!("log_path={}", folder.join("log").display()));
        assert!(output.stderr.is_empty(), "{output:?}");
        let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().collect();
        let text = std::fs::read_to_string(files[0].path()).expect("a file");
        assert!(files[0].file_name().to_string_lossy().starts_with("log."), "{files:?}");
        assert!(text.contains("WARNING: DATA RACE"), "{text}");
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }),
    ("paths_can_be_shortened", || {
        let output = run("TestRaceListing9", "strip_path_prefix=tests/race/");
        assert!(words(&output).contains("\n      seeds.rs:"), "{}", words(&output));
    }),
    ("what_is_not_understood_is_said", || {
        let output = run("TestNoRaceListing16", "colour=red");
        let said = words(&run("TestRaceListing9", "colour=red"));
        assert!(said.contains("gaggle: GAGGLE_RACE: \"colour=red\" is not understood"), "{said}");
        assert_eq!(output.status.code(), Some(0));
    }),
];

fn run(program: &str, options: &str) -> Output {
    let this = std::env::current_exe().expect("it runs");
    let mut command = Command::new(this);
    command.args(["--one", program]).env("GAGGLE_RACE", format!("atexit_sleep_ms=0 {options}"));
    command.output().expect("it runs once more")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Z2, line by line: both accesses with their stacks, who made them, where those were created.
fn layout() {
    const RULE: &str = "==================";
    let output = run("TestRaceListing9", "");
    assert_eq!(output.status.code(), Some(66), "{output:?}");
    let text = words(&output);
    let last = text.lines().last().expect("words");
    let count = text.matches("WARNING: DATA RACE").count();
    assert_eq!(last, format!("Found {count} data race(s)"));
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    assert_eq!((next(), next()), (RULE, "WARNING: DATA RACE"));
    let access = next();
    let (head, by) = access.split_once(" by goroutine ").expect("an access");
    assert!(head.starts_with("Write at 0x") || head.starts_with("Read at 0x"), "{text}");
    assert!(by.ends_with(':') && by.trim_end_matches(':').parse::<u64>().is_ok(), "{text}");
    let address = head.split_once("0x").expect("an address").1;
    let mut stack = |start: &str| {
        if !start.is_empty() {
            let line = next();
            assert!(line.starts_with(start), "{line}\n{text}");
        }
        let (mut frames, mut line) = (0, next());
        while line.starts_with("  ") {
            assert!(line.ends_with("()") && !line.starts_with("   "), "{line}\n{text}");
            let place = next();
            assert!(place.starts_with("      ") && place.contains(".rs:"), "{place}\n{text}");
            (frames, line) = (frames + 1, next());
        }
        assert!(frames > 0, "no frames after {start}\n{text}");
        line.to_owned()
    };
    assert_eq!(stack(""), "");
    let mut end = stack("Previous ");
    for _ in 0..2 {
        assert_eq!(end, "");
        end = stack("Goroutine ");
    }
    assert_eq!(end, RULE);
    let previous = text.lines().find(|line| line.starts_with("Previous ")).expect("an access");
    assert!(previous.contains(address), "both accesses are of one word\n{text}");
    let created = text.lines().find(|line| line.starts_with("Goroutine ")).expect("a goroutine");
    assert!(
        created.ends_with("(running) created at:") || created.ends_with("(finished) created at:")
    );
    assert!(
        text.contains("      tests/race/seeds.rs:") || text.contains("/tests/race/seeds.rs:"),
        "{text}"
    );
}
