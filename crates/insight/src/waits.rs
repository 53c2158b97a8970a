//! Waits: who waits for whom, as far as that is known.
//!
//! | what is waited for | who can end it | known |
//! |---|---|---|
//! | a lock of `sync` | who holds it | in debug builds, unless `GAGGLE_LOCKORDER=0` |
//! | a channel, a group, a condition of which only those have handles who cannot go on | they; sixteen are named | from the leak report |
//!
//! A wait with a time limit ends by itself, and is in no circle. A circle of the others never does, even if the rest of the program goes on, which the check for
//! deadlocks of the whole program does not see (SEMANTICS H6).

use crate::apart::apart;
use crate::leak::{self, Leak, Looked, clear_the_way, leaks_among};
use crate::lines::Locks;
use core::fmt;
use gaggle_sched::{Frames, Sighting, census};
use gaggle_sync::lockorder::Holder;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One goroutine waits for another.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Who waits.
    pub waiter: u64,
    /// What for: as dumps say it.
    pub reason: &'static str,
    /// Who could end the wait; 0 is a plain thread.
    pub holder: u64,
    /// The lock that the other holds, since when and where it was taken; none for channels and groups.
    pub lock: Option<Holder>,
}

/// What [`waits`] found.
#[derive(Clone, Debug)]
pub struct Waits {
    all: Vec<Wait>,
    circles: Vec<Vec<u64>>,
    goroutines: BTreeMap<u64, Sighting>,
    leaks: Vec<Leak>,
    looked: Looked,
}

/// Finds out who waits for whom, and who in a circle.
///
/// # Examples
///
/// ```
/// use gaggle_insight::waits;
/// use gaggle_runtime::run;
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let waits = unsafe { run(waits) };
/// assert!(waits.circles().is_empty());
/// ```
#[inline(never)]
pub fn waits() -> Waits {
    clear_the_way(); // our own frame has no room for old words
    look()
}

#[inline(never)]
fn look() -> Waits {
    let sightings = census();
    let (mut all, limited) = apart(|| lock_waits(&sightings)).unwrap_or_default();
    let found = leaks_among(sightings.clone());
    let looked = if found.is_some() { Looked::Everywhere } else { Looked::Nowhere };
    let mut leaks = Vec::new();
    for (leak, owners) in found.unwrap_or_default() {
        let reason = leak.goroutine().state();
        all.extend(owners.into_iter().filter(|owner| *owner != leak.goid()).map(|holder| Wait {
            waiter: leak.goid(),
            reason,
            holder,
            lock: None,
        }));
        leaks.push(leak);
    }
    let circles = circles(&all);
    all.extend(limited); // who waits so goes on by itself, and is in no circle
    let goroutines = sightings.into_iter().map(|it| (it.goid(), it)).collect();
    Waits { all, circles, goroutines, leaks, looked }
}

/// The waits for locks: those that only an unlock ends, and those that a time limit may end, too. On a thread
/// that is not looked at, as for `lines` (*No Address In A Heap*).
fn lock_waits(sightings: &[Sighting]) -> (Vec<Wait>, Vec<Wait>) {
    let (locks, mut all, mut limited) = (Locks::now(), Vec::new(), Vec::new());
    for sighting in sightings {
        let mut objects = Vec::new();
        let lasts = leak::each_object(sighting, |object| objects.push(!object));
        if sighting.stood_still() {
            let waits = objects.iter().filter_map(|it| lock_wait(sighting, !*it, &locks));
            if lasts { all.extend(waits) } else { limited.extend(waits) }
        }
    }
    (all, limited)
}

fn lock_wait(sighting: &Sighting, object: usize, locks: &Locks) -> Option<Wait> {
    let lock = locks.holder(sighting.goid(), object)?;
    let of_lock = sighting.state().contains("Mutex");
    of_lock.then(|| Wait {
        waiter: sighting.goid(),
        reason: sighting.state(),
        holder: lock.goid,
        lock: Some(lock.clone()),
    })
}

/// The circles, each beginning with its lowest number: what can reach itself, once.
fn circles(all: &[Wait]) -> Vec<Vec<u64>> {
    let mut next: HashMap<u64, Vec<u64>> = HashMap::new();
    for wait in all {
        next.entry(wait.waiter).or_default().push(wait.holder);
    }
    let mut found = BTreeSet::new();
    let starts: BTreeSet<u64> = next.keys().copied().collect();
    for start in starts {
        let mut came_by = HashMap::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            for &to in next.get(&at).into_iter().flatten() {
                if to == start {
                    let back = |at: &u64| came_by.get(at).copied();
                    let mut circle: Vec<u64> = core::iter::successors(Some(at), back).collect();
                    circle.reverse();
                    let lowest = (0..circle.len()).min_by_key(|&at| circle[at]).unwrap_or(0);
                    circle.rotate_left(lowest);
                    found.insert(circle);
                    open.clear();
                    break;
                }
                if to > start && !came_by.contains_key(&to) {
                    came_by.insert(to, at); // circles with a lower number were found from there
                    open.push(to);
                }
            }
        }
    }
    found.into_iter().collect()
}

impl Waits {
    /// Every wait whose end is known to lie with somebody.
    pub fn all(&self) -> &[Wait] {
        &self.all
    }

    /// The circles: each of a circle waits for the next, the last for the first.
    pub fn circles(&self) -> &[Vec<u64>] {
        &self.circles
    }

    /// The leaks that were found on the way, as [`leaks`](crate::leaks) finds them.
    pub fn leaks(&self) -> &[Leak] {
        &self.leaks
    }

    /// Whether memory could be looked at; if not, only waits for locks are known.
    pub fn looked(&self) -> Looked {
        self.looked
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "goroutine {} [{}] waits for ", self.waiter, self.reason)?;
        match self.holder {
            0 => f.write_str("a plain thread")?,
            goid => write!(f, "goroutine {goid}")?,
        }
        match &self.lock {
            None => f.write_str(", which has a handle of it"),
            Some(lock) => write!(f, ", which has held lock {:#x} for {:?}", lock.lock, lock.held),
        }
    }
}

impl fmt::Display for Waits {
    /// The circles with the stacks of who is in them, and where each took what the other wants; then all
    /// other waits, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for circle in &self.circles {
            writeln!(f, "these wait for each other in a circle, for ever:")?;
            for (at, goid) in circle.iter().enumerate() {
                let next = circle[(at + 1) % circle.len()];
                let to_next = |wait: &&Wait| (wait.waiter, wait.holder) == (*goid, next);
                if let Some(wait) = self.all.iter().find(to_next) {
                    writeln!(f, "\n{wait}")?;
                    if let Some(lock) = &wait.lock {
                        writeln!(f, "taken here:\n{}", lock.stack)?;
                    }
                }
                if let Some(goroutine) = self.goroutines.get(goid) {
                    goroutine.write(Frames::User, f)?;
                }
            }
            writeln!(f)?;
        }
        let in_circle = |wait: &&Wait| self.circles.iter().any(|it| it.contains(&wait.waiter));
        self.all.iter().filter(|wait| !in_circle(wait)).try_for_each(|wait| writeln!(f, "{wait}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Wait, circles};

    #[test]
    fn each_circle_is_found_once_and_begins_with_its_lowest_number() {
        let wait = |(waiter, holder)| Wait { waiter, reason: "", holder, lock: None };
        let all = [(5, 3), (3, 4), (4, 5), (7, 3), (8, 8), (9, 10), (10, 0)].map(wait);
        assert_eq!(circles(&all), [vec![3, 4, 5], vec![8]]);
        assert_eq!(circles(&all[3..4]), [[0_u64; 0]; 0]);
    }
}
