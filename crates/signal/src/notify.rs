//! `notify` and `stop`, `ignore` and `reset`: who wants which signals.

use crate::deliver;
use crate::disposition::{self, Disposition};
use crate::handler;
use crate::mask;
use crate::signal::Signal;
use gaggle_hchan::Chan;
use gaggle_sync::{Mutex, MutexGuard};
use std::collections::VecDeque;

/// A channel and what it wants.
struct Listener {
    channel: Chan<Signal>,
    set: u64,
    state: Listening,
}

/// Whether a channel still listens.
///
/// | state | what comes | who may leave it |
/// |---|---|---|
/// | `Yes` | is delivered | `stop`, to `Stopping`; so do `ignore` and `reset`, with the part of it that they are about |
/// | `Stopping` | is delivered | the thread that delivers, to `Leaving`, with what nobody wants any more settled |
/// | `Leaving` | what had come before is delivered | that thread, when it has: the listener goes |
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listening {
    Yes,
    /// Until what has come already is delivered (SEMANTICS V2).
    Stopping,
    /// Its end has begun: that of one that stops meanwhile has not.
    Leaving,
}

/// Who wants what. Taken before any disposition is changed. No code of anybody else's runs while it is locked.
pub(crate) struct Registry {
    listeners: Vec<Listener>,
    /// Signals that are ignored because the program said so.
    ignored: u64,
    /// Signals whose disposition is ours.
    ours: u64,
    /// Signals that may have a wrong disposition, until the thread that delivers has looked.
    unsettled: u64,
    /// What is to be sent, in this order.
    letters: VecDeque<(Chan<Signal>, Signal)>,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    listeners: Vec::new(),
    ignored: 0,
    ours: 0,
    unsettled: 0,
    letters: VecDeque::new(),
});

pub(crate) fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock()
}

impl Registry {
    /// Notes each signal of `set` for those who want it. From now on signals come that are blocked elsewhere. On the thread
    /// that delivers.
    pub(crate) fn collect(&mut self, set: u64) {
        mask::let_in(self.wanted());
        for signal in Signal::of_set(set) {
            let wants = |it: &&Listener| it.set & signal.bit() != 0;
            let letters = self.listeners.iter().filter(wants);
            self.letters.extend(letters.map(|it| (it.channel.clone(), signal)));
        }
    }

    /// The next that is to be sent.
    pub(crate) fn next(&mut self) -> Option<(Chan<Signal>, Signal)> {
        self.letters.pop_front()
    }

    /// Begins the end of those who stop: what nobody else wants has its old effect again. On the thread that delivers: a
    /// signal is blocked as before, before it may kill as before.
    pub(crate) fn close(&mut self) {
        mask::let_in(self.wanted());
        let unsettled = core::mem::take(&mut self.unsettled);
        self.settle(unsettled);
        for listener in self.listeners.iter_mut().filter(|it| it.state == Listening::Stopping) {
            listener.state = Listening::Leaving;
        }
    }

    /// Takes out those whose end has begun: what had come is sent.
    #[must_use = "their channels are dropped outside the lock"]
    pub(crate) fn take_left(&mut self) -> Vec<Chan<Signal>> {
        let mut left = Vec::new();
        self.listeners.retain(|it| {
            if it.state == Listening::Leaving {
                left.push(it.channel.clone());
            }
            it.state != Listening::Leaving
        });
        left
    }

    /// The signals that are listened to.
    fn wanted(&self) -> u64 {
        let listens = |listener: &&Listener| listener.state == Listening::Yes;
        self.listeners.iter().filter(listens).fold(0, |set, it| set | it.set)
    }

    /// Makes the dispositions of `set` say what is wanted now.
    fn settle(&mut self, set: u64) {
        let wanted = self.wanted();
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

    /// Nobody wants the signals of `set` any more, but for what has come.
    fn forget(&mut self, set: u64) {
        let mut stopping = Vec::new();
        for it in self.listeners.iter_mut().filter(|it| it.state == Listening::Yes) {
            if it.set & !set == 0 {
                it.state = Listening::Stopping;
            } else if it.set & set != 0 {
                let (channel, state) = (it.channel.clone(), Listening::Stopping);
                stopping.push(Listener { channel, set: it.set & set, state });
                it.set &= !set;
            }
        }
        self.listeners.extend(stopping);
    }
}

/// Settles `set`, and waits until nobody can get what nobody wants any more.
fn settle_all(mut registry: MutexGuard<'_, Registry>, set: u64) {
    if deliver::is_started() {
        registry.unsettled |= set;
        drop(registry);
        deliver::flush();
    } else {
        registry.settle(set); // nobody ever listened
    }
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
    drop(registry);
    deliver::look_again();
}

/// No signal is sent to `channel` any more, once this has returned; what had come before was (Go:
/// `signal.Stop`, SEMANTICS V2). A signal that no other channel wants has its old effect again.
pub fn stop(channel: &Chan<Signal>) {
    let mut registry = registry();
    let (mut stopping, mut found) = (0, 0);
    for listener in registry.listeners.iter_mut().filter(|it| it.channel == *channel) {
        if listener.state == Listening::Yes {
            listener.state = Listening::Stopping;
            stopping |= listener.set;
        }
        found += 1; // one that is about to go may have something to come
    }
    if found > 0 {
        settle_all(registry, stopping);
    }
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
    settle_all(registry, set);
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
    settle_all(registry, set);
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
