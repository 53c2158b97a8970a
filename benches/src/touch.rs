//! Memory that was touched before: a child that takes it from the machine and gives it back.
//!
//! A virtual machine has not all the memory that it seems to have: what it has not used for a while may be its host's again,
//! and the first touch of such a page is six times as dear as that of one that somebody else has just freed. So the first
//! run of a row would pay for all the others, whichever side it is.
//!
//! *Own Mapping*: what is written to was mapped here, is as long as that, and ends with the process.

use crate::{machine, process};
use std::process::Command;
use std::time::Duration;

const MEBIBYTE: usize = 1 << 20;
/// What has not come by then would take too much of everybody's time.
const LIMIT: Duration = Duration::from_secs(20);
/// What stays free for others, in mebibytes.
const SPARE: u64 = 1000;

/// Has a child of this program touch so much memory, or as much of it as there is. If that goes wrong, the run that comes
/// next takes longer, and nothing else.
pub(crate) fn before(mebibytes: u64) {
    let most = mebibytes.min(machine::spare_mebibytes().saturating_sub(SPARE));
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    command.args(["--touch", &most.to_string()]);
    if let Err(words) = process::capture(command, LIMIT) {
        eprintln!("memory was not touched: {words}");
    }
}

/// Touches `mebibytes`, in this process.
pub(crate) fn run(mebibytes: u64) -> Result<(), String> {
    const PAGE: usize = 4096;
    let bytes = mebibytes as usize * MEBIBYTE;
    let place = map(bytes).ok_or_else(|| format!("mmap: {}", std::io::Error::last_os_error()))?;
    for at in (0..bytes).step_by(PAGE) {
        // SAFETY: *Own Mapping*.
        unsafe { place.wrapping_add(at).write_volatile(1) };
    }
    Ok(())
}

/// Memory that stays mapped until the process ends, of huge pages where there are some.
fn map(bytes: usize) -> Option<*mut u8> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: asks for memory that nobody has.
    let place = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    if place == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: *Own Mapping*. Refusal costs some time.
    unsafe { libc::madvise(place, bytes, libc::MADV_HUGEPAGE) };
    Some(place.cast())
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_can_be_touched() {
        assert_eq!(super::run(3), Ok(()));
    }
}
