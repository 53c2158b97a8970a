//! Clients that are programs of others: curl, openssl, wrk; and rustls. Who is not here is told, and left out.

use super::{http, https, temporary};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

fn is_here(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

/// A program of the path, or of those that `cargo xtask net-clients` has brought.
fn client(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = Path::new(env!("CARGO_BIN_EXE_http_hello")).ancestors();
    let ours = ours.map(|folder| folder.join("net-clients/bin"));
    std::env::split_paths(&path).chain(ours).map(|folder| folder.join(name)).find(|it| it.is_file())
}

/// No connection fails, and nobody is refused an answer.
#[test]
fn wrk_is_answered() {
    let Some(wrk) = client("wrk") else {
        return eprintln!("there is no wrk here: `cargo xtask net-clients` brings it");
    };
    let server = http();
    for connections in ["-c64", "-c1000"] {
        let mut command = Command::new(&wrk);
        // Nobody is late here: a machine may be busy for seconds.
        command.args(["-t1", connections, "-d2s", "--timeout", "60s"]);
        command.arg(format!("http://{}/", server.addr));
        let (told, output) = mpsc::channel();
        std::thread::spawn(move || told.send(command.output().unwrap()));
        let output = output.recv_timeout(Duration::from_secs(120)).expect("wrk to end");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        assert!(!text.contains("Socket errors"), "{text}"); // a line that is there if there are any
        assert!(!text.contains("Non-2xx"), "{text}");
        let count = text.split(" requests in ").next().and_then(|part| part.split(' ').next_back());
        assert!(count.unwrap().parse::<u64>().unwrap() > 0, "{text}");
    }
    assert_eq!(server.interrupt(), "drained\n");
}

#[test]
fn curl_is_answered_over_http_and_https() {
    if !is_here("curl") {
        return eprintln!("there is no curl here");
    }
    let cert = temporary("curl.pem");
    let cert = cert.to_str().unwrap();
    let (plain, tls) = (http(), https(cert));
    let curl = |args: &[&str]| {
        let output = Command::new("curl").args(["-sS", "-m", "60"]).args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(curl(&[&format!("http://{}/", plain.addr)]), "Hello, World!");
    let url = format!("https://{}/", tls.addr);
    assert_eq!(curl(&["--cacert", cert, &url, &url]), "Hello, TLS!Hello, TLS!");
    std::fs::remove_file(cert).unwrap();
}

#[test]
fn openssl_verifies_the_certificate() {
    if !is_here("openssl") && Command::new("openssl").arg("version").output().is_err() {
        return eprintln!("there is no openssl here");
    }
    let cert = temporary("openssl.pem");
    let server = https(cert.to_str().unwrap());
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-verify_return_error", "-connect", &server.addr.to_string()])
        .args(["-CAfile", cert.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = client.stdin.take().unwrap();
    stdin.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("Hello, TLS!"), "{answer}");
    drop(stdin);
    client.wait().unwrap();
    std::fs::remove_file(cert).unwrap();
}

/// A body is passed over, a question for the head alone gets that, and who says farewell is answered.
#[test]
fn requests_over_tls_follow_each_other() {
    let cert = temporary("follow.pem");
    let server = https(cert.to_str().unwrap());
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(&cert).unwrap();
    let found = rustls_native_certs::load_certs_from_paths(Some(&cert), None);
    assert!(!pem.is_empty() && !found.certs.is_empty());
    roots.add_parsable_certificates(found.certs);
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(config.into(), name).unwrap();
    let mut stream = rustls::StreamOwned::new(session, server.connect());
    let asked = "POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\n\r\n\r\n\r\n\r\nHEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    stream.write_all(asked.as_bytes()).unwrap();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: keep-alive\r\n\r\n";
    let answers = format!("{head}Hello, TLS!{head}{head}Hello, TLS!");
    let mut got = vec![0; answers.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(String::from_utf8(got).unwrap(), answers);
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    // Without the server's farewell this would be `UnexpectedEof`.
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    std::fs::remove_file(cert).unwrap();
}
