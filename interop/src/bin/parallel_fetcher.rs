//! `parallel_fetcher FILE [SECONDS]`: fetches every URL of a list at once and prints each with its status as it
//! comes. After "Parallel URL fetcher" of document 1.

use gaggle_interop::{arguments, fetch_all};
use std::io::Result;

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let (urls, limit) = arguments("parallel_fetcher")?;
    for fetched in fetch_all(urls, limit) {
        let time = fetched.time.as_millis();
        match fetched.outcome {
            Ok((status, length)) => {
                println!("{:<40} {status} {length} bytes {time} ms", fetched.url)
            }
            Err(error) => println!("{:<40} err: {error} {time} ms", fetched.url),
        }
    }
    Ok(())
}
