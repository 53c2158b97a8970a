//! `deny`: what the tree may be built from, by cargo-deny or, where that is not installed, by us.
//!
//! 1. Both readers obey the same `deny.toml`; ours refuses a file without the lists that it needs.
//! 2. Ours says what it cannot see: advisories and yanked versions need a database.

mod config;
mod licence;

use std::time::Duration;

use crate::metadata::{self, Package};
use crate::report::Report;
use crate::shell::Shell;
use config::Config;

const LIMIT: Duration = Duration::from_secs(5 * 60);

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let mut report = Report::default();
    if shell.read(shell.cargo("deny --version")).is_ok() {
        report.note("deny: checked by cargo-deny");
        report.absorb("deny", shell.run(shell.cargo("deny check"), LIMIT));
        return Ok(report);
    }
    let path = shell.root().join("deny.toml");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let config = Config::parse(&text)?;
    let packages = metadata::whole_graph(shell)?;
    report.failures = check(&config, &packages);
    report.note(format!("deny: cargo-deny is not installed; {} packages checked", packages.len()));
    report.note("deny: licences, sources, wildcards and bans by our own reading of deny.toml");
    report.note("deny: not checked without it: advisories, yanked versions, licence files");
    Ok(report)
}

fn check(config: &Config, packages: &[Package]) -> Vec<String> {
    let mut failures = Vec::new();
    let mut used = vec![false; config.licences.len()];
    for package in packages {
        let name = format!("{} {}", package.name, package.version);
        failures
            .extend(bad_licence(config, package, &mut used).map(|why| format!("{name}: {why}")));
        failures.extend(bad_source(config, package).map(|why| format!("{name}: {why}")));
        if config.banned.contains(&package.name) {
            failures.push(format!("{name}: banned"));
        }
        if config.refuse_wildcards {
            let wild = package.dependencies.iter().filter(|wanted| wanted.requirement == "*");
            failures.extend(wild.map(|wanted| format!("{name}: any version of {}", wanted.name)));
        }
    }
    if config.refuse_unused_licences {
        let unused = config.licences.iter().zip(&used).filter(|(_, used)| !**used);
        failures.extend(unused.map(|(id, _)| format!("deny.toml: no package needs licence {id}")));
    }
    failures
}

fn bad_licence(config: &Config, package: &Package, used: &mut [bool]) -> Option<String> {
    let Some(expression) = &package.license else {
        return Some("states no licence".to_owned());
    };
    let permitted = licence::permits(expression, &mut |id| {
        let place = config.licences.iter().position(|allowed| allowed == id);
        if let Some(place) = place {
            used[place] = true;
        }
        place.is_some()
    });
    match permitted {
        Ok(true) => None,
        Ok(false) => Some(format!("licence {expression} is not allowed")),
        Err(why) => Some(format!("licence {expression}: {why}")),
    }
}

fn bad_source(config: &Config, package: &Package) -> Option<String> {
    // A package of the workspace has no source.
    let source = package.source.as_deref()?;
    let registry = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"));
    match registry {
        Some(registry) if config.registries.iter().any(|known| known == registry) => None,
        _ => Some(format!("comes from {source}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, check};
    use crate::metadata::{Dependency, Kind, Package};

    fn config() -> Config {
        Config {
            licences: vec!["MIT".to_owned()],
            refuse_unused_licences: true,
            refuse_wildcards: true,
            banned: vec!["may".to_owned()],
            registries: vec!["https://index".to_owned()],
        }
    }

    fn package(name: &str, licence: Option<&str>, source: &str, requirement: &str) -> Package {
        let needs = |requirement: &str| Dependency {
            name: "dep".to_owned(),
            requirement: requirement.to_owned(),
            kind: Kind::Normal,
        };
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            source: Some(source.to_owned()),
            license: licence.map(str::to_owned),
            manifest: "Cargo.toml".into(),
            dependencies: vec![needs(requirement)],
            tests: Vec::new(),
        }
    }

    #[test]
    fn a_package_within_the_rules_passes() {
        let good = package("good", Some("MIT OR Apache-2.0"), "registry+https://index", "^1");
        assert_eq!(check(&config(), &[good]), Vec::<String>::new());
    }

    #[test]
    fn each_rule_refuses_its_violation() {
        let from = "registry+https://index";
        let cases = [
            (package("a", Some("GPL-3.0"), from, "^1"), "a 1.0.0: licence GPL-3.0 is not allowed"),
            (package("b", None, from, "^1"), "b 1.0.0: states no licence"),
            (package("c", Some("MIT"), "git+https://x", "^1"), "c 1.0.0: comes from git+https://x"),
            (package("d", Some("MIT"), from, "*"), "d 1.0.0: any version of dep"),
            (package("may", Some("MIT"), from, "^1"), "may 1.0.0: banned"),
        ];
        for (package, expected) in cases {
            let mut found = check(&config(), &[package]);
            found.retain(|failure| !failure.contains("no package needs"));
            assert_eq!(found, [expected]);
        }
    }

    #[test]
    fn an_allowed_licence_that_nobody_needs_is_refused() {
        assert_eq!(check(&config(), &[]), ["deny.toml: no package needs licence MIT"]);
    }
}
