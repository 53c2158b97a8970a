//! `notify` and `stop`, `ignore` and `reset`: who wants which signals.

use crate::deliver;
use crate::disposition::{self, Disposition};
use crate::handler;
use crate::signal::Signal;
use core::panic::Location;
use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::Chan;
use gaggle_sync::{Mutex, MutexGuard};

/// A channel and what it wants.
struct Listener {
    channel: Chan<Signal>,
    set: u64,
    state: Listening,
}

/// Whether a channel still listens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listening {
    Yes,
    /// Until what has come already is delivered (SEMANTICS V2).
    Stopping,
}

/// Who wants what. Taken before any disposition is changed, and while signals are delivered.
pub(crate) struct Registry {
    listeners: Vec<Listener>,
    /// Signals that are ignored because the program said so.
    ignored: u64,
    /// Signals whose disposition is ours.
    ours: u64,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { listeners: Vec::new(), ignored: 0, ours: 0 });

pub(crate) fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock()
}

impl Registry {
    /// Sends each signal of `set` to those who want it and have room (SEMANTICS V1).
    pub(crate) fn deliver(&self, set: u64) {
        for signal in Signal::of_set(set) {
            for listener in self.listeners.iter().filter(|it| it.set & signal.bit() != 0) {
                if listener.channel.try_send(signal).is_err_and(|error| !error.is_full()) {
                    send_in_vain(listener.channel.clone(), signal);
                }
            }
        }
    }

    /// Makes the dispositions of `set` say what is wanted now.
    fn settle(&mut self, set: u64) {
        let listens = |listener: &&Listener| listener.state == Listening::Yes;
        let wanted = self.listeners.iter().filter(listens).fold(0, |set, it| set | it.set);
        for signal in Signal::of_set(set) {
            let bit = signal.bit();
            if wanted & bit != 0 {
                handler::want(signal);
                disposition::set(signal, Disposition::Ours);
                self.ours |= bit;
            } else if self.ignored & bit != 0 {
                disposition::set(signal, Disposition::Ignore);
                handler::unwant(signal);
                self.ours &= !bit;
            } else if self.ours & bit != 0 {
                disposition::set(signal, Disposition::Original);
                handler::unwant(signal);
                self.ours &= !bit;
            }
        }
    }

    /// Nobody wants the signals of `set` any more.
    fn forget(&mut self, set: u64) {
        self.listeners.iter_mut().for_each(|listener| listener.set &= !set);
        self.listeners.retain(|listener| listener.set != 0);
    }
}

/// Whoever closed that channel without [`stop`] hears of it as of any send: on a goroutine, whose panic ends the process.
#[cold]
fn send_in_vain(channel: Chan<Signal>, signal: Signal) {
    gopark::spawn(Task::new(move || channel.send(signal)), Location::caller());
}

/// Sends the signals that come to `channel`, without ever waiting: if it has no room, the signal is lost to
/// it (Go: `signal.Notify`, SEMANTICS V1). Without `signals`: all that a program can have. Several calls add
/// up; several channels may want one signal, and each gets it.
///
/// # Panics
///
/// `os/signal: Notify using nil channel`. A channel that is closed without [`stop`] ends the process when its next
/// signal comes: `panic: send on closed channel`. If the process can have no more threads or file descriptors.
///
/// # Examples
///
/// ```no_run
/// use gaggle_hchan::chan;
/// use gaggle_signal::{Signal, notify};
/// let signals = chan(1);
/// notify(&signals, &[Signal::INTERRUPT, Signal::TERM]);
/// println!("got {}", signals.recv().unwrap());
/// ```
#[track_caller]
pub fn notify(channel: &Chan<Signal>, signals: &[Signal]) {
    if channel.is_nil() {
        panic!("os/signal: Notify using nil channel");
    }
    deliver::start();
    let set = Signal::set_of(signals);
    let mut registry = registry();
    let listens = |it: &&mut Listener| it.channel == *channel && it.state == Listening::Yes;
    match registry.listeners.iter_mut().find(listens) {
        Some(listener) => listener.set |= set,
        None if set == 0 => {} // there is nothing it could hear
        None => {
            let channel = channel.clone();
            registry.listeners.push(Listener { channel, set, state: Listening::Yes });
        }
    }
    registry.ignored &= !set;
    registry.settle(set);
}

/// No signal is sent to `channel` any more, once this has returned; what had come before was (Go:
/// `signal.Stop`, SEMANTICS V2). A signal that no other channel wants has its old effect again.
pub fn stop(channel: &Chan<Signal>) {
    let mut registry = registry();
    let mut stopping = 0;
    for listener in registry.listeners.iter_mut().filter(|it| it.channel == *channel) {
        listener.state = Listening::Stopping;
        stopping |= listener.set;
    }
    if stopping == 0 {
        return;
    }
    registry.settle(stopping);
    drop(registry);
    deliver::flush();
    let stays = |it: &Listener| it.channel != *channel || it.state == Listening::Yes;
    self::registry().listeners.retain(stays);
}

/// Nothing happens on these signals any more, and no channel gets them; without `signals`: on none that a
/// program can have (Go: `signal.Ignore`, SEMANTICS V2).
///
/// # Examples
///
/// ```
/// use gaggle_signal::{Signal, ignore, ignored, reset};
/// ignore(&[Signal::USR2]);
/// assert!(ignored(Signal::USR2));
/// reset(&[Signal::USR2]);
/// assert!(!ignored(Signal::USR2)); // but one that the process was started with stays ignored
/// ```
pub fn ignore(signals: &[Signal]) {
    let set = Signal::set_of(signals);
    let mut registry = registry();
    registry.forget(set);
    registry.ignored |= set;
    registry.settle(set);
}

/// True if nothing happens on the signal now (Go: `signal.Ignored`).
pub fn ignored(signal: Signal) -> bool {
    let _settled = registry();
    disposition::is_ignored(signal)
}

/// These signals have their old effect again, and no channel gets them; without `signals`: all (Go:
/// `signal.Reset`, SEMANTICS V2).
pub fn reset(signals: &[Signal]) {
    let set = Signal::set_of(signals);
    let mut registry = registry();
    registry.forget(set);
    registry.ours |= registry.ignored & set; // so that the old one is set again
    registry.ignored &= !set;
    registry.settle(set);
}

#[cfg(test)]
mod tests {
    use super::{Signal, notify, registry};
    use gaggle_hchan::chan;

    #[test]
    fn a_channel_that_can_hear_nothing_is_not_kept() {
        let channel = chan(1);
        notify(&channel, &[Signal::KILL, Signal::SEGV]);
        assert!(registry().listeners.iter().all(|it| it.channel != channel));
    }
}
