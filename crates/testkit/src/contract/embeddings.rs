//! What every embedding model must do.

use flowstone_core::Embeddings;

/// One vector per text, in order, all of one length, the same for the same text.
pub async fn suite(model: &dyn Embeddings) {
    assert!(model.embed(&[]).await.expect("nothing is allowed").is_empty());

    let texts = ["The cat sits on the mat", "Stocks fell on Monday", "žluťoučký kůň 🐎"];
    let texts = texts.map(str::to_owned);
    let vectors = model.embed(&texts).await.expect("texts have vectors");
    assert_eq!(vectors.len(), texts.len(), "one vector per text");
    let length = vectors[0].len();
    assert!(length > 0, "a vector has dimensions");
    for vector in &vectors {
        assert_eq!(vector.len(), length, "all vectors have one length");
        assert!(vector.iter().all(|it| it.is_finite()), "numbers are numbers");
    }

    let again = model.embed(&texts[1..2]).await.expect("texts have vectors");
    assert!(cosine(&again[0], &vectors[1]) > 0.999, "the same text has the same vector");

    let question = model.embed_query("Where does the cat sit?").await.expect("questions too");
    assert_eq!(question.len(), length, "questions and documents share a space");
    assert!(
        cosine(&question, &vectors[0]) > cosine(&question, &vectors[1]),
        "a question is nearer to its answer"
    );

    let many: Vec<String> = (0..300).map(|index| format!("text number {index}")).collect();
    let vectors = model.embed(&many).await.expect("many texts are cut into requests");
    assert_eq!(vectors.len(), many.len(), "none is lost");
    let single = model.embed(&many[299..]).await.expect("texts have vectors");
    assert!(cosine(&single[0], &vectors[299]) > 0.999, "order is kept across requests");
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot: f32 = left.iter().zip(right).map(|(left, right)| left * right).sum();
    let norm = |it: &[f32]| it.iter().map(|it| it * it).sum::<f32>().sqrt();
    dot / (norm(left) * norm(right))
}
