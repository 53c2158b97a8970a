//! A reader for JSON, as much of it as `cargo metadata` writes.
//!
//! 1. Reading never panics: malformed text is an `Err` that names the byte.
//! 2. A missing key or another type reads as nothing, so callers say what they need in one line.

/// One value.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// Numbers are kept as written: nobody here counts with them.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value()?;
        reader.space();
        if reader.at == text.len() { Ok(value) } else { reader.fail("end") }
    }

    /// The value of a key of an object.
    pub(crate) fn get(&self, key: &str) -> &Json {
        let Json::Object(pairs) = self else { return &Json::Null };
        pairs.iter().find(|pair| pair.0 == key).map_or(&Json::Null, |pair| &pair.1)
    }

    /// The text of a value that is text.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// The items of a list, none for anything else.
    pub(crate) fn items(&self) -> &[Json] {
        if let Json::List(items) = self { items } else { &[] }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, expected: &str) -> Result<T, String> {
        Err(format!("JSON: {expected} expected at byte {}", self.at))
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes `token` if it comes next, after any space.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self) -> Result<Json, String> {
        if self.take("{") {
            return self.object();
        }
        if self.take("[") {
            return self.list();
        }
        if self.take("\"") {
            return self.string().map(Json::Text);
        }
        for (word, value) in [("null", Json::Null), ("true", Json::Bool(true))] {
            if self.take(word) {
                return Ok(value);
            }
        }
        if self.take("false") { Ok(Json::Bool(false)) } else { self.number() }
    }

    fn number(&mut self) -> Result<Json, String> {
        let stop = |c: char| !c.is_ascii_digit() && !"+-.eE".contains(c);
        let length = self.rest().find(stop).unwrap_or(self.rest().len());
        let number = self.rest()[..length].to_owned();
        if number.parse::<f64>().is_err() {
            return self.fail("a value");
        }
        self.at += length;
        Ok(Json::Number(number))
    }

    fn list(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.take("]") {
                return Ok(Json::List(items));
            }
            if !self.take(",") {
                return self.fail("`,` or `]`");
            }
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut pairs = Vec::new();
        if self.take("}") {
            return Ok(Json::Object(pairs));
        }
        loop {
            if !self.take("\"") {
                return self.fail("a key");
            }
            let key = self.string()?;
            if !self.take(":") {
                return self.fail("`:`");
            }
            pairs.push((key, self.value()?));
            if self.take("}") {
                return Ok(Json::Object(pairs));
            }
            if !self.take(",") {
                return self.fail("`,` or `}`");
            }
        }
    }

    /// The rest of a string whose opening quote is taken.
    fn string(&mut self) -> Result<String, String> {
        let mut out = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else { return self.fail("`\"`") };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escape()?),
                _ => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let Some(c) = self.rest().chars().next() else { return self.fail("an escape") };
        self.at += c.len_utf8();
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let digits = self.rest().get(..4).unwrap_or_default();
                let Ok(code) = u32::from_str_radix(digits, 16) else { return self.fail("digits") };
                self.at += 4;
                // Halves of surrogate pairs occur in no name that we look at.
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn nested_values_are_found_by_key() {
        let text =
            r#"{"a": [1, {"b": "x\n\u0041\"é"}], "c": null, "d": [true, false], "e": -1.5e3}"#;
        let json = Json::parse(text).unwrap();
        assert_eq!(json.get("a").items()[1].get("b").text(), Some("x\nA\"é"));
        assert_eq!(json.get("d").items(), [Json::Bool(true), Json::Bool(false)]);
        assert_eq!(json.get("e"), &Json::Number("-1.5e3".to_owned()));
        assert_eq!(json.get("missing"), &Json::Null);
    }

    #[test]
    fn malformed_text_is_an_error_that_names_the_byte() {
        for text in ["", "{", "[1 2]", "{\"a\" 1}", "\"open", "nul", "[] []", "\"\\u12\""] {
            let error = Json::parse(text).unwrap_err();
            assert!(error.contains("expected at byte"), "{text:?}: {error}");
        }
    }
}
