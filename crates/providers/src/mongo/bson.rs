//! BSON to and from JSON. What JSON has no word for is an object with one key, as MongoDB's extended
//! JSON writes it: `$oid` in hex, `$binary` in base64, `$date` in milliseconds.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// How deep documents may be.
const DEEPEST: usize = 100;

/// A document in BSON.
pub fn encoded(document: &Map<String, Value>) -> Vec<u8> {
    let pairs = document.iter().map(|(name, value)| (name.as_str(), value));
    wrapped(pairs)
}

/// The document at the beginning of the bytes, and how long it is; `None` where there is none.
pub fn decoded(bytes: &[u8]) -> Option<(Map<String, Value>, usize)> {
    let mut reader = Reader { rest: bytes, depth: 0 };
    let document = reader.document()?;
    let map = document.into_iter().collect();
    Some((map, bytes.len() - reader.rest.len()))
}

fn wrapped<'a>(pairs: impl Iterator<Item = (&'a str, &'a Value)>) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    for (name, value) in pairs {
        put(&mut bytes, name, value);
    }
    bytes.push(0);
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes
}

fn put(bytes: &mut Vec<u8>, name: &str, value: &Value) {
    let at = bytes.len();
    bytes.push(0);
    // A name ends at its first NUL, so it cannot hold one.
    bytes.extend(name.bytes().filter(|it| *it != 0));
    bytes.push(0);
    bytes[at] = match value {
        Value::Null => 0x0a,
        Value::Bool(it) => {
            bytes.push(u8::from(*it));
            0x08
        }
        Value::Number(number) => match number.as_i64() {
            Some(whole) => match i32::try_from(whole) {
                Ok(small) => {
                    bytes.extend(small.to_le_bytes());
                    0x10
                }
                Err(_) => {
                    bytes.extend(whole.to_le_bytes());
                    0x12
                }
            },
            None => {
                bytes.extend(number.as_f64().unwrap_or_default().to_le_bytes());
                0x01
            }
        },
        Value::String(text) => {
            text_into(bytes, text);
            0x02
        }
        Value::Array(list) => {
            let names: Vec<String> = (0..list.len()).map(|it| it.to_string()).collect();
            bytes.extend(wrapped(names.iter().map(String::as_str).zip(list)));
            0x04
        }
        Value::Object(map) => match special(map) {
            Some((kind, content)) => {
                bytes.extend(content);
                kind
            }
            None => {
                bytes.extend(encoded(map));
                0x03
            }
        },
    };
}

fn text_into(bytes: &mut Vec<u8>, text: &str) {
    let length = i32::try_from(text.len() + 1).unwrap_or(i32::MAX);
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.push(0);
}

/// The type and the content of what JSON has no word for.
fn special(map: &Map<String, Value>) -> Option<(u8, Vec<u8>)> {
    let (name, value) = map.iter().next().filter(|_| map.len() == 1)?;
    match name.as_str() {
        "$oid" => {
            let id = hex::decode(value.as_str()?).ok().filter(|it| it.len() == 12)?;
            Some((0x07, id))
        }
        "$binary" => {
            let content = STANDARD.decode(value.as_str()?).ok()?;
            let mut bytes = i32::try_from(content.len()).ok()?.to_le_bytes().to_vec();
            bytes.push(0);
            bytes.extend(content);
            Some((0x05, bytes))
        }
        "$date" => Some((0x09, value.as_i64()?.to_le_bytes().to_vec())),
        _ => None,
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(i32::from_le_bytes(self.fixed()?)).ok()
    }

    fn name(&mut self) -> Option<String> {
        let end = self.rest.iter().position(|it| *it == 0)?;
        let name = String::from_utf8_lossy(self.take(end)?).into_owned();
        self.take(1)?;
        Some(name)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?.checked_sub(1)?;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Some(text)
    }

    fn document(&mut self) -> Option<Vec<(String, Value)>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let length = self.length()?.checked_sub(4)?;
        let body = self.take(length)?;
        let mut inner = Reader { rest: body, depth: self.depth };
        let mut pairs = Vec::new();
        loop {
            let [kind] = inner.fixed()?;
            if kind == 0 {
                break;
            }
            let name = inner.name()?;
            pairs.push((name, inner.value(kind)?));
        }
        self.depth -= 1;
        Some(pairs)
    }

    fn value(&mut self, kind: u8) -> Option<Value> {
        Some(match kind {
            0x01 => f64::from_le_bytes(self.fixed()?).into(),
            0x02 | 0x0d | 0x0e => self.text()?.into(),
            0x03 => Value::Object(self.document()?.into_iter().collect()),
            0x04 => self.document()?.into_iter().map(|it| it.1).collect(),
            0x05 => {
                let length = self.length()?;
                self.take(1)?;
                json!({ "$binary": STANDARD.encode(self.take(length)?) })
            }
            0x07 => json!({ "$oid": hex::encode(self.fixed::<12>()?) }),
            0x08 => (self.fixed::<1>()? != [0]).into(),
            0x09 => json!({ "$date": i64::from_le_bytes(self.fixed()?) }),
            0x06 | 0x0a | 0x7f | 0xff => Value::Null,
            0x0b => {
                let (pattern, options) = (self.name()?, self.name()?);
                json!({ "$regex": pattern, "$options": options })
            }
            0x10 => i32::from_le_bytes(self.fixed()?).into(),
            0x11 | 0x12 => i64::from_le_bytes(self.fixed()?).into(),
            // A number of 34 digits: not as a number, so that none is lost.
            0x13 => json!({ "$decimal": hex::encode(self.fixed::<16>()?) }),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn bytes_are_those_of_the_specification() {
        // The examples of bsonspec.org.
        let hello = encoded(&document(&json!({"hello": "world"})));
        assert_eq!(hex::encode(hello), "160000000268656c6c6f0006000000776f726c640000");
        let mixed = encoded(&document(&json!({"BSON": ["awesome", 5.05, 1986]})));
        let expected = "310000000442534f4e002600000002300008000000617765736f6d65000131003333333333\
                        331440103200c20700000000";
        assert_eq!(hex::encode(mixed), expected);
    }

    #[test]
    fn what_is_written_is_read() {
        let all = document(&json!({
            "null": null, "yes": true, "small": -3, "large": 5_000_000_000_i64, "half": 0.5,
            "text": "kůň 🐎", "list": [1, [2], {"a": {}}], "id": {"$oid": "0123456789abcdef01234567"},
            "bytes": {"$binary": "AAEC"}, "day": {"$date": 1_700_000_000_000_i64},
        }));
        let bytes = encoded(&all);
        assert_eq!(decoded(&bytes), Some((all, bytes.len())));
    }

    #[test]
    fn broken_bytes_are_refused() {
        let bytes = encoded(&document(&json!({"a": {"b": [1, "x"]}})));
        for cut in 0..bytes.len() {
            assert_eq!(decoded(&bytes[..cut]), None);
        }
        assert_eq!(decoded(&[0xff; 64]), None);
        let mut deep = json!({});
        for _ in 0..200 {
            deep = json!({ "a": deep });
        }
        assert_eq!(decoded(&encoded(&document(&deep))), None);
    }
}
