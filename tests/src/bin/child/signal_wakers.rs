//! Programs in which a future waits for a signal, and its waker does whatever it likes.

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::signal::{Signal, ignore, ignored, notify, reset, stop};
use gaggle::{Chan, chan};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

pub(crate) const PROGRAMS: &[Program] = &[
    ("signal_waker_asks", Main(asks)),
    ("signal_waker_asks_without_run", Thread(asks)),
    ("signal_waker_panics", Main(panics)),
    ("signal_waker_panics_without_run", Thread(panics)),
];

/// One who does something when it is woken.
struct Does<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Does<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn waker(does: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Does(does)).into()
}

fn raise(signal: Signal) {
    // SAFETY: somebody wants it, or ignores it.
    unsafe { libc::raise(signal.number()) };
}

/// All that a program may ask for, in the middle of a delivery.
fn asks() {
    let (first, second, third, answer) = (chan(1), chan(2), chan(1), chan(1));
    for channel in [&first, &second] {
        notify(channel, &[Signal::USR1, Signal::HUP]);
    }
    let (one, two, three, said) = (first.clone(), second.clone(), third.clone(), answer.clone());
    let waker = waker(move || {
        stop(&two);
        let had_come = two.len(); // it stands behind the first
        raise(Signal::USR1);
        stop(&one);
        notify(&three, &[Signal::USR2]);
        ignore(&[Signal::HUP]);
        let is_ignored = ignored(Signal::HUP);
        reset(&[Signal::HUP]);
        said.send((had_come, two.len(), is_ignored, ignored(Signal::HUP)));
    });
    let mut waiting = pin!(first.recv_async());
    let mut cx = Context::from_waker(&waker);
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    raise(Signal::USR1);
    println!("{:?}", answer.recv().unwrap());
    let Poll::Ready(signal) = waiting.as_mut().poll(&mut cx) else { panic!("nothing came") };
    println!("{}", signal.unwrap());
    raise(Signal::USR2);
    println!("{}", third.recv().unwrap());
    stop(&third);
}

/// It ends the process, as any panic that nobody catches.
fn panics() {
    let (first, second): (Chan<Signal>, _) = (chan(1), chan(1));
    notify(&first, &[Signal::USR1]);
    notify(&second, &[Signal::USR1]);
    let waker = waker(|| panic!("of a waker"));
    let mut waiting = pin!(first.recv_async());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    raise(Signal::USR1);
    stop(&second);
    chan::<()>(0).recv();
}
