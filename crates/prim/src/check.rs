//! The two ways to die: [`throw!`](crate::throw) for our bugs, [`fatal!`](crate::fatal) for the
//! user's (SEMANTICS B13).
//!
//! Both print `fatal error: TEXT`, run no destructors and exit with code 2. Nothing here
//! allocates, so both may be called with any lock held. A hook (filled by `runtime`) adds the
//! goroutines' traces; the first caller wins, later ones wait for the end.

use core::fmt::{self, Write};
use core::panic::Location;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::io;

/// What is called before the text, and after it to print the goroutines. What the first call
/// returns is put before the text. After the second one the process exits.
pub type FatalHook = fn(Dying) -> &'static str;

/// Which call of a [`FatalHook`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dying {
    /// Nothing has been printed yet.
    Before,
    /// The text of a fault of the user's is out.
    ByUser,
    /// The text of a bug of ours is out.
    ByUs,
}

static HOOK: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());
static DYING: AtomicU32 = AtomicU32::new(0);

/// Installs the hook that prints goroutine traces after a fatal text.
pub fn set_fatal_hook(hook: FatalHook) {
    // Release: pairs with the Acquire in `die`, so the hook's own set-up is seen.
    HOOK.store(hook as *mut (), Ordering::Release);
}

/// File descriptor 2 without std's lock, which a stopped goroutine may hold.
struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        unsafe extern "C" {
            fn write(fd: core::ffi::c_int, bytes: *const u8, len: usize) -> isize;
        }
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            // SAFETY: pointer and length are those of a live slice.
            let wrote = unsafe { write(2, rest.as_ptr(), rest.len()) };
            match usize::try_from(wrote) {
                Ok(n) if n > 0 => rest = &rest[n..],
                Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
                _ => return Err(fmt::Error),
            }
        }
        Ok(())
    }
}

/// Prints a fatal text of the user's making and ends the process. Use [`fatal!`](crate::fatal).
#[cold]
#[track_caller]
pub fn fatal_exit(text: fmt::Arguments<'_>) -> ! {
    if cfg!(loom) {
        panic!("fatal error: {text}");
    }
    die(text, None)
}

/// Prints a fatal text of our own making and ends the process. Use [`throw!`](crate::throw).
#[cold]
#[track_caller]
pub fn throw_exit(text: fmt::Arguments<'_>) -> ! {
    if cfg!(loom) {
        panic!("throw: {text}");
    }
    die(text, Some(Location::caller()))
}

#[cold]
fn die(text: fmt::Arguments<'_>, site: Option<&Location<'_>>) -> ! {
    // AcqRel: only the count matters; the first caller is the one that speaks.
    match DYING.fetch_add(1, Ordering::AcqRel) {
        0 => {}
        1 | 2 if site.is_some() => exit(4), // a throw while dying: say no more
        _ => loop {
            std::thread::yield_now();
        },
    }
    let indent = call_hook(Dying::Before);
    // A failed write to stderr leaves nobody to tell.
    let _ = writeln!(Stderr, "{indent}fatal error: {text}");
    if let Some(site) = site {
        let _ = writeln!(Stderr, "gaggle: internal error at {site}");
    }
    call_hook(if site.is_some() { Dying::ByUs } else { Dying::ByUser });
    exit(2)
}

fn call_hook(moment: Dying) -> &'static str {
    // Acquire: pairs with the Release in `set_fatal_hook`.
    let hook = HOOK.load(Ordering::Acquire);
    if hook.is_null() {
        return "";
    }
    // SAFETY: Hook Is A Function: only `set_fatal_hook` stores here, and it stores a FatalHook.
    let hook: FatalHook = unsafe { core::mem::transmute(hook) };
    hook(moment)
}

fn exit(code: core::ffi::c_int) -> ! {
    unsafe extern "C" {
        fn _exit(code: core::ffi::c_int) -> !;
    }
    // SAFETY: `_exit` takes any code and does not return.
    unsafe { _exit(code) }
}

/// A bug of ours: print `fatal error: TEXT`, where it was found, the goroutines; exit 2.
#[macro_export]
macro_rules! throw {
    ($($arg:tt)*) => { $crate::throw_exit(::core::format_args!($($arg)*)) };
}

/// A fault of the user's that no recover may stop: print `fatal error: TEXT`; exit 2.
#[macro_export]
macro_rules! fatal {
    ($($arg:tt)*) => { $crate::fatal_exit(::core::format_args!($($arg)*)) };
}
