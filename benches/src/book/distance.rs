//! How far each hot path is from the steps of the machine that it cannot do without.
//!
//! *Needed Steps*: the steps of a path are those that any implementation with the same promises must make: a
//! lock that several may want is taken by one read-modify-write (to give it back can be a store), and who must
//! wait is left by one switch. What a path does beside them (queues, checks of the time slice, the value
//! itself) is what the factor shows.

use crate::figures::Unit;
use crate::report::markdown::line;
use crate::report::table::{GO, value};
use crate::results::{OURS, Results};

/// Which time of a row is compared with its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    Wall,
    /// Processor time, of rows whose wall time is also a client's.
    Processor,
}

/// A row at one P, and its steps.
struct Path {
    shape: &'static str,
    figure: &'static str,
    time: Time,
    steps: &'static [(u32, &'static str)],
    why: &'static str,
}

const fn path(
    shape: &'static str,
    steps: &'static [(u32, &'static str)],
    why: &'static str,
) -> Path {
    Path { shape, figure: "op", time: Time::Wall, steps, why }
}

const PATHS: [Path; 17] = [
    path("mutex_uncontended", &[(1, "rmw")], "taken; given back by a store"),
    path(
        "uncontended_cap128",
        &[(2, "rmw")],
        "the channel's lock for the send and for the receive",
    ),
    path("oneway_cap128", &[(2, "rmw")], "the same; the switches come once in 128"),
    path("ChanUncontended", &[(200, "rmw")], "100 sends, 100 receives"),
    path("oneway_cap0", &[(2, "rmw"), (1, "switch")], "two locks; one of the two must wait"),
    path("pingpong_unbuffered", &[(4, "rmw"), (2, "switch")], "two of the line above"),
    path("ChanSync", &[(4, "rmw"), (2, "switch")], "the same"),
    path(
        "ring_1000",
        &[(2, "rmw"), (1, "switch_1000")],
        "a value to the next of a thousand stacks",
    ),
    path("select_two", &[(3, "rmw"), (1, "switch")], "both locks for the select, one for the send"),
    path("gosched_two", &[(1, "switch")], "one change of stacks"),
    path("yield_among_1k", &[(1, "switch_1000")], "the same among a thousand"),
    path(
        "spawn_wait",
        &[(2, "rmw"), (1, "switch")],
        "counted up and down; the stack is the last one's",
    ),
    path("waitgroup_uncontended", &[(2, "rmw")], "counted up and down"),
    path("rwmutex_uncontended", &[(6, "rmw")], "three pairs, each counted in and out"),
    Path {
        shape: "parked_1m",
        figure: "create",
        time: Time::Wall,
        steps: &[(1, "page_touch"), (2, "rmw"), (1, "switch")],
        why: "the first page of a stack that nobody had before, and a wait",
    },
    Path {
        shape: "echo_50",
        figure: "op",
        time: Time::Processor,
        steps: &[(1, "bare_echo_50")],
        why: "a read, a write and a share of a wait; processor time",
    },
    Path {
        shape: "echo_1000",
        figure: "op",
        time: Time::Processor,
        steps: &[(1, "bare_echo_1000")],
        why: "the same",
    },
];

/// A line for each path that was measured, beside the limits of the same file.
pub(super) fn render(results: &Results) -> String {
    let heads = ["path, P=1", "needs", "limit", "gaggle", "factor", "Go's factor", "why so many"];
    let mut text = line(&heads.map(str::to_owned));
    text.push_str(&line(&["---", "---", "--:", "--:", "--:", "--:", "---"].map(str::to_owned)));
    for path in &PATHS {
        if let Some(cells) = cells(path, results) {
            text.push_str(&line(&cells));
        }
    }
    text
}

fn cells(path: &Path, results: &Results) -> Option<[String; 7]> {
    let row = results.find(path.shape, path.figure, 1)?;
    let each = path
        .steps
        .iter()
        .map(|&(count, name)| results.limit(name).map(|nanos| f64::from(count) * nanos));
    let limit = each.sum::<Option<f64>>()?;
    let took = |side: &str| match path.time {
        Time::Wall => row.median(side),
        Time::Processor => row.sides.get(side)?.median_cpu(),
    };
    let factor = |side: &str| {
        took(side).map_or_else(|| "-".to_owned(), |median| format!("{:.1}", median / limit))
    };
    let needs: Vec<_> =
        path.steps.iter().map(|(count, name)| format!("{count} `{name}`")).collect();
    let nanos = |nanos| format!("{} ns", value(nanos, Unit::Nanos));
    Some([
        format!("`{}`", row.name()),
        needs.join(", "),
        nanos(limit),
        nanos(took(OURS)?),
        factor(OURS),
        factor(GO),
        path.why.to_owned(),
    ])
}

#[cfg(test)]
mod tests {
    use super::PATHS;
    use crate::limits::LIMITS;
    use crate::shapes;

    #[test]
    fn every_path_is_a_shape_and_its_steps_are_limits() {
        for path in &PATHS {
            assert!(shapes::find(path.shape).is_some(), "{}", path.shape);
            for (_, step) in path.steps {
                assert!(LIMITS.iter().any(|limit| limit.name == *step), "{step}");
            }
        }
    }
}
