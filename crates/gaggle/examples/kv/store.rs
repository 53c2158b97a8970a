//! What is stored: strings and lists, in shards with a lock each.

use super::Mutex;
use ahash::RandomState;
use std::collections::{HashMap, VecDeque};
use std::io::Write;

const SHARDS: usize = 64;

enum Value {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
}

type Shard = Mutex<HashMap<Vec<u8>, Value, RandomState>>;

pub(crate) struct Store {
    shards: [Shard; SHARDS],
    /// Seeded otherwise than the maps: the keys of one shard have these bits in common.
    chooser: RandomState,
}

impl Default for Store {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Shard::default());
        Self { shards, chooser: RandomState::new() }
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
        &self.shards[self.chooser.hash_one(key) as usize % SHARDS]
    }

    /// Does what `words` say and writes the answer.
    pub(crate) fn execute(&self, words: &[&[u8]], output: &mut Output) {
        let Some((name, words)) = words.split_first() else { return };
        match (&*name.to_ascii_uppercase(), words) {
            (b"PING", []) => say(output, "+PONG"),
            (b"PING" | b"ECHO", [text]) => say_text(output, text),
            (b"SET", [key, value]) => self.set(key, value, output),
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

    fn set(&self, key: &[u8], value: &[u8], output: &mut Output) {
        let mut shard = self.shard(key).lock();
        let value = Value::Text(value.to_vec());
        match shard.get_mut(key) {
            Some(old) => *old = value,
            None => _ = shard.insert(key.to_vec(), value),
        }
        say(output, "+OK");
    }

    fn increment(&self, key: &[u8], output: &mut Output) {
        let mut shard = self.shard(key).lock();
        let text = match shard.get_mut(key) {
            Some(Value::Text(text)) => text,
            Some(Value::List(_)) => return say(output, WRONG),
            None => {
                shard.insert(key.to_vec(), Value::Text(b"1".to_vec()));
                return say_number(output, 1);
            }
        };
        let number: Option<i64> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        match number.and_then(|number| number.checked_add(1)) {
            Some(number) => {
                text.clear();
                let _ = write!(text, "{number}"); // as above
                say_number(output, number);
            }
            None => say(output, "-ERR value is not an integer or out of range"),
        }
    }

    fn push(&self, key: &[u8], values: &[&[u8]], output: &mut Output) {
        let mut shard = self.shard(key).lock();
        let values = values.iter().map(|value| value.to_vec());
        match shard.get_mut(key) {
            Some(Value::List(list)) => {
                values.for_each(|value| list.push_front(value));
                say_number(output, list.len() as i64);
            }
            Some(Value::Text(_)) => say(output, WRONG),
            None => {
                let list: VecDeque<_> = values.rev().collect();
                say_number(output, list.len() as i64);
                shard.insert(key.to_vec(), Value::List(list));
            }
        }
    }

    fn length(&self, key: &[u8], output: &mut Output) {
        match self.shard(key).lock().get(key) {
            Some(Value::List(list)) => say_number(output, list.len() as i64),
            Some(Value::Text(_)) => say(output, WRONG),
            None => say_number(output, 0),
        }
    }
}
