//! Models of the press with the line and the hand-off: the monitor takes the P of an M, or leaves word that it
//! is to give it up; the M obeys where it enters; the P goes to the first in line; and each waits in line
//! until a P is handed to it. The real words, sections and press; the scheduler stands in small behind its lock.
//!
//! *One P*: whoever has it, in its word or in hand, is alone with it. *Nobody Is Forgotten*: when all have done
//! their work the line is empty and the P idle.
//!
//! Seen to fail: both with `come_in` not changing the epoch, and with an attempt that hands the P off although
//! its look has expired (two owners); the first with `obey` not waiting in line (a section without a P).
#![cfg(loom)]

use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, G, GRef, Granted, Host, Look, Seat, SeatKind, Status, sit};
use gaggle_lock::{Mutex, MutexGuard, Rank as LockRank};
use gaggle_prim::heavy_fence;
use gaggle_sched::press::{Press, Rank};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use std::collections::VecDeque;

const P: u32 = 0;

/// An M in small: its seat first, as the scheduler has it.
#[repr(C)]
struct Machine {
    seat: Seat,
    g: G,
    press: Press,
    world: &'static World,
}

/// What stands behind the scheduler's lock.
struct Inner {
    line: VecDeque<&'static Machine>,
    idle_ps: u32,
}

struct World {
    sched: Mutex<Inner>,
    tick: AtomicU32,
    /// What belongs to the owner of the one P.
    owned: UnsafeCell<u32>,
}

// SAFETY: the model checks that `owned` has one owner at a time.
unsafe impl Sync for World {}
// SAFETY: as above; all else is shared by design.
unsafe impl Sync for Machine {}

static HOST: Host = Host {
    name: "model",
    obey: |section| obey(machine_of(section.seat())),
    wait_in_line: |section| wait_in_line(section.seat()),
    ..Host::NOBODY
};

fn machine_of(seat: &Seat) -> &'static Machine {
    // SAFETY: every seat of these models is the first field of a leaked Machine.
    unsafe { &*core::ptr::from_ref(seat).cast::<Machine>() }
}

impl World {
    fn new() -> &'static World {
        Box::leak(Box::new(World {
            sched: Mutex::new(LockRank::Sched, Inner { line: VecDeque::new(), idle_ps: 0 }),
            tick: AtomicU32::new(0),
            owned: UnsafeCell::new(0),
        }))
    }

    /// What an owner of the P does with it.
    fn use_p(&self) {
        // SAFETY: the model checks that no two owners meet.
        self.owned.with_mut(|owned| unsafe { *owned += 1 });
    }

    /// `P::schedtick`.
    fn tick(&self) -> u32 {
        self.tick.load(Ordering::Relaxed)
    }

    /// `handoff::hand_off` and `handoff::grant`.
    fn hand_off(&self) {
        self.use_p(); // it is in hand
        let mut inner: MutexGuard<'_, Inner> = self.sched.lock();
        match inner.line.pop_front() {
            Some(m) => {
                self.tick.store(self.tick() + 1, Ordering::Relaxed); // `P::tick`
                let _: Granted = m.seat.word().grant(P); // it spins where others sleep
            }
            None => inner.idle_ps += 1,
        }
    }

    /// `retake::join_line`.
    fn join_line(&self, m: &'static Machine, look: Look) -> Result<Option<u32>, Look> {
        let mut inner = self.sched.lock();
        let lost = m.seat.word().queue(look)?;
        inner.line.push_back(m);
        Ok(lost)
    }

    /// `retake::preempt`.
    fn preempt(&self, m: &'static Machine) {
        if m.seat.word().p().is_none() {
            return;
        }
        m.seat.word().ask();
        heavy_fence();
        match m.seat.look_outside().map(|look| self.join_line(m, look)) {
            Some(Ok(Some(P))) => self.hand_off(),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => m.press.put(self.tick(), P, Rank::Behind),
        }
    }
}

/// `obey::obey`.
fn obey(m: &'static Machine) {
    let world = m.world;
    if m.seat.word().p().is_some() && m.press.take(world.tick(), P).is_some() {
        if let Ok(Some(P)) = world.join_line(m, m.seat.look_inside()) {
            world.hand_off();
        }
        wait_in_line(&m.seat);
    }
}

/// `suspend::wait_in_line`, with a spin for the futex.
fn wait_in_line(seat: &Seat) {
    if seat.word().stop().or_else(|| seat.word().stopped()).is_some() {
        while seat.word().stopped().is_some() {
            thread::yield_now();
        }
    }
}

fn machine(world: &'static World) -> &'static Machine {
    let m = Box::leak(Box::new(Machine {
        seat: Seat::new(SeatKind::Machine),
        g: G::new(&HOST, Status::Running),
        press: Press::new(),
        world,
    }));
    // SAFETY: leaked; the header is used as a header only.
    m.seat.set_g(Some(unsafe { GRef::new(NonNull::from(&m.g)) }));
    m
}

/// One with the P, which runs a goroutine.
fn owner(world: &'static World) -> &'static Machine {
    let m = machine(world);
    m.seat.word().take_p(P);
    m
}

/// One whose goroutine was stopped before.
fn stopped(world: &'static World) -> &'static Machine {
    let m = machine(world);
    m.seat.word().detach();
    assert!(matches!(world.join_line(m, m.seat.look_inside()), Ok(None)));
    m
}

/// The life of a goroutine on `m`: it enters the runtime so many times, and then ends.
fn enters(m: &'static Machine, times: u32) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        // SAFETY: leaked, no section, no other thread sits there.
        unsafe { sit(&raw const m.seat) };
        for time in 1..=times {
            let section = gopark::enter();
            assert_eq!(section.seat().word().p(), Some(P), "it has waited for it");
            m.world.use_p();
            if time == times {
                assert_eq!(section.seat().word().drop_p(), P);
                m.world.hand_off();
            }
            drop(section);
        }
        // SAFETY: no section is open.
        unsafe { sit(core::ptr::null()) };
    })
}

fn all_is_over(world: &World) {
    let inner = world.sched.lock();
    assert!(inner.line.is_empty());
    assert_eq!(inner.idle_ps, 1);
}

/// The first M enters while the monitor tries to take its P, fails, and presses it; the second stands in line.
#[test]
fn a_press_races_the_line_and_the_hand_off() {
    loom::model(|| {
        let world = World::new();
        let (first, second) = (owner(world), stopped(world));
        let threads = [enters(first, 2), enters(second, 1)];
        world.preempt(first);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        all_is_over(world);
    });
}

/// Two attempts: the second may find the press of the first obeyed, void, or still there.
#[test]
fn two_attempts_race_an_m_that_only_enters() {
    loom::model(|| {
        let world = World::new();
        let first = owner(world);
        let thread = enters(first, 2);
        world.preempt(first);
        world.preempt(first);
        thread.join().unwrap();
        all_is_over(world);
    });
}
