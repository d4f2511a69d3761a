//! Vectors in two bytes a number, half of what they need as they come.
//!
//! Each number is a whole one from -32767 to 32767 times the scale of its vector, so that a nearness
//! is right to the fifth decimal. The upper and the lower bytes lie apart: the upper ones alone tell
//! roughly how near a vector is, at a quarter of the memory to be read.

/// Vectors of one length.
#[derive(Default)]
pub(crate) struct Packed {
    dimension: usize,
    upper: Vec<i8>,
    lower: Vec<u8>,
    scales: Vec<f32>,
}

impl Packed {
    /// How many numbers each has; zero while there is none.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }

    /// How many numbers all have together.
    pub(crate) fn numbers(&self) -> usize {
        self.lower.len()
    }

    pub(crate) fn push(&mut self, vector: &[f32]) {
        self.dimension = vector.len();
        let scale = largest(vector) / f32::from(i16::MAX);
        self.scales.push(scale);
        for number in vector {
            #[expect(clippy::cast_possible_truncation, reason = "the scale keeps it in the range")]
            let [lower, upper] = ((number / scale).round() as i16).to_le_bytes();
            self.upper.push(i8::from_le_bytes([upper]));
            self.lower.push(lower);
        }
    }

    /// Puts one in the place of another.
    pub(crate) fn copy(&mut self, from: usize, to: usize) {
        let dimension = self.dimension;
        let (whole, place) = (from * dimension..(from + 1) * dimension, to * dimension);
        self.upper.copy_within(whole.clone(), place);
        self.lower.copy_within(whole, place);
        self.scales[to] = self.scales[from];
    }

    pub(crate) fn truncate(&mut self, kept: usize) {
        self.upper.truncate(kept * self.dimension);
        self.lower.truncate(kept * self.dimension);
        self.scales.truncate(kept);
        if kept == 0 {
            self.dimension = 0;
        }
    }

    /// A vector as it came, to the fifth decimal.
    pub(crate) fn unpacked(&self, at: usize) -> Vec<f32> {
        let (upper, lower, scale) = self.bytes(at);
        upper.iter().zip(lower).map(|(upper, lower)| number(*upper, *lower) * scale).collect()
    }

    /// How near a vector is to `query`: what [`dot`] gives.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    pub(crate) fn dot(&self, query: &[f32], at: usize) -> f32 {
        let (upper, lower, scale) = self.bytes(at);
        let (mut sums, mut rest) = ([0.0_f32; WIDE], 0.0);
        let query = query.chunks_exact(WIDE);
        let (upper, lower) = (upper.chunks_exact(WIDE), lower.chunks_exact(WIDE));
        let bytes = upper.remainder().iter().zip(lower.remainder());
        for (one, (upper, lower)) in query.remainder().iter().zip(bytes) {
            rest += one * number(*upper, *lower);
        }
        for ((query, upper), lower) in query.zip(upper).zip(lower) {
            for (((sum, one), upper), lower) in sums.iter_mut().zip(query).zip(upper).zip(lower) {
                *sum += one * number(*upper, *lower);
            }
        }
        (rest + sums.iter().sum::<f32>()) * scale
    }

    /// Of some, the `kept` that are nearest by their upper bytes, in no order.
    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    pub(crate) fn roughly_nearest(&self, query: &[f32], some: &[usize], kept: usize) -> Vec<usize> {
        let scale = largest(query) / f32::from(i8::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "the scale keeps it in the range")]
        let query: Vec<i8> = query.iter().map(|it| (it / scale).round() as i8).collect();
        // Every lower byte is taken for its middle, half of what an upper one counts.
        let halves = query.iter().map(|it| i32::from(*it)).sum::<i32>() / 2;
        let mut near: Vec<(f32, usize)> = Vec::with_capacity(some.len());
        for at in some {
            let (upper, _, scale) = self.bytes(*at);
            let products = query.iter().zip(upper).map(|(a, b)| i32::from(*a) * i32::from(*b));
            #[expect(clippy::cast_precision_loss, reason = "it is rough anyway")]
            let sum = (products.sum::<i32>() + halves) as f32;
            near.push((sum * scale, *at));
        }
        if kept < near.len() {
            near.select_nth_unstable_by(kept, |a, b| b.0.total_cmp(&a.0));
            near.truncate(kept);
        }
        near.into_iter().map(|it| it.1).collect()
    }

    #[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
    #[inline(always)]
    fn bytes(&self, at: usize) -> (&[i8], &[u8], f32) {
        let whole = at * self.dimension..(at + 1) * self.dimension;
        (&self.upper[whole.clone()], &self.lower[whole], self.scales[at])
    }
}

/// How many sums are kept side by side, which the compiler turns into wide instructions.
const WIDE: usize = 32;

#[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (mut sums, mut rest) = ([0.0_f32; WIDE], 0.0);
    let (a_wide, b_wide) = (a.chunks_exact(WIDE), b.chunks_exact(WIDE));
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

/// The number farthest from zero, without its sign; never zero.
fn largest(vector: &[f32]) -> f32 {
    let largest = vector.iter().fold(0.0_f32, |most, it| most.max(it.abs()));
    if largest > 0.0 { largest } else { 1.0 }
}

#[expect(clippy::inline_always, reason = "it takes on the instructions of its caller")]
#[inline(always)]
fn number(upper: i8, lower: u8) -> f32 {
    f32::from(i16::from(upper) * 256 + i16::from(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from -1 to 1 that repeat after a while, in no order.
    fn vector(seed: u16, length: usize) -> Vec<f32> {
        let next = |it: &u16| Some(it.wrapping_mul(25_173).wrapping_add(13_849));
        let numbers = std::iter::successors(Some(seed), next).skip(1);
        numbers.take(length).map(|it| f32::from(it) / 32_768.0 - 1.0).collect()
    }

    #[test]
    fn a_vector_comes_back_to_the_fifth_decimal() {
        for length in [1, 31, 32, 100, 384] {
            let mut packed = Packed::default();
            for seed in 0..20 {
                packed.push(&vector(seed, length));
            }
            for seed in 0..20_u16 {
                let (came, query) = (vector(seed, length), vector(seed + 50, length));
                let back = packed.unpacked(usize::from(seed));
                assert!(came.iter().zip(&back).all(|(a, b)| (a - b).abs() < 2e-5), "{length}");
                let (one, other) = (dot(&query, &came), packed.dot(&query, usize::from(seed)));
                assert!((one - other).abs() < 2e-5 * dot(&query, &query), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_is_nearest_is_so_by_its_upper_bytes_too() {
        let mut packed = Packed::default();
        (0..500).for_each(|seed| packed.push(&vector(seed, 100)));
        let all: Vec<usize> = (0..500).collect();
        for seed in [3, 77, 499] {
            // A neighbour of the vector.
            let query: Vec<f32> = vector(seed, 100).iter().map(|it| it + 0.05).collect();
            let near = packed.roughly_nearest(&query, &all, 5);
            assert!(near.len() == 5 && near.contains(&usize::from(seed)), "{seed}: {near:?}");
        }
        assert_eq!(packed.roughly_nearest(&vector(1, 100), &[7, 2], 5).len(), 2);
    }

    #[test]
    fn a_vector_of_zeros_is_near_to_nothing() {
        let mut packed = Packed::default();
        packed.push(&[0.0; 40]);
        assert_eq!(packed.unpacked(0), [0.0; 40]);
        assert!(packed.dot(&[1.0; 40], 0).abs() < f32::EPSILON);
    }
}
