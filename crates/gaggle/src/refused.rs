//! What the compiler itself refuses, with whatever words: programs that must not compile.
//!
//! The texts of our own are in `tests/ui`.

/// The author of `unsafe fn main` promised the thread-local contract and nothing else.
///
/// ```compile_fail,E0133
/// unsafe fn other_promise() {}
///
/// #[gaggle::main]
/// unsafe fn main() {
///     other_promise();
/// }
/// ```
struct TheBodyOfMainIsSafeCode;

/// ```compile_fail,E0277
/// #[gaggle::main]
/// unsafe fn main() -> u8 {
///     7
/// }
/// ```
struct MainReturnsWhatAProcessCanEndWith;

/// The starter may be gone when the goroutine runs.
///
/// ```compile_fail,E0597
/// fn read(_text: &str) {}
///
/// #[gaggle::main]
/// unsafe fn main() {
///     let text = String::from("local");
///     gaggle::go!(read(&text));
/// }
/// ```
struct GoBorrowsNothing;

/// What is evaluated now moves to another thread.
///
/// ```compile_fail,E0277
/// use std::rc::Rc;
///
/// fn read(_count: Rc<u32>) {}
///
/// #[gaggle::main]
/// unsafe fn main() {
///     gaggle::go!(read(Rc::new(1)));
/// }
/// ```
struct GoTakesWhatIsSend;

/// `run` is the one `unsafe` of a program, and it has no safe twin.
///
/// ```compile_fail,E0133
/// gaggle::run(|| ());
/// ```
struct RunIsUnsafe;
