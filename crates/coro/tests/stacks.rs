//! What stacks promise: their own memory, warm when they come back, cheap when idle, few mappings.

#![expect(clippy::disallowed_types, reason = "plain test threads take turns by std's mutex")]

use std::collections::HashSet;
use std::env;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use gaggle_coro::Stack;
use gaggle_coro::stack::{
    Cache, GuardKind, MAX_SIZE, MIN_SIZE, default_size, depot, force_guard_kind, guard_kind,
    parse_size, set_default_size, stats, trim,
};

/// Tests here count what the whole process has.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn page() -> usize {
    // SAFETY: only asks.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

/// Pages of the stack that have memory behind them.
fn resident(stack: &Stack) -> usize {
    let mut pages = vec![0_u8; stack.size() / page()];
    let limit = stack.top().wrapping_sub(stack.size());
    // SAFETY: the range is the stack's, the answer has a byte per page.
    let rc = unsafe { libc::mincore(limit.cast(), stack.size(), pages.as_mut_ptr()) };
    assert_eq!(rc, 0);
    pages.iter().filter(|&&page| page & 1 == 1).count()
}

fn touch(stack: &Stack, bytes: usize) {
    for at in (0..bytes).step_by(page()) {
        // SAFETY: inside the stack, which is ours and idle.
        unsafe { stack.top().wrapping_sub(at + 1).write_volatile(1) };
    }
}

#[test]
fn a_stack_is_its_size_less_a_guard() {
    let _alone = alone();
    let stack = depot().take(100_000).unwrap();
    assert_eq!(stack.reserved(), 128 << 10);
    assert_eq!(stack.size(), stack.reserved() - page());
    assert_eq!(stack.top().addr() - stack.limit(), stack.size());
    assert_eq!(stack.top().addr() % 16, 0);
    assert!(stack.contains(stack.limit()) && !stack.contains(stack.limit() - 1));
    assert!(!stack.contains(stack.top().addr()));
    touch(&stack, stack.size());
    assert_eq!(resident(&stack), stack.size() / page());
}

#[test]
fn sizes_are_rounded_up_and_bounded() {
    let _alone = alone();
    assert_eq!(depot().take(1).unwrap().reserved(), MIN_SIZE);
    assert_eq!(depot().take(MAX_SIZE).unwrap().reserved(), MAX_SIZE);
    let error = depot().take(MAX_SIZE + 1).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn sizes_are_read_as_people_write_them() {
    for (text, bytes) in [("64k", 64 << 10), (" 1G\n", 1 << 30), ("2MB", 2 << 20), ("9b", 9)] {
        assert_eq!(parse_size(text.as_bytes()), Some(bytes), "{text}");
    }
    for text in ["", "K", "1.5M", "-1", "1T", "99999999999999999999", "18446744073709551615K"] {
        assert_eq!(parse_size(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn the_default_is_fixed_by_its_first_use() {
    let size = default_size();
    assert_eq!(set_default_size(size), Ok(()));
    let error = set_default_size(size * 2).unwrap_err();
    assert_eq!(error.size, size);
    assert!(error.to_string().contains("already fixed"));
}

#[test]
fn stacks_never_overlap() {
    let _alone = alone();
    let mut cache = Cache::new();
    let mut ranges: Vec<_> = Vec::new();
    let mut held = Vec::new();
    for round in 0..300 {
        let stack = if round % 3 == 0 {
            depot().take(default_size()).unwrap()
        } else {
            cache.take().unwrap()
        };
        ranges.push((stack.limit() - page(), stack.top().addr()));
        held.push(stack);
    }
    ranges.sort_unstable();
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    for stack in held {
        assert!(cache.put(stack).is_none());
    }
}

#[test]
fn a_cache_hands_out_the_stack_it_got_last() {
    let _alone = alone();
    let mut cache = Cache::new();
    let (first, second) = (cache.take().unwrap(), cache.take().unwrap());
    let (low, high) = (first.limit(), second.limit());
    cache.put(first);
    cache.put(second);
    assert_eq!(cache.take().unwrap().limit(), high);
    assert_eq!(cache.take().unwrap().limit(), low);
}

#[test]
fn a_cache_returns_a_stack_of_another_size() {
    let _alone = alone();
    let mut cache = Cache::new();
    let other = depot().take(default_size() * 2).unwrap();
    let back = cache.put(other).expect("not its size");
    assert_eq!(back.reserved(), default_size() * 2);
    assert!(cache.put(depot().take(default_size()).unwrap()).is_none(), "its size, though fresh");
}

#[test]
fn what_one_cache_gives_away_another_can_have() {
    let _alone = alone();
    let before = stats();
    let mut giver = Cache::new();
    let held: Vec<Stack> = (0..200).map(|_| giver.take().unwrap()).collect();
    let theirs: HashSet<usize> = held.iter().map(Stack::limit).collect();
    for stack in held {
        giver.put(stack);
    }
    drop(giver);
    assert_eq!(stats().live, before.live, "a dropped cache keeps nothing");
    let mut taker = Cache::new();
    let again: Vec<Stack> = (0..200).map(|_| taker.take().unwrap()).collect();
    let reused = again.iter().filter(|stack| theirs.contains(&stack.limit())).count();
    assert!(reused >= 150, "only {reused} of 200 were reused");
    drop(again);
}

#[test]
fn a_dropped_stack_goes_to_the_depot() {
    let _alone = alone();
    let stack = depot().take(default_size()).unwrap();
    let before = stats();
    drop(stack);
    let after = stats();
    assert_eq!((after.live, after.idle), (before.live - 1, before.idle + 1));
}

#[test]
fn trim_gives_back_what_lies_below_the_top_page() {
    let _alone = alone();
    while trim(1000) > 0 {}
    let size = 8 << 20;
    let stack = depot().take(size).unwrap();
    let limit = stack.limit();
    touch(&stack, 1 << 20);
    assert!(resident(&stack) >= 256);
    let kept = stack.top().wrapping_sub(512);
    // SAFETY: inside the stack, which is ours and idle.
    unsafe { kept.write_volatile(77) };
    depot().give(stack);
    assert_eq!(trim(10), 1);
    assert_eq!(trim(10), 0, "once is enough");
    let again = depot().take(size).unwrap();
    assert_eq!(again.limit(), limit);
    assert_eq!(resident(&again), 1, "the top page stays warm");
    // SAFETY: as above: the same stack.
    assert_eq!(unsafe { kept.read_volatile() }, 77, "it was never given back");
    touch(&again, again.size());
}

#[test]
fn trim_stops_at_its_bound() {
    let _alone = alone();
    while trim(1000) > 0 {}
    let stacks: Vec<Stack> = (0..10).map(|_| depot().take(4 << 20).unwrap()).collect();
    for stack in &stacks {
        touch(stack, 64 << 10);
    }
    drop(stacks);
    assert_eq!(trim(4), 4);
    assert_eq!(trim(100), 6);
}

#[test]
fn threads_may_share_the_depot() {
    let _alone = alone();
    let before = stats().live;
    let worker = |seed: usize| {
        move || {
            let mut cache = Cache::new();
            let mut held: Vec<Stack> = Vec::new();
            for step in 0..3000 {
                match (seed * 7 + step * 13) % 5 {
                    0 => held.extend(depot().take(default_size())),
                    1 | 2 => held.extend(cache.take()),
                    3 => drop(held.pop()),
                    _ => drop(held.pop().and_then(|stack| cache.put(stack))),
                }
                if let Some(stack) = held.last() {
                    let word = stack.top().wrapping_sub(64).cast::<usize>();
                    // SAFETY: our stack, idle.
                    unsafe { word.write_volatile(stack.limit()) };
                }
            }
            for stack in &held {
                let word = stack.top().wrapping_sub(64).cast::<usize>();
                // SAFETY: our stack, idle; written when it was the last.
                assert_eq!(unsafe { word.read_volatile() }, stack.limit(), "somebody else has it");
            }
        }
    };
    let threads: Vec<_> = (0..4).map(|seed| thread::spawn(worker(seed))).collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(stats().live, before);
}

fn take_untouched(count: usize) {
    let _alone = alone();
    if guard_kind() != GuardKind::Install {
        return; // The other rungs pay with mappings; that is their point.
    }
    let before = (mappings(), stats());
    let mut cache = Cache::new();
    let stacks: Vec<Stack> = (0..count).map(|_| cache.take().unwrap()).collect();
    let after = (mappings(), stats());
    assert!(after.1.live - before.1.live >= count);
    assert!(after.1.slabs - before.1.slabs <= 20, "{before:?} {after:?}");
    assert!(after.0.saturating_sub(before.0) <= 24, "{before:?} {after:?}");
    // Going back would touch each of them; the process ends soon.
    stacks.into_iter().for_each(std::mem::forget);
}

#[test]
fn a_hundred_thousand_stacks_take_a_handful_of_mappings() {
    take_untouched(100_000);
}

#[test]
#[ignore = "half a gigabyte of page tables"]
fn a_million_stacks_take_a_handful_of_mappings() {
    take_untouched(1_000_000);
}

#[test]
fn the_environment_sets_the_default_size() {
    const CHILD: &str = "GAGGLE_CORO_TEST_CHILD";
    const NAME: &str = "the_environment_sets_the_default_size";
    if let Ok(expected) = env::var(CHILD) {
        assert_eq!(default_size().to_string(), expected);
        assert_eq!(Cache::new().take().unwrap().reserved(), default_size());
        return;
    }
    for (given, expected) in [("1M", 1 << 20), ("1", MIN_SIZE), ("9G", MAX_SIZE), ("?", 256 << 10)]
    {
        let child = Command::new(env::current_exe().unwrap())
            .args([NAME, "--exact"])
            .env(CHILD, expected.to_string())
            .env("GAGGLE_STACK", given)
            .output()
            .unwrap();
        assert!(child.status.success(), "{given}: {}", String::from_utf8_lossy(&child.stdout));
    }
}

#[test]
fn protected_guards_stop_at_their_budget_and_then_share() {
    let _alone = alone();
    let rung = guard_kind();
    force_guard_kind(GuardKind::Protect, Some(40));
    // A size nobody else uses here, so that every stack is new.
    let take = |_| depot().take(32 << 20).unwrap();
    let before = stats().mappings;
    let mut stacks: Vec<Stack> = (0..30).map(take).collect();
    assert_eq!(guard_kind(), GuardKind::Protect, "three quarters are for single stacks");
    stacks.extend((0..1).map(take));
    assert_eq!(guard_kind(), GuardKind::Shared, "the last quarter is for groups");
    stacks.extend((0..400).map(take));
    let spent = stats().mappings - before;
    assert!((62..=2 * 40 + 16).contains(&spent), "{spent} mappings");
    for stack in &stacks {
        touch(stack, page());
    }
    drop(stacks);
    force_guard_kind(rung, None);
}

/// Whether this kernel gives advice about several ranges of the caller's own memory in one call (Linux 6.14).
fn kernel_takes_runs() -> bool {
    let (at, advice) = (std::ptr::without_provenance_mut(page()), libc::MADV_POPULATE_WRITE);
    let none = libc::iovec { iov_base: at, iov_len: 0 };
    // SAFETY: an empty range.
    unsafe { libc::syscall(libc::SYS_process_madvise, -10_001, &raw const none, 1, advice, 0) == 0 }
}

/// Few goroutines touch what they use; of very many each finds its page there, and has its guard. In a process of
/// its own, where nobody has used a stack yet.
#[test]
fn of_many_new_stacks_the_later_ones_come_with_their_page_and_their_guard() {
    const CHILD: &str = "GAGGLE_CORO_TEST_RUNS";
    const NAME: &str = "of_many_new_stacks_the_later_ones_come_with_their_page_and_their_guard";
    if env::var_os(CHILD).is_none() {
        let mut child = Command::new(env::current_exe().unwrap());
        let child = child.args([NAME, "--exact"]).env(CHILD, "1").output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        return;
    }
    let mut cache = Cache::new();
    let stacks: Vec<Stack> = (0..300).map(|_| cache.take().unwrap()).collect();
    let early = stacks[..128].iter().map(resident).sum::<usize>();
    assert_eq!(early, 0, "touched before they were used");
    let runs = guard_kind() == GuardKind::Install && kernel_takes_runs();
    let late = stacks[128..].iter().map(resident).sum::<usize>();
    assert_eq!(late, if runs { stacks.len() - 128 } else { 0 });
    if guard_kind() != GuardKind::Shared {
        let guarded = stacks.iter().filter(|stack| !is_readable(stack.limit() - 1)).count();
        assert_eq!(guarded, stacks.len());
    }
    assert!(is_readable(stacks[0].top().addr() - 1));
    stacks.into_iter().for_each(|stack| _ = cache.put(stack));
}

/// Whether the kernel can read the byte at `address`: where it cannot, it says so and sends no signal.
fn is_readable(address: usize) -> bool {
    let mut pipe = [0; 2];
    // SAFETY: room for two descriptors.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    let at = std::ptr::with_exposed_provenance::<libc::c_void>(address);
    // SAFETY: the kernel looks whether it may read.
    let wrote = unsafe { libc::write(pipe[1], at, 1) };
    for end in pipe {
        // SAFETY: opened above.
        unsafe { libc::close(end) };
    }
    wrote == 1
}
