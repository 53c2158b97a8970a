//! A directory tree of its own for each test, gone when the test is over.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The tree.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// An empty directory.
    pub(crate) fn new() -> Tree {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Relaxed: only the number has to be new.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("gaggle-wordfreq-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        fs::create_dir(&root).unwrap();
        Tree { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file and the directories above it.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn directory(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) fn link(&self, name: &str, to: impl AsRef<Path>) {
        symlink(to, self.path(name)).unwrap();
    }

    /// Takes every right from `name`; false if this user may read it all the same, as root may.
    pub(crate) fn forbid(&self, name: &str) -> bool {
        let path = self.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        fs::File::open(&path).and_then(|file| file.metadata()).is_err()
    }

    /// The regular files, as `find -type f` has them.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut directories) = (Vec::new(), vec![self.root.clone()]);
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                match entry.file_type().unwrap() {
                    it if it.is_dir() => directories.push(entry.path()),
                    it if it.is_file() => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        files
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What forbid() closed must be open to be removed; only its own directories need it.
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|it| it.is_dir()) {
                let _ = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
            }
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Bytes that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((self.0 >> 33) as usize) % n
    }

    /// `words` words of up to `longest` letters, parted by one or more of every kind of white space.
    pub(crate) fn text(&mut self, words: usize, longest: usize) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..words {
            for _ in 0..=self.below(longest) {
                text.push(b'a' + self.below(26) as u8);
            }
            for _ in 0..=self.below(3) {
                text.push(b" \t\n\x0b\x0c\r"[self.below(6)]);
            }
        }
        text
    }
}
