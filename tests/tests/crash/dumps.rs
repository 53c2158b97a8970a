//! Dumps: of a program that goes on, and of one that was asked to quit (SEMANTICS AA1-AA5, AB, B14, C5, V5).

use crate::child::{Exit, Outcome, run, run_and_signal, run_in, run_with};
use crate::report::{Report, standing_in};

/// Reads a dump from standard output.
#[track_caller]
fn dump_of(outcome: Outcome) -> Report {
    let outcome = outcome.ends(Exit::Code(0));
    let text = format!("\n\n{}", outcome.stdout);
    Report::parse(&text).unwrap_or_else(|why| outcome.fail(&why))
}

/// AA1-AA3, AA5, AA12: parked, locked, blocked in the kernel, computing, and the caller itself.
#[test]
fn a_live_dump_shows_everybody_where_it_stands() {
    for procs in ["1", "2", "4"] {
        let report = dump_of(run_with("dump_every_state", procs));
        assert_eq!(report.goroutines.len(), 5, "{report:#?}");
        assert!(report.goroutines.is_sorted_by_key(|it| it.id), "{report:#?}");
        let caller = standing_in(&report, "dumps::every_state");
        assert_eq!((caller.id, &*caller.state, &caller.created_by), (1, "running", &None));
        let waiter = &report.goroutines[1];
        assert!(waiter.stands_in("dumps::receives"), "{waiter:#?}");
        assert_eq!(waiter.state, "chan receive");
        assert_eq!(waiter.tags, "\"waiter\" {a: \"b c\", k1: v1}");
        let locked = standing_in(&report, "dumps::receives_on_its_thread");
        assert_eq!(locked.state, "chan receive, locked to thread");
        assert_eq!(standing_in(&report, "dumps::reads_a_pipe").state, "syscall");
        let computes = standing_in(&report, "dumps::computes_for_ever");
        assert!(["running", "preempted"].contains(&&*computes.state), "{computes:#?}");
        assert!(report.goroutines[1..].iter().all(|it| it.created_by.is_some()), "{report:#?}");
    }
}

/// SEMANTICS U7.
#[test]
fn who_waits_for_a_descriptor_is_in_io_wait() {
    for procs in ["1", "2", "4"] {
        let report = dump_of(run_with("dump_of_who_waits_for_descriptors", procs));
        assert_eq!(report.goroutines.len(), 6, "{report:#?}");
        let functions =
            ["reads_a_socket", "writes_to_a_socket", "accepts_a_connection", "receives_a_datagram"];
        for function in functions {
            let it = standing_in(&report, &format!("sockets::{function}"));
            assert_eq!(it.state, "IO wait", "{it:#?}");
        }
        let locked = standing_in(&report, "sockets::reads_a_pipe_on_its_thread");
        assert_eq!(locked.state, "IO wait, locked to thread", "{locked:#?}");
    }
}

/// AA2: one that keeps its thread has not left its stack when it is runnable, either.
#[test]
fn who_is_locked_and_runnable_is_shown_where_it_stands() {
    let variables = [("GAGGLE_DEBUG", "preempt=off"), ("GOMAXPROCS", "1")];
    let report = dump_of(run_in("dump_of_one_called_home", &variables));
    let locked = standing_in(&report, "dumps::receives_on_its_thread");
    assert_eq!(locked.state, "runnable, locked to thread", "{report:#?}");
}

#[test]
fn dumps_under_load_lose_nobody_and_stop_nobody() {
    for procs in ["1", "2", "4"] {
        run_with("dump_under_load", procs).does_well("all dumps\n");
        run_with("dump_two_at_once", procs).does_well("true\n");
    }
}

/// C5: a thread tells once it has come back to its goroutine's stack.
#[test]
fn who_is_in_another_signals_handler_is_asked_again() {
    let variables = [("GAGGLE_DEBUG", "preempt=off"), ("GOMAXPROCS", "2")];
    let report = dump_of(run_in("dump_while_a_handler_runs", &variables));
    assert_eq!(report.goroutines.len(), 2, "{report:#?}");
    standing_in(&report, "dumps::computes_in_spite_of_signals");
}

/// What a thread uses where it cannot tell is nobody's, and not of who tells next. (It never told at all there, and each
/// dump waited for it for two seconds.)
#[test]
fn a_profile_hears_of_who_is_on_a_stack_of_its_own_making() {
    let variables = [("GAGGLE_DEBUG", "preempt=off"), ("GOMAXPROCS", "2")];
    run_in("profile_beside_its_stack", &variables).does_well("true\n");
}

/// SEMANTICS A10.
/// SEMANTICS C4: labels are shown without being asked for.
#[test]
fn labels_go_to_the_goroutines_that_one_starts_and_names_do_not() {
    let report = dump_of(run("dump_inherited_labels"));
    let tags: Vec<&str> = report.goroutines.iter().map(|it| &*it.tags).collect();
    let child = "{part: \"x y\", request: 7}";
    assert_eq!(tags, ["", "\"parent\" {request: 7}", child, "{request: 7}"], "{report:#?}");
}

/// In Go's order.
const REGISTERS: &str =
    "rax rbx rcx rdx rdi rsi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip rflags cs fs gs";

/// SEMANTICS V5. Running goroutines have told where they stand (C5).
#[test]
fn sigquit_ends_the_process_with_everybodys_stack() {
    // With one P and no preemption the one that computes would keep it.
    for (debug, all_procs) in [("preempt=strict", &["1", "2"][..]), ("preempt=off", &["2"])] {
        for procs in all_procs {
            let variables = [("GAGGLE_DEBUG", debug), ("GOMAXPROCS", procs)];
            let outcome = run_and_signal("quit_while_one_computes", &variables, libc::SIGQUIT);
            let outcome = outcome.ends(Exit::Code(2));
            let (report, registers) =
                outcome.stderr.rsplit_once("\n\n").unwrap_or_else(|| outcome.fail("no registers"));
            let names = registers.lines().map(|line| line.split(' ').next().unwrap_or_default());
            assert_eq!(names.collect::<Vec<_>>().join(" "), REGISTERS, "{registers}");
            let report = Report::parse(report).unwrap_or_else(|why| outcome.fail(&why));
            let head: Vec<&str> = report.head.lines().collect();
            assert_eq!(head[0], "SIGQUIT: quit");
            assert!(head[1].starts_with("PC=0x") && head[1].ends_with("sigcode=0"), "{head:?}");
            assert_eq!(report.goroutines.len(), 3, "{report:#?}");
            for function in ["dumps::receives", "dumps::computes_for_ever", "wait_for_nobody"] {
                standing_in(&report, function);
            }
        }
    }
}

/// SEMANTICS V5: of what a process inherits as ignored, SIGHUP and SIGINT alone stay so, as in Go.
#[test]
fn sigquit_dumps_also_in_the_background_of_a_shell() {
    let outcome = run("quit_started_with_it_ignored").ends(Exit::Code(2));
    assert!(outcome.stderr.starts_with("SIGQUIT: quit\n"), "{}", outcome.stderr);
}

/// SEMANTICS B14.
#[test]
fn a_fatal_error_while_a_panic_unwinds_comes_after_that_panic() {
    let report = Report::from("fatal_while_panicking");
    let head = "panic: the first word\n\tfatal error: sync: unlock of unlocked mutex";
    assert_eq!(report.head, head);
    let first = &report.goroutines[0];
    assert!(first.id > 1 && first.stands_in("fatal_while_panicking::"), "{report:#?}");
}

#[test]
fn settings_that_mean_nothing_are_said_and_have_no_effect() {
    let variables =
        [("GAGGLE_TRACEBACK", "loud"), ("GAGGLE_DEBUG", "slice=1000, colour=red,migrate=perhaps")];
    let outcome = run_in("dump_two_at_once", &variables).ends(Exit::Code(0));
    let mut said: Vec<&str> = outcome.stderr.lines().collect();
    said.sort_unstable();
    let wanted = [
        "gaggle: GAGGLE_DEBUG: \"colour=red\" is not understood",
        "gaggle: GAGGLE_DEBUG: \"migrate=perhaps\" is not understood",
        "gaggle: GAGGLE_TRACEBACK: \"loud\" is not understood",
    ];
    assert_eq!(said, wanted);
}

/// SEMANTICS AB1, AB3: the first line comes at once, and there are more while nothing happens.
#[test]
fn schedtrace_says_what_the_scheduler_does() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=10"), ("GOMAXPROCS", "2")];
    let outcome = run_in("trace_the_scheduler", &variables).ends(Exit::Code(0));
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert!(lines.len() >= 3, "{lines:#?}");
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], "SCHED", "{line}");
        assert!(words[1].ends_with("ms:"), "{line}");
        let names = [
            "gomaxprocs=2",
            "idleprocs=",
            "threads=",
            "spinningthreads=",
            "needspinning=",
            "idlethreads=",
            "runqueue=",
        ];
        for (word, name) in words[2..].iter().zip(names) {
            assert!(word.starts_with(name), "{word} is not {name} in {line}");
        }
        assert_eq!(words.len(), 17, "two queues and two ticks: {line}");
    }
}

/// SEMANTICS AB2.
#[test]
fn scheddetail_lists_every_p_m_and_g() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=10,scheddetail=1"), ("GOMAXPROCS", "2")];
    let outcome = run_in("trace_the_scheduler", &variables).ends(Exit::Code(0));
    let has = |what: &str| outcome.stderr.lines().any(|line| line.starts_with(what));
    for what in ["SCHED ", "  P0: status=", "  P1: status=", "  M0: p="] {
        assert!(has(what), "{what}: {}", outcome.stderr);
    }
    let head = "gcwaiting=false nmidlelocked=0 stopwait=0 sysmonwait=false";
    let heads = outcome.stderr.lines().filter(|line| line.starts_with("SCHED "));
    let ends: Vec<&str> = heads.filter_map(|line| line.get(line.find("gcwaiting=")?..)).collect();
    assert!(ends.len() >= 3 && ends.iter().all(|end| *end == head), "{}", outcome.stderr);
    for what in ["  G1: status=4(sleep) m=nil lockedm=nil", "  G2: status=4(chan receive) m=nil"] {
        assert!(has(what), "{what}: {}", outcome.stderr);
    }
    let parts = "schedtick= syscalltick= m= runqsize= gfreecnt= timerslen=";
    let line = outcome.stderr.lines().find(|line| line.starts_with("  P0")).unwrap_or_default();
    assert!(parts.split(' ').all(|part| line.contains(part)), "{line}");
    let parts = "curg= mallocing= throwing= preemptoff= locks= dying= spinning= blocked= lockedg=";
    let line = outcome.stderr.lines().find(|line| line.starts_with("  M0")).unwrap_or_default();
    assert!(parts.split(' ').all(|part| line.contains(part)), "{line}");
}

/// AB3: a crash says the state of the scheduler too, if it is being traced.
#[test]
fn a_crash_ends_with_the_scheduler_s_state_if_that_is_traced() {
    let variables = [("GAGGLE_DEBUG", "scheddetail=1")];
    let outcome = run_in("deadlock_simple", &variables).ends(Exit::Code(2));
    let (_, after) = outcome.stderr.split_once("\nSCHED ").unwrap_or_else(|| outcome.fail("none"));
    assert!(after.contains("  G1: status=4(chan receive)"), "{after}");
}

/// SEMANTICS AC.
#[test]
fn metrics_count_the_goroutines_by_what_they_do() {
    let outcome = run_with("metrics_of_all", "2").ends(Exit::Code(0));
    let value = |name: &str| -> u64 {
        let line = outcome.stdout.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_else(|| outcome.fail(name))
    };
    assert_eq!(value("/sched/gomaxprocs:threads"), 2);
    assert_eq!(value("/sched/goroutines:goroutines"), 5);
    assert_eq!(value("/sched/goroutines-created:goroutines"), 5);
    assert_eq!(value("/sched/goroutines/not-in-go:goroutines"), 1);
    assert_eq!(value("/sched/goroutines/running:goroutines"), 1);
    assert_eq!(value("/sched/goroutines/waiting:goroutines"), 3);
    assert_eq!(value("/sched/goroutines/runnable:goroutines"), 0);
    assert!(value("/sched/threads/total:threads") >= 1);
}

/// CPU time is each goroutine's own, whatever thread it runs on.
#[test]
fn cpu_time_is_that_of_one_goroutine() {
    for procs in ["1", "2"] {
        run_with("metrics_of_cpu_time", procs).does_well("done\n");
    }
}

/// SEMANTICS AC: each time that somebody becomes runnable is counted once, by how long it waited.
#[test]
fn the_histogram_of_waits_counts_each_of_them() {
    let variables = [("GAGGLE_DEBUG", "preempt=off"), ("GOMAXPROCS", "1")];
    run_in("metrics_of_waits", &variables).does_well("200\n2 true\n");
}

/// WANTS 6: who holds a lock since when, and who waits for whom.
#[test]
fn a_dump_says_who_holds_which_lock_if_locks_are_watched() {
    let report = dump_of(run_in("dump_who_holds_what", &[("GAGGLE_LOCKORDER", "0")]));
    assert!(report.goroutines.iter().all(|it| it.notes.is_empty()), "{report:#?}");
    if !cfg!(debug_assertions) {
        return; // nobody watches
    }
    let report = dump_of(run_in("dump_who_holds_what", &[]));
    who_holds_what(&report, "taken in ");
    let report = dump_of(run_in("dump_who_holds_what", &[("GAGGLE_LOCKORDER", "1")]));
    who_holds_what(&report, "keeps at ");
}

fn who_holds_what(report: &Report, place: &str) {
    let holder = standing_in(report, "dumps::receives");
    let [holds] = &holder.notes[..] else { panic!("{holder:#?}") };
    assert!(holds.starts_with("holds lock 0x") && holds.contains(" since "), "{holds}");
    assert!(holds.contains(place) && holds.contains("dumps.rs:"), "{holds}");
    let waiter = standing_in(report, "dumps::waits_for");
    let [wants] = &waiter.notes[..] else { panic!("{waiter:#?}") };
    let whose = format!(", held by goroutine {}", holder.id);
    assert!(wants.starts_with("wants lock 0x") && wants.ends_with(&whose), "{wants}");
}
