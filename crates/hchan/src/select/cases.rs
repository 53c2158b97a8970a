//! The cases of a [`Select`]: to add them, to change them, to switch them off.

use super::Case;
use super::MOST_CASES;
use super::dynamic::{Content, OnClosed, Select};
use super::ends::{RecvEnd, SendEnd};
use super::kept::discard;
use crate::buf::Elem;
use crate::chan::{Core, Side};

impl<'a> Select<'a> {
    /// How many cases it has, those switched off included.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan::<u8>(0);
    /// let mut select = gaggle_hchan::Select::new();
    /// (select.recv(&c), select.recv(&c));
    /// select.remove(0);
    /// assert_eq!(select.len(), 2);
    /// ```
    pub const fn len(&self) -> usize {
        self.cases.len()
    }

    /// True if it has no cases.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(gaggle_hchan::Select::new().is_empty());
    /// ```
    pub const fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Adds a receive from `end`; says its number.
    ///
    /// # Panics
    ///
    /// `reflect.Select: too many cases (max 65536)` if there are as many (SEMANTICS J9).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// let mut select = gaggle_hchan::Select::new();
    /// assert_eq!((select.recv(&c), select.recv(&c)), (0, 1));
    /// c.send('x');
    /// assert_eq!(select.wait().received(&c), Some('x')); // by one of the two
    /// ```
    #[track_caller]
    pub fn recv<E: RecvEnd + ?Sized>(&mut self, end: &'a E) -> usize {
        let index = self.add();
        self.set_recv(index, end);
        index
    }

    /// Adds a send of `value` to `end`; says its number. If it is chosen and the channel is closed,
    /// the select panics.
    ///
    /// # Panics
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{Select, chan};
    /// let (full, free) = (chan::<u32>(0), chan::<&str>(1));
    /// let mut select = Select::new();
    /// let (_, two) = (select.send(&full, 1), select.send(&free, "x"));
    /// assert_eq!(select.wait().index(), two);
    /// assert_eq!(free.recv(), Some("x"));
    /// ```
    #[track_caller]
    pub fn send<E: SendEnd + ?Sized>(&mut self, end: &'a E, value: E::Item) -> usize {
        let index = self.add();
        self.set_send(index, end, value);
        index
    }

    /// Adds a send of `value` to `end` that does not panic if it is chosen and the channel is
    /// closed: [`Chosen::sent`](super::Chosen::sent) hands the value back.
    ///
    /// # Panics
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// let mut select = gaggle_hchan::Select::new();
    /// select.send_or_closed(&c, 'x');
    /// c.close();
    /// assert!(select.wait().sent(&c).is_err());
    /// ```
    #[track_caller]
    pub fn send_or_closed<E: SendEnd + ?Sized>(&mut self, end: &'a E, value: E::Item) -> usize {
        let index = self.add();
        self.set(index, end.core(), Side::Send, Content::leaves(value, OnClosed::HandBack));
        index
    }

    /// Makes case `index` a receive from `end`.
    ///
    /// # Panics
    ///
    /// If there is no such case.
    ///
    /// # Examples
    ///
    /// ```
    /// let (c, d) = (gaggle_hchan::chan::<u8>(1), gaggle_hchan::chan(1));
    /// let mut select = gaggle_hchan::Select::new();
    /// let case = select.recv(&c);
    /// select.set_recv(case, &d);
    /// d.send('d');
    /// assert_eq!(select.wait().received(&d), Some('d'));
    /// ```
    #[track_caller]
    pub fn set_recv<E: RecvEnd + ?Sized>(&mut self, index: usize, end: &'a E) {
        if let Some(place) = self.landing.fit::<E::Item>() {
            for case in self.cases.iter_mut().filter(|case| case.side == Side::Recv) {
                case.slot = place;
            }
        }
        self.set(index, end.core(), Side::Recv, Content::Arrives(discard::<E::Item>()));
    }

    /// Makes case `index` a send of `value` to `end`, as [`send`](Self::send) does. What it was to
    /// send before is dropped.
    ///
    /// # Panics
    ///
    /// If there is no such case.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(2);
    /// let mut select = gaggle_hchan::Select::new();
    /// let case = select.send(&c, 'x');
    /// select.wait();
    /// select.set_send(case, &c, 'y'); // it was switched off
    /// select.wait();
    /// assert!(c.try_iter().eq(['x', 'y']));
    /// ```
    #[track_caller]
    pub fn set_send<E: SendEnd + ?Sized>(&mut self, index: usize, end: &'a E, value: E::Item) {
        self.set(index, end.core(), Side::Send, Content::leaves(value, OnClosed::Panic));
    }

    /// Switches case `index` off; the others keep their numbers. What it was to send is dropped.
    ///
    /// # Panics
    ///
    /// If there is no such case.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{Select, chan};
    /// let (a, b) = (chan::<u32>(1), chan::<u32>(1));
    /// (a.close(), b.close());
    /// let mut select = Select::new();
    /// (select.recv(&a), select.recv(&b));
    /// for _ in 0..2 {
    ///     let index = select.wait().index(); // closed
    ///     select.remove(index);
    /// }
    /// assert!(select.try_wait().is_none());
    /// ```
    #[track_caller]
    pub fn remove(&mut self, index: usize) {
        self.set(index, None, Side::Recv, Content::Nothing);
    }

    #[track_caller]
    fn add(&mut self) -> usize {
        let index = self.cases.len();
        assert!(index < MOST_CASES, "reflect.Select: too many cases (max {MOST_CASES})");
        self.contents.push(Content::Nothing);
        self.cases.push(Case {
            core: None,
            side: Side::Recv,
            elem: Elem::of::<()>(),
            slot: core::ptr::null_mut(),
            outcome: None,
        });
        index
    }

    #[track_caller]
    fn set(&mut self, index: usize, core: Option<&'a Core>, side: Side, content: Content) {
        let slot = match &content {
            Content::Leaves(parcel, _) => parcel.place(),
            _ => self.landing.place(),
        };
        let elem = core.map_or(Elem::of::<()>(), Core::elem);
        self.cases[index] = Case { core, side, elem, slot, outcome: None };
        let before = core::mem::replace(&mut self.contents[index], content);
        drop(before); // user code: a value's drop
    }
}
