//! Percentiles, medians and spreads.

use std::{fmt, time::Duration};

use serde::Serialize;

/// How far the time of the direct call may move between rounds before nothing is said about the
/// time that Flowstone adds.
const STEADY: f64 = 1.3;
/// Milliseconds that are too few to make a difference beside any bar, whatever their share.
const NEGLIGIBLE: f64 = 0.1;

/// The same figure from several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// The one in the middle.
    pub(crate) median: f64,
    /// The smallest.
    pub(crate) low: f64,
    /// The largest.
    pub(crate) high: f64,
}

impl Spread {
    /// Of at least one value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let sorted = Sorted::new(values);
        Self {
            median: sorted.percentile(50),
            low: sorted.percentile(0),
            high: sorted.percentile(100),
        }
    }

    /// Whether these milliseconds are nearly the same in all rounds.
    pub(crate) fn is_steady(&self) -> bool {
        self.high <= self.low * STEADY || self.high - self.low <= NEGLIGIBLE
    }
}

impl fmt::Display for Spread {
    /// With as many digits as its size deserves, or as many as asked for.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = match self.median.abs() {
            large if large >= 100.0 => 0,
            middle if middle >= 10.0 => 1,
            _ => 2,
        };
        let digits = formatter.precision().unwrap_or(own);
        let Self { median, low, high } = self;
        write!(formatter, "{median:.digits$} ({low:.digits$} to {high:.digits$})")
    }
}

/// Values in order.
#[derive(Clone, Debug)]
pub(crate) struct Sorted(Vec<f64>);

impl Sorted {
    /// Puts values in order.
    pub(crate) fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest value that `percent` of all do not exceed; not a number where there is none.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }
}

/// A time in milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A number of things as what one calculates with; exact below 2^52.
#[expect(clippy::cast_precision_loss, reason = "nothing is counted here that comes near 2^52")]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values = Sorted::new((1..=200).rev().map(f64::from));
        for (percent, expected) in [(0, 1.0), (50, 100.0), (99, 198.0), (100, 200.0)] {
            assert!((values.percentile(percent) - expected).abs() < f64::EPSILON, "{percent}");
        }
        assert!((Sorted::new([7.0]).percentile(99) - 7.0).abs() < f64::EPSILON);
        assert!(Sorted::new([]).percentile(50).is_nan());
    }

    #[test]
    fn rounds_that_differ_by_a_third_are_not_steady() {
        assert!(Spread::of([1.0, 1.29, 1.1]).is_steady());
        assert!(!Spread::of([1.0, 1.31, 1.1]).is_steady());
        assert!(Spread::of([0.04, 0.06]).is_steady(), "0.02 ms do not count");
        assert_eq!(Spread::of([0.5, 0.25, 1.0]).to_string(), "0.50 (0.25 to 1.00)");
    }
}
