//! The heap behind its lock, with the earliest deadline readable without it.

use crate::alarms::Alarms;
use crate::batch::Batch;
use crate::heap::{Due, Entry, Heap};
use gaggle_lock::{Mutex, MutexGuard, Rank};
use gaggle_prim::sync::atomic::{AtomicU64, Ordering};
use gaggle_race::Hush;

/// No deadline at all.
pub const NEVER: u64 = u64::MAX;

/// The room that the first `grow` makes.
const FIRST_ROOM: usize = 64;

/// There is no room for another entry: leave the section, `grow`, try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// The timers of one P.
#[derive(Debug)]
pub struct Timers {
    heap: Mutex<Heap>,
    dead: Alarms,
    earliest: AtomicU64,
}

impl Timers {
    /// No timers, no room.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new() -> Self {
        let heap = Mutex::new(Rank::Timers, Heap::new());
        Self { heap, dead: Alarms::new(), earliest: AtomicU64::new(NEVER) }
    }

    /// No timers, no room.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new() -> Self {
        let heap = Mutex::new(Rank::Timers, Heap::new());
        Self { heap, dead: Alarms::new(), earliest: AtomicU64::new(NEVER) }
    }

    /// The earliest deadline, or [`NEVER`] (Earliest Is A Hint).
    #[inline]
    pub fn earliest(&self) -> u64 {
        // Relaxed: a hint; whoever acts on it takes the lock, and the wake-up protocol's fences
        // order an `add` against a sleeper's last look.
        self.earliest.load(Ordering::Relaxed)
    }

    /// True if one `add` will find room, as long as nobody else adds here.
    pub fn has_room(&self) -> bool {
        self.heap.lock().has_room()
    }

    /// True if so many `add`s will find room, as long as nobody else adds here.
    pub fn has_room_for(&self, count: usize) -> bool {
        let heap = self.heap.lock();
        heap.0.capacity() - heap.0.len() >= count
    }

    /// Adds an entry. Returns true if it is now the earliest.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]: leave the section, [`grow`](Self::grow), try again.
    pub fn add(&self, when: u64, due: Due) -> Result<bool, NoRoom> {
        let mut heap = self.lock_with_room()?;
        heap.push(Entry { when, due });
        Ok(self.note_earliest(&heap))
    }

    /// Alarms of which nothing is left but the memory: to be freed outside sections, by whoever comes by.
    pub fn dead(&self) -> &Alarms {
        &self.dead
    }

    /// An entry of `alarm` is out of the heap, and dead: gives its share back.
    pub fn bury(&self, alarm: core::ptr::NonNull<crate::Alarm>) {
        Due::Alarm(alarm, 0).bury(&self.dead);
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Heap> {
        self.heap.lock()
    }

    /// The heap, if there is room for another entry.
    pub(crate) fn lock_with_room(&self) -> Result<MutexGuard<'_, Heap>, NoRoom> {
        let heap = self.heap.lock();
        if heap.has_room() { Ok(heap) } else { Err(NoRoom) }
    }

    /// The earliest deadline that means something: for one who is about to sleep until then.
    pub fn earliest_alive(&self) -> u64 {
        if self.earliest() != NEVER {
            let mut heap = self.heap.lock();
            heap.drop_dead_first(&self.dead);
            self.note_earliest(&heap);
        }
        self.earliest()
    }

    /// Takes the earliest entry that is due at `now` and alive.
    pub fn pop_due(&self, now: u64) -> Option<Due> {
        if self.earliest() > now {
            return None;
        }
        let mut heap = self.heap.lock();
        let mut found = None;
        while found.is_none() && heap.first().is_some_and(|entry| entry.when <= now) {
            match heap.pop() {
                Some(entry) if entry.due.is_alive() => found = Some(entry.due),
                Some(entry) => entry.due.bury(&self.dead),
                None => {}
            }
        }
        self.note_earliest(&heap);
        found
    }

    /// Takes entries that are due at `now`, the earliest first, as many as `batch` has room for. Waits that
    /// have ended are among them: whoever claims them finds out.
    pub fn take_due(&self, now: u64, batch: &mut Batch) {
        let mut heap = self.heap.lock();
        while !batch.is_full() && heap.first().is_some_and(|entry| entry.when <= now) {
            heap.pop().into_iter().for_each(|entry| batch.push(entry.due));
        }
        self.note_earliest(&heap);
    }

    /// How many entries there are, dead ones included.
    pub fn len(&self) -> usize {
        self.heap.lock().0.len()
    }

    /// How many entries there are; none if the lock is held just now, perhaps by whoever this thread has interrupted.
    pub fn try_len(&self) -> Option<usize> {
        self.heap.try_lock().map(|heap| heap.0.len())
    }

    /// True if there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if an entry is alive: for the deadlock check, which runs when all is quiet.
    pub fn any_alive(&self) -> bool {
        self.heap.lock().0.iter().any(|entry| entry.due.is_alive())
    }

    /// Makes room for at least one more entry. Not inside a section: it allocates and frees.
    pub fn grow(&self, section: impl Fn() -> gaggle_gopark::Section) {
        let wanted = {
            let _inside = section();
            let mut heap = self.heap.lock();
            if heap.purge(&self.dead) * 4 > heap.0.len() && heap.has_room() {
                self.note_earliest(&heap);
                return;
            }
            self.note_earliest(&heap);
            (heap.0.capacity() * 2).max(FIRST_ROOM)
        };
        Hush::begins(); // the heap's lock orders it, which no detector is to see
        let mut room = Vec::with_capacity(wanted);
        Hush::ends();
        let old = {
            let _inside = section();
            let mut heap = self.heap.lock();
            if heap.0.capacity() >= wanted {
                return; // somebody else grew it
            }
            room.extend_from_slice(&heap.0);
            core::mem::replace(&mut heap.0, room)
        };
        Hush::begins();
        drop(old);
        Hush::ends();
    }

    /// Publishes the earliest deadline; true if it moved forward.
    pub(crate) fn note_earliest(&self, heap: &Heap) -> bool {
        let when = heap.first().map_or(NEVER, |entry| entry.when);
        let before = self.earliest();
        // Relaxed: see `earliest`; written under the lock only.
        self.earliest.store(when, Ordering::Relaxed);
        when < before
    }
}

#[cfg(not(loom))] // under loom `new` is not const, which is all this is for
impl Default for Timers {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, Due, NEVER, NoRoom, Timers};

    #[test]
    fn an_entry_needs_room_and_comes_out_when_due() {
        let timers = Timers::new();
        let due = Due::Call(|_| {}, core::ptr::null());
        assert_eq!(timers.add(5, due), Err(NoRoom));
        timers.grow(gaggle_gopark::enter);
        assert!(timers.has_room());
        assert_eq!(timers.add(5, due), Ok(true));
        assert_eq!(timers.add(9, due), Ok(false));
        assert_eq!(timers.earliest(), 5);
        assert!(timers.pop_due(4).is_none());
        assert!(timers.pop_due(5).is_some());
        assert_eq!(timers.earliest(), 9);
        assert!(timers.any_alive());
        assert!(timers.pop_due(100).is_some());
        assert_eq!(timers.earliest(), NEVER);
    }

    /// A batch takes the earliest that are due, as many as it has room for, those that have ended among
    /// them; what is left is the earliest then.
    #[test]
    fn a_batch_takes_the_earliest_that_are_due() {
        let timers = Timers::new();
        timers.grow(gaggle_gopark::enter);
        let g = gaggle_gopark::current();
        let stale = g.wait().open();
        let open = g.wait().open();
        for when in 0..12 {
            timers.add(when, Due::Wait(g, if when == 3 { stale } else { open })).unwrap();
        }
        let mut batch = Batch::new();
        timers.take_due(9, &mut batch);
        let due: Vec<_> = batch.drain().collect();
        assert_eq!((due.len(), timers.earliest()), (Batch::ROOM, Batch::ROOM as u64));
        let alive: Vec<_> = due.iter().map(Due::is_alive).collect();
        assert_eq!(alive, [true, true, true, false, true, true, true, true]);
        timers.take_due(9, &mut batch);
        assert_eq!((batch.drain().count(), timers.earliest(), timers.len()), (2, 10, 2));
        timers.take_due(9, &mut batch);
        assert_eq!(batch.drain().count(), 0);
        assert!(g.wait().claim(open, gaggle_gopark::Claim::Wake));
    }

    #[test]
    fn growing_keeps_every_live_entry() {
        let timers = Timers::new();
        let due = Due::Call(|_| {}, core::ptr::null());
        for when in 0..500 {
            while timers.add(when, due) == Err(NoRoom) {
                timers.grow(gaggle_gopark::enter);
            }
        }
        let taken = core::iter::from_fn(|| timers.pop_due(NEVER - 1)).count();
        assert_eq!(taken, 500);
    }
}
