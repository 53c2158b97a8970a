//! What the checker says.

use super::graph::{Held, Inversion, Step, Who};
use std::fmt::Write as _;

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

fn append(text: &mut String, Step { holder, wanted, stack }: &Step) {
    let (who, lock) = (name(holder.who), holder.lock);
    let _never_fails = write!(
        text,
        "\n{who} wants lock {wanted:#x} here:\n{stack}\n{who} took lock {lock:#x}, which it holds then, here:\n{}",
        holder.stack
    );
}

pub(super) fn holders(held: &[Held]) -> String {
    let mut text = String::new();
    for Held { who, lock, since, stack } in held {
        let (who, since) = (name(*who), since.elapsed());
        let _never_fails =
            write!(text, "{who} holds lock {lock:#x} since {since:?}, taken here:\n{stack}\n");
    }
    text
}
