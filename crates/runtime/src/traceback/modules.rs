//! The modules of this process and where their unwind tables are mapped.
//!
//! Invariants
//! 1. *Mapped*: the tables lie in segments that the loader mapped readable and keeps until it
//!    unloads the module; they are never written after loading. Unloading is excluded by `walk`'s
//!    contract.
//! 2. *As Linked Here*: a module is described as if it had been linked at the address where it is,
//!    so no address is ever translated.

use core::ffi::c_void;
use core::ops::Range;

use framehop::{ExplicitModuleSectionInfo, Module};

/// `.eh_frame_hdr` starts with version 1, and says in its second byte how it points to `.eh_frame`.
const HDR_VERSION: u8 = 1;
/// DW_EH_PE_pcrel | DW_EH_PE_sdata4: what every linker in use writes.
const PCREL_SDATA4: u8 = 0x1b;

/// Counts loads and unloads: differs whenever the set of modules may differ.
pub(super) fn version() -> u64 {
    let mut version = 0;
    each(&mut |info, _| {
        version = info.dlpi_adds + info.dlpi_subs;
        false
    });
    version
}

/// The address that the executable's own addresses are relative to: the loader lists it first.
pub(super) fn executable_base() -> usize {
    let mut base = 0;
    each(&mut |info, _| {
        base = info.dlpi_addr as usize;
        false
    });
    base
}

/// Every loaded module that has unwind tables.
pub(super) fn all() -> Vec<Module<&'static [u8]>> {
    let mut found = Vec::new();
    each(&mut |info, headers| {
        found.extend(module(info.dlpi_addr as usize, headers));
        true
    });
    found
}

/// The module whose program headers these are, loaded at `base`.
fn module(base: usize, headers: &[libc::Elf64_Phdr]) -> Option<Module<&'static [u8]>> {
    let range = |h: &libc::Elf64_Phdr| {
        let start = base.wrapping_add(h.p_vaddr as usize);
        start..start.wrapping_add(h.p_memsz as usize)
    };
    let loads = || headers.iter().filter(|h| h.p_type == libc::PT_LOAD).map(range);
    let whole = loads().map(|r| r.start).min()?..loads().map(|r| r.end).max()?;
    let hdr = headers.iter().find(|h| h.p_type == libc::PT_GNU_EH_FRAME).map(range)?;
    loads().find(|r| r.start <= hdr.start && hdr.end <= r.end)?;
    let hdr_bytes = bytes(hdr.clone());
    let [HDR_VERSION, PCREL_SDATA4, _, _, a, b, c, d, ..] = *hdr_bytes else { return None };
    let eh_frame = (hdr.start + 4).wrapping_add_signed(i32::from_le_bytes([a, b, c, d]) as isize);
    // The section's own length is not in the headers; the index never leads past it.
    let eh_frame = eh_frame..loads().find(|r| r.contains(&eh_frame))?.end;
    let wide = |r: Range<usize>| r.start as u64..r.end as u64;
    let sections = ExplicitModuleSectionInfo {
        base_svma: whole.start as u64,
        eh_frame_hdr_svma: Some(wide(hdr)),
        eh_frame_hdr: Some(hdr_bytes),
        eh_frame_svma: Some(wide(eh_frame.clone())),
        eh_frame: Some(bytes(eh_frame)),
        ..ExplicitModuleSectionInfo::default()
    };
    let start = whole.start as u64;
    Some(Module::new(String::new(), wide(whole), start, sections))
}

/// The bytes of a table.
fn bytes(range: Range<usize>) -> &'static [u8] {
    let start = core::ptr::with_exposed_provenance(range.start);
    // SAFETY: Mapped: `range` lies in a segment of a loaded module (`module` checked that).
    unsafe { core::slice::from_raw_parts(start, range.len()) }
}

type Visit<'a> = &'a mut dyn FnMut(&libc::dl_phdr_info, &[libc::Elf64_Phdr]) -> bool;

/// Shows every module to `visit` until it answers false. Takes the loader's lock.
fn each(mut visit: Visit<'_>) {
    let data: *mut Visit<'_> = &raw mut visit;
    // SAFETY: `on_module` takes `data` for what it is, a `Visit`, and only during this call.
    unsafe { libc::dl_iterate_phdr(Some(on_module), data.cast()) };
}

unsafe extern "C" fn on_module(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    data: *mut c_void,
) -> libc::c_int {
    // SAFETY: the loader passes a valid description for the duration of this call.
    let info = unsafe { &*info };
    // SAFETY: `data` is the `Visit` that `each` passed and that nobody else uses meanwhile.
    let visit = unsafe { &mut *data.cast::<Visit<'_>>() };
    let count = usize::from(info.dlpi_phnum);
    // SAFETY: the loader's headers: `dlpi_phnum` of them, valid for the duration of this call.
    let headers = unsafe { core::slice::from_raw_parts(info.dlpi_phdr, count) };
    libc::c_int::from(!visit(info, headers))
}
