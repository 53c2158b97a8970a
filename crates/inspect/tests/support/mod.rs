//! A headless browser for tests: Chromium, from `GAGGLE_CHROMIUM` or `PATH`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a test says that is left out.
pub(crate) const NO_BROWSER: &str =
    "skipped: no Chromium in PATH or GAGGLE_CHROMIUM; `apt install chromium` brings one";

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome-headless-shell"];

/// Where it is.
pub(crate) fn browser() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("GAGGLE_CHROMIUM") {
        return Some(path.into());
    }
    let paths = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&paths);
    places.flat_map(|dir| NAMES.map(|name| dir.join(name))).find(|path| path.is_file())
}

/// One visit: what `--dump-dom` or `--screenshot` gives, with the browser's log.
pub(crate) fn visit(browser: &Path, room: &Path, url: &str, more: &[String]) -> Output {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", "90"]).arg(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]);
    command.args(["--no-first-run", "--disable-background-networking", "--disable-extensions"]);
    command.args(["--disable-component-update", "--disable-sync", "--disable-default-apps"]);
    command.args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=4000"]);
    command.arg(format!("--user-data-dir={}", room.join("profile").display()));
    command.args(more).arg(url).output().unwrap()
}
