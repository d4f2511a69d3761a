//! Cuts a byte stream into lines, wherever its pieces end.

use flowstone_core::{Error, Result};

/// Longest line in bytes: far above any real one, far below what hurts.
const LONGEST: usize = 16 * 1024 * 1024;

/// Whole lines of a byte stream. A line may end with LF, CR or CRLF.
///
/// Lines stay bytes: a piece may end inside a character, a line never does.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    buffer: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Up to here no line end was found.
    searched: usize,
    /// The last line ended with CR at the very end of what had come: a LF may follow.
    after_return: bool,
}

impl Lines {
    /// Takes the next piece of the stream.
    ///
    /// # Errors
    /// `Transport` where a line has no end.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<()> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        if self.buffer.len() + piece.len() > LONGEST {
            let said = format!("the stream has a line of more than {LONGEST} bytes");
            return Err(Error::Transport(said));
        }
        let follows_return =
            std::mem::take(&mut self.after_return) && piece.first() == Some(&b'\n');
        self.buffer.extend_from_slice(&piece[usize::from(follows_return)..]);
        Ok(())
    }

    /// The next whole line without its end, where one has come.
    pub(crate) fn next_line(&mut self) -> Option<&[u8]> {
        let unsearched = &self.buffer[self.searched..];
        let Some(length) = unsearched.iter().position(|it| matches!(it, b'\n' | b'\r')) else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + length;
        let mut next = end + 1;
        if self.buffer[end] == b'\r' {
            match self.buffer.get(next) {
                Some(b'\n') => next += 1,
                Some(_) => {}
                None => self.after_return = true,
            }
        }
        let line = self.start..end;
        self.start = next;
        self.searched = next;
        Some(&self.buffer[line])
    }

    /// What came after the last line end: the last line of a stream that does not end with one.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines of a text that comes in pieces of `size` bytes, the rest as the last.
    fn cut(text: &str, size: usize) -> Vec<String> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            lines.feed(piece).unwrap();
            while let Some(line) = lines.next_line() {
                found.push(String::from_utf8(line.to_vec()).unwrap());
            }
        }
        found.push(String::from_utf8(lines.rest().to_vec()).unwrap());
        found
    }

    #[test]
    fn lines_are_the_same_wherever_the_pieces_end() {
        let text = "žluť\r\noučký\n\nkůň 🐎\r\r\nend";
        for size in 1..text.len() {
            assert_eq!(cut(text, size), ["žluť", "oučký", "", "kůň 🐎", "", "end"], "{size}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        let piece = vec![b'x'; 1024 * 1024];
        let failed = (0..20).any(|_| lines.feed(&piece).is_err());
        assert!(failed);
        assert!(lines.buffer.len() <= LONGEST);
    }
}
