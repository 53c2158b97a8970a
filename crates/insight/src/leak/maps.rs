//! What memory there is: the writable mappings of the process, from `/proc/self/maps`.

use super::marker::Span;
use super::sys::{self, Plain, Scratch};

/// Bytes of text that are understood: some 20,000 mappings.
const TEXT: usize = 2 << 20;
/// Ranges longer than this are looked at for pages that were never touched.
pub(super) const LONG: usize = 4 << 20;

/// One writable mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: u8,
    /// Whether what lies right below may not be touched: then it begins there.
    pub(super) guarded: u8,
}
// SAFETY: numbers.
unsafe impl Plain for Region {}

/// Of nothing in particular.
pub(super) const OTHER: u8 = 0;
/// `[heap]`: what the C library grows by `brk`.
pub(super) const BRK: u8 = 1;
/// `[stack]`: the first thread's.
pub(super) const FIRST_STACK: u8 = 2;

/// All writable mappings in the order of their addresses, without `cuts`, which are in order too.
pub(super) fn regions<'a>(cuts: &[Span], scratch: &mut Scratch) -> Option<&'a mut [Region]> {
    let text = scratch.take::<u8>(TEXT)?;
    let len = sys::read_file(c"/proc/self/maps", text)?;
    let text = &text[..len];
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    let all = scratch.take::<Region>(lines + cuts.len())?;
    let (mut count, mut below) = (0, (0, false));
    for line in text.split(|byte| *byte == b'\n') {
        let Some((start, rest)) = hex(line) else { continue };
        let Some((end, rest)) = rest.split_first().and_then(|(_, rest)| hex(rest)) else {
            continue;
        };
        let (access, rest) = rest.get(1..)?.split_at_checked(4)?;
        let readable = access[0] == b'r';
        if readable && access[1] == b'w' && owns_words(access[3], rest) {
            let guarded = u8::from(below == (start, false));
            let region = Region { start, end, kind: kind(rest), guarded };
            each_piece(region, cuts, &mut |piece| {
                all[count] = piece;
                count += 1;
            });
        }
        below = (end, readable);
    }
    Some(&mut all[..count])
}

/// What is left of a region without the cuts.
fn each_piece(region: Region, cuts: &[Span], visit: &mut dyn FnMut(Region)) {
    let mut rest = region;
    for cut in cuts.iter().filter(|cut| cut.0 < region.end && region.start < cut.1) {
        if cut.0 > rest.start {
            visit(Region { end: cut.0, ..rest });
        }
        rest = Region { start: cut.1, guarded: 0, ..rest };
    }
    if rest.start < rest.end {
        visit(rest);
    }
}

/// Shared files and devices hold no handles, and reading some of them does things.
fn owns_words(sharing: u8, name: &[u8]) -> bool {
    let ends = |end: &[u8]| name.ends_with(end);
    let contains = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    sharing == b'p' && !contains(b"/dev/dri")
        || contains(b"/dev/zero")
        || !ends(b"]") && contains(b"/memfd:")
}

fn kind(name: &[u8]) -> u8 {
    if name.ends_with(b"[heap]") {
        BRK
    } else if name.ends_with(b"[stack]") {
        FIRST_STACK
    } else {
        OTHER
    }
}

/// The number at the start of a text, and the rest.
fn hex(text: &[u8]) -> Option<(usize, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let value = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as usize;
    let number = text[..digits].iter().fold(0, |number, byte| number << 4 | value(byte));
    (digits > 0).then(|| (number, &text[digits..]))
}
