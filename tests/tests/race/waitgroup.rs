//! The wait group: done comes before the wait that it ends; add and wait are to be ordered.

use crate::Case;
use crate::support::{for_ever, make, pause, recovering, var};
use gaggle::go;
use gaggle::sync::{BareMutex, WaitGroup};

fn group() -> &'static WaitGroup {
    for_ever(WaitGroup::new())
}

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceWaitGroup", || {
        let (x, wg) = (var(), group());
        wg.add(1);
        go(move || {
            x.set(1);
            wg.done();
        });
        wg.wait();
        x.set(2);
    }),
    ("TestRaceWaitGroup", || {
        let (x, wg) = (var(), group());
        for value in 0..2 {
            wg.add(1);
            go(move || {
                x.set(value);
                wg.done();
            });
        }
        wg.wait();
    }),
    ("TestNoRaceWaitGroup2", || {
        let (x, wg) = (var(), group());
        wg.add(1);
        go(move || {
            x.set(1);
            wg.done();
        });
        pause(); // done already
        wg.wait();
        x.set(2);
    }),
    ("TestRaceWaitGroup2", || {
        let (x, wg) = (var(), group());
        wg.add(2);
        for value in [1, 2] {
            go(move || {
                x.set(value);
                wg.done();
            });
        }
        wg.wait();
    }),
    ("TestNoRaceWaitGroupPanicRecover", || {
        let (x, wg) = (var(), group());
        let said = std::panic::catch_unwind(move || {
            x.set(1);
            wg.add(-1);
        });
        let said = said.expect_err("it panics");
        assert_eq!(said.downcast_ref::<&str>(), Some(&"sync: negative WaitGroup counter"));
        x.set(2);
    }),
    ("TestNoRaceWaitGroupPanicRecover2", || {
        let (x, wg, ch) = (var(), group(), make::<bool>(1));
        go(move || {
            recovering(move || {
                x.set(1);
                wg.add(-1);
            });
            go(move || {
                x.set(2);
                ch.send(true);
            });
        });
        ch.recv();
    }),
    ("TestRaceWaitGroupAsMutex", || {
        let (x, wg, c, met) = (var(), group(), make::<bool>(2), make::<bool>(0));
        for value in [1, 2] {
            go(move || {
                wg.wait();
                // Else the one may have done before the other waits, which orders them.
                if value == 1 {
                    met.send(true)
                } else {
                    assert_eq!(met.recv(), Some(true))
                }
                pause();
                wg.add(1);
                x.set(value);
                wg.done();
                c.send(true);
            });
        }
        recovering(|| (0..2).for_each(|_| _ = c.recv()));
    }),
    ("TestRaceWaitGroupWrongWait", || {
        let (x, wg, c) = (var(), group(), make::<bool>(2));
        go(move || {
            wg.add(1);
            x.set(1);
            wg.done();
            c.send(true);
        });
        go(move || {
            wg.wait();
            pause();
            x.set(2);
            c.send(true);
        });
        go(move || {
            x.set(3); // whatever the others' order is
            c.send(true);
        });
        (0..3).for_each(|_| _ = c.recv());
    }),
    ("TestRaceWaitGroupWrongAdd", || {
        let (wg, c) = (group(), make::<bool>(2));
        for _ in 0..2 {
            go(move || {
                wg.add(1); // should stand before the go statement
                pause();
                pause();
                wg.done();
                c.send(true);
            });
        }
        pause();
        wg.wait();
        c.recv();
        c.recv();
    }),
    ("TestNoRaceWaitGroupMultipleWait", || {
        let (wg, c) = (group(), make::<bool>(2));
        for _ in 0..2 {
            go(move || {
                wg.wait();
                c.send(true);
            });
        }
        wg.wait();
        c.recv();
        c.recv();
    }),
    ("TestNoRaceWaitGroupMultipleWait2", || {
        let (wg, c) = (group(), make::<bool>(2));
        wg.add(2);
        for _ in 0..2 {
            go(move || {
                wg.done();
                wg.wait();
                c.send(true);
            });
        }
        wg.wait();
        c.recv();
        c.recv();
    }),
    ("TestNoRaceWaitGroupMultipleWait3", || {
        const P: usize = 3;
        let data = [(); P].map(|()| var());
        let (wg, done) = (group(), make::<bool>(P));
        for x in data {
            wg.add(1);
            go(move || {
                x.set(42);
                wg.done();
            });
        }
        for _ in 0..P {
            go(move || {
                wg.wait();
                data.iter().for_each(|x| _ = x.get());
                done.send(true);
            });
        }
        (0..P).for_each(|_| _ = done.recv());
    }),
    ("TestNoRaceWaitGroupTransitive", || {
        let (x, y, wg) = (var(), var(), group());
        wg.add(2);
        go(move || {
            x.set(42);
            wg.done();
        });
        go(move || {
            pause();
            y.set(42);
            wg.done();
        });
        wg.wait();
        let _ = x.get() + y.get();
    }),
    ("TestNoRaceWaitGroupReuse", || {
        const P: usize = 3;
        let (wg, data) = (group(), [(); P].map(|()| var()));
        for _ in 0..3 {
            wg.add(P as i32);
            for x in data {
                go(move || {
                    x.update(|x| x + 1);
                    wg.done();
                });
            }
            wg.wait();
            data.iter().for_each(|x| x.update(|x| x + 1));
        }
    }),
    ("TestNoRaceWaitGroupReuse2", || {
        const P: usize = 3;
        let (wg, data) = (group(), [(); P].map(|()| var()));
        for _ in 0..3 {
            wg.add(P as i32);
            for x in data {
                go(move || {
                    x.update(|x| x + 1);
                    wg.done();
                });
            }
            let done = make::<bool>(0);
            go(move || {
                wg.wait();
                data.iter().for_each(|x| x.update(|x| x + 1));
                done.send(true);
            });
            done.recv();
            data.iter().for_each(|x| x.update(|x| x + 1));
        }
    }),
    ("TestRaceWaitGroupReuse", || {
        const P: usize = 3;
        const T: usize = 3;
        let (done, wg) = (make::<bool>(T), group());
        let mu = for_ever(BareMutex::new());
        let data = [(); P].map(|()| var());
        for _ in 0..T {
            go(move || {
                for x in data {
                    wg.add(1);
                    go(move || {
                        mu.lock();
                        x.update(|x| x + 1);
                        mu.unlock();
                        wg.done();
                    });
                }
                recovering(|| wg.wait());
                data.iter().for_each(|x| x.update(|x| x + 1)); // the others' goroutines may go on
                done.send(true);
            });
        }
        (0..T).for_each(|_| _ = done.recv());
    }),
    ("TestNoRaceWaitGroupConcurrentAdd", || {
        const P: usize = 4;
        let (wg, waiting) = (group(), make::<bool>(P));
        let data = [(); P].map(|()| var());
        for x in data {
            go(move || {
                wg.add(1);
                waiting.send(true);
                pause();
                x.set(42);
                wg.done();
            });
        }
        (0..P).for_each(|_| _ = waiting.recv());
        wg.wait();
        data.iter().for_each(|x| _ = x.get());
    }),
    ("TestNoRaceWaitGroupGo", || {
        let (x, wg) = (var(), group());
        wg.go(move || x.set(1));
        wg.wait();
        x.set(2);
    }),
    ("TestRaceWaitGroupDoneEarly", || {
        let (x, wg, end) = (var(), group(), make::<()>(1));
        wg.add(1);
        go(move || {
            wg.done();
            x.set(1); // after done
            end.send(());
        });
        wg.wait();
        x.set(2);
        end.recv();
    }),
    ("TestNoRaceWaitGroupTwoGroups", || {
        let (x, first, second) = (var(), group(), group());
        first.add(1);
        second.add(1);
        go(move || {
            x.set(1);
            first.done();
        });
        go(move || {
            first.wait();
            second.done();
        });
        second.wait();
        x.set(2);
    }),
];
