//! [`Chosen`]: what a round of a [`Select`] did.
//!
//! *Arrived Once*: `Done` of a receive means that a value lies in the select's landing; whoever
//! takes it out leaves `Pending`.

use super::dynamic::{Content, Select};
use super::ends::{RecvEnd, SendEnd};
use crate::chan::{Core, Side};
use crate::err::SendError;
use core::fmt;
use gaggle_sudog::Outcome;

/// The case that a [`Select`] did.
///
/// What it received and nobody asked for is dropped with it.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{Select, chan};
/// let (a, b) = (chan::<u32>(0), chan(1));
/// b.send("b");
/// let mut select = Select::new();
/// let (numbers, words) = (select.recv(&a), select.recv(&b));
/// let chosen = select.wait();
/// match chosen.index() {
///     index if index == numbers => println!("{:?}", chosen.received(&a)),
///     index if index == words => assert_eq!(chosen.received(&b), Some("b")),
///     _ => unreachable!(),
/// }
/// ```
pub struct Chosen<'s, 'a> {
    select: &'s mut Select<'a>,
    index: usize,
    outcome: Outcome,
    end: Option<&'a Core>,
}

impl<'s, 'a> Chosen<'s, 'a> {
    /// Case `index` of `select`, about `end`, ended with `outcome`.
    pub(super) fn new(
        select: &'s mut Select<'a>,
        index: usize,
        outcome: Outcome,
        end: Option<&'a Core>,
    ) -> Self {
        Self { select, index, outcome, end }
    }

    /// Its number.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// let mut select = gaggle_hchan::Select::new();
    /// let case = select.send(&c, 'x');
    /// assert_eq!(select.wait().index(), case);
    /// ```
    pub const fn index(&self) -> usize {
        self.index
    }

    /// What it received from `end`; none if the channel is closed and drained.
    ///
    /// # Panics
    ///
    /// If the case is no receive from this channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send('x');
    /// c.close();
    /// let mut select = gaggle_hchan::Select::new();
    /// select.recv(&c);
    /// assert_eq!(select.wait().received(&c), Some('x'));
    /// assert_eq!(select.wait().received(&c), None);
    /// ```
    #[track_caller]
    pub fn received<E: RecvEnd + ?Sized>(mut self, end: &E) -> Option<E::Item> {
        self.check(Side::Recv, end.core());
        if core::mem::replace(&mut self.outcome, Outcome::Pending) != Outcome::Done {
            return None;
        }
        let place = self.select.landing.place().cast::<E::Item>();
        // SAFETY: Core Of Item: the channel is this case's, so the value that arrived is of its
        // type; it is read once.
        Some(unsafe { place.read() })
    }

    /// Whether its value was sent to `end`.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value if the channel is closed, for a case made by
    /// [`send_or_closed`](Select::send_or_closed).
    ///
    /// # Panics
    ///
    /// If the case is no send to this channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.close();
    /// let mut select = gaggle_hchan::Select::new();
    /// select.send_or_closed(&c, 'x');
    /// assert_eq!(select.wait().sent(&c).unwrap_err().into_inner(), 'x');
    /// ```
    #[track_caller]
    pub fn sent<E: SendEnd + ?Sized>(self, end: &E) -> Result<(), SendError<E::Item>> {
        self.check(Side::Send, end.core());
        let Content::Leaves(parcel, _) = &mut self.select.contents[self.index] else {
            return Ok(());
        };
        // SAFETY: Core Of Item: the channel is this case's, so its value is of that type.
        unsafe { parcel.take() }.map_or(Ok(()), |value| Err(SendError(value)))
    }

    #[track_caller]
    fn check(&self, side: Side, core: Option<&Core>) {
        let same = match (self.end, core) {
            (Some(one), Some(two)) => core::ptr::eq(one, two),
            _ => false,
        };
        let index = self.index;
        assert!(
            same && self.select.cases[index].side == side,
            "select: case {index} is about another channel, or the other side of it"
        );
    }
}

impl Drop for Chosen<'_, '_> {
    fn drop(&mut self) {
        let Content::Arrives(discard) = &self.select.contents[self.index] else { return };
        if self.outcome == Outcome::Done {
            // SAFETY: Case And Content: a value of this case's type arrived, and nobody took it.
            unsafe { discard(self.select.landing.place()) };
        }
    }
}

impl fmt::Debug for Chosen<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chosen").field("index", &self.index).finish_non_exhaustive()
    }
}
