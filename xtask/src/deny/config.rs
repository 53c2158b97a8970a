//! The part of `deny.toml` that our own check obeys.
//!
//! A reader for that one file: tables, and keys whose values are texts or lists of texts. A list that we need and
//! do not find is an error, never an empty list.

/// What is allowed and what is refused.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) licences: Vec<String>,
    pub(crate) refuse_unused_licences: bool,
    pub(crate) refuse_wildcards: bool,
    pub(crate) banned: Vec<String>,
    pub(crate) registries: Vec<String>,
}

impl Config {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let keys = keys(text)?;
        let list = |name: &str| {
            let found = keys.iter().find(|key| key.0 == name);
            found.map(|key| key.1.clone()).ok_or_else(|| format!("deny.toml: {name} is missing"))
        };
        let denied = |name: &str| list(name).map(|values| values == ["deny"]);
        for name in ["sources.unknown-registry", "sources.unknown-git"] {
            if !denied(name)? {
                return Err(format!(
                    "deny.toml: {name} must be \"deny\", our check knows no other"
                ));
            }
        }
        Ok(Self {
            licences: list("licenses.allow")?,
            refuse_unused_licences: denied("licenses.unused-allowed-license")?,
            refuse_wildcards: denied("bans.wildcards")?,
            banned: list("bans.deny")?,
            registries: list("sources.allow-registry")?,
        })
    }
}

/// Every key as `table.key` with the texts of its value.
fn keys(text: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut found = Vec::new();
    let mut table = String::new();
    let mut lines = text.lines().map(without_comment).enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.trim().clone_into(&mut table);
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(format!("deny.toml:{}: neither a table nor a key", index + 1));
        };
        let mut value = value.trim().to_owned();
        while value.starts_with('[') && !value.ends_with(']') {
            let Some((_, more)) = lines.next() else {
                return Err(format!("deny.toml:{}: the list has no end", index + 1));
            };
            value.push_str(more.trim());
        }
        // Texts stand between quotes: every second piece.
        let texts = value.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        found.push((format!("{table}.{}", key.trim()), texts));
    }
    Ok(found)
}

/// The line up to a `#` that stands outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::Config;

    const FILE: &str = include_str!("../../../deny.toml");

    #[test]
    fn the_file_in_the_root_is_read() {
        let config = Config::parse(FILE).unwrap();
        assert!(config.licences.iter().any(|id| id == "MIT"));
        assert!(config.licences.iter().any(|id| id == "Apache-2.0"));
        assert_eq!(config.registries, ["https://github.com/rust-lang/crates.io-index"]);
        assert!(config.refuse_wildcards && config.refuse_unused_licences);
    }

    #[test]
    fn a_missing_list_is_an_error() {
        for name in ["allow = [", "wildcards =", "deny = [", "allow-registry ="] {
            let broken = FILE.replacen(name, &format!("other-{name}"), 1);
            let error = Config::parse(&broken).unwrap_err();
            assert!(error.contains("is missing"), "{name}: {error}");
        }
    }

    #[test]
    fn unknown_sources_may_not_be_allowed() {
        let broken = FILE.replace("unknown-git = \"deny\"", "unknown-git = \"allow\"");
        assert!(Config::parse(&broken).unwrap_err().contains("unknown-git"));
    }
}
