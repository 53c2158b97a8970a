//! Time limits of a socket that comes from somebody else or goes there. Std leaves them to the kernel; here they are
//! numbers beside the descriptor, because its calls never wait in the kernel.

use super::{Fd, Kind};
use core::time::Duration;
use gaggle_netpoll::Mode;
use socket2::SockRef;
use std::os::fd::{AsFd, OwnedFd};

/// What the kernel takes for no limit is zero, and it counts microseconds: a limit below stays one, as in std.
const SHORTEST: Duration = Duration::from_micros(1);

/// The limits of reading and of writing; none if it is no socket that carries data.
pub(crate) struct Limits(Option<[Option<Duration>; 2]>);

impl Fd {
    fn has_limits(&self) -> bool {
        matches!(self.kind, Kind::TcpStream | Kind::Socket)
    }

    /// The limits that others have set are ours from now on. The kernel keeps its own: others may share them.
    pub(crate) fn adopt_limits(&self) {
        if !self.has_limits() {
            return;
        }
        // An error says that there are none: then there is nothing to adopt.
        let _ = self.with(|fd| {
            let socket = SockRef::from(&fd);
            self.set_timeout(Mode::Read, socket.read_timeout()?)?;
            self.set_timeout(Mode::Write, socket.write_timeout()?)
        });
    }

    /// Its limits, for who takes it away.
    pub(crate) fn limits(&self) -> Limits {
        let both = [Mode::Read, Mode::Write]
            .map(|mode| self.timeout(mode).map(|limit| limit.max(SHORTEST)));
        Limits(self.has_limits().then_some(both))
    }
}

impl Limits {
    /// Has the kernel keep them for `socket`.
    pub(crate) fn hand_over(&self, socket: &OwnedFd) {
        let Some([read, write]) = self.0 else { return };
        let fd = socket.as_fd();
        let socket = SockRef::from(&fd);
        // The kernel counts in its own ticks: what is the same is left alone. Errors: there are no limits.
        if socket.read_timeout().is_ok_and(|its| its != read) {
            let _ = socket.set_read_timeout(read);
        }
        if socket.write_timeout().is_ok_and(|its| its != write) {
            let _ = socket.set_write_timeout(write);
        }
    }
}
