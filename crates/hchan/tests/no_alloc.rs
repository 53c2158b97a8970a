//! No operation on a channel allocates, also when it waits. `chan/select2.go` asks for less: that
//! selects on an idle channel leave nothing behind.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "common/sixteen.rs"]
mod sixteen;

use allocations::allocations;
use gaggle_hchan::{chan, select};
use sixteen::{select_of_all, serve, sixteen};
use std::time::Duration;

#[test]
fn operations_do_not_allocate() {
    let (c, idle) = (chan::<u64>(4), chan::<u64>(0));
    c.try_send(1).unwrap(); // the thread's G is made on first use
    let work = || {
        for i in 0..100 {
            c.send(i);
            c.recv().unwrap();
            idle.try_send(i).unwrap_err();
            c.recv_timeout(Duration::ZERO).unwrap();
            c.send_timeout(i, Duration::ZERO).unwrap();
            let arms = select! {
                recv(idle) -> _ => 1, recv(idle) -> _ => 2, recv(idle) -> _ => 3,
                recv(idle) -> _ => 4, recv(idle) -> _ => 5, recv(idle) -> _ => 6,
                recv(idle) -> _ => 7, recv(idle) -> _ => 8, recv(idle) -> _ => 9,
                recv(idle) -> _ => 10, recv(idle) -> _ => 11, recv(idle) -> _ => 12,
                recv(idle) -> _ => 13, recv(idle) -> _ => 14, recv(idle) -> _ => 15,
                recv(c) -> _ => 16,
            };
            assert_eq!(arms, 16);
            select! { send(c, i) => {}, recv(idle) -> _ => {} }
            select! { recv(idle) -> _ => {}, send(idle, 1) => {}, default => {} }
        }
    };
    assert_eq!(allocations(work), 0);
}

#[test]
fn waiting_does_not_allocate() {
    const ROUNDS: u64 = 2000;
    let (c, d, idle) = (chan::<u64>(0), chan::<u64>(0), chan::<u64>(0));
    let (c2, d2) = (c.clone(), d.clone());
    let partner = std::thread::spawn(move || {
        c2.recv();
        let work = || {
            for i in 0..ROUNDS {
                d2.send(i);
                assert_eq!(c2.recv(), Some(i));
            }
        };
        allocations(work)
    });
    c.send(0);
    let work = || {
        for i in 0..ROUNDS {
            let got = select! { recv(d) -> v => v, recv(idle) -> v => v };
            assert_eq!(got, Some(i));
            select! { send(c, i) => {}, send(idle, i) => {} }
        }
    };
    assert_eq!(allocations(work), 0);
    assert_eq!(partner.join().unwrap(), 0);
    assert!(format!("{idle:?}").contains("senders_waiting: 0, receivers_waiting: 0"));
}

#[test]
fn a_select_of_sixteen_waits_without_allocating() {
    const ROUNDS: u64 = 16 * 20;
    let all = sixteen();
    let theirs = all.clone();
    let partner = std::thread::spawn(move || {
        serve(&theirs, 0, std::thread::yield_now); // as above
        allocations(|| (0..ROUNDS).for_each(|i| serve(&theirs, i % 16, std::thread::yield_now)))
    });
    assert_eq!(select_of_all(&all, 0), 0); // the thread's G is made on first use
    let work = || (0..ROUNDS).for_each(|i| assert_eq!(select_of_all(&all, i), i % 16));
    assert_eq!(allocations(work), 0);
    assert_eq!(partner.join().unwrap(), 0);
}
