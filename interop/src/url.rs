//! URLs, as far as these programs need them.

use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::net::Ipv6Addr;
use std::time::Duration;

/// How it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Over TCP.
    Http,
    /// Over TLS.
    Https,
}

/// What is asked of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// How.
    pub scheme: Scheme,
    /// Who.
    pub host: String,
    /// Where.
    pub port: u16,
    /// What, with the query.
    pub path: String,
}

impl Url {
    /// Takes `text` apart.
    ///
    /// # Errors
    ///
    /// If it is no URL of `http` or `https`.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_interop::{Scheme, Url};
    /// let url = Url::parse("https://example.com:8443/a?b").unwrap();
    /// assert_eq!((url.scheme, &*url.host, url.port, &*url.path), (Scheme::Https, "example.com", 8443, "/a?b"));
    /// assert_eq!(Url::parse("http://[::1]:8080").unwrap().to_string(), "http://[::1]:8080/");
    /// assert_eq!(Url::parse("HTTP://example.com#top").unwrap().to_string(), "http://example.com:80/");
    /// assert!(Url::parse("gopher://example.com").is_err());
    /// assert!(Url::parse("http://[::1").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Url> {
        let wrong = |why: &str| Error::new(ErrorKind::InvalidInput, why.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("no scheme"))?;
        let rest = rest.split('#').next().unwrap_or_default(); // a fragment is not asked for
        let (scheme, port) = match &*scheme.to_ascii_lowercase() {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            _ => return Err(wrong("unsupported protocol scheme")),
        };
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let path = if path.starts_with('?') { format!("/{path}") } else { path.to_owned() };
        if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("a path of other than printable characters"));
        }
        let (host, digits) = split(authority).ok_or_else(|| wrong("no host"))?;
        let port = match digits {
            Some(digits) => digits.parse().map_err(|_| wrong("invalid port"))?,
            None => port,
        };
        Ok(Url { scheme, host: host.to_owned(), port, path })
    }
}

impl Url {
    /// Host and port, as a request names them.
    pub fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// A name or an address, and what stands behind a colon after it.
fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match port {
            "" => Some((host, None)),
            _ => Some((host, Some(port.strip_prefix(':')?))),
        };
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_of_a_name)).then_some((host, port))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.scheme == Scheme::Https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// What stands on the command line, `FILE [SECONDS]`: the lines of the file that are not empty and no comments, and a
/// limit of time. A line that is no text is one, too: a URL that cannot be fetched.
///
/// # Errors
///
/// If the file cannot be read, or if that is no time.
pub fn arguments(program: &str) -> Result<(Vec<String>, Duration)> {
    let wrong = || Error::other(format!("usage: {program} FILE [SECONDS]"));
    let mut args = std::env::args_os().skip(1);
    let bytes = std::fs::read(args.next().ok_or_else(wrong)?)?;
    let seconds = match args.next() {
        Some(text) => text.to_str().and_then(|text| text.parse().ok()).ok_or_else(wrong)?,
        None => 5.0,
    };
    let limit = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok((lines.map(str::to_owned).collect(), limit))
}
