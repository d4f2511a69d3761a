//! Server-sent events of an answer, each of a limited size.

use bytes::Bytes;
use flowstone_core::{Error, Result};
use flowstone_providers::http::Response;
use futures::{StreamExt, stream, stream::BoxStream};
use sse_stream::{Error as SseError, Sse, SseStream};

/// Longest event, in bytes.
pub(crate) const LONGEST: usize = 4 * 1024 * 1024;

/// The events of `response`.
pub(crate) fn of(response: Response) -> BoxStream<'static, Result<Sse, SseError>> {
    let pieces = stream::unfold((response, Measure::default(), false), |state| async move {
        let (mut response, mut measure, over) = state;
        if over {
            return None;
        }
        let piece: Result<Bytes> = match response.chunk().await {
            Ok(None) => return None,
            Ok(Some(piece)) if measure.fits(&piece) => Ok(piece),
            Ok(Some(_)) => Err(Error::Transport(format!(
                "an event of {} is longer than {LONGEST} bytes",
                response.place()
            ))),
            Err(error) => Err(error),
        };
        let over = piece.is_err();
        Some((piece, (response, measure, over)))
    });
    SseStream::from_bytes_stream(Box::pin(pieces)).boxed()
}

/// How much of an event has come so far.
#[derive(Default)]
struct Measure {
    event: usize,
    line: usize,
}

impl Measure {
    /// Counts a piece; false once an event is too long.
    fn fits(&mut self, piece: &[u8]) -> bool {
        for byte in piece {
            match byte {
                b'\r' => {}
                b'\n' => {
                    // An empty line ends an event.
                    if self.line == 0 {
                        self.event = 0;
                    }
                    self.line = 0;
                }
                _ => {
                    self.line += 1;
                    self.event += 1;
                }
            }
            if self.event > LONGEST {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_event_is_limited() {
        let mut measure = Measure::default();
        let half = vec![b'x'; LONGEST / 2 + 1];
        for _ in 0..4 {
            assert!(measure.fits(b"data: ") && measure.fits(&half) && measure.fits(b"\r\n\r\n"));
        }
        assert!(measure.fits(&half) && measure.fits(b"\n"));
        assert!(!measure.fits(&half));
    }
}
