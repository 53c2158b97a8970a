//! An alarm: something that may be set, moved and cancelled, and rings when its time has come.
//!
//! `word` is `epoch << 1 | SET`: each time it is set anew it has another epoch, and the entry in the
//! heap carries the word that it was made with.
//!
//! | from | to | by |
//! |---|---|---|
//! | not set | set, next epoch | [`Alarm::set`], which adds an entry with that word |
//! | set | set, next epoch | the same, if the old entry is not found; that one is dead now |
//! | set | not set | [`Alarm::cancel`]; or, with the entry's word, [`Alarm::ring`]: one of them |
//!
//! Named invariants:
//! 1. *In The Heap Is To Come*: who rings takes the entry out of the heap first. So while it is in the
//!    heap, under the heap's lock, it has not rung. If it still lies where it was put, taking it out, or
//!    changing its time, is all there is to do. That holds for most that are taken back early: it was
//!    added behind the others, and nothing has come to pass since.
//! 2. *Entry Counts*: an entry that is to ring has a count of its alarm, as has every handle and every call
//!    that has come. The last one to have a count drops what is called.
//! 3. *Dead Has A Share*: a dead entry has no count any more, but a share of the memory, so that nothing
//!    outlives a cancelled alarm but its header. Who makes an entry dead adds that share before, and has its
//!    count. All counts together have one share. A dead entry that is the last to have one hangs the alarm on
//!    the heap's list of the dead, for who comes next outside a section.
//! 4. *A Hint Is Checked*: where the entry was put is only a guess; the entry there is compared, under
//!    the lock of its heap.

use crate::heap::{Due, Entry, Place};
use crate::timers::{NoRoom, Timers};
use core::ptr::{NonNull, null_mut};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

const SET: u64 = 1;

/// The header of what rings; the first field of its owner's struct.
#[derive(Debug)]
pub struct Alarm {
    word: AtomicU64,
    count: AtomicUsize,
    // Dead Has A Share.
    pub(crate) shares: AtomicUsize,
    /// How often it has rung and nobody has taken it off a list yet (`alarms.rs`).
    pub(crate) owed: AtomicUsize,
    // A Hint Is Checked.
    timers: AtomicPtr<Timers>,
    place: AtomicUsize,
    /// The next on a list; of whoever holds that list.
    pub(crate) link: AtomicPtr<Alarm>,
}

/// Whether a new deadline is now the first of its heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Who sleeps until the first may have to be told.
    Earliest,
    /// Others come before it.
    Later,
}

/// What [`Alarm::set`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WasSet {
    /// True if it was to ring already.
    pub pending: bool,
    /// Where its new time stands.
    pub standing: Standing,
}

impl Alarm {
    /// One that is not set, with a count of one.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(0),
            count: AtomicUsize::new(1),
            shares: AtomicUsize::new(1),
            owed: AtomicUsize::new(0),
            timers: AtomicPtr::new(null_mut()),
            place: AtomicUsize::new(0),
            link: AtomicPtr::new(null_mut()),
        }
    }

    /// Another count.
    pub fn retain(&self) {
        // Relaxed: the caller has one; nothing is published by this.
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// One count less. True if it was the last: what is called is the caller's alone, and so is the share
    /// of all counts.
    #[must_use = "the last one drops what is called"]
    pub fn release(&self) -> bool {
        is_last(&self.count)
    }

    /// One share less. True if it was the last: the memory is the caller's alone.
    #[must_use = "the last one frees it"]
    pub fn give_share_back(&self) -> bool {
        is_last(&self.shares)
    }

    /// A share for an entry that is about to be dead, by one who has a count.
    fn share(&self) {
        // Relaxed: the Release that makes the entry dead publishes it.
        self.shares.fetch_add(1, Ordering::Relaxed);
    }

    /// The entry was not made dead after all.
    fn unshare(&self) {
        // Relaxed: the caller's count has a share, so it is not the last.
        self.shares.fetch_sub(1, Ordering::Relaxed);
    }

    /// A dead entry of it is out of the heap. True if it had the last share.
    pub(crate) fn bury(&self) -> bool {
        // Acquire: pairs with the Release of whoever made it dead, whose share was added before.
        _ = self.word.load(Ordering::Acquire);
        self.give_share_back()
    }

    /// Makes it ring at `when`, instead of when it was to, or once more; `here` is the heap for an
    /// entry that is not there yet, or not found any more.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]: nothing has changed. Make room in `here`, try again.
    ///
    /// # Safety
    ///
    /// The caller has a count of `this`, and the right to the whole container. It is inside a section.
    pub unsafe fn set(
        this: NonNull<Alarm>,
        when: u64,
        here: &'static Timers,
    ) -> Result<WasSet, NoRoom> {
        // SAFETY: the caller's count.
        let alarm = unsafe { this.as_ref() };
        loop {
            // Relaxed: the heap's lock, or the CAS, decides.
            let word = alarm.word.load(Ordering::Relaxed);
            let pending = word & SET != 0;
            if pending && let Some(standing) = alarm.move_in_place(this, word, when) {
                return Ok(WasSet { pending, standing });
            }
            let mut heap = here.lock_with_room()?;
            let next = (word | SET) + 2; // the next epoch
            // Dead Has A Share: the old entry's, whose count the new one has. Or Entry Counts. Before the word says
            // so: who cancels it then, or sets it again, may give that back at once.
            let held = if pending { &alarm.shares } else { &alarm.count };
            // Relaxed: the Release below publishes it.
            held.fetch_add(1, Ordering::Relaxed);
            // Release: pairs with the Acquires in `ring`, as the caller's acts come before (Y18), and in `bury`.
            // Relaxed on failure: again.
            let done =
                alarm.word.compare_exchange(word, next, Ordering::Release, Ordering::Relaxed);
            if done.is_err() {
                // Relaxed: not the last: the caller has one, which has a share.
                held.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            alarm.note(here, heap.push(Entry { when, due: Due::Alarm(this, next) }));
            return Ok(WasSet { pending, standing: Standing::of(here.note_earliest(&heap)) });
        }
    }

    /// As [`set`](Self::set), of an alarm that was never set.
    ///
    /// # Errors
    ///
    /// As for `set`.
    ///
    /// # Safety
    ///
    /// As for `set`; and nobody else has a count.
    pub unsafe fn begin(
        this: NonNull<Alarm>,
        when: u64,
        here: &'static Timers,
    ) -> Result<Standing, NoRoom> {
        // SAFETY: the caller's count.
        let alarm = unsafe { this.as_ref() };
        let mut heap = here.lock_with_room()?;
        alarm.word.store(SET, Ordering::Relaxed); // Relaxed: the heap's lock publishes it
        alarm.count.store(2, Ordering::Relaxed); // Relaxed: as above; Entry Counts
        alarm.note(here, heap.push(Entry { when, due: Due::Alarm(this, SET) }));
        Ok(Standing::of(here.note_earliest(&heap)))
    }

    /// Changes the time of the entry, if it lies where it was put. None if not.
    fn move_in_place(&self, this: NonNull<Alarm>, word: u64, when: u64) -> Option<Standing> {
        let timers = self.timers()?;
        let mut heap = timers.lock();
        let place = Place::at(self.place.load(Ordering::Relaxed)); // Relaxed: A Hint Is Checked
        // Relaxed: who cancels after this look cancels the new time.
        if !heap.lies_at(place, this, word) || self.word.load(Ordering::Relaxed) != word {
            return None;
        }
        self.note(timers, heap.replace(place, Entry { when, due: Due::Alarm(this, word) }));
        Some(Standing::of(timers.note_earliest(&heap)))
    }

    /// Makes it not ring. True if it was to.
    ///
    /// # Safety
    ///
    /// As for [`set`](Self::set).
    pub unsafe fn cancel(this: NonNull<Alarm>) -> bool {
        // SAFETY: the caller's count.
        let alarm = unsafe { this.as_ref() };
        loop {
            // Relaxed: the CAS decides.
            let word = alarm.word.load(Ordering::Relaxed);
            if word & SET == 0 {
                return false;
            }
            if alarm.take_out(this, word) || alarm.leave_dead(word) {
                if alarm.release() {
                    gaggle_prim::throw!("alarm: cancelled by nobody"); // the caller has a count, too
                }
                return true;
            }
        }
    }

    /// Makes the entry dead, wherever it lies. False if it rings, or is dead. Its count is the caller's.
    fn leave_dead(&self, word: u64) -> bool {
        self.share(); // Dead Has A Share
        let done = self.unset(word);
        if !done {
            self.unshare();
        }
        done
    }

    /// Takes the entry out, if it lies where it was put. False if not, or if it is dead. Its count is the caller's.
    fn take_out(&self, this: NonNull<Alarm>, word: u64) -> bool {
        let Some(timers) = self.timers() else { return false };
        let mut heap = timers.lock();
        let place = Place::at(self.place.load(Ordering::Relaxed)); // Relaxed: A Hint Is Checked
        if !heap.lies_at(place, this, word) || !self.unset(word) {
            return false;
        }
        heap.remove(place);
        timers.note_earliest(&heap);
        true
    }

    /// It is due, and its entry, made with `word`, is out of the heap. True if it rings: the caller has
    /// the entry's count then. False if it was cancelled, or set to another time.
    pub fn ring(&self, word: u64) -> bool {
        self.unset(word)
    }

    fn unset(&self, word: u64) -> bool {
        // Acquire: pairs with the Release in `set`. Release: with the Acquire in `bury`. Relaxed on failure:
        // somebody else was faster.
        self.word.compare_exchange(word, word & !SET, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// False if an entry with this word is dead.
    pub(crate) fn is_alive(&self, word: u64) -> bool {
        // Relaxed: a hint for skipping the dead; `ring` decides.
        self.word.load(Ordering::Relaxed) == word
    }

    fn timers(&self) -> Option<&'static Timers> {
        // Acquire: pairs with the Release in `note`.
        let timers = self.timers.load(Ordering::Acquire);
        // SAFETY: only `note` stores here, from a `'static` reference.
        unsafe { timers.as_ref() }
    }

    fn note(&self, timers: &'static Timers, place: Place) {
        // Release: pairs with the Acquire in `timers`.
        self.timers.store(core::ptr::from_ref(timers).cast_mut(), Ordering::Release);
        // Relaxed: A Hint Is Checked.
        self.place.store(place.number(), Ordering::Relaxed);
    }
}

/// Takes one from `count`; true if it was the last.
fn is_last(count: &AtomicUsize) -> bool {
    // Release: pairs with the Acquire of whoever is the last.
    if count.fetch_sub(1, Ordering::Release) != 1 {
        return false;
    }
    // Acquire: pairs with the Releases above, which are one sequence. A load, where a fence would do: no
    // sanitizer knows fences.
    _ = count.load(Ordering::Acquire);
    true
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}

impl Standing {
    pub(crate) fn of(earliest: bool) -> Self {
        if earliest { Standing::Earliest } else { Standing::Later }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Alarm, Standing, WasSet};
    use crate::{Due, NEVER, Timers};
    use core::ptr::NonNull;

    fn timers() -> &'static Timers {
        let timers = Box::leak(Box::new(Timers::new()));
        timers.grow(gaggle_gopark::enter);
        timers
    }

    fn alarm() -> NonNull<Alarm> {
        NonNull::from(Box::leak(Box::new(Alarm::new())))
    }

    fn set(alarm: NonNull<Alarm>, when: u64, here: &'static Timers) -> (bool, Standing) {
        // SAFETY: leaked.
        let WasSet { pending, standing } = unsafe { Alarm::set(alarm, when, here) }.unwrap();
        (pending, standing)
    }

    fn cancel(alarm: NonNull<Alarm>) -> bool {
        // SAFETY: leaked.
        unsafe { Alarm::cancel(alarm) }
    }

    /// How many ring at `now`.
    fn ring(timers: &Timers, now: u64) -> usize {
        core::iter::from_fn(|| timers.pop_due(now))
            .filter(|due| match due {
                // SAFETY: leaked.
                Due::Alarm(alarm, word) => unsafe { alarm.as_ref() }.ring(*word),
                _ => false,
            })
            .count()
    }

    #[test]
    fn what_is_cancelled_is_gone_and_does_not_ring() {
        let (timers, alarm) = (timers(), alarm());
        assert_eq!(set(alarm, 5, timers), (false, Standing::Earliest));
        assert!(cancel(alarm) && !cancel(alarm));
        assert_eq!((timers.earliest(), ring(timers, 9)), (NEVER, 0));
    }

    #[test]
    fn what_has_rung_is_neither_cancelled_nor_moved_but_set_again() {
        let (timers, alarm) = (timers(), alarm());
        set(alarm, 5, timers);
        assert_eq!(ring(timers, 5), 1);
        assert!(!cancel(alarm));
        assert_eq!(set(alarm, 9, timers), (false, Standing::Earliest));
        assert_eq!((ring(timers, 8), ring(timers, 9), ring(timers, 99)), (0, 1, 0));
    }

    #[test]
    fn what_is_moved_rings_once_at_its_new_time() {
        let (timers, alarm) = (timers(), alarm());
        set(alarm, 5, timers);
        assert_eq!(set(alarm, 9, timers), (true, Standing::Later));
        assert_eq!(ring(timers, 8), 0);
        assert_eq!(set(alarm, 2, timers), (true, Standing::Earliest));
        assert_eq!((ring(timers, 2), ring(timers, 99)), (1, 0));
    }

    #[test]
    fn an_entry_that_is_not_found_is_dead_and_gives_its_count_back() {
        let (timers, there) = (timers(), timers());
        let (first, alarm) = (alarm(), alarm());
        set(first, 5, timers);
        set(alarm, 7, timers);
        assert_eq!(ring(timers, 5), 1); // the other moves to the front
        assert!(set(alarm, 9, there).0);
        assert_eq!((timers.pop_due(99).is_none(), ring(there, 99)), (true, 1));
        // SAFETY: leaked.
        let alarm = unsafe { alarm.as_ref() };
        assert!(!alarm.release(), "the count of the entry that rang is ours");
        assert!(alarm.release() && alarm.give_share_back(), "and nothing else is left");
    }

    #[test]
    fn a_dead_entry_has_no_count_and_hangs_the_alarm_on_the_list_if_it_was_the_last() {
        let (timers, first, alarm) = (timers(), alarm(), alarm());
        set(first, 5, timers);
        set(alarm, 7, timers);
        assert_eq!(ring(timers, 5), 1);
        assert!(cancel(alarm));
        // SAFETY: leaked.
        let (it, dead) = (unsafe { alarm.as_ref() }, timers.dead());
        assert!(it.release(), "its handle was the last to have a count");
        assert!(!it.give_share_back() && dead.is_empty(), "but the entry is there");
        assert!(timers.pop_due(99).is_none());
        assert_eq!(dead.take().collect::<Vec<_>>(), [alarm]);
    }
}
