//! As much of HTTP as a debug page needs: GET and HEAD, one request for each connection.

use std::io::{self, Read, Write};
use std::net::IpAddr;

/// The longest head of a request that is read.
const MOST: usize = 8 << 10;

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) head_only: HeadOnly,
    pub(crate) path: String,
    query: Vec<(String, String)>,
    host: Option<String>,
}

/// Whether the body of the answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadOnly {
    Yes,
    No,
}

/// Has the empty line come that ends a head? A line may end without a carriage return, as in what is typed into `nc`.
fn is_whole(head: &[u8]) -> bool {
    head.windows(2).any(|two| two == b"\n\n") || head.windows(3).any(|three| three == b"\n\r\n")
}

impl Request {
    /// Reads the head of a request.
    ///
    /// # Errors
    ///
    /// The answer to what is none, or none that is served here.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Result<Request, Response>> {
        let mut head = Vec::new();
        let mut some = [0; 1024];
        while !is_whole(&head) {
            if head.len() > MOST {
                return Ok(Err(Response::text(431, "the head of the request is too long\n")));
            }
            match from.read(&mut some)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => head.extend_from_slice(&some[..count]),
            }
        }
        Ok(Request::parse(&String::from_utf8_lossy(&head)))
    }

    fn parse(head: &str) -> Result<Request, Response> {
        let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let head_only = match method {
            "GET" => HeadOnly::No,
            "HEAD" => HeadOnly::Yes,
            _ => return Err(Response::text(405, "only GET and HEAD are served\n")),
        };
        if !target.starts_with('/') {
            return Err(Response::text(400, "no such request\n"));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key.to_owned(), value.to_owned())
        });
        let lines = lines.take_while(|line| !line.is_empty());
        let mut fields = lines.filter_map(|line| line.split_once(':'));
        let host = fields.find_map(|(key, value)| {
            key.eq_ignore_ascii_case("host").then(|| value.trim().to_owned())
        });
        Ok(Request { head_only, path: path.to_owned(), query: query.collect(), host })
    }

    /// A number of the query.
    pub(crate) fn number(&self, key: &str) -> Option<u32> {
        let (_, value) = self.query.iter().find(|(it, _)| it == key)?;
        value.parse().ok()
    }

    /// True if it names a machine by address, or this one: not a name that somebody else's server has
    /// made to stand for this one.
    pub(crate) fn names_this_machine(&self) -> bool {
        let Some(host) = &self.host else { return true };
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
    }
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    kind: &'static str,
    more: String,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, kind, more: String::new(), body: body.into() }
    }

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, ..Self::new("text/plain; charset=utf-8", body) }
    }

    /// To be kept as a file of that name.
    pub(crate) fn file(mut self, name: &str) -> Self {
        self.more = format!("Content-Disposition: attachment; filename=\"{name}\"\r\n");
        self
    }

    pub(crate) fn to(place: &str) -> Self {
        let more = format!("Location: {place}\r\n");
        Self { status: 302, more, ..Self::text(302, "") }
    }

    pub(crate) fn write(&self, to: &mut impl Write, head_only: HeadOnly) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            302 => "Found",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            409 => "Conflict",
            431 => "Request Header Fields Too Large",
            _ => "Internal Server Error",
        };
        let (status, kind, more, length) = (self.status, self.kind, &self.more, self.body.len());
        let head = format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             {more}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'self'; style-src 'unsafe-inline'; \
             script-src 'unsafe-inline'; img-src data:\r\nConnection: close\r\n\r\n"
        );
        to.write_all(head.as_bytes())?;
        if head_only == HeadOnly::No {
            to.write_all(&self.body)?;
        }
        to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::{HeadOnly, Request};

    fn parse(head: &str) -> Result<Request, u16> {
        Request::parse(head).map_err(|response| response.status)
    }

    #[test]
    fn a_request_is_its_method_its_path_and_the_numbers_of_its_query() {
        let request =
            parse("GET /a/b?debug=2&x&seconds=ten HTTP/1.1\r\nhOst: x:1\r\n\r\n").unwrap();
        assert_eq!((request.path.as_str(), request.head_only), ("/a/b", HeadOnly::No));
        assert_eq!(request.number("debug"), Some(2));
        assert_eq!((request.number("seconds"), request.number("y")), (None, None));
        assert_eq!(parse("HEAD / HTTP/1.0\r\n\r\n").unwrap().head_only, HeadOnly::Yes);
        assert_eq!(parse("POST / HTTP/1.1\r\n\r\n"), Err(405));
        assert_eq!(parse("GET x HTTP/1.1\r\n\r\n"), Err(400));
        assert_eq!(parse("\r\n\r\n"), Err(405));
    }

    #[test]
    fn a_line_may_end_without_a_carriage_return() {
        for head in ["GET /a HTTP/1.1\nHost: x\n\n", "GET /a HTTP/1.1\r\nHost: x\n\r\nHost: y\n"] {
            let request = Request::read(&mut head.as_bytes()).unwrap().unwrap();
            assert_eq!((request.path.as_str(), request.host.as_deref()), ("/a", Some("x")));
        }
        let in_the_body = Request::read(&mut b"GET / HTTP/1.1\r\n\r\nHost: y\r\n".as_slice());
        assert_eq!(in_the_body.unwrap().unwrap().host, None);
    }

    #[test]
    fn a_name_that_is_not_this_machine_s_is_refused() {
        let names = |host: &str| {
            parse(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).unwrap().names_this_machine()
        };
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:6060", "[::1]:6060", "10.1.2.3"] {
            assert!(names(host), "{host}");
        }
        for host in ["example.org", "example.org:6060", "localhost.example.org", "[x]", ""] {
            assert!(!names(host), "{host}");
        }
        assert!(parse("GET / HTTP/1.0\r\n\r\n").unwrap().names_this_machine(), "none is named");
    }

    #[test]
    fn a_head_without_an_end_is_refused() {
        let mut long = [b'x'; 20_000].as_slice();
        let refused = Request::read(&mut long).unwrap().unwrap_err();
        assert_eq!(refused.status, 431);
        assert!(Request::read(&mut b"GET / HT".as_slice()).is_err());
    }
}
