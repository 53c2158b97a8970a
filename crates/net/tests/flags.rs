//! No `O_NONBLOCK` reaches anybody else: clones, who takes a descriptor, a child process, the terminal.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::everywhere;
use gaggle_net::{
    File, TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream, is_closed,
    pipe,
};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

mod common;

#[track_caller]
fn assert_blocks(fd: BorrowedFd<'_>) {
    // SAFETY: a number.
    let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) };
    assert!(flags >= 0 && flags & libc::O_NONBLOCK == 0, "{flags:#o}");
}

#[test]
fn what_carries_data_never_has_the_flag() {
    everywhere(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(b"!").unwrap();
        assert_eq!(server.read(&mut [0]).unwrap(), 1);
        assert_blocks(client.as_fd());
        assert_blocks(server.as_fd());
        assert_blocks(server.try_clone().unwrap().as_fd());
        assert_blocks(UdpSocket::bind("127.0.0.1:0").unwrap().as_fd());
        assert_blocks(UnixDatagram::pair().unwrap().0.as_fd());
        assert_blocks(UnixStream::pair().unwrap().0.as_fd());
        let (reader, writer) = pipe().unwrap();
        (&writer).write_all(b"!").unwrap();
        assert_eq!((&reader).read(&mut [0]).unwrap(), 1);
        assert_blocks(OwnedFd::from(reader).as_fd());
        assert_blocks(OwnedFd::from(writer).as_fd());
    });
}

#[test]
fn who_takes_a_descriptor_gets_one_that_blocks() {
    everywhere(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_blocks(std::net::TcpListener::from(listener).as_fd());
        let (a, b) = UnixStream::pair().unwrap();
        let mut a = std::os::unix::net::UnixStream::from(a);
        assert_blocks(a.as_fd());
        (&b).write_all(b"!").unwrap();
        assert_eq!(a.read(&mut [0]).unwrap(), 1);
    });
}

/// U4: the flag is of what both stand for, so it is gone for the other, too, which must not block in the kernel.
#[test]
fn a_listener_beside_one_that_was_given_away_can_be_closed() {
    everywhere(|side| {
        let theirs = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let given = TcpListener::from(theirs.try_clone().unwrap());
        let kept = TcpListener::from(theirs);
        let given = OwnedFd::from(given);
        assert_blocks(given.as_fd());
        let closes = kept.try_clone().unwrap();
        let accepts = side.go(move || kept.accept().map(|_| ()));
        common::a_moment();
        closes.close().unwrap();
        assert!(is_closed(&accepts.join_soon().unwrap_err()));
    });
}

/// U4: the flag goes at any moment of an accept of the other's. One that has looked for it already does not find it gone
/// in the kernel, where it would wait until somebody comes.
#[test]
fn an_accept_under_way_is_over_before_the_flag_goes() {
    everywhere(|side| {
        for _ in 0..100 {
            let theirs = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let given = TcpListener::from(theirs.try_clone().unwrap());
            let kept = TcpListener::from(theirs);
            kept.set_nonblocking(true).unwrap();
            let (stop, begun) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
            let (stopped, begins) = (Arc::clone(&stop), Arc::clone(&begun));
            let accepts = side.go(move || {
                while stopped.load(Ordering::Relaxed) == 0 {
                    assert_eq!(kept.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
                    begins.fetch_add(1, Ordering::Relaxed);
                }
            });
            while begun.load(Ordering::Relaxed) < 10 {
                gaggle_sched::gosched();
            }
            assert_blocks(OwnedFd::from(given).as_fd());
            stop.store(1, Ordering::Relaxed);
            accepts.join_soon();
        }
    });
}

/// The other handle of a listener goes on without the flag.
#[test]
fn a_listener_that_was_given_away_still_accepts_here() {
    everywhere(|side| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let theirs = std::net::TcpListener::from(listener.try_clone().unwrap());
        assert_blocks(theirs.as_fd());
        let accepts = side.go(move || listener.accept().map(|_| ()));
        let _client = TcpStream::connect(addr).unwrap();
        accepts.join().unwrap();
        let _client = TcpStream::connect(addr).unwrap();
        theirs.accept().unwrap();
    });
}

/// A child that is given one end of a pair reads it as any program would.
#[test]
fn a_child_process_inherits_what_blocks() {
    everywhere(|_| {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut out, to) = pipe().unwrap();
        let mut child = Command::new("cat")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(to))
            .spawn()
            .unwrap();
        (&ours).write_all(b"through ").unwrap();
        gaggle_time::sleep(std::time::Duration::from_millis(2));
        (&ours).write_all(b"a child").unwrap();
        drop(ours);
        let mut all = String::new();
        out.read_to_string(&mut all).unwrap();
        assert_eq!(all, "through a child");
        assert!(gaggle_sched::syscall(|| child.wait()).unwrap().success());
    });
}

/// Standard input as a file: what it stands for is others', too.
#[test]
fn an_inherited_descriptor_keeps_its_flags() {
    everywhere(|_| {
        let (theirs, ours) = std::io::pipe().unwrap();
        let inherited = theirs.try_clone().unwrap(); // another number, one description
        let mut file = File::from(inherited);
        let mut writer = File::from(ours);
        writer.write_all(b"a line\n").unwrap();
        let mut line = [0; 7];
        file.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"a line\n");
        file.set_read_timeout(Some(std::time::Duration::from_millis(1))).unwrap();
        assert!(gaggle_net::is_timeout(&file.read(&mut line).unwrap_err()));
        assert_blocks(theirs.as_fd());
    });
}

#[test]
fn unix_listeners_lose_the_flag_too() {
    let path = std::env::temp_dir().join(format!("gaggle-flags-{}", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    assert_blocks(OwnedFd::from(listener).as_fd());
    std::fs::remove_file(path).unwrap();
}

/// A terminal belongs to the shell, too, and a FIFO to whoever opened it: the flag is not theirs to find.
#[test]
fn a_terminal_and_a_fifo_never_get_the_flag() {
    everywhere(|_| {
        let (master, slave) = terminal();
        let shells = slave.try_clone().unwrap();
        let (mut tty, mut keyboard) = (File::from(slave), File::from(master));
        waits_reads_and_writes(&mut tty, &mut keyboard);
        assert_blocks(shells.as_fd());

        let path = std::env::temp_dir().join(format!("gaggle-fifo-{}", std::process::id()));
        let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: a string that ends.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let both = std::fs::File::options().read(true).write(true).open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        let others = both.try_clone().unwrap();
        let (mut one, mut other) = (File::from(both.try_clone().unwrap()), File::from(both));
        waits_reads_and_writes(&mut one, &mut other);
        assert_blocks(others.as_fd());
    });
}

/// A FIFO takes a page at a time: more than it holds arrives whole, though writing waits for reading.
#[test]
fn more_than_a_fifo_holds_arrives() {
    everywhere(|side| {
        let path = std::env::temp_dir().join(format!("gaggle-fifo2-{}", std::process::id()));
        let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: a string that ends.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let hold = std::fs::File::options().read(true).write(true).open(&path).unwrap();
        let mut reader = File::from(std::fs::File::open(&path).unwrap());
        let mut writer = File::from(std::fs::File::options().write(true).open(&path).unwrap());
        std::fs::remove_file(path).unwrap();
        drop(hold);
        let data: Vec<u8> = (0..300_000_u32).map(|byte| byte as u8).collect();
        let sent = data.clone();
        let writes = side.go(move || writer.write_all(&sent).unwrap());
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        writes.join();
        assert_eq!(all, data);
    });
}

/// U3, U4: what a terminal has room for is never less than it is given: it would wait in the kernel for somebody to read.
#[test]
fn a_write_to_a_terminal_that_nobody_reads_can_be_ended() {
    everywhere(|side| {
        for text in ["x".repeat(20_000), "a line\tof a table\r\n".repeat(1000)] {
            let (master, slave) = terminal();
            let tty = Arc::new(File::from(slave));
            tty.set_write_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
            let (its, what) = (Arc::clone(&tty), text.clone());
            let writes = side.go(move || (&*its).write_all(what.as_bytes()));
            assert!(gaggle_net::is_timeout(&writes.join_soon().unwrap_err()));
            tty.set_write_timeout(None).unwrap();
            let its = Arc::clone(&tty);
            let writes = side.go(move || (&*its).write_all(text.as_bytes()));
            common::a_moment();
            tty.close().unwrap();
            assert!(is_closed(&writes.join_soon().unwrap_err()));
            drop(master);
        }
    });
}

fn waits_reads_and_writes(reader: &mut File, writer: &mut File) {
    reader.set_read_timeout(Some(std::time::Duration::from_millis(1))).unwrap();
    assert!(gaggle_net::is_timeout(&reader.read(&mut [0]).unwrap_err()));
    reader.set_read_timeout(None).unwrap();
    writer.write_all(b"a line\n").unwrap();
    let mut line = [0; 7];
    reader.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"a line\n");
}

/// A terminal's two ends: who sits there, and who runs in it.
fn terminal() -> (OwnedFd, OwnedFd) {
    let null = std::ptr::null_mut();
    let (mut master, mut slave) = (-1, -1);
    // SAFETY: two places for numbers; no name, no settings.
    let answer =
        unsafe { libc::openpty(&raw mut master, &raw mut slave, null, null.cast(), null.cast()) };
    assert_eq!(answer, 0);
    // SAFETY: just made, and ours.
    let master = unsafe { OwnedFd::from_raw_fd(master) };
    // SAFETY: as above.
    (master, unsafe { OwnedFd::from_raw_fd(slave) })
}
