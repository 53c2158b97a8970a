//! What a switch promises: payloads arrive, locals survive, threads do not matter.

use std::cell::UnsafeCell;
use std::hint::black_box;
use std::thread;

use gaggle_coro::stack::{default_size, depot};
use gaggle_coro::{Backend, Context, Registers, Stack, backend, prepare, switch};

/// Both ends of a pair of contexts; each side writes only its own slot, right before it leaves.
struct Pair {
    home: UnsafeCell<Context>,
    away: UnsafeCell<Context>,
    stack: Stack,
}

// SAFETY: only the side that runs touches the slots, and running moves by `switch`.
unsafe impl Send for Pair {}

mod arch;

type Entry = unsafe extern "C" fn(usize) -> !;

impl Pair {
    fn new(entry: Entry) -> Box<Self> {
        let stack = depot().take(default_size()).unwrap();
        // SAFETY: a stack of our own; it lives as long as the pair.
        let away = unsafe { prepare(&stack, entry) };
        Box::new(Self { home: Context::empty().into(), away: away.into(), stack })
    }

    /// Runs the other side until it comes back.
    #[inline(always)]
    fn visit(&self, payload: usize) -> usize {
        // SAFETY: the other side stands still while we run.
        let to = unsafe { *self.away.get() };
        // SAFETY: as above; the slot is ours.
        unsafe { switch(self.home.get(), to, payload) }
    }

    /// From the other side: goes back.
    #[inline(always)]
    fn back(&self, payload: usize) -> usize {
        // SAFETY: home stands still while we run.
        let to = unsafe { *self.home.get() };
        // SAFETY: as above; the slot is ours.
        unsafe { switch(self.away.get(), to, payload) }
    }

    /// Where the other side stands.
    fn registers(&self) -> Registers {
        // SAFETY: the other side stands still while we run.
        let away = unsafe { *self.away.get() };
        // SAFETY: as above, and it is not empty.
        unsafe { away.registers() }
    }

    fn of(payload: usize) -> &'static Self {
        // SAFETY: the tests' first payload is the address of the pair, which outlives the entry.
        unsafe { &*std::ptr::with_exposed_provenance::<Self>(payload) }
    }

    /// The first visit: tells the entry who it is.
    fn begin(&self) -> usize {
        self.visit((&raw const *self).expose_provenance())
    }
}

unsafe extern "C" fn echo_plus_one(payload: usize) -> ! {
    let pair = Pair::of(payload);
    let mut got = pair.back(0);
    loop {
        got = pair.back(got + 1);
    }
}

#[test]
fn payloads_travel_both_ways() {
    let pair = Pair::new(echo_plus_one);
    assert_eq!(pair.begin(), 0);
    for n in 0..10_000 {
        assert_eq!(pair.visit(n), n + 1);
    }
}

#[test]
fn integers_and_floats_live_across_switches_in_a_loop() {
    let pair = Pair::new(echo_plus_one);
    pair.begin();
    let seed = black_box(3_u64);
    // More values than there are registers of either kind, all live across each switch.
    let mut ints = [seed, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67];
    let mut floats = [seed as f64, 0.5, 0.25, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5];
    let mut expected = (ints, floats);
    for round in 0..1000_u64 {
        let got = pair.visit(round as usize) as u64;
        for (i, int) in ints.iter_mut().enumerate() {
            *int = int.rotate_left(i as u32).wrapping_mul(3).wrapping_add(got);
        }
        for float in &mut floats {
            *float = (*float).mul_add(0.5, got as f64);
        }
        for (i, int) in expected.0.iter_mut().enumerate() {
            *int = int.rotate_left(i as u32).wrapping_mul(3).wrapping_add(round + 1);
        }
        for float in &mut expected.1 {
            *float = (*float).mul_add(0.5, (round + 1) as f64);
        }
    }
    assert_eq!((ints, floats), expected);
}

#[inline(always)]
fn sixteen(pair: &Pair, from: usize) -> [usize; 16] {
    [
        pair.visit(from),
        pair.visit(from + 1),
        pair.visit(from + 2),
        pair.visit(from + 3),
        pair.visit(from + 4),
        pair.visit(from + 5),
        pair.visit(from + 6),
        pair.visit(from + 7),
        pair.visit(from + 8),
        pair.visit(from + 9),
        pair.visit(from + 10),
        pair.visit(from + 11),
        pair.visit(from + 12),
        pair.visit(from + 13),
        pair.visit(from + 14),
        pair.visit(from + 15),
    ]
}

#[test]
fn a_switch_inlined_many_times_in_one_function_keeps_its_places_apart() {
    let pair = Pair::new(echo_plus_one);
    pair.begin();
    let from = black_box(100);
    let (a, b, c) = (sixteen(&pair, from), sixteen(&pair, from + 16), sixteen(&pair, from + 32));
    let all: Vec<usize> = a.into_iter().chain(b).chain(c).collect();
    assert_eq!(all, (101..149).collect::<Vec<_>>());
}

/// A frame whose locals demand more alignment than the stack has: LLVM then addresses them by a base pointer (rbx).
#[repr(align(128))]
struct Aligned([u64; 16]);

#[test]
fn overaligned_locals_keep_their_base_pointer() {
    let pair = Pair::new(echo_plus_one);
    pair.begin();
    let mut local = Aligned([black_box(1); 16]);
    let mut dynamic = vec![0_usize; black_box(9)];
    for round in 0..100 {
        let got = pair.visit(round);
        local.0[round % 16] += got as u64;
        dynamic[round % 9] += got;
        assert_eq!((&raw const local).addr() % 128, 0);
    }
    assert_eq!(local.0.iter().sum::<u64>(), 16 + 5050);
    assert_eq!(dynamic.iter().sum::<usize>(), 5050);
}

unsafe extern "C" fn records_alignment(payload: usize) -> ! {
    let pair = Pair::of(payload);
    let aligned = Aligned([7; 16]);
    let here = (&raw const aligned).addr();
    loop {
        pair.back(here);
    }
}

#[test]
fn the_entry_runs_on_the_given_stack_with_the_alignment_of_the_abi() {
    let pair = Pair::new(records_alignment);
    let here = pair.begin();
    assert_eq!(here % 128, 0);
    let inside = pair.stack.contains(here);
    assert_eq!(inside, backend() == Backend::Inline, "the thread backend has stacks of its own");
}

#[test]
fn a_context_moves_from_thread_to_thread() {
    let mut pair = Pair::new(echo_plus_one);
    pair.begin();
    for n in 0..20 {
        pair = thread::spawn(move || {
            assert_eq!(pair.visit(n), n + 1);
            pair
        })
        .join()
        .unwrap();
    }
    assert_eq!(pair.visit(77), 78);
}

/// Three contexts that never come home between: each switches straight to the next.
struct Ring {
    contexts: [UnsafeCell<Context>; 4],
    visits: UnsafeCell<Vec<usize>>,
}

fn ring_of(payload: usize) -> &'static Ring {
    // SAFETY: the payload is the address of the ring, which outlives its contexts.
    unsafe { &*std::ptr::with_exposed_provenance::<Ring>(payload) }
}

/// Leaves context `from` for `to`; both know the ring.
fn hop(ring: &Ring, from: usize, to: usize) {
    // SAFETY: `to` stands still while `from` runs.
    let target = unsafe { *ring.contexts[to].get() };
    let payload = (&raw const *ring).expose_provenance();
    // SAFETY: as above; the slot is ours.
    unsafe { switch(ring.contexts[from].get(), target, payload) };
}

unsafe extern "C" fn member<const ME: usize>(payload: usize) -> ! {
    let ring = ring_of(payload);
    loop {
        // SAFETY: one context runs at a time.
        unsafe { (*ring.visits.get()).push(ME) };
        hop(ring, ME, (ME + 1) % 4);
    }
}

#[test]
fn contexts_switch_to_each_other_without_a_centre() {
    let stacks: Vec<Stack> = (0..3).map(|_| depot().take(default_size()).unwrap()).collect();
    let entries: [Entry; 3] = [member::<1>, member::<2>, member::<3>];
    let ring = Ring {
        contexts: [const { UnsafeCell::new(Context::empty()) }; 4],
        visits: UnsafeCell::default(),
    };
    for (i, entry) in entries.into_iter().enumerate() {
        // SAFETY: fresh stacks, kept to the end of the test.
        let context = unsafe { prepare(&stacks[i], entry) };
        // SAFETY: nobody runs yet.
        unsafe { *ring.contexts[i + 1].get() = context };
    }
    for _ in 0..5 {
        hop(&ring, 0, 1);
    }
    let visits = ring.visits.into_inner();
    assert_eq!(visits, [1, 2, 3].repeat(5));
}

#[test]
fn an_empty_context_is_one_word_and_names_nothing() {
    assert!(Context::empty().is_empty());
    assert_eq!(size_of::<Context>(), size_of::<usize>());
    assert_eq!(size_of::<Stack>(), 2 * size_of::<usize>());
}

#[test]
fn registers_of_a_suspended_context_point_into_its_stack() {
    let pair = Pair::new(echo_plus_one);
    let fresh = pair.registers();
    pair.begin();
    let begun = pair.registers();
    if backend() == Backend::Thread {
        assert_eq!(begun, Registers::default());
        return;
    }
    assert_eq!(fresh.fp, 0, "the frame pointer chain ends at the root");
    for regs in [fresh, begun] {
        assert!(pair.stack.contains(regs.sp), "{regs:x?} {:?}", pair.stack);
        assert_ne!(regs.ip, 0);
    }
    assert!(begun.sp < fresh.sp);
    // The resume address lies in the function that switched, or in its `back` where that is no longer in line.
    let text = (echo_plus_one as Entry as usize).abs_diff(begun.ip);
    assert!(text < 1 << 24, "ip {:#x} is not in this program's text", begun.ip);
}
