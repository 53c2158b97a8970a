//! Profiles: Go's package `runtime/pprof`, the profiles of it that speak of goroutines (SEMANTICS AA7-AA9).
//!
//! | name | what is counted |
//! |---|---|
//! | `goroutine` | goroutines, by where they stand |
//! | `goroutineleak` | those that nobody can wake ([`leaks`](crate::leaks)) |
//! | `threadcreate` | threads that run goroutines, or wait to |
//! | `block` | waits of goroutines for each other ([`set_block_profile_rate`]) |
//! | `mutex` | unlocks that ended a wait ([`set_mutex_profile_fraction`]) |
//!
//! The CPU profile is none of these: it is of a stretch of time ([`start_cpu_profile`]).

mod cpu;
mod proto;
mod records;
mod text;

pub use cpu::{start_cpu_profile, stop_cpu_profile};
use gaggle_sched::ContentionKind;
pub use gaggle_sched::{
    mutex_profile_fraction, set_block_profile_rate, set_mutex_profile_fraction,
};
use records::Records;
use std::io::{self, Write};

/// One of the profiles, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Goroutine,
    GoroutineLeak,
    ThreadCreate,
    Block,
    Mutex,
}

const ALL: [(&str, Kind); 5] = [
    ("block", Kind::Block),
    ("goroutine", Kind::Goroutine),
    ("goroutineleak", Kind::GoroutineLeak),
    ("mutex", Kind::Mutex),
    ("threadcreate", Kind::ThreadCreate),
];

/// The profile of that name, if there is one (Go: `pprof.Lookup`).
///
/// # Examples
///
/// ```
/// use gaggle_insight::pprof;
/// use gaggle_runtime::run;
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe {
///     run(|| {
///         let goroutines = pprof::lookup("goroutine").expect("it always exists");
///         let mut text = Vec::new();
///         goroutines.write_to(&mut text, 1).unwrap();
///         assert!(text.starts_with(b"goroutine profile: total 1\n1 @ 0x"));
///     })
/// };
/// assert!(pprof::lookup("gophers").is_none());
/// ```
pub fn lookup(name: &str) -> Option<Profile> {
    ALL.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| Profile(kind))
}

/// All profiles, by their names in order (Go: `pprof.Profiles`).
pub fn profiles() -> impl Iterator<Item = Profile> {
    ALL.into_iter().map(|(_, kind)| Profile(kind))
}

impl Profile {
    /// What it is called.
    pub fn name(self) -> &'static str {
        ALL.into_iter().find(|(_, kind)| *kind == self.0).map_or("", |(name, _)| name)
    }

    /// How much it counts now: goroutines, threads, or distinct stacks.
    pub fn count(self) -> usize {
        match self.0 {
            Kind::Goroutine => gaggle_sched::num_goroutine(),
            Kind::GoroutineLeak => crate::leaks().leaks().len(),
            Kind::ThreadCreate => gaggle_sched::metrics().threads,
            Kind::Block => gaggle_sched::contention(ContentionKind::Block).len(),
            Kind::Mutex => gaggle_sched::contention(ContentionKind::Mutex).len(),
        }
    }

    /// Writes it as it is now (Go: `Profile.WriteTo`).
    ///
    /// With `debug` 0 it is a compressed protocol buffer, for `go tool pprof` and what else reads the
    /// format. With 1 it is text, equal stacks as one paragraph, the most frequent first. The goroutine
    /// profiles have a third form, 2: every goroutine by itself, as when a program dies.
    ///
    /// Each goroutine is counted where it stands at an instant of its own: nobody is stopped.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    #[inline(never)]
    pub fn write_to(self, out: &mut impl Write, debug: u32) -> io::Result<()> {
        if self.0 == Kind::Goroutine && debug >= 2 {
            return out.write_all(gaggle_sched::stack(gaggle_sched::Whose::All).as_bytes());
        }
        if self.0 == Kind::GoroutineLeak && debug >= 2 {
            return out.write_all(crate::leaks().to_string().as_bytes());
        }
        let records = Records::of(self.0);
        match debug {
            0 => proto::write(&records, out),
            _ => out.write_all(text::of(self.0, &records).as_bytes()),
        }
    }
}
