//! How many CPUs the control group of this process may use (SEMANTICS D2, D4).
//!
//! Version 2 has one file, `cpu.max`; version 1 has two, under the mount of its cpu controller. As in
//! Go only the group that the process is in is asked, not those above it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The CPU quota of this process, in CPUs rounded up; none if it has no limit. `root` is `/`, but
/// for tests.
pub(crate) fn cpus(root: &Path) -> Option<usize> {
    let groups = fs::read(root.join("proc/self/cgroup")).ok()?;
    // Other file systems stand there, too, with whatever bytes their names have.
    let mounts = fs::read(root.join("proc/self/mountinfo")).ok()?;
    // Where a group of version 1 has the cpu controller, version 2 does not.
    match first_group(&groups) {
        Some(group) => first(group, &mounts, root),
        None => second(second_group(&groups)?, &mounts, root),
    }
}

/// The group of version 1 with the cpu controller: `ID:cpu,cpuacct:/path`.
fn first_group(groups: &[u8]) -> Option<&[u8]> {
    lines(groups).find_map(|line| {
        let (_, rest) = cut(line, b":")?;
        let (controllers, path) = cut(rest, b":")?;
        has_cpu(controllers).then_some(path)
    })
}

/// The group of version 2: `0::/path`.
fn second_group(groups: &[u8]) -> Option<&[u8]> {
    lines(groups).find_map(|line| line.strip_prefix(b"0::"))
}

fn first(group: &[u8], mounts: &[u8], root: &Path) -> Option<usize> {
    let is_ours = |mount: &Mount<'_>| mount.kind == b"cgroup" && has_cpu(mount.options);
    let folder = folder(group, mounts, root, is_ours)?;
    let number = |name| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<i64>().ok();
    ratio(number("cpu.cfs_quota_us")?, number("cpu.cfs_period_us")?)
}

fn second(group: &[u8], mounts: &[u8], root: &Path) -> Option<usize> {
    let folder = folder(group, mounts, root, |mount| mount.kind == b"cgroup2")?;
    let text = fs::read_to_string(folder.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota.parse().ok()?, period.parse().ok()?) // "max" is no number: no limit
}

/// Where the group is to be found: below the first of these mounts that shows it.
fn folder(
    group: &[u8],
    mounts: &[u8],
    root: &Path,
    is_ours: impl Fn(&Mount<'_>) -> bool,
) -> Option<PathBuf> {
    let mut all = lines(mounts).filter_map(Mount::parse).filter(is_ours);
    all.find_map(|mount| mount.folder(root, group))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n')
}

fn has_cpu(names: &[u8]) -> bool {
    names.split(|&byte| byte == b',').any(|name| name == b"cpu")
}

/// What stands before the first `mark`, and behind it.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(mark.len()).position(|part| part == mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

/// So many CPUs; none if that is no limit.
pub(crate) fn ratio(quota: i64, period: i64) -> Option<usize> {
    if quota <= 0 || period <= 0 {
        return None;
    }
    usize::try_from(quota.unsigned_abs().div_ceil(period.unsigned_abs())).ok()
}

/// One line of mountinfo, as far as it matters here.
struct Mount<'a> {
    /// The folder of the file system that is mounted.
    root: &'a [u8],
    point: &'a [u8],
    kind: &'a [u8],
    /// Options of the file system itself: the controllers of version 1.
    options: &'a [u8],
}

impl<'a> Mount<'a> {
    fn parse(line: &'a [u8]) -> Option<Self> {
        let words = |text: &'a [u8]| text.split(|&byte| byte == b' ');
        let (before, after) = cut(line, b" - ")?;
        let (mut before, mut after) = (words(before).skip(3), words(after));
        let (root, point) = (before.next()?, before.next()?);
        Some(Self { root, point, kind: after.next()?, options: after.nth(1)? })
    }

    /// Where the group `path` is to be found, if this mount shows it. In a container the mount often begins at the
    /// group itself; then what lies above it does not show in the path.
    fn folder(&self, root: &Path, path: &[u8]) -> Option<PathBuf> {
        let begin = unescape(self.root);
        let below = match path.strip_prefix(begin.strip_suffix(b"/").unwrap_or(&begin))? {
            below if below.is_empty() || below.starts_with(b"/") => below,
            _ => return None, // another group, whose name is longer
        };
        if below == b"/.." || below.starts_with(b"/../") {
            return None; // outside of what this process's namespace shows
        }
        let join = |folder: PathBuf, path: &[u8]| {
            let start = path.iter().take_while(|&&byte| byte == b'/').count();
            folder.join(OsStr::from_bytes(&path[start..]))
        };
        Some(join(join(root.to_owned(), &unescape(self.point)), below))
    }
}

/// mountinfo writes blanks and the like as `\040`.
fn unescape(text: &[u8]) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::new(), text);
    while let Some((&byte, behind)) = rest.split_first() {
        let code = (byte == b'\\').then(|| behind.get(..3)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(str::from_utf8(code).ok()?, 8).ok());
        plain.push(code.unwrap_or(byte));
        rest = if code.is_some() { &behind[3..] } else { behind };
    }
    plain
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
        fn with<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Self {
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
        assert_eq!(unescape(b"a\\040b\\134c"), b"a b\\c");
    }

    const LIMIT: &[u8] = b"400000 100000\n";

    /// The group and the mounts, then where there are limits.
    fn among(group: &[u8], mounts: &[u8], limits: &[(&str, &[u8])]) -> Option<usize> {
        let mut files = vec![("proc/self/cgroup", group), ("proc/self/mountinfo", mounts)];
        files.extend(limits);
        cpus(Root::with(&files).path())
    }

    /// Somebody has mounted a group that we are not in, and ours behind it.
    #[test]
    fn of_several_mounts_the_one_that_shows_the_group_is_asked() {
        let mounts = b"28 23 0:26 /other /o rw - cgroup2 cgroup2 rw\n\
                       29 23 0:26 /a /ours rw - cgroup2 cgroup2 rw\n";
        let limits: [(&str, &[u8]); 2] =
            [("o/cpu.max", b"100000 100000\n"), ("ours/b/cpu.max", LIMIT)];
        assert_eq!(among(b"0::/a/b\n", mounts, &limits), Some(4));
        assert_eq!(among(b"0::/ab\n", mounts, &limits), None, "neither shows it");
    }

    #[test]
    fn a_group_outside_the_namespace_is_not_to_be_found() {
        let limits: [(&str, &[u8]); 1] = [("sys/fs/cgroup/cpu.max", LIMIT)];
        assert_eq!(among(b"0::/../x\n", MOUNT2.as_bytes(), &limits), None);
        let mounts = b"29 23 0:26 /.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        assert_eq!(among(b"0::/..\n", mounts, &limits), Some(4));
    }

    #[test]
    fn names_are_bytes() {
        let mounts = b"28 23 8:1 / /media/\xff rw - vfat /dev/sdb rw\n\
                       29 23 0:26 /a\\040b\xfe /c rw - cgroup2 cgroup2 rw\n";
        assert_eq!(among(b"0::/a b\xfe\n", mounts, &[("c/cpu.max", LIMIT)]), Some(4));
    }
}
