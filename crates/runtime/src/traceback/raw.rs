//! Writing to a file descriptor with nothing but write(2).
//!
//! Invariant
//! 1. *Signal Safe*: no allocation, no lock, no formatting machinery.

use super::elided;

/// Hex digits of the longest address.
const DIGITS: usize = 2 * size_of::<usize>();
/// Room for `...`, the longest decimal number and its words, or `\t0x`, the digits and a newline.
const LINE: usize = 64;

/// Writes all of `bytes` to `fd`, or as much as it takes.
pub(super) fn write_all(mut bytes: &[u8], fd: i32) {
    while !bytes.is_empty() {
        // SAFETY: the pointer and the length are those of a live slice.
        let n = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(n) {
            Ok(written @ 1..) => bytes = &bytes[written..],
            _ if interrupted(n) => {}
            _ => return,
        }
    }
}

/// See `traceback::write_raw`.
pub(super) fn write_pcs(pcs: &[usize], fd: i32) {
    for &pc in pcs {
        let mut line = Line { bytes: [0; LINE], len: 0 };
        match elided(pc) {
            Some(lost) => line.gap(lost),
            None => line.address(pc),
        }
        write_all(&line.bytes[..line.len], fd);
    }
}

fn interrupted(result: isize) -> bool {
    // SAFETY: the address of this thread's errno, always valid.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    result < 0 && unsafe { *errno } == libc::EINTR
}

/// One line of text being made.
struct Line {
    bytes: [u8; LINE],
    len: usize,
}

impl Line {
    fn put(&mut self, text: &[u8]) {
        self.bytes[self.len..][..text.len()].copy_from_slice(text);
        self.len += text.len();
    }

    /// `\t0x55d0c0de`, without leading zeros.
    fn address(&mut self, pc: usize) {
        self.put(b"\t0x");
        let zeros = pc.leading_zeros() as usize / 4;
        for digit in zeros.min(DIGITS - 1)..DIGITS {
            let nibble = pc >> (4 * (DIGITS - 1 - digit)) & 0xf;
            self.put(&b"0123456789abcdef"[nibble..=nibble]);
        }
        self.put(b"\n");
    }

    /// `...17 frames elided...`
    fn gap(&mut self, lost: usize) {
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = lost;
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.put(b"...");
        self.put(&digits[first..]);
        self.put(b" frames elided...\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fill: impl FnOnce(&mut Line)) -> String {
        let mut line = Line { bytes: [0; LINE], len: 0 };
        fill(&mut line);
        String::from_utf8(line.bytes[..line.len].to_vec()).unwrap()
    }

    #[test]
    fn an_address_is_written_as_the_formatting_machinery_would() {
        for pc in [0, 1, 0xf, 0x10, 0x5555_0000_1234, usize::MAX, usize::MAX >> 1] {
            assert_eq!(line(|l| l.address(pc)), format!("\t{pc:#x}\n"));
        }
    }

    #[test]
    fn a_gap_is_written_in_gos_words() {
        for lost in [1, 10, 1181, 1 << 20, usize::MAX] {
            assert_eq!(line(|l| l.gap(lost)), format!("...{lost} frames elided...\n"));
        }
    }
}
