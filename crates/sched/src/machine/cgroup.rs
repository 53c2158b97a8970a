//! How many CPUs the control group of this process may use (SEMANTICS D2, D4).
//!
//! Version 2 has one file, `cpu.max`; version 1 has two, under the mount of its cpu controller. As in
//! Go only the group that the process is in is asked, not those above it.

use std::fs;
use std::path::{Path, PathBuf};

/// The CPU quota of this process, in CPUs rounded up; none if it has no limit. `root` is `/`, but
/// for tests.
pub(crate) fn cpus(root: &Path) -> Option<usize> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounts = fs::read_to_string(root.join("proc/self/mountinfo")).ok()?;
    // Where a group of version 1 has the cpu controller, version 2 does not.
    first(&groups, &mounts, root).or_else(|| second(&groups, &mounts, root))
}

/// Version 1: `ID:cpu,cpuacct:/path`.
fn first(groups: &str, mounts: &str, root: &Path) -> Option<usize> {
    let path = groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|it| it == "cpu").then_some(path)
    })?;
    let mount = mounts.lines().filter_map(Mount::parse).find(|mount| {
        mount.kind == "cgroup" && mount.options.split(',').any(|option| option == "cpu")
    })?;
    let folder = mount.folder(root, path)?;
    let number = |name| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<i64>().ok();
    ratio(number("cpu.cfs_quota_us")?, number("cpu.cfs_period_us")?)
}

/// Version 2: `0::/path`.
fn second(groups: &str, mounts: &str, root: &Path) -> Option<usize> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mount = mounts.lines().filter_map(Mount::parse).find(|mount| mount.kind == "cgroup2")?;
    let text = fs::read_to_string(mount.folder(root, path)?.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota.parse().ok()?, period.parse().ok()?) // "max" is no number: no limit
}

fn ratio(quota: i64, period: i64) -> Option<usize> {
    if quota <= 0 || period <= 0 {
        return None;
    }
    usize::try_from(quota.unsigned_abs().div_ceil(period.unsigned_abs())).ok()
}

/// One line of mountinfo, as far as it matters here.
struct Mount<'a> {
    /// The folder of the file system that is mounted.
    root: &'a str,
    point: &'a str,
    kind: &'a str,
    /// Options of the file system itself: the controllers of version 1.
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let mut before = before.split(' ').skip(3);
        let mut after = after.split(' ');
        let (root, point) = (before.next()?, before.next()?);
        Some(Self { root, point, kind: after.next()?, options: after.nth(1)? })
    }

    /// Where the group `path` is to be found. In a container the mount often begins at the group
    /// itself; then what lies above it does not show in the path.
    fn folder(&self, root: &Path, path: &str) -> Option<PathBuf> {
        let below =
            if self.root == "/" { path } else { path.strip_prefix(self.root).unwrap_or("") };
        let point = unescape(self.point);
        let at = |place: &str| root.join(place.trim_start_matches('/'));
        let folder = at(&point).join(below.trim_start_matches('/'));
        [folder, at(&point)].into_iter().find(|folder| folder.is_dir())
    }
}

/// mountinfo writes blanks and the like as `\040`.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 4).and_then(|code| u8::from_str_radix(code, 8).ok());
        plain.extend(code.map(char::from));
        rest = rest.get(at + 4..).unwrap_or("");
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::{cpus, unescape};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A root with these files; removed at the end.
    struct Root(PathBuf);

    impl Root {
        fn with(files: &[(&str, &str)]) -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let count = COUNT.fetch_add(1, Ordering::Relaxed); // Relaxed: a unique number
            let name = format!("gaggle-cgroup-{}-{count}", std::process::id());
            let root = Self(std::env::temp_dir().join(name));
            for (path, text) in files {
                let path = root.0.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            root
        }

        fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    const MOUNT2: &str = "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    const MOUNT1: &str = "33 25 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                          34 25 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

    fn version2(max: &str) -> Option<usize> {
        let root = Root::with(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("proc/self/mountinfo", MOUNT2),
            ("sys/fs/cgroup/a/b/cpu.max", max),
            ("sys/fs/cgroup/a/cpu.max", "100000 100000\n"),
        ]);
        cpus(root.path())
    }

    #[test]
    fn a_quota_of_version_2_is_rounded_up() {
        assert_eq!(version2("250000 100000\n"), Some(3));
        assert_eq!(version2("200000 100000\n"), Some(2));
        assert_eq!(version2("1000 100000\n"), Some(1));
    }

    /// SEMANTICS D4.
    #[test]
    fn no_quota_and_no_sense_are_no_limit() {
        assert_eq!(version2("max 100000\n"), None, "and the group above is not asked (D4)");
        assert_eq!(version2("nonsense\n"), None);
        assert_eq!(version2("5 0\n"), None);
        assert_eq!(cpus(Path::new("/nonexistent")), None);
    }

    #[test]
    fn a_quota_of_version_1_is_two_files() {
        for (quota, right) in [("150000\n", Some(2)), ("-1\n", None)] {
            let root = Root::with(&[
                ("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/x\n0::/y\n"),
                ("proc/self/mountinfo", MOUNT1),
                ("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", quota),
                ("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "100000\n"),
            ]);
            assert_eq!(cpus(root.path()), right);
        }
    }

    #[test]
    fn in_a_container_the_mount_begins_at_the_group() {
        let root = Root::with(&[
            ("proc/self/cgroup", "0::/docker/1234\n"),
            ("proc/self/mountinfo", "29 23 0:26 /docker/1234 /c\\040g rw - cgroup2 cgroup2 rw\n"),
            ("c g/cpu.max", "400000 100000\n"),
        ]);
        assert_eq!(cpus(root.path()), Some(4));
        assert_eq!(unescape("a\\040b\\134c"), "a b\\c");
    }
}
