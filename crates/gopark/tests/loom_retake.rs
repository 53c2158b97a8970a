//! Models of retake: the monitor takes a P while its M enters the runtime, leaves it, or is
//! granted another one. The real `Seat`, `MWord` and `Section`; the host stands in for a scheduler.
//!
//! Seen to fail: the first two and `grant_against_entry` with `enter`'s light fence gone, with
//! `come_in` not changing the epoch, with `look_outside` reading the depth before the word, and with
//! the depth stored relaxed; the first two with the monitor's heavy fence gone;
//! `grant_against_entry` with `come_in` deaf to `QUEUED`, and with `p` relaxed; those that lend and
//! grant with a relaxed CAS there.
#![cfg(loom)]

use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, G, GRef, Granted, Host, MState, Seat, SeatKind, Status, sit};
use gaggle_prim::heavy_fence;
use loom::cell::UnsafeCell;
use loom::thread;

/// An M in small: its seat first, as the scheduler has it.
#[repr(C)]
struct Machine {
    seat: Seat,
    g: G,
    /// Whether the monitor has left word that it is to give its P up.
    pressed: bool,
    /// What belongs to the owner of the one P.
    owned: UnsafeCell<u32>,
}

// SAFETY: the model checks that `owned` has one owner at a time.
unsafe impl Sync for Machine {}

static HOST: Host = Host {
    name: "model",
    yield_now: |_| {},
    obey: |section| obey(section.seat()),
    wait_in_line: |section| wait_in_line(section.seat()),
    regain: |section| section.seat().word().give_in(),
    ..Host::NOBODY
};

/// A pressed M gives its P up where it enters: to whoever grants it back at once.
fn obey(seat: &Seat) {
    // SAFETY: every seat of these models is the first field of a leaked Machine.
    let m = unsafe { &*core::ptr::from_ref(seat).cast::<Machine>() };
    if m.pressed {
        assert_eq!(seat.word().queue(seat.look_inside()).ok(), Some(Some(0)), "every look is void");
        use_p(m); // it is in hand
        let _: Granted = seat.word().grant(0);
        wait_in_line(seat);
    }
}

/// As the handler does, with a spin for the futex.
fn wait_in_line(seat: &Seat) {
    if seat.word().stop().or_else(|| seat.word().stopped()).is_some() {
        while seat.word().stopped().is_some() {
            thread::yield_now();
        }
    }
}

/// An M with P 0, outside the runtime.
fn machine() -> &'static Machine {
    machine_that_is(false)
}

fn machine_that_is(pressed: bool) -> &'static Machine {
    let m = Box::leak(Box::new(Machine {
        seat: Seat::new(SeatKind::Machine),
        g: G::new(&HOST, Status::Running),
        pressed,
        owned: UnsafeCell::new(0),
    }));
    // SAFETY: leaked; the header is used as a header only.
    m.seat.set_g(Some(unsafe { GRef::new(NonNull::from(&m.g)) }));
    m.seat.word().take_p(0);
    m
}

/// Runs `body` on a thread that sits at `m`.
fn on(m: &'static Machine, body: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        // SAFETY: leaked, no section, no other thread sits there.
        unsafe { sit(&raw const m.seat) };
        body();
        // SAFETY: no section is open.
        unsafe { sit(core::ptr::null()) };
    })
}

/// What an owner of the P does with it.
fn use_p(m: &Machine) {
    // SAFETY: the model checks that no two owners meet.
    m.owned.with_mut(|owned| unsafe { *owned += 1 });
}

/// A section of the M: it uses the P if it has one.
fn section(m: &Machine) -> Option<u32> {
    let section = gopark::enter();
    let p = section.seat().word().p();
    if p.is_some() {
        use_p(m);
    }
    assert_eq!(section.seat().word().p(), p, "Stable Inside");
    p
}

/// The monitor: asks, fences, looks, takes. True if the P is its own now.
fn retake(m: &Machine) -> bool {
    m.seat.word().ask();
    heavy_fence();
    m.seat.look_outside().is_some_and(|look| m.seat.word().take(look).is_some())
}

#[test]
fn retake_against_entry() {
    loom::model(|| {
        let m = machine();
        let victim = on(m, || _ = (section(m), section(m)));
        if retake(m) {
            use_p(m);
        }
        victim.join().unwrap();
    });
}

/// Who is pressed gives its P up at its entry while the monitor still tries to take it: one of them
/// does. (Seen to fail with `come_in` not changing the epoch.)
#[test]
fn pressed_entry_against_retake() {
    loom::model(|| {
        let m = machine_that_is(true);
        let victim = on(m, || _ = (section(m), section(m)));
        if retake(m) {
            use_p(m);
        }
        victim.join().unwrap();
    });
}

/// A later look needs no second fence: the word has stood at `ASK` since the first one.
#[test]
fn a_second_look_against_entry() {
    loom::model(|| {
        let m = machine();
        let victim = on(m, || _ = (section(m), section(m)));
        let taken = retake(m)
            || m.seat.look_outside().is_some_and(|look| m.seat.word().take(look).is_some());
        if taken {
            use_p(m);
        }
        victim.join().unwrap();
    });
}

/// A P that is lent back is the M's own, with all that others did with it. (Without fences this
/// one passes: the word is at `TAKEN` before the threads begin.)
#[test]
fn lending_against_entry() {
    loom::model(|| {
        let m = machine();
        assert!(retake(m));
        let victim = on(m, || {
            section(m);
            section(m);
        });
        use_p(m);
        if let Some(look) = m.seat.look_outside()
            && !m.seat.word().lend(look, 0)
        {
            use_p(m); // the look has expired: the P is still the monitor's
        }
        victim.join().unwrap();
    });
}

/// Queue, grant and entry: whoever comes in while standing in line waits there for the P.
#[test]
fn grant_against_entry() {
    loom::model(|| {
        let m = machine();
        let victim = on(m, || {
            section(m);
            assert_eq!(section(m), Some(0), "whoever comes in has a P, or waits for it");
        });
        m.seat.word().ask();
        heavy_fence();
        if let Some(look) = m.seat.look_outside()
            && m.seat.word().queue(look).is_ok()
        {
            use_p(m); // it is the monitor's, until it is granted
            let _: Granted = m.seat.word().grant(0);
        }
        victim.join().unwrap();
    });
}

/// The handler's stop against the grant: whoever sleeps is woken, whoever was granted does not
/// sleep.
#[test]
fn stop_against_grant() {
    loom::model(|| {
        let m = machine();
        m.seat.word().ask();
        heavy_fence();
        let look = m.seat.look_outside().unwrap();
        assert_eq!(m.seat.word().queue(look).unwrap(), Some(0));
        let victim = on(m, || {
            wait_in_line(&m.seat); // the handler
            section(m);
        });
        use_p(m);
        let granted = m.seat.word().grant(0);
        victim.join().unwrap();
        assert_eq!(m.seat.word().p(), Some(0), "{granted:?}");
    });
}

/// Stopped, and let go without a P because the process dies: it computes on, and where it comes in it
/// waits for its turn. (Seen to fail with `come_in` deaf to `STOPPED`.)
#[test]
fn let_go_then_entry_against_grant() {
    loom::model(|| {
        let m = machine();
        m.seat.word().ask();
        heavy_fence();
        let look = m.seat.look_outside().unwrap();
        assert_eq!(m.seat.word().queue(look).unwrap(), Some(0));
        let victim = on(m, || {
            let _let_go = m.seat.word().stop(); // the handler, which does not sleep
            assert_eq!(section(m), Some(0));
            assert_eq!(section(m), Some(0));
        });
        use_p(m);
        let _: Granted = m.seat.word().grant(0);
        victim.join().unwrap();
    });
}

/// The end of a blocking call against a monitor that lends: `detach`, then back in.
#[test]
fn syscall_exit_against_lending() {
    loom::model(|| {
        let m = machine();
        let victim = on(m, || {
            {
                let section = gopark::enter();
                section.seat().word().drop_p();
                section.seat().word().detach();
            }
            let back = gopark::enter();
            match back.seat().word().p() {
                Some(_) => use_p(m),
                None => back.leave_at_switch_point(),
            }
        });
        if m.seat.word().state() == MState::Taken
            && let Some(look) = m.seat.look_outside()
            && !m.seat.word().lend(look, 0)
        {
            use_p(m);
        }
        victim.join().unwrap();
    });
}
