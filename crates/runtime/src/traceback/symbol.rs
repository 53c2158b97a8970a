//! What a pc is called: function, file and line, looked up once per distinct pc.
//!
//! Invariants
//! 1. *Bounded*: at most `LIMIT` pcs are remembered; then the memory starts anew.
//! 2. *One Lock At A Time*: the memory's lock is not held while the debug information is read.
//!
//! The lock is `parking_lot`'s: symbolising happens on plain threads and in a process that dies, where our own
//! locks (no allocation inside, or a scheduler below) do not fit. Std's would do as well, but for
//! ThreadSanitizer, which does not see what orders those who had to wait for it; and so there is no lazy latch either.

use core::ffi::c_void;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::{as_pointer, hidden, symtab};

/// Distinct pcs kept in memory, some 200 bytes each.
const LIMIT: usize = 1 << 14;

/// The functions at one pc, and where the outermost of them starts.
#[derive(Debug)]
pub(super) struct Symbols {
    /// Innermost first: all but the last were inlined into the next. Never empty.
    pub(super) lines: Vec<Line>,
    /// The pc minus the address of its function, if that is known.
    pub(super) offset: Option<usize>,
}

/// A function and the place in it.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Demangled, without hash.
    pub(super) function: Option<String>,
    /// As in the debug information.
    pub(super) file: Option<PathBuf>,
    pub(super) line: u32,
    /// Whether dumps for users leave it out; found out when first asked.
    hidden: OnceLock<bool>,
    /// Whether it is one of our crates'; likewise.
    ours: OnceLock<bool>,
    /// Whether it is Rust's or C's libraries'; likewise.
    library: OnceLock<bool>,
    /// How it is shown to users; written when it is first shown.
    pub(super) text: OnceLock<String>,
}

impl Line {
    /// True if dumps for users leave it out.
    pub(super) fn is_hidden(&self) -> bool {
        let look = || hidden::is_hidden(self.function.as_deref(), self.file.as_deref());
        *self.hidden.get_or_init(look)
    }

    /// True if it is a function of one of our crates.
    pub(super) fn is_ours(&self) -> bool {
        let look = || hidden::is_ours(self.function.as_deref(), self.file.as_deref());
        *self.ours.get_or_init(look)
    }

    /// True if it is a function of Rust's libraries or of C's.
    pub(super) fn is_of_a_library(&self) -> bool {
        let look = || hidden::is_of_a_library(self.function.as_deref(), self.file.as_deref());
        *self.library.get_or_init(look)
    }
}

static MEMORY: Mutex<BTreeMap<usize, Arc<Symbols>>> = Mutex::new(BTreeMap::new());

/// Who reads debug information, and the symbol table: one at a time, as in the library, whose lock is std's.
static READING: Mutex<()> = Mutex::new(());

/// What `pc`, a return address, is called.
pub(super) fn symbols(pc: usize) -> Arc<Symbols> {
    if let Some(known) = MEMORY.lock().get(&pc) {
        return known.clone();
    }
    let found = {
        let _reading = READING.lock();
        Arc::new(look_up(pc))
    };
    let mut memory = MEMORY.lock();
    if memory.len() >= LIMIT {
        memory.clear();
    }
    memory.insert(pc, found.clone());
    found
}

fn look_up(pc: usize) -> Symbols {
    let offset = offset(pc);
    let mut lines = lines_at(pc);
    if let Some(outermost) = lines.last_mut() {
        complete(outermost, pc, offset);
    }
    Symbols { lines, offset }
}

/// What the debug information says; one empty line if it says nothing.
fn lines_at(pc: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    // Looks at pc - 1 by itself.
    backtrace::resolve(as_pointer(pc), |symbol| {
        lines.push(Line {
            function: symbol.name().map(|name| format!("{name:#}")),
            file: symbol.filename().map(PathBuf::from),
            line: symbol.lineno().unwrap_or(0),
            hidden: OnceLock::new(),
            ours: OnceLock::new(),
            library: OnceLock::new(),
            text: OnceLock::new(),
        });
    });
    if lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// Fills in what the debug information lacks of a function that was not inlined.
fn complete(outermost: &mut Line, pc: usize, offset: Option<usize>) {
    if !outermost.function.as_deref().is_some_and(has_path)
        && let Some(name) = symtab::name(pc.wrapping_sub(1))
    {
        outermost.function = Some(format!("{:#}", backtrace::SymbolName::new(name)));
    }
    // Code of no line, such as a stack probe, comes with a file of no sense.
    if outermost.line == 0
        && let Some(offset) = offset
        && let Some(first) = lines_at(pc - offset + 1).pop()
        && first.line != 0
    {
        outermost.file = first.file;
        outermost.line = first.line;
    }
}

/// Does a name tell whose function it is? `f<a::T>` does not.
fn has_path(name: &str) -> bool {
    name.starts_with('<') || name.split('<').next().is_some_and(|own| own.contains("::"))
}

/// How far `pc` is from the start of its function, by the unwind tables.
fn offset(pc: usize) -> Option<usize> {
    // SAFETY: takes any address and only looks it up.
    let start = unsafe { _Unwind_FindEnclosingFunction(as_pointer(pc)) };
    if start.is_null() { None } else { pc.checked_sub(start.addr()) }
}

unsafe extern "C" {
    /// The start of the function that holds the instruction before `pc`; null if unknown. Part of
    /// the unwinder that std links.
    fn _Unwind_FindEnclosingFunction(pc: *mut c_void) -> *mut c_void;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pc_is_looked_up_once() {
        let pc = symbols as *const () as usize + 1;
        assert!(Arc::ptr_eq(&symbols(pc), &symbols(pc)));
    }

    #[test]
    fn a_pc_outside_of_all_modules_has_one_nameless_line() {
        let nowhere = symbols(16);
        assert_eq!(nowhere.lines.len(), 1);
        assert!(nowhere.lines[0].function.is_none());
        assert!(nowhere.offset.is_none());
    }

    #[test]
    fn a_path_within_brackets_is_not_the_function_s_own() {
        for name in ["a::f", "a::f<T>", "<a::T as b::U>::f", "{closure#0}::f"] {
            assert!(has_path(name), "{name}");
        }
        for name in ["f", "f<a::T>", "{closure#0}", "main"] {
            assert!(!has_path(name), "{name}");
        }
    }

    #[test]
    fn a_name_has_a_path_and_no_hash() {
        let here = symbols(look_up as *const () as usize + 1);
        let name = here.lines.last().and_then(|line| line.function.as_deref()).unwrap();
        assert_eq!(name, "gaggle_runtime::traceback::symbol::look_up");
        assert_eq!(here.offset, Some(1));
    }
}
