//! TCP: who listens, and a connection.

mod listener;
mod split;
mod stream;

pub use listener::{Incoming, TcpListener};
pub use split::{ReadHalf, WriteHalf};
pub use stream::TcpStream;
