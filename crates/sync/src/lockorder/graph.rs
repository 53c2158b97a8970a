//! What is held, and what was ever taken behind what.

use std::backtrace::Backtrace;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

/// A goroutine, or a plain thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Who {
    pub(super) g: usize,
    /// Its number; 0 is a plain thread.
    pub(super) id: u64,
}

/// A lock that somebody holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) who: Who,
    pub(super) lock: usize,
    pub(super) since: Instant,
    pub(super) stack: Arc<Backtrace>,
}

/// Somebody who is about to wait for a lock, or waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) who: Who,
    pub(super) lock: usize,
    pub(super) since: Instant,
}

/// Somebody held one lock and wanted another.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) holder: Held,
    pub(super) wanted: usize,
    pub(super) stack: Arc<Backtrace>,
}

/// A step that closes a circle, and the steps of the others.
#[derive(Debug)]
pub(super) struct Inversion {
    pub(super) ours: Step,
    pub(super) others: Vec<Step>,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    held: Vec<Held>,
    waits: Vec<Wait>,
    // By the lock that was held, then by the one that was wanted.
    steps: HashMap<usize, HashMap<usize, Step>>,
    told: HashSet<(usize, usize)>,
}

impl Graph {
    /// `who` is about to wait for `wanted`.
    pub(super) fn want(
        &mut self,
        who: Who,
        wanted: usize,
        stack: &Arc<Backtrace>,
    ) -> Option<Inversion> {
        self.waits.push(Wait { who, lock: wanted, since: Instant::now() });
        let ours: Vec<Held> = self.held.iter().filter(|held| held.who == who).cloned().collect();
        let mut found = None;
        for holder in ours {
            let step = Step { wanted, stack: Arc::clone(stack), holder };
            let from = step.holder.lock;
            if found.is_none() && !self.told.contains(&(from, wanted)) {
                found = self.path(wanted, from).map(|others| {
                    self.told.insert((from, wanted));
                    Inversion { ours: step.clone(), others }
                });
            }
            self.steps.entry(from).or_default().entry(wanted).or_insert(step);
        }
        found
    }

    /// The steps by which `to` was once wanted behind `from`; none of them if they are one lock.
    fn path(&self, from: usize, to: usize) -> Option<Vec<Step>> {
        let mut came_by: HashMap<usize, &Step> = HashMap::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                let back = |at: &usize| came_by.get(at).map(|step| (step.holder.lock, *step));
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

    pub(super) fn take(&mut self, who: Who, lock: usize, stack: Arc<Backtrace>) {
        self.leave(who, lock);
        self.held.push(Held { who, lock, since: Instant::now(), stack });
    }

    /// `who` does not wait for it any more.
    pub(super) fn leave(&mut self, who: Who, lock: usize) {
        if let Some(at) = self.waits.iter().rposition(|wait| (wait.who, wait.lock) == (who, lock)) {
            self.waits.swap_remove(at);
        }
    }

    /// Whoever gives it, it was taken by `who` or, if not, by somebody.
    pub(super) fn give(&mut self, who: Who, lock: usize) -> Option<Held> {
        let ours = self.held.iter().rposition(|held| (held.who, held.lock) == (who, lock));
        let any = || self.held.iter().rposition(|held| held.lock == lock);
        ours.or_else(any).map(|at| self.held.remove(at))
    }

    pub(super) fn forget(&mut self, lock: usize) {
        self.held.retain(|held| held.lock != lock);
        self.steps.remove(&lock);
        self.steps.values_mut().for_each(|behind| _ = behind.remove(&lock));
        self.told.retain(|&(from, to)| from != lock && to != lock);
    }

    pub(super) fn held(&self) -> Vec<Held> {
        self.held.clone()
    }

    /// What a goroutine holds.
    pub(super) fn held_by(&self, id: u64) -> Vec<Held> {
        self.held.iter().filter(|held| held.who.id == id).cloned().collect()
    }

    /// What a goroutine waits for, and who holds that.
    pub(super) fn wanted_by(&self, id: u64) -> Vec<(Wait, Vec<Who>)> {
        let waits = self.waits.iter().filter(|wait| wait.who.id == id);
        let holders = |wait: &Wait| {
            let of_it = self.held.iter().filter(|held| held.lock == wait.lock);
            of_it.map(|held| held.who).collect()
        };
        waits.map(|wait| (*wait, holders(wait))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Graph, Who};
    use std::backtrace::Backtrace;
    use std::sync::Arc;

    /// Who holds `held` wants `wanted`: by how many steps of others that closes a circle.
    fn want(graph: &mut Graph, id: u64, held: &[usize], wanted: usize) -> Option<usize> {
        let (who, stack) = (Who { g: 0, id }, Arc::new(Backtrace::disabled()));
        held.iter().for_each(|&lock| graph.take(who, lock, Arc::clone(&stack)));
        let found = graph.want(who, wanted, &stack);
        held.iter().for_each(|&lock| assert!(graph.give(who, lock).is_some()));
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
        graph.forget(30);
        assert_eq!(want(&mut graph, 5, &[40], 20), None);
    }

    #[test]
    fn who_holds_and_who_waits_is_known() {
        let (mut graph, stack) = (Graph::default(), Arc::new(Backtrace::disabled()));
        let [one, two] = [1, 2].map(|id| Who { g: 0, id });
        graph.take(one, 10, Arc::clone(&stack));
        assert!(graph.want(two, 10, &stack).is_none());
        assert_eq!((graph.held_by(1).len(), graph.held_by(2).len()), (1, 0));
        let waits = graph.wanted_by(2);
        assert_eq!((waits.len(), waits[0].0.lock, &waits[0].1[..]), (1, 10, &[one][..]));
        graph.leave(two, 10);
        assert!(graph.wanted_by(2).is_empty());
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
