//! The channel that says "done": made when somebody asks, closed once, never sent on.

use gaggle_hchan::{__private::chan_outside, Chan, RecvOnly, TryRecvError, chan};
use std::sync::OnceLock;

/// Both ends of the channel of one context.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    close: Chan<()>,
    recv: RecvOnly<()>,
}

impl Done {
    /// An open one.
    pub(crate) fn new() -> Self {
        let close = chan(0);
        Self { recv: RecvOnly::from(&close), close }
    }

    /// A closed one: the same for all, but for models, whose objects live in one execution only.
    pub(crate) fn closed() -> Self {
        static CLOSED: OnceLock<Done> = OnceLock::new();
        if gaggle_prim::MODEL {
            Self::fresh_closed()
        } else {
            CLOSED.get_or_init(Self::fresh_closed).clone()
        }
    }

    fn fresh_closed() -> Self {
        let close = chan_outside(0); // for all: of no bubble
        close.close();
        Self { recv: RecvOnly::from(&close), close }
    }

    /// The receiving side.
    #[inline]
    pub(crate) fn recv(&self) -> &RecvOnly<()> {
        &self.recv
    }

    /// Closes it, if nobody has. Never switches.
    pub(crate) fn close(&self) {
        // Where there may be bubbles, who closes is asked where it is, not who looks (SEMANTICS W6).
        if gaggle_gopark::any_bubbles() {
            self.close.try_close();
        } else {
            self.see_closed();
        }
    }

    /// As [`close`](Self::close), for who looks at a context that has ended (Go: `Err` receives from its channel).
    #[inline]
    pub(crate) fn see_closed(&self) {
        if !is_closed(&self.recv) {
            self.close.try_close();
        }
    }
}

/// The channel of a context that never ends.
pub(crate) fn never() -> &'static RecvOnly<()> {
    static NEVER: RecvOnly<()> = RecvOnly::nil();
    &NEVER
}

/// True if the channel is closed.
pub(crate) fn is_closed(done: &RecvOnly<()>) -> bool {
    done.try_recv() == Err(TryRecvError::Closed)
}
