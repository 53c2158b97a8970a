//! loom: a fresh record per thread and execution; records are leaked, as models are short.

use crate::task::Task;
use crate::thread::ThreadG;
use core::ptr::NonNull;

pub(crate) fn take_record() -> NonNull<ThreadG> {
    NonNull::from(Box::leak(Box::new(ThreadG::new())))
}

pub(crate) fn spawn_thread(task: Task) {
    gaggle_prim::thread::spawn(move || task.run());
}
