//! The executable's own symbol table: full names where the debug information has only short ones. And the
//! kernel's, of the functions that it maps into every process (the vDSO), of which no file tells.
//!
//! With `debug = "line-tables-only"` a function is called `f` there, without the path that tells
//! whose it is; the symbol table still has the mangled path of every function that was not inlined.
//!
//! Invariant
//! 1. *Checked*: the file is read at its own word's mercy: every offset and size is tried, and a
//!    file that makes no sense is a table without symbols.

use core::ops::Range;
use core::slice::ChunksExact;
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
    pub(super) const SECTION_NAMES: usize = 0x3e;
    pub(super) const SECTION: usize = 64;
    pub(super) const SECTION_TYPE: usize = 4;
    pub(super) const SECTION_OFFSET: usize = 0x18;
    pub(super) const SECTION_BYTES: usize = 0x20;
    pub(super) const SECTION_LINK: usize = 0x28;
    pub(super) const SECTION_ADDRESS: usize = 0x10;
    pub(super) const SYMTAB: u32 = 2;
    pub(super) const DYNSYM: u32 = 11;
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

/// All functions of one module, by address.
#[derive(Debug, Default)]
struct Table {
    base: u64,
    /// Beyond its last section, relative to `base`.
    end: u64,
    functions: Vec<Function>,
    names: Vec<u8>,
    /// The linker's stubs, by which functions of other modules are called; relative to `base`.
    stubs: Vec<Range<u64>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let base = modules::executable_base() as u64;
    let image = File::open("/proc/self/exe").ok().map(|file| Image { file, from: 0 });
    image.and_then(|image| Table::read(&image, elf::SYMTAB, base)).unwrap_or_default()
});

static VDSO: LazyLock<Table> = LazyLock::new(|| {
    // SAFETY: only asks; 0 if there is none.
    let from = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) };
    let file = if from == 0 { None } else { File::open("/proc/self/mem").ok() };
    let image = file.map(|file| Image { file, from });
    image.and_then(|image| Table::read(&image, elf::DYNSYM, from)).unwrap_or_default()
});

/// The mangled name of the function that holds `address`: one of the executable's, or of the vDSO's, which
/// names only some of its functions. The linker's stubs have none.
pub(super) fn name(address: usize) -> Option<&'static [u8]> {
    let address = address as u64;
    let of_vdso = || VDSO.name(address).or_else(|| VDSO.has(address).then_some(b"[vdso]"));
    let of_stub = || TABLE.is_stub(address).then_some(&b"[plt]"[..]);
    TABLE.name(address).or_else(of_stub).or_else(of_vdso)
}

/// Where the bytes of a module are read.
struct Image {
    file: File,
    /// Where in the file it begins.
    from: u64,
}

impl Table {
    /// Reads the table that is in a section of that `kind`.
    fn read(file: &Image, kind: u32, base: u64) -> Option<Table> {
        let header = bytes(file, 0, elf::HEADER as u64)?;
        header.starts_with(elf::MAGIC).then_some(())?;
        let count = u64::from(u16_at(&header, elf::SECTION_COUNT)?);
        let size = usize::from(u16_at(&header, elf::SECTION_SIZE)?);
        (size >= elf::SECTION).then_some(())?;
        let sections = bytes(file, u64_at(&header, elf::SECTIONS_AT)?, count * size as u64)?;
        let sections = sections.chunks_exact(size);
        let symtab = sections.clone().find(|s| u32_at(s, elf::SECTION_TYPE) == Some(kind))?;
        let end_of =
            |s| u64_at(s, elf::SECTION_ADDRESS)?.checked_add(u64_at(s, elf::SECTION_BYTES)?);
        let end = sections.clone().filter_map(end_of).max()?;
        let strings = sections.clone().nth(u32_at(symtab, elf::SECTION_LINK)? as usize)?;
        let symbols = section(file, symtab)?;
        let names = section(file, strings)?;
        let mut functions: Vec<_> =
            symbols.chunks_exact(elf::SYMBOL).filter_map(Function::of).collect();
        functions.sort_unstable_by_key(|function| function.start);
        let stubs = stubs(file, sections, &header).unwrap_or_default();
        Some(Table { base, end, functions, names, stubs })
    }

    fn is_stub(&self, address: u64) -> bool {
        let at = address.checked_sub(self.base);
        at.is_some_and(|at| self.stubs.iter().any(|stubs| stubs.contains(&at)))
    }

    fn has(&self, address: u64) -> bool {
        address.checked_sub(self.base).is_some_and(|address| address < self.end)
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

/// Where `.plt`, `.plt.got` and `.plt.sec` lie, if they are among `sections`.
fn stubs(file: &Image, sections: ChunksExact<'_, u8>, header: &[u8]) -> Option<Vec<Range<u64>>> {
    let names = usize::from(u16_at(header, elf::SECTION_NAMES)?);
    let names = section(file, sections.clone().nth(names)?)?;
    let place = |s: &[u8]| {
        let name = names.get(u32_at(s, 0)? as usize..)?.split(|&byte| byte == 0).next()?;
        let start = u64_at(s, elf::SECTION_ADDRESS)?;
        let is_stubs = name == b".plt" || name.starts_with(b".plt.");
        is_stubs.then_some(start..start.checked_add(u64_at(s, elf::SECTION_BYTES)?)?)
    };
    Some(sections.filter_map(place).collect())
}

/// The contents of the section that this header describes.
fn section(file: &Image, header: &[u8]) -> Option<Vec<u8>> {
    bytes(file, u64_at(header, elf::SECTION_OFFSET)?, u64_at(header, elf::SECTION_BYTES)?)
}

fn bytes(image: &Image, at: u64, len: u64) -> Option<Vec<u8>> {
    (len <= LIMIT).then_some(())?;
    let mut bytes = vec![0; usize::try_from(len).ok()?];
    image.file.read_exact_at(&mut bytes, image.from.checked_add(at)?).ok()?;
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

    /// Clocks are read there, so a dump often meets somebody in it.
    #[test]
    fn functions_of_the_vdso_have_their_names() {
        let first = VDSO.functions.first().expect("this kernel has one");
        let start = (VDSO.base + first.start) as usize;
        let named = std::str::from_utf8(name(start).unwrap()).unwrap();
        assert!(!named.is_empty() && !named.contains("::"), "{named}");
        let clock = |at: &Function| VDSO.name(VDSO.base + at.start);
        let mut names = VDSO.functions.iter().filter_map(clock);
        assert!(names.any(|name| name.ends_with(b"clock_gettime")));
        assert_eq!(name((VDSO.base + VDSO.end) as usize), None);
        assert_eq!(name(VDSO.base as usize), Some(&b"[vdso]"[..]), "its header is no function");
    }

    /// Who copies may be met there: `memcpy` is another module's.
    #[test]
    fn the_linker_s_stubs_are_called_so() {
        for stubs in &TABLE.stubs {
            for at in [stubs.start, stubs.end - 1] {
                assert_eq!(name((TABLE.base + at) as usize), Some(&b"[plt]"[..]));
            }
        }
        let own = bytes as *const () as usize as u64;
        assert!(!TABLE.is_stub(own) && !TABLE.is_stub(0));
    }

    #[test]
    fn an_address_outside_of_the_program_has_no_name() {
        assert_eq!(name(0), None);
        assert_eq!(name(usize::MAX), None);
        assert_eq!(name(libc::getpid as *const () as usize), None);
    }
}
