//! Boot: once per process, by the first `run`, the first timer of a plain thread, or a setting. It starts no goroutine,
//! and lets none start: `promise.rs`.

use crate::debug::{self, Settings, Switch};
use crate::ends::{deadlock, overflow, panics, turn};
use crate::goroutine::{ancestors, migrate};
use crate::machine::p::{MAX_PROCS, P};
use crate::machine::{procs, reap, shortage, spawner, thread};
use crate::preempt::mode::{self, Mode};
use crate::preempt::{suspend, sysmon};
use crate::state::SCHED;
use crate::view::{dump, latency, layout, level, schedtrace};
use core::sync::atomic::{AtomicU64, Ordering};
use gaggle_gopark::{in_section, set_coarse_now};
use gaggle_lock::{nanotime, set_section_check};
use gaggle_prim::set_fatal_hook;
use gaggle_race::Hush;
use std::sync::Once;

static BOOTED: Once = Once::new();

/// Boots the scheduler if it is not running. Who panics may not set a hook for panics: another thread does it then.
pub(crate) fn boot() {
    BOOTED.call_once(|| {
        if std::thread::panicking() {
            std::thread::scope(|scope| _ = scope.spawn(begin));
        } else {
            begin();
        }
    });
}

fn begin() {
    gaggle_coro::sanitizer::prepare();
    Hush::begins();
    let count = procs::initial().min(MAX_PROCS);
    procs::make_up_to(count);
    SCHED.set_procs(count as u32);
    procs::idle_from(0, count as u32);
    set_coarse_now(nanotime());
    set_section_check(in_section);
    gaggle_coro::set_around(&suspend::AROUND);
    panics::install_hook();
    turn::install();
    overflow::install();
    layout::learn();
    apply(Settings::from_environment());
    set_fatal_hook(dump::on_fatal);
    helper("gaggle-spawn", spawner::main);
    helper("gaggle-sysmon", sysmon::main);
    Hush::ends();
}

/// Puts the settings into force. The strict mode of preemption needs its signal.
fn apply(settings: Settings) {
    level::raise_traceback_level(debug::traceback_level());
    if let Some(slice) = settings.slice {
        mode::set_slice(slice);
    }
    let installed = suspend::install(); // dumps need it in every mode
    let strict = settings.preempt == Mode::Strict;
    let possible = installed.is_ok() && Mode::DEFAULT == Mode::Strict;
    mode::set_mode(if strict && !possible { Mode::HandOff } else { settings.preempt });
    schedtrace::set(settings.schedtrace, settings.scheddetail);
    if settings.migrate == Switch::On {
        migrate::switch_on();
    }
    reap::init(settings.reap);
    ancestors::init(settings.ancestors);
    WATCH.store(settings.watch, Ordering::Relaxed); // Relaxed: a setting
    if settings.latency == Switch::On {
        latency::switch_on();
    }
}

fn helper(name: &str, body: fn(usize)) {
    deadlock::register_own_thread();
    match thread::start(name, body, 0) {
        Ok(thread) => thread.forget(),
        Err(error) => shortage::end_without(0, error.raw_os_error().unwrap_or(0)),
    }
}

/// A new P, never freed.
pub(crate) fn new_p(id: u32) -> &'static P {
    Box::leak(Box::new(P::new(id)))
}

static WATCH: AtomicU64 = AtomicU64::new(0);

/// How often the watchdog is to look, as `GAGGLE_DEBUG=watch=TIME` says; none if it is not wanted. Boots
/// the scheduler.
pub fn watch_period() -> Option<core::time::Duration> {
    boot();
    let period = WATCH.load(Ordering::Relaxed); // Relaxed: a setting
    (period > 0).then(|| core::time::Duration::from_nanos(period))
}
