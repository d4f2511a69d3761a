//! Server-sent events as vendors send them (WHATWG HTML, section 9.2).

use flowstone_core::Result;

use crate::lines::Lines;

/// Events of a stream, parsed as their bytes come.
#[derive(Debug, Default)]
pub(crate) struct SseParser {
    lines: Lines,
    data: Vec<u8>,
    /// The event at hand was given out: its data goes before the next begins.
    given: bool,
    begun: bool,
}

impl SseParser {
    /// Takes the next piece of the stream.
    ///
    /// # Errors
    /// As [`Lines::feed`].
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<()> {
        self.lines.feed(piece)
    }

    /// The data of the next whole event, where one has come. Comments and events without data are
    /// left out.
    pub(crate) fn next_data(&mut self) -> Option<&[u8]> {
        if std::mem::take(&mut self.given) {
            self.data.clear();
        }
        while let Some(line) = self.lines.next_line() {
            let line = if std::mem::replace(&mut self.begun, true) {
                line
            } else {
                line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
            };
            if line.is_empty() {
                if self.data.pop().is_some() {
                    self.given = true;
                    return Some(&self.data);
                }
            } else {
                take_field(&mut self.data, line);
            }
        }
        None
    }

    /// The data of an event that the end of the stream cut short of its blank line.
    pub(crate) fn last_data(&mut self) -> Option<&[u8]> {
        if std::mem::take(&mut self.given) {
            self.data.clear();
        }
        take_field(&mut self.data, self.lines.rest());
        self.data.pop()?;
        Some(&self.data)
    }
}

/// Adds a `data` line, with a line feed that the last one loses again.
fn take_field(data: &mut Vec<u8>, line: &[u8]) {
    let Some(value) = line.strip_prefix(b"data") else { return };
    let value = match value.split_first() {
        None => value,
        Some((b':', value)) => value.strip_prefix(b" ").unwrap_or(value),
        Some(_) => return,
    };
    data.extend_from_slice(value);
    data.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str, size: usize) -> Vec<String> {
        let mut parser = SseParser::default();
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            parser.feed(piece).unwrap();
            while let Some(data) = parser.next_data() {
                found.push(String::from_utf8(data.to_vec()).unwrap());
            }
        }
        if let Some(data) = parser.last_data() {
            found.push(String::from_utf8(data.to_vec()).unwrap());
        }
        found
    }

    #[test]
    fn every_oddity_of_the_format_is_read_wherever_the_pieces_end() {
        let stream = concat!(
            "\u{feff}data: first\n\n",
            ": a comment\n\n",
            "event: named\r\ndata:no space\r\n\r\n",
            "data: two\ndata: lines\n\n",
            "id: 1\nretry: 10\n\n",
            "data\n\n",
            "data:  žluťoučký 🐎\r\r",
            "database: no field\n\n",
            "data: [DONE]",
        );
        let expected = ["first", "no space", "two\nlines", "", " žluťoučký 🐎", "[DONE]"];
        for size in 1..stream.len() {
            assert_eq!(events(stream, size), expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_stream_that_ends_well_has_no_last_event() {
        assert_eq!(events("data: a\n\n", 100), ["a"]);
        assert!(events("", 1).is_empty());
    }
}
