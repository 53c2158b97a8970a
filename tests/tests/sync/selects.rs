//! Locks in a select, on goroutines (WANTS 26).

use crate::field::on;
use gaggle::sync::{Mutex, WaitGroup};
use gaggle::{chan, lock_chan, runtime, select, time};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn of_many_who_select_on_a_lock_each_has_it_or_gives_up() {
    for procs in [1, 2, 4, 16] {
        on(procs, || {
            let (m, wg) = (Arc::new(Mutex::new((0, 0))), WaitGroup::new());
            let tally = Arc::new(Mutex::new((0, 0)));
            for at in 0..40_u64 {
                let (m, tally) = (Arc::clone(&m), Arc::clone(&tally));
                wg.go(move || {
                    for turn in 0..20 {
                        let (lock, late) =
                            (lock_chan(&m), time::after(Duration::from_micros(at * turn)));
                        select! {
                            recv(lock.chan()) -> guard => {
                                let mut guard = guard.expect("its guard");
                                guard.0 += 1;
                                runtime::gosched();
                                guard.1 += 1;
                                drop(guard);
                                tally.lock().0 += 1;
                            },
                            recv(late) -> _ => tally.lock().1 += 1,
                        }
                    }
                });
            }
            wg.wait();
            let (had, late) = *tally.lock();
            assert_eq!((*m.lock(), had + late), ((had, had), 800));
        });
    }
}

#[test]
fn a_select_that_goes_another_way_leaves_no_goroutine_behind() {
    on(2, || {
        let (m, stop) = (Arc::new(Mutex::new(())), chan::<()>(0));
        let held = m.lock();
        stop.close();
        for _ in 0..100 {
            let lock = lock_chan(&m);
            select! {
                recv(lock.chan()) -> _ => panic!("it is held"),
                recv(stop) -> _ => {},
            }
        }
        // They leave the line although the lock is still held.
        crate::field::yield_until(|| runtime::num_goroutine() <= 2);
        drop(held);
    });
}
