//! From `test/chan/select3.go`: the table of what blocks, what does not, and what panics.

use crate::env::go;
use crate::tools::{panic_of, reason_of, until_receivers, until_senders};
use gaggle_gopark::WaitReason;
use gaggle_hchan::{Chan, chan, select};

tests! { select3_blocks select3_does_not_block select3_panics select3_self }

/// What blocks, and under which name: I2, I5, J3, J4.
fn select3_blocks(cap: usize) {
    let nil = Chan::<u32>::nil;
    assert_eq!(reason_of(move || nil().send(1)), WaitReason::ChanSendNil);
    assert_eq!(reason_of(move || _ = nil().recv()), WaitReason::ChanReceiveNil);
    let empty = chan::<u32>(cap);
    let c = empty.clone();
    assert_eq!(reason_of(move || _ = c.recv()), WaitReason::ChanReceive);
    let c = empty.clone();
    assert_eq!(reason_of(move || select! { recv(c) -> _ => {} }), WaitReason::ChanReceive);
    empty.send(1);
    empty.send(1); // both go home
    let full = chan::<u32>(cap);
    (0..cap).for_each(|_| full.send(0));
    let c = full.clone();
    assert_eq!(reason_of(move || c.send(1)), WaitReason::ChanSend);
    let c = full.clone();
    assert_eq!(reason_of(move || select! { send(c, 1) => {} }), WaitReason::ChanSend);
    let (c, d) = (full.clone(), chan::<u32>(cap));
    let of_two = move || select! { send(c, 1) => {}, recv(d) -> _ => {} };
    assert_eq!(reason_of(of_two), WaitReason::Select);
    (0..cap + 3).for_each(|_| _ = full.recv());
    assert_eq!(reason_of(|| select! {}), WaitReason::SelectNoCases);
    let nils = move || {
        let (a, b) = (nil(), nil());
        select! { recv(a) -> _ => {}, send(b, 1) => {} }
    };
    assert_eq!(reason_of(nils), WaitReason::Select);
}

/// What does not block: I3, I14, J3.
fn select3_does_not_block(cap: usize) {
    let (nil, closed) = (Chan::<u32>::nil(), chan::<u32>(cap));
    closed.close();
    let (empty, full) = (chan::<u32>(cap), chan::<u32>(cap.max(1)));
    (0..cap.max(1)).for_each(|_| full.send(1));
    // With default, nothing blocks; `false` is the default.
    let poll_recv = |c: &Chan<u32>| select! { recv(c) -> _ => true, default => false };
    let poll_send = |c: &Chan<u32>| select! { send(c, 1) => true, default => false };
    assert!(!poll_recv(&nil) && !poll_send(&nil));
    assert!(!poll_recv(&empty) && poll_send(&empty) == (cap > 0) && !poll_send(&full));
    assert!(poll_recv(&closed) && poll_recv(&full));
    assert!(poll_send(&full));
    _ = empty.try_recv();
    // Two cases of which one is ready do not block.
    select! { recv(nil) -> _ => panic!(), recv(closed) -> v => assert_eq!(v, None) }
    select! { recv(empty) -> _ => panic!(), recv(full) -> v => assert_eq!(v, Some(1)) }
    select! { send(nil, 1) => panic!(), send(full, 1) => {} }
    select! { send(full, 3) => panic!(), recv(full) -> v => assert_eq!(v, Some(1)) }
    // Nor does a plain one that meets its partner.
    let d = empty.clone();
    let receiver = go(move || d.recv());
    until_receivers(&empty, 1);
    assert!(poll_send(&empty));
    assert_eq!(receiver.join().unwrap(), Some(1));
    let d = full.clone();
    let sender = go(move || (0..2).for_each(|_| d.send(1)));
    until_senders(&full, 1);
    assert!(poll_recv(&full) && poll_recv(&full));
    sender.join().unwrap();
}

/// What panics: I2, I3, J5; with default too.
fn select3_panics(cap: usize) {
    let closed = chan::<u32>(cap);
    closed.close();
    let never = chan::<u32>(cap);
    let with_default = || select! { send(closed, 1) => {}, default => {} };
    let of_two = || select! { send(closed, 1) => {}, recv(never) -> _ => {} };
    let of_two_with_default =
        || select! { send(closed, 1) => {}, recv(never) -> _ => {}, default => {} };
    assert_eq!(panic_of(|| closed.send(1)), "send on closed channel");
    assert_eq!(panic_of(with_default), "send on closed channel");
    assert_eq!(panic_of(of_two), "send on closed channel");
    assert_eq!(panic_of(of_two_with_default), "send on closed channel");
    assert_eq!(panic_of(|| closed.close()), "close of closed channel");
    assert_eq!(panic_of(|| Chan::<u32>::nil().close()), "close of nil channel");
}

/// A select does not meet itself: J6.
fn select3_self(cap: usize) {
    let c = chan::<u32>(cap);
    if cap == 0 {
        let d = c.clone();
        let both = move || select! { send(d, 1) => {}, recv(d) -> _ => {} };
        assert_eq!(reason_of(both), WaitReason::Select);
        assert_eq!(c.recv(), Some(1));
        return;
    }
    (0..cap).for_each(|_| c.send(1));
    select! { send(c, 2) => panic!("it is full"), recv(c) -> v => assert_eq!(v, Some(1)) }
    (1..cap).for_each(|_| _ = c.recv());
    select! { send(c, 2) => {}, recv(c) -> _ => panic!("it is empty") }
}
