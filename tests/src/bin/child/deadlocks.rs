//! Programs in which everybody waits for somebody else (SEMANTICS H1-H5, AA6).

use crate::Start::Main;
use crate::{Program, not_last, wait_for_nobody};
use gaggle::sync::{BareMutex, WaitGroup};
use gaggle::{Chan, Select, chan, go, runtime, select, spawn, time};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("deadlock_simple", Main(wait_for_nobody)),
    ("deadlock_every_reason", Main(every_reason)),
    ("deadlock_after_work", Main(after_work)),
    ("deadlock_dynamic", Main(dynamic)),
    ("deadlock_pinned", Main(pinned)),
    ("deadlock_pinned_other", Main(pinned_other)),
    ("deadlock_locked", Main(locked)),
    ("deadlock_locked_other", Main(locked_other)),
    ("deadlock_after_a_thread", Main(after_a_thread)),
    ("deadlock_after_a_sleep", Main(after_a_sleep)),
    ("deadlock_after_a_timeout", Main(after_a_timeout)),
    ("deadlock_after_net", Main(after_net)),
    ("deadlock_after_a_future", Main(|| after_a_future(wait_for_nobody))),
    ("deadlock_in_a_later_future", Main(|| after_a_future(waits_in_a_future))),
    ("deadlock_without_a_thread", Main(without_a_thread)),
    ("deadlock_second_run", crate::Start::Thread(second_run)),
];

/// Another M is asked for and cannot be made; meanwhile all go to sleep. As a user who may have no more threads: root
/// may have as many as it likes.
fn without_a_thread() {
    const NOBODY: libc::uid_t = 65_534;
    let limit = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
    // SAFETY: a limit for this process alone.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const limit) }, 0);
    // SAFETY: three numbers; only root may, and only root must.
    unsafe { libc::setresuid(NOBODY, NOBODY, NOBODY) };
    runtime::gomaxprocs(8);
    let never = chan::<u32>(0);
    for _ in 0..8 {
        let c = never.clone();
        go(move || blocks_in_receive(c));
    }
    wait_for_nobody();
}

#[inline(never)]
fn blocks_in_send(c: Chan<u32>) {
    c.send(1);
    not_last();
}

#[inline(never)]
fn blocks_in_receive(c: Chan<u32>) {
    c.recv();
    not_last();
}

#[inline(never)]
fn blocks_in_nil_receive() {
    Chan::<u32>::nil().recv();
    not_last();
}

#[inline(never)]
fn blocks_in_nil_send() {
    Chan::<u32>::nil().send(1);
    not_last();
}

#[inline(never)]
fn blocks_in_select(a: Chan<u32>, b: Chan<u32>) {
    select! {
        recv(a) -> _ => {},
        send(b, 1) => {},
    }
}

#[inline(never)]
fn blocks_in_empty_select() {
    select! {}
}

#[inline(never)]
fn blocks_in_lock(mutex: &BareMutex) {
    mutex.lock();
    not_last();
}

#[inline(never)]
fn blocks_in_wait(wg: &WaitGroup) {
    wg.wait();
    not_last();
}

#[inline(never)]
fn blocks_in_join() {
    let never = spawn(blocks_in_nil_send);
    assert!(never.join().is_ok());
    not_last();
}

/// One goroutine for each way to wait. They start one after the other, so their numbers are known.
fn every_reason() {
    let (full, empty, wg) = (chan(1), chan(0), WaitGroup::new());
    let mutex = Arc::new(BareMutex::new());
    mutex.lock();
    wg.add(1);
    full.send(0);
    let wants = full.clone();
    go(move || blocks_in_send(wants));
    let wants = empty.clone();
    go(move || blocks_in_receive(wants));
    let (a, b) = (empty.clone(), full.clone());
    go(move || blocks_in_select(a, b));
    go(blocks_in_empty_select);
    go(blocks_in_nil_receive);
    go(move || blocks_in_lock(&mutex));
    go(blocks_in_join);
    blocks_in_wait(&wg);
}

/// Much has happened before: threads were started, goroutines stolen, timers fired.
fn after_work() {
    let results = chan(4);
    for at in 0..200_u64 {
        let results = results.clone();
        go(move || {
            if at % 50 == 0 {
                gaggle::time::sleep(std::time::Duration::from_millis(1));
            }
            results.send(at);
        });
    }
    let sum: u64 = (0..200).filter_map(|_| results.recv()).sum();
    println!("{sum}");
    wait_for_nobody();
}

/// Selects whose cases are known only at run time: of one, of a nil channel, of a send that is done.
fn dynamic() {
    go(|| {
        let nil = Chan::<u32>::nil();
        let mut select = Select::new();
        select.recv(&nil);
        drop(select.wait());
    });
    go(|| {
        let once = chan(1);
        let mut select = Select::new();
        select.send(&once, 1);
        drop(select.wait());
        drop(select.wait());
    });
    let nobody = chan::<u32>(0);
    let mut select = Select::new();
    select.recv(&nobody);
    drop(select.wait());
}

/// LockedDeadlock: main keeps its thread and blocks.
fn locked() {
    runtime::lock_os_thread();
    wait_for_nobody();
}

/// LockedDeadlock2: a locked goroutine waits, and so does main.
fn locked_other() {
    go(|| {
        runtime::lock_os_thread();
        select! {}
    });
    gaggle::time::sleep(std::time::Duration::from_millis(1));
    select! {}
}

/// The same of one that is pinned.
fn pinned() {
    gaggle_sched::pin(wait_for_nobody);
}

/// TestLockedDeadlock2: a pinned goroutine waits, and so does main.
fn pinned_other() {
    go(|| gaggle_sched::pin(|| select! {}));
    runtime::gosched();
    select! {}
}

/// A foreign thread keeps the check silent while it lives (SEMANTICS H8), and no longer.
fn after_a_thread() {
    drop(std::thread::spawn(|| {
        gaggle::time::sleep(std::time::Duration::from_millis(100));
        println!("the thread has ended");
    }));
    wait_for_nobody();
}

/// TestSleepZeroDeadlock and its kind: a timer that has fired keeps nobody alive.
fn after_a_sleep() {
    go(|| gaggle::time::sleep(std::time::Duration::from_millis(5)));
    gaggle::time::sleep(std::time::Duration::ZERO);
    wait_for_nobody();
}

/// A time-out that a value has beaten keeps nobody alive, however long it was.
fn after_a_timeout() {
    let c = chan(0);
    let theirs = c.clone();
    go(move || {
        gaggle::time::sleep(std::time::Duration::from_millis(5));
        theirs.send(7);
    });
    println!("{:?}", c.recv_timeout(std::time::Duration::from_secs(3600)));
    wait_for_nobody();
}

/// The first run leaves a goroutine behind, the second one deadlocks.
fn second_run() {
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(|| go(blocks_in_nil_receive)) };
    println!("between");
    // SAFETY: as above.
    unsafe { gaggle::run(wait_for_nobody) };
}

/// TestNetpollDeadlock: the poller was used, and nobody waits for it any more.
fn after_net() {
    use gaggle::net::{TcpListener, TcpStream};
    use std::io::{Read, Write};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let answers = spawn(move || listener.accept().unwrap().0.write_all(b"!").unwrap());
    let mut byte = [0];
    TcpStream::connect(addr).unwrap().read_exact(&mut byte).unwrap();
    answers.join().unwrap();
    wait_for_nobody();
}

/// A future gave up on a descriptor that is still there, and `then` waits for something else.
fn after_a_future(then: fn()) {
    use futures_io::AsyncRead;
    use gaggle::net::{UnixStream, block_on};
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let (late, mut byte, mut polls) = (Arc::new(AtomicBool::new(false)), [0], 0);
    block_on(poll_fn(|cx| {
        let read = Pin::new(&mut &ours).poll_read(cx, &mut byte);
        assert!(read.is_pending());
        polls += 1;
        if polls == 1 {
            let (waker, late) = (cx.waker().clone(), Arc::clone(&late));
            go(move || {
                time::sleep(Duration::from_millis(1));
                late.store(true, Ordering::Relaxed);
                waker.wake();
            });
        }
        if late.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }));
    then();
    drop(ours);
}

fn waits_in_a_future() {
    gaggle::net::block_on(std::future::pending::<()>());
    not_last();
}
