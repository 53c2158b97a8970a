//! The executable's own symbol table: full names where the debug information has only short ones.
//!
//! With `debug = "line-tables-only"` a function is called `f` there, without the path that tells
//! whose it is; the symbol table still has the mangled path of every function that was not inlined.
//!
//! Invariant
//! 1. *Checked*: the file is read at its own word's mercy: every offset and size is tried, and a
//!    file that makes no sense is a table without symbols.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;

use super::modules;

/// ELF64: offset and width of what is read, in the file's header, a section header and a symbol.
mod elf {
    pub(super) const MAGIC: &[u8] = b"\x7fELF\x02\x01";
    pub(super) const HEADER: usize = 64;
    pub(super) const SECTIONS_AT: usize = 0x28;
    pub(super) const SECTION_SIZE: usize = 0x3a;
    pub(super) const SECTION_COUNT: usize = 0x3c;
    pub(super) const SECTION: usize = 64;
    pub(super) const SECTION_TYPE: usize = 4;
    pub(super) const SECTION_OFFSET: usize = 0x18;
    pub(super) const SECTION_BYTES: usize = 0x20;
    pub(super) const SECTION_LINK: usize = 0x28;
    pub(super) const SYMTAB: u32 = 2;
    pub(super) const SYMBOL: usize = 24;
    pub(super) const SYMBOL_INFO: usize = 4;
    pub(super) const SYMBOL_ADDRESS: usize = 8;
    pub(super) const SYMBOL_BYTES: usize = 16;
    pub(super) const FUNCTION: u8 = 2;
}

/// Tables beyond this are not worth their memory in a dying process.
const LIMIT: u64 = 256 << 20;

/// One function: where it starts, its length, where its name starts.
#[derive(Clone, Copy, Debug)]
struct Function {
    start: u64,
    bytes: u64,
    name: usize,
}

/// All functions of the executable, by address.
#[derive(Debug, Default)]
struct Table {
    base: u64,
    functions: Vec<Function>,
    names: Vec<u8>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::read(modules::executable_base() as u64).unwrap_or_default());

/// The mangled name of the executable's function that holds `address`.
pub(super) fn name(address: usize) -> Option<&'static [u8]> {
    TABLE.name(address as u64)
}

impl Table {
    fn read(base: u64) -> Option<Table> {
        let file = File::open("/proc/self/exe").ok()?;
        let header = bytes(&file, 0, elf::HEADER as u64)?;
        header.starts_with(elf::MAGIC).then_some(())?;
        let count = u64::from(u16_at(&header, elf::SECTION_COUNT)?);
        let size = usize::from(u16_at(&header, elf::SECTION_SIZE)?);
        (size >= elf::SECTION).then_some(())?;
        let sections = bytes(&file, u64_at(&header, elf::SECTIONS_AT)?, count * size as u64)?;
        let mut sections = sections.chunks_exact(size);
        let symtab =
            sections.clone().find(|s| u32_at(s, elf::SECTION_TYPE) == Some(elf::SYMTAB))?;
        let strings = sections.nth(u32_at(symtab, elf::SECTION_LINK)? as usize)?;
        let symbols = section(&file, symtab)?;
        let names = section(&file, strings)?;
        let mut functions: Vec<_> =
            symbols.chunks_exact(elf::SYMBOL).filter_map(Function::of).collect();
        functions.sort_unstable_by_key(|function| function.start);
        Some(Table { base, functions, names })
    }

    fn name(&self, address: u64) -> Option<&[u8]> {
        let address = address.checked_sub(self.base)?;
        let after = self.functions.partition_point(|function| function.start <= address);
        let function = self.functions.get(after.checked_sub(1)?)?;
        (address - function.start < function.bytes).then_some(())?;
        let name = self.names.get(function.name..)?;
        name.split(|&byte| byte == 0).next()
    }
}

impl Function {
    /// The function that a symbol tells of, if it does.
    fn of(symbol: &[u8]) -> Option<Function> {
        let kind = symbol.get(elf::SYMBOL_INFO)? & 0xf;
        let start = u64_at(symbol, elf::SYMBOL_ADDRESS)?;
        let bytes = u64_at(symbol, elf::SYMBOL_BYTES)?;
        let name = u32_at(symbol, 0)? as usize;
        (kind == elf::FUNCTION && bytes > 0).then_some(Function { start, bytes, name })
    }
}

/// The contents of the section that this header describes.
fn section(file: &File, header: &[u8]) -> Option<Vec<u8>> {
    bytes(file, u64_at(header, elf::SECTION_OFFSET)?, u64_at(header, elf::SECTION_BYTES)?)
}

fn bytes(file: &File, at: u64, len: u64) -> Option<Vec<u8>> {
    (len <= LIMIT).then_some(())?;
    let mut bytes = vec![0; usize::try_from(len).ok()?];
    file.read_exact_at(&mut bytes, at).ok()?;
    Some(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_this_program_has_its_full_path_at_its_first_and_later_bytes() {
        let start = bytes as *const () as usize;
        for address in [start, start + 1] {
            let name = std::str::from_utf8(name(address).expect("not stripped")).unwrap();
            assert!(name.contains("traceback") && name.contains("symtab"), "{name}");
        }
    }

    #[test]
    fn an_address_outside_of_the_program_has_no_name() {
        assert_eq!(name(0), None);
        assert_eq!(name(usize::MAX), None);
        assert_eq!(name(libc::getpid as *const () as usize), None);
    }
}
