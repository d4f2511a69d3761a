//! Amazon's binary framing of streams
//! (<https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html>): each message is its
//! length, the length of its headers, a check of both, the headers, the payload and a check of all.

use flowstone_core::{Error, Result};

/// Longest message, in bytes; Amazon's own limit is 16 MiB.
const LONGEST: usize = 16 * 1024 * 1024;
/// Before the headers, and around everything.
const PRELUDE: usize = 12;
const FRAME: usize = 16;

/// A message: its headers that are text, and its payload.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    headers: Vec<(String, String)>,
    /// What it says.
    pub(super) payload: Vec<u8>,
}

impl Message {
    /// A header, such as `:event-type`.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// Takes bytes as they come and gives whole messages.
#[derive(Default)]
pub(super) struct Frames {
    held: Vec<u8>,
}

impl Frames {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next message, once all of it is there.
    pub(super) fn next(&mut self) -> Result<Option<Message>> {
        let Some(length) = number(&self.held, 0) else { return Ok(None) };
        if !(FRAME..=LONGEST).contains(&length) {
            return Err(broken());
        }
        if self.held.len() < length {
            return Ok(None);
        }
        let rest = self.held.split_off(length);
        let frame = std::mem::replace(&mut self.held, rest);
        let headers = number(&frame, 4).ok_or_else(broken)?;
        let all = frame.get(PRELUDE..length - 4).ok_or_else(broken)?;
        let (headers, payload) = all.split_at_checked(headers).ok_or_else(broken)?;
        Ok(Some(Message { headers: texts(headers)?, payload: payload.to_vec() }))
    }

    /// Whether nothing of a message is left over.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

fn broken() -> Error {
    Error::Transport("Amazon's stream is broken: a message does not fit its frame".to_owned())
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// The headers that hold text; others are passed over.
fn texts(mut bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(broken)?;
        let (kind, rest) = rest.split_first().ok_or_else(broken)?;
        let size = match kind {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            9 => 16,
            6 | 7 => {
                let (two, _) = rest.split_first_chunk::<2>().ok_or_else(broken)?;
                2 + usize::from(u16::from_be_bytes(*two))
            }
            _ => return Err(broken()),
        };
        let (value, rest) = rest.split_at_checked(size).ok_or_else(broken)?;
        if *kind == 7 {
            let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
            found.push((text(name), text(&value[2..])));
        }
        bytes = rest;
    }
    Ok(found)
}

/// A message as Amazon frames it; its checks are left empty, as nobody here reads them.
#[cfg(test)]
pub(super) fn framed(event: &str, kind: &str, payload: &str) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [(":message-type", kind), (":event-type", event)] {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend(name.bytes());
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend(value.bytes());
    }
    let length = FRAME + headers.len() + payload.len();
    let mut frame = u32::try_from(length).unwrap().to_be_bytes().to_vec();
    frame.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(headers);
    frame.extend(payload.bytes());
    frame.extend([0; 4]);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_whole_however_the_bytes_come() {
        let bytes = [framed("a", "event", "{}"), framed("b", "event", "[1]")].concat();
        for size in [1, 7, bytes.len()] {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for piece in bytes.chunks(size) {
                frames.feed(piece);
                while let Some(message) = frames.next().unwrap() {
                    let event = message.header(":event-type").unwrap().to_owned();
                    seen.push((event, String::from_utf8(message.payload).unwrap()));
                }
            }
            let expected = [("a", "{}"), ("b", "[1]")];
            assert_eq!(seen, expected.map(|(a, b)| (a.to_owned(), b.to_owned())), "{size}");
            assert!(frames.is_empty());
        }
    }

    #[test]
    fn frames_that_lie_are_refused() {
        for (at, value) in [(0, 3_u32), (0, u32::MAX), (4, 5000)] {
            let mut bytes = framed("a", "event", "{}");
            bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
            let mut frames = Frames::default();
            frames.feed(&bytes);
            assert!(frames.next().is_err(), "{at} {value}");
        }
    }
}
