//! What is in a profile, whatever form it is written in.

use super::Kind;
use crate::Leak;
use gaggle_runtime::traceback::elided;
use gaggle_sched::{Contention, ContentionKind, Sighting, census, contention};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Keys and values of the goroutines that a record stands for.
pub(super) type Labels = Vec<(Arc<str>, Arc<str>)>;

/// One stack and its numbers.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// One for each of the profile's units.
    pub(super) values: Vec<u64>,
    /// Return addresses, innermost first.
    pub(super) pcs: Vec<usize>,
    pub(super) labels: Labels,
}

/// A profile at one moment.
#[derive(Debug)]
pub(super) struct Records {
    /// What is counted, and in which unit: as many as each record has values.
    pub(super) units: &'static [(&'static str, &'static str)],
    /// What of the last unit lies between two samples.
    pub(super) period: u64,
    /// How long it took; zero if it is of one moment.
    pub(super) took: Duration,
    pub(super) all: Vec<Record>,
}

impl Records {
    #[inline(never)]
    pub(super) fn of(kind: Kind) -> Records {
        match kind {
            Kind::Goroutine => {
                let all = census();
                Records::of_goroutines(&all.iter().collect::<Vec<_>>())
            }
            Kind::GoroutineLeak => {
                let report = crate::leaks();
                let all: Vec<_> = report.leaks().iter().map(Leak::goroutine).collect();
                Records::of_goroutines(&all)
            }
            Kind::ThreadCreate => {
                let values = vec![gaggle_sched::metrics().threads as u64];
                let one = Record { values, pcs: Vec::new(), labels: Vec::new() };
                Records::of_now(&[("threadcreate", "count")], vec![one])
            }
            Kind::Block => Records::of_waits(contention(ContentionKind::Block)),
            Kind::Mutex => Records::of_waits(contention(ContentionKind::Mutex)),
        }
    }

    fn of_now(units: &'static [(&'static str, &'static str)], all: Vec<Record>) -> Records {
        Records { units, period: 1, took: Duration::ZERO, all }
    }

    /// Equal stacks with equal labels are one record; the most frequent first.
    fn of_goroutines(all: &[&Sighting]) -> Records {
        let mut groups: HashMap<(&[usize], &[_]), u64> = HashMap::new();
        for it in all {
            *groups.entry((it.pcs(), it.labels())).or_default() += 1;
        }
        let record = |((pcs, labels), count): ((&[usize], &[_]), u64)| Record {
            values: vec![count],
            pcs: frames(pcs),
            labels: labels.to_vec(),
        };
        let mut records: Vec<Record> = groups.into_iter().map(record).collect();
        records.sort_by(|a, b| b.values.cmp(&a.values).then_with(|| a.pcs.cmp(&b.pcs)));
        Records::of_now(&[("goroutine", "count")], records)
    }

    fn of_waits(waits: Vec<Contention>) -> Records {
        let record = |wait: Contention| Record {
            values: vec![wait.count, wait.nanoseconds],
            pcs: frames(&wait.pcs),
            labels: Vec::new(),
        };
        let units = &[("contentions", "count"), ("delay", "nanoseconds")];
        Records::of_now(units, waits.into_iter().map(record).collect())
    }

    /// The sum of the first value.
    pub(super) fn total(&self) -> u64 {
        self.all.iter().map(|record| record.values[0]).sum()
    }
}

/// Without the mark of what a collector left out.
fn frames(pcs: &[usize]) -> Vec<usize> {
    pcs.iter().copied().filter(|&pc| elided(pc).is_none()).collect()
}
