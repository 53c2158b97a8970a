//! What the checker says.

use super::graph::{Inversion, Step};
use super::holds::{At, Held, Wait, Who};
use std::backtrace::Backtrace;
use std::fmt::{self, Write as _};

fn name(who: Who) -> String {
    if who.id == 0 { "a plain thread".to_owned() } else { format!("goroutine {}", who.id) }
}

/// On standard error, as one piece.
pub(super) fn print(inversion: &Inversion) {
    eprint!("{}", text(inversion));
}

fn text(Inversion { ours, others }: &Inversion) -> String {
    let mut text = String::new();
    let _never_fails = if others.is_empty() {
        writeln!(text, "gaggle: a lock is wanted by the one who holds it")
    } else {
        writeln!(text, "gaggle: lock order inversion: these can wait for each other for ever")
    };
    for step in core::iter::once(ours).chain(others) {
        append(&mut text, step);
    }
    text
}

fn append(text: &mut String, Step { holder, wanted, stack, .. }: &Step) {
    let (who, lock, whence) = (name(holder.who), holder.lock, whence(&holder.at));
    let _never_fails = write!(
        text,
        "\n{who} wants lock {wanted:#x} here:\n{stack}\n{who} took lock {lock:#x}, which it holds then, here:\n{whence}",
    );
}

/// Where a lock was asked for: the stack, or at least the place.
pub(super) fn whence(at: &At) -> String {
    at.stack.as_ref().map_or_else(|| format!("   at {}\n", at.place), |stack| stack.to_string())
}

pub(super) fn holders(held: &[Held]) -> String {
    let mut text = String::new();
    for Held { who, lock, since, at } in held {
        let (who, since, stack) = (name(*who), since.elapsed(), whence(at));
        let _never_fails =
            write!(text, "{who} holds lock {lock:#x} since {since:?}, taken here:\n{stack}\n");
    }
    text
}

/// What a dump says of one goroutine.
pub(super) fn of_one(
    held: &[Held],
    wanted: &[(Wait, Vec<Who>)],
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    for Held { lock, since, at, .. } in held {
        let place = at.stack.as_ref().map_or_else(|| at.place.to_string(), |stack| place(stack));
        let since = since.elapsed();
        writeln!(out, "\tholds lock {lock:#x} since {since:?}, taken in {place}")?;
    }
    for (Wait { lock, .. }, holders) in wanted {
        write!(out, "\twants lock {lock:#x}")?;
        for (at, who) in holders.iter().enumerate() {
            write!(out, "{}{}", if at == 0 { ", held by " } else { ", " }, name(*who))?;
        }
        out.write_char('\n')?;
    }
    Ok(())
}

/// The innermost frame of `stack` that is the user's: its function, file and line.
fn place(stack: &Backtrace) -> String {
    let text = stack.to_string();
    // "12: function", and then, where it is known, "at file:line:column".
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some((_, function)) = line.split_once(": ") else { continue };
        let file = lines.next_if(|line| line.starts_with("at ")).unwrap_or_default();
        if !is_of_locks(function, file) {
            return format!("{function} {file}").trim_end().to_owned();
        }
    }
    "an unknown place".to_owned()
}

/// Whether a frame stands in this crate or below it. Names may come without their paths.
fn is_of_locks(function: &str, file: &str) -> bool {
    const BELOW: [&str; 5] = ["gaggle_sync::", "lock_api::", "std::", "core::", "alloc::"];
    let here = file!().split("lockorder").next().unwrap_or_default();
    let function = function.trim_start_matches('<');
    BELOW.iter().any(|path| function.starts_with(path))
        || [here, "lock_api-", "/rustc/"].iter().any(|path| file.contains(path))
}

#[cfg(test)]
mod tests {
    use super::is_of_locks;

    #[test]
    fn frames_of_locks_are_told_from_the_user_s() {
        assert!(is_of_locks("gaggle_sync::mutex::raw::RawMutex::lock", ""));
        assert!(is_of_locks("lock", &format!("at ./{}:1:1", file!())));
        assert!(is_of_locks("lock", "at /registry/lock_api-0.4.14/src/mutex.rs:213:18"));
        assert!(!is_of_locks("main", "at ./src/main.rs:1:1") && !is_of_locks("a::b", ""));
    }
}
