//! What receives on behalf of a task: a station, made when it first has to wait.

use super::station::Station;
use crate::after::Arrival;
use crate::buf::Elem;
use crate::chan::{Hchan, Side};
use crate::err::TryRecvError;
use crate::step::Step;
use core::task::{Context, Poll, ready};
use gaggle_gopark as gopark;
use gaggle_prim::sync::Arc;
use gaggle_sudog::Outcome;

/// One waiter for one value at a time.
pub(crate) struct Inbox<T> {
    station: Option<Arc<Station<T>>>,
    wait: Wait,
}

/// Whether its station stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    None,
    InLine,
}

impl<T> Inbox<T> {
    /// Nothing to wait for yet.
    pub(crate) const fn new() -> Self {
        Self { station: None, wait: Wait::None }
    }

    /// True from a poll that was not ready to the next that is.
    pub(crate) fn is_waiting(&self) -> bool {
        self.wait == Wait::InLine
    }

    /// The next value of `hchan`, the same at each call until it is ready; none if the channel is
    /// closed and drained.
    pub(crate) fn poll(&mut self, hchan: &Hchan<T>, cx: &Context<'_>) -> Poll<Option<T>> {
        if self.wait == Wait::None {
            match hchan.try_recv() {
                Ok(value) => return Poll::Ready(Some(value)),
                Err(TryRecvError::Closed) => return Poll::Ready(None),
                Err(TryRecvError::Empty) => {}
            }
        }
        let station = self.station.get_or_insert_with(|| Station::new(Side::Recv));
        station.listen(cx.waker());
        let outcome = match self.wait {
            Wait::InLine => ready!(station.finished().map_or(Poll::Pending, Poll::Ready)),
            Wait::None => match begin(station, hchan) {
                None => {
                    self.wait = Wait::InLine;
                    return Poll::Pending;
                }
                Some(outcome) => outcome,
            },
        };
        self.wait = Wait::None;
        // SAFETY: Moved Once: `Done` means that a value arrived in the station.
        Poll::Ready((outcome == Outcome::Done).then(|| unsafe { station.take() }))
    }

    /// The owner goes: a value that was delivered and not asked for goes back (*Never Lost*).
    pub(crate) fn leave(&mut self, hchan: &Hchan<T>) {
        if core::mem::replace(&mut self.wait, Wait::None) == Wait::None {
            return;
        }
        let Some(station) = self.station.take() else { return };
        if Station::withdraw(&station, hchan.core()) {
            return;
        }
        if station.leave() == Some(Outcome::Done) {
            Station::give_back(station, hchan.core());
        }
    }
}

/// Receives into the station, or puts it into the line: none.
fn begin<T>(station: &Arc<Station<T>>, hchan: &Hchan<T>) -> Option<Outcome> {
    let core = hchan.core();
    let section = gopark::enter();
    let mut held = core.lock();
    // SAFETY: Slots Fit: a place for a `T`, free.
    let step = unsafe { held.state().recv_step(Elem::of::<T>(), station.slot()) };
    if matches!(step, Step::Wait) {
        // SAFETY: as above; it is idle.
        unsafe { Station::stand(station, &mut held) };
        held.unlock();
        return None;
    }
    held.unlock();
    // SAFETY: Settled First; a station does not drop its value.
    let arrival = unsafe { Arrival::at(station.slot().cast::<T>()) };
    // SAFETY: the step was made with these.
    let outcome = unsafe { core.act_now(section, step, Side::Recv, station.slot()) };
    arrival.over();
    Some(outcome)
}
