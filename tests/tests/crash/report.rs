//! Reads a crash report strictly: whatever does not fit its layout fails (SEMANTICS AA1-AA5).

use crate::child::{Exit, Outcome, run};

/// A crash report: what happened, and to whom.
#[derive(Debug)]
pub(crate) struct Report {
    /// All before the goroutines.
    pub(crate) head: String,
    pub(crate) goroutines: Vec<Goroutine>,
}

/// One goroutine of a report.
#[derive(Debug, Default)]
pub(crate) struct Goroutine {
    pub(crate) id: u64,
    /// What stands between the brackets.
    pub(crate) state: String,
    /// What stands after them: a name and labels.
    pub(crate) tags: String,
    /// Names of functions, innermost first.
    pub(crate) frames: Vec<String>,
    /// How many frames were left out.
    pub(crate) elided: Option<usize>,
    /// The number of the creator and the place of its `go`.
    pub(crate) created_by: Option<(u64, String)>,
    /// Lines that stand where frames would.
    pub(crate) notes: Vec<String>,
}

impl Goroutine {
    /// True if a frame's function has this name, perhaps with more before or after it.
    pub(crate) fn stands_in(&self, function: &str) -> bool {
        self.frames.iter().any(|frame| frame.contains(function))
    }
}

impl Report {
    /// Reads what a program wrote to standard error.
    pub(crate) fn parse(stderr: &str) -> Result<Report, String> {
        let mut blocks = stderr.split("\n\ngoroutine ");
        let head = blocks.next().unwrap_or_default().trim_end_matches('\n').to_owned();
        let goroutines = blocks.map(goroutine).collect::<Result<_, _>>()?;
        Ok(Report { head, goroutines })
    }

    /// The report of a program that ends with exit code 2.
    #[track_caller]
    pub(crate) fn of(outcome: Outcome) -> Report {
        let outcome = outcome.ends(Exit::Code(2));
        Report::parse(&outcome.stderr).unwrap_or_else(|why| outcome.fail(&why))
    }

    /// Runs `program` and reads its report.
    #[track_caller]
    pub(crate) fn from(program: &str) -> Report {
        Report::of(run(program))
    }

    /// The one goroutine that the report shows.
    #[track_caller]
    pub(crate) fn single(&self) -> &Goroutine {
        match &self.goroutines[..] {
            [one] => one,
            _ => panic!("expected one goroutine: {self:#?}"),
        }
    }
}

/// Reads a goroutine from after the word.
fn goroutine(block: &str) -> Result<Goroutine, String> {
    let mut lines = block.trim_end_matches('\n').lines().peekable();
    let header = lines.next().unwrap_or_default();
    let bad = |line: &str| format!("a line does not fit: {line:?}");
    let mut it = Goroutine::default();
    let (id, rest) = header.split_once(" [").ok_or_else(|| bad(header))?;
    it.id = id.split(' ').next().unwrap_or_default().parse().map_err(|_| bad(header))?;
    let (state, tags) = rest.split_once(']').ok_or_else(|| bad(header))?;
    it.state = state.to_owned();
    it.tags = tags.strip_suffix(':').ok_or_else(|| bad(header))?.trim().to_owned();
    while let Some(line) = lines.next() {
        if line.starts_with('\t') {
            it.notes.push(line.trim().to_owned());
        } else if let Some(count) = line.strip_prefix("...") {
            let count = count.strip_suffix(" frames elided...").ok_or_else(|| bad(line))?;
            it.elided = Some(count.parse().map_err(|_| bad(line))?);
        } else if let Some(creator) = line.strip_prefix("created by ") {
            let (_, parent) = creator.rsplit_once(" in goroutine ").ok_or_else(|| bad(line))?;
            let place = lines.next().and_then(|line| line.strip_prefix('\t'));
            let place = place.ok_or_else(|| bad(line))?.to_owned();
            it.created_by = Some((parent.parse().map_err(|_| bad(line))?, place));
            return lines.next().map_or(Ok(it), |line| Err(bad(line)));
        } else {
            it.frames.push(line.strip_suffix("(...)").ok_or_else(|| bad(line))?.to_owned());
            lines.next_if(|line| line.starts_with('\t')).ok_or_else(|| bad(line))?;
        }
    }
    Ok(it)
}

/// The only goroutine that stands in a function.
#[track_caller]
pub(crate) fn standing_in<'a>(report: &'a Report, function: &str) -> &'a Goroutine {
    let is_it = |frame: &String| frame.ends_with(function); // not a closure within it
    let mut all = report.goroutines.iter().filter(|it| it.frames.iter().any(is_it));
    let found = all.next().unwrap_or_else(|| panic!("nobody stands in {function}: {report:#?}"));
    assert!(all.next().is_none(), "more than one stand in {function}: {report:#?}");
    found
}

#[test]
fn a_whole_report_is_read() {
    let text = "fatal error: x\n\ngoroutine 1 [chan send]:\na::b(...)\n\ta.rs:1 +0x2\n\n\
                goroutine 7 [running]:\nc(...)\n\tc.rs:3\n...12 frames elided...\nd(...)\n\td.rs:4\n\
                created by e in goroutine 1\n\te.rs:5\n";
    let report = Report::parse(text).unwrap();
    assert_eq!(report.head, "fatal error: x");
    let [first, second] = &report.goroutines[..] else { panic!("{report:?}") };
    assert_eq!((first.id, &*first.state, first.created_by.is_none()), (1, "chan send", true));
    assert_eq!((second.id, second.elided), (7, Some(12)));
    assert_eq!(second.frames, ["c", "d"]);
    assert_eq!(second.created_by, Some((1, "e.rs:5".into())));
}

#[test]
fn interleaved_reports_are_refused() {
    let whole = "panic: x\n\ngoroutine 7 [running]:\nc(...)\n\tc.rs:3\n";
    for broken in [
        format!("{whole}panic: y\n"),
        whole.replace("[running]:\n", "[runpanic: y\nning]:\n"),
        whole.replace("\tc.rs:3\n", "d(...)\n\tc.rs:3\n"),
        format!("{whole}created by e in goroutine 1\n\te.rs:5\nc(...)\n"),
    ] {
        assert!(Report::parse(&broken).is_err(), "{broken}");
    }
}
