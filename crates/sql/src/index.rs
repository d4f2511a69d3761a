//! The vectors of a collection in memory, and which of them are nearest.
//!
//! A long list is looked through three times, each time more closely: by sketches, one bit for each
//! number; what looks near, by one byte for each number; and what is nearest then, by all that is
//! known. A short list, or one that a filter has made short, is compared whole.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashSet},
};

use pulp::{Arch, Simd, WithSimd};

use crate::{
    packed::{Packed, dot},
    sketches::Sketches,
};

/// Shorter lists are compared whole: that takes less than a millisecond.
const WHOLE: usize = 4_096;
/// Up to so many numbers in all a list is looked through at once, where no more is wanted than this.
const QUICK: usize = 20_000_000;
const QUICK_NEAREST: usize = 64;
/// How many look near enough to be compared by bytes: this many at least, so many for each that is
/// wanted, and this share of the list. Where vectors lie in clusters, these hold more than 99 of 100
/// that are nearest (`docs/performance.md`).
const LEAST_COMPARED: usize = 600;
const COMPARED_FOR_EACH: usize = 60;
const COMPARED_SHARE: usize = 32;
/// How many of these are then compared by all that is known: so many for each that is wanted, and
/// this many at least. A byte for each number errs by less than a hundredth of what vectors differ.
const LEAST_KEPT: usize = 40;
const KEPT_FOR_EACH: usize = 4;

/// Vectors of length one, each with the place of its document in the file.
#[derive(Default)]
pub(crate) struct Index {
    places: Vec<i64>,
    vectors: Packed,
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
        self.vectors.dimension()
    }

    /// Whether looking for so many takes less than a millisecond: other calls can wait for that, and
    /// handing it to another thread would cost more than it.
    pub(crate) fn is_quick(&self, k: usize) -> bool {
        self.vectors.numbers() <= QUICK && k <= QUICK_NEAREST
    }

    /// Adds a vector of length one.
    pub(crate) fn push(&mut self, place: i64, vector: &[f32]) {
        self.places.push(place);
        self.vectors.push(vector);
        // What the middle of all vectors is becomes known while they come in.
        if self.len() >= WHOLE && self.len().is_power_of_two() {
            self.sketches = Sketches::of(&self.vectors);
        } else {
            self.sketches.push(vector);
        }
    }

    /// Removes the vectors of some places.
    pub(crate) fn remove(&mut self, gone: &HashSet<i64>) {
        if gone.is_empty() {
            return;
        }
        let mut kept = 0;
        for at in 0..self.places.len() {
            if gone.contains(&self.places[at]) {
                continue;
            }
            self.places[kept] = self.places[at];
            self.vectors.copy(at, kept);
            self.sketches.copy(at, kept);
            kept += 1;
        }
        self.places.truncate(kept);
        self.vectors.truncate(kept);
        self.sketches.truncate(kept);
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
        let is_long = only.is_none() && self.len() > WHOLE && wanted < self.len() / 2;
        Arch::new().dispatch(Looking {
            index: self,
            query,
            k,
            only,
            wanted: is_long.then_some(wanted),
        })
    }

    /// Of what is near, one after the other what is near and unlike those that were taken.
    pub(crate) fn diverse(&self, near: Vec<Scored>, k: usize, lambda: f32) -> Vec<Scored> {
        let mut near: Vec<(Scored, Vec<f32>)> =
            near.into_iter().map(|it| (it, self.vectors.unpacked(it.at))).collect();
        let mut taken: Vec<(Scored, Vec<f32>)> = Vec::new();
        while taken.len() < k && !near.is_empty() {
            let worth = |(it, vector): &(Scored, Vec<f32>)| {
                let alike = taken.iter().map(|(_, other)| dot(vector, other));
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
        taken.into_iter().map(|it| it.0).collect()
    }

    /// The `k` nearest of some.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    fn best(&self, query: &[f32], k: usize, some: impl Iterator<Item = usize>) -> Vec<Scored> {
        let mut best: BinaryHeap<Scored> = BinaryHeap::new();
        for at in some {
            let score = self.vectors.dot(query, at);
            let scored = Scored { score, place: self.places[at], at };
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

/// A search, in the widest instructions of this machine.
struct Looking<'a> {
    index: &'a Index,
    query: &'a [f32],
    k: usize,
    only: Option<&'a HashSet<i64>>,
    /// How many of a long list are compared more closely; `None` where all are.
    wanted: Option<usize>,
}

impl WithSimd for Looking<'_> {
    type Output = Vec<Scored>;

    /// Not a closure, which would not take on the instructions of its caller.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<Scored> {
        let Self { index, query, k, only, wanted } = self;
        if let Some(wanted) = wanted {
            let kept = k.saturating_mul(KEPT_FOR_EACH).max(LEAST_KEPT);
            let near = index.sketches.nearest(query, wanted);
            let near = index.vectors.roughly_nearest(query, &near, kept);
            return index.best(query, k, near.into_iter());
        }
        let allowed =
            (0..index.len()).filter(|at| only.is_none_or(|only| only.contains(&index.places[*at])));
        index.best(query, k, allowed)
    }
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
        let queries = (0..15).map(|at| numbers.near(&middles, at)).collect();
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
        assert!(recall(&index) >= 148, "{} of 150", recall(&index));
        // Sketches stay with their vectors.
        index.remove(&(0..10_000).filter(|it| it % 7 == 0).collect());
        assert!(recall(&index) >= 148, "{} of 150 after removing", recall(&index));
    }

    #[test]
    fn vectors_that_lie_anywhere_are_found_too() {
        let mut numbers = Numbers(11);
        let mut index = Index::default();
        for at in 0..10_000 {
            index.push(at, &of_length_one(&numbers.vector()));
        }
        let queries: Vec<Vec<f32>> = (0..10).map(|_| of_length_one(&numbers.vector())).collect();
        let found = queries.iter().map(|query| {
            let found = index.nearest(query, 10, None);
            exact(&index, query).iter().filter(|it| found.contains(it)).count()
        });
        let found: usize = found.sum();
        assert!(found >= 70, "{found} of 100");
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
