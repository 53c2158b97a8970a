//! Channels made in a bubble (`gopark`, `bubble.rs`): whose they are, and what it means for who waits.
//!
//! Only members of its bubble may use such a channel (SEMANTICS W6), so whoever waits on it waits
//! durably: nobody outside can end the wait. The check stands where a step looks past the buffer anyway,
//! behind a flag (`mirror.rs`); a channel from nowhere pays nothing for it.

use crate::chan::{Core, Side, State};
use crate::handle::{Chan, chan};
use crate::mirror::Flags;
use crate::select::Case;
use gaggle_gopark::{self as gopark, NO_BUBBLE, WaitReason};

/// The flags, with one more if the current G is in a bubble; and which one it is in.
#[inline]
pub(crate) fn birthplace(flags: Flags) -> (Flags, u32) {
    let bubble = gopark::bubble();
    (flags.with(Flags::BUBBLED, bubble != NO_BUBBLE), bubble)
}

impl State {
    /// True if it was made in a bubble.
    #[inline]
    pub(crate) fn is_bubbled(&self) -> bool {
        self.flags().any(Flags::BUBBLED)
    }

    /// Ends the process unless the current G may use this channel: `what` it is about to do.
    #[inline]
    pub(crate) fn check_bubble(&self, what: &str) {
        if self.is_bubbled() {
            self.check_number(what);
        }
    }

    #[cold]
    #[inline(never)]
    fn check_number(&self, what: &str) {
        if self.bubble != gopark::bubble() {
            gaggle_prim::fatal!("{what} synctest channel from outside bubble");
        }
    }

    /// As [`check_bubble`](Self::check_bubble), of a timer's channel.
    pub(crate) fn check_timer(&self, what: &str) {
        if self.is_bubbled() && self.bubble != gopark::bubble() {
            gaggle_prim::fatal!("{what} of synctest timer from outside bubble");
        }
    }

    /// What a G waits for on this side of it.
    pub(crate) fn reason(&self, side: Side) -> WaitReason {
        if self.is_bubbled() { side.durable_reason() } else { side.reason() }
    }

    /// The time until which the current G, which will wait here, may do so. On a channel from outside a
    /// bubble's time stands still, and a time on it never comes.
    pub(crate) fn limit(&self, deadline: u64) -> u64 {
        if self.is_bubbled() || gopark::bubble() == NO_BUBBLE { deadline } else { u64::MAX }
    }
}

/// What the current G waits for in a select over `cases`.
pub(crate) fn select_reason(cases: &[Case<'_>]) -> WaitReason {
    if gopark::bubble() != NO_BUBBLE && cases.iter().filter_map(Case::core).all(Core::is_bubbled) {
        WaitReason::SelectDurable
    } else {
        WaitReason::Select
    }
}

/// As [`State::limit`], for a select that waits for `reason`.
pub(crate) fn limit(reason: WaitReason, deadline: u64) -> u64 {
    match reason {
        WaitReason::SelectDurable => deadline,
        _ if gopark::bubble() == NO_BUBBLE => deadline,
        _ => u64::MAX,
    }
}

/// Ends the process unless the current G may use all channels of these cases (SEMANTICS W6).
#[inline(always)]
pub(crate) fn check_cases(cases: &[Case<'_>]) {
    if gopark::any_bubbles() {
        check_each(cases);
    }
}

#[cold]
#[inline(never)]
fn check_each(cases: &[Case<'_>]) {
    let _section = gopark::enter();
    for core in cases.iter().filter_map(Case::core).filter(|core| core.is_bubbled()) {
        let mut held = core.lock();
        held.state().check_number("select on");
        held.unlock();
    }
}

impl Core {
    /// True if it was made in a bubble.
    pub(crate) fn is_bubbled(&self) -> bool {
        self.look().bubbled()
    }
}

/// A channel that belongs to no bubble, wherever it is made.
pub fn chan_outside<T>(cap: usize) -> Chan<T> {
    let it = chan(cap);
    if let Some(hchan) = it.hchan() {
        let _section = gopark::enter();
        let mut held = hchan.core().lock();
        held.state().set(Flags::BUBBLED, false);
        held.unlock();
    }
    it
}
