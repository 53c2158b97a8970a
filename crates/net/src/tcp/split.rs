//! The halves of a TCP connection, for two goroutines.

use crate::tcp::TcpStream;
use std::io::{IoSlice, IoSliceMut, Read, Result, Write};
use std::net::Shutdown;

/// The half that reads.
#[derive(Debug)]
pub struct ReadHalf(TcpStream);

/// The half that writes. Dropping it ends its direction: the peer reads the end.
#[derive(Debug)]
pub struct WriteHalf(TcpStream);

impl ReadHalf {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    /// The whole connection.
    pub fn stream(&self) -> &TcpStream {
        &self.0
    }
}

impl WriteHalf {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    /// The whole connection.
    pub fn stream(&self) -> &TcpStream {
        &self.0
    }
}

impl Drop for WriteHalf {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Write); // an error says that it was over already
    }
}

impl Read for ReadHalf {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.0.read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.0.read_vectored(bufs)
    }
}

impl Write for WriteHalf {
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
