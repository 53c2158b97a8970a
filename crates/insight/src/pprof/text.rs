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
            out.write_str(comma)?;
            write_quoted(key, out)?;
            out.write_char(':')?;
            write_quoted(value, out)?;
        }
        out.write_str("}\n")?;
    }
    let hides = record.pcs.iter().any(|&pc| lines_of(pc).0.iter().any(|line| !line.hidden));
    record.pcs.iter().try_for_each(|&pc| write_lines(pc, hides, out))?;
    out.write_char('\n')
}

/// In quotes, as Go's `%q`: what cannot be printed is escaped in Go's way.
fn write_quoted(text: &str, out: &mut String) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}")?,
            '\x07' => out.write_str("\\a")?,
            '\x08' => out.write_str("\\b")?,
            '\t' => out.write_str("\\t")?,
            '\n' => out.write_str("\\n")?,
            '\x0b' => out.write_str("\\v")?,
            '\x0c' => out.write_str("\\f")?,
            '\r' => out.write_str("\\r")?,
            c if c.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(c))?,
            c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
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

#[cfg(test)]
mod tests {
    use super::write_quoted;

    /// AA7: as Go 1.27.3 writes these labels.
    #[test]
    fn labels_are_quoted_as_in_go() {
        let mut text = String::new();
        write_quoted("k\x01", &mut text).unwrap();
        write_quoted("caf\u{e9} \x7f\u{85}\u{1f600}\"\\\n\t", &mut text).unwrap();
        assert_eq!(text, r#""k\x01""café \x7f\u0085😀\"\\\n\t""#);
    }
}
