//! Lines: what goroutines wait for, object by object, with all who wait for it.
//!
//! Nobody is stopped: each goroutine is seen at an instant of its own, as in a dump, and one that moved
//! meanwhile is in no line.
//!
//! *No Address In A Heap*: what lines leave behind in memory must not look like handles to who searches leaks. So
//! they are made on a thread that is not looked at, and keep addresses with every bit turned over.

use crate::apart::apart;
use crate::leak;
use gaggle_gopark::WaitReason;
use gaggle_sched::{Sighting, census};
use gaggle_sync::lockorder::{Holder, each_holder, each_wanted};
use std::collections::HashMap;

/// No lock is larger: what is waited for lies within so many bytes from where it is known by.
const LOCK: usize = 32;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// A channel.
    Chan,
    /// A mutex.
    Mutex,
    /// A mutex with readers.
    RwMutex,
    /// A group that is waited for.
    WaitGroup,
    /// A condition.
    Cond,
    /// Anything else with a count.
    Semaphore,
}

/// One object, and who waits for it.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Where it lies, turned over.
    object: usize,
    /// Who waits, by their numbers. Whoever waits for several, in a `select`, is in several lines.
    pub waiters: Vec<Sighting>,
    /// Who holds it, if it is a lock and locks are watched (a debug build without `GAGGLE_LOCKORDER=0`).
    pub holder: Option<Holder>,
}

/// Every object that goroutines wait for, the longest line first.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::chan;
/// use gaggle_insight::{LineKind, lines};
/// use gaggle_runtime::{go, gosched, run};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe {
///     run(|| {
///         let jobs = chan::<u32>(0);
///         for _ in 0..3 {
///             let jobs = jobs.clone();
///             go(move || _ = jobs.recv());
///         }
///         (0..10).for_each(|_| gosched());
///         let lines = lines();
///         assert_eq!((lines[0].kind, lines[0].waiters.len()), (LineKind::Chan, 3));
///         jobs.close();
///     })
/// };
/// ```
#[inline(never)]
pub fn lines() -> Vec<Line> {
    let sightings = census();
    apart(|| among(&sightings)).unwrap_or_default()
}

impl Line {
    /// Where it lies: a number that tells it from others.
    pub fn object(&self) -> usize {
        !self.object
    }
}

/// The lines of those.
pub(crate) fn among(sightings: &[Sighting]) -> Vec<Line> {
    let locks = Locks::now();
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut all: Vec<Line> = Vec::new();
    let mut objects = Vec::new();
    for sighting in sightings {
        let Some(kind) = sighting.reason().and_then(kind) else { continue };
        objects.clear();
        leak::each_object(sighting, |object| objects.push(!object));
        if !sighting.stood_still() {
            continue;
        }
        for object in objects.iter().map(|object| !object) {
            let holder = kind.is_lock().then(|| locks.holder(sighting.goid(), object)).flatten();
            let object = !holder.map_or(object, |holder| holder.lock);
            let place = *places.entry(object).or_insert_with(|| {
                all.push(Line { kind, object, waiters: Vec::new(), holder: holder.cloned() });
                all.len() - 1
            });
            all[place].waiters.push(sighting.clone());
        }
    }
    all.sort_by_key(|line| (usize::MAX - line.waiters.len(), !line.object));
    all
}

fn kind(reason: WaitReason) -> Option<LineKind> {
    use WaitReason as W;
    match reason {
        W::ChanReceive | W::ChanSend | W::Select => Some(LineKind::Chan),
        W::ChanReceiveDurable | W::ChanSendDurable | W::SelectDurable => Some(LineKind::Chan),
        W::MutexLock => Some(LineKind::Mutex),
        W::RwMutexRLock | W::RwMutexLock => Some(LineKind::RwMutex),
        W::WaitGroupWait | W::WaitGroupWaitDurable => Some(LineKind::WaitGroup),
        W::CondWait => Some(LineKind::Cond),
        W::Semacquire => Some(LineKind::Semaphore),
        _ => None,
    }
}

/// Who holds which lock, and who wants which. Only that tells locks that lie side by side from each other: what is
/// waited for is a word in one.
pub(crate) struct Locks {
    held: HashMap<usize, Holder>,
    wanted: HashMap<u64, Vec<usize>>,
}

impl Locks {
    /// As it is.
    pub(crate) fn now() -> Self {
        let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
        for it in each_wanted() {
            wanted.entry(it.goid).or_default().push(it.lock);
        }
        Self { held: each_holder().into_iter().map(|it| (it.lock, it)).collect(), wanted }
    }

    /// Who holds the lock that `object`, for which this goroutine waits, is a word of.
    pub(crate) fn holder(&self, goid: u64, object: usize) -> Option<&Holder> {
        let within = |lock: &&usize| **lock <= object && object < **lock + LOCK;
        let lock = self.wanted.get(&goid)?.iter().filter(within).max()?;
        self.held.get(lock)
    }
}

impl LineKind {
    /// Go's word for it, or plain English.
    pub fn word(self) -> &'static str {
        match self {
            LineKind::Chan => "chan",
            LineKind::Mutex => "sync.Mutex",
            LineKind::RwMutex => "sync.RWMutex",
            LineKind::WaitGroup => "sync.WaitGroup",
            LineKind::Cond => "sync.Cond",
            LineKind::Semaphore => "semaphore",
        }
    }

    fn is_lock(self) -> bool {
        matches!(self, LineKind::Mutex | LineKind::RwMutex)
    }
}
