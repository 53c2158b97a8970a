//! A plain OS thread as a G: it parks by sleeping on a note.
//!
//! *Type-Stable*: records are pooled when their thread ends and never freed, so a `GRef` to one
//! may be looked at for ever.
//!
//! A timed wait claims its own ticket: if the claim fails, a partner has won and is about to
//! wake the note, so the thread waits for that. Nothing is lost either way.

use crate::g::{G, GRef};
use crate::host::{Host, Parking, spawner};
use crate::park::Committed;
use crate::patience::Patience;
use crate::seat::{Seat, SeatKind};
use crate::section::Section;
use crate::status::Status;
use crate::sys;
use crate::task::Task;
use crate::wait::Claim;
use core::panic::Location;
use core::ptr::NonNull;
use gaggle_lock::Note;
use gaggle_prim::throw;

/// A thread's G, its seat and what it sleeps on.
#[repr(C)]
pub(crate) struct ThreadG {
    // First: a GRef to it is widened back to the record.
    pub(crate) g: G,
    pub(crate) seat: Seat,
    note: Note,
    // Of the thread itself.
    patience: Patience,
}

static HOST: Host = Host {
    name: "thread",
    park,
    ready,
    ready_many: Host::ready_one,
    yield_now: |_| gaggle_prim::thread::yield_now(),
    has_timer_room: |_| true,
    make_timer_room: || {},
    spawn,
    now: |_| gaggle_lock::nanotime(),
    can_spin: |_| true,
    obey: |_| no_p_here(),
    wait_in_line: |_| no_p_here(),
    regain: |_| no_p_here(),
};

/// A plain thread's word never leaves `RUN`: it has no P that could be taken.
fn no_p_here() -> ! {
    throw!("thread: a plain thread stands in no line for a p")
}

impl ThreadG {
    pub(crate) fn new() -> Self {
        Self {
            g: G::new(&HOST, Status::Running),
            seat: Seat::new(SeatKind::Thread),
            note: Note::new(),
            patience: Patience::new(),
        }
    }
}

/// Takes a record from the pool for this thread, or makes one.
pub(crate) fn attach() -> NonNull<Seat> {
    let record = sys::take_record();
    // The header is the first field, so this cast keeps the record's provenance.
    // SAFETY: Made From The Container, Type-Stable.
    let g = unsafe { GRef::new(record.cast::<G>()) };
    // SAFETY: Type-Stable: the record is never freed.
    let seat = &unsafe { record.as_ref() }.seat;
    seat.set_g(Some(g));
    NonNull::from(seat)
}

fn note_of(g: &GRef) -> &Note {
    let record = g.as_ptr().cast::<ThreadG>();
    // SAFETY: Made From The Container: only `attach` makes GRefs hosted here.
    unsafe { &(*record.as_ptr()).note }
}

/// What this thread, whose G is `me`, has learnt of its waits.
fn patience_of(me: &GRef) -> &Patience {
    let record = me.as_ptr().cast::<ThreadG>();
    // SAFETY: as in `note_of`; no other thread has a reference to this field.
    unsafe { &(*record.as_ptr()).patience }
}

fn park(section: &mut Section, parking: Parking) {
    let g = section.current();
    g.status().park();
    // SAFETY: the G is `Waiting`; a thread's stack stays its own, so Off The Stack holds.
    if unsafe { parking.commit.run() } != Committed::Stay {
        g.status().resume();
        return;
    }
    let note = note_of(&g);
    match parking.deadline {
        None => {
            if !patience_of(&g).looks(note) {
                note.sleep();
            }
        }
        Some((ticket, deadline)) => {
            let met = patience_of(&g).looks_before(note, deadline);
            if !met && !note.sleep_until(deadline) {
                if g.wait().claim(ticket, Claim::TimeOut) {
                    g.status().resume();
                    return;
                }
                note.sleep(); // a partner won and is on its way
            }
        }
    }
    note.clear();
    g.status().execute();
}

fn ready(_: &mut Section, g: GRef) {
    g.status().ready();
    note_of(&g).wakeup();
}

/// Starts a plain thread that runs `task`, whoever else starts what `go` asks for. Outside sections.
///
/// # Panics
///
/// If the system has no thread to give.
pub fn spawn_thread(task: Task) {
    sys::spawn_thread(task);
}

fn spawn(section: Section, task: Task, site: &'static Location<'static>) {
    drop(section);
    match spawner() {
        Some(spawner) => spawner(task, site),
        None => sys::spawn_thread(task),
    }
}
