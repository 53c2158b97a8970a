//! What it costs to look at many goroutines that wait.

use super::{Shape, Weight, Work};
use crate::figures::Figure;
use crate::meter::Meter;
use gaggle::runtime::{gosched, metrics, pprof, stack};
use gaggle::{chan, go};

pub(super) static SHAPES: [Shape; 3] = [
    Shape {
        name: "dump_100k",
        about: "the text of every one of 100,000 parked goroutines, once",
        n: 100_000,
        weight: Weight::Heavy { mebibytes: 1500 },
        work: Work::Own(dump),
    },
    Shape {
        name: "profile_100k",
        about: "their profile, compressed, once",
        n: 100_000,
        weight: Weight::Heavy { mebibytes: 1500 },
        work: Work::Own(profile),
    },
    Shape {
        name: "leaks_100k",
        about: "the profile goroutineleak of 100,000 leaked goroutines, as text, once",
        n: 100_000,
        weight: Weight::Heavy { mebibytes: 1500 },
        work: Work::Own(leak_report),
    },
];

/// Starts `n` goroutines that nobody can wake, and waits until they wait.
fn park(n: u64) {
    for _ in 0..n {
        let never = chan::<()>(0);
        go(move || _ = never.recv());
    }
    while (metrics().waiting as u64) < n {
        gosched();
    }
}

fn dump(n: u64) -> Vec<Figure> {
    park(n);
    let meter = Meter::start();
    let text = stack(true);
    let figures = meter.stop().per(1, "dump");
    assert!(text.matches("[chan receive").count() as u64 >= n);
    Vec::from(figures)
}

fn profile(n: u64) -> Vec<Figure> {
    park(n);
    let mut file = Vec::new();
    let meter = Meter::start();
    let written = pprof::lookup("goroutine").expect("there is one").write_to(&mut file, 0);
    let figures = meter.stop().per(1, "profile");
    assert!(written.is_ok() && !file.is_empty());
    Vec::from(figures)
}

fn leak_report(n: u64) -> Vec<Figure> {
    park(n);
    let meter = Meter::start();
    let mut text = Vec::new();
    let written = pprof::lookup("goroutineleak").expect("there is one").write_to(&mut text, 1);
    let figures = meter.stop().per(1, "report");
    written.expect("it is only memory");
    let text = String::from_utf8(text).expect("text");
    let total =
        text.strip_prefix("goroutineleak profile: total ").and_then(|rest| rest.lines().next());
    let found: u64 = total.and_then(|total| total.parse().ok()).expect("how many");
    // A number that looks like an address may hide some.
    assert!(found >= n - n / 100, "{found} of {n}");
    Vec::from(figures)
}
