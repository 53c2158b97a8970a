//! `chat [ADDR]`: whoever connects says a name, then lines that all others see. A goroutine per direction of
//! a connection, and one that knows who is there.
//!
//! ```sh
//! cargo run --release --example chat -- 127.0.0.1:7008 &
//! nc 127.0.0.1 7008
//! ```

use gaggle::net::{TcpListener, TcpStream};
use gaggle::{Chan, SendOnly, chan, go};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::sync::Arc;
use std::time::Duration;

/// Lines that a client has not read yet; one that is slower is let go.
const BEHIND: usize = 64;

/// The longest line, in bytes.
const LONGEST: u64 = 4096;

/// The next line, without its end; none after the last.
fn next_line(words: &mut BufReader<TcpStream>) -> Result<Option<String>> {
    let mut line = String::new();
    let count = words.take(LONGEST).read_line(&mut line)?;
    if count as u64 == LONGEST && !line.ends_with('\n') {
        return Err(Error::new(ErrorKind::InvalidData, "a line that is too long"));
    }
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok((count > 0).then_some(line))
}

/// What the hub is told.
enum Event {
    Joins(u64, String, Chan<Arc<str>>),
    Says(u64, String),
    Leaves(u64),
}

/// Knows who is there, and hands lines on. Alone with its map, so it needs no lock.
fn hub(events: Chan<Event>) {
    let mut clients: HashMap<u64, (String, Chan<Arc<str>>)> = HashMap::new();
    for event in events {
        let (from, line) = match event {
            Event::Joins(id, name, lines) => {
                let line = format!("* {name} is here\n");
                let _ = lines.try_send(format!("* with {} others\n", clients.len()).into()); // it is empty
                clients.insert(id, (name, lines));
                (id, line)
            }
            Event::Says(id, text) => match clients.get(&id) {
                Some((name, _)) => (id, format!("{name}: {text}\n")),
                None => continue,
            },
            Event::Leaves(id) => match clients.remove(&id) {
                Some((name, lines)) => {
                    lines.close();
                    (id, format!("* {name} has left\n"))
                }
                None => continue,
            },
        };
        let line: Arc<str> = line.into();
        clients.retain(|&id, (_, lines)| {
            let keeps = id == from || lines.try_send(Arc::clone(&line)).is_ok();
            if !keeps {
                lines.close();
            }
            keeps
        });
    }
}

/// One client: its lines to the hub; the hub's lines to it.
fn serve(id: u64, stream: TcpStream, events: &SendOnly<Event>) -> Result<()> {
    let lines = chan::<Arc<str>>(BEHIND);
    let mut words = BufReader::new(stream.try_clone()?);
    (&stream).write_all(b"your name? ")?;
    let Some(name) = next_line(&mut words)? else { return Ok(()) };
    events.send(Event::Joins(id, name, lines.clone()));

    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    go(move || {
        for line in lines {
            if (&stream).write_all(line.as_bytes()).is_err() {
                break;
            }
        }
        let _ = stream.close(); // the hub let it go, or it does not read
    });
    while let Ok(Some(line)) = next_line(&mut words) {
        events.send(Event::Says(id, line));
    }
    events.send(Event::Leaves(id));
    Ok(())
}

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7008".to_owned());
    let listener = TcpListener::bind(addr)?;
    println!("listening at {}", listener.local_addr()?);
    let events = chan::<Event>(0);
    let told = events.clone();
    go(move || hub(told));
    for (id, stream) in (0..).zip(listener.incoming()) {
        let (stream, events) = (stream?, SendOnly::from(events.clone()));
        go(move || {
            if let Err(error) = serve(id, stream, &events) {
                eprintln!("client {id}: {error}");
            }
        });
    }
    Ok(())
}
