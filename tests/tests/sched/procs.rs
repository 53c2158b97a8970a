//! How many Ps, how many goroutines, which numbers (SEMANTICS A4, A6, A11, D1, D2, D5).

use crate::child::{run, run_with};
use crate::field::{on, yield_until};
use gaggle::sync::WaitGroup;
use gaggle::{chan, runtime};

/// D1.
#[test]
fn gomaxprocs_returns_the_old_value_and_zero_only_asks() {
    on(3, || {
        assert_eq!(runtime::gomaxprocs(0), 3);
        assert_eq!(runtime::gomaxprocs(5), 3);
        assert_eq!(runtime::gomaxprocs(5), 5);
        assert_eq!(runtime::gomaxprocs(1), 5);
        assert_eq!(runtime::gomaxprocs(0), 1);
    });
}

/// TestBigGOMAXPROCS, and back, with goroutines on all of them.
#[test]
fn the_number_of_ps_changes_under_load() {
    on(2, || {
        let wg = WaitGroup::new();
        for _ in 0..32 {
            wg.go(|| (0..200).for_each(|_| runtime::gosched()));
        }
        for procs in [1024, 1, 16, 3, 1, 64, 2] {
            runtime::gomaxprocs(procs);
            assert_eq!(runtime::gomaxprocs(0), procs);
            runtime::gosched();
        }
        wg.wait();
    });
}

/// D2, D5.
#[test]
fn the_environment_decides_if_it_is_a_positive_number() {
    let outcome = run("limits_procs");
    let cpus = outcome.stdout.trim().split_once(' ').unwrap().1.to_owned();
    run("limits_procs").does_well(&format!("{cpus} {cpus}\n"));
    for procs in ["1", "3", "17"] {
        run_with("limits_procs", procs).does_well(&format!("{procs} {cpus}\n"));
    }
    for ignored in ["0", "-1", "", "many", "3x", "1.5", " 3", "3 ", "2147483648"] {
        run_with("limits_procs", ignored).does_well(&format!("{cpus} {cpus}\n"));
    }
}

/// D2, D3, D5; TestCgroupGOMAXPROCSSchedAffinity, ...Update, ...DontUpdate, ...SetDefault, as far as the
/// affinity mask can show them on any machine. (Quotas: `quota.rs`.)
#[test]
fn the_number_of_ps_follows_the_machine_until_somebody_chooses() {
    run("limits_one_cpu").does_well("1 1\n");
    run("limits_follows").does_well("true\n");
    run_with("limits_stays", "3").does_well("3 1\n");
}

/// A4.
#[test]
fn the_process_ends_when_main_returns() {
    for procs in ["1", "2", "4"] {
        run_with("limits_main_returns", procs).does_well("main returns\n");
    }
}

/// A6, TestMainGoroutineID: main is 1; with one P the others follow without a gap or a repetition.
#[test]
fn numbers_begin_with_main_s_1_and_are_not_used_again() {
    let expected: String = (1..=41).map(|id| format!("{id}\n")).collect();
    run_with("limits_ids", "1").does_well(&expected);
}

/// TestNumGoroutine (★22, A11): as many as a dump shows.
/// A12: what the runtime has of its own does not count.
#[test]
fn a_program_begins_with_one_goroutine_and_a_dump_shows_as_many_as_are_counted() {
    for procs in ["1", "2", "4"] {
        run_with("limits_count", procs).does_well("1 1\n11 11\n");
    }
}

/// A11: blocked ones count, ended ones do not.
#[test]
fn the_count_follows_births_and_ends() {
    for procs in [1, 4] {
        on(procs, || {
            // This one, and main, who joins it; one of an earlier test that has ended still counts
            // until its M has come around.
            const US: usize = 2;
            yield_until(|| runtime::num_goroutine() == US);
            let (c, wg) = (chan(0), WaitGroup::new());
            for _ in 0..100 {
                let c = c.clone();
                wg.go(move || assert_eq!(c.recv(), Some(())));
            }
            assert_eq!(runtime::num_goroutine(), US + 100);
            (0..100).for_each(|_| c.send(()));
            wg.wait();
            yield_until(|| runtime::num_goroutine() == US);
        });
    }
}
