//! A report in Go's layout (SEMANTICS Z2).

use super::life::{Life, Who};
use super::object::Touch;
use super::options;
use super::report::Stack;
use crate::{Access, stacks};
use core::fmt::{self, Write};

const RULE: &str = "==================\n";

/// The whole report of one race.
pub(super) fn race(address: usize, now: &Touch, before: &Touch) -> String {
    let mut out = String::from(RULE);
    out.push_str("WARNING: DATA RACE\n");
    // A String takes everything.
    let _ = write_body(&mut out, address, now, before);
    out.push_str(RULE);
    out
}

fn write_body(out: &mut String, address: usize, now: &Touch, before: &Touch) -> fmt::Result {
    let reads = |touch: &Touch| matches!(touch.access, Access::Read | Access::AtomicRead);
    let now_word = if reads(now) { "Read" } else { "Write" };
    writeln!(out, "{now_word} at {address:#014x} by {}:", name(&now.life))?;
    write_stack(out, &now.stack)?;
    let before_word = if reads(before) { "Previous read" } else { "Previous write" };
    writeln!(out, "\n{before_word} at {address:#014x} by {}:", name(&before.life))?;
    write_stack(out, &before.stack)?;
    for life in [&now.life, &before.life] {
        if let (Some(created), Who::Goroutine(id)) = (&life.created, life.who) {
            writeln!(out, "\nGoroutine {id} ({}) created at:", life.state())?;
            write_stack(out, created)?;
        }
    }
    Ok(())
}

fn name(life: &Life) -> String {
    match life.who {
        Who::Goroutine(1) => "main goroutine".to_owned(),
        Who::Goroutine(id) => format!("goroutine {id}"),
        Who::Thread(number) => format!("thread {number}"),
    }
}

/// Two blanks before functions, six before lines.
fn write_stack(out: &mut String, stack: &Stack) -> fmt::Result {
    if !stack.what.is_empty() {
        writeln!(out, "  {}()\n      {}", stack.what, shorten(&stack.site.to_string()))?;
    }
    let mut frames = String::new();
    if let Some(stacks) = stacks::get()
        && !stack.pcs.is_empty()
    {
        (stacks.write)(&stack.pcs, &mut frames)?;
    }
    if frames.is_empty() && stack.what.is_empty() {
        return writeln!(out, "  ??()\n      {}", shorten(&stack.site.to_string()));
    }
    for line in frames.lines() {
        match line.strip_prefix('\t') {
            Some(place) => writeln!(out, "      {}", shorten(place))?,
            None => writeln!(out, "  {}", line.replacen("(...)", "()", 1))?,
        }
    }
    Ok(())
}

fn shorten(place: &str) -> &str {
    place.strip_prefix(&*options::get().strip).unwrap_or(place)
}
