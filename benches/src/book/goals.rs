//! The goals that were set before anything was built, each with where it stands: what is not met is said here.

use super::wholes;
use crate::figures::Unit;
use crate::report::markdown::line;
use crate::report::table::{self, GO};
use crate::results::{OURS, Results, Row};

/// What is held against a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    /// The figure of the shape, to that of a side.
    Figure(&'static str, &'static str),
    /// The processor time beside its figure `op`, to that of a side.
    Cpu(&'static str),
    /// The figure of the shape, by itself.
    Plain(&'static str),
}

/// At most so much.
struct Goal {
    shape: &'static str,
    of: Of,
    /// Of all numbers of Ps if there is none.
    procs: Option<usize>,
    most: f64,
}

const fn at(procs: usize, shape: &'static str, of: Of, most: f64) -> Goal {
    Goal { shape, of, procs: Some(procs), most }
}

const fn all(shape: &'static str, of: Of, most: f64) -> Goal {
    Goal { shape, of, procs: None, most }
}

/// Time to Go's.
const fn goal(shape: &'static str, most: f64) -> Goal {
    all(shape, Of::Figure("op", GO), most)
}

const fn cpu(shape: &'static str, side: &'static str, most: f64) -> Goal {
    all(shape, Of::Cpu(side), most)
}

const fn figure(shape: &'static str, figure: &'static str, most: f64) -> Goal {
    all(shape, Of::Figure(figure, GO), most)
}

const TOKIO: &str = "tokio";
const MILLISECOND: f64 = 1e6;

const PROGRAMS: &[Goal] = &[
    goal("skynet_1m", 0.4),
    goal("daisy_chain", 0.4),
    goal("prime_sieve", 0.4),
    goal("prodcons_4x4_cap128", 0.5),
    goal("spawn_run_1m", 0.3),
    goal("word_frequency", 0.8),
];

const SCHEDULER: &[Goal] = &[
    goal("spawn_wait", 0.35),
    goal("create_goroutines", 0.4),
    goal("create_parallel", 0.4),
    goal("create_capture", 0.4),
    goal("create_single", 0.4),
    goal("gosched_two", 0.25),
    goal("pingpong_unbuffered", 0.3),
    goal("ring_1000", 0.35),
    goal("wakeup_spinning_20us", 1.0),
    goal("wakeup_syscall_20us", 1.0),
    at(2, "ticker_beside_hogs", Of::Figure("mean_late", GO), 0.1),
    at(2, "ticker_beside_hogs", Of::Figure("max_late", GO), 0.3),
    at(1, "gap_blocked", Of::Plain("gap"), 3.0 * MILLISECOND),
    at(1, "gap_syscall", Of::Plain("gap"), 0.1 * MILLISECOND),
    at(2, "fan_out_50ms", Of::Figure("op", GO), 1.1),
    at(2, "fan_out_50ms", Of::Plain("threads"), 200.0),
    at(2, "fan_out_20k", Of::Figure("op", GO), 1.1),
    at(2, "fan_out_20k", Of::Plain("threads"), 200.0),
    all("idle", Of::Plain("cpu_of_a_second"), 2.0 * MILLISECOND),
];

const CHANNELS: &[Goal] = &[
    goal("ChanSync", 0.5),
    goal("ChanProdCons0", 0.5),
    goal("ChanProdCons10", 0.5),
    goal("ChanProdCons100", 0.9),
    goal("ChanPopular", 0.5),
    goal("ChanUncontended", 0.6),
    goal("uncontended_cap128", 0.6),
    goal("oneway_cap128", 0.9),
    goal("ChanContended", 0.9),
    goal("SelectUncontended", 0.9),
    goal("SelectSyncContended", 0.5),
    goal("SelectAsyncContended", 0.5),
    goal("SelectNonblock", 1.0),
];

const NET: &[Goal] = &[
    cpu("echo_1", GO, 0.75),
    cpu("echo_50", GO, 0.75),
    cpu("echo_1000", GO, 0.75),
    cpu("echo_1", TOKIO, 1.05),
    cpu("echo_50", TOKIO, 1.05),
    cpu("echo_1000", TOKIO, 1.05),
    cpu("http_64", GO, 0.45),
    cpu("http_1000", GO, 0.45),
    cpu("http_64", TOKIO, 1.1),
    cpu("http_1000", TOKIO, 1.1),
    figure("echo_1", "p99", 1.0),
    figure("echo_50", "p99", 1.0),
    figure("echo_1000", "p99", 1.0),
    figure("http_64", "p99", 1.0),
    figure("http_1000", "p99", 1.0),
    figure("connections", "resident", 1.15),
    all("kv_50", Of::Figure("op", TOKIO), 1.0),
    all("kv_50_by_16", Of::Figure("op", TOKIO), 1.0),
];

const GOALS: [&[Goal]; 4] = [PROGRAMS, SCHEDULER, CHANNELS, NET];

/// A line for each goal and number of Ps, then the goals for many rows at once.
pub(super) fn render(results: &Results) -> String {
    let heads = ["shape", "what", "goal", "P", "is", "rounds", ""];
    let rules = ["---", "---", "--:", "--:", "--:", "--:", "---"];
    let mut text = line(&heads.map(str::to_owned)) + &line(&rules.map(str::to_owned));
    let (mut met, mut lines) = (0, 0);
    for goal in GOALS.iter().copied().flatten() {
        for row in results.rows.iter().filter(|row| goal.is_of(row)) {
            let Some(is) = goal.of.measure(row) else { continue };
            met += usize::from(is <= goal.most);
            lines += 1;
            text.push_str(&line(&cells(goal, row, is)));
        }
    }
    format!("{text}\n{met} of {lines} lines meet their goal.\n\n{}", wholes::render(results))
}

impl Goal {
    fn is_of(&self, row: &Row) -> bool {
        let figure = match self.of {
            Of::Figure(figure, _) | Of::Plain(figure) => figure,
            Of::Cpu(_) => "op",
        };
        let at = self.procs.is_none_or(|procs| procs == row.procs);
        at && row.shape == self.shape && row.figure == figure
    }
}

impl Of {
    /// What the row shows of it, if it was measured.
    fn measure(self, row: &Row) -> Option<f64> {
        match self {
            Of::Figure(_, side) => row.ratio(side),
            Of::Cpu(side) => row.ratio_cpu(side),
            Of::Plain(_) => row.median(OURS),
        }
    }

    /// What it is, for who reads the table.
    fn words(self) -> String {
        let whose = |side| if side == GO { "Go" } else { side };
        match self {
            Of::Figure("op", side) => format!("time to {}'s", whose(side)),
            Of::Figure(figure, side) => format!("{figure} to {}'s", whose(side)),
            Of::Cpu(side) => format!("CPU to {}'s", whose(side)),
            Of::Plain(figure) => figure.to_owned(),
        }
    }

    fn number(self, number: f64, unit: Unit) -> String {
        match self {
            Of::Figure(..) | Of::Cpu(_) => format!("{number:.2}"),
            Of::Plain(_) => format!("{} {}", table::value(number, unit), table::word(unit)),
        }
    }
}

fn cells(goal: &Goal, row: &Row, is: f64) -> [String; 7] {
    let rounds = row.sides.get(OURS).map_or(0, |samples| samples.values.len());
    let verdict = if is <= goal.most { "met" } else { "**missed**" };
    [
        format!("`{}`", row.shape),
        goal.of.words(),
        goal.of.number(goal.most, row.unit),
        row.procs.to_string(),
        goal.of.number(is, row.unit),
        rounds.to_string(),
        verdict.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{GOALS, Of, all, render};
    use crate::figures::{Figure, Figures, Unit};
    use crate::results::Results;
    use crate::shapes;

    #[test]
    fn every_goal_is_of_a_shape_and_none_stands_twice() {
        let goals: Vec<_> = GOALS.iter().copied().flatten().collect();
        for (at, goal) in goals.iter().enumerate() {
            assert!(shapes::find(goal.shape).is_some(), "{}", goal.shape);
            let same = |other: &&&super::Goal| {
                (other.shape, other.of, other.procs) == (goal.shape, goal.of, goal.procs)
            };
            assert!(!goals[..at].iter().any(|other| same(&other)), "{}", goal.shape);
        }
    }

    #[test]
    fn what_is_not_met_is_said() {
        let mut results = Results::default();
        for (side, time, cpu) in [("gaggle", 50.0, 90.0), ("go", 100.0, 100.0)] {
            let all = vec![Figure::new("op", Unit::Nanos, time), Figure::cpu("op", cpu)];
            let figures = Figures { shape: "echo_50".to_owned(), n: 1, procs: 2, all };
            results.add("echo_50", side, &figures);
        }
        let text = render(&results);
        assert!(text.contains("| `echo_50` | CPU to Go's | 0.75 | 2 | 0.90 | 1 | **missed** |"));
        assert!(text.contains("0 of 1 lines meet their goal."), "{text}");
        let plain = all("echo_50", Of::Plain("op"), 60.0);
        assert_eq!(plain.of.measure(&results.rows[0]), Some(50.0));
    }
}
