//! The jobs: each takes some milliseconds and checks its own result.

use crate::rng::Rng;
use crate::{arch, more_jobs};

use gaggle::sync::{Mutex, WaitGroup};
use gaggle::{chan, go, runtime, select, spawn, time};
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{Read, Write, pipe};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A job's name and what it does.
pub(crate) type Job = (&'static str, fn(&mut Rng));

pub(crate) const JOBS: [Job; 25] = [
    ("spin", spin),
    ("malloc", malloc),
    ("float", float),
    ("vector", arch::vector),
    ("std_mutex", std_mutex),
    ("thread_local", thread_local),
    ("pipe", pipes),
    ("kernel_sleep", kernel_sleep),
    ("syscall", syscall),
    ("pipeline", pipeline),
    ("mesh", mesh),
    ("mutex", mutex),
    ("timers", timers),
    ("spawn_storm", spawn_storm),
    ("panic", panics),
    ("pinned", pinned),
    ("locked", locked),
    ("child", child),
    ("print", print),
    ("moved_timers", more_jobs::moved_timers),
    ("contexts", more_jobs::contexts),
    ("readers", more_jobs::readers),
    ("pool", more_jobs::pool),
    ("dump", more_jobs::dump),
    ("goroutine_local", more_jobs::goroutine_local),
];

pub(crate) fn micros(rng: &mut Rng, most: u64) -> Duration {
    Duration::from_micros(1 + rng.below(most))
}

/// Computes without a switch point, up to twice a time slice.
fn spin(rng: &mut Rng) {
    let (length, begin) = (micros(rng, 20_000), Instant::now());
    let mut sum = 0_u64;
    while begin.elapsed() < length {
        (0..1000).for_each(|i| sum = std::hint::black_box(sum.wrapping_add(i)));
    }
    assert_eq!(sum % 499_500, 0);
}

fn malloc(rng: &mut Rng) {
    let mut map = HashMap::new();
    let count = 200 + rng.below(2000);
    for i in 0..count {
        map.insert(format!("key {i}"), vec![i; (i % 17) as usize]);
        if i % 3 == 0 {
            map.remove(&format!("key {}", i / 2));
        }
    }
    for (key, values) in &map {
        let i: u64 = key[4..].parse().unwrap();
        assert!(values.len() as u64 == i % 17 && values.iter().all(|it| *it == i));
    }
}

fn float(rng: &mut Rng) {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (a, b)| a.mul_add(*b, sum));
    let a: Vec<f64> = (0..4096).map(|i| f64::from(i).sin()).collect();
    let right = dot(&a, &a).to_bits();
    for _ in 0..1 + rng.below(500) {
        assert_eq!(std::hint::black_box(dot(&a, &a)).to_bits(), right);
    }
}

/// Holders that compute are stopped with the lock in their hands; others block their threads.
fn std_mutex(rng: &mut Rng) {
    static SHARED: std::sync::Mutex<[u64; 32]> = std::sync::Mutex::new([0; 32]);
    for _ in 0..1 + rng.below(200) {
        let mut all = SHARED.lock().unwrap();
        let first = all[0];
        for it in all.iter_mut() {
            assert_eq!(*it, first);
            *it += 1;
        }
    }
}

fn thread_local(rng: &mut Rng) {
    thread_local! {
        static MARK: Cell<u64> = const { Cell::new(0) };
    }
    #[inline(never)]
    fn one(mine: u64) {
        MARK.with(|mark| {
            mark.set(mine);
            (0..2_000).for_each(|i| _ = std::hint::black_box(i));
            assert_eq!(mark.get(), mine);
        });
    }
    (0..1 + rng.below(500)).for_each(|_| one(rng.next()));
}

/// A reader that nobody has announced as blocking, and a writer that computes in between.
fn pipes(rng: &mut Rng) {
    let (mut end, mut start) = pipe().unwrap();
    let count = 1 + rng.below(20);
    let reader = spawn(move || {
        let mut sum = 0;
        let mut byte = [0];
        while end.read(&mut byte).unwrap() == 1 {
            sum += u64::from(byte[0]);
        }
        sum
    });
    for i in 0..count {
        start.write_all(&[i as u8]).unwrap();
        if rng.below(3) == 0 {
            time::sleep(micros(rng, 500));
        }
    }
    drop(start);
    assert_eq!(reader.join().unwrap(), count * (count - 1) / 2);
}

fn kernel_sleep(rng: &mut Rng) {
    let length = micros(rng, 5_000);
    let begin = Instant::now();
    std::thread::sleep(length);
    assert!(begin.elapsed() >= length);
}

fn syscall(rng: &mut Rng) {
    for _ in 0..1 + rng.below(10) {
        let length = micros(rng, 300);
        assert_eq!(runtime::syscall(|| (std::thread::sleep(length), 7).1), 7);
    }
}

fn pipeline(rng: &mut Rng) {
    let (count, stages) = (1 + rng.below(300), 1 + rng.below(6));
    let first = chan::<u64>(rng.below(3) as usize);
    let mut last = first.clone();
    for _ in 0..stages {
        let (from, to) = (last, chan::<u64>(rng.below(3) as usize));
        last = to.clone();
        go(move || {
            from.iter().for_each(|n| to.send(n + 1));
            to.close();
        });
    }
    go(move || {
        (0..count).for_each(|n| first.send(n));
        first.close();
    });
    assert_eq!(last.iter().sum::<u64>(), count * (count - 1) / 2 + count * stages);
}

fn mesh(rng: &mut Rng) {
    let each = 1 + rng.below(100);
    let (a, b) = (chan::<u64>(rng.below(2) as usize), chan::<u64>(0));
    let wg = WaitGroup::new();
    for _ in 0..3 {
        let (a, b) = (a.clone(), b.clone());
        wg.go(move || {
            for n in 0..each {
                select! {
                    send(a, n) => {},
                    send(b, n) => {},
                }
            }
        });
    }
    let mut sum = 0;
    for _ in 0..3 * each {
        sum += select! {
            recv(a) -> n => n.unwrap(),
            recv(b) -> n => n.unwrap(),
        };
    }
    wg.wait();
    assert_eq!(sum, 3 * each * (each - 1) / 2);
}

fn mutex(rng: &mut Rng) {
    let (shared, wg, each) = (Arc::new(Mutex::new(0)), WaitGroup::new(), 1 + rng.below(200));
    for _ in 0..4 {
        let shared = Arc::clone(&shared);
        wg.go(move || {
            for i in 0..each {
                let mut sum = shared.lock();
                *sum += i;
                if i % 50 == 7 {
                    runtime::gosched(); // with the lock held
                }
            }
        });
    }
    wg.wait();
    assert_eq!(*shared.lock(), 4 * each * (each - 1) / 2);
}

fn timers(rng: &mut Rng) {
    let never = chan::<()>(0);
    for _ in 0..1 + rng.below(5) {
        let length = micros(rng, 3_000);
        let begin = Instant::now();
        select! {
            recv(never) -> _ => unreachable!(),
            recv(time::after(length)) -> _ => assert!(begin.elapsed() >= length),
        }
        assert!(never.recv_timeout(micros(rng, 500)).is_err());
    }
}

fn spawn_storm(rng: &mut Rng) {
    let (count, sum, wg) = (1 + rng.below(2_000), Arc::new(AtomicU64::new(0)), WaitGroup::new());
    for i in 0..count {
        let sum = Arc::clone(&sum);
        wg.go(move || _ = sum.fetch_add(i, Ordering::Relaxed));
    }
    wg.wait();
    assert_eq!(sum.load(Ordering::Relaxed), count * (count - 1) / 2);
}

/// Unwinding, with a destructor that blocks on the way; and a goexit.
fn panics(rng: &mut Rng) {
    struct Sleeps(Duration);
    impl Drop for Sleeps {
        fn drop(&mut self) {
            time::sleep(self.0);
        }
    }
    let length = micros(rng, 300);
    let end = spawn(move || {
        let _sleeps = Sleeps(length);
        std::panic::resume_unwind(Box::new("expected"));
    });
    assert!(end.join().is_err());
    let wg = WaitGroup::new();
    wg.go(move || {
        let _sleeps = Sleeps(length);
        runtime::goexit();
    });
    wg.wait();
}

fn pinned(rng: &mut Rng) {
    let length = micros(rng, 500);
    runtime::pin(|| {
        let here = std::thread::current().id();
        time::sleep(length);
        runtime::gosched();
        std::thread::sleep(length);
        runtime::syscall(|| std::thread::sleep(length));
        time::sleep(length);
        assert_eq!(std::thread::current().id(), here);
    });
}

/// Ends while it is locked to its thread, which ends too.
fn locked(rng: &mut Rng) {
    let (length, wg) = (micros(rng, 300), WaitGroup::new());
    wg.go(move || {
        runtime::lock_os_thread();
        let here = std::thread::current().id();
        time::sleep(length);
        assert_eq!(std::thread::current().id(), here);
    });
    wg.wait();
}

fn child(_: &mut Rng) {
    let output = Command::new("/bin/echo").arg("hello").stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.stdout, b"hello\n");
}

/// std's lock of the standard streams, held by goroutines that are stopped.
fn print(rng: &mut Rng) {
    let mut all = String::new();
    for _ in 0..rng.below(50) {
        all += &format!("{:?}", Some(rng.next()));
    }
    let mut sink = std::io::stderr().lock();
    sink.write_all(&all.as_bytes()[..0]).unwrap();
    assert!(all.is_empty() || all.starts_with("Some("));
}
