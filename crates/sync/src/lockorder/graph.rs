//! What was ever taken behind what.
//!
//! A *step* says that somebody held one lock and wanted another. A circle of steps is an inversion, unless all of
//! them were made under one lock more, their *gate*: then no two of them are made at a time.

use super::holds::{Held, Lock, Who};
use std::backtrace::Backtrace;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// So many steps are kept; what comes after that is compared with them and forgotten. *Bounded*: a checker that is
/// there unasked may not take the memory of a program with a million locks.
const MOST: usize = 1 << 16;

/// Somebody held one lock and wanted another.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) holder: Held,
    pub(super) wanted: Lock,
    pub(super) stack: Arc<Backtrace>,
    /// What was held besides, each time.
    gates: Vec<Lock>,
}

/// A step that closes a circle, and the steps of the others.
#[derive(Debug)]
pub(super) struct Inversion {
    pub(super) ours: Step,
    pub(super) others: Vec<Step>,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    // By the lock that was held, then by the one that was wanted.
    steps: HashMap<Lock, HashMap<Lock, Step>>,
    // By the lock that was wanted: those that were held.
    before: HashMap<Lock, HashSet<Lock>>,
    told: HashSet<(Lock, Lock)>,
    // How many steps there are.
    count: usize,
}

/// What a step is to the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Known,
    /// It is new, or was made without a gate that it had.
    New,
}

impl Graph {
    /// Somebody who holds `ours` is about to wait for `wanted`. `stack` is asked for if that is new.
    pub(super) fn want(
        &mut self,
        ours: &[Held],
        wanted: Lock,
        stack: impl FnOnce() -> Arc<Backtrace>,
    ) -> Option<Inversion> {
        let (mut found, mut now, mut stack) = (None, None, Some(stack));
        for holder in ours {
            let from = holder.lock;
            let gates: Vec<Lock> =
                ours.iter().map(|held| held.lock).filter(|it| *it != from).collect();
            if self.narrow(from, wanted, &gates) == News::Known {
                continue;
            }
            let stack = stack.take().map(|stack| stack()).or_else(|| now.clone())?;
            now = Some(Arc::clone(&stack));
            let step = Step { holder: holder.clone(), wanted, stack, gates };
            if found.is_none() && !self.told.contains(&(from, wanted)) {
                found = self.inversion(&step);
            }
            self.add(step);
        }
        found
    }

    /// Whether a step is known, with no more gates than these.
    fn narrow(&self, from: Lock, wanted: Lock, gates: &[Lock]) -> News {
        let known = self.steps.get(&from).and_then(|behind| behind.get(&wanted));
        match known.is_some_and(|step| step.gates.iter().all(|gate| gates.contains(gate))) {
            true => News::Known,
            false => News::New,
        }
    }

    fn add(&mut self, mut step: Step) {
        let (from, wanted) = (step.holder.lock, step.wanted);
        let known = self.steps.get(&from).and_then(|behind| behind.get(&wanted));
        match known {
            Some(known) => step.gates.retain(|gate| known.gates.contains(gate)),
            None if self.count == MOST => return,
            None => self.count += 1,
        }
        self.steps.entry(from).or_default().insert(wanted, step);
        self.before.entry(wanted).or_default().insert(from);
    }

    fn inversion(&mut self, ours: &Step) -> Option<Inversion> {
        let others = self.path(ours.wanted, ours.holder.lock)?;
        let gated = |gate: &Lock| others.iter().all(|step| step.gates.contains(gate));
        if !others.is_empty() && ours.gates.iter().any(gated) {
            return None;
        }
        self.told.insert((ours.holder.lock, ours.wanted));
        Some(Inversion { ours: ours.clone(), others })
    }

    /// The steps by which `to` was once wanted behind `from`; none of them if they are one lock.
    fn path(&self, from: Lock, to: Lock) -> Option<Vec<Step>> {
        let mut came_by: HashMap<Lock, &Step> = HashMap::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                let back = |at: &Lock| came_by.get(at).map(|step| (step.holder.lock, *step));
                let steps =
                    core::iter::successors(
                        back(&to),
                        |(at, _)| {
                            if *at == from { None } else { back(at) }
                        },
                    );
                let mut steps: Vec<Step> = steps.map(|(_, step)| step.clone()).collect();
                steps.reverse();
                return Some(steps);
            }
            for (next, step) in self.steps.get(&at).into_iter().flatten() {
                if *next != from && !came_by.contains_key(next) {
                    came_by.insert(*next, step);
                    open.push(*next);
                }
            }
        }
        None
    }

    /// There is no such lock any more, or it is none.
    pub(super) fn forget(&mut self, lock: Lock) {
        for wanted in self.steps.remove(&lock).into_iter().flatten() {
            self.count -= 1;
            drop_from(
                &mut self.before,
                wanted.0,
                |before| _ = before.remove(&lock),
                HashSet::is_empty,
            );
        }
        for from in self.before.remove(&lock).into_iter().flatten() {
            let count = &mut self.count;
            let take = |behind: &mut HashMap<Lock, Step>| {
                *count -= usize::from(behind.remove(&lock).is_some());
            };
            drop_from(&mut self.steps, from, take, HashMap::is_empty);
        }
        self.told.retain(|&(from, to)| from != lock && to != lock);
    }
}

/// Takes something out of what is at `key`, and that itself once it is empty.
fn drop_from<T>(
    map: &mut HashMap<Lock, T>,
    key: Lock,
    take: impl FnOnce(&mut T),
    is_empty: fn(&T) -> bool,
) {
    if let Some(set) = map.get_mut(&key) {
        take(set);
        if is_empty(set) {
            map.remove(&key);
        }
    }
}

/// Whose lock it is that `who` waits for.
pub(super) fn holders_of(lock: Lock, held: &[Held]) -> Vec<Who> {
    held.iter().filter(|held| held.lock == lock).map(|held| held.who).collect()
}

#[cfg(test)]
mod tests {
    use super::super::holds::At;
    use super::{Graph, Held, Lock, Who};
    use std::backtrace::Backtrace;
    use std::panic::Location;
    use std::sync::Arc;
    use std::time::Instant;

    fn held(lock: usize, id: u64) -> Held {
        let at = At { place: Location::caller(), stack: None };
        Held { who: Who { g: 0, id }, lock: Lock::at(lock), since: Instant::now(), at }
    }

    /// Who holds `locks` wants `wanted`: by how many steps of others that closes a circle.
    fn want(graph: &mut Graph, id: u64, locks: &[usize], wanted: usize) -> Option<usize> {
        let ours: Vec<_> = locks.iter().map(|&lock| held(lock, id)).collect();
        let found = graph.want(&ours, Lock::at(wanted), || Arc::new(Backtrace::disabled()));
        found.map(|inversion| inversion.others.len())
    }

    #[test]
    fn two_that_take_two_in_two_orders_are_found_once() {
        let mut graph = Graph::default();
        assert_eq!(want(&mut graph, 1, &[10], 20), None);
        assert_eq!(want(&mut graph, 1, &[10], 20), None);
        assert_eq!(want(&mut graph, 2, &[20], 10), Some(1));
        assert_eq!(want(&mut graph, 2, &[20], 10), None, "it was told");
    }

    #[test]
    fn a_circle_of_four_is_found_and_a_forgotten_lock_breaks_it() {
        let mut graph = Graph::default();
        assert_eq!(want(&mut graph, 1, &[10], 20), None);
        assert_eq!(want(&mut graph, 2, &[20], 30), None);
        assert_eq!(want(&mut graph, 3, &[30], 40), None);
        assert_eq!(want(&mut graph, 4, &[40], 10), Some(3));
        graph.forget(Lock::at(30));
        assert_eq!(want(&mut graph, 5, &[40], 20), None);
    }

    #[test]
    fn what_is_forgotten_leaves_nothing() {
        let mut graph = Graph::default();
        assert_eq!(want(&mut graph, 1, &[10, 20], 30), None);
        assert!(!graph.steps.is_empty());
        assert_eq!(graph.count, 2);
        graph.forget(Lock::at(30));
        assert!(graph.steps.is_empty() && graph.before.is_empty());
        assert_eq!(graph.count, 0);
    }

    #[test]
    fn a_crowd_of_locks_does_not_grow_the_graph_for_ever() {
        let mut graph = Graph::default();
        for wanted in 0..2 * super::MOST {
            assert_eq!(want(&mut graph, 1, &[1], 2 + wanted), None);
        }
        assert_eq!(graph.count, super::MOST);
        assert_eq!(want(&mut graph, 2, &[2], 1), Some(1), "an early one is known");
        graph.forget(Lock::at(1));
        assert!(graph.count == 0 && graph.steps.is_empty());
    }

    #[test]
    fn two_orders_behind_a_gate_are_right_until_one_goes_without() {
        let mut graph = Graph::default();
        assert_eq!(want(&mut graph, 1, &[1, 10], 20), None);
        assert_eq!(want(&mut graph, 2, &[1, 20], 10), None);
        assert_eq!(want(&mut graph, 2, &[2, 20], 10), Some(1), "another gate");
        let mut graph = Graph::default();
        assert_eq!(want(&mut graph, 1, &[1, 10], 20), None);
        assert_eq!(want(&mut graph, 1, &[10], 20), None);
        assert_eq!(want(&mut graph, 2, &[1, 20], 10), Some(1), "the first goes without, too");
    }

    #[test]
    fn who_wants_what_it_holds_is_found() {
        assert_eq!(want(&mut Graph::default(), 1, &[10], 10), Some(0));
    }

    #[test]
    fn one_order_for_many_is_no_circle() {
        let mut graph = Graph::default();
        for id in 1..20 {
            assert_eq!(want(&mut graph, id, &[10, 20], 30), None);
            assert_eq!(want(&mut graph, id, &[10], 20), None);
        }
    }
}
