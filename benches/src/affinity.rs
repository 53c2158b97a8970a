//! On which cores threads of this process run.
//!
//! *Own Storage*: a system call gets a pointer to a local that it fills or only reads.

/// The calling thread, and those that it starts from now on, run on one of the cores that it may use: the
/// first is 0; past the last one it goes on with the first.
pub(crate) fn pin_to_core(at: usize) {
    // SAFETY: a set of bits; all zero is the empty one.
    let mut set = unsafe { std::mem::zeroed::<libc::cpu_set_t>() };
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: *Own Storage*.
    let failed = unsafe { libc::sched_getaffinity(0, size, &raw mut set) };
    assert_eq!(failed, 0, "the own affinity can be read");
    // SAFETY: the number is below the size of the set.
    let may_use = |cpu: &usize| unsafe { libc::CPU_ISSET(*cpu, &set) };
    let cores: Vec<usize> = (0..libc::CPU_SETSIZE as usize).filter(may_use).collect();
    // SAFETY: as above.
    let mut one = unsafe { std::mem::zeroed::<libc::cpu_set_t>() };
    // SAFETY: the number is below the size of the set.
    unsafe { libc::CPU_SET(cores[at % cores.len()], &mut one) };
    // SAFETY: *Own Storage*.
    let failed = unsafe { libc::sched_setaffinity(0, size, &raw const one) };
    assert_eq!(failed, 0, "a smaller affinity can be set");
}
