//! `block_on`: a future on a goroutine that parks while there is nothing to poll.
//!
//! *Pooled*: the place where a future's goroutine waits is never freed, so a waker is its address and
//! counts nothing. One that is kept for too long wakes a later future, which is polled once more.
//! *Left Behind*: a future may give up on a descriptor without a word, and its task stays in the place there. No other
//! future gets that task until it is out of there, or it would count as one that waits for that descriptor.
//! *To Each Its Pool*: the poller takes who waits in a task for a goroutine. So where a goroutine has waited no thread
//! ever does, for whom an event might come late; and the poller is told of no task that is a thread's.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use gaggle_gopark as gopark;
use gaggle_netpoll::Task;
use gaggle_sched::on_lent_stack;
use gaggle_sync::Mutex;
use std::collections::VecDeque;

/// Tasks that are free, and what wakes those in use.
struct Pool {
    tasks: Mutex<Tasks>,
    table: RawWakerVTable,
}

struct Tasks {
    free: Vec<&'static Task>,
    /// Left Behind, or free by now.
    left: VecDeque<&'static Task>,
}

impl Tasks {
    const fn new() -> Self {
        Self { free: Vec::new(), left: VecDeque::new() }
    }

    /// One that is free. Of those that were left behind it looks at two: more than come, so they do not pile up.
    fn take(&mut self) -> Option<&'static Task> {
        for _ in 0..2 {
            if let Some(task) = self.left.pop_front() {
                self.give(task);
            }
        }
        self.free.pop()
    }

    fn give(&mut self, task: &'static Task) {
        if task.listens() {
            self.left.push_back(task);
        } else {
            self.free.push(task);
        }
    }
}

static OF_GOROUTINES: Pool = Pool::new(|at| raw(at, &OF_GOROUTINES));
static OF_THREADS: Pool = Pool::new(|at| raw(at, &OF_THREADS));

impl Pool {
    const fn new(clone: unsafe fn(*const ()) -> RawWaker) -> Self {
        let table = RawWakerVTable::new(clone, wake, wake, |_| {});
        Self { tasks: Mutex::new(Tasks::new()), table }
    }

    /// The caller's (To Each Its Pool).
    fn of_caller() -> &'static Pool {
        if gaggle_sched::on_goroutine() { &OF_GOROUTINES } else { &OF_THREADS }
    }
}

/// A task of a pool, given back also if the future panics.
struct Borrowed {
    task: &'static Task,
    from: &'static Pool,
}

impl Borrowed {
    fn new() -> Self {
        let from = Pool::of_caller();
        let free = from.tasks.lock().take();
        Self { task: free.unwrap_or_else(|| Box::leak(Box::default())), from }
    }

    fn waker(&self) -> Waker {
        // SAFETY: the table's functions take the address of a task, which is Pooled.
        unsafe { Waker::from_raw(raw(core::ptr::from_ref(self.task).cast(), self.from)) }
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        self.from.tasks.lock().give(self.task);
    }
}

/// Runs `future` to its end on this goroutine, which parks while the future waits; others run. On a plain
/// thread it blocks the thread. A switch point.
///
/// A goroutine polls on a stack that its P lends, unless its own has another size than most: what a future calls with many
/// frames finds them in the caches. A poll may block; then it keeps that stack until it goes on.
///
/// Its waker may be called on any thread. Sockets of this crate that the future waits for wake it without
/// anything in between; other reactors bring their own threads.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
/// let (send, waker) = mpsc::channel::<std::task::Waker>();
/// let foreign = std::thread::spawn(move || waker.recv().unwrap().wake());
/// let mut woken = 0;
/// let answer = gaggle_net::block_on(std::future::poll_fn(|cx| {
///     if woken == 0 {
///         woken += 1;
///         send.send(cx.waker().clone()).unwrap();
///         return std::task::Poll::Pending;
///     }
///     std::task::Poll::Ready(42)
/// }));
/// assert_eq!(answer, 42);
/// # foreign.join().unwrap();
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let task = Borrowed::new();
    let waker = task.waker();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match on_lent_stack(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => {
                gopark::switch_point();
                return output;
            }
            Poll::Pending => task.task.wait(),
        }
    }
}

fn raw(at: *const (), from: &'static Pool) -> RawWaker {
    RawWaker::new(at, &from.table)
}

fn wake(at: *const ()) {
    // SAFETY: Pooled: `Borrowed::waker` made it from a task.
    let task = unsafe { &*at.cast::<Task>() };
    task.wake(&mut gopark::enter());
}

/// The task that `waker` wakes, if it is a goroutine's.
#[cfg(any(feature = "futures-io", feature = "hyper"))]
pub(crate) fn task_of(waker: &Waker) -> Option<&'static Task> {
    if !core::ptr::eq(waker.vtable(), &raw const OF_GOROUTINES.table) {
        return None;
    }
    // SAFETY: Pooled: the table is of nobody else.
    unsafe { waker.data().cast::<Task>().as_ref() }
}
