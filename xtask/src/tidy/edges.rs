//! Holds the packages against the table of layers.
//!
//! 1. A normal or build dependency needs an edge in the table, or a place in the list of packages from outside.
//! 2. A dependency for tests may go upward, but never around in a circle.

use std::path::Path;

use super::layers::{self, TOOLS};
use super::{Findings, Violation};
use crate::metadata::{Dependency, Kind, Package};

pub(super) fn check(root: &Path, packages: &[Package], findings: &mut Findings) {
    for package in packages {
        for dependency in &package.dependencies {
            if let Some(message) = judge(packages, package, dependency) {
                report(root, package, &dependency.name, message, findings);
            }
        }
        if layers::layer(&package.name).is_none() && !TOOLS.contains(&&*package.name) {
            let message = format!("{} has no place in the table of layers", package.name);
            report(root, package, "name", message, findings);
        }
    }
}

/// What is wrong with one dependency, if anything is.
fn judge(packages: &[Package], package: &Package, dependency: &Dependency) -> Option<String> {
    let (from, to) = (&*package.name, &*dependency.name);
    let inside = packages.iter().any(|other| other.name == to);
    if dependency.kind == Kind::Dev {
        // cargo allows a circle through tests; then one crate exists twice in one program.
        let circle = inside && from != to && reaches(packages, to, from, &mut Vec::new());
        return circle.then(|| format!("{from} and {to} depend on each other through tests"));
    }
    if TOOLS.contains(&to) {
        return Some(format!("{to} is a tool, no crate may use it"));
    }
    // A package without a place in the table is reported once, not for each edge.
    let layer = layers::layer(from)?;
    match layers::layer(to).filter(|_| inside) {
        Some(other) if layer.may_use(&other) => None,
        Some(_) => Some(format!("{from} may not use {to}: no such edge in the table of layers")),
        None if inside || layer.outside.contains(&to) => None,
        None => Some(format!("{from} may not use {to} from outside")),
    }
}

/// Whether `from` leads to `goal` over dependencies of any kind.
fn reaches<'a>(packages: &'a [Package], from: &str, goal: &str, seen: &mut Vec<&'a str>) -> bool {
    let Some(package) = packages.iter().find(|package| package.name == from) else { return false };
    if seen.contains(&&*package.name) {
        return false;
    }
    seen.push(&package.name);
    let mut next = package.dependencies.iter().map(|dependency| &*dependency.name);
    next.any(|name| name == goal || reaches(packages, name, goal, seen))
}

/// Reports at the line of the manifest that begins with `key`.
fn report(root: &Path, package: &Package, key: &str, message: String, findings: &mut Findings) {
    let text = std::fs::read_to_string(&package.manifest).unwrap_or_default();
    let line = text.lines().position(|line| line.starts_with(key)).unwrap_or(0) + 1;
    let shown = package.manifest.strip_prefix(root).unwrap_or(&package.manifest);
    findings.push(Violation { path: shown.to_string_lossy().into_owned(), line, message });
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::metadata::{Dependency, Kind, Package};
    use crate::tidy::Findings;

    fn package(name: &str, dependencies: &[(&str, Kind)]) -> Package {
        let needs = |&(name, kind): &(&str, Kind)| Dependency {
            name: name.to_owned(),
            requirement: "^1".to_owned(),
            kind,
        };
        Package {
            name: name.to_owned(),
            version: String::new(),
            source: None,
            license: None,
            manifest: format!("{name}.toml").into(),
            dependencies: dependencies.iter().map(needs).collect(),
            tests: Vec::new(),
        }
    }

    fn found(packages: &[Package]) -> Vec<String> {
        let mut findings = Findings::new();
        check("nowhere".as_ref(), packages, &mut findings);
        findings.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        let upward = package("gaggle-hchan", &[("gaggle-sched", Kind::Normal)]);
        let sched = package("gaggle-sched", &[("libc", Kind::Normal)]);
        let expected = "gaggle-hchan may not use gaggle-sched: no such edge in the table of layers";
        assert_eq!(found(&[upward, sched]), [expected]);
    }

    #[test]
    fn a_package_from_outside_that_is_not_listed_is_found() {
        let build = package("gaggle-sudog", &[("libc", Kind::Build)]);
        assert_eq!(found(&[build]), ["gaggle-sudog may not use libc from outside"]);
    }

    #[test]
    fn an_unknown_package_is_found_once() {
        let packages =
            [package("gaggle-new", &[("gaggle-prim", Kind::Normal)]), package("gaggle-prim", &[])];
        assert_eq!(found(&packages), ["gaggle-new has no place in the table of layers"]);
    }

    #[test]
    fn tests_may_look_upward_but_not_in_a_circle() {
        let hchan = package("gaggle-hchan", &[("gaggle-time", Kind::Dev)]);
        let free = package("gaggle-time", &[("gaggle-sched", Kind::Normal)]);
        let sched = package("gaggle-sched", &[]);
        assert_eq!(found(&[hchan.clone(), free, sched.clone()]), [""; 0]);
        let bound = package("gaggle-time", &[("gaggle-hchan", Kind::Normal)]);
        let expected = "gaggle-hchan and gaggle-time depend on each other through tests";
        assert_eq!(found(&[hchan, bound, sched]), [expected]);
    }

    #[test]
    fn no_crate_may_use_a_tool() {
        let packages = [package("gaggle", &[("xtask", Kind::Normal)]), package("xtask", &[])];
        assert_eq!(found(&packages), ["xtask is a tool, no crate may use it"]);
    }
}
