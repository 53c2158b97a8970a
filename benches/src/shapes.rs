//! The shapes, by group; the file of a group has a twin of the same name in `benches/go`.

mod chan_golist;
mod channels;
mod context;
mod fairness;
pub(crate) mod growth;
mod insight;
pub(crate) mod memory;
pub(crate) mod net;
pub(crate) mod programs;
mod select;
mod spawn;
mod switch;
mod sync;
mod time;

use crate::figures::Figure;

/// One benchmark.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The same in Go.
    pub(crate) name: &'static str,
    /// What one operation is, in one line.
    pub(crate) about: &'static str,
    /// Operations in one run; chosen so that Go takes some tenths of a second.
    pub(crate) n: u64,
    pub(crate) weight: Weight,
    pub(crate) work: Work,
}

/// How much one run asks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Some tenths of a second.
    Light,
    /// Seconds: fewer rounds. Runs only if the machine has so many MiB to spare.
    Heavy { mebibytes: u64 },
}

/// How a shape is run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// A tenth of the operations first, unmeasured; then all of them.
    Warm(fn(u64)),
    /// Measured from the first operation of the process.
    Cold(fn(u64)),
    /// The shape measures itself.
    Own(fn(u64) -> Vec<Figure>),
}

/// Shapes that belong together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) shapes: &'static [Shape],
}

impl Shape {
    /// A part of its operations, for those who have less time. Where the number is what the shape is
    /// about, a million goroutines at once, it is all of them.
    pub(crate) fn part(&self, divisor: u64) -> u64 {
        match self.work {
            Work::Cold(_) => self.n,
            Work::Warm(_) | Work::Own(_) => (self.n / divisor).max(self.n.min(10)),
        }
    }

    /// The memory, in mebibytes, that the machine is to have at hand before a run of a part of it: gigabytes that a virtual
    /// machine has not used for a while are its host's again, and who touches them first waits for the host.
    pub(crate) fn touches(&self, divisor: u64) -> Option<u64> {
        match self.weight {
            Weight::Heavy { mebibytes } if TOUCHES.contains(&self.name) => {
                Some(mebibytes / divisor)
            }
            _ => None,
        }
    }
}

/// Shapes whose figures contain the first touch of gigabytes.
const TOUCHES: [&str; 3] = ["parked_1m", "parked_4m", "sleepers_1m"];

/// The group whose shapes differ in how many goroutines there are, and run on more and more Ps.
pub(crate) const GROWTH: &str = "growth";
/// Those Ps, as many cores as there may be.
pub(crate) const LADDER: [usize; 4] = [1, 2, 4, 16];

/// In the order of the tables.
static GROUPS: &[Group] = &[
    Group { name: "spawn", shapes: &spawn::SHAPES },
    Group { name: "switch", shapes: &switch::SHAPES },
    Group { name: "channels", shapes: &channels::SHAPES },
    Group { name: "select", shapes: &select::SHAPES },
    Group { name: "golist", shapes: &chan_golist::SHAPES },
    Group { name: "sync", shapes: &sync::SHAPES },
    Group { name: "time", shapes: &time::SHAPES },
    Group { name: "context", shapes: &context::SHAPES },
    Group { name: "fairness", shapes: &fairness::SHAPES },
    Group { name: "programs", shapes: &programs::SHAPES },
    Group { name: "net", shapes: &net::SHAPES },
    Group { name: "memory", shapes: &memory::SHAPES },
    Group { name: GROWTH, shapes: &growth::SHAPES },
    Group { name: "insight", shapes: &insight::SHAPES },
];

pub(crate) fn all() -> impl Iterator<Item = &'static Shape> {
    GROUPS.iter().flat_map(|group| group.shapes)
}

/// The shape of exactly this name.
pub(crate) fn find(name: &str) -> Option<&'static Shape> {
    all().find(|shape| shape.name == name)
}

/// The group of the shape of this name.
pub(crate) fn group_of(name: &str) -> Option<&'static str> {
    let has = |group: &&Group| group.shapes.iter().any(|shape| shape.name == name);
    GROUPS.iter().find(has).map(|group| group.name)
}

/// The names of the groups, in the order of the tables.
pub(crate) fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|group| group.name)
}

/// The numbers of Ps that a shape runs on: one and all of the machine, or those of growth.
pub(crate) fn procs(shape: &Shape) -> Vec<usize> {
    if group_of(shape.name) == Some(GROWTH) {
        return LADDER.to_vec();
    }
    let all = std::thread::available_parallelism().map(usize::from);
    std::iter::once(1).chain(all).collect()
}

/// Whether a tenth of its operations runs before the others.
pub(crate) fn is_warm(name: &str) -> bool {
    find(name).is_some_and(|shape| matches!(shape.work, Work::Warm(_)))
}

/// The shapes of the groups that `wanted` names and those whose names contain one of its words.
pub(crate) fn wanted(words: &[String]) -> Result<Vec<&'static Shape>, String> {
    let known = |word: &&String| GROUPS.iter().any(|group| asks(word, group));
    if let Some(word) = words.iter().find(|word| !known(word)) {
        return Err(format!("no group or shape {word:?}; --list shows them"));
    }
    let chosen = GROUPS.iter().flat_map(|group| {
        group.shapes.iter().filter(|shape| {
            words.is_empty()
                || words.iter().any(|word| group.name == word || shape.name.contains(&**word))
        })
    });
    Ok(chosen.collect())
}

fn asks(word: &str, group: &Group) -> bool {
    group.name == word || group.shapes.iter().any(|shape| shape.name.contains(word))
}

pub(crate) fn list() {
    for Group { name, shapes } in GROUPS {
        println!("{name}");
        for Shape { name, about, n, .. } in *shapes {
            println!("  {name:<22} {n:>11}  {about}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{all, wanted};
    use std::path::Path;

    /// The sources of the twins, one after the other.
    fn twins() -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let go = files.filter(|path| path.extension().is_some_and(|ending| ending == "go"));
        go.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    #[test]
    fn every_shape_has_a_twin_of_its_name() {
        let twins = twins();
        for shape in all() {
            assert!(twins.contains(&format!("{:?}: ", shape.name)), "{}", shape.name);
        }
    }

    #[test]
    fn every_shape_is_described() {
        let book = include_str!("../../docs/BENCHMARKS.md");
        for shape in all() {
            assert!(book.contains(&format!("`{}`", shape.name)), "{}", shape.name);
        }
    }

    #[test]
    fn no_two_shapes_have_one_name() {
        let mut names: Vec<_> = all().map(|shape| shape.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn groups_and_parts_of_names_choose_shapes() {
        let names = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            wanted(&words).map(|shapes| shapes.iter().map(|s| s.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["select"]).unwrap(), ["select_two", "select_default"]);
        assert_eq!(names(&["spawn_wait", "ring"]).unwrap(), ["spawn_wait", "ring_1000"]);
        assert_eq!(names(&[]).unwrap().len(), all().count());
        assert!(names(&["nothing"]).is_err());
    }
}
