//! One line on a terminal that says how far the count is; nothing anywhere else.
//!
//! Invariant: *Seldom*: the line is rewritten when a tick is due, ten times a second at most.

use crate::reduce::{Note, Totals};
use gaggle::time::after;
use gaggle::{Chan, RecvOnly, select};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(100);

/// The line.
pub(crate) struct Progress {
    terminal: bool,
    shown: bool,
    tick: RecvOnly<Instant>,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        Progress { terminal: io::stderr().is_terminal(), shown: false, tick: after(TICK) }
    }

    /// The next note, with the line kept up to date while it is waited for.
    pub(crate) fn next(&mut self, notes: &Chan<Note>, totals: &Totals) -> Option<Note> {
        if !self.terminal {
            return notes.recv();
        }
        loop {
            select! {
                recv(notes) -> note => return note,
                recv(self.tick) -> _ => self.show(totals),
            }
        }
    }

    fn show(&mut self, totals: &Totals) {
        self.tick = after(TICK);
        self.shown = true;
        let (files, mib) = (totals.files, totals.bytes >> 20);
        let _ = write!(io::stderr(), "\r\x1b[K{files} files, {mib} MiB");
    }

    /// Makes room for other text.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
