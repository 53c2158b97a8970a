//! How much a crash and a dump show (SEMANTICS C2, C3, AA1).

use crate::child::{Exit, Outcome, run_in};
use crate::report::{Report, standing_in};

#[track_caller]
fn at_level(level: &str) -> Outcome {
    run_in("panic_beside_others", &[("GAGGLE_TRACEBACK", level), ("GOMAXPROCS", "2")])
}

/// SEMANTICS C1, C2: 2 for a crash, SIGABRT at level `crash`.
#[test]
fn the_level_says_how_much_a_crash_shows() {
    assert_eq!(at_level("none").ends(Exit::Code(2)).stderr, "panic: one of three\n");
    assert_eq!(Report::of(at_level("single")).single().state, "running");
    for level in ["all", "1", "system", "2"] {
        let report = Report::of(at_level(level));
        assert_eq!(report.goroutines.len(), 4, "{level}: {report:#?}");
        assert!(report.goroutines[0].stands_in("dumps::blow_up"), "{level}: {report:#?}");
        standing_in(&report, "dumps::computes_for_ever");
        let parked = standing_in(&report, "dumps::receives");
        let shows_ours = parked.frames.iter().any(|name| name.contains("gaggle_"));
        assert_eq!(shows_ours, ["system", "2"].contains(&level), "{level}: {parked:#?}");
    }
    let outcome = at_level("crash").ends(Exit::Signal(libc::SIGABRT));
    assert!(outcome.stderr.contains("computes_for_ever"), "{}", outcome.stderr);
}

/// SEMANTICS C2: any number is a level, and an empty word is as none.
#[test]
fn a_level_may_be_empty_or_any_number() {
    let alone = at_level("").ends(Exit::Code(2));
    assert!(alone.stderr.starts_with("panic: one of three\n\ngoroutine "), "{}", alone.stderr);
    assert_eq!(Report::of(alone).goroutines.len(), 1);
    for level in ["3", "9"] {
        let report = Report::of(at_level(level));
        assert_eq!(report.head, "panic: one of three", "{level}");
        let parked = standing_in(&report, "dumps::receives");
        assert!(parked.frames.iter().any(|name| name.contains("gaggle_")), "{level}: {parked:#?}");
    }
    let complaint = "gaggle: GAGGLE_TRACEBACK: \"-1\" is not understood\n";
    assert!(at_level("-1").ends(Exit::Code(2)).stderr.starts_with(complaint));
}

/// SEMANTICS C2: it can be raised before the first `run`, too, and the environment does not lower it.
#[test]
fn a_level_raised_before_the_first_run_holds() {
    let program = "panic_beside_others_at_level_all";
    for level in ["none", "single"] {
        let variables = [("GAGGLE_TRACEBACK", level), ("GOMAXPROCS", "2")];
        assert_eq!(Report::of(run_in(program, &variables)).goroutines.len(), 4, "{level}");
    }
    let report = Report::of(run_in(program, &[("GAGGLE_TRACEBACK", "system")]));
    let parked = standing_in(&report, "dumps::receives");
    assert!(parked.frames.iter().any(|name| name.contains("gaggle_")), "{parked:#?}");
}

/// The value of `name=0x..` in a line.
fn word(line: &str, name: &str) -> Option<u64> {
    let (_, rest) = line.split_once(&format!(" {name}=0x"))?;
    u64::from_str_radix(rest.split(' ').next()?, 16).ok()
}

/// SEMANTICS AA1: `gp= m= mp=` in the header, `fp= sp= pc=` behind the offset; each frame begins where the
/// one below it ends.
#[test]
fn the_level_system_shows_addresses() {
    let text = at_level("system").ends(Exit::Code(2)).stderr;
    let mut frames = 0;
    for one in text.split("\n\n").filter(|part| part.starts_with("goroutine ")) {
        let (header, rest) = one.split_once('\n').unwrap_or((one, ""));
        assert!(word(header, "gp").is_some(), "{text}");
        let runs = word(header, "mp").is_some();
        assert_eq!(header.contains(" m=nil ["), !runs, "{text}");
        let mut below = None;
        for line in rest.lines().filter(|line| line.contains(" +0x")) {
            let (sp, fp) = (word(line, "sp"), word(line, "fp"));
            assert!(word(line, "pc").is_some() && sp.is_some() && fp >= sp, "{line}\n{text}");
            assert!(below.is_none_or(|below| sp == below), "{line}\n{text}");
            below = Some(fp);
            frames += 1;
        }
    }
    assert!(frames > 10, "{text}");
    let text = at_level("all").ends(Exit::Code(2)).stderr;
    assert!(!text.contains(" sp=0x") && !text.contains(" gp=0x"), "{text}");
}

/// What guards stacks is a setting as others are: taken by its names, told if it is none of them.
#[test]
fn a_kind_of_guard_is_understood() {
    let complaint = |guard: &str| {
        let debug = format!("guard={guard}");
        let outcome = run_in("panic_beside_others", &[("GAGGLE_DEBUG", &debug)]);
        outcome.ends(Exit::Code(2)).stderr.lines().next().unwrap_or_default().to_owned()
    };
    for guard in ["install", "mprotect", "shared"] {
        assert_eq!(complaint(guard), "panic: one of three");
    }
    assert_eq!(complaint("none"), "gaggle: GAGGLE_DEBUG: \"guard=none\" is not understood");
}

#[track_caller]
fn chain(debug: &str) -> String {
    run_in("dump_creation_chain", &[("GAGGLE_DEBUG", debug)]).ends(Exit::Code(0)).stdout
}

/// SEMANTICS C3.
#[test]
fn ancestors_are_shown_if_that_is_wanted_and_as_deep_as_is_wanted() {
    let heads = |text: &str| -> Vec<String> {
        let is_head = |line: &&str| line.starts_with("[originating from goroutine ");
        text.lines().filter(is_head).map(str::to_owned).collect()
    };
    assert_eq!(heads(&chain("slice=10000")), [""; 0]);
    assert_eq!(heads(&chain("tracebackancestors=1")).len(), 1);
    let text = chain("tracebackancestors=9");
    let found = heads(&text);
    assert_eq!(found.len(), 2, "{text}");
    assert_eq!(found[1], "[originating from goroutine 1]:", "{text}");
    let (own, rest) = text.split_once("[originating").unwrap_or_default();
    assert!(own.contains("third_of_a_chain") && own.contains("in goroutine "), "{text}");
    let (second, first) = rest.split_once("[originating").unwrap_or_default();
    assert!(second.contains("second_of_a_chain(...)\n\t"), "{text}");
    assert!(second.contains("created by go statement\n\t"), "{text}");
    assert!(first.contains("creation_chain(...)\n\t") && !first.contains("created by"), "{text}");
}
