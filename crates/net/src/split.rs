//! The halves of a connection, for two goroutines.

use crate::tcp::TcpStream;
use crate::unix::UnixStream;
use std::io::{IoSlice, IoSliceMut, Read, Result, Write};
use std::net::Shutdown;

/// A connection that has halves.
pub trait Stream: Read + Write {
    /// The peer reads the end from now on.
    fn end_writes(&self);
}

impl Stream for TcpStream {
    fn end_writes(&self) {
        let _ = self.shutdown(Shutdown::Write); // an error says that it was over already
    }
}

impl Stream for UnixStream {
    fn end_writes(&self) {
        let _ = self.shutdown(Shutdown::Write); // as above
    }
}

/// The half that reads.
#[derive(Debug)]
pub struct ReadHalf<S: Stream = TcpStream>(S);

/// The half that writes. Dropping it ends its direction: the peer reads the end.
#[derive(Debug)]
pub struct WriteHalf<S: Stream = TcpStream>(S);

/// The halves of the connection that both are handles of.
pub(crate) fn halves<S: Stream>(one: S, other: S) -> (ReadHalf<S>, WriteHalf<S>) {
    (ReadHalf(one), WriteHalf(other))
}

impl<S: Stream> ReadHalf<S> {
    /// The whole connection.
    pub fn stream(&self) -> &S {
        &self.0
    }
}

impl<S: Stream> WriteHalf<S> {
    /// The whole connection.
    pub fn stream(&self) -> &S {
        &self.0
    }
}

impl<S: Stream> Drop for WriteHalf<S> {
    fn drop(&mut self) {
        self.0.end_writes();
    }
}

impl<S: Stream> Read for ReadHalf<S> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.0.read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.0.read_vectored(bufs)
    }
}

impl<S: Stream> Write for WriteHalf<S> {
    fn write(&mut self, buf: &[u8]) -> Result<usize> {
        self.0.write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}
