//! Every goroutine that can run does (SEMANTICS E3, E14; TestPingPongHog).

use crate::calm::without_preemption;
use crate::child::{Exit, run_with};
use crate::field::{on, on_each, yield_until};
use gaggle::sync::{Mutex, WaitGroup};
use gaggle::{Chan, chan, go, runtime, select, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// One of a pair that hands a token back and forth, working before each hand-over, and counting what it does.
fn pair_member(work: impl Fn(&AtomicU64), count: &AtomicU64, token: &Chan<()>, done: &Chan<()>) {
    loop {
        select! {
            recv(done) -> _ => return,
            recv(token) -> _ => {
                work(count);
                select! {
                    send(token, ()) => {},
                    recv(done) -> _ => return,
                }
            },
        }
    }
}

/// Starts a pair and returns how much work it has done.
fn pair(
    work: impl Fn(&AtomicU64) + Copy + Send + 'static,
    done: &Chan<()>,
    wg: &WaitGroup,
) -> Arc<AtomicU64> {
    let (count, token) = (Arc::new(AtomicU64::new(0)), chan(0));
    for _ in 0..2 {
        let (count, token, done) = (Arc::clone(&count), token.clone(), done.clone());
        wg.go(move || pair_member(work, &count, &token, &done));
    }
    token.send(());
    count
}

fn count_to(limit: u64, count: &AtomicU64) {
    for _ in 0..limit {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// One hand-over.
fn a_millisecond(count: &AtomicU64) {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(1) {
        std::hint::spin_loop();
    }
    count.fetch_add(1, Ordering::Relaxed);
}

/// TestPingPongHog (★23): a pair that computes and hands over to itself, and one that does hardly more than hand over, have the
/// P for as long. By what they have done, as in Go, whose work is as small, and whose factor allows for what handing over costs.
#[test]
fn a_pair_that_readies_itself_shares_the_p() {
    const LOAD: u64 = 1_000_000;
    const LIGHT: u64 = 1_000;
    const FACTOR: u64 = 20;
    on(1, || {
        let (done, wg) = (chan(0), WaitGroup::new());
        let hog = pair(|count| count_to(LOAD, count), &done, &wg);
        let light = pair(|count| count_to(LIGHT, count), &done, &wg);
        time::sleep(Duration::from_millis(600)); // many time slices: each pair gets its turn several times
        let (hog, light) = (hog.load(Ordering::Relaxed), light.load(Ordering::Relaxed));
        done.close();
        wg.wait();
        eprintln!("hog {hog}, light {light}: {:.2}", hog as f64 / light as f64);
        assert!(light >= hog / FACTOR && hog >= light / FACTOR, "light {light}, hog {hog}");
    });
}

/// A13: who yields has no place of its own on a P: three of them share two Ps. By counts; where two had one P and one the
/// other, one of them would have twice as many.
#[test]
fn those_who_yield_share_all_ps() {
    const ROUNDS: u64 = 40_000;
    on(2, || {
        let (counts, wg) = (Arc::new([const { AtomicU64::new(0) }; 3]), WaitGroup::new());
        let all = |counts: &[AtomicU64; 3]| counts.each_ref().map(|it| it.load(Ordering::Relaxed));
        for at in 0..3 {
            let counts = Arc::clone(&counts);
            wg.go(move || {
                while all(&counts).iter().sum::<u64>() < ROUNDS {
                    let begin = Instant::now();
                    while begin.elapsed() < Duration::from_micros(50) {
                        std::hint::spin_loop();
                    }
                    counts[at].fetch_add(1, Ordering::Relaxed);
                    runtime::gosched();
                }
            });
        }
        wg.wait();
        let counts = all(&counts);
        let (most, least) = (counts.iter().max().unwrap(), counts.iter().min().unwrap());
        assert!(most * 2 < least * 3, "{counts:?}");
    });
}

/// A13, E3: a pair that hands over to itself shares a slice, and who yielded goes before it at the slice's end. By counts: where
/// the pair went first, it would have up to 61 slices, of ten hand-overs each.
#[test]
fn who_yields_waits_for_one_slice_of_a_pair() {
    const YIELDS: u64 = 20;
    on(1, || {
        let (done, wg) = (chan(0), WaitGroup::new());
        let hog = pair(a_millisecond, &done, &wg);
        (0..YIELDS).for_each(|_| runtime::gosched());
        let hog = hog.load(Ordering::Relaxed);
        done.close();
        wg.wait();
        assert!(hog < YIELDS * 40, "{hog} hand-overs in {YIELDS} yields");
    });
}

/// The primes of document 4, listing 6.4, with a larger bound: on one P the lines of A and B visibly take turns, which
/// neither of them does anything for. No line is lost, though each is stopped wherever it is.
/// SEMANTICS G2.
#[test]
fn the_primes_of_two_goroutines_interleave_on_one_p() {
    const BOUND: u64 = 30_000;
    let outcome = run_with("primes_6_4", "1").ends(Exit::Code(0));
    let is_prime = |n: &u64| (2..).take_while(|it| it * it <= *n).all(|it| !n.is_multiple_of(it));
    let primes: Vec<String> = (2..BOUND).filter(is_prime).map(|n| n.to_string()).collect();
    for prefix in ["A", "B"] {
        let lines =
            outcome.stdout.lines().filter_map(|line| line.strip_prefix(prefix)?.strip_prefix(':'));
        assert!(lines.eq(&primes), "the primes of {prefix}: {}", outcome.stdout);
    }
    assert_eq!(outcome.stdout.lines().count(), 2 * (primes.len() + 1));
    let whose: Vec<char> = outcome.stdout.lines().filter_map(|line| line.chars().next()).collect();
    let turns = whose.windows(2).filter(|pair| matches!(pair, ['A', 'B'] | ['B', 'A'])).count();
    eprintln!("{turns} turns");
    assert!(turns >= 4, "{turns} turns: {}", outcome.stdout);
}

/// E14: a goroutine that takes and gives back a mutex nobody else wants is at a switch point each
/// time, although it never waits.
#[test]
fn a_goroutine_that_only_locks_shares_the_p() {
    on(1, || {
        let (stop, wg) = (Arc::new(AtomicBool::new(false)), WaitGroup::new());
        let stopped = Arc::clone(&stop);
        wg.go(move || {
            let mutex = Mutex::new(0_u64);
            while !stopped.load(Ordering::Relaxed) {
                *mutex.lock() += 1;
            }
        });
        runtime::gosched(); // comes back only if the goroutine yields
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

/// E14: the same for one that sends and receives without ever waiting.
#[test]
fn a_goroutine_that_never_waits_on_its_channel_shares_the_p() {
    on(1, || {
        let (stop, wg) = (Arc::new(AtomicBool::new(false)), WaitGroup::new());
        let stopped = Arc::clone(&stop);
        wg.go(move || {
            let own = chan(1);
            while !stopped.load(Ordering::Relaxed) {
                own.send(1);
                assert_eq!(own.recv(), Some(1));
            }
        });
        runtime::gosched();
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

/// E14: a goroutine that yields and yields does not keep others from running, nor their order.
#[test]
fn who_yields_all_the_time_starves_nobody() {
    on_each(|| {
        let (stop, wg) = (Arc::new(AtomicBool::new(false)), WaitGroup::new());
        let theirs = Arc::clone(&stop);
        wg.go(move || yield_until(|| theirs.load(Ordering::Acquire)));
        for _ in 0..3 {
            let c = chan(0);
            let other = c.clone();
            go(move || (0..1000).for_each(|at| other.send(at)));
            (0..1000).for_each(|at| assert_eq!(c.recv(), Some(at)));
            (0..1000).for_each(|_| runtime::gosched());
        }
        stop.store(true, Ordering::Release);
        wg.wait();
    });
}

/// E5: the ring does not keep the global queue waiting: who is there is served every 61st tick. Nobody is preempted, so that the
/// end of a slice is none.
#[test]
fn a_full_ring_does_not_starve_the_global_queue() {
    const NAME: &str = "fairness::a_full_ring_does_not_starve_the_global_queue";
    without_preemption(NAME, || on(1, beside_a_full_ring));
}

fn beside_a_full_ring() {
    const YIELDS: u64 = 200;
    const TICKS: u64 = 61;
    let (stop, wg) = (Arc::new(AtomicBool::new(false)), WaitGroup::new());
    let ticks = Arc::new(AtomicU64::new(0));
    // Each of these wakes the next through the ring; none of them ever yields.
    let ring: Vec<Chan<()>> = (0..8).map(|_| chan(1)).collect();
    for at in 0..ring.len() {
        let (mine, next) = (ring[at].clone(), ring[(at + 1) % ring.len()].clone());
        let (stop, ticks) = (Arc::clone(&stop), Arc::clone(&ticks));
        wg.go(move || {
            while mine.recv().is_some() {
                if stop.load(Ordering::Acquire) {
                    next.close();
                    return;
                }
                ticks.fetch_add(1, Ordering::Relaxed);
                next.send(());
                go(|| ()); // takes its place before the ring, where it would share our slice
            }
            let _ = next.try_close(); // the others may still wait
        });
    }
    ring[0].send(());
    ring[4].send(());
    runtime::gosched();
    let before = ticks.load(Ordering::Relaxed);
    (0..YIELDS).for_each(|_| runtime::gosched());
    let each = (ticks.load(Ordering::Relaxed) - before) / YIELDS;
    assert!((TICKS / 2..=TICKS * 2).contains(&each), "{each} ticks for each turn");
    // On the global queue itself, too.
    let c = chan(0);
    let theirs = c.clone();
    let thread = std::thread::spawn(move || go(move || theirs.send(())));
    assert_eq!(c.recv(), Some(()));
    thread.join().unwrap();
    stop.store(true, Ordering::Release);
    wg.wait();
}
