//! The CPU profile: which goroutines use the processors, and where, from now on (Go: `StartCPUProfile`).
//!
//! A thread looks a hundred times a second (`gaggle_sched::Sampler`); what it finds is counted here by stack
//! and labels.

use super::proto;
use super::records::{Labels, Record, Records};
use gaggle_runtime::traceback::elided;
use gaggle_sched::{Sample, Sampler};
use gaggle_sync::Mutex;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two looks, more or less.
const PERIOD: Duration = Duration::from_millis(10);
/// Distinct stacks that are kept apart, some kilobytes each; what comes then is told by its innermost function.
const STACKS: usize = 1 << 15;

/// The profile that is being taken.
struct Running {
    to: Box<dyn Write + Send>,
    end: Arc<AtomicBool>,
    thread: JoinHandle<Counts>,
    begin: Instant,
}

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

/// What was counted: how often, and the nanoseconds that it stands for.
type Counts = HashMap<(Vec<usize>, Labels), (u64, u64)>;

/// Begins a CPU profile; [`stop_cpu_profile`] writes it to `w`, as the file that `go tool pprof` opens.
///
/// What is counted is processor time of the threads that run goroutines, in programs and in the kernel, at the
/// stack and the labels of the goroutine; the scheduler's own time between two goroutines goes to whoever
/// is seen next. Waiting uses none. Taking it costs each thread that computes one signal in ten milliseconds.
///
/// # Errors
///
/// If one is being taken (Go: `cpu profiling already in use`); if there is no thread for it.
///
/// # Examples
///
/// ```no_run
/// use gaggle_insight::pprof;
///
/// pprof::start_cpu_profile(std::fs::File::create("cpu.pb.gz")?)?;
/// // ... the part that is to be understood ...
/// pprof::stop_cpu_profile()?; // writes the file
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn start_cpu_profile(w: impl Write + Send + 'static) -> io::Result<()> {
    let mut running = RUNNING.lock();
    if running.is_some() {
        return Err(io::Error::other("cpu profiling already in use"));
    }
    let end = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&end);
    let thread = std::thread::Builder::new().name("gaggle-profile".into());
    let thread = thread.spawn(move || take(&theirs))?;
    *running = Some(Running { to: Box::new(w), end, thread, begin: Instant::now() });
    Ok(())
}

/// Ends the CPU profile and writes it. Without one it does nothing.
///
/// # Errors
///
/// What the writer said.
pub fn stop_cpu_profile() -> io::Result<()> {
    let Some(mut running) = RUNNING.lock().take() else { return Ok(()) };
    // Relaxed: the counts come by the join.
    running.end.store(true, Ordering::Relaxed);
    let took = running.begin.elapsed();
    let counts = gaggle_sched::syscall(|| running.thread.join());
    let counts = counts.map_err(|_| io::Error::other("the profiler's thread panicked"))?;
    proto::write(&records(counts, took), &mut running.to)?;
    running.to.flush()
}

/// Looks until the end.
fn take(end: &AtomicBool) -> Counts {
    let mut sampler = Sampler::new();
    let mut counts = Counts::new();
    let mut luck = 1_u64;
    // Relaxed: nothing comes with it.
    while !end.load(Ordering::Relaxed) {
        // Not in step with anybody's ticker.
        luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let jitter = Duration::from_micros((luck >> 33) % 4000);
        #[expect(clippy::disallowed_methods, reason = "a thread of its own")]
        std::thread::sleep(PERIOD + jitter - Duration::from_millis(2));
        sampler.look(|sample| count(&mut counts, sample));
    }
    counts
}

fn count(counts: &mut Counts, sample: Sample) {
    let Sample { mut pcs, labels, used, .. } = sample;
    let Some(first) = pcs.first_mut() else { return };
    *first += 1; // the others are where calls return to, and taken for the instruction before
    pcs.retain(|&pc| elided(pc).is_none());
    if counts.len() >= STACKS {
        pcs.truncate(1);
    }
    let labels: Labels = labels.iter().flat_map(|all| all.iter().cloned()).collect();
    let (times, nanoseconds) = counts.entry((pcs, labels)).or_default();
    *times += 1;
    *nanoseconds += u64::try_from(used.as_nanos()).unwrap_or(u64::MAX);
}

fn records(counts: Counts, took: Duration) -> Records {
    let record = |((pcs, labels), (times, nanoseconds))| Record {
        values: vec![times, nanoseconds],
        pcs,
        labels,
    };
    let mut all: Vec<Record> = counts.into_iter().map(record).collect();
    all.sort_by(|a, b| b.values[1].cmp(&a.values[1]).then_with(|| a.pcs.cmp(&b.pcs)));
    let units = &[("samples", "count"), ("cpu", "nanoseconds")];
    Records { units, period: PERIOD.as_nanos() as u64, took, all }
}
