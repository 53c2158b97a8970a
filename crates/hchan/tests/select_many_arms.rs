//! Selects of many arms: more than the compiler's default `recursion_limit` would admit one by one.

use gaggle_hchan::{Chan, SendError, chan, select, select_biased};
use std::cell::{Cell, RefCell};

/// 200 arms: 100 receives, the value of which is their place, and 100 sends.
macro_rules! two_hundred {
    ($select:ident, $c:ident, $d:ident) => {
        two_hundred!(@ten $select, $c, $d, 0 10 20 30 40 50 60 70 80 90)
    };
    (@ten $select:ident, $c:ident, $d:ident, $($ten:literal)*) => {
        $select! {
            $(
                recv($c[$ten]) -> v => (0, $ten, v), recv($c[$ten + 1]) -> v => (0, $ten + 1, v),
                recv($c[$ten + 2]) -> v => (0, $ten + 2, v), recv($c[$ten + 3]) -> v => (0, $ten + 3, v),
                recv($c[$ten + 4]) -> v => (0, $ten + 4, v), recv($c[$ten + 5]) -> v => (0, $ten + 5, v),
                recv($c[$ten + 6]) -> v => (0, $ten + 6, v), recv($c[$ten + 7]) -> v => (0, $ten + 7, v),
                recv($c[$ten + 8]) -> v => (0, $ten + 8, v), recv($c[$ten + 9]) -> v => (0, $ten + 9, v),
                send($d[$ten], $ten) => (1, $ten, None), send($d[$ten + 1], $ten + 1) => (1, $ten + 1, None),
                send($d[$ten + 2], $ten + 2) => (1, $ten + 2, None), send($d[$ten + 3], $ten + 3) => (1, $ten + 3, None),
                send($d[$ten + 4], $ten + 4) => (1, $ten + 4, None), send($d[$ten + 5], $ten + 5) => (1, $ten + 5, None),
                send($d[$ten + 6], $ten + 6) => (1, $ten + 6, None), send($d[$ten + 7], $ten + 7) => (1, $ten + 7, None),
                send($d[$ten + 8], $ten + 8) => (1, $ten + 8, None), send($d[$ten + 9], $ten + 9) => (1, $ten + 9, None),
            )*
        }
    };
}

#[test]
fn each_of_two_hundred_arms_can_be_chosen() {
    let c: Vec<Chan<usize>> = (0..100).map(|_| chan(1)).collect();
    let d: Vec<Chan<usize>> = (0..100).map(|_| chan(1)).collect();
    d.iter().for_each(|d| d.send(7));
    for at in 0..100 {
        c[at].send(at + 1000);
        assert_eq!(two_hundred!(select, c, d), (0, at, Some(at + 1000)));
        assert_eq!(d[at].recv(), Some(7));
        assert_eq!(two_hundred!(select_biased, c, d), (1, at, None));
        assert_eq!(d[at].try_recv(), Ok(at));
        d[at].send(7);
    }
}

/// SEMANTICS J1, J5 in arms that are read eight at a time, with blocks for bodies.
#[test]
fn eight_arms_keep_the_order_and_hand_values_back() {
    let order = RefCell::new(Vec::new());
    let said = |n: u32| {
        order.borrow_mut().push(n);
        n
    };
    let (nil, shut) = (Chan::<u32>::nil(), chan::<u32>(0));
    shut.close();
    let from = |n: u32, c: &Chan<u32>| {
        said(n);
        c.clone()
    };
    let dropped = Cell::new(0);
    let mut rounds = 0..3;
    let got = loop {
        rounds.next().unwrap();
        select! {
            recv(from(0, &nil)) -> _ => {}
            send(from(1, &nil), said(2)) => {}
            recv(from(3, &nil)) -> v => { assert_eq!(v, None) }
            send(from(4, &shut), said(5)) -> back => {
                let SendError(value) = back.unwrap_err();
                dropped.set(value);
                if value == 5 { break 50 }
            },
            recv(from(6, &nil)) -> None | Some(_) => {}
            send(from(7, &nil), said(8),) -> _ => {},
            recv(from(9, &nil),) -> mut v => { assert_eq!(v.take(), None) }
            send(from(10, &nil), said(11)) => {}
            default => {}
        };
    };
    assert_eq!((got, dropped.get()), (50, 5));
    assert_eq!(*order.borrow(), (0..12).collect::<Vec<_>>());
}

/// A select whose bodies are blocks, each with the comma that is given for it, or without; the last arm sends.
macro_rules! separated {
    ($c:ident: $(($($comma:tt)?))* [$($last:tt)?]) => {{
        let got = select! {
            $(recv($c) -> v => { (v, 0) } $($comma)?)*
            send($c, 7) => { (None, 1) } $($last)?
        };
        assert_eq!(got, (None, 1));
        assert_eq!($c.recv(), Some(7));
    }};
}

/// Arms are read eight at a time, and a comma after a block is anybody's choice.
#[test]
fn a_comma_may_be_left_out_after_any_block() {
    let c = chan::<u32>(1);
    // Eight arms, in turn one without a comma; one with; the last with one, and without.
    separated!(c: (,)(,)(,)(,)(,)(,)(,) [,]);
    separated!(c: ()()()()()()() []);
    separated!(c: ()()()()()()() [,]);
    separated!(c: (,)(,)(,)(,)(,)(,)() [,]);
    separated!(c: ()(,)(,)(,)(,)(,)(,) [,]);
    separated!(c: (,)(,)(,)()(,)(,)(,) [,]);
    separated!(c: (,)(,)(,)()(,)(,)(,) []);
    separated!(c: (,)()()()()()() []);
    // Nine, where the ninth follows eight that were read at once.
    separated!(c: ()(,)(,)(,)(,)(,)(,)(,) [,]);
    separated!(c: (,)(,)(,)(,)(,)(,)()(,) [,]);
    separated!(c: (,)(,)(,)(,)(,)(,)(,)() [,]);
    separated!(c: ()()()()()()()(,) [,]);
    separated!(c: ()()()()()()()(,) []);
    separated!(c: ()()()()()()()() [,]);
    // Seventeen: twice eight and one.
    separated!(c: (,)(,)(,)()(,)(,)(,)(,) (,)(,)(,)()(,)(,)(,)(,) [,]);
    separated!(c: ()()()()()()()(,) ()()()()()()()(,) [,]);
    separated!(c: ()()()()()()()() ()()()()()()()() []);
    separated!(c: (,)(,)(,)(,)(,)(,)(,)() (,)(,)(,)(,)(,)(,)(,)() [,]);
}

/// A `default` among them, too.
#[test]
fn a_default_may_stand_anywhere_among_blocks_without_commas() {
    let c = chan::<u32>(0);
    macro_rules! with_default {
        ($(($($comma:tt)?))* default $(($($after:tt)?))*) => {
            select! {
                $(recv(c) -> _ => { 0 } $($comma)?)*
                default => { 1 }
                $(recv(c) -> _ => { 2 } $($after)?)*
            }
        };
    }
    assert_eq!(with_default!((,)()(,)(,)(,)(,)(,)(,) default), 1);
    assert_eq!(with_default!(()()()()()()()() default ()()()()()()()(,)), 1);
    assert_eq!(with_default!((,)(,)(,) default (,)()(,)(,)(,)(,)(,)(,) (,)), 1);
}
