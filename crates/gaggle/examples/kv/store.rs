//! What is stored: strings and lists, in shards with a lock each.

use super::Mutex;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;

const SHARDS: usize = 64;

enum Value {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
}

type Shard = Mutex<HashMap<Vec<u8>, Value>>;

pub(crate) struct Store([Shard; SHARDS]);

impl Default for Store {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(HashMap::new())))
    }
}

type Output = Vec<u8>;

fn say(output: &mut Output, text: &str) {
    output.extend_from_slice(text.as_bytes());
    output.extend_from_slice(b"\r\n");
}

fn say_number(output: &mut Output, number: i64) {
    let _ = write!(output, ":{number}\r\n"); // a vector takes everything
}

fn say_text(output: &mut Output, text: &[u8]) {
    let _ = write!(output, "${}\r\n", text.len()); // as above
    output.extend_from_slice(text);
    output.extend_from_slice(b"\r\n");
}

const WRONG: &str = "-WRONGTYPE Operation against a key holding the wrong kind of value";

impl Store {
    fn shard(&self, key: &[u8]) -> &Shard {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        &self.0[hasher.finish() as usize % SHARDS]
    }

    /// Does what `words` say and writes the answer.
    pub(crate) fn execute(&self, words: &[&[u8]], output: &mut Output) {
        let Some((name, words)) = words.split_first() else { return };
        match (&*name.to_ascii_uppercase(), words) {
            (b"PING", []) => say(output, "+PONG"),
            (b"PING" | b"ECHO", [text]) => say_text(output, text),
            (b"SET", [key, value]) => {
                self.shard(key).lock().insert(key.to_vec(), Value::Text(value.to_vec()));
                say(output, "+OK");
            }
            (b"GET", [key]) => self.get(key, output),
            (b"DEL", keys) => {
                let gone = keys.iter().filter(|key| self.shard(key).lock().remove(**key).is_some());
                say_number(output, gone.count() as i64);
            }
            (b"INCR", [key]) => self.increment(key, output),
            (b"LPUSH", [key, values @ ..]) if !values.is_empty() => self.push(key, values, output),
            (b"LLEN", [key]) => self.length(key, output),
            (b"CONFIG" | b"COMMAND", _) => say(output, "*0"),
            _ => say(output, "-ERR unknown command or wrong number of arguments"),
        }
    }

    fn get(&self, key: &[u8], output: &mut Output) {
        match self.shard(key).lock().get(key) {
            Some(Value::Text(text)) => say_text(output, text),
            Some(Value::List(_)) => say(output, WRONG),
            None => say(output, "$-1"),
        }
    }

    fn increment(&self, key: &[u8], output: &mut Output) {
        let mut shard = self.shard(key).lock();
        let value = shard.entry(key.to_vec()).or_insert_with(|| Value::Text(b"0".to_vec()));
        let Value::Text(text) = value else { return say(output, WRONG) };
        let number: Option<i64> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        match number.and_then(|number| number.checked_add(1)) {
            Some(number) => {
                *text = number.to_string().into_bytes();
                say_number(output, number);
            }
            None => say(output, "-ERR value is not an integer or out of range"),
        }
    }

    fn push(&self, key: &[u8], values: &[&[u8]], output: &mut Output) {
        let mut shard = self.shard(key).lock();
        let value = shard.entry(key.to_vec()).or_insert_with(|| Value::List(VecDeque::new()));
        let Value::List(list) = value else { return say(output, WRONG) };
        values.iter().for_each(|value| list.push_front(value.to_vec()));
        say_number(output, list.len() as i64);
    }

    fn length(&self, key: &[u8], output: &mut Output) {
        match self.shard(key).lock().get(key) {
            Some(Value::List(list)) => say_number(output, list.len() as i64),
            Some(Value::Text(_)) => say(output, WRONG),
            None => say_number(output, 0),
        }
    }
}
