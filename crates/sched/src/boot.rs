//! Boot: once per process, by the first `run` (or the first timer of a plain thread).

use crate::p::{MAX_PROCS, P};
use crate::preempt::{self, Mode};
use crate::state::SCHED;
use crate::{deadlock, dump, overflow, panics, procs, spawner, suspend, sysmon, thread};
use gaggle_gopark::{in_section, set_coarse_now, set_spawner};
use gaggle_lock::{nanotime, set_section_check};
use gaggle_prim::{set_fatal_hook, throw};
use std::sync::Once;

static BOOTED: Once = Once::new();

/// Boots the scheduler if it is not running.
pub(crate) fn boot() {
    BOOTED.call_once(|| {
        let count = procs::initial().min(MAX_PROCS);
        procs::make_up_to(count);
        SCHED.set_procs(count as u32);
        procs::idle_from(0, count as u32);
        set_coarse_now(nanotime());
        set_section_check(in_section);
        set_spawner(crate::spawn::spawn);
        panics::install_hook();
        overflow::install();
        install_preemption();
        set_fatal_hook(dump::on_fatal);
        helper("gaggle-spawn", spawner::main);
        helper("gaggle-sysmon", sysmon::main);
    });
}

/// Reads the mode; the strict one needs its signal.
fn install_preemption() {
    let words = std::env::var("GAGGLE_DEBUG").unwrap_or_default();
    let value = |key| words.split(',').find_map(|word| word.trim().strip_prefix(key));
    if let Some(micros) = value("slice=").and_then(|text| text.parse::<u64>().ok()) {
        preempt::set_slice(micros.clamp(100, 1_000_000) * 1_000);
    }
    let mode = value("preempt=").and_then(Mode::parse).unwrap_or(Mode::Strict);
    let strict = mode == Mode::Strict;
    preempt::set_mode(if strict && suspend::install().is_err() { Mode::HandOff } else { mode });
}

/// True once the scheduler runs.
pub(crate) fn is_booted() -> bool {
    BOOTED.is_completed()
}

fn helper(name: &str, body: fn(usize)) {
    deadlock::register_own_thread();
    match thread::start(name, body, 0) {
        Ok(thread) => thread.forget(),
        Err(error) => throw!("runtime: failed to create new OS thread ({name}): {error}"),
    }
}

/// A new P, never freed.
pub(crate) fn new_p(id: u32) -> &'static P {
    Box::leak(Box::new(P::new(id)))
}
