//! Nodes that continue a text: older models without turns. Chains take them as chat models.

pub(crate) mod aws_bedrock;
pub(crate) mod azure_openai;
pub(crate) mod cohere;
pub(crate) mod fireworks;
pub(crate) mod google_vertex_ai;
pub(crate) mod hugging_face_inference;
pub(crate) mod ibm_watsonx;
pub(crate) mod ollama;
pub(crate) mod openai;
pub(crate) mod replicate;
pub(crate) mod sambanova;
pub(crate) mod together_ai;

use flowstone_core::Input;

use crate::openai_form::Number;

/// How much the answer is limited to.
pub(crate) const MAX_TOKENS: Input<Option<f64>> = Input::number("Max Tokens", "maxTokens")
    .step(1.0)
    .describe("Longest answer, in tokens; 256 where it is empty")
    .optional()
    .additional();
/// Several answers are written and the likeliest is given.
pub(crate) const BEST_OF: Input<Option<f64>> = Input::number("Best Of", "bestOf")
    .step(1.0)
    .describe("Writes this many answers and gives the likeliest; it is then not streamed")
    .optional()
    .additional();
/// The row and its name on the wire.
pub(crate) const BEST: Number = (BEST_OF, "best_of");
/// What palettes show of nodes that newer ones stand in for.
pub(crate) const DEPRECATING: Option<&str> = Some("DEPRECATING");
