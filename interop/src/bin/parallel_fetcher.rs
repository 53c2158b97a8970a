//! `parallel_fetcher FILE [SECONDS]`: fetches every URL of a list at once and prints each with its status as it
//! comes. After "Parallel URL fetcher" of document 1.

use gaggle_interop::{fetch_all, read_list};
use std::io::{Error, Result};
use std::path::Path;
use std::time::Duration;

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or_else(|| Error::other("usage: parallel_fetcher FILE [SECONDS]"))?;
    let seconds = args.next().and_then(|text| text.parse().ok()).unwrap_or(5.0);
    for fetched in fetch_all(read_list(Path::new(&file))?, Duration::from_secs_f64(seconds)) {
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
