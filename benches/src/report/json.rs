//! All samples as JSON, for tools that draw or compare, and for the book, which is written from it.

use crate::machine::Machine;
use crate::results::Results;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Written<'a> {
    machine: &'a Machine,
    results: &'a Results,
}

#[derive(Deserialize)]
struct Read {
    machine: Machine,
    results: Results,
}

/// A line for each row, so that two files can be compared.
pub(crate) fn render(machine: &Machine, results: &Results) -> Result<String, String> {
    let text = serde_json::to_string(&Written { machine, results });
    let text = text.map_err(|error| format!("JSON: {error}"))?;
    // Not within a text, where a quote has a backslash before it.
    Ok(text.replace("{\"shape\":", "\n{\"shape\":") + "\n")
}

pub(crate) fn read(text: &str) -> Result<(Machine, Results), String> {
    let read: Read = serde_json::from_str(text).map_err(|error| format!("JSON: {error}"))?;
    Ok((read.machine, read.results))
}

#[cfg(test)]
mod tests {
    use super::{read, render};
    use crate::machine::Machine;
    use crate::report::table::tests::results;

    #[test]
    fn what_is_written_is_read_again() {
        let machine = Machine { facts: vec![("CPU".to_owned(), "some \"{\"".to_owned())] };
        let mut before = results([1.0, 2.0], [3.0, 5.0]);
        before.add_limit("rmw", 5.4321);
        before.note("{\"shape\": a note\n".to_owned());
        let text = render(&machine, &before).unwrap();
        assert!(text.lines().count() > 1, "{text}");
        assert_eq!(read(&text), Ok((machine, before)));
        assert!(read("{}").is_err());
    }
}
