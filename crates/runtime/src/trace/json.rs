//! One trace event as a line of JSON.

use std::fmt::Display;
use std::io::{self, Write};

/// The file's list of events.
pub(super) struct Events<'w> {
    to: &'w mut dyn Write,
    first: bool,
}

impl<'w> Events<'w> {
    pub(super) fn begin(to: &'w mut dyn Write) -> io::Result<Self> {
        to.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
        Ok(Self { to, first: true })
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.to.write_all(b"\n]}\n")
    }

    /// An event of phase `ph` begins; its fields follow.
    pub(super) fn event(&mut self, ph: char) -> io::Result<Fields<'_>> {
        self.to.write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        write!(self.to, "{{\"ph\":\"{ph}\"")?;
        Ok(Fields { to: self.to })
    }
}

/// The fields of one event.
pub(super) struct Fields<'w> {
    to: &'w mut dyn Write,
}

impl Fields<'_> {
    pub(super) fn number(self, key: &str, value: impl Display) -> io::Result<Self> {
        write!(self.to, ",\"{key}\":{value}")?;
        Ok(self)
    }

    pub(super) fn text(self, key: &str, value: &str) -> io::Result<Self> {
        write!(self.to, ",\"{key}\":")?;
        quote(self.to, value)?;
        Ok(self)
    }

    /// What stands under `args`.
    pub(super) fn args(self, pairs: &[(&str, &dyn Display)]) -> io::Result<Self> {
        self.to.write_all(b",\"args\":{")?;
        for (at, (key, value)) in pairs.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(self.to, "{comma}\"{key}\":")?;
            quote(self.to, &value.to_string())?;
        }
        self.to.write_all(b"}")?;
        Ok(self)
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.to.write_all(b"}")
    }
}

/// A string in quotes.
fn quote(to: &mut dyn Write, text: &str) -> io::Result<()> {
    to.write_all(b"\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(to, "\\{c}")?,
            c if (c as u32) < 0x20 => write!(to, "\\u{:04x}", c as u32)?,
            c => write!(to, "{c}")?,
        }
    }
    to.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::Events;

    #[test]
    fn names_may_hold_anything() {
        let mut file = Vec::new();
        let mut events = Events::begin(&mut file).unwrap();
        let event = events.event('M').unwrap().text("name", "a \"b\" \\ \n\u{7} é").unwrap();
        event.args(&[("n", &1), ("t", &"\t")]).unwrap().end().unwrap();
        events.end().unwrap();
        let text = String::from_utf8(file).unwrap();
        let name = r#""name":"a \"b\" \\ \u000a\u0007 é","args":{"n":"1","t":"\u0009"}"#;
        assert!(text.contains(name), "{text}");
    }
}
