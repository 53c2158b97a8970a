//! Hyper's timer, by hyper's trait.

use common::{run, watch};
use gaggle_net::{HyperTimer, TcpListener, TcpStream, block_on};
use hyper::rt::{Read, ReadBuf, Timer};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

mod common;

const A_WHILE: Duration = Duration::from_millis(5);

/// Each way to ask for a sleep; none is early.
fn sleeps() {
    let timer = HyperTimer;
    let begin = Instant::now();
    block_on(timer.sleep(A_WHILE));
    assert!(begin.elapsed() >= A_WHILE);
    let deadline = Instant::now() + A_WHILE;
    block_on(timer.sleep_until(deadline));
    assert!(Instant::now() >= deadline);
    let mut sleep = timer.sleep(Duration::from_secs(1_000_000));
    block_on(poll_fn(|cx| {
        assert!(sleep.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    }));
    let deadline = Instant::now() + A_WHILE;
    timer.reset(&mut sleep, deadline);
    block_on(sleep);
    assert!(Instant::now() >= deadline);
}

/// A connection that says nothing, and a limit, as hyper puts them together.
fn limits_a_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let _silent = listener.accept().unwrap();
    let mut limit = pin!(HyperTimer.sleep(A_WHILE));
    let mut byte = [0];
    block_on(poll_fn(|cx| {
        let mut buf = ReadBuf::new(&mut byte);
        assert!(Pin::new(&mut client).poll_read(cx, buf.unfilled()).is_pending());
        limit.as_mut().poll(cx)
    }));
}

#[test]
fn a_sleep_comes_on_a_goroutine() {
    watch();
    run(sleeps);
    run(limits_a_read);
}

/// While a future waits, a bubble's clock stands still (SEMANTICS W3): its limits come by the kernel's.
#[test]
fn a_sleep_comes_in_a_bubble() {
    watch();
    run(|| gaggle_synctest::test(sleeps));
    run(|| gaggle_synctest::test(limits_a_read));
}
