//! Picks the next token from what the model thinks of each.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::{Error, Result};

/// How many of the last tokens of an answer the repeat penalty looks at.
const PENALTY_WINDOW: usize = 64;

/// How tokens are picked. The default is careful: a little chance, no wild choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 always takes the likeliest token; higher is more surprising. From 0 to 2.
    pub temperature: f32,
    /// Only the likeliest tokens whose chances add up to this are considered. Above 0, up to 1.
    pub top_p: f32,
    /// Only this many of the likeliest tokens are considered; 0 considers all.
    pub top_k: usize,
    /// Above 1 makes tokens less likely that stand among the last 64 of the answer; 1 is off.
    pub repeat_penalty: f32,
    /// The same seed gives the same answer to the same request; `None` draws one.
    pub seed: Option<u64>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 0.7, top_p: 0.95, top_k: 40, repeat_penalty: 1.1, seed: None }
    }
}

impl Sampling {
    /// Always the likeliest token: the same answer every time.
    pub fn greedy() -> Self {
        Self { temperature: 0.0, repeat_penalty: 1.0, ..Self::default() }
    }

    /// Checks each value against its range.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |row: &str, given: f32, right: &str| {
            Err(Error::Request(format!("{row} is {given}, but must be {right}.")))
        };
        if !(0.0..=2.0).contains(&self.temperature) {
            return wrong("Temperature", self.temperature, "from 0 to 2");
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return wrong("Top P", self.top_p, "above 0 and at most 1");
        }
        if !(self.repeat_penalty > 0.0 && self.repeat_penalty <= 10.0) {
            return wrong("Repeat penalty", self.repeat_penalty, "above 0 and at most 10");
        }
        Ok(())
    }
}

/// The dice of one answer.
pub(crate) struct Sampler {
    settings: Sampling,
    random: StdRng,
}

impl Sampler {
    pub(crate) fn new(settings: &Sampling) -> Self {
        let seed = settings.seed.unwrap_or_else(rand::random);
        Self { settings: settings.clone(), random: StdRng::seed_from_u64(seed) }
    }

    /// Picks a token. `scores` holds one logit per token and is used up; `answer` is what was
    /// generated so far.
    pub(crate) fn pick(&mut self, scores: &mut [f32], answer: &[u32]) -> u32 {
        self.punish_repetition(scores, answer);
        if self.settings.temperature <= 0.0 {
            return likeliest(scores);
        }
        let candidates = self.candidates(scores);
        let total: f32 = candidates.iter().map(|candidate| candidate.weight).sum();
        let mut draw = self.random.random::<f32>() * total;
        for candidate in &candidates {
            draw -= candidate.weight;
            if draw < 0.0 {
                return candidate.token;
            }
        }
        candidates.last().map_or(0, |candidate| candidate.token)
    }

    fn punish_repetition(&self, scores: &mut [f32], answer: &[u32]) {
        let penalty = self.settings.repeat_penalty;
        if (penalty - 1.0).abs() < f32::EPSILON {
            return;
        }
        let mut recent = answer[answer.len().saturating_sub(PENALTY_WINDOW)..].to_vec();
        recent.sort_unstable();
        recent.dedup();
        for token in recent {
            if let Some(score) = scores.get_mut(token as usize) {
                *score = if *score > 0.0 { *score / penalty } else { *score * penalty };
            }
        }
    }

    /// The tokens that may be picked, the likeliest first, with weights that are in proportion
    /// to their chances.
    fn candidates(&self, scores: &[f32]) -> Vec<Candidate> {
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut total = 0.0;
        let mut candidates: Vec<Candidate> = (0u32..)
            .zip(scores)
            .map(|(token, score)| {
                let weight = ((score - highest) / self.settings.temperature).exp();
                total += weight;
                Candidate { token, weight }
            })
            .collect();
        if self.settings.top_k > 0 && self.settings.top_k < candidates.len() {
            let last = self.settings.top_k - 1;
            candidates.select_nth_unstable_by(last, Candidate::likelier_first);
            candidates.truncate(self.settings.top_k);
            total = candidates.iter().map(|candidate| candidate.weight).sum();
        } else {
            // Together these cannot change the outcome, but sorting them costs more than the rest.
            candidates.retain(|candidate| candidate.weight > 1e-9);
        }
        candidates.sort_unstable_by(Candidate::likelier_first);
        let mut reached = 0.0;
        let enough = candidates.iter().position(|candidate| {
            reached += candidate.weight;
            reached >= self.settings.top_p * total
        });
        candidates.truncate(enough.map_or(candidates.len(), |last| last + 1));
        candidates
    }
}

struct Candidate {
    token: u32,
    weight: f32,
}

impl Candidate {
    /// Likelier first; the token number decides between equals, so that a seed is repeatable.
    fn likelier_first(left: &Self, right: &Self) -> std::cmp::Ordering {
        right.weight.total_cmp(&left.weight).then(left.token.cmp(&right.token))
    }
}

fn likeliest(scores: &[f32]) -> u32 {
    let mut best = (0, f32::NEG_INFINITY);
    for (token, score) in (0u32..).zip(scores) {
        if *score > best.1 {
            best = (token, *score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORES: [f32; 5] = [0.0, 3.0, 1.0, 2.0, -4.0];

    fn picks(settings: &Sampling, answer: &[u32], times: usize) -> Vec<u32> {
        let mut sampler = Sampler::new(settings);
        (0..times).map(|_| sampler.pick(&mut SCORES.clone(), answer)).collect()
    }

    #[test]
    fn temperature_zero_takes_the_likeliest() {
        assert_eq!(picks(&Sampling::greedy(), &[], 3), [1, 1, 1]);
    }

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let hot = |seed| Sampling { temperature: 2.0, seed: Some(seed), ..Sampling::default() };
        assert_eq!(picks(&hot(7), &[], 40), picks(&hot(7), &[], 40));
        assert_ne!(picks(&hot(7), &[], 40), picks(&hot(8), &[], 40));
    }

    #[test]
    fn top_k_and_top_p_cut_the_unlikely() {
        let only = |settings: Sampling| {
            let mut seen = picks(&settings, &[], 300);
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        let open =
            Sampling { temperature: 2.0, top_p: 1.0, top_k: 0, repeat_penalty: 1.0, seed: Some(1) };
        assert_eq!(only(Sampling { top_k: 2, ..open.clone() }), [1, 3]);
        assert_eq!(only(Sampling { top_p: 0.01, ..open.clone() }), [1]);
        assert_eq!(only(open), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn repetition_is_punished_whatever_the_sign() {
        let strict = Sampling { repeat_penalty: 5.0, ..Sampling::greedy() };
        assert_eq!(picks(&strict, &[1], 1), [3]);
        let sampler = Sampler::new(&strict);
        let mut scores = [-1.0, 10.0];
        sampler.punish_repetition(&mut scores, &[0, 1, 1]);
        assert_eq!(scores.map(|score| score.to_string()), ["-5", "2"]);
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (settings, row) in [
            (Sampling { temperature: -0.1, ..Sampling::default() }, "Temperature"),
            (Sampling { temperature: f32::NAN, ..Sampling::default() }, "Temperature"),
            (Sampling { top_p: 0.0, ..Sampling::default() }, "Top P"),
            (Sampling { repeat_penalty: 0.0, ..Sampling::default() }, "Repeat penalty"),
        ] {
            let message = settings.check().unwrap_err().to_string();
            assert!(message.starts_with(row), "{message}");
        }
        Sampling::default().check().unwrap();
    }
}
