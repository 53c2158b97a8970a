//! What many goroutines cost while they wait.

mod stacks;

use super::{Shape, Weight, Work};
use crate::figures::{Figure, Unit};
use crate::meter::Meter;
use gaggle::runtime::gosched;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Uint64;
use gaggle::{Chan, chan};
use std::sync::Arc;
use std::time::Duration;

pub(super) static SHAPES: [Shape; 7] = [
    Shape {
        name: "parked_1m",
        about: "one of a million goroutines parked on a channel: start, memory, wake",
        n: 1_000_000,
        weight: Weight::Heavy { mebibytes: 7000 },
        work: Work::Own(parked),
    },
    Shape {
        name: "parked_4m",
        about: "one of four million",
        n: 4_000_000,
        weight: Weight::Heavy { mebibytes: 20_500 },
        work: Work::Own(parked),
    },
    Shape {
        name: "idle",
        about: "processor time in each second that 1000 goroutines wait and nothing happens",
        n: 1000,
        weight: Weight::Heavy { mebibytes: 100 },
        work: Work::Own(idle),
    },
    stacks::row::<200>("stack_used_200"),
    stacks::row::<1_500>("stack_used_1500"),
    stacks::row::<3_000>("stack_used_3000"),
    stacks::row::<8_000>("stack_used_8000"),
];

/// Seconds of doing nothing.
const IDLE: u64 = 5;

fn idle(n: u64) -> Vec<Figure> {
    let (gate, wg) = (chan::<()>(0), WaitGroup::new());
    for _ in 0..n {
        let gate = gate.clone();
        wg.go(move || assert_eq!(gate.recv(), None));
    }
    gaggle::time::sleep(Duration::from_secs(1)); // whatever goes to sleep late is asleep then
    let meter = Meter::start();
    gaggle::time::sleep(Duration::from_secs(IDLE));
    let [_, used] = meter.stop().per(IDLE, "of_a_second");
    gate.close();
    wg.wait();
    vec![Figure::new("cpu_of_a_second", Unit::Nanos, used.value)]
}

/// Where the goroutines wait, how many have come there, and how many have left.
struct Gate {
    open: Chan<()>,
    arrived: Uint64,
    woken: Uint64,
}

fn parked(n: u64) -> Vec<Figure> {
    let gate = Gate { open: chan(0), arrived: Uint64::new(0), woken: Uint64::new(0) };
    let (gate, wg) = (Arc::new(gate), WaitGroup::new());
    let memory = Memory::now();
    let meter = Meter::start();
    for _ in 0..n {
        let gate = Arc::clone(&gate);
        wg.go(move || {
            gate.arrived.add(1);
            assert_eq!(gate.open.recv(), None);
            gate.woken.add(1);
        });
    }
    // With more than one P the very last may still be on its way from its count into its park.
    while gate.arrived.load() < n {
        gosched();
    }
    let mut all = Vec::from(meter.stop().per(n, "create"));
    all.extend(memory.since(n));
    let meter = Meter::start();
    gate.open.close();
    wg.wait();
    all.extend(meter.stop().per(n, "wake"));
    assert_eq!(gate.woken.load(), n);
    all
}

/// The memory of this process at one moment.
pub(crate) struct Memory {
    resident: u64,
    mappings: usize,
}

impl Memory {
    pub(crate) fn now() -> Self {
        Self { resident: resident(), mappings: mappings() }
    }

    /// What each of `n` has taken since, how many mappings there are, and how many of them are new.
    pub(crate) fn since(&self, n: u64) -> [Figure; 3] {
        let now = Self::now();
        let bytes = now.resident.saturating_sub(self.resident) as f64 / n as f64;
        let added = now.mappings.saturating_sub(self.mappings);
        [
            Figure::new("resident", Unit::Bytes, bytes),
            Figure::new("mappings", Unit::Count, now.mappings as f64),
            Figure::new("mappings_added", Unit::Count, added as f64),
        ]
    }
}

/// Bytes of this process in memory, page tables included.
pub(crate) fn resident() -> u64 {
    let status = read("/proc/self/status");
    let kib = |key: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("the kernel tells the size")
    };
    (kib("VmRSS:") + kib("VmPTE:")) * 1024
}

fn mappings() -> usize {
    read("/proc/self/maps").lines().count()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).expect("Linux tells about the own process")
}
