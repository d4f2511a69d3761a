//! Finds stop strings in a text that arrives in pieces, and never lets a part of one out.

/// Holds back the end of the text as long as it could be the beginning of a stop string.
#[derive(Debug, Default)]
pub(crate) struct StopFilter {
    stops: Vec<String>,
    held: String,
}

/// What a new piece of text led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// This text may be shown, possibly none yet.
    Text(String),
    /// A stop string was found; this is the last text before it.
    Stopped(String),
}

impl StopFilter {
    /// Empty stop strings would end every answer at once, so they are left out.
    pub(crate) fn new(stops: &[String]) -> Self {
        let stops = stops.iter().filter(|stop| !stop.is_empty()).cloned().collect();
        Self { stops, held: String::new() }
    }

    /// Takes the next piece and gives what is certain not to belong to a stop string.
    pub(crate) fn push(&mut self, piece: &str) -> Passed {
        self.held.push_str(piece);
        let found = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min();
        if let Some(start) = found {
            self.held.truncate(start);
            return Passed::Stopped(std::mem::take(&mut self.held));
        }
        let certain = self.held.len() - self.longest_open_end();
        let rest = self.held.split_off(certain);
        Passed::Text(std::mem::replace(&mut self.held, rest))
    }

    /// What was held back when the model ended by itself: no stop string came of it.
    pub(crate) fn finish(self) -> String {
        self.held
    }

    /// Length of the longest end of the held text that begins a stop string.
    fn longest_open_end(&self) -> usize {
        self.stops.iter().map(|stop| open_end(&self.held, stop)).max().unwrap_or(0)
    }
}

/// Length of the longest end of `text` that is a proper beginning of `stop`.
fn open_end(text: &str, stop: &str) -> usize {
    stop.char_indices()
        .map(|(length, _)| length)
        .rev()
        .find(|length| text.ends_with(&stop[..*length]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let stops: Vec<String> = stops.iter().map(ToString::to_string).collect();
        let mut filter = StopFilter::new(&stops);
        let mut shown = String::new();
        for piece in pieces {
            match filter.push(piece) {
                Passed::Text(text) => shown.push_str(&text),
                Passed::Stopped(text) => return (shown + &text, true),
            }
        }
        (shown + &filter.finish(), false)
    }

    #[test]
    fn stop_strings_are_found_within_and_across_pieces() {
        for (stops, pieces, shown, stopped) in [
            (&["\n\n"][..], &["one\n", "\ntwo"][..], "one", true),
            (&["END"], &["the E", "N", "D of it"], "the ", true),
            (&["END"], &["the EN", "TRY"], "the ENTRY", false),
            (&["END"], &["the EN"], "the EN", false),
            (&["END", "the"], &["at the END"], "at ", true),
            (&["aab"], &["aa", "ab"], "a", true),
            (&["für"], &["da f", "ü", "r mich"], "da ", true),
            (&[""], &["all of it"], "all of it", false),
            (&[], &["all ", "of it"], "all of it", false),
        ] {
            let expected = (shown.to_owned(), stopped);
            assert_eq!(run(stops, pieces), expected, "{stops:?} {pieces:?}");
        }
    }

    proptest! {
        /// However the text is cut, the answer is the text before the first stop string.
        #[test]
        fn cutting_does_not_matter(text in "[abü]{0,24}", stop in "[abü]{1,4}", cuts in proptest::collection::vec(0usize..24, 0..6)) {
            let mut pieces = vec![];
            let mut rest = text.as_str();
            for cut in cuts {
                let at = rest.char_indices().map(|(index, _)| index).nth(cut).unwrap_or(0);
                let (piece, tail) = rest.split_at(at);
                pieces.push(piece);
                rest = tail;
            }
            pieces.push(rest);
            let expected = text.split(&stop).next().unwrap_or_default().to_owned();
            let (shown, stopped) = run(&[&stop], &pieces);
            prop_assert_eq!(shown, expected);
            prop_assert_eq!(stopped, text.contains(&stop));
        }
    }
}
