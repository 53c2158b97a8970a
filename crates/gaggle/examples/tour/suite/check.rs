//! Judging an outcome: exit code, then stdout and stderr against the promise.

use super::child::Outcome;
use super::table::{Promise, Row};

/// `Err` says in one sentence what is not as promised.
pub(crate) type Verdict = Result<(), String>;

/// Holds `outcome` against what `row` promises.
pub(crate) fn judge(row: &Row, outcome: &Outcome) -> Verdict {
    match &outcome.exit {
        Ok(code) => same("exit code", code, &row.exit)?,
        Err(why) => return Err(why.clone()),
    }
    if row.exit == 0 {
        same("stderr", &outcome.stderr.as_str(), &"")?;
    }
    match row.promise {
        Promise::Lines(want) => same("stdout", &outcome.lines(), &want.to_vec()),
        Promise::AnyOrder { body, last } => any_order(&outcome.lines(), body, last),
        Promise::Dies { first, also } => dies(outcome, first, also),
        Promise::By(check) => check(outcome),
    }
}

/// `body` in any order, then `last` in this order.
pub(crate) fn any_order(got: &[&str], body: &[&str], last: &[&str]) -> Verdict {
    let (head, tail) = got.split_at(got.len().saturating_sub(last.len()));
    same("the last lines", &tail, &last)?;
    permutation(head, body)
}

/// The same lines, each as often, in any order.
pub(crate) fn permutation(got: &[&str], want: &[&str]) -> Verdict {
    let (mut got, mut want) = (got.to_vec(), want.to_vec());
    got.sort_unstable();
    want.sort_unstable();
    same("the sorted lines", &got, &want)
}

/// `earlier` and `later` both stand in `lines`, in this order.
pub(crate) fn before(lines: &[&str], earlier: &str, later: &str) -> Verdict {
    let at = |text: &str| lines.iter().position(|line| *line == text);
    match (at(earlier), at(later)) {
        (Some(a), Some(b)) if a < b => Ok(()),
        (Some(_), Some(_)) => Err(format!("`{later}` stands before `{earlier}`")),
        (None, _) => Err(format!("`{earlier}` is missing")),
        (_, None) => Err(format!("`{later}` is missing")),
    }
}

/// The number after `label` in the line that starts with it.
pub(crate) fn number<T: std::str::FromStr>(lines: &[&str], label: &str) -> Result<T, String> {
    let text = lines.iter().find_map(|line| line.strip_prefix(label));
    let text = text.ok_or_else(|| format!("no line starts with `{label}`"))?;
    text.trim().parse().map_err(|_| format!("`{label}{text}` has no number"))
}

/// `got == want`, or a sentence.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, want: &T) -> Verdict {
    if got == want { Ok(()) } else { Err(format!("{what} should be {want:?} and is {got:?}")) }
}

/// `holds`, or a sentence.
pub(crate) fn that(holds: bool, otherwise: &str) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// A fatal end: nothing on stdout; stderr starts with `first` and has every one of `also`.
fn dies(outcome: &Outcome, first: &str, also: &[&str]) -> Verdict {
    same("stdout", &outcome.stdout.as_str(), &"")?;
    same("stderr's first line", &outcome.stderr.lines().next().unwrap_or(""), &first)?;
    for text in also {
        that(outcome.stderr.contains(text), &format!("stderr lacks `{text}`"))?;
    }
    Ok(())
}
