//! `web_checker FILE [SECONDS]`: asks every URL of a list at once and prints a table of status and time, in
//! the list's order. A redirect is an answer, and not followed. After "A Practical Example: Concurrent Web Checker" of document 3.

use gaggle_interop::{arguments, fetch_all};
use std::collections::HashMap;
use std::io::Result;

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let (urls, limit) = arguments("web_checker")?;
    let results = fetch_all(urls.clone(), limit);
    let mut rows: HashMap<String, String> = HashMap::new();
    let mut up = 0;
    for fetched in results {
        let time = fetched.time.as_secs_f64() * 1e3;
        let row = match fetched.outcome {
            Ok((status, _)) => {
                up += 1;
                format!("{status:<6} {time:>9.1} ms")
            }
            Err(error) => format!("{:<6} {time:>9.1} ms  {error}", "down"),
        };
        rows.insert(fetched.url, row);
    }
    for url in &urls {
        println!("{url:<40} {}", rows.get(url).map_or("", |row| row));
    }
    println!("{up} up, {} down", urls.len() - up);
    Ok(())
}
