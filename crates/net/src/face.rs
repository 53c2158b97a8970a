//! What every handle has: limits of time, closing, and the way from and to std and raw descriptors.

/// Implements it for `$name`, a struct of one field `fd: Arc<Fd>`,.
macro_rules! handle {
    ($name:ident) => {
        impl $name {
            /// Another handle of the same, which shares its settings and deadlines (no second
            /// descriptor is made).
            ///
            /// # Errors
            ///
            /// None; the signature is std's.
            pub fn try_clone(&self) -> std::io::Result<Self> {
                Ok(Self { fd: self.fd.clone() })
            }

            /// Closes it, whatever handles there are (Go: `Close`): who reads, writes or accepts now ends
            /// with `use of closed network connection`, and so does whoever comes later. It waits for
            /// nobody; the number is released with the last operation. Dropping the last handle closes,
            /// too.
            ///
            /// # Errors
            ///
            /// If it was closed.
            pub fn close(&self) -> std::io::Result<()> {
                self.fd.close()
            }
        }

        impl std::os::fd::AsFd for $name {
            /// # Panics
            ///
            /// If it was closed.
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.fd.show()
            }
        }

        impl std::os::fd::AsRawFd for $name {
            /// # Panics
            ///
            /// If it was closed.
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsRawFd::as_raw_fd(&self.fd.show())
            }
        }

        impl std::os::fd::IntoRawFd for $name {
            /// # Panics
            ///
            /// As for `OwnedFd::from`.
            fn into_raw_fd(self) -> std::os::fd::RawFd {
                std::os::fd::OwnedFd::from(self).into_raw_fd()
            }
        }

        impl std::os::fd::FromRawFd for $name {
            unsafe fn from_raw_fd(fd: std::os::fd::RawFd) -> Self {
                // SAFETY: the caller's promise.
                Self::from(unsafe { std::os::fd::OwnedFd::from_raw_fd(fd) })
            }
        }

        impl From<$name> for std::os::fd::OwnedFd {
            /// Gives the descriptor away, with its time limits, if it has any. It blocks like any other, as no call here
            /// gives it `O_NONBLOCK`, or leaves it there, but for `set_nonblocking`. If other handles share it, this is a second number for the same.
            ///
            /// # Panics
            ///
            /// If it was closed, or if the process has no number left for a second one.
            fn from(handle: $name) -> Self {
                handle.fd.into_owned()
            }
        }
    };
}

/// Deadlines and time limits, for what reads and writes.
macro_rules! limits {
    ($name:ident) => {
        impl $name {
            /// The most that one read may take, from its turn on; none is for ever.
            ///
            /// # Errors
            ///
            /// If it is zero.
            pub fn set_read_timeout(
                &self,
                timeout: Option<core::time::Duration>,
            ) -> std::io::Result<()> {
                self.fd.set_timeout(gaggle_netpoll::Mode::Read, timeout)
            }

            /// The most that one write may take, from its turn on; none is for ever. One that is ended so
            /// has written less, if it has written anything; it is `i/o timeout` if it has not, as in std.
            ///
            /// # Errors
            ///
            /// If it is zero.
            pub fn set_write_timeout(
                &self,
                timeout: Option<core::time::Duration>,
            ) -> std::io::Result<()> {
                self.fd.set_timeout(gaggle_netpoll::Mode::Write, timeout)
            }

            /// The most that one read may take.
            ///
            /// # Errors
            ///
            /// None; the signature is std's.
            pub fn read_timeout(&self) -> std::io::Result<Option<core::time::Duration>> {
                Ok(self.fd.timeout(gaggle_netpoll::Mode::Read))
            }

            /// The most that one write may take.
            ///
            /// # Errors
            ///
            /// None; the signature is std's.
            pub fn write_timeout(&self) -> std::io::Result<Option<core::time::Duration>> {
                Ok(self.fd.timeout(gaggle_netpoll::Mode::Write))
            }
        }

        crate::face::deadlines!($name);
    };
}

/// Deadlines, for whatever waits.
macro_rules! deadlines {
    ($name:ident) => {
        impl $name {
            /// When every read and write ends with `i/o timeout`: those that wait now, too, and those
            /// that come later, until it is set anew (Go: `SetDeadline`, SEMANTICS U3). None takes it away. It is an
            /// instant of `gaggle_time::now`, which is `Instant::now`'s but in a bubble and in a replayed run.
            ///
            /// # Errors
            ///
            /// If it is closed, or cannot be polled.
            pub fn set_deadline(&self, when: Option<std::time::Instant>) -> std::io::Result<()> {
                self.set_read_deadline(when)?;
                self.set_write_deadline(when)
            }

            /// As [`set_deadline`](Self::set_deadline), of reading, or accepting, alone.
            ///
            /// # Errors
            ///
            /// As there.
            pub fn set_read_deadline(
                &self,
                when: Option<std::time::Instant>,
            ) -> std::io::Result<()> {
                let when = when.map_or(gaggle_netpoll::NEVER, crate::fd::nanosecond);
                self.fd.set_deadline(gaggle_netpoll::Mode::Read, when)
            }

            /// As [`set_deadline`](Self::set_deadline), of writing alone.
            ///
            /// # Errors
            ///
            /// As there.
            pub fn set_write_deadline(
                &self,
                when: Option<std::time::Instant>,
            ) -> std::io::Result<()> {
                let when = when.map_or(gaggle_netpoll::NEVER, crate::fd::nanosecond);
                self.fd.set_deadline(gaggle_netpoll::Mode::Write, when)
            }

            /// Ends all that waits, or will, when `ctx` ends, as a deadline does; until the guard is
            /// dropped: deadlines that are set after it has ended count for nothing, and are none then. Of several, each
            /// that has ended and is not dropped ends them.
            ///
            /// # Errors
            ///
            /// If it is closed, or cannot be polled.
            pub fn end_with(
                &self,
                ctx: &gaggle_context::Context,
            ) -> std::io::Result<crate::ctx::EndsWith> {
                crate::ctx::EndsWith::new(self.fd.inner(), ctx)
            }
        }
    };
}

/// What std has for a socket of this kind, by borrowing it for one call.
macro_rules! by_std {
    ($name:ident, $std:ty; $($(#[$doc:meta])* $method:ident($($arg:ident: $type:ty),*) -> $ret:ty;)*) => {
        impl $name {
            fn with_std<T>(&self, f: impl FnOnce(&$std) -> std::io::Result<T>) -> std::io::Result<T> {
                self.fd.with(|fd| {
                    use std::os::fd::{AsRawFd, FromRawFd};
                    // SAFETY: In Use Is Open; it is borrowed, and not closed by this.
                    let std = unsafe { <$std>::from_raw_fd(fd.as_raw_fd()) };
                    f(&core::mem::ManuallyDrop::new(std))
                })
            }

            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// What the kernel says, or that it is closed.
                pub fn $method(&self $(, $arg: $type)*) -> std::io::Result<$ret> {
                    self.with_std(|std| std.$method($($arg),*))
                }
            )*
        }

        impl From<$std> for $name {
            /// Takes it over with its time limits, if it has any. One that was set nonblocking waits here, as a goroutine
            /// does; `set_nonblocking` of this type makes it say that it would.
            fn from(std: $std) -> Self {
                Self::from(std::os::fd::OwnedFd::from(std))
            }
        }

        impl From<$name> for $std {
            /// Its time limits, if it has any, go with it.
            ///
            /// # Panics
            ///
            /// As for `OwnedFd::from`.
            fn from(handle: $name) -> Self {
                Self::from(std::os::fd::OwnedFd::from(handle))
            }
        }
    };
}

/// A handle of a socket that carries data takes over a descriptor as it is.
macro_rules! from_owned {
    ($name:ident, $kind:expr) => {
        impl $name {
            /// Of one that the kernel has just made: it has no limits.
            #[allow(dead_code, reason = "not all are accepted")]
            pub(crate) fn fresh(fd: std::os::fd::OwnedFd) -> Self {
                Self { fd: crate::fd::Handle::new(fd, $kind) }
            }
        }

        impl From<std::os::fd::OwnedFd> for $name {
            /// Takes it over with its time limits, if it has any.
            fn from(fd: std::os::fd::OwnedFd) -> Self {
                let this = Self { fd: crate::fd::Handle::new(fd, $kind) };
                this.fd.adopt_limits();
                this
            }
        }
    };
}

/// One that accepts needs `O_NONBLOCK` meanwhile.
macro_rules! from_owned_listener {
    ($name:ident) => {
        impl From<std::os::fd::OwnedFd> for $name {
            fn from(fd: std::os::fd::OwnedFd) -> Self {
                let this = Self { fd: crate::fd::Handle::new(fd, crate::fd::Kind::Listener) };
                // It can only fail if the number is none, and then so does every call.
                let _ = this.fd.set_flag(true);
                this
            }
        }
    };
}

/// Whether calls wait.
macro_rules! nonblocking {
    ($name:ident) => {
        impl $name {
            /// Makes calls that would have to wait fail with `WouldBlock` instead, or wait again. As in
            /// std, whatever shares this socket learns of it: it sets `O_NONBLOCK`.
            ///
            /// # Errors
            ///
            /// What the kernel says, or that it is closed.
            pub fn set_nonblocking(&self, nonblocking: bool) -> std::io::Result<()> {
                self.fd.set_refuses(nonblocking);
                self.fd.with(|_| self.fd.set_flag(nonblocking))
            }
        }
    };
}

/// `std::io::Read` and `Write`, by value and by reference.
macro_rules! stream_io {
    ($($type:ty),*) => {$(
        impl std::io::Read for $type {
            fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
                self.fd.read(buf)
            }

            fn read_vectored(&mut self, bufs: &mut [std::io::IoSliceMut<'_>]) -> std::io::Result<usize> {
                self.fd.read_vectored(bufs)
            }
        }

        impl std::io::Write for $type {
            fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
                self.fd.write(buf)
            }

            fn write_vectored(&mut self, bufs: &[std::io::IoSlice<'_>]) -> std::io::Result<usize> {
                self.fd.write_vectored(bufs)
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
    )*};
}

pub(crate) use {
    by_std, deadlines, from_owned, from_owned_listener, handle, limits, nonblocking, stream_io,
};
