//! What the mock model is asked to do, as the text of a question.

use std::{fmt, time::Duration};

/// An order to the mock model. It travels as the question, so it reaches the mock unchanged on both
/// ways: directly, and through a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// Tokens of the answer.
    pub(crate) tokens: usize,
    /// Time to think before the head of the answer.
    pub(crate) delay: Duration,
    /// Time between two tokens of a stream; zero sends all as fast as they are taken.
    pub(crate) pace: Duration,
    /// Never to end the answer. Without a stream: never to begin it.
    pub(crate) hangs: bool,
}

impl Script {
    /// An answer of so many tokens, at once.
    pub(crate) fn tokens(tokens: usize) -> Self {
        Self { tokens, ..Self::default() }
    }

    /// One token, and no end.
    pub(crate) fn hang() -> Self {
        Self { hangs: true, ..Self::tokens(1) }
    }

    /// The order in the text of a message; what is not spelt out is zero.
    pub(crate) fn read(text: &str) -> Self {
        let number = |name: &str| -> u64 {
            let words = text.split_whitespace();
            let mut values = words.filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            values.next_back().and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        Self {
            tokens: usize::try_from(number("tokens")).unwrap_or(0),
            delay: Duration::from_millis(number("delay")),
            pace: Duration::from_millis(number("pace")),
            hangs: number("hangs") != 0,
        }
    }

    /// The token at `place`.
    pub(crate) fn token(place: usize) -> String {
        format!("token{place} ")
    }

    /// The whole answer.
    pub(crate) fn answer(self) -> String {
        (0..self.tokens).map(Self::token).collect()
    }
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tokens, delay, pace, hangs } = self;
        let (delay, pace) = (delay.as_millis(), pace.as_millis());
        write!(formatter, "tokens={tokens} delay={delay} pace={pace} hangs={}", u8::from(*hangs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_survives_its_way_through_a_prompt() {
        let script = Script {
            tokens: 7,
            delay: Duration::from_millis(20),
            pace: Duration::from_millis(5),
            hangs: true,
        };
        assert_eq!(Script::read(&format!("Follow this script. {script}")), script);
        assert_eq!(Script::read("no order at all"), Script::default());
        assert_eq!(Script::tokens(2).answer(), "token0 token1 ");
    }
}
