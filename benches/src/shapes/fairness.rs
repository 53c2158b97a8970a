//! What computes or blocks without end, and who has to wait for it.
#![expect(clippy::disallowed_methods, reason = "calls that block the thread are what is measured")]

use super::net::echo;
use super::{Shape, Weight, Work};
use crate::figures::{Figure, Unit};
use crate::meter::Meter;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::{Bool, Uint64};
use gaggle::{chan, runtime, time};
use std::hint::black_box;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

pub(super) static SHAPES: [Shape; 10] = [
    Shape {
        name: "ticker_beside_hogs",
        about: "how late the ticks of 1 ms are seen beside four goroutines that compute without end",
        n: 1_000,
        weight: Weight::Light,
        work: Work::Own(ticker_beside_hogs),
    },
    Shape {
        name: "echo_beside_hogs",
        about: "64 bytes to a client in another process and back, beside the same four",
        n: 100,
        weight: Weight::Light,
        work: Work::Own(echo_beside_hogs),
    },
    Shape {
        name: "gap_blocked",
        about: "the longest time that others stand still when one blocks unannounced for 20 ms",
        n: 20,
        weight: Weight::Light,
        work: Work::Own(gap_blocked),
    },
    Shape {
        name: "gap_syscall",
        about: "the same, with the call announced",
        n: 20,
        weight: Weight::Light,
        work: Work::Own(gap_syscall),
    },
    Shape {
        name: "pingpong_hog",
        about: "a value there and back beside a goroutine that polls a channel without end",
        n: 300_000,
        weight: Weight::Light,
        work: Work::Warm(pingpong_hog),
    },
    Shape {
        name: "fan_out_10ms",
        about: "one of many goroutines that compute for 10 ms each: wall time, and threads in all",
        n: 200,
        weight: Weight::Heavy { mebibytes: 200 },
        work: Work::Own(|n| fan_out(n, Duration::from_millis(10))),
    },
    Shape {
        name: "fan_out_50ms",
        about: "the same, 50 ms each: five times as long as a slice",
        n: 200,
        weight: Weight::Heavy { mebibytes: 200 },
        work: Work::Own(|n| fan_out(n, Duration::from_millis(50))),
    },
    Shape {
        name: "fan_out_20k",
        about: "the same, 1 ms each and 20,000 of them: how many threads such a crowd takes",
        n: 20_000,
        weight: Weight::Heavy { mebibytes: 400 },
        work: Work::Own(|n| fan_out(n, Duration::from_millis(1))),
    },
    Shape {
        name: "wakeup_spinning_20us",
        about: "a hand-over between two that compute 20 us each before the next",
        n: 20_000,
        weight: Weight::Light,
        work: Work::Warm(wakeup_spinning),
    },
    Shape {
        name: "wakeup_syscall_20us",
        about: "a hand-over between two that sleep 20 us in the kernel before the next",
        n: 3_000,
        weight: Weight::Light,
        work: Work::Warm(wakeup_syscall),
    },
];

/// Four goroutines that compute until told to stop.
struct Hogs {
    stop: Arc<Bool>,
    wg: WaitGroup,
}

impl Hogs {
    fn start() -> Self {
        let (stop, wg) = (Arc::new(Bool::new(false)), WaitGroup::new());
        for _ in 0..4 {
            let stop = Arc::clone(&stop);
            wg.go(move || {
                let mut sum = 0_u64;
                while !stop.load() {
                    (0..1000).for_each(|i| sum = black_box(sum + i));
                }
            });
        }
        Self { stop, wg }
    }

    fn end(self) {
        self.stop.store(true);
        self.wg.wait();
    }
}

fn nanos(time: Duration) -> f64 {
    time.as_nanos() as f64
}

fn ticker_beside_hogs(n: u64) -> Vec<Figure> {
    const TICK: Duration = Duration::from_millis(1);
    let (hogs, n) = (Hogs::start(), n.min(1_000));
    let (mut sum, mut most) = (0.0, 0.0_f64);
    let ticker = time::Ticker::new(TICK);
    for due in ticker.c().iter().take(n as usize) {
        let late = nanos(due.elapsed());
        sum += late;
        most = most.max(late);
    }
    ticker.stop();
    hogs.end();
    let mean = sum / n as f64;
    vec![Figure::new("mean_late", Unit::Nanos, mean), Figure::new("max_late", Unit::Nanos, most)]
}

fn echo_beside_hogs(n: u64) -> Vec<Figure> {
    let hogs = Hogs::start();
    let mut figures = echo(1, n);
    hogs.end();
    figures.retain(|figure| !figure.is_cpu()); // that is the hogs'
    figures
}

fn gap_blocked(n: u64) -> Vec<Figure> {
    gap(n, || std::thread::sleep(Duration::from_millis(20)))
}

fn gap_syscall(n: u64) -> Vec<Figure> {
    gap(n, || runtime::syscall(|| std::thread::sleep(Duration::from_millis(20))))
}

/// The median of the longest gaps.
fn gap(n: u64, block: fn()) -> Vec<Figure> {
    let mut all: Vec<f64> = (0..n.min(100))
        .map(|_| {
            let (done, over) = (chan::<()>(1), Arc::new(Bool::new(false)));
            let (tell, end) = (done.clone(), Arc::clone(&over));
            gaggle::go(move || {
                block();
                end.store(true);
                tell.send(());
            });
            let (mut last, mut most) = (Instant::now(), Duration::ZERO);
            while !over.load() {
                runtime::gosched();
                let now = Instant::now();
                most = most.max(now - last);
                last = now;
            }
            done.recv();
            nanos(most)
        })
        .collect();
    all.sort_by(f64::total_cmp);
    vec![Figure::new("gap", Unit::Nanos, all[all.len() / 2])]
}

fn pingpong_hog(n: u64) {
    let (stop, ping, pong) = (chan::<()>(0), chan::<u64>(0), chan::<u64>(0));
    let wg = WaitGroup::new();
    let stopped = stop.clone();
    wg.go(move || {
        loop {
            gaggle::select! {
                recv(stopped) -> _ => return,
                default => {},
            }
        }
    });
    let (there, back) = (ping.clone(), pong.clone());
    wg.go(move || there.iter().for_each(|value| back.send(value + 1)));
    for value in 0..n {
        ping.send(value);
        assert_eq!(pong.recv(), Some(value + 1));
    }
    ping.close();
    stop.close();
    wg.wait();
}

fn fan_out(n: u64, each: Duration) -> Vec<Figure> {
    let (wg, ended) = (WaitGroup::new(), Arc::new(Uint64::new(0)));
    LazyLock::force(&PER_NANO);
    let meter = Meter::start();
    for _ in 0..n {
        let ended = Arc::clone(&ended);
        wg.go(move || {
            compute(each);
            ended.add(1);
        });
    }
    let mut threads = 0;
    while ended.load() < n {
        threads = threads.max(std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count));
        time::sleep(Duration::from_millis(10));
    }
    wg.wait();
    let mut all = Vec::from(meter.stop().per(n, "op"));
    all.push(Figure::new("threads", Unit::Count, threads as f64));
    all
}

/// Does what takes about so much processor time: work that is counted, as Go's twin must.
fn compute(time: Duration) {
    let rounds = time.as_nanos() as f64 * *PER_NANO;
    black_box(chain(rounds as u64));
}

/// So many steps, each of which needs the one before.
#[inline(never)]
fn chain(rounds: u64) -> u64 {
    (0..rounds).fold(0, |sum: u64, i| sum.wrapping_add(i ^ (sum >> 3)))
}

/// How many of them fit into a nanosecond.
static PER_NANO: LazyLock<f64> = LazyLock::new(|| {
    const ROUNDS: u64 = 2_000_000;
    let try_once = |_| {
        let begin = Instant::now();
        black_box(chain(black_box(ROUNDS))); // or one call would do for all tries, before the first look at the clock
        ROUNDS as f64 / begin.elapsed().as_nanos() as f64
    };
    (0..5).map(try_once).fold(0.0, f64::max)
});

fn wakeup_spinning(n: u64) {
    wakeup(n, || {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_micros(20) {
            std::hint::spin_loop();
        }
    });
}

fn wakeup_syscall(n: u64) {
    wakeup(n, || runtime::syscall(|| std::thread::sleep(Duration::from_micros(20))));
}

/// Two goroutines wake each other; both work after each wake-up, at the same time if they can.
fn wakeup(n: u64, work: fn()) {
    let (there, back) = (chan::<u64>(0), chan::<u64>(0));
    let (there2, back2) = (there.clone(), back.clone());
    gaggle::go(move || {
        for value in there2.iter() {
            work();
            back2.send(value);
        }
        back2.close();
    });
    for value in 0..n {
        there.send(value);
        work();
        assert_eq!(back.recv(), Some(value));
    }
    there.close();
    assert_eq!(back.recv(), None);
}
