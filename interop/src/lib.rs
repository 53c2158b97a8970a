//! What the programs have in common: a list of URLs, and a client that fetches one.

mod fetch;
mod listen;
mod url;

pub use fetch::{Fetched, Fetcher, fetch_all};
pub use listen::{serve, serve_blocking};
pub use url::{Scheme, Url, arguments};
