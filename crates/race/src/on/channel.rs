//! The order that one channel makes (SEMANTICS Y7 to Y10), and the accesses that Z4 names.
//!
//! Values leave a channel in the order in which they came, so the detector keeps their clocks in a line of
//! its own: the k-th receive takes the clock of the k-th send. Likewise the (k+C)-th send, on a channel of
//! capacity C, takes the clock of the k-th receive.
//!
//! *Under The Channel's Lock*: every call but those on nodes is; so the lines are those of the channel.

use super::clock::Clock;
use super::life::current;
use super::lock;
use super::object::Object;
use super::place::Place;
use crate::Access;
use std::collections::VecDeque;
use std::sync::Mutex;

/// What one channel remembers.
#[derive(Debug, Default)]
struct Lines {
    /// The clocks of the values in the buffer.
    values: VecDeque<Clock>,
    /// The clocks of receives that a later send must follow.
    rooms: VecDeque<Clock>,
    /// The clock of the close, or of whoever set the clock.
    closed: Clock,
}

/// One channel.
#[derive(Debug, Default)]
pub struct Channel {
    lines: Mutex<Lines>,
    object: Object,
}

impl Channel {
    /// A new channel.
    pub const fn new() -> Self {
        Self { lines: Mutex::new(Lines::new()), object: Object::new() }
    }

    /// A send begins: a read of the channel (Z4).
    pub fn sends(&self) {
        self.object.access(Access::Read, "gaggle::Chan::send");
    }

    /// A value went into the buffer, which has `cap` places.
    pub fn puts(&self, cap: usize) {
        let mut lines = lock(&self.lines);
        let (me, mut value) = (current(), Clock::new());
        me.teach(|clock| value.copy(clock));
        if let Some(room) = lines.next_room(cap) {
            me.learn(&room);
        }
        lines.values.push_back(value);
    }

    /// A value came out of the buffer.
    pub fn gets(&self, cap: usize) {
        let mut lines = lock(&self.lines);
        let (me, mut room) = (current(), Clock::new());
        me.teach(|clock| room.copy(clock));
        if let Some(value) = lines.values.pop_front() {
            me.learn(&value);
        }
        lines.add_room(cap, room);
    }

    /// Our value goes straight to the receiver that waits with `node`.
    pub fn hands(&self, cap: usize, node: &Place) {
        if cap == 0 {
            return meet(node);
        }
        // As if through the buffer, which is empty.
        self.puts(cap);
        let mut lines = lock(&self.lines);
        let value = lines.values.pop_front().unwrap_or_default();
        let mut theirs = node.left();
        lines.add_room(cap, core::mem::replace(&mut theirs, value));
    }

    /// The value of the sender that waits with `node` comes straight to us.
    pub fn takes(&self, node: &Place) {
        meet(node);
    }

    /// The value of the sender that waits with `node` went into the buffer, behind the `before` oldest.
    pub fn moves(&self, cap: usize, before: usize, node: &Place) {
        let mut lines = lock(&self.lines);
        let room = lines.next_room(cap).unwrap_or_default();
        let value = core::mem::replace(&mut *node.left(), room);
        lines.add_value(before, value);
    }

    /// A value that a task had received, and gives up, is back in the buffer, behind the `before` oldest: its
    /// receive was none.
    pub fn returns(&self, _cap: usize, before: usize) {
        let mut lines = lock(&self.lines);
        let mut value = Clock::new();
        current().teach(|clock| value.copy(clock));
        lines.add_value(before, value);
        lines.forget_receive();
    }

    /// For one that came back there is no room for the value behind the `before` oldest: it waits with `node`.
    pub fn ousts(&self, before: usize, node: &Place) {
        let value = lock(&self.lines).values.remove(before);
        *node.left() = value.unwrap_or_default();
    }

    /// A value that a task had received, and gives up, goes to the receiver that waits with `node`.
    pub fn passes_on(&self, _cap: usize, node: &Place) {
        let (mut lines, mut value) = (lock(&self.lines), Clock::new());
        current().teach(|clock| value.copy(clock));
        let theirs = core::mem::replace(&mut *node.left(), value);
        // Which of these receives was the task's is not known: what follows one follows this one, too.
        lines.rooms.iter_mut().for_each(|room| room.join(&theirs));
    }

    /// The channel is closed: a write of the channel (Z4).
    pub fn closes(&self) {
        self.object.access(Access::Write, "gaggle::Chan::close");
        self.sets();
    }

    /// One who waits with `node` is told that it is closed.
    pub fn tells(&self, node: &Place) {
        node.left().copy(&lock(&self.lines).closed);
    }

    /// A receive found it closed, or the clock's value due.
    pub fn hears(&self) {
        current().learn(&lock(&self.lines).closed);
    }

    /// The clock that fills it was set.
    pub fn sets(&self) {
        let mut lines = lock(&self.lines);
        current().teach(|clock| lines.closed.join(clock));
    }
}

impl Lines {
    const fn new() -> Self {
        Self { values: VecDeque::new(), rooms: VecDeque::new(), closed: Clock::new() }
    }

    /// The receive that the next send must follow, if the channel was full before.
    fn next_room(&mut self, cap: usize) -> Option<Clock> {
        // The first C sends follow nobody. From then on there are C values and receives that wait for
        // their send, together.
        if self.values.len() + self.rooms.len() < cap { None } else { self.rooms.pop_front() }
    }

    fn add_value(&mut self, before: usize, value: Clock) {
        let at = before.min(self.values.len());
        self.values.insert(at, value);
    }

    /// One of the receives was none, it is not known which: what was to follow one follows the next, too.
    fn forget_receive(&mut self) {
        let Some(last) = self.rooms.len().checked_sub(1) else { return };
        for at in 0..last {
            let next = self.rooms[at + 1].clone();
            self.rooms[at].join(&next);
        }
        self.rooms.pop_back();
    }

    fn add_room(&mut self, cap: usize, room: Clock) {
        if cap != usize::MAX {
            self.rooms.push_back(room);
        }
    }
}

/// Two goroutines meet, of which one waits with `node`: both know what either knew (Y7, Y9).
fn meet(node: &Place) {
    let (me, mut theirs) = (current(), node.left());
    let mut mine = Clock::new();
    me.teach(|clock| mine.copy(clock));
    me.learn(&theirs);
    *theirs = mine;
}
