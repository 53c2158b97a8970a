//! `#[gaggle::main]`, `#[gaggle::test]` and `go!`. The facade re-exports them; use them from there.
//!
//! Invariants:
//! 1. *Safe Body*: the body of an attributed function goes into a safe inner function of the same
//!    name, never into the `unsafe` block, so the author's `unsafe` covers the thread-local
//!    contract and nothing else.
//! 2. *Source Order*: `go!` evaluates function (or receiver) and arguments in the order in which
//!    they are written, in the starting goroutine.

mod attribute;
mod entry;
mod go;

use proc_macro::TokenStream;

/// Makes `unsafe fn main` the main goroutine of the program.
///
/// The `unsafe` is the author's promise to keep the thread-local contract of `gaggle::run`
/// (`docs/thread-locals.md`). It covers that and nothing else: the body is compiled as a safe
/// function. `main` may return anything that [`std::process::Termination`] takes. When it returns,
/// the process ends without waiting for other goroutines (SEMANTICS A4).
///
/// `#[gaggle::main(procs = 2)]` sets `GOMAXPROCS` before the body runs.
///
/// # Examples
///
/// ```ignore
/// #[gaggle::main]
/// unsafe fn main() {
///     println!("on goroutine {}", gaggle::runtime::goid());
/// }
/// ```
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = item.into();
    entry::main(arguments.into(), &item).unwrap_or_else(|e| entry::refused(&e, &item)).into()
}

/// Makes an `unsafe fn` a test whose body runs on a goroutine.
///
/// The `unsafe` means what it means on `#[gaggle::main]`. `#[should_panic]` and `#[ignore]` work as
/// usual. A test that has not ended after 60 seconds ends the process with a text that names it;
/// goroutines that it leaves behind are counted on stderr, and if nobody can wake one of them, the test
/// fails and shows where it waits and who started it.
///
/// `#[gaggle::test(procs = 2, timeout = 5)]` sets `GOMAXPROCS` before the body runs, and the
/// seconds that it may take; with `leaks = "allow"` it may leak.
///
/// # Examples
///
/// ```ignore
/// #[gaggle::test]
/// unsafe fn a_child_returns_its_value() {
///     assert_eq!(gaggle::spawn(|| 1 + 1).join().unwrap(), 2);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    entry::test(arguments.into(), item.into()).unwrap_or_else(|e| e.into_compile_error()).into()
}

/// Go's `go` statement: evaluates the function and its arguments now, runs the call in a new
/// goroutine (SEMANTICS A1).
///
/// | written | evaluated now | in the goroutine |
/// |---|---|---|
/// | `go!(f(a, b))` | `f`, `a`, `b`, in this order | the call |
/// | `go!(x.m(a))` | `x`, `a`, in this order | the call |
/// | `go!(move \|\| ..)` | the closure | its body |
/// | `go!({ .. })` | what the block captures, by move | the block |
///
/// The result is discarded. What is evaluated now moves into the goroutine, so it must be `Send`
/// and borrow nothing of the starter's; clone a channel to keep it.
///
/// # Examples
///
/// ```ignore
/// fn worker(id: usize, jobs: Chan<u64>) { .. }
///
/// for id in 0..3 {
///     go!(worker(id, jobs.clone()));
/// }
/// ```
#[proc_macro]
pub fn go(statement: TokenStream) -> TokenStream {
    go::expand(statement.into()).unwrap_or_else(|e| e.into_compile_error()).into()
}
