//! Stress: many short rounds of everything together, under 1, 2, 4 and 16 Ps.
//!
//! `GAGGLE_STRESS=10000` sets the rounds per scenario and P count (100 otherwise),
//! `GAGGLE_SEED=n` replays the seed that a failure printed. A round that hangs ends the process
//! with a dump of all goroutines.

mod rounds;
mod watchdog;

use gaggle::runtime;
use std::time::{SystemTime, UNIX_EPOCH};

const DEFAULT_ROUNDS: u64 = 100;

/// A small generator: the rounds need variety, not quality.
pub(crate) struct Rng(u64);

impl Rng {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    number("GAGGLE_SEED").unwrap_or(clock) | 1
}

/// Runs `round` many times under each number of Ps, all in one main goroutine.
fn matrix(name: &'static str, round: fn(&mut Rng)) {
    let seed = seed();
    let rounds = number("GAGGLE_STRESS").unwrap_or(DEFAULT_ROUNDS);
    println!("{name}: GAGGLE_SEED={seed} GAGGLE_STRESS={rounds}");
    // SAFETY: the rounds keep no thread-local across a switch.
    unsafe {
        gaggle::run(move || {
            for procs in [1, 2, 4, 16] {
                runtime::gomaxprocs(procs);
                let mut rng = Rng(seed);
                for _ in 0..rounds {
                    watchdog::begin(procs);
                    round(&mut rng);
                }
                watchdog::end();
            }
        });
    }
}

#[test]
fn producers_and_consumers_lose_nothing() {
    matrix("producers", rounds::producers);
}

#[test]
fn a_select_mesh_delivers_each_value_once() {
    matrix("select", rounds::select_mesh);
}

#[test]
fn timeouts_race_wake_ups() {
    matrix("timeouts", rounds::timeouts);
}

#[test]
fn mutex_and_yields_keep_the_count() {
    matrix("mutex", rounds::mutex);
}

#[test]
fn a_tree_of_goroutines_is_joined() {
    matrix("tree", rounds::tree);
}

#[test]
fn closes_race_everybody() {
    matrix("close", rounds::close);
}

#[test]
fn threads_and_goroutines_share_a_channel() {
    matrix("threads", rounds::threads);
}

#[test]
fn gomaxprocs_changes_under_load() {
    matrix("gomaxprocs", rounds::procs);
}
