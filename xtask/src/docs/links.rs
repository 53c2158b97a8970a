//! Relative links of the written documentation: each must lead to a file that exists.
//!
//! Inline links and reference definitions count; code does not, and neither do addresses with a scheme.

use std::path::{Path, PathBuf};

use crate::report::Report;

/// Checks every Markdown file of the tree's own documentation and returns how many there were.
pub(crate) fn check(root: &Path, report: &mut Report) -> Result<usize, String> {
    let mut files = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    files.retain(|file| file.exists());
    for folder in ["docs", "crates", "benches", "tests"] {
        collect(&root.join(folder), &mut files)?;
    }
    for file in &files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let folder = file.parent().unwrap_or(root);
        let shown = file.strip_prefix(root).unwrap_or(file).display();
        for (line, target) in targets(&text) {
            if !folder.join(&target).exists() {
                report.fail(format!("{shown}:{line}: link to {target}, which does not exist"));
            }
        }
    }
    Ok(files.len())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    Ok(())
}

/// Every relative target with the line it stands on, its fragment cut off.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let line = without_code(line);
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let definition =
            line.trim_start().starts_with('[').then(|| line.split_once("]: ")).flatten();
        for target in inline.chain(definition.map(|pair| pair.1)) {
            found.extend(relative(target).map(|target| (index + 1, target)));
        }
    }
    found
}

/// The line with what stands between backquotes taken out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

fn relative(target: &str) -> Option<String> {
    // A title may follow: [text](file.md "title").
    let target = target.split_whitespace().next()?.trim_matches(['<', '>']);
    let path = target.split('#').next().filter(|path| !path.is_empty())?;
    let scheme = path.contains("://") || path.starts_with("mailto:");
    (!scheme).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{check, targets};
    use crate::report::Report;

    #[test]
    fn relative_targets_are_found_with_their_lines() {
        let text = "# A\nsee [b](b.md#part) and [c](../c.md \"C\")\n[d]: docs/d.md\n";
        let expected = [(2, "b.md"), (2, "../c.md"), (3, "docs/d.md")];
        assert_eq!(targets(text), expected.map(|(line, target)| (line, target.to_owned())));
    }

    #[test]
    fn code_addresses_and_fragments_are_no_targets() {
        let text = "[a](https://x.org/y) [b](#here) `[c](d.md)`\n```\n[e](f.md)\n```\n";
        assert_eq!(targets(text), []);
    }

    #[test]
    fn a_dead_link_is_a_failure_with_path_and_line() {
        let root = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        std::fs::create_dir_all(root.join("docs")).unwrap();
        std::fs::write(root.join("README.md"), "[ok](docs/a.md)\n[dead](docs/b.md)\n").unwrap();
        std::fs::write(root.join("docs/a.md"), "[up](../README.md)\n").unwrap();
        let mut report = Report::default();
        assert_eq!(check(&root, &mut report), Ok(2));
        assert_eq!(report.failures, ["README.md:2: link to docs/b.md, which does not exist"]);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
