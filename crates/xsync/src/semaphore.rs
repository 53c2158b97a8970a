//! [`Weighted`]: a number of tokens, taken several at a time, first come first served (SEMANTICS X6-X8).
//!
//! *No Overtaking*: while somebody waits, nobody who comes later gets tokens, even if there are enough
//! for it: else a large request would wait for ever.

use core::fmt;
use gaggle_context::{Context, Error};
use gaggle_hchan::{Chan, chan, select};
use gaggle_sync::Mutex;
use std::collections::BTreeMap;

/// A weighted semaphore (Go: `semaphore.Weighted`).
///
/// # Examples
///
/// ```
/// use gaggle_context::background;
/// use gaggle_xsync::semaphore::Weighted;
/// let seats = Weighted::new(10);
/// seats.acquire(&background(), 7)?;
/// assert!(!seats.try_acquire(4));
/// assert!(seats.try_acquire(3));
/// seats.release(10);
/// # Ok::<(), gaggle_context::Error>(())
/// ```
pub struct Weighted {
    size: u64,
    state: Mutex<State>,
}

struct State {
    held: u64,
    /// By ticket: whoever comes first has the lowest.
    waiters: BTreeMap<u64, Waiter>,
    next_ticket: u64,
}

struct Waiter {
    wants: u64,
    /// Closed when it has them.
    ready: Chan<()>,
}

/// How an attempt to take tokens begins.
enum Begin {
    Taken,
    TooMany,
    Waits(u64, Chan<()>),
}

impl Weighted {
    /// One with `size` tokens.
    pub const fn new(size: u64) -> Self {
        let state = State { held: 0, waiters: BTreeMap::new(), next_ticket: 0 };
        Self { size, state: Mutex::new(state) }
    }

    /// Takes `n` tokens, waiting until they are there or `ctx` ends. More than there are at all are
    /// never there: then it waits for `ctx`, and holds nobody up. A switch point.
    ///
    /// # Errors
    ///
    /// The context's error, also if it had ended before the call (SEMANTICS X8); nothing is taken then.
    pub fn acquire(&self, ctx: &Context, n: u64) -> Result<(), Error> {
        if let Some(error) = ctx.err() {
            return Err(error);
        }
        let (ticket, ready) = match self.begin(n) {
            Begin::Taken => return Ok(()),
            Begin::TooMany => {
                ctx.done().recv();
                return Err(why(ctx));
            }
            Begin::Waits(ticket, ready) => (ticket, ready),
        };
        select! {
            recv(ready) -> _ => {}
            recv(ctx.done()) -> _ => {}
        }
        // The context comes first, whichever of the two was chosen (SEMANTICS X6).
        if ctx.err().is_none() && !ctx_is_done(ctx) {
            return Ok(());
        }
        self.give_up(ticket, n);
        Err(why(ctx))
    }

    /// Takes `n` tokens if they are there and nobody waits for any (SEMANTICS X7).
    #[must_use = "false: nothing was taken"]
    pub fn try_acquire(&self, n: u64) -> bool {
        self.state.lock().try_take(self.size, n)
    }

    /// Gives `n` tokens back. A switch point.
    ///
    /// # Panics
    ///
    /// `semaphore: released more than held`.
    #[track_caller]
    pub fn release(&self, n: u64) {
        let mut state = self.state.lock();
        let Some(held) = state.held.checked_sub(n) else {
            drop(state);
            panic!("semaphore: released more than held");
        };
        state.held = held;
        state.serve(self.size);
    }

    fn begin(&self, n: u64) -> Begin {
        let mut state = self.state.lock();
        if state.try_take(self.size, n) {
            return Begin::Taken;
        }
        if n > self.size {
            return Begin::TooMany;
        }
        let (ticket, ready) = (state.next_ticket, chan(0));
        state.next_ticket += 1;
        state.waiters.insert(ticket, Waiter { wants: n, ready: ready.clone() });
        Begin::Waits(ticket, ready)
    }

    /// The waiter with `ticket` goes, and gives back what it may have got.
    fn give_up(&self, ticket: u64, n: u64) {
        let mut state = self.state.lock();
        if state.waiters.remove(&ticket).is_none() {
            state.held -= n;
        }
        state.serve(self.size); // it may have stood before others
    }
}

impl State {
    fn try_take(&mut self, size: u64, n: u64) -> bool {
        let taken = self.waiters.is_empty() && size - self.held >= n;
        if taken {
            self.held += n;
        }
        taken
    }

    /// Serves those who wait, in order, as far as the tokens go (No Overtaking).
    fn serve(&mut self, size: u64) {
        while let Some(first) = self.waiters.first_entry() {
            if size - self.held < first.get().wants {
                return;
            }
            let Waiter { wants, ready } = first.remove();
            self.held += wants;
            ready.close();
        }
    }
}

/// Why a context whose channel is closed has ended; a foreign one may be late to say.
fn why(ctx: &Context) -> Error {
    ctx.err().unwrap_or(Error::Canceled)
}

fn ctx_is_done(ctx: &Context) -> bool {
    select! {
        recv(ctx.done()) -> _ => true,
        default => false,
    }
}

impl fmt::Debug for Weighted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weighted").field("size", &self.size).finish_non_exhaustive()
    }
}
