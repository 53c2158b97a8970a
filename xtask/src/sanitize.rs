//! A toolchain that can instrument, and commands of it: shared by `--race` and `--asan`.
//!
//! 1. A toolchain counts only after a program that it built here ran clean, and was caught when it did wrong.
//! 2. std is instrumented too where its source is present (`rustup component add rust-src`); else what it hides is in the
//!    suppressions.

use std::path::Path;
use std::process::Command;

use crate::shell::{self, Shell};

pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Faults are the program's own, as without a sanitizer: goroutines' overflows are told by a handler. A thread that has
/// ended is joined when the next is started, and so perhaps not before the end. Every process would wait a second there.
const TSAN_OPTIONS: &str = "handle_segv=0 handle_sigbus=0 report_thread_leaks=0 atexit_sleep_ms=50";
/// As above.
pub(crate) const ASAN_OPTIONS: &str = "detect_leaks=0 handle_segv=0 handle_sigbus=0";

/// What watches the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sanitizer {
    /// ThreadSanitizer.
    Thread,
    /// AddressSanitizer, and LeakSanitizer at the end.
    Address,
}

impl Sanitizer {
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Thread => "race",
            Self::Address => "asan",
        }
    }

    fn flags(self) -> &'static str {
        match self {
            Self::Thread => {
                "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer --cfg gaggle_tsan"
            }
            Self::Address => "-Zsanitizer=address --cfg gaggle_asan",
        }
    }

    /// What the planted mistake of the probe is reported as.
    fn report(self) -> &'static str {
        match self {
            Self::Thread => "ThreadSanitizer: data race",
            Self::Address => "AddressSanitizer: heap-use-after-free",
        }
    }
}

/// With an argument, two threads write to one place, or one thread reads a place that is freed.
const PROBE: &str = r#"
fn main() {
    let mut place = Box::new(0_u64);
    let address = (&raw mut *place) as usize;
    let write = move || unsafe { *(address as *mut u64) += 1 };
    let first = std::thread::spawn(write);
    let word = std::env::args().nth(1).unwrap_or_default();
    if word == "race" {
        std::thread::spawn(write).join().unwrap();
    }
    first.join().unwrap();
    if word == "asan" {
        drop(place);
        println!("{}", unsafe { (address as *const u64).read_volatile() });
    }
}
"#;

/// Who may be able to instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The nightly of rustup.
    Nightly,
    /// The stable one, told to accept unstable flags.
    Bootstrap,
}

/// One that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toolchain {
    sanitizer: Sanitizer,
    channel: Channel,
    std: Std,
}

/// Whether the sanitizer sees inside std.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Std {
    Instrumented,
    AsShipped,
}

impl Channel {
    fn command(self, shell: &Shell, program: &str) -> Command {
        let mut command = shell.command(program);
        match self {
            // rustup would download a missing toolchain in silence.
            Self::Nightly => command.arg("+nightly").env("RUSTUP_AUTO_INSTALL", "0"),
            Self::Bootstrap => command.env("RUSTC_BOOTSTRAP", "1"),
        };
        command
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nightly => "nightly",
            Self::Bootstrap => "stable with RUSTC_BOOTSTRAP=1",
        }
    }
}

impl Toolchain {
    /// The first whose sanitizer works on this machine, or why none does.
    pub(crate) fn find(shell: &Shell, sanitizer: Sanitizer) -> Result<Toolchain, String> {
        let able = |channel| probe(shell, sanitizer, channel);
        choose(sanitizer, able, |channel| has_source(shell, channel))
    }

    /// What it is, for people.
    pub(crate) fn words(self) -> String {
        let std = match self.std {
            Std::Instrumented => "std instrumented",
            Std::AsShipped => "std as shipped (no rust-src)",
        };
        format!(
            "{}: {:?}Sanitizer by {}, {std}",
            self.sanitizer.verb(),
            self.sanitizer,
            self.channel.name()
        )
    }

    /// `cargo args`, instrumented. Optimised a little: unoptimised, the instructions right before a switch
    /// would be instrumented too, and all of it takes twice the time.
    pub(crate) fn cargo(self, shell: &Shell, args: &str) -> Command {
        let mut command = self.channel.command(shell, "cargo");
        command.args(args.split_whitespace()).args(["--target", TARGET]);
        if self.std == Std::Instrumented {
            command.arg("-Zbuild-std");
        }
        command
            .env("RUSTFLAGS", shell::with_flags("RUSTFLAGS", self.sanitizer.flags()))
            .env("CARGO_TARGET_DIR", self.folder(shell))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_TEST_OPT_LEVEL", "1");
        self.watch(shell, &mut command);
        command
    }

    /// Sets what a watched program is told by its environment.
    pub(crate) fn watch(self, shell: &Shell, command: &mut Command) {
        let suppressions = shell.root().join("xtask/tsan.supp");
        command
            .env("TSAN_OPTIONS", format!("suppressions={} {TSAN_OPTIONS}", suppressions.display()))
            .env("ASAN_OPTIONS", ASAN_OPTIONS)
            // Symbolising a backtrace costs more stack and time than a test has under a sanitizer.
            .env("RUST_BACKTRACE", "0");
    }

    /// Where the instrumented programs are.
    pub(crate) fn programs(self, shell: &Shell) -> std::path::PathBuf {
        self.folder(shell).join(TARGET).join("debug")
    }

    fn folder(self, shell: &Shell) -> std::path::PathBuf {
        shell.target_dir().join(self.sanitizer.verb())
    }
}

/// The nightly if it is `able`, else the stable one; with std instrumented where it has its source.
fn choose(
    sanitizer: Sanitizer,
    able: impl Fn(Channel) -> Result<(), String>,
    has_source: impl Fn(Channel) -> bool,
) -> Result<Toolchain, String> {
    let mut reasons = Vec::new();
    for channel in [Channel::Nightly, Channel::Bootstrap] {
        match able(channel) {
            Ok(()) => {
                let std = if has_source(channel) { Std::Instrumented } else { Std::AsShipped };
                return Ok(Toolchain { sanitizer, channel, std });
            }
            Err(reason) => reasons.push(format!("{}: {reason}", channel.name())),
        }
    }
    let verb = sanitizer.verb();
    Err(format!("{verb}: no toolchain of this machine can do it:\n{}", reasons.join("\n")))
}

/// Builds the probe and runs it twice: quiet it must pass, doing wrong it must be caught.
fn probe(shell: &Shell, sanitizer: Sanitizer, channel: Channel) -> Result<(), String> {
    let folder = shell.target_dir().join(sanitizer.verb());
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (source, program) = (folder.join("probe.rs"), folder.join("probe"));
    std::fs::write(&source, PROBE).map_err(|error| format!("{}: {error}", source.display()))?;
    let mut rustc = channel.command(shell, "rustc");
    rustc.args(sanitizer.flags().split(' ')).args(["--target", TARGET, "-o"]).arg(&program);
    rustc.arg(&source);
    shell.read(rustc)?;
    shell.read(shell.command(&program))?;
    let mut wrong = shell.command(&program);
    wrong.arg(sanitizer.verb());
    match shell.read(wrong) {
        Ok(_) => Err("a planted mistake goes unseen".to_owned()),
        Err(report) if report.contains(sanitizer.report()) => Ok(()),
        Err(report) => Err(report),
    }
}

/// True if the source of std is there, to be built with the flags.
fn has_source(shell: &Shell, channel: Channel) -> bool {
    let mut rustc = channel.command(shell, "rustc");
    rustc.args(["--print", "sysroot"]);
    shell.read(rustc).is_ok_and(|root| {
        Path::new(root.trim()).join("lib/rustlib/src/rust/library/std/Cargo.toml").exists()
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Channel, Sanitizer, Std, Toolchain, choose};
    use crate::shell::Shell;

    fn chosen(able: &[Channel], sources: &[Channel]) -> Result<Toolchain, String> {
        let answer = |channel| match able.contains(&channel) {
            true => Ok(()),
            false => Err("is not there".to_owned()),
        };
        choose(Sanitizer::Thread, answer, |channel| sources.contains(&channel))
    }

    fn command(toolchain: Toolchain) -> Command {
        toolchain.cargo(&Shell::at_workspace_root(), "test --no-run")
    }

    fn has(command: &Command, word: &str) -> bool {
        command.get_args().any(|arg| arg == word)
    }

    fn bootstrap(command: &Command) -> bool {
        command
            .get_envs()
            .any(|(name, value)| name == "RUSTC_BOOTSTRAP" && value == Some("1".as_ref()))
    }

    #[test]
    fn the_nightly_comes_first() {
        let both = chosen(&[Channel::Nightly, Channel::Bootstrap], &[]).expect("one");
        assert_eq!((both.channel, both.std), (Channel::Nightly, Std::AsShipped));
        let command = command(both);
        assert!(has(&command, "+nightly") && !bootstrap(&command), "{command:?}");
    }

    #[test]
    fn without_a_nightly_the_stable_one_is_told_to_accept_the_flags() {
        let stable = chosen(&[Channel::Bootstrap], &[]).expect("one");
        let command = command(stable);
        assert!(bootstrap(&command) && !has(&command, "+nightly"), "{command:?}");
        assert!(stable.words().contains("stable with RUSTC_BOOTSTRAP=1, std as shipped"));
    }

    #[test]
    fn std_is_built_where_the_source_of_that_toolchain_is_and_only_there() {
        for (source, instrumented) in [(Channel::Bootstrap, true), (Channel::Nightly, false)] {
            let stable = chosen(&[Channel::Bootstrap], &[source]).expect("one");
            assert_eq!(has(&command(stable), "-Zbuild-std"), instrumented);
        }
    }

    #[test]
    fn a_machine_that_cannot_is_told_why_for_each() {
        let why = chosen(&[], &[]).expect_err("none");
        assert!(
            why.contains("nightly: is not there") && why.contains("RUSTC_BOOTSTRAP=1: is not"),
            "{why}"
        );
    }
}
