//! Programs that look at their goroutines, or are asked to from outside (SEMANTICS AA, AB, C2, V5).

use crate::Start::{Main, Thread};
use crate::{Program, not_last, wait_for_nobody};
use gaggle::sync::BareMutex;
use gaggle::{Builder, Chan, chan, go, runtime};
use std::io::Read;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub(crate) const PROGRAMS: &[Program] = &[
    ("profile_beside_its_stack", Main(beside_its_stack)),
    ("dump_every_state", Main(every_state)),
    ("dump_of_one_called_home", Main(of_one_called_home)),
    ("dump_under_load", Main(under_load)),
    ("dump_two_at_once", Main(two_at_once)),
    ("dump_while_a_handler_runs", Main(while_a_handler_runs)),
    ("dump_inherited_labels", Main(inherited_labels)),
    ("quit_while_one_computes", Main(quit_while_one_computes)),
    ("quit_started_with_it_ignored", Thread(quit_started_with_it_ignored)),
    ("fatal_while_panicking", Main(fatal_while_panicking)),
    ("panic_beside_others", Main(panic_beside_others)),
    ("panic_beside_others_at_level_all", Thread(beside_others_at_level_all)),
    ("dump_creation_chain", Main(creation_chain)),
    ("trace_the_scheduler", Main(trace_the_scheduler)),
    ("metrics_of_all", Main(metrics_of_all)),
    ("dump_who_holds_what", Main(who_holds_what)),
];

/// How many goroutines stand where they are to stand, as far as they can say so.
static READY: AtomicUsize = AtomicUsize::new(0);

fn ready() {
    READY.fetch_add(1, Ordering::Relaxed); // Relaxed: a count; nothing is read through it
}

fn wait_until_ready(count: usize) {
    // Relaxed: as above.
    while READY.load(Ordering::Relaxed) < count {
        gaggle::time::sleep(std::time::Duration::from_millis(1));
    }
}

#[inline(never)]
fn computes_for_ever() {
    ready();
    let mut x = 1_u64;
    loop {
        x = std::hint::black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

#[inline(never)]
fn receives(c: Chan<()>) {
    ready();
    c.recv();
    not_last();
}

#[inline(never)]
fn receives_on_its_thread(c: Chan<()>) {
    runtime::lock_os_thread();
    receives(c);
    not_last();
}

#[inline(never)]
fn reads_a_pipe(mut pipe: std::io::PipeReader) {
    ready();
    let _ = pipe.read(&mut [0]);
    not_last();
}

/// One of each, then everybody's stack on standard output.
fn every_state() {
    let never = chan::<()>(0);
    let (reader, _writer) = std::io::pipe().expect("two file descriptors");
    let c = never.clone();
    Builder::new().name("waiter").label("k1", "v1").label("a", "b c").go(move || receives(c));
    let c = never.clone();
    go(move || receives_on_its_thread(c));
    go(move || reads_a_pipe(reader));
    go(computes_for_ever);
    wait_until_ready(4);
    // The one that blocks has lost its P, and so has nothing to do with the others, by then.
    gaggle::time::sleep(std::time::Duration::from_millis(50));
    print!("{}", runtime::stack(true));
}

/// One that keeps its thread could go on, but for a P, which another one keeps.
fn of_one_called_home() {
    let gate = chan::<()>(0);
    go!(receives_on_its_thread(gate.clone()));
    wait_until_ready(1);
    gate.send(());
    go(computes_for_ever); // goes first
    runtime::syscall(|| {
        print!("{}", runtime::stack(true));
        std::process::exit(0)
    })
}

#[inline(never)]
fn turns(c: Chan<u64>) {
    for value in &c {
        c.send(value + 1);
    }
}

/// A sanitizer makes the two that compute, and so every turn of the others, twenty times as long.
const DUMPS: usize = if gaggle_coro::sanitizer::ON { 3 } else { 60 };

/// Where this program lies. The kernel's own pages have functions without a name.
fn program() -> std::ops::Range<usize> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("it can be read");
    let path = std::env::current_exe().expect("it has a path").display().to_string();
    let number = |text: &str| usize::from_str_radix(text, 16).expect("an address");
    let mut all = maps.lines().filter(|line| line.ends_with(&path));
    let first = all.next().expect("it is mapped");
    let bounds = |line: &str| {
        line.split(' ')
            .next()
            .and_then(|it| it.split_once('-').map(|(a, b)| (number(a), number(b))))
    };
    let (start, end) = bounds(first).expect("a range");
    start..all.next_back().and_then(bounds).map_or(end, |(_, end)| end)
}

/// Where functions stand of which a dump does not know the name.
fn nameless(dump: &str) -> impl Iterator<Item = usize> {
    let mut lines = dump.lines();
    std::iter::from_fn(move || {
        lines.find(|line| *line == "?(...)")?;
        let pc = lines.next()?.rsplit_once("pc=0x").expect("its address").1;
        Some(usize::from_str_radix(pc, 16).expect("a number"))
    })
}

/// Dumps while goroutines are parked and woken all the time: none is lost, none appears twice.
fn under_load() {
    const PAIRS: usize = 8;
    let ring = chan::<u64>(0);
    for _ in 0..2 * PAIRS {
        let c = ring.clone();
        go(move || turns(c));
    }
    (0..PAIRS as u64).for_each(|value| ring.send(value));
    for _ in 0..2 {
        go(computes_for_ever);
    }
    let ours = program();
    for round in 0..DUMPS {
        let text = runtime::stack(true);
        let mut ids: Vec<u64> = text
            .lines()
            .filter_map(|line| line.strip_prefix("goroutine "))
            .map(|rest| rest.split(' ').next().unwrap_or_default().parse().expect("a number"))
            .collect();
        // One that was met at the first instruction of a function stands in that function.
        assert!(!nameless(&text).any(|pc| ours.contains(&pc)), "round {round}: {text}");
        assert_eq!(ids.first(), Some(&1), "the caller first");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 2 * PAIRS + 3, "round {round}: {text}");
    }
    println!("all dumps");
}

/// Dumps of several goroutines at once.
fn two_at_once() {
    let done = chan::<usize>(0);
    for _ in 0..4 {
        let done = done.clone();
        go(move || done.send((0..10).map(|_| runtime::stack(true).len()).min().unwrap_or(0)));
    }
    let least = (0..4).filter_map(|_| done.recv()).min();
    println!("{}", least > Some(100));
}

/// What the handler and those who wait for it tell each other.
static HANDLER: AtomicUsize = AtomicUsize::new(OUTSIDE);
const OUTSIDE: usize = 0;
const INSIDE: usize = 1;
const LEAVES: usize = 2;

extern "C" fn handler(_: libc::c_int) {
    HANDLER.store(INSIDE, Ordering::Relaxed); // Relaxed: nothing is read through it
    while HANDLER.load(Ordering::Relaxed) != LEAVES {}
}

/// The thread of the one that computes, which it does not leave.
static THREAD: AtomicU64 = AtomicU64::new(0);

#[inline(never)]
fn computes_in_spite_of_signals() {
    // SAFETY: always answers.
    THREAD.store(unsafe { libc::pthread_self() }, Ordering::Relaxed); // Relaxed: a number alone
    computes_for_ever();
}

/// A dump while the thread that it asks is in the handler of another signal, on its signal stack.
fn while_a_handler_runs() {
    // SAFETY: all zeros is a valid sigaction with an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as extern "C" fn(libc::c_int) as libc::sighandler_t;
    action.sa_flags = libc::SA_ONSTACK;
    // SAFETY: the handler is async-signal-safe.
    unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) };
    go(computes_in_spite_of_signals);
    wait_until_ready(1);
    let thread = THREAD.load(Ordering::Relaxed); // Relaxed: as above
    // SAFETY: a thread that lives as long as the process.
    unsafe { libc::pthread_kill(thread, libc::SIGUSR1) };
    while HANDLER.load(Ordering::Relaxed) != INSIDE {} // Relaxed: as above
    runtime::stack(false); // reads the program's tables, which takes longer than the handler
    std::thread::spawn(|| {
        #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
        std::thread::sleep(std::time::Duration::from_millis(100)); // the first question finds it inside
        HANDLER.store(LEAVES, Ordering::Relaxed); // Relaxed: as above
    });
    print!("{}", runtime::stack(true));
}

fn inherited_labels() {
    let never = chan::<()>(0);
    let c = never.clone();
    Builder::new().name("parent").label("request", "7").go(move || {
        let d = c.clone();
        Builder::new().label("part", "x y").go(move || receives(d));
        let d = c.clone();
        go(move || receives(d));
        receives(c);
    });
    wait_until_ready(3);
    gaggle::time::sleep(std::time::Duration::from_millis(20));
    print!("{}", runtime::stack(true));
}

#[inline(never)]
fn third_of_a_chain() {
    print!("{}", runtime::stack(false));
}

#[inline(never)]
fn second_of_a_chain(done: Chan<()>) {
    go(move || {
        third_of_a_chain();
        done.close();
    });
}

#[inline(never)]
fn creation_chain() {
    let done = chan::<()>(0);
    let c = done.clone();
    go(move || second_of_a_chain(c));
    done.recv();
}

/// Says that it is ready, and computes until it is killed.
fn quit_while_one_computes() {
    let never = chan::<()>(0);
    go(move || receives(never));
    go(computes_for_ever);
    wait_until_ready(2);
    println!("ready");
    wait_for_nobody();
}

/// As if a shell had started it in the background.
fn quit_started_with_it_ignored() {
    // SAFETY: may be set at any time.
    unsafe { libc::signal(libc::SIGQUIT, libc::SIG_IGN) };
    let body = || {
        // SAFETY: its handler is async-signal-safe.
        unsafe { libc::raise(libc::SIGQUIT) };
        gaggle::time::sleep(std::time::Duration::from_secs(3600));
    };
    // SAFETY: no program keeps a thread-local or a guard of one across a switch point.
    unsafe { gaggle::run(body) }
}

struct UnlocksWhatIsNotLocked;

impl Drop for UnlocksWhatIsNotLocked {
    fn drop(&mut self) {
        BareMutex::new().unlock();
    }
}

fn fatal_while_panicking() {
    go(|| {
        let _guard = UnlocksWhatIsNotLocked;
        panic!("the first word");
    });
    wait_for_nobody();
}

#[inline(never)]
fn blow_up() {
    panic!("one of three");
}

/// One parked, one that computes, one that panics.
fn panic_beside_others() {
    let never = chan::<()>(0);
    go(move || receives(never));
    go(computes_for_ever);
    wait_until_ready(2);
    go(|| {
        blow_up();
        not_last();
    });
    wait_for_nobody();
}

/// The level is raised before the first `run` looks for it in the environment.
fn beside_others_at_level_all() {
    runtime::raise_traceback_level(runtime::TracebackLevel::All);
    // SAFETY: nothing here keeps a thread-local or a guard of one across a switch point.
    unsafe { gaggle::run(panic_beside_others) };
}

fn trace_the_scheduler() {
    let never = chan::<()>(0);
    go(move || receives(never));
    gaggle::time::sleep(std::time::Duration::from_millis(120));
}

fn metrics_of_all() {
    runtime::measure_latency();
    let never = chan::<()>(0);
    for _ in 0..3 {
        let c = never.clone();
        go(move || receives(c));
    }
    wait_until_ready(3);
    gaggle::time::sleep(std::time::Duration::from_millis(20));
    let before = runtime::cpu_time();
    (0..2_000_000_u64).for_each(|x| _ = std::hint::black_box(x));
    assert!(runtime::cpu_time() > before);
    go(|| {
        let (mut end, _keeps_it_open) = std::io::pipe().unwrap();
        _ = std::io::Read::read(&mut end, &mut [0]);
    });
    let mut metrics = runtime::metrics();
    while metrics.not_in_go == 0 || metrics.runnable > 0 {
        gaggle::time::sleep(std::time::Duration::from_millis(1));
        metrics = runtime::metrics();
    }
    assert!(metrics.latencies.count() > 0, "{metrics}");
    print!("{metrics}");
}

#[inline(never)]
fn keeps(lock: &BareMutex) {
    lock.lock();
    not_last();
}

#[inline(never)]
fn waits_for(lock: &BareMutex) {
    lock.lock();
    not_last();
}

/// One goroutine holds a lock, another waits for it; `GAGGLE_LOCKORDER` says whether anybody notes that.
fn who_holds_what() {
    static LOCK: BareMutex = BareMutex::new();
    let c = chan::<()>(0);
    go(move || {
        keeps(&LOCK);
        receives(c);
    });
    wait_until_ready(1);
    go(|| waits_for(&LOCK));
    while !runtime::stack(true).contains("[sync.Mutex.Lock]") {
        gaggle::time::sleep(std::time::Duration::from_millis(1));
    }
    print!("{}", runtime::stack(true));
}

/// Whether a profile hears of a thread whose goroutine computes on a stack that it has made for itself.
fn beside_its_stack() {
    go(|| {
        let mut bigger = gaggle_coro::stack::depot().take(1 << 20).expect("there is memory");
        gaggle_coro::grow(&mut bigger, computes_for_ever);
    });
    wait_until_ready(1);
    #[expect(clippy::disallowed_methods, reason = "a plain thread")]
    let looks = std::thread::spawn(|| {
        let mut sampler = gaggle_sched::Sampler::new();
        (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            let mut told = false;
            sampler.look(|sample| told |= sample.goid == 0 && !sample.used.is_zero());
            told
        })
    });
    println!("{}", looks.join().expect("it does not panic"));
}
