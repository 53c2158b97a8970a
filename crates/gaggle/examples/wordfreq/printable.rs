//! Bytes of others made fit for a terminal: names and words may hold anything, also escape sequences.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// `path` with control characters and bad UTF-8 escaped.
pub(crate) fn path(path: &Path) -> String {
    bytes(path.as_os_str().as_bytes())
}

/// `bytes` as text: control characters as `\u{..}`, what is not UTF-8 as `\x..`.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
        }
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}
