//! A profile as text: Go's layout for `debug=1` (SEMANTICS AA7, AA9).

use super::Kind;
use super::records::{Record, Records};
use core::fmt::{self, Write};
use gaggle_runtime::traceback::lines_of;

/// The whole text.
pub(super) fn of(kind: Kind, records: &Records) -> String {
    let mut text = String::new();
    let _never_fails = write(kind, records, &mut text);
    text
}

fn write(kind: Kind, records: &Records, out: &mut String) -> fmt::Result {
    match kind {
        Kind::Goroutine => writeln!(out, "goroutine profile: total {}", records.total())?,
        Kind::GoroutineLeak => {
            writeln!(out, "goroutineleak profile: total {}", records.total())?;
        }
        Kind::ThreadCreate => writeln!(out, "threadcreate profile: total {}", records.total())?,
        // A cycle is a nanosecond here.
        Kind::Block => writeln!(out, "--- contention:\ncycles/second=1000000000")?,
        Kind::Mutex => {
            writeln!(out, "--- mutex:\ncycles/second=1000000000")?;
            writeln!(out, "sampling period={}", gaggle_sched::mutex_profile_fraction())?;
        }
    }
    records.all.iter().try_for_each(|record| write_record(record, out))
}

fn write_record(record: &Record, out: &mut String) -> fmt::Result {
    // Go has the time before the count.
    for value in record.values.iter().rev() {
        write!(out, "{value} ")?;
    }
    out.write_char('@')?;
    for pc in &record.pcs {
        write!(out, " {pc:#x}")?;
    }
    out.write_char('\n')?;
    if !record.labels.is_empty() {
        out.write_str("# labels: {")?;
        for (at, (key, value)) in record.labels.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(out, "{comma}{key:?}:{value:?}")?;
        }
        out.write_str("}\n")?;
    }
    let hides = record.pcs.iter().any(|&pc| lines_of(pc).0.iter().any(|line| !line.hidden));
    record.pcs.iter().try_for_each(|&pc| write_lines(pc, hides, out))?;
    out.write_char('\n')
}

/// The functions at one pc; those of the runtime are left out if there are others.
fn write_lines(pc: usize, hides: bool, out: &mut String) -> fmt::Result {
    let (lines, offset) = lines_of(pc);
    for line in lines.iter().filter(|line| !(hides && line.hidden)) {
        let offset = offset.unwrap_or(0);
        write!(out, "#\t{:#x}\t{}+{offset:#x}", pc.wrapping_sub(1), line.function)?;
        writeln!(out, "\t{}:{}", line.file, line.line)?;
    }
    Ok(())
}
