//! All samples as JSON, for tools that draw or compare.

use crate::machine::Machine;
use crate::results::{Results, Row};

pub(super) fn render(machine: &Machine, results: &Results) -> String {
    let facts = machine.facts.iter().map(|(name, fact)| pair(name, &string(fact)));
    let rows = results.rows.iter().map(row);
    let failures = results.failures.iter().map(|it| {
        object([
            pair("shape", &string(it.shape)),
            pair("procs", &it.procs.to_string()),
            pair("side", &string(it.side)),
            pair("error", &string(&it.words)),
        ])
    });
    let whole = object([
        pair("machine", &object(facts)),
        pair("rows", &array(rows)),
        pair("failures", &array(failures)),
        pair("notes", &array(results.notes.iter().map(|note| string(note)))),
    ]);
    format!("{whole}\n")
}

fn row(row: &Row) -> String {
    let sides = row.sides.iter().map(|(name, samples)| {
        let list = |values: &[f64]| array(values.iter().map(|&value| number(value)));
        let lists = [pair("values", &list(&samples.values)), pair("cpu", &list(&samples.cpu))];
        pair(name, &object(lists))
    });
    let others = row.sides.keys().filter(|name| **name != "gaggle");
    let ratios = others.filter_map(|name| Some(pair(name, &number(row.ratio(name)?))));
    object([
        pair("shape", &string(row.shape)),
        pair("figure", &string(&row.figure)),
        pair("unit", &string(row.unit.word())),
        pair("procs", &row.procs.to_string()),
        pair("sides", &object(sides)),
        pair("ratios", &object(ratios)),
    ])
}

fn pair(key: &str, value: &str) -> String {
    format!("{}: {value}", string(key))
}

fn object(pairs: impl IntoIterator<Item = String>) -> String {
    format!("{{{}}}", joined(pairs))
}

fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", joined(values))
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(", ")
}

/// JSON has no word for what is not finite.
fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { "null".to_owned() }
}

fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{number, render, string};
    use crate::machine::Machine;
    use crate::report::table::tests::results;

    #[test]
    fn every_sample_is_kept() {
        let machine = Machine { facts: vec![("CPU", "some".to_owned())] };
        let text = render(&machine, &results([1.0, 2.0], [3.0, 5.0]));
        let row = "{\"shape\": \"s\", \"figure\": \"op\", \"unit\": \"ns\", \"procs\": 2, \"sides\": \
                   {\"gaggle\": {\"values\": [1.0000, 2.0000], \"cpu\": [1.0000, 2.0000]}, \
                   \"go\": {\"values\": [3.0000, 5.0000], \"cpu\": [3.0000, 5.0000]}}, \
                   \"ratios\": {\"go\": 0.3750}}";
        assert!(text.contains(row), "{text}");
    }

    #[test]
    fn text_is_quoted_and_what_is_not_finite_is_null() {
        assert_eq!(string("a\"\\\n\u{1}"), "\"a\\\"\\\\\\n\\u0001\"");
        assert_eq!(number(f64::NAN), "null");
    }
}
