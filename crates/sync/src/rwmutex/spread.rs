//! Readers on slots of their own (WANTS 23): a lock that is read by many at a time and seldom written.
//!
//! | word | readers that come | who else |
//! |---|---|---|
//! | `SPREAD` | count themselves in a slot, then look whether the word still says so | readers in the word stay there |
//! | `GATHERING` | wait, like for any writer | the writer at the front moves what is in the slots into `awaited`, where it holds one itself meanwhile |
//! | neither | count themselves in the word | the slots are empty, but for readers that come too late and go again |
//!
//! Readers that collide while they unlock make the mutex spread; a writer makes it gather. A reader
//! counts one in a slot or in the word, and takes one out of wherever there is one: counts are
//! interchangeable, so nobody has to remember where it was counted.
//!
//! 1. *Seen By One*: a reader adds to its slot and then looks at the word; the writer changes the word
//!    and then looks at the slot; each with a full fence in between. So the writer sees the reader, or
//!    the reader sees the writer, undoes its count and waits.
//! 2. *Nobody Missing*: slots and word together count every reader and everybody who is to undo its
//!    count, at each instant. (Who gathers counts before it takes out.) In a slot that was gathered there
//!    are no more than come too late; so when all are gathered, and nobody is awaited, there is no reader.
//! 3. *Somewhere*: so whoever has one to take out and finds none in the slots finds it in the word, or
//!    the word or the slots have changed meanwhile, and it looks again. If nothing has changed, there is
//!    none: fatal (SEMANTICS L4).
//! 4. *Only A Hint*: the address of the slots says whether the word is spread, so that who comes to a mutex that is
//!    not needs no look at it. Where that is wrong, readers count themselves in a word that is spread, which is
//!    allowed, or look once more than they had to. The slots themselves stay, so it is written by plain stores.

use super::raw::RawRwMutex;
use super::slots::Slots;
use super::state::{Claim, Hunger, State};
use core::fmt;
use gaggle_prim::fatal;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_race::Hush;

/// In the address of the slots: the word is spread, or so it seems.
const APART: usize = 1;
const TOGETHER: usize = 0;
const _: () = assert!(align_of::<Slots>() > APART);

impl RawRwMutex {
    /// The slots, if the mutex was ever crowded.
    fn slots(&self) -> Option<&Slots> {
        // Acquire: pairs with the Releases in `make_slots` and `hint`.
        let slots = self.slots.load(Ordering::Acquire).map_addr(|addr| addr & !APART);
        // SAFETY: *Slots Stay* (raw.rs).
        unsafe { slots.as_ref() }
    }

    /// True unless the word is likely to be spread (*Only A Hint*). A look at a word that has just been changed
    /// has to wait for the change; this is another word, so it is for nothing.
    #[inline]
    fn seems_together(&self) -> bool {
        // Relaxed: the word decides.
        self.slots.load(Ordering::Relaxed).addr() & APART == 0
    }

    /// Says to [`seems_together`](Self::seems_together) whether the word is spread: `APART` or `TOGETHER`.
    fn hint(&self, slots: &Slots, apart: usize) {
        let slots = core::ptr::from_ref(slots).cast_mut().map_addr(|addr| addr | apart);
        // Release: pairs with the Acquire in `slots`: whoever made them.
        self.slots.store(slots, Ordering::Release);
    }

    /// True if readers that come now use slots.
    #[inline]
    pub(super) fn is_spread(&self) -> bool {
        !self.seems_together() && self.load().is_spread()
    }

    /// A reader unlocks without a look, if it may be the only one there; else, what the word is.
    #[inline]
    pub(super) fn runlock_only(&self) -> Result<(), State> {
        match self.seems_together() {
            true => self.exchange(State(1), State(0)),
            false => Err(self.load()),
        }
    }

    #[cold]
    fn make_slots(&self) -> Option<&Slots> {
        let fresh = Box::into_raw(Box::new(Slots::new()));
        // Release: pairs with the Acquire in `slots`. Relaxed on failure: another's are there.
        let (done, lost) = (Ordering::Release, Ordering::Relaxed);
        if self.slots.compare_exchange(core::ptr::null_mut(), fresh, done, lost).is_err() {
            // SAFETY: nobody has seen them.
            drop(unsafe { Box::from_raw(fresh) });
        }
        self.slots()
    }

    /// A reader comes to a spread mutex: true if it is in, false if it is not spread any more.
    #[inline(never)]
    pub(super) fn rlock_spread(&self, home: usize) -> bool {
        let Some(slots) = self.slots() else { return false };
        if !Hush::over(|| slots.put(home)) {
            return false;
        }
        // Acquire: pairs with the last writer's `unlock`, whose release sequence `spread` continues.
        // Behind the fence in `put`: Seen By One.
        if State(Hush::over(|| self.word.load(Ordering::Acquire))).is_spread() {
            return true;
        }
        if !Hush::over(|| slots.take(home)) {
            self.runlock_anywhere(home); // somebody has taken ours, or gathered it
        }
        false
    }

    /// Takes a reader out of the slots or the word; if there is none: fatal.
    #[cold]
    #[inline(never)]
    pub(super) fn runlock_anywhere(&self, home: usize) {
        let mut calm = None;
        loop {
            let old = self.load();
            let slots = self.slots().filter(|_| old.uses_slots());
            if slots.is_some_and(|slots| Hush::over(|| slots.take(home))) {
                return;
            }
            match old.runlock() {
                Some((next, wake)) if self.exchange(old, next).is_ok() => {
                    if wake.writer.is_some() {
                        self.wake(wake);
                    }
                    return;
                }
                Some(_) => {}
                None => {
                    let seen = slots.map(|slots| (old, slots.changes()));
                    if seen.is_none() || seen == calm {
                        fatal!("sync: RUnlock of unlocked RWMutex"); // Somewhere
                    }
                    calm = seen;
                }
            }
        }
    }

    /// As [`runlock_anywhere`](Self::runlock_anywhere), after another has changed the word meanwhile.
    #[cold]
    #[inline(never)]
    pub(super) fn runlock_collided(&self) {
        self.runlock_anywhere(Slots::home());
        if !self.load().has_writer() {
            self.collide();
        }
    }

    /// Readers collided: often enough, and they are kept apart.
    fn collide(&self) {
        let slots = self.slots().or_else(|| self.make_slots());
        if slots.is_some_and(Slots::collide) {
            self.spread();
        }
    }

    /// Readers that come from now on use slots, until the next writer comes. The mutex does that by
    /// itself where readers collide; this is for tests.
    #[doc(hidden)]
    pub fn spread(&self) {
        let Some(slots) = self.slots().or_else(|| self.make_slots()) else { return };
        let old = self.load();
        if slots.is_empty() {
            return;
        }
        let Some(next) = old.spread() else {
            let now = if old.is_spread() { APART } else { TOGETHER };
            return self.hint(slots, now); // where another's hint came too late
        };
        slots.begin();
        self.hint(slots, APART); // first, so that the writer who ends it takes it back
        if self.exchange(old, next).is_err() {
            self.hint(slots, TOGETHER); // somebody came: the next collision will tell
        }
    }

    /// The writer at the front has said that it gathers: what it has then.
    #[cold]
    pub(super) fn gather(&self) -> Claim {
        if let Some(slots) = self.slots() {
            let by = |readers| State::awaited_by(readers);
            // AcqRel: pairs with the exchanges of readers that unlock (Nobody Missing).
            let count = |readers| _ = self.word.fetch_add(by(readers), Ordering::AcqRel);
            // AcqRel: as above.
            let uncount = |readers| _ = self.word.fetch_sub(by(readers), Ordering::AcqRel);
            self.hint(slots, TOGETHER);
            slots.gather(count, uncount);
            slots.end();
        }
        let mut old = self.load();
        loop {
            let (next, _nobody, claim) = old.gathered();
            match self.exchange(old, next) {
                Ok(()) => return claim,
                Err(now) => old = now,
            }
        }
    }

    /// A writer that does not wait comes to a spread mutex (L5).
    #[cold]
    #[inline(never)]
    pub(super) fn try_lock_spread(&self) -> bool {
        if !self.line.try_lock_unnoted() {
            return false; // a writer waits
        }
        let ours = self.try_gather();
        self.line.unlock_unnoted();
        ours
    }

    fn try_gather(&self) -> bool {
        let old = self.load();
        let Some(slots) =
            self.slots().filter(|slots| old.is_free_but_spread() && slots.count() == 0)
        else {
            return self.lock_fast();
        };
        let (gathering, _) = old.claim(Hunger::Patient);
        if self.exchange(old, gathering).is_err() {
            return false; // a reader came
        }
        // No reader in the slots, none in the word: there is none. Else everybody goes on.
        let clear = slots.are_clear();
        if clear {
            self.hint(slots, TOGETHER);
        }
        let finish = if clear { State::gathered } else { State::ungathered };
        let mut old = self.load();
        loop {
            let (next, wake, claim) = finish(old);
            match self.exchange(old, next) {
                Ok(()) => {
                    self.wake(wake);
                    return claim == Claim::Owned;
                }
                Err(now) => old = now,
            }
        }
    }

    /// Readers in the slots, for `Debug` and `is_locked`.
    pub(super) fn readers_apart(&self) -> u64 {
        self.slots().map_or(0, Slots::count)
    }

    /// As [`rlock`](Self::rlock) and [`runlock`](Self::runlock) at the slot `home`: models cannot tell
    /// threads apart by their addresses.
    #[doc(hidden)]
    pub fn rlock_at(&self, home: usize) {
        let apart = self.load().is_spread() && self.rlock_spread(home);
        if !apart && !self.rlock_in_word() {
            self.rlock_slow();
        }
    }

    /// See [`rlock_at`](Self::rlock_at).
    #[doc(hidden)]
    pub fn runlock_at(&self, home: usize) {
        self.runlock_anywhere(home);
    }
}

impl Drop for RawRwMutex {
    fn drop(&mut self) {
        #[cfg(debug_assertions)] // where the order of locks can be checked
        crate::lockorder::forget(core::ptr::from_ref(self).addr(), || self.is_locked());
        // Relaxed: nobody else is there.
        let slots = self.slots.swap(core::ptr::null_mut(), Ordering::Relaxed);
        let slots = slots.map_addr(|addr| addr & !APART);
        if !slots.is_null() {
            // SAFETY: Slots Stay: until now; they came from a box.
            drop(unsafe { Box::from_raw(slots) });
        }
    }
}

impl fmt::Debug for RawRwMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = |sema: &AtomicU32| sema.load(Ordering::Relaxed); // Relaxed: for the eye
        f.debug_struct("RawRwMutex")
            .field("state", &self.load())
            .field("readers_apart", &self.readers_apart())
            .field("line", &self.line)
            .field("tokens", &(tokens(&self.reader_sema), tokens(&self.writer_sema)))
            .finish()
    }
}

const _: () = assert!(gaggle_prim::MODEL || gaggle_race::ON || size_of::<RawRwMutex>() == 32);
