//! The slice that a walk fills: innermost pcs, outermost pcs, and a mark for what lies between.
//!
//! Invariants
//! 1. *Head*: the first `head` pcs seen stay where they were written.
//! 2. *Ring*: once more pcs were seen than fit, the slots after `head + 1` hold the last ones seen,
//!    as a ring; `finish` turns it into order.
//! 3. *Mark*: slot `head` then holds the count of what was lost, as a value that no pc can have.
//! 4. *Side By Side*: the stack pointers, if they are wanted, lie at the same places as their pcs.

/// More frames than any stack of sense has; a walk that goes on for longer is stopped.
pub(super) const MAX_DEPTH: usize = 1 << 20;

/// Shorter slices keep their head only: halves would say nothing.
const MIN_SPLIT: usize = 8;

/// How many pcs were left out at this entry, if it is such a mark and not a pc.
///
/// Collectors put one mark into a slice that is too short for its stack.
///
/// # Examples
/// ```
/// use gaggle_runtime::traceback::elided;
///
/// assert_eq!(elided(0x5555_0000_1000), None);
/// assert_eq!(elided(usize::MAX - 1181), Some(1181));
/// ```
pub fn elided(pc: usize) -> Option<usize> {
    let lost = usize::MAX - pc;
    (1..=MAX_DEPTH).contains(&lost).then_some(lost)
}

/// A slice being filled with pcs, innermost first.
#[derive(Debug)]
pub(super) struct Pcs<'a> {
    slots: &'a mut [usize],
    /// As long as `slots`, or empty: not wanted.
    sps: &'a mut [usize],
    seen: usize,
}

impl<'a> Pcs<'a> {
    /// An empty collection over `slots`, and over `sps` if it is as long.
    pub(super) fn new(slots: &'a mut [usize], sps: &'a mut [usize]) -> Pcs<'a> {
        let sps = if sps.len() == slots.len() { sps } else { &mut [] };
        Pcs { slots, sps, seen: 0 }
    }

    /// Adds the next pc outwards and the stack pointer there; false once nothing more can be of use.
    pub(super) fn push(&mut self, pc: usize, sp: usize) -> bool {
        let len = self.slots.len();
        let place = if self.seen < len {
            self.seen
        } else if len >= MIN_SPLIT {
            let first = self.head() + 1;
            first + (self.seen - first) % (len - first)
        } else {
            return false;
        };
        self.slots[place] = pc;
        if let Some(place) = self.sps.get_mut(place) {
            *place = sp;
        }
        self.seen += 1;
        self.seen < MAX_DEPTH
    }

    /// Brings the slots into order and returns how many are filled.
    pub(super) fn finish(self) -> usize {
        let len = self.slots.len();
        if self.seen <= len {
            return self.seen;
        }
        let first = self.head() + 1;
        let oldest = (self.seen - first) % (len - first);
        self.slots[first..].rotate_left(oldest);
        if let Some(ring) = self.sps.get_mut(first..) {
            ring.rotate_left(oldest);
        }
        self.slots[first - 1] = usize::MAX - (self.seen - (len - 1));
        len
    }

    fn head(&self) -> usize {
        self.slots.len() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(len: usize, depth: usize) -> Vec<usize> {
        let (mut slots, mut sps) = (vec![0; len], vec![0; len]);
        let mut pcs = Pcs::new(&mut slots, &mut sps);
        for pc in 1..=depth {
            if !pcs.push(pc, 2 * pc) {
                break;
            }
        }
        let n = pcs.finish();
        slots.truncate(n);
        let side_by_side = |(&pc, &sp): (&usize, &usize)| elided(pc).is_some() || sp == 2 * pc;
        assert!(slots.iter().zip(&sps).all(side_by_side), "{slots:?} {sps:?}");
        slots
    }

    #[test]
    fn a_stack_that_fits_is_kept_as_it_is() {
        for len in 0..20 {
            for depth in 0..=len {
                assert_eq!(filled(len, depth), (1..=depth).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_stack_that_does_not_fit_keeps_both_ends_and_the_count_of_the_rest() {
        for len in MIN_SPLIT..40 {
            for depth in len + 1..200 {
                let slots = filled(len, depth);
                assert_eq!(slots.len(), len);
                let head = len / 2;
                let tail = len - head - 1;
                assert_eq!(slots[..head], (1..=head).collect::<Vec<_>>());
                assert_eq!(elided(slots[head]), Some(depth - head - tail));
                assert_eq!(slots[head + 1..], (depth - tail + 1..=depth).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_slice_too_short_to_split_keeps_its_head() {
        assert_eq!(filled(MIN_SPLIT - 1, 100), (1..MIN_SPLIT).collect::<Vec<_>>());
    }

    #[test]
    fn a_walk_without_end_is_stopped() {
        let mut slots = [0; MIN_SPLIT];
        let mut pcs = Pcs::new(&mut slots, &mut []);
        let pushed = (1..).take_while(|&pc| pcs.push(pc, 0)).count();
        assert_eq!(pushed, MAX_DEPTH - 1);
        assert_eq!(elided(slots[MIN_SPLIT / 2]), None, "finish was not called");
    }
}
