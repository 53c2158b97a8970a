//! A profile as the protocol buffer that `go tool pprof` reads, gzipped: `debug=0`.
//!
//! The few messages are written by hand: a field is a tag (`number << 3 | type`), then a varint (type 0)
//! or a length and bytes (type 2).

use super::records::{Record, Records};
use crate::apart::apart;
use flate2::{Compression, write::GzEncoder};
use gaggle_runtime::traceback::lines_of;
use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes all of it.
pub(super) fn write(records: &Records, out: &mut impl Write) -> io::Result<()> {
    let plain = Writer::default().profile(records);
    // The compressor keeps its tables on the stack: too much for a goroutine's.
    let packed = apart(|| compress(&plain));
    out.write_all(&packed.ok_or(io::ErrorKind::OutOfMemory)??)
}

fn compress(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(plain)?;
    gzip.finish()
}

/// One message that is being written.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) -> &mut Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn message(&mut self, field: u64, inner: &Message) -> &mut Self {
        self.bytes(field, &inner.0)
    }

    fn numbers(&mut self, field: u64, values: impl Iterator<Item = u64>) -> &mut Self {
        let mut packed = Message::default();
        values.for_each(|value| packed.varint(value));
        self.message(field, &packed)
    }
}

/// What is told once and referred to by number.
#[derive(Debug, Default)]
struct Writer {
    strings: HashMap<String, u64>,
    in_order: Vec<String>,
    functions: HashMap<(String, String), u64>,
    locations: HashMap<usize, u64>,
    /// The messages of functions and locations.
    tables: Message,
}

impl Writer {
    fn profile(mut self, records: &Records) -> Vec<u8> {
        self.string("");
        let mut profile = Message::default();
        for &(kind, unit) in records.units {
            profile.message(1, &self.unit(kind, unit));
        }
        for record in &records.all {
            let sample = self.sample(record);
            profile.message(2, &sample);
        }
        profile.message(3, &self.mapping());
        profile.0.append(&mut self.tables.0);
        let (kind, unit) = records.units[records.units.len() - 1];
        let period = self.unit(kind, unit);
        for string in &self.in_order {
            profile.bytes(6, string.as_bytes());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let begin = now.saturating_sub(records.took);
        profile.number(9, u64::try_from(begin.as_nanos()).unwrap_or(0));
        profile.number(10, u64::try_from(records.took.as_nanos()).unwrap_or(0));
        profile.message(11, &period).number(12, records.period);
        profile.0
    }

    fn string(&mut self, text: &str) -> u64 {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let id = self.in_order.len() as u64;
        self.in_order.push(text.to_owned());
        self.strings.insert(text.to_owned(), id);
        id
    }

    fn unit(&mut self, kind: &str, unit: &str) -> Message {
        let mut message = Message::default();
        message.number(1, self.string(kind)).number(2, self.string(unit));
        message
    }

    fn sample(&mut self, record: &Record) -> Message {
        let mut sample = Message::default();
        let locations: Vec<u64> = record.pcs.iter().map(|&pc| self.location(pc)).collect();
        sample.numbers(1, locations.into_iter());
        sample.numbers(2, record.values.iter().copied());
        for (key, value) in &record.labels {
            let mut label = Message::default();
            label.number(1, self.string(key)).number(2, self.string(value));
            sample.message(3, &label);
        }
        sample
    }

    /// The program as one mapping: its names are here already, and nobody needs to look further.
    fn mapping(&mut self) -> Message {
        let program = std::env::current_exe().unwrap_or_default();
        let mut mapping = Message::default();
        mapping
            .number(1, 1)
            .number(3, u64::MAX >> 1)
            .number(5, self.string(&program.display().to_string()));
        (7..=9).for_each(|field| _ = mapping.number(field, 1)); // functions, files, lines
        mapping
    }

    fn location(&mut self, pc: usize) -> u64 {
        if let Some(&known) = self.locations.get(&pc) {
            return known;
        }
        let id = self.locations.len() as u64 + 1;
        self.locations.insert(pc, id);
        let mut location = Message::default();
        location.number(1, id).number(2, 1).number(3, pc.wrapping_sub(1) as u64);
        for line in lines_of(pc).0 {
            let function = self.function(line.function, line.file);
            let mut message = Message::default();
            message.number(1, function).number(2, u64::from(line.line));
            location.message(4, &message);
        }
        self.tables.message(4, &location);
        id
    }

    fn function(&mut self, name: String, file: String) -> u64 {
        let (name_id, file_id) = (self.string(&name), self.string(&file));
        let next = self.functions.len() as u64 + 1;
        let id = *self.functions.entry((name, file)).or_insert(next);
        if id == next {
            let mut function = Message::default();
            function.number(1, id).number(2, name_id).number(3, name_id).number(4, file_id);
            self.tables.message(5, &function);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn numbers_and_bytes_are_written_as_the_format_has_them() {
        let mut message = Message::default();
        message.number(1, 150).bytes(2, b"ab").numbers(3, [3, 270].into_iter());
        assert_eq!(message.0, [0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x1a, 3, 3, 0x8e, 0x02]);
    }
}
