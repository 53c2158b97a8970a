//! What cargo says about the packages: a narrow view of `cargo metadata`.

use std::path::{Path, PathBuf};

use crate::json::Json;
use crate::shell::Shell;

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// One line of a `[dependencies]` table.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) requirement: String,
    pub(crate) kind: Kind,
}

/// One package of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where it comes from; nothing for a package of the workspace.
    pub(crate) source: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) manifest: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    /// Names of the integration test targets.
    pub(crate) tests: Vec<String>,
}

impl Package {
    /// The folder of the package.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

/// The packages of the workspace, without their dependencies' own metadata.
pub(crate) fn workspace(shell: &Shell) -> Result<Vec<Package>, String> {
    load(shell, "metadata --format-version 1 --no-deps")
}

/// Every package that any feature on any platform can bring in.
pub(crate) fn whole_graph(shell: &Shell) -> Result<Vec<Package>, String> {
    load(shell, "metadata --format-version 1 --all-features")
}

fn load(shell: &Shell, args: &str) -> Result<Vec<Package>, String> {
    let text = shell.read(shell.cargo(args))?;
    let json = Json::parse(&text)?;
    Ok(json.get("packages").items().iter().map(package).collect())
}

fn package(json: &Json) -> Package {
    let owned = |key: &str| json.get(key).text().map(str::to_owned);
    Package {
        name: owned("name").unwrap_or_default(),
        version: owned("version").unwrap_or_default(),
        source: owned("source"),
        license: owned("license"),
        manifest: PathBuf::from(owned("manifest_path").unwrap_or_default()),
        dependencies: json.get("dependencies").items().iter().map(dependency).collect(),
        tests: json.get("targets").items().iter().filter_map(test_target).collect(),
    }
}

fn dependency(json: &Json) -> Dependency {
    let kind = match json.get("kind").text() {
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    };
    Dependency {
        name: json.get("name").text().unwrap_or_default().to_owned(),
        requirement: json.get("req").text().unwrap_or_default().to_owned(),
        kind,
    }
}

fn test_target(json: &Json) -> Option<String> {
    let is_test = json.get("kind").items().iter().any(|kind| kind.text() == Some("test"));
    json.get("name").text().filter(|_| is_test).map(str::to_owned)
}
