//! A ring of words with one writer, which never waits, and readers that find out what they missed.
//!
//! A word is an event, or the time of the event that follows it. Reading the clock costs more than all
//! the rest of an event, so while events come fast, only one in sixteen has its time; those between lie
//! between. *Slow Is Exact*: an event that comes after others came slowly has its own time, and so has
//! the first after the monitor has moved the coarse clock, and whatever is about a P that nobody runs
//! on before or after. So a long stretch ends where a time is read, and begins right before; at most one
//! below a millisecond is told with the wrong one of its fifteen neighbours, when fast times end.
//!
//! | field | written by |
//! |---|---|
//! | `words` | who switches tracing on, once |
//! | `count` | the writer, after the words that it counts |
//! | all others | the writer |
//!
//! *One Writer*: the owner of the P, in a section, or who has it in hand; of the ring that no P has, who
//! holds its lock. *Overwritten Is Seen*: the writer counts a word after it is written, so a reader that
//! reads the count after the words knows which of them may have been written over meanwhile.

use super::{Kind, arch, word};
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use gaggle_gopark::coarse_now;

/// Words that a ring holds.
pub(super) const ROOM: u64 = 1 << 17;
/// Ticks between two events that come slowly.
pub(super) const SLOW: u64 = 1_000;
/// Events without a time of their own after one that has it, in fast times.
const SKIPS: u32 = 15;
/// What the lowest bits of a word say if it is a time.
pub(super) const TIME: u64 = 0xf;
/// How far the rest is shifted.
pub(super) const SHIFT: u32 = 4;

pub(crate) struct Ring {
    words: AtomicPtr<AtomicU64>,
    count: AtomicU64,
    /// Events that need no time yet.
    skips: AtomicU32,
    /// Whose wait is over without being written yet.
    held: AtomicU64,
    /// The coarse clock, the ticks and the count when the clock was read last.
    coarse: AtomicU64,
    ticks: AtomicU64,
    counted: AtomicU64,
}

impl Ring {
    pub(crate) const fn new() -> Self {
        Self {
            words: AtomicPtr::new(core::ptr::null_mut()),
            count: AtomicU64::new(0),
            skips: AtomicU32::new(0),
            held: AtomicU64::new(0),
            coarse: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            counted: AtomicU64::new(0),
        }
    }

    /// Gives it its room, once; it is never freed. Allocates: not inside a section.
    pub(super) fn equip(&self) {
        // Relaxed: switching on is one at a time.
        if !self.words.load(Ordering::Relaxed).is_null() {
            return;
        }
        let words: Box<[AtomicU64]> = (0..ROOM).map(|_| AtomicU64::new(0)).collect();
        // Release: pairs with the Acquire in `words`.
        self.words.store(Box::leak(words).as_mut_ptr(), Ordering::Release);
    }

    #[inline]
    fn words(&self) -> Option<&'static [AtomicU64; ROOM as usize]> {
        // Acquire: pairs with the Release in `equip`.
        let words = self.words.load(Ordering::Acquire).cast::<[AtomicU64; ROOM as usize]>();
        // SAFETY: `equip` stores the beginning of so many words, which are never freed.
        unsafe { words.as_ref() }
    }

    /// Writes an event. One Writer.
    pub(super) fn push(&self, event: u64) {
        let held = self.held.load(Ordering::Relaxed); // Relaxed: our own
        if held != 0 {
            self.held.store(0, Ordering::Relaxed); // Relaxed: our own
            self.write(word(Kind::Ready, held, 0));
        }
        self.write(event);
    }

    /// The same, with a time of its own: nobody runs before it, or after. One Writer.
    pub(super) fn push_exact(&self, event: u64) {
        let held = self.held.load(Ordering::Relaxed); // Relaxed: our own
        if held != 0 {
            self.held.store(0, Ordering::Relaxed); // Relaxed: our own
            self.write(word(Kind::Ready, held, 0));
        }
        self.refresh();
        self.write(event);
    }

    /// Somebody's wait is over. In fast times it is held back for one event: mostly the very goroutine
    /// runs next, and one event tells both. One Writer.
    #[inline(always)]
    pub(super) fn ready(&self, goid: u64) {
        // Relaxed: our own, both.
        if self.skips.load(Ordering::Relaxed) == 0 || self.held.load(Ordering::Relaxed) != 0 {
            return self.push(word(Kind::Ready, goid, 0));
        }
        self.held.store(goid, Ordering::Relaxed); // Relaxed: our own
    }

    /// From one goroutine to another. One Writer.
    #[inline(always)]
    pub(super) fn switch(&self, goid: u64, why: u8) {
        // Relaxed: our own.
        if self.held.load(Ordering::Relaxed) == goid {
            self.held.store(0, Ordering::Relaxed); // Relaxed: our own
            return self.write(word(Kind::Relay, goid, why));
        }
        self.push(word(Kind::Switch, goid, why));
    }

    #[inline(always)]
    fn write(&self, word: u64) {
        let Some(words) = self.words() else { return };
        let mut count = self.count.load(Ordering::Relaxed); // Relaxed: our own
        let skips = self.skips.load(Ordering::Relaxed); // Relaxed: our own
        // Relaxed: our own.
        if skips > 0 && self.coarse.load(Ordering::Relaxed) == coarse_now() {
            self.skips.store(skips - 1, Ordering::Relaxed); // Relaxed: our own
        } else {
            words[(count % ROOM) as usize].store(self.time(count), Ordering::Relaxed); // Relaxed: counted below
            count += 1;
        }
        words[(count % ROOM) as usize].store(word, Ordering::Relaxed); // Relaxed: counted below
        // Release: pairs with the Acquires in `read`.
        self.count.store(count + 1, Ordering::Release);
    }

    /// Reads the clock: the word that says what it shows.
    #[inline(never)]
    fn time(&self, count: u64) -> u64 {
        let (now, coarse) = (arch::ticks(), coarse_now());
        let before = self.ticks.load(Ordering::Relaxed); // Relaxed: our own
        let events = count - self.counted.load(Ordering::Relaxed); // Relaxed: our own
        let fast = now.wrapping_sub(before) < SLOW * events;
        self.skips.store(if fast { SKIPS } else { 0 }, Ordering::Relaxed); // Relaxed: our own
        self.coarse.store(coarse, Ordering::Relaxed); // Relaxed: our own
        self.ticks.store(now, Ordering::Relaxed); // Relaxed: our own
        self.counted.store(count, Ordering::Relaxed); // Relaxed: our own
        (now << SHIFT) | TIME
    }

    /// The next event has a time of its own.
    pub(super) fn refresh(&self) {
        self.skips.store(0, Ordering::Relaxed); // Relaxed: at worst a few more have none
    }

    /// How many words were ever written.
    pub(super) fn count(&self) -> u64 {
        // Acquire: pairs with the Release in `push`.
        self.count.load(Ordering::Acquire)
    }

    /// Reads the words from number `from` on. Returns the number of the next one, and how many were
    /// written over before they could be read.
    pub(super) fn read(&self, from: u64, into: &mut Vec<u64>) -> (u64, u64) {
        let Some(words) = self.words() else { return (from, 0) };
        let to = self.count();
        let begin = from.max(to.saturating_sub(ROOM));
        let at = into.len();
        let word = |number: u64| words[(number % ROOM) as usize].load(Ordering::Relaxed); // Relaxed: ordered by the count
        into.extend((begin..to).map(word));
        // Acquire fence: the words were read before the count is read again.
        core::sync::atomic::fence(Ordering::Acquire);
        // Overwritten Is Seen: the two that are being written may be any that are a round behind.
        let valid = (self.count() + 2).saturating_sub(ROOM).clamp(begin, to);
        into.drain(at..at + (valid - begin) as usize);
        (to, valid - from.min(valid))
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOM, Ring, TIME};

    #[test]
    fn what_was_written_over_is_counted_and_not_shown() {
        let ring = Ring::new();
        ring.push(1);
        assert_eq!(ring.count(), 0, "it has no room yet");
        ring.equip();
        let mut words = Vec::new();
        (0..10).for_each(|n| ring.push(n << 4));
        let (next, lost) = ring.read(0, &mut words);
        assert_eq!((next, lost), (words.len() as u64, 0));
        assert_eq!(words[0] & TIME, TIME, "the first has its time");
        let events: Vec<_> = words.iter().filter(|&word| word & TIME != TIME).collect();
        assert!(events.iter().zip(0..).all(|(&&event, n)| event == n << 4), "{events:?}");
        words.clear();
        (10..2 * ROOM).for_each(|n| ring.push(n << 4));
        let (end, lost) = ring.read(next, &mut words);
        assert_eq!(words.len() as u64, ROOM - 2, "two may be under way");
        assert_eq!(end, next + lost + words.len() as u64);
        assert_eq!(ring.read(end, &mut words), (end, 0));
    }

    #[test]
    fn a_reader_beside_a_writer_sees_every_word_in_order() {
        const LAST: u64 = 20 * ROOM;
        let ring = Ring::new();
        ring.equip();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..LAST).for_each(|n| ring.push(n << 4)));
            let (mut next, mut seen, mut ticks) = (0, 0, 0);
            while seen < LAST {
                let mut words = Vec::new();
                let (to, lost) = ring.read(next, &mut words);
                assert_eq!(to, next + lost + words.len() as u64);
                for word in words {
                    if word & TIME == TIME {
                        assert!(word >= ticks, "the clock went back");
                        ticks = word;
                    } else {
                        let number = word >> 4;
                        assert!(number == seen || (lost > 0 && number > seen), "{number}, {seen}");
                        seen = number + 1;
                    }
                }
                next = to;
            }
        });
    }
}
