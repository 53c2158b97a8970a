//! The example `kv`, without its listener: the same protocol and the same store.

#[path = "../../../../crates/gaggle/examples/kv/resp.rs"]
pub(crate) mod resp;
#[path = "../../../../crates/gaggle/examples/kv/store.rs"]
mod store;

use gaggle::net::TcpStream;
use gaggle::sync::Mutex;
use std::io::{Read, Write};
use store::Store;

/// What comes in one read, at most.
pub(crate) const CHUNK: usize = 16 * 1024;

/// A server of one store.
pub(super) fn server() -> impl Fn(TcpStream) + Send + Sync {
    let store = Store::default();
    move |stream| serve(stream, &store)
}

/// Does with `input` what its whole commands say, and leaves the rest.
pub(crate) fn answer(
    input: &mut Vec<u8>,
    output: &mut Vec<u8>,
    execute: impl Fn(&[&[u8]], &mut Vec<u8>),
) {
    let mut used = 0;
    loop {
        match resp::parse(&input[used..]) {
            resp::Parsed::Command(words, length) => {
                execute(&words, output);
                used += length;
            }
            resp::Parsed::More => break,
            resp::Parsed::Nonsense => panic!("nonsense"),
        }
    }
    input.drain(..used);
}

fn serve(mut stream: TcpStream, store: &Store) {
    let (mut input, mut output) = (Vec::new(), Vec::new());
    let mut chunk = vec![0; CHUNK];
    loop {
        match stream.read(&mut chunk).expect("a read") {
            0 => return,
            count => input.extend_from_slice(&chunk[..count]),
        }
        answer(&mut input, &mut output, |words, output| store.execute(words, output));
        stream.write_all(&output).expect("a write");
        output.clear();
    }
}
