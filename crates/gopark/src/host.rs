//! Who runs a G: a table of functions in its header.
//!
//! There are two hosts in this workspace: the scheduler (goroutines) and [`thread`](crate::thread)
//! (plain OS threads). A host never knows what a G waits for.

use crate::g::GRef;
use crate::list::GQueue;
use crate::park::Commit;
use crate::reason::WaitReason;
use crate::section::Section;
use crate::task::Task;
use crate::wait::Ticket;
use core::fmt;
use core::panic::Location;
use core::sync::atomic::{AtomicPtr, Ordering};
use gaggle_prim::throw;

/// All that a host must know to park the current G.
#[derive(Debug)]
pub struct Parking {
    /// Why, for dumps.
    pub reason: WaitReason,
    /// The point of no return; runs once the G is `Waiting` and off its stack.
    pub commit: Commit,
    /// The ticket to claim, and the monotonic nanosecond at which to claim it.
    pub deadline: Option<(Ticket, u64)>,
}

/// What a host can do. Each function runs inside the section it is given, on the current thread.
pub struct Host {
    /// A short name for debug output.
    pub name: &'static str,
    /// Stops the current G until it is ready (or its deadline was claimed).
    pub park: fn(&mut Section, Parking),
    /// Makes a `Waiting` G of this host `Runnable`.
    pub ready: fn(&mut Section, GRef),
    /// Does the same for as many Gs as it likes: the one given, then the first ones of the queue that are
    /// of this host. In the end all is as if each had been readied by itself, in this order.
    pub ready_many: fn(&mut Section, GRef, &mut GQueue),
    /// Lets others run; the current G stays runnable (SEMANTICS A13).
    pub yield_now: fn(&mut Section),
    /// True if a park with a deadline will not need memory.
    pub has_timer_room: fn(&Section) -> bool,
    /// Makes that room; called outside sections, may allocate.
    pub make_timer_room: fn(),
    /// Starts a goroutine (or what stands for one), and ends the section, which is the only one.
    pub spawn: fn(Section, Task, &'static Location<'static>),
    /// The monotonic nanosecond, for a G of this host.
    pub now: fn(GRef) -> u64,
    /// True if a short spin may be worth it (SEMANTICS K5).
    pub can_spin: fn(&Section) -> bool,
    /// The M enters the runtime, and is asked to yield: it may give its P up, and wait for another.
    /// Nothing inside the section has happened yet.
    pub obey: fn(&Section),
    /// The M enters the runtime while it stands in line for a P: sleeps until it is given one.
    /// Nothing inside the section has happened yet.
    pub wait_in_line: fn(&Section),
    /// The M lost its P outside the runtime and is at a switch point: finds it one, or lets the
    /// current G wait until it runs again.
    pub regain: fn(&mut Section),
}

impl Host {
    /// A host none of whose functions is called, and for which no time passes: models and tests put those few
    /// that are into a copy.
    pub const NOBODY: Host = Host {
        name: "nobody",
        park: |_, _| not_called(),
        ready: |_, _| not_called(),
        ready_many: Host::ready_one,
        yield_now: |_| not_called(),
        has_timer_room: |_| not_called(),
        make_timer_room: || not_called(),
        spawn: |_, _, _| not_called(),
        now: |_| 0,
        can_spin: |_| not_called(),
        obey: |_| not_called(),
        wait_in_line: |_| not_called(),
        regain: |_| not_called(),
    };

    /// A `ready_many` for hosts that gain nothing by readying several at once.
    pub fn ready_one(section: &mut Section, g: GRef, _: &mut GQueue) {
        section.ready(g);
    }
}

#[cold]
fn not_called() -> ! {
    throw!("host: a function of nobody's was called")
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What starts goroutines on behalf of plain threads.
pub type Spawner = fn(Task, &'static Location<'static>);

static SPAWNER: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Makes `spawner` start the goroutines that plain threads ask for. For the scheduler, once it
/// may: until then a plain thread starts a thread.
pub fn set_spawner(spawner: Spawner) {
    // Release: pairs with the Acquire in `spawner`, so the booted scheduler is seen.
    SPAWNER.store(spawner as *mut (), Ordering::Release);
}

/// The scheduler's spawner, if there is one that may.
pub(crate) fn spawner() -> Option<Spawner> {
    // Acquire: pairs with the Release in `set_spawner`.
    let spawner = SPAWNER.load(Ordering::Acquire);
    if spawner.is_null() {
        return None;
    }
    // SAFETY: Spawner Is A Function: only `set_spawner` stores here, and it stores a Spawner.
    Some(unsafe { core::mem::transmute::<*mut (), Spawner>(spawner) })
}
