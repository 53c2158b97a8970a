//! Programs that look idle for a while and are not deadlocked (SEMANTICS H3, H6, H8).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::{chan, go, time};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("alive_sleep", Main(sleep)),
    ("alive_after", Main(after)),
    ("alive_timeout", Main(timeout)),
    ("alive_thread", Main(thread)),
    ("alive_partial", Main(partial)),
    ("alive_many_ways", Main(many_ways)),
    ("alive_pinned", Main(pinned)),
    ("alive_net", Main(net)),
    ("alive_between_runs", Thread(between_runs)),
];

const A_WHILE: Duration = Duration::from_millis(40);

fn sleep() {
    let c = chan(0);
    let theirs = c.clone();
    go(move || {
        time::sleep(A_WHILE);
        theirs.send("slept");
    });
    println!("{}", c.recv().unwrap());
}

fn after() {
    let due = time::after(A_WHILE);
    println!("{}", due.recv().is_some());
}

fn timeout() {
    println!("{}", chan::<u32>(0).recv_timeout(A_WHILE).unwrap_err());
}

/// A thread of the user's will send, long after everybody has gone to sleep.
fn thread() {
    let c = chan(0);
    let theirs = c.clone();
    drop(std::thread::spawn(move || {
        time::sleep(4 * A_WHILE);
        theirs.send("sent by a thread");
        // The process ends when main returns, with this thread in the middle of nothing.
        time::sleep(Duration::from_secs(3600));
    }));
    println!("{}", c.recv().unwrap());
}

/// Two that wait for each other are no concern of those who do not.
fn partial() {
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    let (c, d) = (a.clone(), b.clone());
    go(move || {
        let got = a.recv();
        b.send(got.unwrap_or(0));
    });
    go(move || {
        let got = d.recv();
        c.send(got.unwrap_or(0));
    });
    time::sleep(A_WHILE);
    println!("main returns");
}

/// Short waits of every kind, one after the other: at each of them all goroutines are asleep.
fn many_ways() {
    let short = Duration::from_micros(300);
    let c = chan(0);
    for _ in 0..5 {
        let theirs = c.clone();
        let thread = std::thread::spawn(move || {
            time::sleep(short);
            theirs.send(1);
        });
        assert_eq!(c.recv(), Some(1));
        let theirs = c.clone();
        go(move || {
            time::sleep(short);
            theirs.send(2);
        });
        assert_eq!(c.recv(), Some(2));
        assert!(time::after(short).recv().is_some());
        assert!(c.recv_timeout(short).is_err());
        thread.join().unwrap();
    }
    println!("done");
}

/// The only one who is not blocked for good keeps its thread, and waits with it.
fn pinned() {
    for _ in 0..3 {
        go(crate::wait_for_nobody);
    }
    let short = Duration::from_micros(300);
    gaggle_sched::pin(|| {
        for _ in 0..10 {
            time::sleep(short);
            let c = chan::<u32>(0);
            assert!(c.recv_timeout(short).is_err());
            let theirs = c.clone();
            let thread = std::thread::spawn(move || theirs.send(1));
            assert_eq!(c.recv(), Some(1));
            thread.join().unwrap();
        }
    });
    println!("done");
}

/// Between two runs nobody need be awake.
fn between_runs() {
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(|| go(|| gaggle::select! {})) };
    time::sleep(A_WHILE);
    // SAFETY: as above.
    println!("{}", unsafe { gaggle::run(|| 42) });
}

/// Another process writes to a pipe, long after everybody has gone to sleep; no thread of ours knows.
fn net() {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let mut other = Command::new("sh");
    let mut other =
        other.args(["-c", "sleep 0.3; echo written"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = gaggle::net::File::from(other.stdout.take().unwrap());
    let c = chan(0);
    let theirs = c.clone();
    go(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        theirs.send(text);
    });
    print!("{}", c.recv().unwrap());
    other.wait().unwrap();
}
