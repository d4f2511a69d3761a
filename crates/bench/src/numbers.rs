//! Numbers and words that look like chance and are always the same.

/// A sequence from a seed other than zero (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// The next, below `limit`.
    pub(crate) fn below(&mut self, limit: u16) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u16::try_from((self.0 >> 40) % u64::from(limit.max(1))).unwrap_or_default()
    }

    /// The next, from -1 to 1.
    pub(crate) fn signed(&mut self) -> f32 {
        f32::from(self.below(u16::MAX)) / 32_767.0 - 1.0
    }

    /// A made-up word.
    pub(crate) fn word(&mut self) -> String {
        const PARTS: [&str; 16] = [
            "ba", "den", "fi", "gor", "hal", "ki", "lum", "mer", "no", "pra", "ri", "sol", "te",
            "ul", "ver", "zo",
        ];
        (0..=self.below(3)).map(|_| PARTS[usize::from(self.below(16))]).collect()
    }

    /// A sentence of made-up words.
    pub(crate) fn sentence(&mut self) -> String {
        let words: Vec<String> = (0..6 + self.below(12)).map(|_| self.word()).collect();
        format!("{}. ", words.join(" "))
    }

    /// Paragraphs of made-up words, `bytes` long or a little longer.
    pub(crate) fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 1000);
        while text.len() < bytes {
            for _ in 0..2 + self.below(6) {
                text.push_str(&self.sentence());
            }
            text.push_str(if self.below(4) == 0 { "\n" } else { "\n\n" });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_text() {
        let text = Numbers(5).text(3_000);
        assert_eq!(text, Numbers(5).text(3_000));
        assert!(text.len() >= 3_000 && text.contains("\n\n"));
        let numbers: Vec<f32> = std::iter::repeat_with(|| Numbers(7).signed()).take(3).collect();
        assert!(numbers.iter().all(|it| (-1.0..=1.01).contains(it)), "{numbers:?}");
    }
}
