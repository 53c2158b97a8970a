//! Programs as users write them, in pairs: with one line out of place, and with it in place. One pair for each thing that
//! orders.
//!
//! *Out Of Place*: the racy access comes after what should order it, so it is reported however the two fall.

use crate::Case;
use crate::support::{for_ever, make, pause, two, var};
use gaggle::context::{background, with_cancel, with_timeout};
use gaggle::race::{Cell, Shared};
use gaggle::runtime::gosched;
use gaggle::sync::atomic::{Bool, Pointer};
use gaggle::sync::{Map, Mutex, Once, OnceValue, RwMutex, WaitGroup};
use gaggle::time::{Ticker, Timer, after, after_func};
use gaggle::{go, select};
use std::sync::Arc;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(2);

pub(crate) const CASES: &[Case] = &[
    ("TestRaceUserResult", || {
        // The result is changed once more after it was announced.
        let (result, done, end) = (var(), make::<()>(1), make::<()>(0));
        go(move || {
            result.set(1);
            done.send(());
            result.set(2);
            end.send(());
        });
        done.recv();
        result.get();
        end.recv();
    }),
    ("TestNoRaceUserResult", || {
        let (result, done) = (var(), make::<()>(1));
        go(move || {
            result.set(1);
            result.set(2);
            done.send(());
        });
        done.recv();
        result.get();
    }),
    ("TestRaceUserSecondOfTwo", || {
        // Two announce, one is waited for, both results are read.
        let (a, b, done) = (var(), var(), make::<()>(2));
        for x in [a, b] {
            go(move || {
                x.set(1);
                done.send(());
            });
        }
        pause(); // both values are in the buffer
        done.recv();
        a.get();
        b.get();
        done.recv();
    }),
    ("TestNoRaceUserSecondOfTwo", || {
        let (a, b, done) = (var(), var(), make::<()>(2));
        for x in [a, b] {
            go(move || {
                x.set(1);
                done.send(());
            });
        }
        done.recv();
        done.recv();
        a.get();
        b.get();
    }),
    ("TestRaceUserForgottenLock", || {
        // The reader of a balance takes no lock.
        let (balance, lock, wg) = (var(), for_ever(Mutex::new(())), WaitGroup::new());
        wg.go(move || {
            let _guard = lock.lock();
            balance.set(balance.get() + 10);
        });
        balance.get();
        wg.wait();
    }),
    ("TestNoRaceUserForgottenLock", || {
        let (balance, lock, wg) = (var(), for_ever(Mutex::new(())), WaitGroup::new());
        wg.go(move || {
            let _guard = lock.lock();
            balance.set(balance.get() + 10);
        });
        {
            let _guard = lock.lock();
            balance.get();
        }
        wg.wait();
    }),
    ("TestRaceUserWriteUnderReadLock", || {
        let (hits, cache) = (var(), for_ever(RwMutex::new(7)));
        two(move || {
            let value = cache.read();
            hits.set(hits.get() + *value);
        });
    }),
    ("TestNoRaceUserWriteUnderReadLock", || {
        let (hits, cache) = (var(), for_ever(RwMutex::new(7)));
        two(move || {
            let value = cache.write();
            hits.set(hits.get() + *value);
        });
    }),
    ("TestRaceUserOnce", || {
        // A part of what is made once is made outside.
        let (config, once) = (var(), for_ever(Once::new()));
        two(move || {
            once.call_once(|| config.set(1));
            config.set(config.get() + 1);
        });
    }),
    ("TestNoRaceUserOnce", || {
        let (config, once) = (var(), for_ever(Once::new()));
        two(move || {
            once.call_once(|| config.set(1));
            config.get();
        });
    }),
    ("TestRaceUserOnceValue", || {
        let made = var();
        let value = for_ever(OnceValue::new(move || made.get()));
        two(move || made.set(*value.get() + 1));
    }),
    ("TestNoRaceUserOnceValue", || {
        let made = var();
        let value = for_ever(OnceValue::new(move || {
            made.set(1);
            made.get()
        }));
        two(move || assert_eq!(*value.get(), made.get()));
    }),
    ("TestRaceUserSumBeforeWait", || {
        let (sum, wg) = (var(), WaitGroup::new());
        wg.go(move || sum.set(1));
        sum.get(); // before the wait
        wg.wait();
    }),
    ("TestNoRaceUserSumBeforeWait", || {
        let (sum, wg) = (var(), WaitGroup::new());
        wg.go(move || sum.set(1));
        wg.wait();
        sum.get();
    }),
    ("TestRaceUserFlagFirst", || {
        // The flag is atomic, but raised before the data are there.
        let (data, ready, done) = (var(), for_ever(Bool::new(false)), make::<()>(0));
        go(move || {
            ready.store(true);
            data.set(1);
            done.send(());
        });
        while !ready.load() {
            gosched();
        }
        data.get();
        done.recv();
    }),
    ("TestNoRaceUserFlagFirst", || {
        let (data, ready, done) = (var(), for_ever(Bool::new(false)), make::<()>(0));
        go(move || {
            data.set(1);
            ready.store(true);
            done.send(());
        });
        while !ready.load() {
            gosched();
        }
        data.get();
        done.recv();
    }),
    ("TestRaceUserPointer", || {
        // What an atomic pointer shows is changed after it was shown.
        let (shown, done) = (for_ever(Pointer::null()), make::<()>(0));
        go(move || {
            let x = Arc::new(Cell::new(1_i64));
            shown.store(Some(Arc::clone(&x)));
            x.set(2);
            done.send(());
        });
        while shown.load().is_none() {
            gosched();
        }
        shown.load().map(|x| x.get());
        done.recv();
    }),
    ("TestNoRaceUserPointer", || {
        let (shown, done) = (for_ever(Pointer::null()), make::<()>(0));
        go(move || {
            let x = Arc::new(Cell::new(1_i64));
            x.set(2);
            shown.store(Some(x));
            done.send(());
        });
        while shown.load().is_none() {
            gosched();
        }
        shown.load().map(|x| x.get());
        done.recv();
    }),
    ("TestNoRaceUserPointerSwaps", || {
        // Some look while others compare and swap: nobody waits for the other for ever.
        let (shown, sum, wg) = (for_ever(Pointer::new(0_u32)), var(), WaitGroup::new());
        for _ in 0..2 {
            wg.go(move || (0..2000).for_each(|_| _ = shown.load()));
            wg.go(move || {
                for _ in 0..1000 {
                    let seen = shown.load();
                    shown.compare_and_swap(
                        seen.as_ref(),
                        seen.as_deref().map(|it| Arc::new(it + 1)),
                    );
                }
            });
        }
        wg.wait();
        sum.set(shown.load().map_or(0, |it| i64::from(*it)));
        assert!((1000..=2000).contains(&sum.get()));
    }),
    ("TestRaceUserMapValue", || {
        let (map, done) = (for_ever(Map::<u32, &'static Cell<i64>>::new()), make::<()>(0));
        go(move || {
            let x = var();
            map.store(1, x);
            x.set(1); // the map's by now
            done.send(());
        });
        while map.load(&1).is_none() {
            gosched();
        }
        map.load(&1).map(|x| x.get());
        done.recv();
    }),
    ("TestNoRaceUserMapValue", || {
        let (map, done) = (for_ever(Map::<u32, &'static Cell<i64>>::new()), make::<()>(0));
        go(move || {
            let x = var();
            x.set(1);
            map.store(1, x);
            done.send(());
        });
        while map.load(&1).is_none() {
            gosched();
        }
        map.load(&1).map(|x| x.get());
        done.recv();
    }),
    ("TestRaceUserCancel", || {
        // The reason is written after the cancellation that it explains.
        let (reason, done) = (var(), make::<()>(0));
        let (ctx, cancel) = with_cancel(&background());
        go(move || {
            ctx.done().recv();
            reason.get();
            done.send(());
        });
        cancel.cancel();
        reason.set(1);
        done.recv();
    }),
    ("TestNoRaceUserCancel", || {
        let (reason, done) = (var(), make::<()>(0));
        let (ctx, cancel) = with_cancel(&background());
        go(move || {
            ctx.done().recv();
            reason.get();
            done.send(());
        });
        reason.set(1);
        cancel.cancel();
        done.recv();
    }),
    ("TestRaceUserTimeout", || {
        // A worker goes on after the time of its request is over.
        let (answer, done) = (var(), make::<()>(1));
        let (ctx, _cancel) = with_timeout(&background(), SOON);
        go(move || {
            answer.set(1);
            done.send(());
        });
        ctx.done().recv();
        answer.get();
        done.recv();
    }),
    ("TestNoRaceUserTimeout", || {
        let (answer, done) = (var(), make::<()>(1));
        let (ctx, _cancel) = with_timeout(&background(), Duration::from_secs(3600));
        go(move || {
            answer.set(1);
            done.send(());
        });
        select! {
            recv(done) -> _ => _ = answer.get(),
            recv(ctx.done()) -> _ => {}
        }
    }),
    ("TestRaceUserAfterFunc", || {
        // Whether the timer has run is asked of the clock.
        let (x, done) = (var(), make::<()>(1));
        after_func(SOON, move || {
            x.set(1);
            done.send(());
        });
        after(5 * SOON).recv();
        x.get();
        done.recv();
    }),
    ("TestNoRaceUserAfterFunc", || {
        let (x, done) = (var(), make::<()>(1));
        x.set(1);
        after_func(SOON, move || {
            x.set(2);
            done.send(());
        });
        done.recv();
        x.get();
    }),
    ("TestNoRaceUserStoppedTimer", || {
        // Who has stopped it in time has the variable alone.
        let x = var();
        let timer = after_func(Duration::from_secs(3600), move || x.set(1));
        assert!(timer.stop());
        x.set(2);
    }),
    ("TestRaceUserTicker", || {
        let (x, done) = (var(), make::<()>(0));
        let ticker = for_ever(Ticker::new(SOON));
        go(move || {
            ticker.c().recv();
            x.get();
            done.send(());
        });
        x.set(1); // after the ticker was set
        done.recv();
    }),
    ("TestNoRaceUserTicker", || {
        let (x, done) = (var(), make::<()>(0));
        x.set(1);
        let timer = for_ever(Timer::new(SOON));
        go(move || {
            timer.c().recv();
            x.get();
            done.send(());
        });
        done.recv();
    }),
    ("TestRaceUserList", || {
        let (list, wg) = (for_ever(Shared::new(Vec::new())), WaitGroup::new());
        for at in 0..2 {
            wg.go(move || list.write(|list| list.push(at)));
        }
        wg.wait();
    }),
    ("TestNoRaceUserList", || {
        let (list, places, wg) =
            (for_ever(Shared::new(Vec::new())), make::<()>(1), WaitGroup::new());
        for at in 0..2 {
            wg.go(move || {
                places.send(()); // a channel of one as a lock
                list.write(|list| list.push(at));
                places.recv();
            });
        }
        wg.wait();
    }),
];
