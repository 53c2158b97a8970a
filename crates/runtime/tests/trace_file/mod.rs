//! A trace's file, read back by what the format's document says it is.

use serde::Deserialize;
use std::collections::HashMap;

/// The file, as the format's document says it is: nothing else may be in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(rename = "displayTimeUnit")]
    pub(crate) unit: String,
    #[serde(rename = "traceEvents")]
    pub(crate) events: Vec<Event>,
}

#[allow(dead_code, reason = "fields are there to be demanded of the file")]
/// An event, by its phase; each with the fields that the format demands of it.
#[derive(Debug, Deserialize)]
#[serde(tag = "ph", deny_unknown_fields)]
pub(crate) enum Event {
    M {
        pid: u32,
        tid: u64,
        name: String,
        args: Named,
    },
    X {
        pid: u32,
        tid: u64,
        name: String,
        cat: String,
        ts: f64,
        dur: f64,
        args: Option<Args>,
    },
    #[serde(rename = "s")]
    From(Arrow),
    #[serde(rename = "f")]
    To(Arrow),
    #[serde(rename = "i")]
    Instant {
        pid: u32,
        tid: u64,
        name: String,
        cat: String,
        ts: f64,
        s: String,
        args: Option<Args>,
    },
    #[serde(rename = "b")]
    Begin {
        pid: u32,
        tid: u64,
        name: String,
        cat: String,
        ts: f64,
        id: u64,
        args: Args,
    },
    #[serde(rename = "e")]
    End {
        pid: u32,
        tid: u64,
        name: String,
        cat: String,
        ts: f64,
        id: u64,
        args: Args,
    },
}

pub(crate) type Args = HashMap<String, String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) name: String,
}

#[allow(dead_code, reason = "as above")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arrow {
    pub(crate) pid: u32,
    pub(crate) tid: u64,
    pub(crate) name: String,
    pub(crate) cat: String,
    pub(crate) ts: f64,
    pub(crate) id: u64,
    pub(crate) bp: Option<String>,
}

pub(crate) fn parse(bytes: &[u8]) -> File {
    let file: File = serde_json::from_slice(bytes).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(bytes).chars().take(500).collect::<String>())
    });
    assert_eq!(file.unit, "ns");
    file
}
