//! Who waits for whom: circles are found, whoever else goes on; who waits in order is in none.

#[path = "support/settled.rs"]
mod settled;

use gaggle_hchan::{chan, select};
use gaggle_insight::{LineKind, Wait, Waits, lines, waits};
use gaggle_runtime::{go, gosched, run, spawn};
use gaggle_sched::Sighting;
use gaggle_sync::{BareMutex, RwMutex, WaitGroup, lockorder};
use gaggle_synctest as synctest;
use settled::yield_until_all_wait;
use std::process::Command;
use std::time::Duration;

const PART: &str = "GAGGLE_WATCH_PART";

/// What is known once `f` has ended and all it started have had time to park.
fn waits_after(f: impl FnOnce() + Send + 'static) -> Waits {
    let main = move || {
        lockorder::check();
        spawn(f).join().unwrap();
        yield_until_all_wait();
        waits()
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) }
}

/// Two goroutines that take two locks of which each has the other's first.
fn crossed(first: &'static BareMutex, second: &'static RwMutex<u32>) {
    let both = WaitGroup::new();
    both.add(2);
    let theirs = both.clone();
    go(move || {
        first.lock();
        both.done();
        both.wait();
        *second.write() += 1;
    });
    go(move || {
        let _read = second.read();
        theirs.done();
        theirs.wait();
        first.lock();
    });
}

#[cfg(debug_assertions)] // where locks are watched
#[test]
fn a_circle_of_locks_is_found_with_who_holds_what_since_when() {
    static FIRST: BareMutex = BareMutex::new();
    static SECOND: RwMutex<u32> = RwMutex::new(0);
    let waits = waits_after(|| crossed(&FIRST, &SECOND));
    let text = waits.to_string();
    assert!(text.starts_with("these wait for each other in a circle, for ever:\n"), "{text}");
    for part in ["[sync.Mutex.Lock] waits for goroutine ", "[sync.RWMutex.Lock] waits for"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(text.matches(", which has held lock 0x").count() >= 2, "{text}");
    assert!(text.matches("taken here:\n").count() >= 2, "{text}");
    assert!(text.contains("created by go statement in goroutine "), "{text}");
}

#[test]
fn a_circle_of_channels_whose_handles_are_all_within_it_is_found() {
    let circle = || {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (to_a, from_b) = (a.clone(), b.clone());
        go(move || b.send(a.recv().unwrap_or(0)));
        go(move || to_a.send(from_b.recv().unwrap_or(0)));
    };
    // A number that looks like an address may hide one.
    let found = (0..8).any(|_| waits_after(circle).circles().iter().any(|it| it.len() == 2));
    assert!(found);
}

/// Negative control: the one goes on when its time has come, and the other then.
#[cfg(debug_assertions)] // where locks are watched
#[test]
fn who_waits_until_a_time_limit_is_in_no_circle() {
    static FIRST: BareMutex = BareMutex::new();
    static SECOND: BareMutex = BareMutex::new();
    let waits = waits_after(|| {
        let both = WaitGroup::new();
        both.add(2);
        let theirs = both.clone();
        go(move || {
            FIRST.lock();
            theirs.done();
            theirs.wait();
            assert!(SECOND.lock_timeout(Duration::from_secs(3600)));
        });
        go(move || {
            SECOND.lock();
            both.done();
            both.wait();
            FIRST.lock();
        });
    });
    let locks = [(&raw const FIRST).addr(), (&raw const SECOND).addr()];
    let ours = |wait: &&Wait| wait.lock.as_ref().is_some_and(|it| locks.contains(&it.lock));
    let who: Vec<u64> = waits.all().iter().filter(ours).map(|wait| wait.waiter).collect();
    assert_eq!(who.len(), 2, "each waits for a lock that the other holds: {waits}");
    assert!(!waits.circles().iter().flatten().any(|it| who.contains(it)), "{waits}");
}

/// Not a test: a program in which one of two neighbours was taken before anybody watched.
#[test]
fn has_neighbours_if_asked_to() {
    static LOCKS: [BareMutex; 2] = [BareMutex::new(), BareMutex::new()];
    if std::env::var(PART).as_deref() != Ok("neighbours") {
        return;
    }
    let main = || {
        LOCKS[1].lock();
        lockorder::check();
        let never = chan::<u32>(0);
        let late = never.clone();
        go(move || {
            LOCKS[0].lock();
            let _ = late.recv_timeout(Duration::from_secs(10_000));
        });
        yield_until_all_wait();
        go(|| LOCKS[1].lock());
        yield_until_all_wait();
        println!("{} {}", waits().all().len(), lines().iter().all(|it| it.holder.is_none()));
        drop(never);
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) }
}

/// Who waits for a lock does not wait for who holds the one beside it.
#[test]
fn locks_that_lie_side_by_side_are_told_from_each_other() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "has_neighbours_if_asked_to", "--nocapture"])
        .env(PART, "neighbours")
        .env("GAGGLE_LOCKORDER", "0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("0 true\n"), "{output:?}");
}

/// Each of a crowd could name all others.
#[test]
fn who_waits_in_a_crowd_names_a_few_of_it() {
    let crowd = || {
        let c = chan::<u32>(0);
        for _ in 0..200 {
            let c = c.clone();
            go(move || _ = c.recv());
        }
    };
    // A number that looks like an address may hide them.
    let named = (0..8).map(|_| {
        let waits = waits_after(crowd);
        let most = waits.leaks().iter().map(|leak| {
            let by_it = waits.all().iter().filter(|wait| wait.waiter == leak.goid());
            by_it.count()
        });
        most.max().unwrap_or(0)
    });
    let most = named.max().unwrap_or(0);
    assert!((1..=16).contains(&most), "{most} are named");
}

/// Negative control.
#[test]
fn who_waits_for_one_who_goes_on_is_in_no_circle() {
    static LOCK: BareMutex = BareMutex::new();
    let waits = waits_after(|| {
        let never = chan::<u32>(0);
        let late = never.clone();
        go(move || {
            LOCK.lock();
            let _ = late.recv_timeout(Duration::from_secs(10_000));
            LOCK.unlock();
        });
        gosched();
        go(|| LOCK.lock());
        drop(never);
    });
    let lock = (&raw const LOCK).addr();
    let is_it = |wait: &&Wait| wait.lock.as_ref().is_some_and(|it| it.lock == lock);
    for wait in waits.all().iter().filter(is_it) {
        let in_it =
            |circle: &Vec<u64>| circle.contains(&wait.waiter) || circle.contains(&wait.holder);
        assert!(!waits.circles().iter().any(in_it), "{waits}");
    }
}

/// Not a test: a program that the watchdog watches.
#[test]
fn is_stuck_if_asked_to() {
    if std::env::var_os(PART).is_none() {
        return;
    }
    static FIRST: BareMutex = BareMutex::new();
    static SECOND: RwMutex<u32> = RwMutex::new(0);
    let main = || {
        crossed(&FIRST, &SECOND);
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while std::time::Instant::now() < end {
            std::hint::spin_loop(); // no switch point
        }
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_insight::macro_support::main_entry(Some(2), main) };
}

#[test]
fn the_watchdog_tells_of_circles_of_long_runs_and_of_locks_held_for_long() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "is_stuck_if_asked_to", "--nocapture"]);
    child.env(PART, "1").env("GAGGLE_DEBUG", "watch=500ms");
    let mut child = child.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    let mut lines = std::io::BufReader::new(child.stderr.take().unwrap());
    let wanted: &[&str] = if cfg!(debug_assertions) {
        &["in a circle, for ever:", " without a switch point", " has held lock 0x"]
    } else {
        &[" without a switch point"]
    };
    // The child ends by itself if they do not come.
    while wanted.iter().any(|part| !text.contains(part)) {
        if std::io::BufRead::read_line(&mut lines, &mut text).unwrap() == 0 {
            panic!("not all was told:\n{text}");
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// W3: those of a bubble wait for what there is, too.
#[test]
fn lines_of_a_bubble_are_listed() {
    let kinds = || {
        synctest::test(|| {
            let (gate, group) = (chan::<()>(0), WaitGroup::new());
            group.add(1);
            let (theirs, others) = (gate.clone(), gate.clone());
            go(move || _ = theirs.recv());
            go(move || select! { recv(others) -> _ => {}, recv(chan::<()>(0)) -> _ => {} });
            let waiter = group.clone();
            go(move || waiter.wait());
            synctest::wait();
            // Other tests run beside this one, in no bubble.
            let durable = |it: &Sighting| it.reason().is_some_and(|reason| reason.is_durable());
            let mut kinds: Vec<_> = lines()
                .iter()
                .filter(|line| line.waiters.iter().all(durable))
                .map(|line| (line.kind, line.waiters.len()))
                .collect();
            kinds.sort_by_key(|(kind, count)| (kind.word(), *count));
            gate.close();
            group.done();
            kinds
        })
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let kinds = unsafe { run(kinds) };
    let (chan, group) = (LineKind::Chan, LineKind::WaitGroup);
    assert_eq!(kinds, [(chan, 1), (chan, 2), (group, 1)]);
}
