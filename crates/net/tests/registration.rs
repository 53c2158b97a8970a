//! SEMANTICS U1 and U6, as the kernel tells them: one epoll, and each descriptor in it once.

mod common;

use common::run;
use gaggle_net::{TcpListener, TcpStream, UnixStream};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;

/// A descriptor that is polled: for what, and by which tag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    fd: i32,
    events: u32,
    data: u64,
}

/// What each epoll of this process polls.
fn epolls() -> Vec<Vec<Target>> {
    let all = std::fs::read_dir("/proc/self/fd").expect("a list").flatten();
    let polls = all.filter(|entry| {
        std::fs::read_link(entry.path()).is_ok_and(|to| to.as_os_str() == "anon_inode:[eventpoll]")
    });
    polls.map(|entry| targets(&entry.file_name().to_string_lossy())).collect()
}

fn targets(fd: &str) -> Vec<Target> {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).expect("its state");
    let lines = info.lines().filter(|line| line.starts_with("tfd:"));
    let number = |word: Option<&&str>, base| u64::from_str_radix(word.expect("a word"), base);
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let after = |key: &str| words.iter().skip_while(|word| **word != key).nth(1);
            Target {
                fd: number(after("tfd:"), 10).expect("a number") as i32,
                events: number(after("events:"), 16).expect("a number") as u32,
                data: number(after("data:"), 16).expect("a number"),
            }
        })
        .collect()
}

fn target_of(fd: i32) -> Vec<Target> {
    epolls().concat().into_iter().filter(|target| target.fd == fd).collect()
}

/// The other side says so in a while, and this one has to wait for it.
fn waits_for_a_word(mut reader: &UnixStream, mut writer: UnixStream) {
    let write = move || {
        gaggle_time::sleep(std::time::Duration::from_millis(5));
        writer.write_all(b"!").expect("to be heard");
        std::mem::forget(writer);
    };
    gaggle_gopark::spawn(gaggle_gopark::Task::new(write), std::panic::Location::caller());
    reader.read_exact(&mut [0]).expect("a word");
}

#[test]
fn a_descriptor_stands_in_one_epoll_once_for_both_directions_and_by_its_edges() {
    common::watch();
    run(|| {
        let (reader, writer) = UnixStream::pair().expect("a pair");
        assert!(target_of(reader.as_raw_fd()).is_empty(), "before anybody waits");
        let again = writer.try_clone().expect("a handle");
        waits_for_a_word(&reader, writer);
        let [first] = &target_of(reader.as_raw_fd())[..] else { panic!("not once") };
        let both = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
        assert_eq!(first.events & both as u32, both as u32);
        waits_for_a_word(&reader, again);
        let now = target_of(reader.as_raw_fd());
        assert!(matches!(&now[..], [only] if only == first), "registered once: {now:?}");
        assert_eq!(epolls().len(), 1);
    });
}

#[test]
fn the_next_tenant_of_a_number_has_another_tag() {
    common::watch();
    run(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let mut seen: Vec<Target> = Vec::new();
        for _ in 0..100 {
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).expect("a client");
            let (mut server, _) = listener.accept().expect("a connection");
            let past = std::time::Instant::now() + std::time::Duration::from_millis(1);
            client.set_read_deadline(Some(past)).expect("it can be polled");
            assert!(client.read(&mut [0]).is_err(), "nothing was sent");
            let [target] = &target_of(client.as_raw_fd())[..] else { panic!("not once") };
            assert!(seen.iter().all(|other| other.data != target.data), "{target:?} in {seen:?}");
            seen.push(target.clone());
            server.write_all(b"!").expect("a late event"); // for nobody
        }
    });
}
