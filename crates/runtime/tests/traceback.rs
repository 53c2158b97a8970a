//! Walks agree with the system unwinder, and frames are written in Go's layout (AA4).

mod support;

use std::hint::black_box;
use std::sync::mpsc;

use gaggle_runtime::traceback::{Level, capture, elided, prepare, walk, write_frames};
use support::{Standing, name_of, own_stack, system_pcs};

/// `depth` frames of this function, then `then`.
#[inline(never)]
fn descend<R>(depth: usize, then: &mut dyn FnMut() -> R) -> R {
    let result = if depth == 0 { then() } else { descend(depth - 1, then) };
    black_box(depth);
    result
}

/// Walks its own stack; answers the walk's pcs and the system unwinder's, without this frame's own.
#[inline(never)]
fn walk_here(slots: usize) -> (Vec<usize>, Vec<usize>) {
    let stack = own_stack();
    let mut pcs = vec![0; slots];
    let regs = registers_here!();
    // SAFETY: this thread's own stack; frames above this one are not written during the call.
    let n = unsafe { walk(regs, stack, &mut pcs) };
    pcs.truncate(n);
    assert_eq!(pcs[0], regs.ip);
    let system = system_pcs();
    let own = system.iter().position(|&pc| name_of(pc).contains("walk_here")).expect("own frame");
    (pcs.split_off(1), system[own + 1..].to_vec())
}

#[test]
fn a_walk_finds_what_the_system_unwinder_finds() {
    prepare();
    for depth in [0, 1, 20] {
        let (walked, system) = descend(depth, &mut || walk_here(512));
        assert!(system.len() > depth, "{system:x?}");
        assert_eq!(walked, system);
    }
}

#[test]
fn a_walk_from_another_thread_finds_what_the_stack_s_owner_finds() {
    prepare();
    let (tell, told) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let owner = std::thread::spawn(move || descend(7, &mut || stand_still(&tell, &wait)));
    let Standing { regs, stack, expected } = told.recv().expect("the owner stands still");
    let mut pcs = [0; 128];
    // SAFETY: the owner waits, in calls below `regs.sp`, until it is told to go on.
    let n = unsafe { walk(regs, stack, &mut pcs) };
    go_on.send(()).expect("the owner waits");
    owner.join().expect("the owner ends");
    assert_eq!(pcs[1..n], expected);
}

#[inline(never)]
fn stand_still(tell: &mpsc::Sender<Standing>, wait: &mpsc::Receiver<()>) {
    let system = system_pcs();
    let own = system.iter().position(|&pc| name_of(pc).contains("stand_still")).expect("own frame");
    let expected = system[own + 1..].to_vec();
    let regs = registers_here!();
    tell.send(Standing { regs, stack: own_stack(), expected }).expect("somebody walks");
    wait.recv().expect("somebody lets go");
}

#[test]
fn a_walk_stops_where_the_stack_is_said_to_end() {
    prepare();
    let whole = descend(5, &mut || walk_within(usize::MAX));
    let part = descend(5, &mut || walk_within(512));
    assert!(!part.is_empty() && part.len() < whole.len(), "{} of {}", part.len(), whole.len());
    assert_eq!(walk_within(0).len(), 1, "only the first pc needs no stack");
}

/// A walk that may read `bytes` of the stack.
#[inline(never)]
fn walk_within(bytes: usize) -> Vec<usize> {
    let mut stack = own_stack();
    let mut pcs = vec![0; 256];
    let regs = registers_here!();
    stack.start = regs.sp;
    stack.end = stack.end.min(regs.sp.saturating_add(bytes));
    // SAFETY: a part of this thread's own stack.
    let n = unsafe { walk(regs, stack, &mut pcs) };
    pcs.truncate(n);
    pcs
}

#[test]
fn a_slice_too_short_for_a_deep_stack_keeps_both_ends() {
    prepare();
    // One place of call, so that all pcs are equal.
    let mut found = Vec::new();
    for slots in black_box(vec![1024, 32]) {
        found.push(descend(300, &mut || walk_here(slots)).0);
    }
    let [full, short] = &found[..] else { unreachable!() };
    // Slot 0 is the walk's own; 16 make the head, one is the mark, 15 the tail.
    assert_eq!(short.len(), 31);
    assert_eq!(short[..15], full[..15]);
    assert_eq!(elided(short[15]), Some(full.len() - 30));
    assert_eq!(short[16..], full[full.len() - 15..]);
}

#[inline(never)]
fn capture_here(skip: usize) -> Vec<usize> {
    let mut pcs = vec![0; 256];
    let n = capture(skip, &mut pcs);
    pcs.truncate(n);
    pcs
}

#[inline(never)]
fn capture_there() -> Vec<usize> {
    let mut pcs = vec![0; 8];
    capture(0, &mut pcs);
    pcs
}

#[test]
fn capture_begins_with_its_caller_and_skips_as_told() {
    let mut found = Vec::new();
    // One call for all of them: an optimised build may leave out frames of one and not of another.
    for skip in black_box(vec![0, 1, 2]) {
        found.push(descend(3, &mut || capture_here(skip)));
    }
    let [all, first, second] = &found[..] else { unreachable!() };
    assert!(name_of(all[0]).ends_with("capture_here"), "{}", name_of(all[0]));
    assert_eq!(first[1..], second[..]);
    assert_eq!(first.len() + 1, all.len());
}

fn text(pcs: &[usize], level: Level) -> String {
    let mut text = String::new();
    write_frames(pcs, level, &mut text).expect("a String takes everything");
    text
}

/// The functions of a text, after a check of each frame's two lines.
fn functions(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("...")).collect();
    let frames = lines.chunks(2).map(|frame| {
        let [function, place] = frame else { panic!("half a frame in {text}") };
        let place = place.strip_prefix('\t').unwrap_or_else(|| panic!("no tab in {text}"));
        let (place, offset) = place.rsplit_once(" +0x").unwrap_or((place, "0"));
        // Whoever starts the thread may be C++: a sanitizer.
        let (_file, line) = place.rsplit_once(':').unwrap_or_else(|| panic!("{place}"));
        line.parse::<u32>().unwrap_or_else(|_| panic!("{place}"));
        u64::from_str_radix(offset, 16).unwrap_or_else(|_| panic!("{place}"));
        function.strip_suffix("(...)").unwrap_or_else(|| panic!("{function}"))
    });
    frames.collect()
}

#[test]
fn frames_are_a_function_and_a_place_each_without_those_of_the_runtime() {
    let pcs = descend(2, &mut || capture_here(0));
    let user = text(&pcs, Level::User);
    let shown = functions(&user);
    assert_eq!(shown[0], "traceback::capture_here", "{user}");
    assert!(shown.iter().filter(|name| name.starts_with("traceback::descend")).count() >= 3);
    assert!(!user.contains("core::ops::function"), "{user}");
    assert!(!user.contains("std::sys::"), "{user}");
    let system = text(&pcs, Level::System);
    assert!(system.contains("std::sys::backtrace::"), "{system}");
    assert!(system.lines().count() > user.lines().count());
    // AA1: with the level that shows all, where exactly.
    assert!(!user.contains(" pc=0x"), "{user}");
    let places = system.lines().filter(|line| line.contains(" +0x"));
    assert!(places.clone().count() > 2);
    for place in places {
        let (_, pc) = place.split_once(" pc=0x").unwrap_or_else(|| panic!("{place}"));
        let pc = usize::from_str_radix(pc, 16).unwrap_or_else(|_| panic!("{place}"));
        assert!(pcs.contains(&pc), "{place}");
    }
}

#[test]
fn a_path_below_the_current_directory_is_relative_to_it() {
    let user = text(&capture_here(0), Level::User);
    let place = user.lines().nth(1).expect("a place");
    let dir = std::env::current_dir().expect("a current directory");
    assert!(!user.contains(dir.to_str().expect("a plain path")), "{user}");
    assert!(place.contains("tests/traceback.rs:"), "{place}");
}

#[inline(always)]
fn inlined(slots: &mut [usize]) -> usize {
    capture(0, black_box(slots))
}

#[inline(never)]
fn with_inlined() -> Vec<usize> {
    let mut pcs = vec![0; 64];
    let n = inlined(&mut pcs);
    pcs.truncate(n);
    pcs
}

#[test]
fn an_inlined_frame_is_shown_without_offset() {
    let user = text(&with_inlined(), Level::User);
    let lines: Vec<_> = user.lines().collect();
    // With line tables only, an inlined function's name has no path.
    assert!(["traceback::inlined(...)", "inlined(...)"].contains(&lines[0]), "{user}");
    assert_eq!(lines[2], "traceback::with_inlined(...)");
    assert!(!lines[1].contains(" +0x"), "{user}");
    assert!(lines[3].contains(" +0x"), "{user}");
}

#[test]
fn of_150_frames_the_first_and_the_last_50_are_shown() {
    let pc = capture_here(0)[0];
    for (frames, left_out) in [(100, 0), (101, 1), (150, 50)] {
        let text = text(&vec![pc; frames], Level::User);
        assert_eq!(functions(&text).len(), frames - left_out);
        if left_out > 0 {
            let mark = format!("...{left_out} frames elided...");
            assert_eq!(text.lines().nth(100), Some(mark.as_str()));
        }
    }
}

#[test]
fn what_the_collector_left_out_counts_as_elided() {
    let (first, last) = (capture_here(0)[0], capture_there()[0]);
    let mut pcs = vec![first; 60];
    pcs.push(usize::MAX - 1000);
    pcs.extend([last; 20]);
    let text = text(&pcs, Level::User);
    let shown = functions(&text);
    assert_eq!(text.lines().nth(100), Some("...1010 frames elided..."));
    assert!(shown[..50].iter().all(|name| *name == "traceback::capture_here"));
    assert!(shown[50..].iter().all(|name| *name == "traceback::capture_there"));
}

#[test]
fn frames_that_would_all_be_hidden_are_all_shown() {
    let pcs = capture_here(0);
    let root = *pcs.last().expect("a root");
    assert!(!text(&[root], Level::User).is_empty());
}

#[test]
fn a_pc_of_no_module_is_shown_as_a_number() {
    assert_eq!(text(&[0x1234], Level::User), "?(...)\n\t?:0 pc=0x1234\n");
}

#[test]
fn more_threads_than_walkers_all_get_their_walk() {
    prepare();
    let expected = descend(30, &mut || walk_here(512)).0.len();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let found = descend(30, &mut || walk_within(usize::MAX)).len();
                    assert!(found > 30, "{found} of about {expected}");
                }
            });
        }
    });
}
