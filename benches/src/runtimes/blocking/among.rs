//! One work among more and more goroutines: measured when each has done some of it.

use super::Blocking;
use crate::figures::Figure;
use crate::meter::Meter;
use crate::shapes::growth::members;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The shape of that name, which measures itself.
pub(super) fn shape<R: Blocking>(name: &str) -> Option<fn(u64) -> Vec<Figure>> {
    Some(match name {
        "hop_among_10" => |n| hop::<R>(n, 10),
        "hop_among_1k" => |n| hop::<R>(n, 1_000),
        "yield_among_10" => |n| yields::<R>(n, 10),
        "yield_among_1k" => |n| yields::<R>(n, 1_000),
        _ => return None,
    })
}

/// `n` hops in a ring, and a lap before them that is not measured.
fn hop<R: Blocking>(n: u64, most: u64) -> Vec<Figure> {
    let members = members(n, most);
    let (first, mut from) = R::chan(0);
    let (finish, finished) = R::chan(1);
    for member in 1..=members {
        let (to, next) = if member == members { (first.clone(), None) } else { super::pair::<R>() };
        let (input, finish) = (from, finish.clone());
        R::go(move || {
            // Without an end: the process has one.
            while let Some(hops) = R::recv(&input) {
                match hops {
                    0 => R::send(&finish, 0),
                    _ => R::send(&to, hops - 1),
                }
            }
        });
        let Some(next) = next else { break };
        from = next;
    }
    // The wait for the lap, and no loop of yields until all are there: may starts nobody new while somebody of its
    // own yields.
    let around = |hops| {
        R::send(&first, hops);
        assert_eq!(R::recv(&finished), Some(0));
    };
    around(members);
    let meter = Meter::start();
    around(n);
    meter.stop().per(n, "op").into()
}

/// `n` yields, the same number of each; all have made one, and wait, before the first of them.
fn yields<R: Blocking>(n: u64, most: u64) -> Vec<Figure> {
    let members = members(n, most);
    let each = n / members;
    let ended = Arc::new(AtomicU64::new(members));
    let ((there, begun), (all, over)) = (R::chan(members as usize), R::chan(1));
    let member = |_| {
        let (open, gate) = R::chan(1);
        let (there, ended, all) = (there.clone(), Arc::clone(&ended), all.clone());
        R::go(move || {
            R::yield_now();
            R::send(&there, 0);
            assert_eq!(R::recv(&gate), Some(0));
            (0..each).for_each(|_| R::yield_now());
            // AcqRel: the last one comes after what all others did.
            if ended.fetch_sub(1, Ordering::AcqRel) == 1 {
                R::send(&all, 0);
            }
        });
        open
    };
    let gates: Vec<R::Sender> = (0..members).map(member).collect();
    (0..members).for_each(|_| assert_eq!(R::recv(&begun), Some(0)));
    let meter = Meter::start();
    gates.iter().for_each(|gate| R::send(gate, 0));
    assert_eq!(R::recv(&over), Some(0));
    meter.stop().per(each * members, "op").into()
}
