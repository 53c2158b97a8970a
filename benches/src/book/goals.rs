//! The goals that were set before anything was built, and where each stands.

use crate::report::markdown::line;
use crate::report::table::GO;
use crate::results::{Results, Row};

/// At most this ratio of time to Go's.
struct Goal {
    shape: &'static str,
    most: f64,
}

const fn goal(shape: &'static str, most: f64) -> Goal {
    Goal { shape, most }
}

const GOALS: [Goal; 20] = [
    goal("skynet_1m", 0.4),
    goal("daisy_chain", 0.4),
    goal("prime_sieve", 0.4),
    goal("prodcons_4x4_cap128", 0.5),
    goal("spawn_run_1m", 0.3),
    goal("word_frequency", 0.8),
    goal("spawn_wait", 0.35),
    goal("create_goroutines", 0.4),
    goal("create_parallel", 0.4),
    goal("create_capture", 0.4),
    goal("create_single", 0.4),
    goal("gosched_two", 0.25),
    goal("pingpong_unbuffered", 0.3),
    goal("ring_1000", 0.35),
    goal("ChanSync", 0.5),
    goal("ChanProdCons0", 0.5),
    goal("SelectSyncContended", 0.5),
    goal("ChanPopular", 0.5),
    goal("ChanUncontended", 0.6),
    goal("SelectNonblock", 1.0),
];

/// A line for each goal and number of Ps.
pub(super) fn render(results: &Results) -> String {
    let mut text =
        line(&["shape", "goal", "P", "time to Go's", "CPU to Go's", ""].map(str::to_owned));
    text.push_str(&line(&["---", "--:", "--:", "--:", "--:", "---"].map(str::to_owned)));
    let mut met = [0, 0];
    for goal in &GOALS {
        for row in results.rows.iter().filter(|row| row.shape == goal.shape && row.figure == "op") {
            let Some(ratio) = row.ratio(GO) else { continue };
            met[0] += usize::from(ratio <= goal.most);
            met[1] += 1;
            text.push_str(&line(&cells(goal, row, ratio)));
        }
    }
    format!("{text}\n{} of {} lines meet their goal.\n", met[0], met[1])
}

fn cells(goal: &Goal, row: &Row, ratio: f64) -> [String; 6] {
    let cpu = row.ratio_cpu(GO).map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
    let verdict = if ratio <= goal.most { "met" } else { "**missed**" };
    [
        format!("`{}`", row.shape),
        goal.most.to_string(),
        row.procs.to_string(),
        format!("{ratio:.2}"),
        cpu,
        verdict.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::GOALS;
    use crate::shapes;

    #[test]
    fn every_goal_is_of_a_shape() {
        assert!(GOALS.iter().all(|goal| shapes::find(goal.shape).is_some() && goal.most <= 1.0));
    }
}
