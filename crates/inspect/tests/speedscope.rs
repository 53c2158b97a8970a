//! A trace is understood by somebody else's parser of the format: speedscope's, from npm, in a headless browser.
//!
//! `npm install --prefix target/speedscope speedscope` brings it; `GAGGLE_SPEEDSCOPE` names another place of the
//! package. Without it, or without a browser, the test says so and passes.

mod support;

use gaggle_hchan::chan;
use gaggle_runtime::{go, run, trace};
use gaggle_sync::Mutex;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::{NO_BROWSER, browser, visit};

/// A writer whose bytes are there afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The package, if it is there.
fn speedscope() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let default = target.join("speedscope/node_modules/speedscope");
    let package = std::env::var_os("GAGGLE_SPEEDSCOPE").map_or(default, PathBuf::from);
    let page = package.join("dist/release/index.html");
    page.is_file().then_some(page)
}

/// The trace of some goroutines that talk, and of what a program adds.
fn a_trace() -> String {
    let file = Shared::default();
    trace::start(file.clone()).unwrap();
    let main = || {
        let (there, back) = (chan::<u32>(0), chan::<u32>(2));
        let (from, to) = (there.clone(), back.clone());
        go(move || from.into_iter().for_each(|n| to.send(n)));
        for n in 0..200 {
            trace::region("a round", || {
                there.send(n);
                back.recv();
            });
        }
        there.close();
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) };
    trace::stop().unwrap();
    let bytes = file.0.lock().clone();
    String::from_utf8(bytes).unwrap()
}

/// What the page of speedscope is after it was given that file, which its title names if it was taken, and
/// what it said on the console.
fn shown(browser: &Path, page: &Path, file: &str) -> (String, String) {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speedscope");
    let script = room.join("gaggle.js");
    let _ = std::fs::remove_dir_all(&room); // of the last time
    std::fs::create_dir_all(&room).unwrap();
    let literal = Value::from(file).to_string();
    let text = format!(
        "speedscope.loadFileFromBase64('gaggle.json', btoa(unescape(encodeURIComponent({literal}))))"
    );
    std::fs::write(&script, text).unwrap();
    let url = format!("file://{}#localProfilePath={}", page.display(), script.display());
    let more = ["--dump-dom".to_owned(), "--allow-file-access-from-files".to_owned()];
    let seen = visit(browser, &room, &url, &more);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&seen.stdout), text(&seen.stderr))
}

#[test]
fn a_trace_is_accepted_by_a_parser_from_a_registry_ad2() {
    let Some(page) = speedscope() else {
        return eprintln!("skipped: `npm install --prefix target/speedscope speedscope` brings it");
    };
    let Some(browser) = browser() else {
        return eprintln!("{NO_BROWSER}");
    };
    let (title, said) = shown(&browser, &page, &a_trace());
    assert!(said.contains("Importing as Trace Event Format profile"), "{said}");
    assert!(title.contains("<title>gaggle.json"), "it was not taken:\n{title}\n{said}");
}
