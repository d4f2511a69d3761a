//! What the clients of embedding models share: texts in batches, and one vector for each.

use flowstone_core::{Error, Result};
use futures::{StreamExt, TryStreamExt, stream};

/// How many calls are made at once.
const AT_ONCE: usize = 4;

/// Asks for the vectors of `texts` in calls of up to `size`, some of them at once.
pub(crate) async fn in_batches<'t, Answer>(
    texts: &'t [String],
    size: usize,
    call: impl Fn(&'t [String]) -> Answer,
) -> Result<Vec<Vec<f32>>>
where
    Answer: Future<Output = Result<Vec<Vec<f32>>>>,
{
    let calls: Vec<_> = texts.chunks(size.max(1)).map(call).collect();
    let vectors: Vec<_> = stream::iter(calls).buffered(AT_ONCE).try_collect().await?;
    Ok(vectors.into_iter().flatten().collect())
}

/// Holds an answer to one vector for each of `texts`.
pub(crate) fn one_each<V>(vectors: Vec<V>, texts: &[String]) -> Result<Vec<V>> {
    if vectors.len() == texts.len() {
        return Ok(vectors);
    }
    Err(Error::ModelAnswer(format!(
        "the embedding model gave {} vectors for {} texts",
        vectors.len(),
        texts.len()
    )))
}

/// The vector of an answer to one text.
pub(crate) fn only(vectors: Vec<Vec<f32>>) -> Result<Vec<f32>> {
    let vector = vectors.into_iter().next();
    vector.ok_or_else(|| Error::ModelAnswer("the embedding model gave no vector".to_owned()))
}
