//! What sends on behalf of a task: a station with the value, made when it first has to wait.

use super::station::Station;
use crate::buf::Elem;
use crate::chan::{Hchan, Side};
use crate::err::{SendError, TrySendError};
use crate::step::Step;
use core::mem::ManuallyDrop;
use core::task::{Context, Poll};
use gaggle_gopark as gopark;
use gaggle_prim::sync::Arc;
use gaggle_sudog::Outcome;

/// One value on its way at a time.
pub(crate) struct Outbox<T> {
    station: Option<Arc<Station<T>>>,
    wait: Wait,
}

/// Whether its station stands in a line, with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    None,
    InLine,
}

impl<T> Outbox<T> {
    /// No value on its way.
    pub(crate) const fn new() -> Self {
        Self { station: None, wait: Wait::None }
    }

    /// Sends `value` to `hchan`, or lets it wait in the line. No other one is on its way.
    ///
    /// # Errors
    ///
    /// The value, if the channel is closed.
    ///
    /// # Panics
    ///
    /// If another one is on its way.
    pub(crate) fn start(&mut self, hchan: &Hchan<T>, value: T) -> Result<(), SendError<T>> {
        // The station holds the other one, and somebody may be moving it: no more than a panic may come of this.
        assert!(self.wait == Wait::None, "start_send: the sink is not ready");
        let value = match hchan.try_send(value) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(value)) => return Err(SendError(value)),
            Err(TrySendError::Full(value)) => ManuallyDrop::new(value),
        };
        let station = self.station.get_or_insert_with(|| Station::new(Side::Send));
        // SAFETY: Slots Fit: a place for a `T`, free; the value moves there.
        unsafe { Elem::of::<T>().copy((&raw const value).cast(), station.slot()) };
        match begin(station, hchan) {
            None => self.wait = Wait::InLine,
            Some(Outcome::Done) => {}
            // SAFETY: Moved Once: it is still in the station.
            Some(_) => return Err(SendError(unsafe { station.take() })),
        }
        Ok(())
    }

    /// Ready once the value on its way was taken or buffered.
    pub(crate) fn poll_sent(&mut self, cx: &Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let (Some(station), Wait::InLine) = (&self.station, self.wait) else {
            return Poll::Ready(Ok(()));
        };
        station.listen(cx.waker());
        let Some(outcome) = station.finished() else { return Poll::Pending };
        self.wait = Wait::None;
        Poll::Ready(match outcome {
            Outcome::Done => Ok(()),
            // SAFETY: Moved Once: it is still in the station.
            _ => Err(SendError(unsafe { station.take() })),
        })
    }

    /// The owner goes and takes its value back, if it is still there; the value is dropped.
    pub(crate) fn withdraw(&mut self, hchan: &Hchan<T>) {
        let Some(station) = self.waiting() else { return };
        if !Station::withdraw(&station, hchan.core()) && station.leave() != Some(Outcome::Closed) {
            return; // sent; or its taker cleans up
        }
        // SAFETY: Moved Once: nobody took it, and nobody will.
        unsafe { station.drop_value() };
    }

    /// The owner goes; a value on its way stays in the line without it (*Never Lost*).
    pub(crate) fn leave(&mut self, hchan: &Hchan<T>) {
        let Some(station) = self.waiting() else { return };
        if station.leave_value(hchan.core()) {
            return;
        }
        if station.leave() == Some(Outcome::Closed) {
            // SAFETY: Moved Once: nobody took it, and nobody will.
            unsafe { station.drop_value() };
        }
    }

    fn waiting(&mut self) -> Option<Arc<Station<T>>> {
        match core::mem::replace(&mut self.wait, Wait::None) {
            Wait::None => None,
            Wait::InLine => self.station.take(),
        }
    }
}

/// Sends the value in the station, or puts it into the line: none.
fn begin<T>(station: &Arc<Station<T>>, hchan: &Hchan<T>) -> Option<Outcome> {
    let core = hchan.core();
    let section = gopark::enter();
    let mut held = core.lock();
    // SAFETY: Slots Fit: the station's value, ours to move.
    let step = unsafe { held.state().send_step(Elem::of::<T>(), station.slot()) };
    if matches!(step, Step::Wait) {
        // SAFETY: as above; it is idle.
        unsafe { Station::stand(station, &mut held) };
        held.unlock();
        return None;
    }
    held.unlock();
    // SAFETY: the step was made with these.
    Some(unsafe { core.act_now(section, step, Side::Send, station.slot()) })
}
