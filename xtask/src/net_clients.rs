//! `net-clients`: other people's clients for our servers, wrk and redis-benchmark: those of the path, or out of Debian's and
//! Ubuntu's packages.
//!
//! 1. *All In Target*: what is downloaded is unpacked into the target directory. Nothing is installed.
//! 2. A test that wants one looks into the path, then for `net-clients/bin` beside its own program.

use std::path::{Path, PathBuf};

use crate::flags::NetClientsFlags;
use crate::net_measure;
use crate::report::Report;
use crate::shell::Shell;

/// Each with the package that has it.
const CLIENTS: [(&str, &str); 2] = [("wrk", "wrk"), ("redis-benchmark", "redis-tools")];

/// Starts the program of its own name with the libraries that came with it; goes wherever the folder goes.
const STARTER: &str = "#!/bin/sh
here=$(dirname \"$0\")/../unpacked/usr
LD_LIBRARY_PATH=$(echo \"$here\"/lib/*-linux-gnu) exec \"$here/bin/$(basename \"$0\")\" \"$@\"
";

pub(crate) fn run(shell: &Shell, flags: &NetClientsFlags) -> Result<Report, String> {
    let mut report = fetch(shell)?;
    if flags.measure {
        net_measure::run(shell, flags, &mut report)?;
    }
    Ok(report)
}

/// Sees to it that all of them are here: where.
pub(crate) fn fetch(shell: &Shell) -> Result<Report, String> {
    let missing: Vec<_> = CLIENTS.into_iter().filter(|it| find(shell, it.0).is_none()).collect();
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|it| it.0).collect();
        unpack(shell, &missing).map_err(|error| {
            format!("not in the path, and not to be had: {}: {error}", names.join(", "))
        })?;
    }
    let mut report = Report::default();
    for (name, _) in CLIENTS {
        let path = find(shell, name).ok_or_else(|| format!("{name} did not come"))?;
        report.note(format!("{name}: {}", path.display()));
    }
    Ok(report)
}

/// The program of that name, in the path or in our folder.
pub(crate) fn find(shell: &Shell, name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([folder(shell).join("bin")]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn folder(shell: &Shell) -> PathBuf {
    shell.target_dir().join("net-clients")
}

/// Downloads the packages, and those that they need and this machine has not; takes them apart.
fn unpack(shell: &Shell, clients: &[(&str, &str)]) -> Result<(), String> {
    let packages = folder(shell).join("packages");
    std::fs::create_dir_all(&packages).map_err(|error| error.to_string())?;
    let mut download = shell.command("apt-get");
    download.current_dir(&packages).args(["-q", "download"]).args(needed(shell, clients)?);
    println!("downloading into {}", packages.display());
    shell.read(download)?;
    let root = folder(shell).join("unpacked");
    for entry in std::fs::read_dir(&packages).into_iter().flatten().flatten() {
        let package = entry.path();
        if package.extension().is_some_and(|ending| ending == "deb") {
            let mut command = shell.command("dpkg");
            command.arg("-x").arg(&package).arg(&root);
            shell.read(command)?;
        }
    }
    clients.iter().try_for_each(|(name, _)| starter(shell, &root, name))
}

/// The packages that would be installed: the wanted ones, and what they need.
fn needed(shell: &Shell, clients: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let simulate = || {
        let mut command = shell.command("apt-get");
        command.args(["-q", "--simulate", "--no-install-recommends", "install"]);
        command.args(clients.iter().map(|it| it.1));
        shell.read(command)
    };
    let text = simulate().or_else(|_| {
        let mut update = shell.command("apt-get");
        update.args(["-q", "update"]); // where nobody has asked yet which packages there are
        shell.read(update).and_then(|_| simulate())
    })?;
    Ok(installed(&text))
}

/// The names in lines as `Inst wrk (4.1.0-3 Debian:12)`.
fn installed(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("Inst "));
    lines.filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect()
}

/// Makes the program in `bin`, if nothing that it needs is missing.
fn starter(shell: &Shell, root: &Path, name: &str) -> Result<(), String> {
    let libraries = std::fs::read_dir(root.join("usr/lib")).into_iter().flatten().flatten();
    let mut libraries = libraries.map(|entry| entry.path());
    let libraries = libraries.find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
    let mut look = shell.command("ldd");
    look.arg(root.join("usr/bin").join(name)).envs(libraries.map(|path| ("LD_LIBRARY_PATH", path)));
    if let Some(line) = shell.read(look)?.lines().find(|line| line.contains("not found")) {
        return Err(format!("{name} needs {}", line.trim()));
    }
    let bin = folder(shell).join("bin");
    let file = bin.join(name);
    let written = std::fs::create_dir_all(&bin).and_then(|()| std::fs::write(&file, STARTER));
    written.map_err(|error| format!("{}: {error}", file.display()))?;
    let mut allow = shell.command("chmod");
    allow.arg("+x").arg(&file);
    shell.read(allow).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::installed;

    #[test]
    fn packages_are_named_once_whatever_stands_beside_them() {
        let text = "Reading package lists...\nThe following NEW packages will be installed:\n  wrk\n\
                    Inst liblzf1 (3.6-3 Debian:12.14 [amd64])\nInst wrk (4.1.0-3+b2 Debian:12.14 [amd64])\n\
                    Conf liblzf1 (3.6-3 Debian:12.14 [amd64])\nConf wrk (4.1.0-3+b2 Debian:12.14 [amd64])\n";
        assert_eq!(installed(text), ["liblzf1", "wrk"]);
    }
}
