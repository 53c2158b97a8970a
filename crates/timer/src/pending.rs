//! A start that has been put into a heap, and may be taken back or moved until it is due.
//!
//! Two may end it: the clock, to start the goroutine, which takes the entry out of the heap and then
//! claims the ticket; and the holder of this, to have it back.
//!
//! 1. *In The Heap Is To Come*: while the entry is in the heap, under the heap's lock, the clock has
//!    not come. So if it still lies where it was put, taking it out, or changing its time, is all there
//!    is to do. That holds for most that are taken back early: it was added behind the others, and
//!    nothing has come to pass since.
//! 2. Else the ticket decides (*One Winner*, gopark); and the entry, if it is somewhere, is dead, and
//!    goes as the dead do.

use crate::heap::{Due, Entry, Place};
use crate::timers::{NoRoom, Timers};
use gaggle_gopark::{Claim, GRef, Ticket};

/// A goroutine that is to start at a time to come, and where that is noted.
#[derive(Debug)]
pub struct Pending {
    g: GRef,
    ticket: Ticket,
    timers: &'static Timers,
    place: Place,
}

/// Whether the new deadline is now the first of its heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Who sleeps until the first may have to be told.
    Earliest,
    /// Others come before it.
    Later,
}

impl Standing {
    pub(crate) fn of(earliest: bool) -> Self {
        if earliest { Standing::Earliest } else { Standing::Later }
    }
}

impl Pending {
    /// Notes that `g`, which the caller owns and nobody has started, is to start at `when`.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]: nothing has been noted.
    pub fn add(timers: &'static Timers, when: u64, g: GRef) -> Result<(Self, Standing), NoRoom> {
        let mut heap = timers.lock_with_room()?;
        let ticket = g.wait().open();
        let place = heap.push(Entry { when, due: Due::Start(g, ticket) });
        let rank = Standing::of(timers.note_earliest(&heap));
        Ok((Self { g, ticket, timers, place }, rank))
    }

    /// Takes it back: the goroutine is the caller's again. None: the clock came first.
    pub fn cancel(self) -> Option<GRef> {
        let mut heap = self.timers.lock();
        if heap.lies_at(self.place, self.g, self.ticket) {
            heap.remove(self.place); // In The Heap Is To Come
            self.timers.note_earliest(&heap);
            return Some(self.g);
        }
        drop(heap);
        self.g.wait().claim(self.ticket, Claim::Wake).then_some(self.g)
    }

    /// Makes it start at `when` instead; `here` is the heap for an entry that is not found any more.
    /// None: the clock came first.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]: nothing has changed. Make room in `here`, try again.
    pub fn move_to(
        &mut self,
        when: u64,
        here: &'static Timers,
    ) -> Result<Option<Standing>, NoRoom> {
        let mut heap = self.timers.lock();
        if heap.lies_at(self.place, self.g, self.ticket) {
            let due = Due::Start(self.g, self.ticket);
            self.place = heap.replace(self.place, Entry { when, due }); // In The Heap Is To Come
            return Ok(Some(Standing::of(self.timers.note_earliest(&heap))));
        }
        drop(heap);
        let mut heap = here.lock_with_room()?;
        let Some(due) = self.renew() else { return Ok(None) };
        self.place = heap.push(Entry { when, due });
        self.timers = here;
        Ok(Some(Standing::of(here.note_earliest(&heap))))
    }

    /// Ends the old wait and begins another; none if the clock has ended it.
    fn renew(&mut self) -> Option<Due> {
        if !self.g.wait().claim(self.ticket, Claim::Wake) {
            return None;
        }
        self.ticket = self.g.wait().open();
        Some(Due::Start(self.g, self.ticket))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Pending, Standing};
    use crate::{Due, NEVER, Timers};
    use gaggle_gopark::{Claim, current};

    fn timers() -> &'static Timers {
        let timers = Box::leak(Box::new(Timers::new()));
        timers.grow(gaggle_gopark::enter);
        timers
    }

    fn fire(timers: &Timers, now: u64) -> bool {
        match timers.pop_due(now) {
            Some(Due::Start(g, ticket)) => g.wait().claim(ticket, Claim::TimeOut),
            _ => false,
        }
    }

    #[test]
    fn what_is_taken_back_is_gone_and_does_not_start() {
        let timers = timers();
        let (pending, rank) = Pending::add(timers, 5, current()).unwrap();
        assert_eq!(rank, Standing::Earliest);
        assert!(pending.cancel().is_some());
        assert_eq!(timers.earliest(), NEVER);
        assert!(!fire(timers, 9));
    }

    #[test]
    fn what_has_started_cannot_be_taken_back_nor_moved() {
        let timers = timers();
        let (mut pending, _) = Pending::add(timers, 5, current()).unwrap();
        assert!(fire(timers, 5));
        assert_eq!(pending.move_to(9, timers), Ok(None));
        assert!(pending.cancel().is_none());
        assert_eq!(timers.earliest(), NEVER);
    }

    #[test]
    fn what_is_moved_starts_once_at_its_new_time() {
        let timers = timers();
        let (mut pending, _) = Pending::add(timers, 5, current()).unwrap();
        assert_eq!(pending.move_to(9, timers), Ok(Some(Standing::Later)));
        assert!(!fire(timers, 8));
        assert_eq!(pending.move_to(2, timers), Ok(Some(Standing::Earliest)));
        assert!(fire(timers, 2) && !fire(timers, 100));
    }
}
