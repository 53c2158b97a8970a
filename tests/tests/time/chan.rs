//! TestChan (tick_test.go, ★57): what the channel of a timer and of a ticker shows (T2, T4, T8).

use crate::field::{on_each, yield_until};
use crate::on_both;
use crate::{HOUR, MICRO, MILLI};
use gaggle::time::{self, Ticker, Timer};
use gaggle::{Chan, RecvOnly, chan, go, runtime, select};
use gaggle_gopark::{Interrupt, interruptible};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A timer or a ticker.
trait Clock: Clone + Send + 'static {
    fn new() -> Self;
    fn c(&self) -> &RecvOnly<Instant>;
    fn stop(&self);
    fn reset(&self, duration: Duration);
}

macro_rules! clocks {
    ($($name:ident)+) => { $(
        impl Clock for $name {
            fn new() -> Self {
                $name::new(HOUR)
            }
            fn c(&self) -> &RecvOnly<Instant> {
                $name::c(self)
            }
            fn stop(&self) {
                $name::stop(self);
            }
            fn reset(&self, duration: Duration) {
                $name::reset(self, duration);
            }
        }
    )+ };
}

clocks! { Timer Ticker }

/// Nothing is there, in no way of looking.
fn no_tick(clock: &impl Clock) {
    no_length(clock);
    assert!(clock.c().try_recv().is_err());
    select! {
        recv(clock.c()) -> _ => panic!("a tick by select"),
        default => {},
    }
    select! {
        recv(clock.c()) -> _ => panic!("a tick by a select of two"),
        recv(Chan::<()>::nil()) -> _ => unreachable!(),
        default => {},
    }
    no_length(clock);
}

fn no_length(clock: &impl Clock) {
    assert_eq!((clock.c().len(), clock.c().cap()), (0, 0));
}

/// A goroutine that receives a value and says so.
fn receiver(clock: &impl Clock) -> Chan<()> {
    let (clock, got) = (clock.clone(), chan(1));
    let theirs = got.clone();
    go(move || {
        clock.c().recv().unwrap();
        theirs.send(());
    });
    runtime::gosched();
    got
}

fn chan_of<C: Clock>() {
    let clock = C::new();
    no_tick(&clock);

    // Nobody waits: it is in no heap.
    clock.stop();
    no_tick(&clock);
    clock.reset(HOUR);
    no_tick(&clock);

    // What has fallen due is there, and shows no length.
    clock.reset(MICRO);
    time::sleep(MILLI);
    no_length(&clock);
    clock.c().try_recv().unwrap();
    clock.reset(MICRO);
    time::sleep(MILLI);
    select! {
        recv(clock.c()) -> due => assert!(due.is_some()),
        default => panic!("it was due"),
    }

    // What had fallen due is gone once Stop or Reset has returned.
    clock.reset(MICRO);
    time::sleep(MILLI);
    clock.stop();
    no_tick(&clock);
    clock.reset(MICRO);
    time::sleep(MILLI);
    clock.reset(HOUR);
    no_tick(&clock);

    // One who waits follows: to an earlier time, to a later one, and to none.
    let got = receiver(&clock);
    clock.reset(MILLI);
    got.recv().unwrap();
    let got = moved_away(&clock, || clock.reset(HOUR));
    clock.reset(MICRO);
    got.recv().unwrap();
    let got = moved_away(&clock, || clock.stop());
    clock.reset(MICRO);
    got.recv().unwrap();
    clock.stop();
}

/// One who waits, at first for a time that is then taken away by `change`.
fn moved_away(clock: &impl Clock, change: impl Fn()) -> Chan<()> {
    let length = 5 * MILLI;
    loop {
        let begin = time::now();
        clock.reset(length);
        let got = receiver(clock);
        change();
        if time::since(begin) < length {
            time::sleep(length + MILLI);
            assert!(got.try_recv().is_err());
            return got;
        }
        clock.reset(MICRO); // the machine was too busy: perhaps it came first. Once more.
        got.recv().unwrap();
        clock.stop();
    }
}

/// TestChan, of a timer.
#[test]
fn test_chan_timer() {
    on_both(chan_of::<Timer>);
}

/// TestChan, of a ticker.
#[test]
fn test_chan_ticker() {
    on_both(chan_of::<Ticker>);
}

/// Lets others run until so many wait for `c`.
fn wait_for_waiters(c: &RecvOnly<Instant>, count: usize) {
    let text = format!("receivers_waiting: {count},");
    yield_until(|| format!("{c:?}").contains(&text));
}

/// I7: the one that has waited longest gets the first tick, and those behind it the next ones.
#[test]
fn those_who_wait_for_a_ticker_are_served_in_order() {
    on_both(|| {
        let (ticker, got) = (Ticker::new(HOUR), chan::<(Instant, usize)>(8));
        for who in 0..5 {
            let (ticker, got) = (ticker.clone(), got.clone());
            let c = ticker.c().clone();
            go(move || got.send((ticker.c().recv().unwrap(), who)));
            wait_for_waiters(&c, who + 1);
        }
        ticker.reset(200 * MICRO);
        let mut order: Vec<_> = (0..5).map(|_| got.recv().unwrap()).collect();
        order.sort_unstable(); // who sends first is another matter
        let order: Vec<_> = order.into_iter().map(|(_, who)| who).collect();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    });
}

/// I7: one that does not wait takes nothing from one that does.
#[test]
fn one_who_polls_takes_nothing_from_one_who_waits() {
    on_each(|| {
        for _ in 0..20 {
            let timer = Timer::new(HOUR);
            let got = receiver(&timer);
            wait_for_waiters(timer.c(), 1);
            timer.reset(50 * MICRO);
            while got.try_recv().is_err() {
                assert!(timer.c().try_recv().is_err());
                runtime::gosched();
            }
        }
    });
}

/// A select that another case wins leaves the timer to those who still wait for it.
#[test]
fn a_select_that_goes_away_passes_the_timer_on() {
    on_both(|| {
        for _ in 0..50 {
            let (timer, stop, got) = (Timer::new(HOUR), chan::<()>(0), chan::<bool>(2));
            let theirs = (timer.clone(), stop.clone(), got.clone());
            go(move || {
                let (timer, stop, got) = theirs;
                select! {
                    recv(timer.c()) -> _ => got.send(true),
                    recv(stop) -> _ => got.send(false),
                }
            });
            let received = receiver(&timer);
            timer.reset(500 * MICRO);
            stop.try_send(()).unwrap_or_default();
            stop.close();
            let select_took_it = got.recv().unwrap();
            if select_took_it {
                timer.reset(MICRO);
            }
            received.recv().unwrap();
        }
    });
}

/// A wait with a limit of its own ends there, and passes the timer on.
#[test]
fn a_limit_of_one_who_waits_is_its_own() {
    on_both(|| {
        let timer = Timer::new(HOUR);
        let (begin, received) = (time::now(), chan::<()>(1));
        let theirs = (timer.clone(), received.clone());
        let first = timer.clone();
        let ended = chan::<()>(1);
        let ended2 = ended.clone();
        go(move || {
            assert!(first.c().recv_timeout(2 * MILLI).is_err());
            ended2.send(());
        });
        runtime::gosched();
        go(move || {
            theirs.0.c().recv().unwrap();
            theirs.1.send(());
        });
        ended.recv().unwrap();
        assert!(time::since(begin) >= 2 * MILLI);
        timer.reset(MILLI);
        received.recv().unwrap();
    });
}

/// What ends a wait with a deadline early, such as a context, ends one for a timer too.
#[test]
fn an_interrupt_ends_a_wait_for_a_timer() {
    on_both(|| {
        let (timer, interrupt) = (Timer::new(HOUR), Arc::new(Interrupt::new()));
        let theirs = Arc::clone(&interrupt);
        let c = timer.c().clone();
        go(move || {
            wait_for_waiters(&c, 1);
            theirs.fire();
        });
        let wait = || timer.c().recv_timeout(HOUR);
        assert!(interruptible(&interrupt, wait).is_err());
        assert!(interruptible(&interrupt, wait).is_err(), "once fired, each wait ends at once");
        assert!(timer.stop());
    });
}
