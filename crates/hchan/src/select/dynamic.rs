//! [`Select`]: a select over cases known only at run time (Go: `reflect.Select`).
//!
//! The cases live on the heap, and so do the values of sends until one is chosen. The passes are
//! those of `select!`.
//!
//! *Case And Content*: of a case that sends, `content` holds the parcel its slot points into; of one
//! that receives, how to drop what arrives. A case without a channel is switched off.

use super::chosen::Chosen;
use super::kept::{Discard, Landing, Parcel};
use super::pass::{self, Mode, Room};
use super::{Case, Order, no_cases};
use crate::bubbled;
use crate::chan::{Core, Side};
use crate::wait;
use core::cell::Cell;
use core::fmt;
use core::mem::MaybeUninit;
use core::time::Duration;
use gaggle_sudog::{Outcome, Sudog};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What belongs to a case.
pub(super) enum Content {
    Arrives(Discard),
    Leaves(Parcel, OnClosed),
    Nothing,
}

/// What a chosen send to a closed channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnClosed {
    Panic,
    HandBack,
}

/// A select over a number of cases known only at run time (Go: `reflect.Select`; SEMANTICS J10).
///
/// Cases are numbered in the order in which they are added. [`wait`](Self::wait) does exactly one of
/// them, chosen and waited for as [`select!`](crate::select) does; the answer is its number, and
/// gives out what it received. The cases stay: receives take part in the next round; a send that
/// was done is switched off until [`set_send`](Self::set_send) gives it a new value.
///
/// Adding cases allocates; a round does not, once there was one of that many cases.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{Select, chan};
/// let channels: Vec<_> = (0..100).map(|_| chan::<u32>(1)).collect();
/// channels[42].send(7);
/// let mut select = Select::new();
/// for c in &channels {
///     select.recv(c);
/// }
/// let chosen = select.wait();
/// let index = chosen.index();
/// assert_eq!((index, chosen.received(&channels[index])), (42, Some(7)));
/// assert!(select.try_wait().is_none()); // Go: the default case
/// ```
pub struct Select<'a> {
    pub(super) cases: Vec<Case<'a>>,
    pub(super) contents: Vec<Content>,
    pub(super) landing: Landing,
    order: Order,
    polled: Vec<u16>,
    locks: Vec<*const Core>,
    nodes: Vec<MaybeUninit<Sudog>>,
}

impl<'a> Select<'a> {
    /// A select without cases; the choice among those that can be done is uniform.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(gaggle_hchan::Select::new().try_wait().is_none()); // no cases yet
    /// ```
    pub const fn new() -> Self {
        Self::with(Order::Random)
    }

    /// The same, but if several cases can be done, the first of them is chosen, as by
    /// [`select_biased!`](crate::select_biased).
    ///
    /// # Examples
    ///
    /// ```
    /// let (a, b) = (gaggle_hchan::chan(1), gaggle_hchan::chan(1));
    /// (a.send('a'), b.send('b'));
    /// let mut select = gaggle_hchan::Select::biased();
    /// (select.recv(&a), select.recv(&b));
    /// assert_eq!(select.wait().index(), 0);
    /// ```
    pub const fn biased() -> Self {
        Self::with(Order::Source)
    }

    const fn with(order: Order) -> Self {
        Self {
            cases: Vec::new(),
            contents: Vec::new(),
            landing: Landing::new(),
            order,
            polled: Vec::new(),
            locks: Vec::new(),
            nodes: Vec::new(),
        }
    }

    /// Does exactly one case, waiting until one can be done. Without cases it waits for ever.
    ///
    /// # Panics
    ///
    /// `send on closed channel` if the one is a [`send`](Self::send) and its channel is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let (a, b) = (gaggle_hchan::chan(0), gaggle_hchan::chan(1));
    /// let mut select = gaggle_hchan::Select::new();
    /// (select.recv(&a), select.send(&b, 'b'));
    /// assert_eq!(select.wait().index(), 1);
    /// std::thread::spawn({ let a = a.clone(); move || a.send('a') });
    /// assert_eq!(select.wait().received(&a), Some('a')); // the send is done
    /// ```
    #[track_caller]
    pub fn wait(&mut self) -> Chosen<'_, 'a> {
        let done = match self.cases.as_slice() {
            [] => no_cases(),
            _ => self.pass(Mode::Block),
        };
        match done {
            Some((index, outcome)) => self.chosen(index, outcome),
            None => super::no_such_arm(),
        }
    }

    /// Does one case if one can be done now; all are looked at in one instant (Go: a `default`).
    /// Never switches.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// let mut select = gaggle_hchan::Select::new();
    /// select.recv(&c);
    /// assert!(select.try_wait().is_none());
    /// c.send('x');
    /// assert!(select.try_wait().is_some_and(|chosen| chosen.received(&c) == Some('x')));
    /// ```
    #[track_caller]
    pub fn try_wait(&mut self) -> Option<Chosen<'_, 'a>> {
        let (index, outcome) = self.pass(Mode::Poll)?;
        Some(self.chosen(index, outcome))
    }

    /// Does one case, waiting at most `timeout`.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan::<u32>(0);
    /// let mut select = gaggle_hchan::Select::new();
    /// select.recv(&c);
    /// assert!(select.wait_timeout(std::time::Duration::from_millis(1)).is_none());
    /// ```
    #[track_caller]
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Chosen<'_, 'a>> {
        let (index, outcome) = self.pass(Mode::Until(wait::deadline(timeout)))?;
        Some(self.chosen(index, outcome))
    }

    /// The three passes.
    fn pass(&mut self, mode: Mode) -> Option<(usize, Outcome)> {
        let n = self.cases.len();
        self.polled.resize(n, 0);
        self.locks.resize(n, core::ptr::null());
        self.nodes.resize_with(n, MaybeUninit::uninit);
        bubbled::check_cases(&self.cases);
        self.settling(|it, settled| {
            let (polled, locks, nodes) = (&mut it.polled, &mut it.locks, &mut it.nodes);
            let room = Room { polled, locks, nodes, settled: Some(settled) };
            pass::select(&it.cases, room, it.order, mode)
        })
    }

    /// Runs a round. If user code unwinds in it, the case that was `settled` before is done: a value sent is no
    /// longer here, and one received is dropped (*Settled First*).
    fn settling(
        &mut self,
        round: impl FnOnce(&mut Self, &Cell<Option<usize>>) -> Option<(usize, Outcome)>,
    ) -> Option<(usize, Outcome)> {
        let settled = Cell::new(None);
        let payload = match catch_unwind(AssertUnwindSafe(|| round(self, &settled))) {
            Ok(answer) => return answer,
            Err(payload) => payload,
        };
        if let Some(index) = settled.get() {
            drop(self.done(index, Outcome::Done));
        }
        resume_unwind(payload)
    }

    /// Case `index` was done.
    #[track_caller]
    fn chosen(&mut self, index: usize, outcome: Outcome) -> Chosen<'_, 'a> {
        if let Content::Leaves(_, OnClosed::Panic) = &self.contents[index]
            && outcome != Outcome::Done
        {
            self.remove(index);
            panic!("send on closed channel")
        }
        self.done(index, outcome)
    }

    /// Case `index` was done, and not in vain.
    fn done(&mut self, index: usize, outcome: Outcome) -> Chosen<'_, 'a> {
        let end = self.cases[index].core;
        if let (Content::Leaves(parcel, _), Outcome::Done) = (&mut self.contents[index], outcome) {
            parcel.sent();
        }
        if self.cases[index].side == Side::Send {
            self.cases[index].core = None; // switched off until it has a new value
        }
        Chosen::new(self, index, outcome, end)
    }
}

impl Content {
    pub(super) fn leaves<T>(value: T, on_closed: OnClosed) -> Self {
        Self::Leaves(Parcel::new(value), on_closed)
    }
}

impl Drop for Select<'_> {
    fn drop(&mut self) {
        // The values may hold what `'a` lends: this makes the compiler see to it that it lives.
        self.contents.clear();
    }
}

impl Default for Select<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Select<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = self.cases.iter().filter(|case| case.core.is_some()).count();
        let mut it = f.debug_struct("Select");
        it.field("cases", &self.cases.len()).field("on", &on).field("order", &self.order).finish()
    }
}
