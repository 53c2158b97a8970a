//! What clients send to hyper over our sockets that no well-behaved library sends: byte by byte, by hand.

use bytes::Bytes;
use gaggle::net::{HyperTimer, TcpListener, TcpStream, block_on};
use gaggle::sync::WaitGroup;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

/// Says what came: the method, and the length of the body. There is no icon.
async fn tell(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let method = request.method().clone();
    if request.uri().path() == "/favicon.ico" {
        let mut response = Response::new(Full::from("no icon"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    }
    let length = match request.into_body().collect().await {
        Ok(body) => body.to_bytes().len().to_string(),
        Err(_) => "broken".to_owned(),
    };
    Ok(Response::new(Full::from(format!("{method} {length}"))))
}

/// Serves `count` connections, each by a goroutine of its own.
fn serve(count: usize, served: &WaitGroup) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (all, accepts) = (served.clone(), served.clone());
    accepts.go(move || {
        for stream in listener.incoming().take(count) {
            let stream = stream.unwrap();
            all.go(move || {
                let mut server = http1::Builder::new();
                let server = server.timer(HyperTimer).half_close(true);
                // An error is what a client deserves that goes away in the middle.
                let _ = block_on(server.serve_connection(stream, service_fn(tell)));
            });
        }
    });
    addr
}

/// Sends `text`, ends its direction, and reads to the end.
fn ask(addr: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn bodies(answers: &str) -> Vec<&str> {
    let parts = answers.split("HTTP/1.").skip(1);
    parts.map(|part| part.rsplit("\r\n\r\n").next().unwrap_or("")).collect()
}

#[gaggle::test]
unsafe fn requests_that_come_at_once_are_answered_in_order() {
    let served = WaitGroup::new();
    let addr = serve(1, &served);
    let one = |method: &str, body: &str| {
        format!("{method} / HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let text: String = (0..20).map(|n| one(["PUT", "POST"][n % 2], &"x".repeat(n))).collect();
    let answers = ask(addr, &text);
    let expected: Vec<_> = (0..20).map(|n| format!("{} {n}", ["PUT", "POST"][n % 2])).collect();
    assert_eq!(bodies(&answers), expected);
    served.wait();
}

#[gaggle::test]
unsafe fn a_body_in_chunks_ends_where_it_says_and_the_next_request_begins_there() {
    let served = WaitGroup::new();
    let addr = serve(1, &served);
    let head = "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";
    let text =
        format!("{head}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: here\r\n\r\n");
    assert_eq!(bodies(&ask(addr, &text)), ["POST 11", "GET 0"]);
    served.wait();
}

#[gaggle::test]
unsafe fn the_old_version_ends_after_one_answer_and_nonsense_gets_its_own() {
    let served = WaitGroup::new();
    let addr = serve(2, &served);
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap(); // to the end, which the server makes
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with("GET 0"), "{answer}");
    let answer = ask(addr, "\0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    served.wait();
}

/// Nothing is left of a client that goes in the middle of a head or of a body, gently or by a reset; the others are
/// served meanwhile.
#[gaggle::test]
unsafe fn clients_that_go_in_the_middle_take_nobody_with_them() {
    let served = WaitGroup::new();
    let (rounds, halves) =
        (10, ["GET / HT", "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 99\r\n\r\nhalf"]);
    let addr = serve(rounds * halves.len() * 2 + rounds, &served);
    for _ in 0..rounds {
        for half in halves {
            for linger in [None, Some(Duration::ZERO)] {
                let mut stream = TcpStream::connect(addr).unwrap();
                stream.write_all(half.as_bytes()).unwrap();
                stream.set_linger(linger).unwrap();
            }
        }
        assert_eq!(bodies(&ask(addr, "GET / HTTP/1.1\r\nHost: here\r\n\r\n")), ["GET 0"]);
    }
    served.wait();
}

/// Each byte of a request by itself, and an answer that is read byte by byte.
#[gaggle::test]
unsafe fn a_request_in_single_bytes_is_a_request() {
    let served = WaitGroup::new();
    let addr = serve(1, &served);
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let text = "PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    for byte in text.as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    let mut answer = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).unwrap() > 0 {
        answer.push(byte[0]);
    }
    assert_eq!(bodies(&String::from_utf8(answer).unwrap()), ["PUT 3"]);
    served.wait();
}

/// What a browser says of itself with every request, and what it was given to keep: some kilobytes.
fn habits() -> String {
    let kept: Vec<_> = (0..60).map(|n| format!("kept{n}={}", "c".repeat(60))).collect();
    format!(
        "Host: 127.0.0.1\r\nConnection: keep-alive\r\nCache-Control: max-age=0\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n\
         Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9,de;q=0.8\r\n\
         Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\nSec-Fetch-User: ?1\r\n\
         Upgrade-Insecure-Requests: 1\r\nReferer: http://127.0.0.1/{}\r\nCookie: {}\r\n",
        "r".repeat(2000),
        kept.join("; ")
    )
}

/// The answer to `asked`: its status, and what came as its body, which a question for the head has none of.
fn answer(stream: &mut BufReader<TcpStream>, asked: &str) -> (String, String) {
    stream.get_mut().write_all(asked.as_bytes()).unwrap();
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let begin = head.len();
        assert!(stream.read_line(&mut head).unwrap() > 0, "the end after {head:?}");
        if let Some(digits) = head[begin..].to_ascii_lowercase().strip_prefix("content-length:") {
            length = digits.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; if asked.starts_with("HEAD") { 0 } else { length }];
    stream.read_exact(&mut body).unwrap();
    assert!(length > 0, "an answer that says not how long it is: {head}");
    (head.lines().next().unwrap().to_owned(), String::from_utf8(body).unwrap())
}

/// Six connections that stay, over which it asks for one thing after the other, an icon too, and a seventh that is opened in
/// case it is wanted, and closed.
#[gaggle::test]
unsafe fn a_browser_like_client() {
    let (served, all) = (WaitGroup::new(), WaitGroup::new());
    let addr = serve(7, &served);
    let ahead = TcpStream::connect(addr).unwrap();
    let open = WaitGroup::new();
    open.add(6);
    for _ in 0..6 {
        let open = open.clone();
        all.go(move || {
            let stream = TcpStream::connect(addr).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let mut stream = BufReader::new(stream);
            open.done();
            open.wait(); // all of them stand at once
            let habits = habits();
            for round in 0..20 {
                let mut ask = |line: &str, body: &str| {
                    let text = format!(
                        "{line} HTTP/1.1\r\n{habits}Content-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    answer(&mut stream, &text)
                };
                let ok = |body: &str| ("HTTP/1.1 200 OK".to_owned(), body.to_owned());
                assert_eq!(ask("GET /", ""), ok("GET 0"));
                assert_eq!(ask("HEAD /?once", ""), ok(""));
                let (status, body) = ask("GET /favicon.ico", "");
                assert_eq!((&*status, &*body), ("HTTP/1.1 404 Not Found", "no icon"));
                assert_eq!(
                    ask("POST /form", &"f".repeat(round * 100)),
                    ok(&format!("POST {}", round * 100))
                );
            }
        });
    }
    all.wait();
    drop(ahead);
    served.wait();
}
