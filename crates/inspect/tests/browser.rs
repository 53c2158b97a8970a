//! The page in a real browser, headless: what it shows, that nothing goes wrong in it, that it asks nobody else.
//!
//! The screenshot stays in the target directory.

mod support;

use gaggle_hchan::chan;
use gaggle_inspect::serve;
use gaggle_runtime::{Builder, go, run, spawn};
use gaggle_sync::{BareMutex, lockorder};
use serde_json::Value;
use std::path::Path;
use std::sync::mpsc;
use support::{NO_BROWSER, browser, visit};

/// The addresses that the page at `origin` asked for, from the browser's log of the network.
fn requests(log: &Path, origin: &str) -> Vec<String> {
    let log: Value = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    let events = log["events"].as_array().unwrap().iter();
    let params = events.map(|event| &event["params"]);
    let of_page = params.filter(|params| params["initiator"].as_str() == Some(origin));
    of_page.filter_map(|params| Some(params["url"].as_str()?.to_owned())).collect()
}

/// Two that wait for each other's lock, ten that leak, one with a name.
fn goroutines() {
    static FIRST: BareMutex = BareMutex::new();
    static SECOND: BareMutex = BareMutex::new();
    lockorder::check();
    let (both, gate) = (chan::<()>(0), chan::<()>(0));
    for (one, two) in [(&FIRST, &SECOND), (&SECOND, &FIRST)] {
        let (both, gate) = (both.clone(), gate.clone());
        go(move || {
            one.lock();
            both.send(());
            gate.recv();
            two.lock();
        });
    }
    both.recv();
    both.recv();
    gate.close();
    // A number that looks like an address may hide one or the other.
    for _ in 0..10 {
        let lost = chan::<()>(0);
        go(move || lost.send(()));
    }
    let named = chan::<()>(0);
    let theirs = named.clone();
    Builder::new().name("<b>bold</b>").label("k", "v").go(move || _ = theirs.recv());
    std::mem::forget(named);
}

/// Calls `f` with where a page of a program with those goroutines is, while main waits, too.
fn while_it_runs(f: impl FnOnce(&str) + Send + 'static) {
    let running = serve("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", running.addr());
    let (tell, told) = mpsc::channel();
    let done = chan::<()>(0);
    let end = done.clone();
    let program = std::thread::spawn(move || {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        unsafe {
            run(move || {
                spawn(goroutines).join().unwrap();
                tell.send(()).unwrap();
                done.recv();
            });
        }
    });
    told.recv().unwrap();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(&origin)));
    end.close();
    program.join().unwrap();
    running.stop();
    outcome.unwrap();
}

#[test]
fn the_page_shows_a_program_that_hangs_and_asks_nobody_else() {
    let Some(browser) = browser() else {
        return eprintln!("{NO_BROWSER}");
    };
    while_it_runs(move |origin| look(&browser, origin));
}

fn look(browser: &Path, origin: &str) {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let _ = std::fs::remove_dir_all(&room); // of the last time
    std::fs::create_dir_all(&room).unwrap();
    let url = format!("{origin}/debug/gaggle#look");
    let log = room.join("net.json");
    let more = ["--dump-dom".to_owned(), format!("--log-net-log={}", log.display())];
    let seen = visit(browser, &room, &url, &more);
    let (dom, said) =
        (String::from_utf8_lossy(&seen.stdout), String::from_utf8_lossy(&seen.stderr));
    assert!(seen.status.success() && !dom.is_empty(), "{:?}\n{said}", seen.status);
    assert!(!said.contains(":CONSOLE"), "the page has nothing to say on the console:\n{said}");
    let dom = dom.split("<script>").next().unwrap(); // the script's own words are not what is shown
    for part in ["sync.Mutex.Lock", "chan send", "tests/browser.rs:", "goroutines"] {
        assert!(dom.contains(part), "{part}:\n{dom}");
    }
    assert!(dom.contains("<td>leaked") || dom.contains("<td>suspected"), "leaks:\n{dom}");
    assert!(dom.contains("&lt;b&gt;bold&lt;/b&gt;"), "a name is text:\n{dom}");
    assert!(!dom.contains("no answer"), "{dom}");
    if cfg!(debug_assertions) {
        let circle = dom.contains("marker-end=") && dom.contains("<title>goroutines ");
        assert!(circle && dom.contains("held by"), "the circle is drawn:\n{dom}");
    }
    let asked = requests(&log, origin);
    assert!(asked.iter().any(|url| url.ends_with("/state.json")), "{asked:?}");
    assert!(asked.iter().all(|url| url.starts_with(origin)), "{asked:?}");
    let picture = room.join("page.png");
    let more =
        [format!("--screenshot={}", picture.display()), "--window-size=1400,1500".to_owned()];
    let shot = visit(browser, &room, &url, &more);
    assert!(shot.status.success(), "{}", String::from_utf8_lossy(&shot.stderr));
    let bytes = std::fs::read(&picture).unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000, "{}", bytes.len());
    eprintln!("{}", picture.display());
}
