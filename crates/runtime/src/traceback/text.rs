//! Go's layout of frames (AA4).
//!
//! Invariants
//! 1. *Never Empty*: pcs that would all be hidden are all shown.
//! 2. *Fifty And Fifty*: of more than 100 frames the first and the last 50 are shown; what a
//!    collector left out counts as frames, and no frame from beyond that gap joins the other side.
//! 3. *Written Once*: what users are shown of a frame depends on its pc alone, and is written once for each.

use core::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::symbol::{Line, Symbols};
use super::{Level, elided, symbol};

/// Frames shown at each end.
const EACH_END: usize = 50;

/// See `traceback::write_frames`.
pub(super) fn write_frames(
    pcs: &[usize],
    sps: &[usize],
    level: Level,
    out: &mut dyn Write,
) -> fmt::Result {
    let mut frames = Frames::of(pcs, sps, level);
    if frames.list.is_empty() {
        frames = Frames::of(pcs, sps, Level::System);
    }
    let (head, tail) = frames.ends();
    for frame in &frames.list[..head] {
        frame.write(level, out)?;
    }
    let left_out = frames.lost + frames.list.len() - head - tail;
    if left_out > 0 {
        writeln!(out, "...{left_out} frames elided...")?;
    }
    for frame in &frames.list[frames.list.len() - tail..] {
        frame.write(level, out)?;
    }
    Ok(())
}

/// All frames to choose from, innermost first.
struct Frames {
    list: Vec<Frame>,
    /// How many the collector left out.
    lost: usize,
    /// Before which frame it did.
    gap: Option<usize>,
}

impl Frames {
    fn of(pcs: &[usize], sps: &[usize], level: Level) -> Frames {
        let mut frames = Frames { list: Vec::new(), lost: 0, gap: None };
        for (place, &pc) in pcs.iter().enumerate() {
            if let Some(lost) = elided(pc) {
                frames.lost += lost;
                frames.gap = Some(frames.list.len());
                continue;
            }
            let symbols = symbol::symbols(pc);
            for index in 0..symbols.lines.len() {
                let bounds = Bounds::of(sps, place);
                let frame = Frame { pc, bounds, symbols: symbols.clone(), index };
                if level == Level::System || !frame.is_hidden() {
                    frames.list.push(frame);
                } else {
                    frames.hide_what_it_called(&frame);
                }
            }
        }
        frames
    }

    /// What the runtime calls of the libraries is the runtime's, as in Go: a thread that waits for its
    /// goroutine does so in the C library, and who looks through a list is in an iterator.
    fn hide_what_it_called(&mut self, hidden: &Frame) {
        let from = self.gap.unwrap_or(0);
        let of_a_library = |frame: &Frame| frame.line().is_of_a_library();
        if self.list[from..].last().is_some_and(of_a_library) && hidden.line().is_ours() {
            let keep = self.list[from..].iter().rposition(|frame| !of_a_library(frame));
            self.list.truncate(keep.map_or(from, |last| from + last + 1));
        }
    }

    /// How many frames to show at the inner and at the outer end.
    fn ends(&self) -> (usize, usize) {
        let len = self.list.len();
        match self.gap {
            None if len <= 2 * EACH_END => (len, 0),
            None => (EACH_END, EACH_END),
            Some(gap) => (gap.min(EACH_END), (len - gap).min(EACH_END)),
        }
    }
}

/// The part of the stack that is a frame's.
#[derive(Clone, Copy)]
struct Bounds {
    sp: usize,
    /// Where the caller's begins; its own `sp` if the caller is not known.
    fp: usize,
}

impl Bounds {
    /// Those of the frame at that place, if anybody kept them. What was left out has none.
    fn of(sps: &[usize], place: usize) -> Option<Bounds> {
        let &sp = sps.get(place).filter(|&&sp| sp != 0)?;
        let caller = sps.get(place + 1).filter(|&&caller| caller >= sp);
        Some(Bounds { sp, fp: *caller.unwrap_or(&sp) })
    }
}

/// One function at one pc.
struct Frame {
    pc: usize,
    bounds: Option<Bounds>,
    symbols: Arc<Symbols>,
    index: usize,
}

impl Frame {
    fn line(&self) -> &Line {
        &self.symbols.lines[self.index]
    }

    fn is_hidden(&self) -> bool {
        self.line().is_hidden()
    }

    /// Was this function inlined into the next frame's?
    fn is_inlined(&self) -> bool {
        self.index + 1 < self.symbols.lines.len()
    }

    fn write(&self, level: Level, out: &mut dyn Write) -> fmt::Result {
        if level == Level::System {
            return self.write_anew(level, out);
        }
        let text = self.line().text.get_or_init(|| {
            let mut text = String::new();
            let _ = self.write_anew(level, &mut text); // a String takes everything
            text
        });
        out.write_str(text)
    }

    fn write_anew(&self, level: Level, out: &mut dyn Write) -> fmt::Result {
        let line = self.line();
        writeln!(out, "{}(...)", line.function.as_deref().unwrap_or("?"))?;
        match &line.file {
            Some(file) => write!(out, "\t{}:{}", here().shorten(file).display(), line.line)?,
            None => write!(out, "\t?:0")?,
        }
        match self.symbols.offset {
            _ if self.is_inlined() => {}
            Some(offset) => write!(out, " +{offset:#x}")?,
            None => write!(out, " pc={:#x}", self.pc)?,
        }
        if level == Level::System && !self.is_inlined() && self.symbols.offset.is_some() {
            if let Some(Bounds { sp, fp }) = self.bounds {
                write!(out, " fp={fp:#x} sp={sp:#x}")?;
            }
            write!(out, " pc={:#x}", self.pc)?;
        }
        writeln!(out)
    }
}

/// The directory that was the current one when somebody first asked; below it paths are written relative to it.
struct Here(Option<PathBuf>);

fn here() -> &'static Here {
    static HERE: OnceLock<Here> = OnceLock::new();
    // Relative to the root nothing gets shorter, and absolute paths would stop to look so.
    HERE.get_or_init(|| Here(std::env::current_dir().ok().filter(|dir| dir.parent().is_some())))
}

impl Here {
    fn shorten<'a>(&self, file: &'a Path) -> &'a Path {
        match &self.0 {
            Some(dir) => file.strip_prefix(dir).unwrap_or(file),
            None => file,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pcs: &[*const ()]) -> String {
        let pcs: Vec<_> = pcs.iter().map(|pc| pc.addr() + 1).collect();
        let mut text = String::new();
        write_frames(&pcs, &[], Level::User, &mut text).expect("a String takes everything");
        let functions = text.lines().filter_map(|line| line.strip_suffix("(...)"));
        functions.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_runtime_calls_of_the_libraries_is_hidden_with_it() {
        let ours = symbol::symbols as *const ();
        let of_c = libc::sched_yield as *const ();
        let of_rust = String::from_utf8 as *const ();
        let users = serde_json::Number::from_f64 as *const ();
        assert!(shown(&[users]).contains("from_f64"), "as the compiler spells it");
        assert_eq!(shown(&[of_c, ours, users]), shown(&[users]));
        assert_eq!(shown(&[of_rust, of_c, of_rust, ours, users]), shown(&[users]));
        assert_eq!(shown(&[ours, of_rust, ours, users]), shown(&[users]));
        // A user's own calls stay, and so does what the runtime did not call.
        assert_eq!(shown(&[of_rust, users]), format!("{} {}", shown(&[of_rust]), shown(&[users])));
        let called_back = shown(&[of_c, users, of_rust, ours, users]);
        assert_eq!(called_back, format!("{} {1} {1}", shown(&[of_c]), shown(&[users])));
    }

    #[test]
    fn only_paths_below_the_current_directory_are_shortened() {
        let here = Here(Some(PathBuf::from("/projects/one")));
        for (file, shown) in [
            ("/projects/one/src/main.rs", "src/main.rs"),
            ("/projects/oneself/src/main.rs", "/projects/oneself/src/main.rs"),
            ("/rustc/0/library/core/src/lib.rs", "/rustc/0/library/core/src/lib.rs"),
            ("src/main.rs", "src/main.rs"),
        ] {
            assert_eq!(here.shorten(Path::new(file)), Path::new(shown));
        }
    }
}
