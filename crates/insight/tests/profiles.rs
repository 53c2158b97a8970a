//! Profiles: their texts, and what Go's own tool makes of the files.
//!
//! *By The Real Clock*: the profiles count real time.

#[path = "support/until.rs"]
mod until;

use gaggle_hchan::chan;
use gaggle_insight::pprof;
use gaggle_runtime::{Builder, go, gosched, run};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use until::yield_until;

/// Parks `count` goroutines at one place, calls `look`, and lets them go.
fn with_parked<T: Send + 'static>(count: usize, look: impl FnOnce() -> T + Send + 'static) -> T {
    let main = move || {
        let (gate, there) = (chan::<()>(0), chan::<()>(count));
        for _ in 0..count {
            let (gate, there) = (gate.clone(), there.clone());
            Builder::new().label("job", "wait here").go(move || waits_at_the_gate(&gate, &there));
        }
        (0..count).for_each(|_| _ = there.recv());
        let parked = || gaggle_sched::metrics().waiting >= count;
        yield_until(parked);
        let seen = look();
        gate.close();
        // The next test counts its own only.
        while gaggle_runtime::num_goroutine() > 1 {
            gosched();
        }
        seen
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) }
}

#[inline(never)]
fn waits_at_the_gate(gate: &gaggle_hchan::Chan<()>, there: &gaggle_hchan::Chan<()>) {
    there.send(());
    gate.recv();
}

fn text_of(name: &str, debug: u32) -> String {
    let mut text = Vec::new();
    pprof::lookup(name).unwrap().write_to(&mut text, debug).unwrap();
    String::from_utf8(text).unwrap()
}

/// A writer whose bytes are there afterwards.
#[derive(Clone, Default)]
struct Shared(std::sync::Arc<gaggle_sync::Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Computes until this thread has had so much of a processor, and never switches.
#[inline(never)]
fn burns(time: Duration) {
    let begin = thread_time();
    while thread_time() - begin < time {
        std::hint::black_box((0..1000_u64).fold(1, u64::wrapping_mul));
    }
}

fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the time.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Where time goes is decided by what the processor did, so loops end by processor time, not by the clock.
#[test]
fn the_cpu_profile_counts_processor_time_at_stacks_and_labels() {
    let file = Shared::default();
    let theirs = file.clone();
    let main = move || {
        pprof::start_cpu_profile(theirs).unwrap();
        let again = pprof::start_cpu_profile(Vec::new()).unwrap_err();
        assert_eq!(again.to_string(), "cpu profiling already in use");
        let job = |name: &str, ms| {
            let burn = move || burns(Duration::from_millis(ms));
            Builder::new().label("job", name).spawn(burn)
        };
        let (long, short) = (job("long", 1200), job("short", 300));
        let never = chan::<()>(0);
        let gate = never.clone();
        go(move || waits_for_an_end(&gate));
        long.join().unwrap();
        short.join().unwrap();
        never.close();
        pprof::stop_cpu_profile().unwrap();
        pprof::stop_cpu_profile().unwrap(); // there is none: nothing happens
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) };
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cpu.pb.gz");
    std::fs::write(&path, &*file.0.lock()).unwrap();
    assert!(file.0.lock().starts_with(&[0x1f, 0x8b]), "gzip");
    let seconds = |focus: &str| -> Option<f64> {
        let text = top(&path, &["-unit=s", "-cum", focus])?;
        assert!(text.contains("Type: cpu"), "{text}");
        let line = text.lines().find(|line| line.contains("profiles::burns")).expect(&text);
        assert!(!text.contains("waits_for_an_end"), "who waits uses nothing: {text}");
        let cumulative = line.split_whitespace().nth(3).unwrap();
        Some(cumulative.trim_end_matches('s').parse().unwrap())
    };
    let Some(long) = seconds("-tagfocus=job=long") else { return };
    let short = seconds("-tagfocus=job=short").unwrap();
    assert!((0.6..1.9).contains(&long), "{long}");
    assert!((0.05..0.9).contains(&short) && short < long, "{short} of {long}");
}

#[inline(never)]
fn waits_for_an_end(gate: &gaggle_hchan::Chan<()>) {
    gate.recv();
}

/// The profile in a file, for Go's tool.
fn file_of(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pb.gz"));
    let mut file = std::fs::File::create(&path).unwrap();
    pprof::lookup(name).unwrap().write_to(&mut file, 0).unwrap();
    path
}

/// What `go tool pprof -top` says of the file; none, with the reason, if there is no `go`.
fn top(path: &PathBuf, more: &[&str]) -> Option<String> {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let venv = target.parent().unwrap().join("go-venv").join("bin").join("go");
    let found = [PathBuf::from("go"), venv].into_iter().find(|go| {
        Command::new(go).arg("version").output().is_ok_and(|answer| answer.status.success())
    });
    let Some(go) = found else {
        println!("not looked at by go tool pprof: no go in the path nor in the target's go-venv");
        return None;
    };
    let mut command = Command::new(go);
    for (key, folder) in [("GOCACHE", "go-cache"), ("GOPATH", "go-path"), ("HOME", "go-home")] {
        command.env(key, target.join(folder));
    }
    command.env("GOTOOLCHAIN", "local").env("GOPROXY", "off").env("GOFLAGS", "");
    command.args(["tool", "pprof", "-top"]).args(more).arg(path);
    let answer = command.output().unwrap();
    let errors = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(answer.status.success(), "{errors}");
    Some(String::from_utf8(answer.stdout).unwrap())
}

#[test]
fn goroutines_that_stand_at_one_place_are_one_paragraph_aa7() {
    let text = with_parked(3, || text_of("goroutine", 1));
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap();
    assert!(first.starts_with("goroutine profile: total 4\n3 @ 0x"), "{text}");
    assert!(first.contains("\n# labels: {\"job\":\"wait here\"}\n#\t0x"), "{text}");
    assert!(first.contains("waits_at_the_gate+0x"), "{text}");
    assert!(first.contains("profiles.rs:"), "{text}");
    assert!(paragraphs.next().unwrap().starts_with("1 @ 0x"), "{text}");
}

#[test]
fn every_goroutine_by_itself_is_the_dump_of_a_crash_aa7() {
    let text = with_parked(2, || text_of("goroutine", 2));
    assert!(text.lines().next().unwrap().ends_with(" [running]:"), "{text}");
    assert_eq!(text.matches(" [chan receive] {job: \"wait here\"}:\n").count(), 2, "{text}");
}

#[test]
fn go_s_own_tool_reads_the_goroutine_profile() {
    let (top, tags) = with_parked(5, || {
        gaggle_sched::syscall(|| {
            let file = file_of("goroutine");
            (top(&file, &["-cum"]), top(&file, &["-cum", "-tagfocus=job=wait here"]))
        })
    });
    let (Some(top), Some(tags)) = (top, tags) else { return };
    assert!(top.contains("Type: goroutine"), "{top}");
    assert!(top.contains("of 6 total"), "{top}");
    let line = top.lines().find(|line| line.contains("waits_at_the_gate")).expect(&top);
    assert_eq!(line.split_whitespace().nth(3), Some("5"), "{top}");
    assert!(tags.contains("waits_at_the_gate"), "{tags}");
}

#[test]
fn threads_are_counted() {
    let text = with_parked(1, || text_of("threadcreate", 1));
    let total = text.strip_prefix("threadcreate profile: total ").expect(&text);
    let total: u32 = total.lines().next().unwrap().parse().unwrap();
    assert!(total >= 1, "{text}");
}

#[inline(never)]
fn is_slow_to_send(to: &gaggle_hchan::Chan<u32>) {
    gaggle_time::sleep(Duration::from_millis(5));
    to.send(1);
}

#[inline(never)]
fn waits_for_it(from: &gaggle_hchan::Chan<u32>) {
    from.recv();
}

#[inline(never)]
fn keeps_it_for_long(mutex: &gaggle_sync::BareMutex) {
    mutex.lock();
    gaggle_time::sleep(Duration::from_millis(5));
    mutex.unlock();
    std::hint::black_box(mutex); // so that an optimised build does not leave before the call
}

/// Both profiles in one test: the switches are the process's.
#[test]
fn waits_are_counted_at_who_waits_and_unlocks_at_who_unlocks_aa9() {
    let main = || {
        pprof::set_block_profile_rate(1);
        assert_eq!(pprof::set_mutex_profile_fraction(1), 0);
        let c = chan(0);
        let to = c.clone();
        go(move || is_slow_to_send(&to));
        waits_for_it(&c);
        let mutex = std::sync::Arc::new(gaggle_sync::BareMutex::new());
        let all = gaggle_sync::WaitGroup::new();
        for _ in 0..3 {
            let mutex = mutex.clone();
            all.go(move || keeps_it_for_long(&mutex));
        }
        all.wait();
        let texts = (text_of("block", 1), text_of("mutex", 1));
        assert_eq!(pprof::set_mutex_profile_fraction(0), 1);
        pprof::set_block_profile_rate(0);
        let tops = gaggle_sched::syscall(|| {
            (top(&file_of("block"), &["-cum"]), top(&file_of("mutex"), &["-cum"]))
        });
        (texts, tops)
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let ((block, mutex), (block_top, mutex_top)) = unsafe { run(main) };
    assert!(block.starts_with("--- contention:\ncycles/second=1000000000\n"), "{block}");
    assert!(block.contains("waits_for_it+0x"), "{block}");
    assert!(!block.contains("is_slow_to_send+0x"), "a sleep is no wait for others: {block}");
    let head = "--- mutex:\ncycles/second=1000000000\nsampling period=1\n";
    assert!(mutex.starts_with(head), "{mutex}");
    assert!(mutex.contains("keeps_it_for_long+0x"), "{mutex}");
    let (Some(block_top), Some(mutex_top)) = (block_top, mutex_top) else { return };
    assert!(block_top.contains("Type: delay") && block_top.contains("waits_for_it"), "{block_top}");
    assert!(mutex_top.contains("keeps_it_for_long"), "{mutex_top}");
}

#[test]
fn profiles_have_go_s_names_and_heads_aa8() {
    let names: Vec<_> = pprof::profiles().map(pprof::Profile::name).collect();
    assert_eq!(names, ["block", "goroutine", "goroutineleak", "mutex", "threadcreate"]);
    assert!(["heap", "allocs", "my own"].iter().all(|name| pprof::lookup(name).is_none()));
    for name in ["goroutine", "goroutineleak", "threadcreate"] {
        let head = format!("{name} profile: total ");
        let text = text_of(name, 1);
        assert!(text.starts_with(&head), "{text}");
    }
    assert!(text_of("block", 1).starts_with("--- contention:\n"));
    assert!(text_of("mutex", 1).starts_with("--- mutex:\n"));
}

#[test]
fn a_program_reads_its_own_stack_and_all_others_aa12() {
    let (own, all) = with_parked(2, || (gaggle_runtime::stack(false), gaggle_runtime::stack(true)));
    let heads = |text: &str| text.lines().filter(|line| line.starts_with("goroutine ")).count();
    assert_eq!(heads(&own), 1, "{own}");
    assert!(own.contains(" [running]:\n") && heads(&all) >= 3, "{all}");
    assert!(all.starts_with(own.lines().next().unwrap()), "who asks comes first: {all}");
    assert!(all.contains(" [chan receive] {") && all.contains("waits_at_the_gate"), "{all}");
}
