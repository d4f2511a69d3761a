//! Of what is near, what does not repeat each other (maximal marginal relevance).

use flowstone_providers::vectors::Hit;

/// `k` of the hits: one after the other the one that is near to `query` and unlike those that were
/// taken before. With `lambda` 1 only nearness counts, with 0 only difference.
pub(super) fn chosen(query: &[f32], hits: Vec<Hit>, k: usize, lambda: f32) -> Vec<Hit> {
    let likeness = |a: &Hit, b: &[f32]| a.vector.as_deref().map_or(0.0, |a| cosine(a, b));
    let mut left: Vec<(f32, Hit)> = hits.into_iter().map(|it| (likeness(&it, query), it)).collect();
    let mut taken: Vec<Hit> = Vec::new();
    while taken.len() < k && !left.is_empty() {
        let worth = |(near, hit): &(f32, Hit)| {
            let alike =
                taken.iter().map(|it| it.vector.as_deref().map_or(0.0, |it| likeness(hit, it)));
            let most_alike = alike.fold(0.0_f32, f32::max);
            lambda * near - (1.0 - lambda) * most_alike
        };
        let mut best = (0, f32::NEG_INFINITY);
        for (at, it) in left.iter().enumerate() {
            let worth = worth(it);
            if worth > best.1 {
                best = (at, worth);
            }
        }
        taken.push(left.remove(best.0).1);
    }
    taken
}

/// The cosine of the angle between two vectors: from -1 to 1, higher is nearer.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let (mut product, mut a_square, mut b_square) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        product += a * b;
        a_square += a * a;
        b_square += b * b;
    }
    let lengths = f32::sqrt(a_square * b_square);
    if lengths > 0.0 { product / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn hit(id: &str, vector: &[f32]) -> Hit {
        let vector = Some(vector.to_vec());
        Hit { id: id.to_owned(), text: String::new(), metadata: Map::new(), score: 0.0, vector }
    }

    fn ids(lambda: f32) -> String {
        let hits = vec![hit("a", &[1.0, 0.0]), hit("b", &[0.99, 0.01]), hit("c", &[0.6, 0.8])];
        let taken = chosen(&[1.0, 0.1], hits, 2, lambda);
        taken.into_iter().map(|it| it.id).collect()
    }

    #[test]
    fn difference_counts_as_much_as_lambda_says() {
        assert_eq!(ids(1.0), "ba");
        assert_eq!(ids(0.5), "bc");
        assert_eq!(chosen(&[1.0], Vec::new(), 2, 0.5), []);
    }
}
