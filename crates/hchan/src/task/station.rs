//! The station: where an async task waits. The table of its states is in `mod.rs`.

use super::back::put_back;
use crate::chan::{Core, RETURNED, Side};
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::task::Waker;
use gaggle_gopark::{self as gopark, G, GRef, Host, Status};
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::Arc;
use gaggle_prim::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use gaggle_prim::throw;
use gaggle_sudog::{Outcome, Sudog};

const IDLE: u8 = 0;
const WAITING: u8 = 1;
const DONE: u8 = 2;
const LEFT: u8 = 3;

static HOST: Host = Host {
    name: "task",
    park: |_, _| no_stack(),
    ready: |_, _| throw!("task: woken inside a section"),
    ready_many: Host::ready_one,
    yield_now: |_| no_stack(),
    has_timer_room: |_| true,
    make_timer_room: || {},
    spawn: |_, _, _| no_stack(),
    now: |_| gaggle_lock::nanotime(),
    can_spin: |_| false,
    obey: |_| no_stack(),
    wait_in_line: |_| no_stack(),
    regain: |_| no_stack(),
};

fn no_stack() -> ! {
    throw!("task: it has no stack of its own to stop")
}

/// True if `g` is a station's: to be woken by [`wake`], after the section.
#[inline(always)]
pub(crate) fn is_task(g: GRef) -> bool {
    core::ptr::eq(g.host(), &raw const HOST)
}

/// What a station is without its element type. First: a `GRef` is widened back to it.
#[repr(C)]
pub(super) struct Head {
    g: G,
    state: AtomicU8,
    /// Of its last stand, or of the value that was passed on to it (*In Turn*).
    pub(super) number: AtomicU64,
    /// Who to call. Swapped under the lock, called and dropped outside it.
    waker: Mutex<Option<Waker>>,
    /// The owner's while `IDLE` or `DONE`; the line's law holds otherwise.
    node: UnsafeCell<MaybeUninit<Sudog>>,
    /// Which line it stands in.
    side: Side,
    /// Takes the line's count away (Line Owns).
    pub(super) release: unsafe fn(GRef),
    /// Drops the value.
    discard: unsafe fn(*mut ()),
}

/// Where one handle or future waits, with room for one value.
#[repr(C)]
pub(super) struct Station<T> {
    head: Head,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: One Node: value and node belong to the owner, or by Dequeued Is Ours to a taker, never to
// both; a `T` moves between them.
unsafe impl<T: Send> Send for Station<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Station<T> {}

impl<T> Station<T> {
    /// A station on `side`, idle. Outside sections only.
    pub(super) fn new(side: Side) -> Arc<Self> {
        unsafe fn release<T>(g: GRef) {
            // SAFETY: Line Owns: `stand` leaked this count; the G is the station's first field.
            drop(unsafe { Arc::from_raw(g.as_ptr().as_ptr().cast::<Station<T>>()) });
        }
        unsafe fn discard<T>(slot: *mut ()) {
            // SAFETY: the caller's promise: a `T` lies there, and is used no more.
            unsafe { slot.cast::<T>().drop_in_place() };
        }
        Arc::new(Self {
            head: Head {
                g: G::new(&HOST, Status::Waiting),
                state: AtomicU8::new(IDLE),
                number: AtomicU64::new(0),
                waker: Mutex::new(Rank::Leaf, None),
                node: UnsafeCell::new(MaybeUninit::uninit()),
                side,
                release: release::<T>,
                discard: discard::<T>,
            },
            value: UnsafeCell::new(MaybeUninit::uninit()),
        })
    }

    /// The place for its value.
    pub(super) fn slot(&self) -> *mut () {
        self.value.with(|place| place.cast_mut().cast())
    }

    /// Takes the value out.
    ///
    /// # Safety
    ///
    /// There is one, it is the owner's, and it is taken once.
    pub(super) unsafe fn take(&self) -> T {
        // SAFETY: the caller's promise.
        unsafe { self.slot().cast::<T>().read() }
    }

    /// Drops the value where it lies.
    ///
    /// # Safety
    ///
    /// As for [`take`](Self::take).
    pub(super) unsafe fn drop_value(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.slot().cast::<T>().drop_in_place() };
    }

    /// Has `waker` called once it is `DONE`.
    pub(super) fn listen(&self, waker: &Waker) {
        drop(self.head.exchange(Some(waker.clone())));
    }

    /// A count of this station for a line. Allocates nothing.
    fn line_count(this: &Arc<Self>) -> NonNull<Sudog> {
        let g = Self::into_g(Arc::clone(this));
        this.head.write_node(g, this.slot(), 0)
    }

    /// The G of this station, with the count.
    fn into_g(this: Arc<Self>) -> GRef {
        let Some(place) = NonNull::new(Arc::into_raw(this).cast_mut().cast::<G>()) else {
            throw!("task: an arc has an address")
        };
        // SAFETY: Made From The Container: the pointer is the whole station's; it lives as long as
        // anybody may look at this G (Line Owns).
        unsafe { GRef::new(place) }
    }

    /// Stands in the line of its side. The channel's lock is held.
    ///
    /// # Safety
    ///
    /// Slots Fit: the channel's elements are `T`s. The station is idle; a send has its value in it,
    /// a receive has not.
    pub(super) unsafe fn stand(this: &Arc<Self>, held: &mut crate::chan::Held<'_>) {
        // Relaxed: the lock of the line publishes it, with the node.
        this.head.state.store(WAITING, Ordering::Relaxed);
        // Relaxed: the same.
        this.head.number.store(held.state().back.stand(), Ordering::Relaxed);
        let node = Self::line_count(this);
        // SAFETY: Line Owns: it stays alive and in place until it is out; it was in no line (IDLE).
        unsafe { held.enqueue(this.head.side, node) };
    }

    /// How its wait ended, if it did; then it is idle again.
    pub(super) fn finished(&self) -> Option<Outcome> {
        // Acquire: pairs with the AcqRel in `wake`: the outcome and the value are there.
        if self.head.state.load(Ordering::Acquire) != DONE {
            return None;
        }
        // Relaxed: it is the owner's alone now.
        self.head.state.store(IDLE, Ordering::Relaxed);
        Some(self.head.outcome())
    }

    /// Takes its node out of the line, if nobody else has: true, and it is idle.
    pub(super) fn withdraw(this: &Arc<Self>, core: &Core) -> bool {
        let node = this.head.node_ptr();
        let section = gopark::enter();
        let mut held = core.lock();
        // SAFETY: it is this station's node, and this is its line.
        let was_there = unsafe { held.remove(this.head.side, node) };
        held.unlock();
        drop(section);
        if was_there {
            // Relaxed: nobody else has it any more.
            this.head.state.store(IDLE, Ordering::Relaxed);
            // SAFETY: written when it was put into the line.
            let g = unsafe { this.head.node() }.g();
            // SAFETY: Line Owns: the line's count, and it left the line.
            unsafe { (this.head.release)(g) };
        }
        was_there
    }

    /// The owner goes, while a taker has the node: how the wait ended, if it did already.
    pub(super) fn leave(&self) -> Option<Outcome> {
        // AcqRel: pairs with the swap in `wake`: one of the two comes second and sees the other.
        let before = self.head.state.swap(LEFT, Ordering::AcqRel);
        (before == DONE).then(|| self.head.outcome())
    }

    /// The owner goes, and the value it was to send stays in the line without it (*Never Lost*).
    /// False if it was taken already.
    pub(super) fn leave_value(&self, core: &Core) -> bool {
        let _section = gopark::enter();
        let held = core.lock();
        // SAFETY: written when it was put into the line; shared with the line.
        let node = unsafe { self.head.node() };
        let stays = node.is_in_line();
        if stays {
            node.set_case(RETURNED);
            // Relaxed: the lock orders it before whoever takes the node.
            self.head.state.store(LEFT, Ordering::Relaxed);
        }
        held.unlock();
        stays
    }

    /// The owner goes and leaves a value that it never asked for: hands it to the next receiver, or
    /// puts it back.
    pub(super) fn give_back(this: Arc<Self>, core: &Core) {
        // Relaxed: it is the owner's alone.
        this.head.state.store(LEFT, Ordering::Relaxed);
        put_back(Self::into_g(this), core);
    }
}

impl Head {
    fn exchange(&self, waker: Option<Waker>) -> Option<Waker> {
        let _section = gopark::enter();
        core::mem::replace(&mut *self.waker.lock(), waker)
    }

    fn node_ptr(&self) -> NonNull<Sudog> {
        let place = self.node.with(|node| node.cast_mut().cast::<Sudog>());
        NonNull::new(place).unwrap_or_else(|| throw!("task: a cell has an address"))
    }

    /// The node as it stands, or stood last.
    ///
    /// # Safety
    ///
    /// It was written: the station stood in a line before.
    unsafe fn node(&self) -> &Sudog {
        // SAFETY: the caller's promise; whoever shares it uses cells, by the law of lines.
        unsafe { self.node_ptr().as_ref() }
    }

    pub(super) fn write_node(&self, g: GRef, slot: *mut (), case: usize) -> NonNull<Sudog> {
        let node = Sudog::new(g, slot);
        node.set_case(case);
        // SAFETY: One Node: it is in no line, so it is ours.
        self.node.with_mut(|place| unsafe { place.write(MaybeUninit::new(node)) });
        self.node_ptr()
    }

    fn outcome(&self) -> Outcome {
        // SAFETY: DONE: written when it was put into the line, and finished.
        unsafe { self.node() }.outcome()
    }

    /// # Safety
    ///
    /// `g` is a station's.
    pub(super) unsafe fn of<'a>(g: GRef) -> &'a Head {
        // SAFETY: the G is the station's first field; it lives while its count is held.
        unsafe { g.as_ptr().cast::<Head>().as_ref() }
    }
}

/// Tells the station of `g`, whose node was taken and finished, that it is done. Outside sections,
/// once for each taken node.
pub(crate) fn wake(g: GRef, core: &Core) {
    // SAFETY: `is_task`; Line Owns: the line's count is ours now.
    let head = unsafe { Head::of(g) };
    // AcqRel: pairs with the load in `finished`, and with the swap in `leave`.
    let before = head.state.swap(DONE, Ordering::AcqRel);
    if before == LEFT {
        return left(g, head, core);
    }
    let waker = head.exchange(None);
    // SAFETY: Line Owns: nothing of the station is touched after this.
    unsafe { (head.release)(g) };
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The channel is gone, and so is the owner of the value in the station of `g`, which was moved out.
pub(crate) fn forget(g: GRef) {
    // SAFETY: `is_task`.
    let head = unsafe { Head::of(g) };
    // SAFETY: Line Owns.
    unsafe { (head.release)(g) };
}

/// Drops the value in the station of `g`, whose owner is gone, where it lies. Outside sections.
///
/// # Safety
///
/// There is one, and nobody else has it; the caller has a count, which goes, also if the drop panics.
pub(super) unsafe fn discard(g: GRef) {
    /// A count.
    struct Count(GRef);

    impl Drop for Count {
        fn drop(&mut self) {
            forget(self.0);
        }
    }

    let _count = Count(g);
    // SAFETY: `is_task`; the caller's count.
    let head = unsafe { Head::of(g) };
    // SAFETY: the caller's promise.
    unsafe { (head.discard)(head.slot()) };
}

/// The owner is gone: what was delivered goes on to somebody else.
fn left(g: GRef, head: &Head, core: &Core) {
    // Relaxed: it is ours alone.
    head.state.store(LEFT, Ordering::Relaxed);
    match (head.side, head.outcome()) {
        (Side::Recv, Outcome::Done) if !head.was_put_back() => return put_back(g, core),
        // SAFETY: Moved Once: a send that was not done still has its value, and has no owner.
        (Side::Send, Outcome::Closed) => return unsafe { discard(g) },
        _ => {}
    }
    // SAFETY: Line Owns.
    unsafe { (head.release)(g) };
}

impl Head {
    /// True if it stood in the line of senders for a value that was put back.
    fn was_put_back(&self) -> bool {
        // SAFETY: written when it was put into a line.
        unsafe { self.node() }.case() == RETURNED
    }

    /// Where the value lies.
    pub(super) fn slot(&self) -> *mut () {
        // SAFETY: written when it was put into a line.
        unsafe { self.node() }.slot()
    }
}
