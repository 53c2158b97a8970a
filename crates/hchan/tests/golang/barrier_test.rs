//! From `runtime/chanbarrier_test.go`: what was written before a send is there after the receive.

use crate::env::{go, yield_now};
use gaggle_hchan::{Chan, chan, select};

tests! { test_chan_send_select_barrier test_chan_send_barrier }

/// A value behind a pointer, fresh for each message.
struct Response {
    number: u32,
    text: String,
}

/// How a responder answers.
type Answer = fn(&Chan<Box<Response>>, Box<Response>);

/// TestChanSendSelectBarrier: Y7, J7.
fn test_chan_send_select_barrier(cap: usize) {
    barrier(cap, |c, response| {
        let never = chan::<Box<Response>>(0);
        select! { send(c, response) => {}, recv(never) -> _ => panic!("nobody sends there") }
    });
}

/// TestChanSendBarrier: Y7.
fn test_chan_send_barrier(cap: usize) {
    barrier(cap, |c, response| c.send(response));
}

fn barrier(cap: usize, answer: Answer) {
    const PAIRS: u32 = 10;
    const EACH: u32 = 100;
    let all: Vec<_> = (0..PAIRS)
        .map(|pair| {
            go(move || {
                for number in 0..EACH {
                    let c = chan::<Box<Response>>(cap);
                    let out = c.clone();
                    drop(go(move || {
                        let text = format!("{pair} {number}");
                        answer(&out, Box::new(Response { number, text }));
                    }));
                    let garbage: Vec<_> = (0..3).map(|i| format!("{i}")).collect();
                    let got = c.recv().expect("it answers");
                    assert_eq!((got.number, got.text), (number, format!("{pair} {number}")));
                    drop(garbage);
                    if number % 10 == 0 {
                        yield_now();
                    }
                }
            })
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
}
