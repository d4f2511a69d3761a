//! Vectors as one bit for each number, by which a long list is looked through quickly.

use crate::packed::Packed;

/// Bits of a word of a sketch.
const WORD: usize = 64;
/// How many vectors are compared before the next ones: their sums stay where they are at hand.
const BLOCK: usize = 256;

/// One bit for each number of each vector: whether it lies above the middle of all. Two vectors are
/// the nearer the more of their bits are equal.
#[derive(Default)]
pub(crate) struct Sketches {
    /// The middle of all vectors; empty while there are too few to need sketches.
    middle: Vec<f32>,
    /// The first words of all sketches, then the second ones, and so on: side by side they are
    /// compared several at a time.
    columns: Vec<Vec<u64>>,
}

impl Sketches {
    /// Those of all these vectors.
    pub(crate) fn of(vectors: &Packed) -> Self {
        let mut sums = vec![0.0_f64; vectors.dimension()];
        for at in 0..vectors.len() {
            for (sum, number) in sums.iter_mut().zip(vectors.unpacked(at)) {
                *sum += f64::from(number);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of vectors in memory")]
        let count = vectors.len() as f64;
        #[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
        let middle = sums.iter().map(|sum| (sum / count) as f32).collect();
        let columns = vec![Vec::new(); vectors.dimension().div_ceil(WORD)];
        let mut sketches = Self { middle, columns };
        for at in 0..vectors.len() {
            sketches.push(&vectors.unpacked(at));
        }
        sketches
    }

    pub(crate) fn push(&mut self, vector: &[f32]) {
        for (column, word) in self.columns.iter_mut().zip(sketch(vector, &self.middle)) {
            column.push(word);
        }
    }

    /// Puts one in the place of another.
    pub(crate) fn copy(&mut self, from: usize, to: usize) {
        for column in &mut self.columns {
            column[to] = column[from];
        }
    }

    pub(crate) fn truncate(&mut self, kept: usize) {
        for column in &mut self.columns {
            column.truncate(kept);
        }
        if kept == 0 {
            *self = Self::default();
        }
    }

    /// Which look nearest: `wanted` of them, and those that look as near as the last.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    pub(crate) fn nearest(&self, query: &[f32], wanted: usize) -> Vec<usize> {
        let apart = self.apart(query);
        // Four counts of each distance, since one that was just written cannot be read at once.
        let mut counts = vec![[0_u32; 4]; self.middle.len() + 1];
        for (at, it) in apart.iter().enumerate() {
            counts[*it as usize][at % 4] += 1;
        }
        let mut seen = 0;
        let reaches = |count: &[u32; 4]| {
            seen += count.iter().map(|it| *it as usize).sum::<usize>();
            seen >= wanted
        };
        let farthest = counts.iter().position(reaches).unwrap_or(self.middle.len());
        let mut near = Vec::with_capacity(seen);
        near.extend(
            apart.iter().enumerate().filter(|(_, it)| **it as usize <= farthest).map(|it| it.0),
        );
        near
    }

    /// In how many bits each differs from `query`.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    fn apart(&self, query: &[f32]) -> Vec<u32> {
        let words: Vec<u64> = sketch(query, &self.middle).collect();
        let count = self.columns.first().map_or(0, Vec::len);
        let different = |word: u64, other: u64| u64::from((word ^ other).count_ones());
        let mut apart = Vec::with_capacity(count);
        for begin in (0..count).step_by(BLOCK) {
            let block = begin..count.min(begin + BLOCK);
            let mut sums = [0_u64; BLOCK];
            for (columns, words) in self.columns.chunks(3).zip(words.chunks(3)) {
                if let ([a, b, c], [first, second, third]) = (columns, words) {
                    // Three in one go: the sums are fetched and put back less often.
                    let (a, b, c) = (&a[block.clone()], &b[block.clone()], &c[block.clone()]);
                    for (((sum, a), b), c) in sums.iter_mut().zip(a).zip(b).zip(c) {
                        *sum +=
                            different(*first, *a) + different(*second, *b) + different(*third, *c);
                    }
                    continue;
                }
                for (column, word) in columns.iter().zip(words) {
                    for (sum, other) in sums.iter_mut().zip(&column[block.clone()]) {
                        *sum += different(*word, *other);
                    }
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "a count of bits of a vector")]
            apart.extend(sums[..block.len()].iter().map(|it| *it as u32));
        }
        apart
    }
}

/// The sketch of a vector, word by word.
fn sketch(vector: &[f32], middle: &[f32]) -> impl Iterator<Item = u64> {
    let bits = vector.chunks(WORD).zip(middle.chunks(WORD));
    bits.map(|(vector, middle)| {
        let above = vector.iter().zip(middle).map(|(number, middle)| u64::from(number > middle));
        above.rev().fold(0, |word, bit| (word << 1) | bit)
    })
}
