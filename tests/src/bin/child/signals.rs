//! Programs that signals end, or do not (SEMANTICS V).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::signal::{Signal, ignore, ignored, notify, reset, stop};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, runtime, time};
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::panic::catch_unwind;
use std::process::exit;
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("signal_atomic_stop", Main(atomic_stop)),
    ("signal_wait", Main(wait)),
    ("signal_on_a_closed_channel", Main(on_a_closed_channel)),
    ("signal_urgent", Main(urgent)),
    ("signal_urgent_before_the_run", Thread(urgent_before_the_run)),
    ("signal_urgent_ignored_before_the_run", Thread(urgent_ignored_before_the_run)),
    ("signal_quit", Main(quit)),
    ("signal_quit_before_the_run", Thread(quit_before_the_run)),
    ("signal_quit_given_back_before_the_run", Thread(quit_given_back_before_the_run)),
    ("signal_quit_ignored_before_the_run", Thread(quit_ignored_before_the_run)),
    ("print_for_ever", Main(print_for_ever)),
    ("print_and_notify", Main(print_and_notify)),
    ("broken_socket", Main(broken_socket)),
];

fn raise(signal: Signal) {
    // SAFETY: the effect is what the program is about.
    unsafe { libc::raise(signal.number()) };
}

/// Each signal is received, or kills: or it is lost.
fn atomic_stop() {
    for _ in 0..100 {
        let signals = chan(1);
        notify(&signals, &[Signal::INTERRUPT]);
        let (wg, stopping) = (WaitGroup::new(), signals.clone());
        wg.go(move || stop(&stopping));
        wg.go(|| raise(Signal::INTERRUPT));
        wg.wait();
        if signals.try_recv().is_err() {
            exit(1);
        }
    }
}

/// Nobody but a signal can wake main.
fn wait() {
    let signals = chan(1);
    notify(&signals, &[Signal::HUP]);
    std::thread::spawn(|| {
        #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
        std::thread::sleep(std::time::Duration::from_millis(300)); // all goroutines sleep by then
        raise(Signal::HUP);
    });
    println!("{}", signals.recv().unwrap());
}

/// It was closed without `stop`.
fn on_a_closed_channel() {
    let signals = chan(1);
    notify(&signals, &[Signal::TERM]);
    signals.close();
    raise(Signal::TERM);
    chan::<()>(0).recv();
}

/// The scheduler's signal goes both ways.
fn urgent() {
    let signals = chan(1);
    notify(&signals, &[Signal::URG]);
    raise(Signal::URG);
    println!("{}", signals.recv().unwrap());
    let wg = WaitGroup::new();
    let turn = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    for me in 0..2 {
        let turn = std::sync::Arc::clone(&turn);
        wg.go(move || {
            for round in 0..3 {
                while turn.load(std::sync::atomic::Ordering::Acquire) != round * 2 + me {
                    std::hint::spin_loop();
                }
                turn.fetch_add(1, std::sync::atomic::Ordering::Release);
            }
        });
    }
    wg.wait();
    println!("both computed");
    // One that computes tells where it stands only if the signal still finds the scheduler's handler.
    let begun = chan(0);
    let theirs = begun.clone();
    go(move || {
        theirs.send(());
        computes_for_ever();
    });
    begun.recv();
    println!(
        "stands in computes_for_ever: {}",
        runtime::stack(true).contains("computes_for_ever(")
    );
}

#[inline(never)]
fn computes_for_ever() {
    loop {
        std::hint::spin_loop();
    }
}

/// Somebody asked for it before the scheduler was there, and another one does afterwards.
fn urgent_before_the_run() {
    let first = chan(1);
    notify(&first, &[Signal::URG]);
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(urgent) };
    println!("{} first", first.recv().unwrap());
}

/// All that can be was ignored before the scheduler was there.
fn urgent_ignored_before_the_run() {
    ignore(&[]);
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(urgent) };
}

/// Who waits for nobody would be told so, too.
fn wait_for_the_end() {
    time::sleep(Duration::from_secs(60));
}

fn quit() {
    let signals = chan(1);
    notify(&signals, &[Signal::QUIT]);
    raise(Signal::QUIT);
    println!("got {}", signals.recv().unwrap());
    stop(&signals);
    raise(Signal::QUIT);
    wait_for_the_end();
}

/// The program asks for it before the runtime has its handler.
fn quit_before_the_run() {
    let signals = chan(1);
    notify(&signals, &[Signal::QUIT]);
    let body = move || {
        raise(Signal::QUIT);
        println!("got {}", signals.recv().unwrap());
        stop(&signals);
        raise(Signal::QUIT);
        wait_for_the_end();
    };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(body) };
}

fn quit_given_back_before_the_run() {
    ignore(&[Signal::QUIT]);
    raise(Signal::QUIT);
    reset(&[Signal::QUIT]);
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(quit) };
}

fn quit_ignored_before_the_run() {
    ignore(&[Signal::QUIT]);
    let body = || {
        println!("still ignored: {}", ignored(Signal::QUIT));
        raise(Signal::QUIT);
        reset(&[Signal::QUIT]);
        raise(Signal::QUIT);
        wait_for_the_end();
    };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(body) };
}

fn print_for_ever() {
    let ended = chan::<()>(0);
    go(|| {
        loop {
            println!("somebody reads this");
            runtime::gosched();
        }
    });
    ended.recv();
}

fn print_and_notify() {
    let signals = chan(1);
    notify(&signals, &[Signal::PIPE]);
    let printing = catch_unwind(|| {
        loop {
            println!("somebody reads this");
        }
    });
    if printing.is_err() && signals.recv() == Some(Signal::PIPE) {
        exit(3);
    }
}

fn broken_socket() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    drop(theirs);
    let error = ours.write_all(b"hello").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    println!("Broken pipe");
}
