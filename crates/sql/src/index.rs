//! The vectors of a collection in memory, and which of them are nearest.
//!
//! A long list is first looked through by sketches, one bit for each number, and only what looks
//! near is compared number by number. A short list, or one that a filter has made short, is
//! compared whole.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashSet},
};

use pulp::Arch;

/// Shorter lists are compared whole: that takes less than a millisecond.
const WHOLE: usize = 4_096;
/// How many look near enough to be compared: this many at least, so many for each that is wanted,
/// and this share of the list. Where vectors lie in clusters, these hold more than 99 of 100 that
/// are nearest (`docs/performance.md`).
const LEAST_COMPARED: usize = 600;
const COMPARED_FOR_EACH: usize = 60;
const COMPARED_SHARE: usize = 32;
/// Bits of a word of a sketch.
const WORD: usize = 64;

/// Vectors of length one, each with the place of its document in the file.
#[derive(Default)]
pub(crate) struct Index {
    dimension: usize,
    places: Vec<i64>,
    vectors: Vec<f32>,
    sketches: Sketches,
}

/// A vector with how near it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    /// Higher is nearer.
    pub(crate) score: f32,
    /// The place of its document in the file.
    pub(crate) place: i64,
    /// Where it stands in the list.
    pub(crate) at: usize,
}

impl Eq for Scored {}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scored {
    /// The worst first, so that a heap gives it up first; of equals that which came later.
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.place.cmp(&other.place))
    }
}

impl Index {
    /// How many vectors there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// How many numbers each has; zero while there is none.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Adds a vector of length one.
    pub(crate) fn push(&mut self, place: i64, vector: &[f32]) {
        self.dimension = vector.len();
        self.places.push(place);
        self.vectors.extend_from_slice(vector);
        // What the middle of all vectors is becomes known while they come in.
        if self.len() >= WHOLE && self.len().is_power_of_two() {
            self.sketches = Sketches::of(&self.vectors, self.dimension);
        } else {
            self.sketches.push(vector);
        }
    }

    /// Removes the vectors of some places.
    pub(crate) fn remove(&mut self, gone: &HashSet<i64>) {
        if gone.is_empty() {
            return;
        }
        let dimension = self.dimension;
        let mut kept = 0;
        for at in 0..self.places.len() {
            if gone.contains(&self.places[at]) {
                continue;
            }
            self.places[kept] = self.places[at];
            self.vectors.copy_within(at * dimension..(at + 1) * dimension, kept * dimension);
            self.sketches.copy(at, kept);
            kept += 1;
        }
        self.places.truncate(kept);
        self.vectors.truncate(kept * dimension);
        self.sketches.truncate(kept);
        if kept == 0 {
            self.dimension = 0;
        }
    }

    /// The `k` nearest to a vector of length one, nearest first, of those that `only` names.
    pub(crate) fn nearest(
        &self,
        query: &[f32],
        k: usize,
        only: Option<&HashSet<i64>>,
    ) -> Vec<Scored> {
        let wanted = k
            .saturating_mul(COMPARED_FOR_EACH)
            .max(LEAST_COMPARED)
            .max(self.len() / COMPARED_SHARE);
        let arch = Arch::new();
        if only.is_none() && self.len() > WHOLE && wanted < self.len() / 2 {
            let near = arch.dispatch(|| self.sketches.nearest(query, wanted));
            return arch.dispatch(|| self.best(query, k, near.into_iter()));
        }
        let allowed =
            (0..self.len()).filter(|at| only.is_none_or(|only| only.contains(&self.places[*at])));
        arch.dispatch(|| self.best(query, k, allowed))
    }

    /// Of what is near, one after the other what is near and unlike those that were taken.
    pub(crate) fn diverse(&self, mut near: Vec<Scored>, k: usize, lambda: f32) -> Vec<Scored> {
        let mut taken: Vec<Scored> = Vec::new();
        while taken.len() < k && !near.is_empty() {
            let worth = |it: &Scored| {
                let alike = taken.iter().map(|one| dot(self.vector(it.at), self.vector(one.at)));
                let most_alike = alike.fold(f32::NEG_INFINITY, f32::max);
                let penalty = if taken.is_empty() { 0.0 } else { (1.0 - lambda) * most_alike };
                lambda * it.score - penalty
            };
            let mut best = (0, f32::NEG_INFINITY);
            for (at, it) in near.iter().enumerate() {
                let worth = worth(it);
                if worth > best.1 {
                    best = (at, worth);
                }
            }
            taken.push(near.remove(best.0));
        }
        taken
    }

    fn vector(&self, at: usize) -> &[f32] {
        &self.vectors[at * self.dimension..(at + 1) * self.dimension]
    }

    /// The `k` nearest of some.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    fn best(&self, query: &[f32], k: usize, some: impl Iterator<Item = usize>) -> Vec<Scored> {
        let mut best: BinaryHeap<Scored> = BinaryHeap::new();
        for at in some {
            let scored = Scored { score: dot(query, self.vector(at)), place: self.places[at], at };
            if best.len() < k {
                best.push(scored);
            } else if best.peek().is_some_and(|worst| scored < *worst) {
                best.pop();
                best.push(scored);
            }
        }
        best.into_sorted_vec()
    }
}

/// One bit for each number of each vector: whether it lies above the middle of all. Two vectors are
/// the nearer the more of their bits are equal.
#[derive(Default)]
struct Sketches {
    /// The middle of all vectors; empty while there are too few to need sketches.
    middle: Vec<f32>,
    /// The first words of all sketches, then the second ones, and so on: side by side they are
    /// compared several at a time.
    columns: Vec<Vec<u64>>,
}

impl Sketches {
    fn of(vectors: &[f32], dimension: usize) -> Self {
        let mut sums = vec![0.0_f64; dimension];
        for vector in vectors.chunks_exact(dimension) {
            for (sum, number) in sums.iter_mut().zip(vector) {
                *sum += f64::from(*number);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of vectors in memory")]
        let count = (vectors.len() / dimension) as f64;
        #[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
        let middle = sums.iter().map(|sum| (sum / count) as f32).collect();
        let columns = vec![Vec::new(); dimension.div_ceil(WORD)];
        let mut sketches = Self { middle, columns };
        for vector in vectors.chunks_exact(dimension) {
            sketches.push(vector);
        }
        sketches
    }

    fn push(&mut self, vector: &[f32]) {
        for (column, word) in self.columns.iter_mut().zip(sketch(vector, &self.middle)) {
            column.push(word);
        }
    }

    fn copy(&mut self, from: usize, to: usize) {
        for column in &mut self.columns {
            column[to] = column[from];
        }
    }

    fn truncate(&mut self, kept: usize) {
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
    fn nearest(&self, query: &[f32], wanted: usize) -> Vec<usize> {
        let words: Vec<u64> = sketch(query, &self.middle).collect();
        let mut apart = vec![0_u64; self.columns.first().map_or(0, Vec::len)];
        let different = |word: u64, other: u64| u64::from((word ^ other).count_ones());
        for (columns, words) in self.columns.chunks(3).zip(words.chunks(3)) {
            if let ([a, b, c], [first, second, third]) = (columns, words) {
                // Three in one go: the sums are fetched and put back less often.
                for (((apart, a), b), c) in apart.iter_mut().zip(a).zip(b).zip(c) {
                    *apart +=
                        different(*first, *a) + different(*second, *b) + different(*third, *c);
                }
                continue;
            }
            for (column, word) in columns.iter().zip(words) {
                for (apart, other) in apart.iter_mut().zip(column) {
                    *apart += different(*word, *other);
                }
            }
        }
        let mut counts = vec![0_usize; self.middle.len() + 1];
        for it in &apart {
            counts[usize::try_from(*it).unwrap_or_default()] += 1;
        }
        let mut seen = 0;
        let reaches = |count: &usize| {
            seen += count;
            seen >= wanted
        };
        let farthest = counts.iter().position(reaches).unwrap_or(self.middle.len());
        let near = apart.iter().enumerate().filter(|(_, it)| **it <= farthest as u64);
        near.map(|(at, _)| at).collect()
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

#[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Thirty-two sums side by side, which the compiler turns into wide instructions.
    let (mut sums, mut rest) = ([0.0_f32; 32], 0.0);
    let (a_wide, b_wide) = (a.chunks_exact(32), b.chunks_exact(32));
    for (a, b) in a_wide.remainder().iter().zip(b_wide.remainder()) {
        rest += a * b;
    }
    for (a, b) in a_wide.zip(b_wide) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    rest + sums.iter().sum::<f32>()
}

/// A vector in the same direction whose length is one.
pub(crate) fn of_length_one(vector: &[f32]) -> Vec<f32> {
    let length = dot(vector, vector).sqrt();
    let by = if length > 0.0 { length } else { 1.0 };
    vector.iter().map(|it| it / by).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMENSION: usize = 96;

    /// Numbers from -1 to 1, always the same for the same seed (xorshift).
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> f32 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            f32::from(u16::try_from(self.0 >> 48).unwrap()) / 32_768.0 - 1.0
        }

        fn vector(&mut self) -> Vec<f32> {
            (0..DIMENSION).map(|_| self.next()).collect()
        }

        /// A vector near one of the middles, all of which lie on one side of the origin.
        fn near(&mut self, middles: &[Vec<f32>], at: usize) -> Vec<f32> {
            let middle = &middles[at % middles.len()];
            of_length_one(
                &middle.iter().map(|it| it + 0.8 + 0.6 * self.next()).collect::<Vec<f32>>(),
            )
        }
    }

    fn filled(numbers: &mut Numbers, count: usize) -> (Index, Vec<Vec<f32>>) {
        let middles: Vec<Vec<f32>> = (0..40).map(|_| numbers.vector()).collect();
        let mut index = Index::default();
        for at in 0..count {
            index.push(i64::try_from(at).unwrap(), &numbers.near(&middles, at));
        }
        let queries = (0..25).map(|at| numbers.near(&middles, at)).collect();
        (index, queries)
    }

    fn exact(index: &Index, query: &[f32]) -> Vec<Scored> {
        index.best(query, 10, 0..index.len())
    }

    #[test]
    fn a_long_list_gives_what_comparing_all_of_it_gives() {
        let (mut index, queries) = filled(&mut Numbers(7), 10_000);
        let recall = |index: &Index| {
            let found = queries.iter().map(|query| {
                let found = index.nearest(query, 10, None);
                assert!(found.is_sorted(), "nearest first");
                exact(index, query).iter().filter(|it| found.contains(it)).count()
            });
            found.sum::<usize>()
        };
        assert!(recall(&index) >= 248, "{} of 250", recall(&index));
        // Sketches stay with their vectors.
        index.remove(&(0..10_000).filter(|it| it % 7 == 0).collect());
        assert!(recall(&index) >= 248, "{} of 250 after removing", recall(&index));
    }

    #[test]
    fn a_filter_makes_the_list_short_and_exact() {
        let (index, queries) = filled(&mut Numbers(9), 5_000);
        let only: HashSet<i64> = (0..5_000).filter(|it| it % 50 == 3).collect();
        let found = index.nearest(&queries[0], 10, Some(&only));
        let all = index.best(&queries[0], 5_000, 0..index.len());
        let expected: Vec<Scored> =
            all.into_iter().filter(|it| only.contains(&it.place)).take(10).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_emptied_list_takes_vectors_of_another_length() {
        let (mut index, _) = filled(&mut Numbers(3), 4_200);
        index.remove(&(0..4_200).collect());
        assert_eq!((index.len(), index.dimension()), (0, 0));
        index.push(1, &[0.6, 0.8]);
        index.push(2, &[1.0, 0.0]);
        let found = index.nearest(&[1.0, 0.0], 1, None);
        assert_eq!(found.iter().map(|it| it.place).collect::<Vec<_>>(), [2]);
    }
}
