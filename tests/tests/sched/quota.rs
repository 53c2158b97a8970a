//! How many Ps a control group allows, while its quota changes (SEMANTICS D2, D3; R/runtime/cgroup_linux_test.go). The files of the
//! group are in a folder of the test's own, and the program believes that it has eight CPUs, so any machine will do.
//!
//! *By The Real Clock*: the scheduler looks once a second.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const CPUS: &str = "8";

/// A root with the files of a control group; removed at the end.
struct Root(PathBuf);

impl Root {
    fn with(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("gaggle-quota-{}-{count}", std::process::id());
        let root = Self(std::env::temp_dir().join(name));
        files.iter().for_each(|(path, text)| root.write(path, text));
        root
    }

    /// Nobody sees half of it.
    fn write(&self, path: &str, text: &str) {
        let (path, fresh) = (self.0.join(path), self.0.join("fresh"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(fresh, path).unwrap();
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The program, which says how many Ps it has; ended when it is dropped.
struct Program {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Program {
    fn under(root: &Path, procs: Option<&str>) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_many_cpus"));
        command.arg(CPUS).env_remove("GOMAXPROCS").env_remove("GAGGLE_DEBUG");
        command.env("GAGGLE_ROOT", root).envs(procs.map(|procs| ("GOMAXPROCS", procs)));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        Program { child, says }
    }

    /// What it says next; nothing if its time is over.
    fn next(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

const GROUPS2: (&str, &str) = ("proc/self/cgroup", "0::/a\n");
const MOUNTS2: (&str, &str) =
    ("proc/self/mountinfo", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
const MAX2: &str = "sys/fs/cgroup/a/cpu.max";

/// TestCgroupGOMAXPROCS, ...Round, ...HigherThanNumCPU, ...NoLimit, ...Update.
#[test]
fn the_number_of_ps_follows_the_quota_of_version_2() {
    let root = Root::with(&[GROUPS2, MOUNTS2, (MAX2, "350000 100000\n")]);
    let mut program = Program::under(&root.0, None);
    assert_eq!(program.next(), "4", "a quota of 3.5");
    let changes = [
        ("600000 100000\n", "6"),
        ("1200000 100000\n", "8"), // more than there are CPUs
        ("100 100000\n", "2"),     // never fewer than two
        ("max 100000\n", "8"),
        ("250001 125000\n", "3"),
    ];
    for (quota, procs) in changes {
        root.write(MAX2, quota);
        assert_eq!(program.next(), procs, "{quota}");
    }
}

/// The same of the older files.
#[test]
fn the_number_of_ps_follows_the_quota_of_version_1() {
    const QUOTA: &str = "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us";
    let root = Root::with(&[
        ("proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/b\n"),
        (
            "proc/self/mountinfo",
            "34 25 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
        ),
        ("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"),
        (QUOTA, "410000\n"),
    ]);
    let mut program = Program::under(&root.0, None);
    assert_eq!(program.next(), "5", "a quota of 4.1");
    for (quota, procs) in [("300000\n", "3"), ("-1\n", "8"), ("1\n", "2")] {
        root.write(QUOTA, quota);
        assert_eq!(program.next(), procs, "{quota}");
    }
}

/// TestCgroupGOMAXPROCSEnvironment, ...SchedAffinity without a group.
#[test]
fn the_environment_goes_before_a_quota_and_no_group_is_no_limit() {
    let root = Root::with(&[GROUPS2, MOUNTS2, (MAX2, "350000 100000\n")]);
    assert_eq!(Program::under(&root.0, Some("7")).next(), "7");
    assert_eq!(Program::under(&root.0.join("nothing"), None).next(), CPUS);
}
