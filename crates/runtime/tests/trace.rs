//! Traces: read back by a parser of the format, and by what is known of the program.
//!
//! *By The Real Clock*: the trace shows when threads ran.
#![expect(clippy::disallowed_types, reason = "for the test harness's own threads")]
#![expect(clippy::disallowed_methods, reason = "a call that blocks is part of the test")]

use gaggle_hchan::{Chan, chan};
use gaggle_runtime::trace::{self, FlightRecorder, Task};
use gaggle_runtime::{JoinHandle, go, gosched, run, spawn, stack, syscall};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use trace_file::{Event, File, parse};

mod trace_file;

/// One trace at a time.
static ONE: Mutex<()> = Mutex::new(());

fn one() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn traced(f: impl FnOnce() + Send + 'static) -> File {
    let file = Shared::default();
    trace::start(file.clone()).unwrap();
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(f) };
    trace::stop().unwrap();
    let bytes = file.0.lock().unwrap();
    parse(&bytes)
}

/// The tracks of goroutines, by what is said of their `go` statements.
fn tracks(file: &File) -> BTreeMap<u64, String> {
    let name = |event: &Event| match event {
        Event::M { pid: 2, tid, name, args } if name == "thread_name" => {
            Some((*tid, args.name.clone()))
        }
        _ => None,
    };
    file.events.iter().filter_map(name).collect()
}

/// The stretches of one track, in order.
fn stretches(file: &File, process: u32, track: u64) -> Vec<(String, f64, f64)> {
    let mut all: Vec<_> = file
        .events
        .iter()
        .filter_map(|event| match event {
            Event::X { pid, tid, name, ts, dur, .. } if (*pid, *tid) == (process, track) => {
                Some((name.clone(), *ts, *dur))
            }
            _ => None,
        })
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all
}

/// SEMANTICS AD2, AD3: who was started where, who ran, why each stopped, who ended whose wait.
#[test]
fn a_trace_tells_what_each_goroutine_did_and_who_woke_whom() {
    let _one = one();
    let line = line!() + 4;
    let file = traced(|| {
        let (ask, answer) = (chan::<u32>(0), chan::<u32>(0));
        let (their_ask, their_answer) = (ask.clone(), answer.clone());
        go(move || {
            for n in their_ask {
                gaggle_time::sleep(Duration::from_millis(2));
                their_answer.send(n + 1);
            }
        });
        for n in 0..5 {
            ask.send(n);
            assert_eq!(answer.recv(), Some(n + 1));
        }
        ask.close();
        gosched();
    });
    let tracks = tracks(&file);
    let place = format!("tests/trace.rs:{line})");
    let (&worker, _) =
        tracks.iter().find(|(_, name)| name.ends_with(&place)).unwrap_or_else(|| {
            panic!("no {place} among {tracks:?}");
        });
    let did = stretches(&file, 2, worker);
    for (what, least) in [("sleep", 5), ("chan receive", 1), ("running", 6), ("runnable", 6)] {
        let count = did.iter().filter(|(name, ..)| name == what).count();
        assert!(count >= least, "{count} times {what}: {did:?}");
    }
    let slept: f64 = did.iter().filter(|(name, ..)| name == "sleep").map(|(.., dur)| dur).sum();
    // When fast times end a time may be as old as the monitor's last tick: a millisecond, or more if that has no CPU (086).
    assert!(slept >= 4_000.0, "five sleeps of 2 ms are {slept} us");
    let arrows = |file: &File, from: bool| {
        let mut ids: Vec<_> = file
            .events
            .iter()
            .filter_map(|event| match event {
                Event::From(arrow) if from => Some(arrow.id),
                Event::To(arrow) if !from && arrow.bp.as_deref() == Some("e") => Some(arrow.id),
                _ => None,
            })
            .collect();
        ids.sort_unstable();
        ids
    };
    assert!(arrows(&file, true).len() >= 5, "who sends wakes who receives");
    assert_eq!(arrows(&file, true), arrows(&file, false), "every arrow has two ends");
}

/// SEMANTICS AD4: the words of dumps (AA6), which are finer than those of Go's traces.
#[test]
fn who_stopped_did_so_for_a_reason_that_go_has_a_word_for() {
    let _one = one();
    let file = traced(|| {
        let (full, empty) = (chan::<u32>(0), chan::<u32>(0));
        let (from_full, to_empty) = (full.clone(), empty.clone());
        go(move || {
            gaggle_time::sleep(Duration::from_millis(2));
            from_full.recv();
            gaggle_time::sleep(Duration::from_millis(2));
            to_empty.send(1);
        });
        full.send(1);
        empty.recv();
        let (one, two) = (chan::<u32>(0), chan::<u32>(0));
        let to_one = one.clone();
        go(move || {
            gaggle_time::sleep(Duration::from_millis(2));
            to_one.send(1);
        });
        gaggle_hchan::select! { recv(one) -> _ => (), recv(two) -> _ => () }
        // More than there are Ps, so somebody else is there to go on.
        let yields = || (0..50).for_each(|_| gosched());
        let crowd: Vec<_> = (0..32).map(|_| spawn(yields)).collect();
        crowd.into_iter().for_each(|one| one.join().unwrap());
    });
    let then = |event: &Event| match event {
        Event::X { pid: 1, args: Some(args), .. } => args.get("then").cloned(),
        _ => None,
    };
    let said: std::collections::BTreeSet<String> = file.events.iter().filter_map(then).collect();
    for reason in ["chan send", "chan receive", "select", "sleep", "runnable", "ended"] {
        assert!(said.contains(reason), "{reason} is not among {said:?}");
    }
}

/// SEMANTICS AD5: whoever reads it can order the events of all Ps.
#[test]
fn stretches_of_one_track_do_not_overlap_and_a_p_runs_one_goroutine_at_a_time() {
    let _one = one();
    let file = traced(|| {
        let all: Vec<_> = (0..20)
            .map(|i| {
                spawn(move || {
                    for _ in 0..50 {
                        gosched();
                    }
                    syscall(|| std::thread::sleep(Duration::from_micros(100)));
                    gaggle_time::sleep(Duration::from_micros(i));
                })
            })
            .collect();
        all.into_iter().for_each(|one| one.join().unwrap());
    });
    let mut by_track: BTreeMap<(u32, u64), Vec<(f64, f64)>> = BTreeMap::new();
    let (mut calls, mut ended) = (0, 0);
    for event in &file.events {
        if let Event::X { pid, tid, name, ts, dur, args, .. } = event {
            assert!(*ts >= 0.0 && *dur >= 0.0, "{event:?}");
            by_track.entry((*pid, *tid)).or_default().push((*ts, ts + dur));
            calls += usize::from(*pid == 2 && name == "blocking call");
            let then = args.as_ref().and_then(|args| args.get("then"));
            ended += usize::from(then.is_some_and(|then| then == "ended"));
        }
    }
    assert_eq!(calls, 20, "each of them made one");
    assert!(ended >= 20, "{ended} of them have ended");
    let mut checked = 0;
    for (track, mut spans) in by_track {
        spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for pair in spans.windows(2) {
            // Times are written in thousandths.
            assert!(pair[0].1 <= pair[1].0 + 0.002, "{track:?}: {pair:?}");
            checked += 1;
        }
    }
    assert!(checked > 1_000, "only {checked}");
}

/// SEMANTICS AD1.
#[test]
fn tasks_regions_and_logs_are_in_it_with_their_names() {
    let _one = one();
    assert!(!trace::is_enabled());
    trace::log("nobody", "listens");
    let file = traced(|| {
        let task = Task::new("make \"tea\"");
        let boil = task.subtask("boil");
        let child = spawn(move || boil.region("heat", || boil.log("temperature", "100 °C")));
        child.join().unwrap();
        let region = trace::start_region("pour");
        gosched();
        region.end();
        task.end();
        assert!(trace::is_enabled());
    });
    let mut open = Vec::new();
    let mut seen = Vec::new();
    for event in &file.events {
        match event {
            Event::Begin { cat, name, id, .. } => open.push((cat.clone(), name.clone(), *id)),
            Event::End { cat, name, id, .. } => {
                let began = (cat.clone(), name.clone(), *id);
                let at = open.iter().position(|it| *it == began).expect("it has begun");
                seen.push(open.remove(at).1);
            }
            Event::Instant { name, cat, .. } if cat == "log" => seen.push(name.clone()),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    seen.sort_unstable();
    assert_eq!(seen, ["boil", "heat", "make \"tea\"", "pour", "temperature: 100 °C"]);
}

/// SEMANTICS AD1.
#[test]
fn a_flight_recorder_has_what_happened_of_late_and_goes_on() {
    let _one = one();
    // However slow the machine is, what happened is young enough; how much of it is kept, the bytes say.
    let age = std::time::Duration::from_secs(3600);
    let recorder = FlightRecorder::new().min_age(age).max_bytes(1 << 20);
    recorder.start().unwrap();
    assert!(recorder.enabled());
    assert!(recorder.start().is_err(), "there is one at a time");
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        run(|| {
            trace::log("phase", "one");
            for _ in 0..200_000 {
                gosched();
                spawn(|| ()).join().unwrap();
            }
            trace::log("phase", "two");
        });
    };
    let dump = || {
        let mut file = Vec::new();
        recorder.write_to(&mut file).unwrap();
        parse(&file)
    };
    let (first, second) = (dump(), dump());
    assert!(first.events.len() > 1_000 && first.events.len() < 500_000, "{}", first.events.len());
    assert!(second.events.len() > 1_000, "it still has it");
    let has = |file: &File, text: &str| {
        file.events.iter().any(|event| matches!(event, Event::Instant { name, .. } if name == text))
    };
    assert!(has(&first, "phase: two"));
    recorder.stop();
    assert!(!recorder.enabled() && !trace::is_enabled());
    assert!(recorder.write_to(Vec::new()).is_err());
}

/// SEMANTICS AD1.
#[test]
fn a_second_trace_is_refused_and_the_first_goes_on() {
    let _one = one();
    let file = Shared::default();
    trace::start(file.clone()).unwrap();
    let error = trace::start(Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "tracing is already enabled");
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(|| trace::log("still", "here")) };
    trace::stop().unwrap();
    trace::stop().unwrap();
    assert!(String::from_utf8(file.0.lock().unwrap().clone()).unwrap().contains("still: here"));
}

/// Starts one that waits until the channel is closed, and returns its number once it runs.
fn waits_for(end: &Chan<()>) -> (u64, JoinHandle<()>) {
    let (here, ends) = (chan::<u64>(0), end.clone());
    let theirs = here.clone();
    let handle = spawn(move || {
        theirs.send(gaggle_runtime::goid());
        _ = ends.recv();
    });
    (here.recv().unwrap(), handle)
}

/// Waits until nobody has that number: who has told others of its end stands on its stack for a moment longer.
fn until_gone(goid: u64) {
    let its = format!("goroutine {goid} [");
    let rounds = (0..100_000).take_while(|_| {
        gosched();
        stack(true).contains(&its)
    });
    assert!(rounds.count() < 100_000, "{goid} does not go");
}

/// A trace and a flight recorder take the same events, and each begins with who lives then.
#[test]
fn a_trace_beside_a_flight_recorder_begins_with_who_lives_then() {
    let _one = one();
    let file = Shared::default();
    let theirs = file.clone();
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let (dead, alive) = unsafe {
        run(|| {
            let (first_end, second_end) = (chan(0), chan(0));
            let (dead, early) = waits_for(&first_end);
            let recorder = FlightRecorder::new().min_age(Duration::from_secs(3600));
            recorder.start().unwrap();
            first_end.close();
            early.join().unwrap();
            until_gone(dead);
            let (alive, late) = waits_for(&second_end);
            trace::start(theirs).unwrap();
            trace::stop().unwrap();
            second_end.close();
            late.join().unwrap();
            recorder.stop();
            (dead, alive)
        })
    };
    let file = parse(&file.0.lock().unwrap());
    assert!(tracks(&file).contains_key(&alive), "{alive} lives");
    assert!(!tracks(&file).contains_key(&dead), "{dead} had ended before");
}
