//! What a program adds to its traces: tasks, regions, logs.
//!
//! They are kept behind a lock, the last 65,536 of them, and only while somebody traces: they are rarer
//! than switches by far.

use gaggle_sched::trace as raw;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many are kept.
const MOST: usize = 1 << 16;

/// Something that the program said.
#[derive(Clone, Debug)]
pub(super) struct UserEvent {
    pub(super) ticks: u64,
    /// The goroutine; 0 is a plain thread.
    pub(super) goid: u64,
    /// The task it belongs to; 0 is none.
    pub(super) task: u64,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    TaskBegin { name: String, parent: u64 },
    TaskEnd,
    RegionBegin { name: String, id: u64 },
    RegionEnd { id: u64 },
    Log { category: String, message: String },
}

static EVENTS: Mutex<VecDeque<UserEvent>> = Mutex::new(VecDeque::new());
static IDS: AtomicU64 = AtomicU64::new(0);

/// Writes it down if somebody traces.
fn note(task: u64, what: impl FnOnce() -> What) {
    if raw::is_on() {
        let event = UserEvent { ticks: raw::ticks(), goid: crate::goid(), task, what: what() };
        let mut events = EVENTS.lock();
        let old = if events.len() >= MOST { events.pop_front() } else { None };
        events.push_back(event);
        drop(events);
        drop(old);
    }
}

fn next_id() -> u64 {
    IDS.fetch_add(1, Ordering::Relaxed) + 1 // Relaxed: a number
}

/// Those from these ticks on.
pub(super) fn since(ticks: u64) -> Vec<UserEvent> {
    EVENTS.lock().iter().filter(|event| event.ticks >= ticks).cloned().collect()
}

/// Drops those before these ticks.
pub(super) fn forget_before(ticks: u64) {
    let mut events = EVENTS.lock();
    while events.front().is_some_and(|event| event.ticks < ticks) {
        events.pop_front();
    }
}

/// A task: one request, one job, in however many goroutines. It ends when it is dropped.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::trace::Task;
/// let order = Task::new("order");
/// let payment = order.subtask("payment");
/// payment.log("amount", "42");
/// order.region("pack", || { /* .. */ });
/// ```
#[derive(Debug)]
#[must_use = "a task ends when it is dropped"]
pub struct Task {
    id: u64,
}

impl Task {
    /// A task of this kind begins.
    pub fn new(name: &str) -> Task {
        Self::below(0, name)
    }

    /// A task that is part of this one begins.
    pub fn subtask(&self, name: &str) -> Task {
        Self::below(self.id, name)
    }

    fn below(parent: u64, name: &str) -> Task {
        let id = next_id();
        note(id, || What::TaskBegin { name: name.to_owned(), parent });
        Task { id }
    }

    /// Runs `f` as a region of the calling goroutine that belongs to this task.
    pub fn region<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let _region = Region::begin(self.id, name);
        f()
    }

    /// Writes a message down that belongs to this task.
    pub fn log(&self, category: &str, message: &str) {
        log_in(self.id, category, message);
    }

    /// It ends: as if it were dropped.
    pub fn end(self) {}
}

impl Drop for Task {
    fn drop(&mut self) {
        note(self.id, || What::TaskEnd);
    }
}

/// A stretch of what one goroutine does, until it is dropped.
#[derive(Debug)]
#[must_use = "a region ends when it is dropped"]
pub struct Region {
    id: u64,
    task: u64,
}

impl Region {
    fn begin(task: u64, name: &str) -> Region {
        let id = next_id();
        note(task, || What::RegionBegin { name: name.to_owned(), id });
        Region { id, task }
    }

    /// It ends: as if it were dropped.
    pub fn end(self) {}
}

impl Drop for Region {
    fn drop(&mut self) {
        note(self.task, || What::RegionEnd { id: self.id });
    }
}

/// Runs `f` as a region of the calling goroutine.
pub fn region<R>(name: &str, f: impl FnOnce() -> R) -> R {
    let _region = start_region(name);
    f()
}

/// A region of the calling goroutine begins; it ends when what is returned is dropped.
pub fn start_region(name: &str) -> Region {
    Region::begin(0, name)
}

/// Writes a message down. A category groups messages of one kind.
pub fn log(category: &str, message: &str) {
    log_in(0, category, message);
}

fn log_in(task: u64, category: &str, message: &str) {
    let what = || What::Log { category: category.to_owned(), message: message.to_owned() };
    note(task, what);
}
