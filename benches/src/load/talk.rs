//! What a client says, and how it knows that it has been answered.

use gaggle::net::TcpStream;
use std::io::{Read, Write};

/// What one exchange of `echo` carries.
pub(crate) const MESSAGE: usize = 64;

/// What `http` asks for.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The keys that `kv` uses of each kind.
const KEYS: usize = 100;

/// What is said.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Talk {
    /// Bytes that come back.
    Echo,
    /// A request of HTTP/1.1, on a connection that stays.
    Http,
    /// So many commands of Redis' protocol at once.
    Kv(usize),
}

impl Talk {
    /// `echo`, `http`, `kv1`, `kv16`.
    pub(super) fn of(name: &str) -> Talk {
        match (name, name.strip_prefix("kv")) {
            ("echo", _) => Talk::Echo,
            ("http", _) => Talk::Http,
            (_, Some(depth)) => Talk::Kv(depth.parse().expect("a number")),
            _ => panic!("no talk {name:?}"),
        }
    }

    pub(super) fn speaker(self, stream: &TcpStream) -> Speaker<'_> {
        let says = match self {
            Talk::Echo => vec![vec![b'x'; MESSAGE]],
            Talk::Http => vec![REQUEST.to_vec()],
            Talk::Kv(depth) => commands(depth),
        };
        Speaker { talk: self, stream, says, next: 0, heard: vec![0; 16 * 1024] }
    }
}

/// All that one connection says to a store, over and over, in portions of `depth` commands.
fn commands(depth: usize) -> Vec<Vec<u8>> {
    let all: Vec<Vec<u8>> = (0..KEYS)
        .flat_map(|key| {
            [
                encoded(&["SET", &format!("key:{key}"), "a value of some length"]),
                encoded(&["GET", &format!("key:{key}")]),
                encoded(&["INCR", &format!("counter:{key}")]),
                encoded(&["LPUSH", &format!("list:{key}"), "one"]),
                encoded(&["PING"]),
            ]
        })
        .collect();
    all.chunks_exact(depth).map(<[Vec<u8>]>::concat).collect()
}

fn encoded(words: &[&str]) -> Vec<u8> {
    let head = format!("*{}\r\n", words.len());
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    std::iter::once(head).chain(words).collect::<String>().into_bytes()
}

/// One connection's end of the talk.
pub(super) struct Speaker<'a> {
    talk: Talk,
    stream: &'a TcpStream,
    says: Vec<Vec<u8>>,
    next: usize,
    heard: Vec<u8>,
}

impl Speaker<'_> {
    /// Says the next thing and waits for the whole answer.
    pub(super) fn exchange(&mut self) {
        let mut stream = self.stream;
        stream.write_all(&self.says[self.next]).expect("to be heard");
        self.next = (self.next + 1) % self.says.len();
        let mut count = 0;
        loop {
            let more = stream.read(&mut self.heard[count..]).expect("an answer");
            assert!(more > 0, "the server has gone");
            count += more;
            if self.talk.is_answer(&self.heard[..count]) {
                return;
            }
        }
    }
}

impl Talk {
    /// Whether `heard` is all that was to be heard.
    fn is_answer(self, heard: &[u8]) -> bool {
        match self {
            Talk::Echo => heard.len() == MESSAGE,
            Talk::Http => is_response(heard),
            Talk::Kv(depth) => replies(heard) == depth,
        }
    }
}

fn position(heard: &[u8], what: &[u8]) -> Option<usize> {
    heard.windows(what.len()).position(|window| window == what)
}

fn is_response(heard: &[u8]) -> bool {
    let Some(head) = position(heard, b"\r\n\r\n") else { return false };
    assert!(heard.starts_with(b"HTTP/1.1 200 OK\r\n"), "a response");
    let text = std::str::from_utf8(&heard[..head]).expect("text");
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>())
    });
    heard.len() == head + 4 + length.expect("a length").expect("a number")
}

/// How many whole replies of Redis' protocol these are.
fn replies(mut heard: &[u8]) -> usize {
    let mut count = 0;
    while let Some(end) = position(heard, b"\r\n") {
        assert!(!heard.starts_with(b"-"), "an error: {}", String::from_utf8_lossy(heard));
        let mut whole = end + 2;
        if let Some(length) = heard[..end].strip_prefix(b"$") {
            let length =
                std::str::from_utf8(length).ok().and_then(|text| text.parse::<usize>().ok());
            whole += length.expect("a value that was stored") + 2;
        }
        if heard.len() < whole {
            break;
        }
        heard = &heard[whole..];
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{encoded, is_response, replies};

    #[test]
    fn an_answer_is_known_by_its_end() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert!(is_response(response) && !is_response(&response[..response.len() - 1]));
        assert_eq!(replies(b"+OK\r\n$3\r\nabc\r\n:1\r\n"), 3);
        assert_eq!(replies(b"+OK\r\n$3\r\nabc\r"), 1);
        assert_eq!(encoded(&["GET", "k"]), b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    }
}
