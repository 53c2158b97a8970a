//! What lies behind the ring of an unbounded channel: blocks in a row, the oldest value first.
//!
//! A block is made by a sender outside any section and handed in (`Step::Grow`: try, leave, grow,
//! retry); an emptied one leaves the same way ([`Chain`], in an `After`).
//!
//! Named invariants:
//! 1. *Ring First*: while a value lies here the ring is full: who takes one from the ring moves the
//!    oldest of here to its end, under the same lock. So sends find no room there and come here,
//!    and order is kept.
//! 2. *Blocks Hold*: exactly the places from `head` of the first block to before `tail` of the last
//!    hold a value each, `count` in all; the blocks have the layout of the channel's [`Shape`].

use crate::buf::Elem;
use core::fmt;
use core::ptr::NonNull;
use gaggle_prim::MODEL;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

/// The first bytes of a block; its places follow.
#[derive(Debug)]
struct Block {
    next: Option<NonNull<Block>>,
    layout: Layout,
}

/// How big a block should be.
const BYTES: usize = 4096;

/// The blocks of one channel: their memory, and where their places are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    layout: Layout,
    offset: usize,
    places: usize,
}

impl Shape {
    /// Blocks of `T`s.
    pub(crate) fn of<T>() -> Self {
        // A model wants blocks to come and go within a few values.
        let places = if MODEL { 1 } else { (BYTES / size_of::<T>().max(1)).clamp(8, 512) };
        let row = Layout::array::<T>(places).expect("eight values have an address each");
        let whole = Layout::new::<Block>().extend(row);
        let (layout, offset) = whole.expect("a block fits into memory");
        Self { layout, offset, places }
    }

    /// A new block, empty. Outside sections only.
    pub(crate) fn block(self) -> Chain {
        // SAFETY: the layout has at least the size of `Block`.
        let place = unsafe { alloc(self.layout) };
        let Some(block) = NonNull::new(place.cast::<Block>()) else {
            handle_alloc_error(self.layout)
        };
        // SAFETY: fresh memory with room for a `Block`.
        unsafe { block.write(Block { next: None, layout: self.layout }) };
        Chain(Some(block))
    }
}

/// Blocks of its own, without values; frees them. Dropped outside sections only.
#[derive(Debug)]
pub(crate) struct Chain(Option<NonNull<Block>>);

// SAFETY: memory without values, owned.
unsafe impl Send for Chain {}

impl Chain {
    /// No block.
    pub(crate) const EMPTY: Chain = Chain(None);

    /// True if there is nothing to free.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds all blocks of `other`.
    pub(crate) fn append(&mut self, mut other: Chain) {
        while let Some(mut block) = other.take() {
            // SAFETY: an owned block.
            unsafe { block.as_mut() }.next = self.0;
            self.0 = Some(block);
        }
    }

    /// Takes one block out.
    fn take(&mut self) -> Option<NonNull<Block>> {
        let block = self.0?;
        // SAFETY: an owned block.
        self.0 = unsafe { block.as_ref() }.next;
        Some(block)
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        while let Some(block) = self.take() {
            // SAFETY: an owned block.
            let layout = unsafe { block.as_ref() }.layout;
            // SAFETY: allocated by `Shape::block` with this very layout, used no more.
            unsafe { dealloc(block.as_ptr().cast(), layout) };
        }
    }
}

/// The values behind the ring.
#[derive(Debug)]
pub(crate) struct Beyond {
    shape: Shape,
    first: Option<NonNull<Block>>,
    last: Option<NonNull<Block>>,
    spare: Chain,
    head: usize,
    tail: usize,
    count: usize,
    limit: usize,
    alarm: usize,
}

// SAFETY: Blocks Hold: the values are the channel's, behind its lock, as those in its ring.
unsafe impl Send for Beyond {}

impl Beyond {
    /// No values; more than `limit` in the whole channel are to be reported.
    pub(crate) fn new(shape: Shape, limit: usize) -> Self {
        let (first, last, spare) = (None, None, Chain::EMPTY);
        Self { shape, first, last, spare, head: 0, tail: 0, count: 0, limit, alarm: limit }
    }

    /// How many values lie here.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The place number `index` of `block`.
    fn place(&self, elem: Elem, block: NonNull<Block>, index: usize) -> *mut () {
        let row = block.as_ptr().cast::<()>().wrapping_byte_add(self.shape.offset);
        row.wrapping_byte_add(index * elem.size())
    }

    /// Moves the value at `from` behind the last one; false if there is no room.
    ///
    /// # Safety
    ///
    /// `elem` is this channel's element, and `from` holds such a value, the caller's to move.
    pub(crate) unsafe fn push(&mut self, elem: Elem, from: *const ()) -> bool {
        let block = match self.last {
            Some(last) if self.tail < self.shape.places => last,
            last => {
                let Some(mut block) = self.spare.take() else { return false };
                // SAFETY: an owned block.
                unsafe { block.as_mut() }.next = None;
                match last {
                    // SAFETY: Blocks Hold.
                    Some(mut last) => unsafe { last.as_mut() }.next = Some(block),
                    None => self.first = Some(block),
                }
                (self.last, self.tail) = (Some(block), 0);
                block
            }
        };
        // SAFETY: Blocks Hold: the place is free; the caller's promise.
        unsafe { elem.copy_any(from, self.place(elem, block, self.tail)) };
        self.tail += 1;
        self.count += 1;
        true
    }

    /// Where the oldest value lies.
    pub(crate) fn oldest(&self, elem: Elem) -> Option<*const ()> {
        let first = self.first.filter(|_| self.count > 0)?;
        Some(self.place(elem, first, self.head).cast_const())
    }

    /// The oldest value was moved away: its block, if that was the last one in it.
    pub(crate) fn forget_oldest(&mut self) -> Chain {
        self.head += 1;
        self.count -= 1;
        if self.count == 0 {
            // The last block stays for the next time, from its beginning.
            (self.head, self.tail, self.alarm) = (0, 0, self.limit);
        } else if self.head == self.shape.places {
            let Some(mut emptied) = self.first else { return Chain::EMPTY };
            // SAFETY: Blocks Hold.
            let header = unsafe { emptied.as_mut() };
            (self.first, self.head) = (header.next.take(), 0);
            return Chain(Some(emptied));
        }
        Chain::EMPTY
    }

    /// Room for more; what is not needed comes back.
    pub(crate) fn give(&mut self, block: Chain) -> Chain {
        if self.spare.is_empty() {
            self.spare = block;
            return Chain::EMPTY;
        }
        block
    }

    /// True once, each time the channel passes its limit or twice what was told last.
    pub(crate) fn alarms(&mut self, total: usize) -> bool {
        let over = total > self.alarm;
        if over {
            self.alarm = total.saturating_mul(2);
        }
        over
    }
}

impl Drop for Beyond {
    fn drop(&mut self) {
        drop(Chain(self.first.take())); // its values were taken out by the typed owner
    }
}

/// Whom to tell that an unbounded channel holds so many values.
pub(crate) type Report = Box<dyn Fn(usize) + Send + Sync>;

/// What makes a channel unbounded.
pub(crate) struct Growth {
    pub(crate) shape: Shape,
    pub(crate) report: Report,
}

impl fmt::Debug for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Growth").field("shape", &self.shape).finish_non_exhaustive()
    }
}
