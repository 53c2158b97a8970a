//! The examples before the detectors: the racy one must be reported, the others must be quiet.
//!
//! 1. An example that is not done at [`ONE_LIMIT`] has failed, whatever it said until then.
//! 2. Under ThreadSanitizer all run that end by themselves; before our own detector those of the guides' chapter on races,
//!    of which one is the racy one: the suites of `tests::race` are what tries it on everything.

use std::path::Path;
use std::time::Duration;

use crate::lanes::in_lanes;
use crate::process::Ending;
use crate::report::Report;
use crate::sanitize::Toolchain;
use crate::shell::Shell;

/// The one example that races, as its guide says.
const RACY: &str = "s4_listing09_race";
/// What mends it: an atomic, a mutex.
const MENDED: [&str; 2] = ["s4_listing13_atomic", "s4_listing16_mutex"];
const OURS: &str = "build -p gaggle --features race --example s4_listing09_race \
    --example s4_listing13_atomic --example s4_listing16_mutex";
const LIMIT: Duration = Duration::from_secs(6 * 60);
const ONE_LIMIT: Duration = Duration::from_secs(60);
/// How much shorter than in the guides the sleeps of examples are where the tests judge what they print: four times as long as
/// without a sanitizer, because whoever sleeps for another to be done must not be first.
pub(crate) const SCALE: &str = "0.4";
/// What the two detectors call a race.
const TSAN: &str = "WARNING: ThreadSanitizer: data race";
const GO: &str = "WARNING: DATA RACE";

/// How one example ended.
struct End {
    name: String,
    said: String,
    code: Option<i32>,
    ending: Ending,
}

/// All of them under ThreadSanitizer.
pub(crate) fn under_tsan(shell: &Shell, toolchain: Toolchain, report: &mut Report) {
    let folder = toolchain.programs(shell).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_of_the_guides(name))
        .collect();
    names.sort();
    let ends = in_lanes(&names, |name| run(shell, &folder, name, Some(toolchain)));
    verdict("race examples", TSAN, ends, report);
}

/// The three of the chapter on races before our own detector, which needs no toolchain.
pub(crate) fn before_ours(shell: &Shell, report: &mut Report) {
    let done = shell.run(shell.cargo(OURS), LIMIT);
    let built = done.failure.is_none();
    report.absorb("race detector, examples, built", done);
    if built {
        let folder = shell.target_dir().join("debug/examples");
        let names = [RACY, MENDED[0], MENDED[1]];
        let ends = in_lanes(&names, |name| run(shell, &folder, name, None));
        verdict("race detector, examples", GO, ends, report);
    }
}

/// True for `s4_tennis`: the fourth guide's. The others talk to somebody, or measure.
fn is_of_the_guides(name: &str) -> bool {
    let number = name.strip_prefix('s').and_then(|rest| rest.chars().next());
    number.is_some_and(|number| number.is_ascii_digit()) && !name.contains(['.', '-'])
}

fn run(
    shell: &Shell,
    folder: &Path,
    name: &str,
    toolchain: Option<Toolchain>,
) -> Result<End, String> {
    let mut command = shell.command(folder.join(name));
    if let Some(toolchain) = toolchain {
        toolchain.watch(shell, &mut command);
    }
    command.env("GAGGLE_TOUR_SCALE", "0.05");
    let (output, ending) =
        shell.watch(command, ONE_LIMIT).map_err(|error| format!("{name}: {error}"))?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Ok(End { name: name.to_owned(), said, code: output.status.code(), ending })
}

/// One example must be reported, and end with Go's code; no other may be.
fn verdict(label: &str, race: &str, ends: Vec<Result<End, String>>, report: &mut Report) {
    let (mut quiet, mut reported) = (0, 0);
    for end in ends {
        match end.and_then(|end| judge(race, &end)) {
            Ok(Seen::Quiet) => quiet += 1,
            Ok(Seen::Reported) => reported += 1,
            Err(why) => report.fail(format!("{label}: {why}")),
        }
    }
    if reported == 0 {
        report.fail(format!("{label}: {RACY} did not run, or was not reported"));
    }
    report.note(format!("{label}: {quiet} quiet, {reported} reported"));
}

/// What came of one, as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Quiet,
    Reported,
}

fn judge(race: &str, end: &End) -> Result<Seen, String> {
    let End { name, said, code, ending } = end;
    if *ending == Ending::Late {
        return Err(format!("{name} is not done after {ONE_LIMIT:?}:\n{said}"));
    }
    match (said.contains(race) || said.contains("ThreadSanitizer"), name == RACY) {
        (false, false) => Ok(Seen::Quiet),
        (true, true) if said.contains(race) && *code == Some(66) => Ok(Seen::Reported),
        (_, true) => Err(format!("{name} must be reported and end with 66, not {code:?}:\n{said}")),
        (true, false) => Err(format!("{name}:\n{said}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Ending, GO, RACY, Seen, is_of_the_guides, judge};

    fn end(name: &str, said: &str, code: i32, ending: Ending) -> Result<Seen, String> {
        judge(GO, &End { name: name.to_owned(), said: said.to_owned(), code: Some(code), ending })
    }

    #[test]
    fn the_racy_one_must_be_reported_and_no_other() {
        use Ending::ByItself;
        assert_eq!(end(RACY, GO, 66, ByItself), Ok(Seen::Reported));
        assert_eq!(end("s0_say", "hello", 0, ByItself), Ok(Seen::Quiet));
        assert!(end(RACY, "Final Counter: 2", 0, ByItself).is_err());
        assert!(end(RACY, GO, 0, ByItself).is_err());
        assert!(end("s0_say", GO, 66, ByItself).is_err());
    }

    #[test]
    fn programs_of_the_guides_are_told_from_files_beside_them() {
        assert!(is_of_the_guides("s4_tennis"));
        for other in ["s4_tennis.d", "s4_tennis-0a1b", "switch_cost", "tour", "s"] {
            assert!(!is_of_the_guides(other), "{other}");
        }
    }

    #[test]
    fn who_is_late_has_failed_whatever_it_said() {
        assert!(end(RACY, GO, 66, Ending::Late).is_err());
        assert!(end("s0_say", "", 0, Ending::Late).is_err());
    }
}
