//! Which path is answered with what.

use crate::http::{Request, Response};
use crate::{state, waiting};
use gaggle_insight::pprof;
use gaggle_runtime::trace::{self, FlightRecorder};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The page: one file, with nothing from elsewhere.
const PAGE: &str = include_str!("page.html");
/// The longest trace that is written on request.
const LONGEST: u32 = 60;
/// The longest CPU profile.
const LONGEST_PROFILE: u32 = 600;
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// What a path is answered with.
type Answer = fn(&Request) -> io::Result<Response>;

const PAGES: [(&str, Answer); 12] = [
    ("/", |_| Ok(Response::to("/debug/gaggle"))),
    ("/debug/gaggle", |_| Ok(Response::new("text/html; charset=utf-8", PAGE))),
    ("/debug/gaggle/state.json", |_| Ok(Response::new(JSON, serde_json::to_vec(&state::look())?))),
    ("/debug/gaggle/lines.json", |_| {
        Ok(Response::new(JSON, serde_json::to_vec(&waiting::look())?))
    }),
    ("/debug/gaggle/waits.json", |_| {
        Ok(Response::new(JSON, serde_json::to_vec(&waiting::search())?))
    }),
    ("/debug/gaggle/stacks", |_| Ok(Response::new(TEXT, gaggle_runtime::stack(true)))),
    ("/debug/gaggle/metrics", |_| Ok(Response::new(TEXT, gaggle_runtime::metrics().to_string()))),
    ("/debug/gaggle/leaks", |_| Ok(Response::new(TEXT, gaggle_insight::leaks().to_string()))),
    ("/debug/gaggle/trace", traced),
    ("/debug/gaggle/flight", flight),
    ("/debug/pprof", |_| Ok(Response::to("/debug/pprof/"))),
    ("/debug/pprof/", |_| Ok(Response::new("text/html; charset=utf-8", index()))),
];

/// Answers a request.
pub(crate) fn answer(request: &Request) -> Response {
    let path = request.path.as_str();
    let answer = match PAGES.into_iter().find(|(known, _)| *known == path) {
        Some((_, answer)) => answer(request),
        None => match path.strip_prefix("/debug/pprof/") {
            Some("trace") => traced(request),
            Some("profile") => processor(request),
            Some("cmdline") => Ok(Response::new(TEXT, command_line())),
            Some(name) => profile(name, request),
            None => return not_found(),
        },
    };
    answer.unwrap_or_else(|error| Response::text(500, format!("{error}\n")))
}

fn not_found() -> Response {
    Response::text(404, "404: /debug/gaggle and /debug/pprof/ are here\n")
}

/// The words of the command, as Go has them: bytes, as they may be no text.
fn command_line() -> Vec<u8> {
    let words: Vec<_> = std::env::args_os().map(OsStringExt::into_vec).collect();
    words.join(&0)
}

fn index() -> String {
    let mut page =
        String::from("<!doctype html><title>/debug/pprof/</title><h1>/debug/pprof/</h1><table>");
    for profile in pprof::profiles() {
        let (name, count) = (profile.name(), profile.count());
        page += &format!("<tr><td align=right>{count}<td><a href='{name}?debug=1'>{name}</a>");
    }
    page += "</table><p><a href='goroutine?debug=2'>full goroutine stack dump</a>\
             <p><a href='profile?seconds=30'>CPU profile of 30 seconds</a>\
             <p><a href='trace?seconds=1'>execution trace of a second</a>\
             <p><a href='/debug/gaggle'>/debug/gaggle</a>\n";
    page
}

/// A profile, as `go tool pprof` asks for it.
fn profile(name: &str, request: &Request) -> io::Result<Response> {
    let Some(profile) = pprof::lookup(name) else {
        return Ok(Response::text(404, format!("Unknown profile {name:?}\n")));
    };
    let debug = request.number("debug").unwrap_or(0);
    let mut body = Vec::new();
    profile.write_to(&mut body, debug)?;
    Ok(match debug {
        0 => Response::new("application/octet-stream", body).file(name),
        _ => Response::new(TEXT, body),
    })
}

/// What a trace is written to, and taken out of when it is over.
#[derive(Clone, Default)]
#[allow(clippy::disallowed_types, reason = "a thread's own, and nobody waits for it")]
struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What happens from now on, for so many seconds.
fn traced(request: &Request) -> io::Result<Response> {
    let seconds = request.number("seconds").unwrap_or(1).clamp(1, LONGEST);
    let file = Shared::default();
    if let Err(error) = trace::start(file.clone()) {
        return Ok(Response::text(409, format!("{error}\n")));
    }
    gaggle_time::sleep(Duration::from_secs(seconds.into()));
    trace::stop()?;
    Ok(Response::new(JSON, file.taken()).file("gaggle-trace.json"))
}

/// Where processor time goes from now on, for so many seconds: 30 unless it says otherwise, as with Go.
fn processor(request: &Request) -> io::Result<Response> {
    let seconds = request.number("seconds").unwrap_or(30).clamp(1, LONGEST_PROFILE);
    let file = Shared::default();
    if let Err(error) = pprof::start_cpu_profile(file.clone()) {
        let text = format!("Could not enable CPU profiling: {error}\n");
        return Ok(Response::text(500, text));
    }
    gaggle_time::sleep(Duration::from_secs(seconds.into()));
    pprof::stop_cpu_profile()?;
    Ok(Response::new("application/octet-stream", file.taken()).file("profile"))
}

/// What happened of late.
fn flight(_: &Request) -> io::Result<Response> {
    let recorder = FlightRecorder::new();
    if !recorder.enabled() {
        return Ok(Response::text(404, "no flight recorder runs in this program\n"));
    }
    let mut file = Vec::new();
    recorder.write_to(&mut file)?;
    Ok(Response::new(JSON, file).file("gaggle-flight.json"))
}
