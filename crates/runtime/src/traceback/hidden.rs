//! Which functions a traceback for users leaves out, by name and by source file.
//!
//! Go hides its package `runtime`; ours is spread over several crates, and Rust adds what lies
//! between a panic and its hook, and between a thread's start and its closure. The tables are the
//! whole rule:
//! 1. *Crates* match by the path of a function and by the directory of its file.
//! 2. *Prefixes* match the path of a function, or of the type or of the trait in `<type as
//!    trait>::f`.
//! 3. *Whole names* are those of functions outside of any crate.
//! 4. *Files* are those of std, for inlined functions whose names come without a path.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use super::symbol;

/// What Go calls package `runtime`: the crates `gaggle-*` below the user's view.
const CRATES: &[&str] = &[
    "prim", "race", "lock", "coro", "gopark", "sudog", "netpoll", "timer", "hchan", "sched",
    "runtime", "insight",
];

/// Paths whose functions are hidden. They end in `::` so that no longer crate name matches.
const PREFIXES: &[&str] = &[
    // From a panic to its hook.
    "core::panicking::",
    "core::panic::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "std::panicking::",
    "std::panic::",
    "std::alloc::rust_oom",
    "std::process::abort",
    "__rustc::",
    // Looking at stacks.
    "backtrace::",
    "framehop::",
    "std::backtrace::",
    "std::backtrace_rs::",
    "std::sys::backtrace::",
    // Calling a closure.
    "core::ops::function::",
    // From a thread's start to its closure.
    "std::rt::",
    "std::thread::lifecycle::",
    "std::thread::Builder::",
    "std::thread::thread_start",
    "std::sys::thread::",
    "std::sys::pal::unix::thread::",
];

/// Functions without a crate.
const NAMES: &[&str] = &[
    "rust_begin_unwind",
    "rust_panic",
    "__rust_try",
    "__rust_start_panic",
    "__rust_panic_cleanup",
    "_Unwind_Backtrace",
    "_Unwind_RaiseException",
    "_Unwind_Resume",
    "__restore_rt",
    "_start",
    "main",
    "__libc_start_main",
    "__libc_start_call_main",
    "__libc_start_main_impl",
    "__libc_start_main_alias_2",
    "start_thread",
    "clone",
    "clone3",
    "__clone",
    "__clone3",
];

/// Ends or middles of the paths of std's files.
const FILES: &[&str] = &[
    "/library/core/src/ops/function.rs",
    "/library/core/src/panicking.rs",
    "/library/core/src/panic.rs",
    "/library/core/src/panic/",
    "/library/std/src/panicking.rs",
    "/library/std/src/panic.rs",
    "/library/std/src/rt.rs",
    "/library/std/src/thread/lifecycle.rs",
    "/library/std/src/sys/backtrace.rs",
    "/library/std/src/sys/thread/",
    "/library/std/src/sys/pal/unix/thread.rs",
];

/// Is a function none of the user's business? `None` is what is not known of it.
pub(super) fn is_hidden(function: Option<&str>, file: Option<&Path>) -> bool {
    function.is_some_and(is_hidden_name) || file.is_some_and(|file| is_hidden_file(file, &OURS))
}

/// Is it a function of one of `CRATES`? What it calls of the libraries is none of the user's business
/// either.
pub(super) fn is_ours(function: Option<&str>, file: Option<&Path>) -> bool {
    let by_file = |file| OURS.as_ref().is_some_and(|ours| ours.whose(file).is_some());
    function.is_some_and(|name| paths(name).any(is_of_ours)) || file.is_some_and(by_file)
}

/// Is it a function of Rust's libraries or of C's? One that was inlined comes without a path: then its file
/// decides, and what has neither is not Rust's.
pub(super) fn is_of_a_library(function: Option<&str>, file: Option<&Path>) -> bool {
    if file.is_some_and(|file| file.extension().is_some_and(|it| it == "rs")) {
        let text = file.map(Path::to_string_lossy).unwrap_or_default();
        return LIBRARIES.iter().any(|part| text.contains(part));
    }
    let own = function.map(|name| name.trim_start_matches('<'));
    own.is_none_or(|name| !name.contains("::") || STD.iter().any(|std| name.starts_with(std)))
}

/// Where the sources of Rust's libraries lie, wherever Rust does.
const LIBRARIES: &[&str] = &["/library/core/src/", "/library/alloc/src/", "/library/std/src/"];

/// Their names.
const STD: &[&str] = &["core::", "alloc::", "std::"];

fn is_hidden_name(function: &str) -> bool {
    NAMES.contains(&function) || paths(function).any(under_prefix)
}

fn is_hidden_file(file: &Path, ours: &Option<Crates>) -> bool {
    let text = file.to_string_lossy();
    FILES.iter().any(|part| text.contains(part))
        || ours.as_ref().is_some_and(|ours| ours.whose(file).is_some())
}

/// Where the sources of our crates lie, going by this very file's.
static OURS: LazyLock<Option<Crates>> = LazyLock::new(|| {
    let here = symbol::symbols(paths_of_crates as *const () as usize + 1);
    here.lines.last()?.file.as_deref().and_then(paths_of_crates)
});

/// The directory of all crates, and how a crate's own directory is called there.
#[derive(Debug, PartialEq)]
struct Crates {
    parent: PathBuf,
    naming: Naming,
}

#[derive(Debug, PartialEq)]
enum Naming {
    /// `sched`: the workspace.
    Bare,
    /// `gaggle-sched-0.1.0`: a registry.
    Package,
}

/// Derived from a file of this crate, `<parent>/<crate>/src/traceback/<file>`.
fn paths_of_crates(file: &Path) -> Option<Crates> {
    let this = file.ancestors().nth(3)?;
    let name = this.file_name()?.to_str()?;
    let naming = match name {
        "runtime" => Naming::Bare,
        _ if name.starts_with("gaggle-runtime-") => Naming::Package,
        _ => return None,
    };
    Some(Crates { parent: this.parent()?.to_path_buf(), naming })
}

impl Crates {
    /// Of which of `CRATES` this is a source file. (Their tests and examples are users.)
    fn whose(&self, file: &Path) -> Option<&'static str> {
        let mut components = file.strip_prefix(&self.parent).ok()?.components();
        let Component::Normal(dir) = components.next()? else { return None };
        let dir = dir.to_str()?;
        let is_its = |name: &&&str| match self.naming {
            Naming::Bare => dir == **name,
            Naming::Package => {
                let version = dir.strip_prefix("gaggle-").and_then(|dir| dir.strip_prefix(**name));
                version.is_some_and(|version| version.starts_with('-'))
            }
        };
        let name = CRATES.iter().find(is_its)?;
        (components.next() == Some(Component::Normal("src".as_ref()))).then_some(name)
    }
}

/// The paths that may decide: the function's own; of `<type as trait>::f`, those of both.
fn paths(function: &str) -> impl Iterator<Item = &str> {
    let own = function.trim_start_matches('<');
    let of_trait = function.starts_with('<').then(|| as_trait(own)).flatten();
    core::iter::once(own).chain(of_trait)
}

/// The trait in `type as trait>::f`, whose type may hold such brackets itself.
fn as_trait(inner: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if inner[..at].ends_with('-') => {}
            '>' => depth = depth.checked_sub(1)?,
            ' ' if depth == 0 => {
                if let Some(found) = inner[at..].strip_prefix(" as ") {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

fn under_prefix(path: &str) -> bool {
    PREFIXES.iter().any(|prefix| path.starts_with(prefix)) || is_of_ours(path)
}

fn is_of_ours(path: &str) -> bool {
    let name = path.strip_prefix("gaggle_").and_then(|path| path.split_once("::"));
    name.is_some_and(|(name, _)| CRATES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_runtime_and_of_panicking_are_hidden() {
        for name in [
            "gaggle_sched::proc::schedule",
            "gaggle_gopark::park::park",
            "gaggle_coro::stack::root",
            "gaggle_hchan::chan::Chan<T>::recv",
            "<gaggle_hchan::chan::Chan<T> as core::clone::Clone>::clone",
            "core::panicking::panic_fmt",
            "std::panicking::begin_panic::{{closure}}",
            "std::panicking::catch_unwind::do_call",
            "std::panic::catch_unwind",
            "rust_begin_unwind",
            "__rustc::rust_begin_unwind",
            "backtrace::backtrace::trace",
            "core::ops::function::FnOnce::call_once{{vtable.shim}}",
            "<alloc::boxed::Box<F,A> as core::ops::function::FnOnce<Args>>::call_once",
            "<core::panic::unwind_safe::AssertUnwindSafe<F> as core::ops::function::FnOnce<()>>::call_once",
            "<alloc::boxed::Box<dyn FnOnce() -> T> as core::ops::function::FnOnce<()>>::call_once",
            "std::sys::backtrace::__rust_begin_short_backtrace",
            "__libc_start_call_main",
        ] {
            assert!(is_hidden_name(name), "{name}");
        }
    }

    #[test]
    fn frames_of_users_of_std_and_of_the_upper_crates_are_shown() {
        for name in [
            "main::main",
            "gaggle_schedule::run",
            "my_gaggle_sched::run",
            "gaggle_sync::mutex::Mutex<T>::lock",
            "gaggle_time::sleep",
            "gaggle::go",
            "alloc::vec::Vec<T,A>::push",
            "core::slice::sort::stable::drift::sort",
            "<user::Thing as user::Trait>::call",
            "<user::Holder<core::ops::function::Fn> as user::Trait>::f",
            "<user::Holder<<A as core::ops::function::FnOnce<()>>::Output>>::f",
            "user::f::<core::panicking::X>",
            "backtrace_user::f",
            "mainly",
        ] {
            assert!(!is_hidden_name(name), "{name}");
        }
    }

    #[test]
    fn functions_of_libraries_are_told_by_their_file_or_else_by_their_name() {
        let rust = "/rustc/0/library/core/src/iter/traits/iterator.rs";
        for (function, file) in [
            (Some("try_fold<user::Iter, (), user::f>"), Some(rust)),
            (Some("core::iter::traits::iterator::Iterator::try_fold"), None),
            (Some("<alloc::vec::Vec<user::T> as core::ops::drop::Drop>::drop"), None),
            (Some("__GI_sched_yield"), Some("./posix/../sysdeps/unix/syscall-template.S")),
            (Some("syscall"), None),
            (None, None),
        ] {
            assert!(is_of_a_library(function, file.map(Path::new)), "{function:?}");
        }
        for (function, file) in [
            (Some("try_fold<user::Iter>"), Some("/projects/one/src/main.rs")),
            (Some("user::f"), None),
            (Some("<user::T as core::ops::drop::Drop>::drop"), None),
            (None, Some("/projects/one/src/main.rs")),
        ] {
            assert!(!is_of_a_library(function, file.map(Path::new)), "{function:?}");
        }
    }

    #[test]
    fn our_sources_are_found_beside_this_file_in_a_workspace_and_in_a_registry() {
        let traceback = "runtime/src/traceback/hidden.rs";
        let workspace = paths_of_crates(Path::new("/w/crates").join(traceback).as_path());
        let registry =
            paths_of_crates(Path::new("/r/gaggle-runtime-0.1.0/src/traceback/hidden.rs"));
        for (file, in_workspace, in_registry) in [
            ("/w/crates/sched/src/proc.rs", true, false),
            ("/w/crates/sched/tests/it.rs", false, false),
            ("/w/crates/sync/src/mutex.rs", false, false),
            ("/elsewhere/crates/sched/src/proc.rs", false, false),
            ("/r/gaggle-sched-0.1.0/src/proc.rs", false, true),
            ("/r/gaggle-sync-0.1.0/src/mutex.rs", false, false),
            ("/r/gaggle-schedule-0.1.0/src/mutex.rs", false, false),
        ] {
            assert_eq!(is_hidden_file(Path::new(file), &workspace), in_workspace, "{file}");
            assert_eq!(is_hidden_file(Path::new(file), &registry), in_registry, "{file}");
        }
        assert_eq!(paths_of_crates(Path::new("/copied/src/traceback/hidden.rs")), None);
    }

    #[test]
    fn this_crate_s_own_sources_are_recognised_as_it_was_built() {
        let here = symbol::symbols(is_hidden as *const () as usize + 1);
        let file = here.lines.last().and_then(|line| line.file.as_deref());
        assert!(is_hidden(None, file), "{file:?}, {:?}", *OURS);
    }

    #[test]
    fn std_s_files_between_a_panic_and_its_hook_are_hidden_and_others_are_not() {
        let hidden = |file| is_hidden_file(Path::new(file), &None);
        assert!(hidden("/rustc/0/library/core/src/ops/function.rs"));
        assert!(hidden("/rustc/0/library/std/src/panicking.rs"));
        assert!(!hidden("/rustc/0/library/alloc/src/vec/mod.rs"));
        assert!(!hidden("/projects/one/src/panicking.rs"));
    }
}
