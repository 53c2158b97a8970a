//! Finding the files of a directory tree.
//!
//! Invariants
//! 1. *One Open Directory*: only the directory being listed is open, however deep the tree is.
//! 2. *Nothing Lost*: each entry becomes a file on `files` or a note that says why not.

use crate::reduce::Note;
use gaggle::Chan;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

/// What an entry turned out to be.
enum Entry {
    File,
    Directory,
    /// A link to a directory: not followed, or a link upwards would be a loop.
    LinkToDirectory,
    /// A socket, pipe or device: reading it might block for ever.
    Special,
}

/// Sends the path of every file under `root`, then closes `files`.
pub(crate) fn walk(root: PathBuf, files: &Chan<PathBuf>, notes: &Chan<Note>) {
    let mut directories = vec![root];
    while let Some(directory) = directories.pop() {
        if let Err(error) = list(&directory, &mut directories, files, notes) {
            notes.send(Note::Unreadable(directory, error));
        }
    }
    files.close();
}

fn list(
    directory: &Path,
    directories: &mut Vec<PathBuf>,
    files: &Chan<PathBuf>,
    notes: &Chan<Note>,
) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        match kind(&entry) {
            Ok(Entry::File) => files.send(path),
            Ok(Entry::Directory) => directories.push(path),
            Ok(Entry::LinkToDirectory) => notes.send(Note::LinkNotFollowed),
            Ok(Entry::Special) => notes.send(Note::Special),
            Err(error) => notes.send(Note::Unreadable(path, error)),
        }
    }
    Ok(())
}

fn kind(entry: &DirEntry) -> io::Result<Entry> {
    let itself = entry.file_type()?;
    if itself.is_dir() {
        return Ok(Entry::Directory);
    }
    // For a link: what it leads to. A dangling one is an error with a reason.
    let target = if itself.is_symlink() { fs::metadata(entry.path())?.file_type() } else { itself };
    Ok(match target {
        it if it.is_dir() => Entry::LinkToDirectory,
        it if it.is_file() => Entry::File,
        _ => Entry::Special,
    })
}
