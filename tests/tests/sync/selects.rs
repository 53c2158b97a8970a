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

/// As methods too, of locks in an `Arc` and static ones, for both sides of a reader/writer mutex.
#[test]
fn locks_are_cases_by_their_methods() {
    use gaggle::sync::RwMutex;
    use gaggle::{SelectLock as _, SelectRwLock as _};
    static COUNT: Mutex<u32> = Mutex::new(0);
    static TABLE: RwMutex<u32> = RwMutex::new(0);
    for procs in [1, 4] {
        on(procs, || {
            let (count, table) = (Arc::new(Mutex::new(0_u32)), Arc::new(RwMutex::new(0_u32)));
            let held = (COUNT.lock(), TABLE.write(), count.lock_arc(), table.write_arc());
            let never = chan::<()>(0);
            for _ in 0..3 {
                let (stop, own) = (chan::<()>(0), (&COUNT).lock_chan());
                stop.close();
                select! {
                    recv(own.chan()) -> _ => panic!("it is held"),
                    recv((&TABLE).read_chan().chan()) -> _ => panic!("it is held"),
                    recv(count.lock_chan().chan()) -> _ => panic!("it is held"),
                    recv(table.write_chan().chan()) -> _ => panic!("it is held"),
                    recv(stop) -> _ => {},
                }
            }
            let waits = gaggle::spawn({
                let (count, table, never) = (Arc::clone(&count), Arc::clone(&table), never.clone());
                move || {
                    select! {
                        recv((&COUNT).lock_chan().chan()) -> it => *it.unwrap() += 1,
                        recv(never) -> _ => {},
                    }
                    select! {
                        recv((&TABLE).write_chan().chan()) -> it => *it.unwrap() += 1,
                        recv(never) -> _ => {},
                    }
                    select! {
                        recv(count.lock_chan().chan()) -> it => *it.unwrap() += 1,
                        recv(never) -> _ => {},
                    }
                    select! {
                        recv(table.read_chan().chan()) -> it => assert_eq!(*it.unwrap(), 0),
                        recv(never) -> _ => {},
                    }
                }
            });
            runtime::gosched();
            drop(held);
            assert!(waits.join().is_ok());
            assert_eq!((*count.lock(), *table.read()), (1, 0));
        });
    }
    assert_eq!((*COUNT.lock(), *TABLE.read()), (2, 2));
}
