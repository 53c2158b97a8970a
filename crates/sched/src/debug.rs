//! `GAGGLE_DEBUG` and `GAGGLE_TRACEBACK`: what may be changed from outside, read once, at boot.
//!
//! | key of `GAGGLE_DEBUG` | value | what |
//! |---|---|---|
//! | `preempt` | `strict`, `handoff`, `off` | what happens to who computes too long (`preempt.rs`) |
//! | `slice` | microseconds, 100 to 1,000,000 | the time slice |
//! | `schedtrace` | milliseconds | a line about the scheduler that often (`schedtrace.rs`) |
//! | `scheddetail` | `0`, `1` | every P, M and G in it |
//! | `migrate` | `0`, `1` | every switch point goes on on another thread (`migrate.rs`) |
//! | `watch` | a time, `5s` or `500ms` | waits in circles and goroutines that hold on for long are looked for that often |
//! | `reap` | a time, `60s` or `500ms`; a number alone is seconds | threads that are idle for so long end (`reap.rs`) |
//! | `tracebackancestors` | a number | dumps show who started a goroutine, so many deep (`ancestors.rs`) |
//! | `latency` | `0`, `1` | waits for a P and CPU time are measured (`latency.rs`) |
//! | `guard` | `install`, `mprotect`, `shared` | what guards stacks (coro's `guard.rs`, which reads it for itself) |
//!
//! Keys are separated by commas. What is not understood is said on standard error, once, and has
//! no effect.

use crate::preempt::mode::Mode;
use crate::view::{dump::print, level::TracebackLevel};
use gaggle_coro::stack::GuardKind;

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) preempt: Mode,
    /// Nanoseconds; the default if none.
    pub(crate) slice: Option<u64>,
    /// Nanoseconds between two lines; 0 is never.
    pub(crate) schedtrace: u64,
    pub(crate) scheddetail: Switch,
    pub(crate) migrate: Switch,
    pub(crate) latency: Switch,
    /// Nanoseconds between two looks of the watchdog; 0 is never.
    pub(crate) watch: u64,
    /// Nanoseconds after which an idle thread ends; 0 is never.
    pub(crate) reap: u64,
    /// How many of those who led to a goroutine dumps show.
    pub(crate) ancestors: usize,
}

/// Whether something is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
}

impl Settings {
    const DEFAULT: Settings = Settings {
        preempt: Mode::DEFAULT,
        slice: None,
        schedtrace: 0,
        scheddetail: Switch::Off,
        migrate: Switch::Off,
        latency: Switch::Off,
        watch: 0,
        reap: 0,
        ancestors: 0,
    };

    /// Reads the environment, and says what it does not understand.
    pub(crate) fn from_environment() -> Settings {
        let mut settings = Settings::DEFAULT;
        for word in std::env::var("GAGGLE_DEBUG").unwrap_or_default().split(',') {
            let word = word.trim();
            if !word.is_empty() && settings.take(word).is_none() {
                print(&format!("gaggle: GAGGLE_DEBUG: {word:?} is not understood\n"));
            }
        }
        settings
    }

    /// Takes one `key=value`; none if it means nothing.
    fn take(&mut self, word: &str) -> Option<()> {
        let (key, value) = word.split_once('=')?;
        match key {
            "preempt" => self.preempt = Mode::parse(value)?,
            "slice" => self.slice = Some(value.parse::<u64>().ok()?.clamp(100, 1_000_000) * 1_000),
            "schedtrace" => {
                self.schedtrace = value.parse::<u64>().ok()?.saturating_mul(1_000_000);
            }
            "scheddetail" => self.scheddetail = Switch::parse(value)?,
            "migrate" => self.migrate = Switch::parse(value)?,
            "latency" => self.latency = Switch::parse(value)?,
            "tracebackancestors" => self.ancestors = value.parse().ok()?,
            "watch" => self.watch = parse_time(value)?,
            "reap" => {
                self.reap = parse_time(value).or_else(|| parse_time(&format!("{value}s")))?;
            }
            "guard" => drop(GuardKind::named(value.as_bytes())?),
            _ => return None,
        }
        Some(())
    }
}

/// Nanoseconds of `5s` or `500ms`.
fn parse_time(value: &str) -> Option<u64> {
    let (number, unit) = match value.strip_suffix("ms") {
        Some(number) => (number, 1_000_000),
        None => (value.strip_suffix('s')?, 1_000_000_000),
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

impl Switch {
    fn parse(value: &str) -> Option<Switch> {
        match value {
            "1" => Some(Switch::On),
            "0" => Some(Switch::Off),
            _ => None,
        }
    }
}

/// The level of tracebacks that the environment asks for.
pub(crate) fn traceback_level() -> TracebackLevel {
    let Ok(word) = std::env::var("GAGGLE_TRACEBACK") else { return TracebackLevel::Single };
    TracebackLevel::parse(&word).unwrap_or_else(|| {
        print(&format!("gaggle: GAGGLE_TRACEBACK: {word:?} is not understood\n"));
        TracebackLevel::Single
    })
}

#[cfg(test)]
mod tests {
    use super::{Settings, Switch};
    use crate::preempt::mode::Mode;

    #[test]
    fn every_key_is_taken_with_its_values_and_nothing_else() {
        let mut settings = Settings::DEFAULT;
        for word in [
            "preempt=off",
            "slice=1",
            "schedtrace=1000",
            "scheddetail=1",
            "migrate=1",
            "watch=5s",
            "reap=60",
            "tracebackancestors=3",
            "guard=install",
            "guard=mprotect",
            "guard=shared",
        ] {
            assert_eq!(settings.take(word), Some(()), "{word}");
        }
        let wanted = Settings {
            preempt: Mode::Off,
            slice: Some(100_000),
            schedtrace: 1_000_000_000,
            scheddetail: Switch::On,
            migrate: Switch::On,
            latency: Switch::Off,
            watch: 5_000_000_000,
            reap: 60_000_000_000,
            ancestors: 3,
        };
        assert_eq!(settings, wanted);
        let wrong = "preempt,preempt=on,slice=x,migrate=2,=,colour=red,reap=s,guard=,guard=none";
        for word in wrong.split(',') {
            assert_eq!(settings.take(word), None, "{word}");
        }
        assert_eq!(settings, wanted);
    }
}
