//! Prints what walks, captures and symbolising cost on this machine.

use std::hint::black_box;
use std::time::{Duration, Instant};

use gaggle_runtime::traceback::{Level, Registers, capture, prepare, walk, write_frames};

#[inline(never)]
fn descend(depth: usize, then: &mut dyn FnMut()) {
    if depth == 0 {
        then()
    } else {
        descend(depth - 1, then)
    }
    black_box(depth);
}

fn main() {
    let once = timed(prepare);
    println!("first prepare               {once:>10.2?}");
    println!("prepare, nothing to do      {:>10.2?}", each(1000, prepare));
    for depth in [1, 10, 100] {
        descend(depth, &mut || costs(depth));
    }
    // Addresses of code, each looked up for the first time; most stand for one or two frames.
    let start = costs as *const () as usize;
    let fresh: Vec<_> = (0..500).map(|n| start + 16 * n + 1).collect();
    let mut text = String::new();
    let all = timed(|| write_frames(&fresh, Level::System, &mut text).expect("a String"));
    println!("symbolising a new pc        {:>10.2?}", all / 500);
}

#[inline(never)]
fn costs(depth: usize) {
    // The walk ends at the root, before the far end of this range; it starts in a callee.
    let sp = here().sp;
    let stack = sp - (64 << 10)..sp + (64 << 10);
    let mut pcs = [0; 512];
    let mut n = 0;
    let mut one = || {
        // SAFETY: this thread's own stack, which the walk leaves at the root of `main`.
        n = unsafe { walk(here(), stack.clone(), &mut pcs) };
    };
    println!("depth {depth}");
    println!("  first walk                {:>10.2?}", timed(&mut one));
    println!("  walk                      {:>10.2?}", each(2000, &mut one));
    println!("  frames                    {n:>10}");
    println!("  capture                   {:>10.2?}", each(2000, || _ = capture(0, &mut pcs)));
    let n = capture(0, &mut pcs);
    let show = || write_frames(&pcs[..n], Level::System, black_box(&mut String::new()));
    println!("  first write_frames        {:>10.2?}", timed(|| show().expect("a String")));
    println!("  write_frames              {:>10.2?}", each(200, || show().expect("a String")));
}

#[inline(always)]
fn here() -> Registers {
    let (ip, sp, fp): (usize, usize, usize);
    // SAFETY: reads registers only.
    unsafe {
        core::arch::asm!(
            "lea {ip}, [rip]", "mov {sp}, rsp", "mov {fp}, rbp",
            ip = out(reg) ip, sp = out(reg) sp, fp = out(reg) fp,
            options(nomem, nostack, preserves_flags),
        )
    };
    Registers { ip, sp, fp }
}

fn timed(what: impl FnOnce()) -> Duration {
    let start = Instant::now();
    what();
    start.elapsed()
}

fn each(rounds: u32, mut what: impl FnMut()) -> Duration {
    timed(|| (0..rounds).for_each(|_| what())) / rounds
}
