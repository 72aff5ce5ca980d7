//! JSON from outside, read strictly: a key that stands twice is refused, not overwritten.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt::{self, Write};

/// Why a text was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// No JSON; line and column, from 1.
    Malformed {
        /// Line.
        line: usize,
        /// Column, in bytes.
        column: usize,
    },
    /// Nested deeper than 127 levels.
    TooDeep,
    /// A key stands twice in one object: the JSON pointer of the first such.
    Repeated(String),
}

/// Reads one value.
///
/// # Errors
/// [`Unread`].
pub fn read(text: &[u8]) -> Result<Value, Unread> {
    let (mut at, mut repeated) = (String::new(), None);
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict { at: &mut at, repeated: &mut repeated }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            // The kind is not public.
            if error.to_string().starts_with("recursion limit exceeded") {
                Unread::TooDeep
            } else {
                Unread::Malformed { line: error.line(), column: error.column() }
            }
        })?;
    repeated.map_or(Ok(value), |at| Err(Unread::Repeated(at)))
}

/// Reads a value that stands `at` a JSON pointer.
struct Strict<'a> {
    at: &'a mut String,
    repeated: &'a mut Option<String>,
}

impl Strict<'_> {
    fn below(&mut self) -> Strict<'_> {
        Strict { at: self.at, repeated: self.repeated }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        let length = self.at.len();
        loop {
            // Writing to a string does not fail.
            let _written = write!(self.at, "/{}", read.len());
            let item = items.next_element_seed(self.below())?;
            self.at.truncate(length);
            match item {
                Some(item) => read.push(item),
                None => return Ok(read.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        let length = self.at.len();
        while let Some(key) = fields.next_key::<String>()? {
            self.at.push('/');
            self.at.push_str(&key.replace('~', "~0").replace('/', "~1"));
            let value = fields.next_value_seed(self.below())?;
            if read.insert(key, value).is_some() && self.repeated.is_none() {
                *self.repeated = Some(self.at.clone());
            }
            self.at.truncate(length);
        }
        Ok(read.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_once_is_read_as_ever() {
        let text = r#" {"a": [1, -2, 2.5, true, null, "あ\n", {"b": {}, "a": []}], "a~/": 18446744073709551615} "#;
        assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_with_its_place() {
        for (text, at) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"a":1,"\u0061":2}"#, "/a"),
            (r#"{"x":[{}, {"k":{"a~/":1,"b":2,"a~/":3}}],"x":1}"#, "/x/1/k/a~0~1"),
        ] {
            assert_eq!(read(text.as_bytes()), Err(Unread::Repeated(at.into())), "{text}");
        }
    }

    #[test]
    fn depth_has_a_limit_and_the_rest_is_malformed() {
        assert!(read(&nested(127)).is_ok());
        assert_eq!(read(&nested(128)), Err(Unread::TooDeep));
        assert_eq!(read("[".repeat(100_000).as_bytes()), Err(Unread::TooDeep));
        for text in ["", "{", "{} {}", "{\"a\":\"\u{1}\"}", r#"{"a":"\ud800"}"#, "1e999"] {
            assert!(matches!(read(text.as_bytes()), Err(Unread::Malformed { .. })), "{text}");
        }
        assert!(matches!(read(b"\"\xff\""), Err(Unread::Malformed { line: 1, .. })));
    }

    fn nested(depth: usize) -> Vec<u8> {
        ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes()
    }
}
