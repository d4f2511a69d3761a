//! Nodes that answer conversations.

#[cfg(feature = "local-models")]
pub(crate) mod chat_local;
pub(crate) mod chat_ollama;
pub(crate) mod chat_openai;
mod openai_models;

use flowstone_core::{Input, Inputs, Result};
use serde_json::{Map, Value};

/// Answers kept for questions that come again. No node of this base class exists yet.
pub(crate) const CACHE: Input<Option<Value>> =
    Input::socket("Cache", "cache", "BaseCache").optional();

/// Whether the answer is told piece by piece.
pub(crate) const STREAMING: Input<bool> =
    Input::flag("Streaming", "streaming").default(true).may_be_empty().additional();

/// Whether the model is shown pictures that come with a question.
pub(crate) const ALLOW_IMAGES: Input<bool> =
    Input::flag("Allow Image Uploads", "allowImageUploads")
        .default(false)
        .describe(
            "Shows the model pictures that come with a question. The model must be able to see",
        )
        .may_be_empty();

/// Whether a saved form lets the model stream.
pub(crate) fn streams(values: &Map<String, Value>) -> bool {
    !values.get(STREAMING.field.name).is_some_and(|it| it == false || it == "false")
}

/// The rows of a form that go into a request as numbers under another name.
pub(crate) fn numbers(
    inputs: &Inputs,
    rows: &[(Input<Option<f64>>, &str)],
) -> Result<Map<String, Value>> {
    let mut settings = Map::new();
    for (row, name) in rows {
        if let Some(number) = inputs.get(row)? {
            settings.insert((*name).to_owned(), as_written(number));
        }
    }
    Ok(settings)
}

/// Whole numbers without a fraction: servers refuse `5.0` where they count.
fn as_written(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "guarded by the range just tested")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

/// Texts that end an answer, as a row holds them: with commas between.
pub(crate) fn stop_sequences(inputs: &Inputs, row: &Input<Option<String>>) -> Result<Vec<String>> {
    let text = inputs.get(row)?.unwrap_or_default();
    Ok(text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect())
}
