//! Which files the rules look at: everything a person writes, nothing that a tool does.

use std::path::Path;

use super::source::Source;

const KINDS: [&str; 6] = ["rs", "md", "toml", "supp", "yml", "go"];

/// Every file of the tree that is text of ours, in order of path.
pub(super) fn read(root: &Path) -> Result<Vec<Source>, String> {
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<Source>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != ".git" && !name.starts_with("target") {
                collect(root, &path, files)?;
            }
            continue;
        }
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if KINDS.contains(&&*extension) || shown == ".ci/run" {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{shown}: {error}"))?;
            files.push(Source::new(&shown, &text));
        }
    }
    Ok(())
}
