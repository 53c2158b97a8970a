//! The first wait of a process that has no descriptors left for the poller. One test: there is one first wait.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{a_moment, run};
use gaggle_gopark::{self as gopark, Task};
use gaggle_net::{UnixStream, is_timeout};
use std::io::{Read, Write};
use std::panic::Location;
use std::time::Duration;

mod common;

#[test]
fn the_first_wait_of_all_needs_no_descriptor() {
    common::watch();
    run(|| {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        theirs.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let mut taken = Vec::new();
        while let Ok(file) = std::fs::File::open("/dev/null") {
            taken.push(file);
        }
        let writes = move || {
            a_moment();
            theirs.write_all(b"!").unwrap();
            assert!(is_timeout(&theirs.read(&mut [0]).unwrap_err()));
            drop(taken.pop()); // for the poller there must be two
            a_moment();
            drop(taken);
            a_moment();
            theirs.write_all(b"?").unwrap();
        };
        gopark::spawn(Task::new(writes), Location::caller());
        assert_eq!(ours.read(&mut [0]).unwrap(), 1);
        assert_eq!(ours.read(&mut [0]).unwrap(), 1);
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
    });
}
