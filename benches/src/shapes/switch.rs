//! Going from one goroutine to another.

use super::{Shape, Weight, Work};
use gaggle::chan;
use gaggle::runtime::gosched;
use gaggle::runtime::trace::FlightRecorder;
use gaggle::sync::WaitGroup;

pub(super) static SHAPES: [Shape; 3] = [
    Shape {
        name: "gosched_two",
        about: "one gosched, in one of two goroutines that do nothing else",
        n: 4_000_000,
        weight: Weight::Light,
        work: Work::Warm(gosched_two),
    },
    Shape {
        name: "pingpong_unbuffered",
        about: "a value there and a value back over two unbuffered channels",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Warm(pingpong_unbuffered),
    },
    Shape {
        name: "pingpong_traced",
        about: "pingpong_unbuffered while a flight recorder of the execution trace runs",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Warm(pingpong_traced),
    },
];

fn gosched_two(n: u64) {
    let wg = WaitGroup::new();
    for half in [n / 2, n - n / 2] {
        wg.go(move || {
            for _ in 0..half {
                gosched();
            }
        });
    }
    wg.wait();
}

fn pingpong_traced(n: u64) {
    let recorder = FlightRecorder::new().max_bytes(4 << 20);
    recorder.start().expect("no other runs");
    pingpong_unbuffered(n);
    recorder.stop();
}

fn pingpong_unbuffered(n: u64) {
    let (ping, pong) = (chan::<u64>(0), chan::<u64>(0));
    let (there, back) = (ping.clone(), pong.clone());
    gaggle::go(move || {
        for value in there.iter() {
            back.send(value + 1);
        }
        back.close();
    });
    let mut value = 0;
    for _ in 0..n {
        ping.send(value);
        value = pong.recv().expect("the partner answers");
    }
    ping.close();
    assert_eq!((value, pong.recv()), (n, None));
}
