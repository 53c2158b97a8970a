//! How `select!` may be written, and when its parts are evaluated.

mod common;

use common::go;
use gaggle_hchan::{Chan, SendError, chan, channel, select, select_biased};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

#[test]
fn commas_and_blocks() {
    let c = chan::<u32>(1);
    c.send(1);
    select! { recv(c) -> _ => {} }
    select! { send(c, 1) => (), }
    select! {
        recv(c,) -> v => {
            assert_eq!(v, Some(1));
        }
        send(c, 1,) => panic!(),
    };
    let d = chan::<u32>(0);
    let text = select! {
        recv(d) -> _ => { "d" }
        send(c, if true { 2 } else { 3 }) => { "c" },
        recv(d) -> _ => "d",
    };
    assert_eq!(text, "c");
    assert_eq!(1 + select! { recv(c) -> v => v.unwrap() }, 3);
}

#[test]
fn patterns_bind_options() {
    let c = chan::<(u32, String)>(2);
    c.send((1, "one".to_owned()));
    let pair @ Some(_) = (select! { recv(c) -> pair => pair }) else { panic!() };
    assert_eq!(pair, Some((1, "one".to_owned())));
    c.send((2, "two".to_owned()));
    select! { recv(c) -> mut got => assert_eq!(got.take().map(|(n, _)| n), Some(2)) }
    let unit = chan::<()>(0);
    unit.close();
    select! { recv(unit) -> None | Some(()) => {} }
}

#[test]
fn control_flow_leaves_the_arms() {
    // T/chan/select8: labels and jumps.
    fn first(c: &Chan<u32>) -> Result<u32, String> {
        let v = select! { recv(c) -> v => v.ok_or_else(|| "closed".to_owned())? };
        if v > 100 {
            select! { default => return Ok(v) }
        }
        Err(format!("small {v}"))
    }
    let c = chan::<u32>(8);
    c.send(101);
    c.send(1);
    assert_eq!((first(&c), first(&c)), (Ok(101), Err("small 1".to_owned())));
    (0..4).for_each(|i| c.send(i));
    c.close();
    assert_eq!(first(&chan::<u32>(0).tap(Chan::close)), Err("closed".to_owned()));
    let mut seen = Vec::new();
    let out = 'outer: loop {
        loop {
            select! {
                recv(c) -> v => match v {
                    Some(1) => continue 'outer,
                    Some(v) => seen.push(v),
                    None => break 'outer seen.len(),
                }
            }
        }
    };
    assert_eq!((out, seen), (3, vec![0, 2, 3]));
    for i in 0.. {
        select! { default => if i < 3 { continue } else { break } }
    }
}

trait Tap: Sized {
    fn tap(self, f: impl FnOnce(&Self)) -> Self {
        f(&self);
        self
    }
}

impl<T> Tap for T {}

#[test]
fn expressions_are_evaluated_once_and_in_source_order() {
    // J1 (T/chan/select5), also those of arms not chosen.
    let log = RefCell::new(Vec::new());
    let note = |name: &'static str, c: &Chan<u32>| {
        log.borrow_mut().push(name);
        c.clone()
    };
    let value = |name: &'static str, v: u32| {
        log.borrow_mut().push(name);
        v
    };
    let (never, ready) = (chan::<u32>(0), chan::<u32>(1));
    for _ in 0..20 {
        log.borrow_mut().clear();
        select! {
            recv(note("c1", &never)) -> _ => panic!(),
            send(note("c2", &never), value("v2", 1)) => panic!(),
            send(note("c3", &ready), value("v3", 2)) => log.borrow_mut().push("body"),
            send(note("c4", &Chan::nil()), value("v4", 3)) => panic!(),
            recv(note("c5", &never)) -> _ => panic!(),
        }
        assert_eq!(*log.borrow(), ["c1", "c2", "v2", "c3", "v3", "c4", "v4", "c5", "body"]);
        assert_eq!(ready.recv(), Some(2));
    }
    log.borrow_mut().clear();
    select! {
        send(note("c1", &never), value("v1", 1)) => panic!(),
        default => log.borrow_mut().push("default"),
    }
    assert_eq!(*log.borrow(), ["c1", "v1", "default"]);
}

#[test]
fn a_body_may_assign_to_the_channels_of_the_arms() {
    // T/chan/select: senders switched off by nil.
    let (mut a, mut b) = (chan::<u32>(3), chan::<u32>(3));
    (0..3).for_each(|i| {
        a.send(i);
        b.send(10 + i);
    });
    a.close();
    b.close();
    let mut got = Vec::new();
    while !(a.is_nil() && b.is_nil()) {
        select! {
            recv(a) -> v => match v { Some(v) => got.push(v), None => a = Chan::nil() },
            recv(b) -> v => match v { Some(v) => got.push(v), None => b = Chan::nil() },
        }
    }
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 10, 11, 12]);
}

#[test]
fn channels_may_be_places_temporaries_and_references() {
    struct Holder {
        c: Chan<u32>,
    }
    let holder = Holder { c: chan(1) };
    let by_ref = &&holder.c;
    select! { send(holder.c, 1) => {} }
    select! { recv(by_ref) -> v => assert_eq!(v, Some(1)) }
    select! { send(holder.c.send_only(), 2) => {} }
    select! { recv({ holder.c.clone().recv_only() }) -> v => assert_eq!(v, Some(2)) }
    let list = [holder.c.clone(), Chan::nil()];
    select! { send(list[0], 3) => {}, recv(&list[1]) -> _ => {} }
    assert_eq!(list.iter().map(Chan::len).sum::<usize>(), 1);
    let (mut tx, rx) = channel::<u32>(1);
    select! { send(&tx, 1) => {}, recv(rx) -> _ => {} }
    assert_eq!(rx.recv(), Some(1));
    let (boxed, counted, shared) = (Box::new(rx), Rc::new(chan::<u32>(0)), Arc::new(chan(1)));
    select! { send(&mut tx, 2) => {}, recv(counted) -> _ => {}, recv(*counted) -> _ => {} }
    select! { send(shared, 3) => {}, send(counted, 4) => {} }
    select! { recv(boxed) -> v => assert_eq!(v, Some(2)), recv(&shared) -> v => assert_eq!(v, Some(3)) }
}

#[test]
fn element_types_may_differ_and_coerce() {
    let words = chan::<&'static str>(1);
    let boxes = chan::<Box<dyn Fn(u32) -> u32 + Send>>(1);
    for _ in 0..2 {
        select! {
            send(boxes, Box::new(|n| n + 1)) => {}
            send(words, "w") => {}
        }
    }
    let add = boxes.recv().unwrap();
    assert_eq!((add(1), words.recv()), (2, Some("w")));
}

#[test]
fn a_send_arm_with_a_pattern_gets_the_value_back() {
    // J5, in the form that does not panic.
    let c = chan::<String>(1);
    let sent = select! { send(c, "a".to_owned()) -> sent => sent };
    assert_eq!(sent, Ok(()));
    c.close();
    let sent = select! { send(c, "b".to_owned()) -> sent => sent, default => Ok(()) };
    assert_eq!(sent, Err(SendError("b".to_owned())));
}

#[test]
fn a_select_may_have_many_arms() {
    // J9
    let c: Vec<Chan<usize>> = (0..24).map(|_| chan(0)).collect();
    let never = chan::<usize>(0);
    for i in 0..24 {
        let d = c[i].clone();
        let sender = go(move || d.send(i));
        let got = select! {
            recv(c[0]) -> v => v, recv(c[1]) -> v => v, recv(c[2]) -> v => v,
            recv(c[3]) -> v => v, recv(c[4]) -> v => v, recv(c[5]) -> v => v,
            recv(c[6]) -> v => v, recv(c[7]) -> v => v, recv(c[8]) -> v => v,
            recv(c[9]) -> v => v, recv(c[10]) -> v => v, recv(c[11]) -> v => v,
            recv(c[12]) -> v => v, recv(c[13]) -> v => v, recv(c[14]) -> v => v,
            recv(c[15]) -> v => v, recv(c[16]) -> v => v, recv(c[17]) -> v => v,
            recv(c[18]) -> v => v, recv(c[19]) -> v => v, recv(c[20]) -> v => v,
            recv(c[21]) -> v => v, recv(c[22]) -> v => v, recv(c[23]) -> v => v,
            send(never, i) => None, send(never, i) => None, send(never, i) => None,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
            recv(never) -> v => v, recv(never) -> v => v, recv(never) -> v => v,
        };
        assert_eq!(got, Some(i));
        sender.join().unwrap();
    }
}

#[test]
fn a_select_within_a_select() {
    let (a, b) = (chan::<u32>(1), chan::<u32>(1));
    a.send(1);
    b.send(2);
    let sum = select! {
        recv(a) -> x => x.unwrap() + select! {
            recv(b) -> y => y.unwrap(),
            default => 100,
        },
        send(Chan::nil(), select! { default => 7 }) => 200,
    };
    assert_eq!(sum, 3);
}

/// Arms whose bodies come from another macro (SEMANTICS J1).
macro_rules! or_else {
    (expr $c:expr, $v:pat => $body:expr, $other:expr) => {
        select! { recv($c) -> $v => $body, default => $other }
    };
    (literal $c:expr, $body:literal) => {
        select_biased! { default => $body, recv($c) -> _ => $body }
    };
    (block $c:expr, $body:block $other:block) => {
        select! { recv($c) -> _ => $body default => $other }
    };
    (eight $c:expr, $body:expr, $l:literal, $b:block) => {
        select! {
            recv($c) -> _ => $b
            recv($c) -> _ => { $body }
            recv($c) -> _ => $b,
            recv($c) -> _ => $l,
            recv($c) -> _ => $body,
            recv($c) -> _ => { $l }
            recv($c) -> _ => $b
            recv($c) -> _ => { $body }
            recv($c) -> _ => $l
        }
    };
    (blocks $c:expr, $body:expr) => {
        select! {
            recv($c) -> _ => { $body } recv($c) -> _ => { $body } recv($c) -> _ => { $body }
            recv($c) -> _ => { $body } recv($c) -> _ => { $body } recv($c) -> _ => { $body }
            recv($c) -> _ => { $body } recv($c) -> _ => { $body } recv($c) -> _ => { $body }
        }
    };
}

#[test]
fn a_body_may_be_a_fragment_of_a_macro() {
    let c = chan(1);
    c.send(4);
    assert_eq!(or_else!(expr c, x => x.unwrap() + 1, 0), 5);
    assert_eq!(or_else!(expr c, x => x.unwrap() + 1, 0), 0);
    assert_eq!(or_else!(literal c, 7), 7);
    assert_eq!(or_else!(block c, { 1 } { 2 }), 2);
    c.close();
    assert_eq!(or_else!(eight c, 3 + 4, 7, { 7 }), 7);
    let slot = 9; // the name of a variable of the macro's own
    assert_eq!(or_else!(blocks c, slot), 9);
}

/// Items are not hygienic, and a pattern that names one is that item: the macro's variables are called as nobody's are.
mod where_items_are_called_as_variables_are {
    #![allow(non_upper_case_globals, dead_code, reason = "as in what bindgen writes")]

    use gaggle_hchan::{chan, select, select_biased};

    static chosen: u32 = 0;
    static slot: u32 = 1;
    const s0: u8 = 2;
    const s7: u8 = 3;

    #[test]
    fn a_select_means_its_own() {
        let c = chan::<u32>(1);
        select! {
            send(c, 7) => {},
            recv(c) -> _ => unreachable!(),
        }
        let got = select_biased! {
            recv(c) -> it => it,
            default => None,
        };
        let many = select! {
            recv(c) -> it => it,
            recv(c) -> it => it,
            recv(c) -> it => it,
            recv(c) -> it => it,
            recv(c) -> it => it,
            recv(c) -> it => it,
            recv(c) -> it => it,
            recv(c) -> it => it,
            default => Some(9),
        };
        assert_eq!((got, many), (Some(7), Some(9)));
    }
}
