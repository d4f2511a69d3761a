//! Answers a question by Vectara's own models, from what its corpus holds.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Document, Error, Input, Inputs, Moderation, Node, Output, Result, Run,
    Runnable, Spec, VectorStore, capability::Summary,
};
use serde_json::{Map, Value};

use super::passages;
use crate::moderation::{self, INPUT_MODERATION};

const STORE: Input<Arc<dyn VectorStore>> =
    Input::socket("Vectara Store", "vectaraStore", "VectorStore");
const SUMMARIZER: Input<String> = Input::options(
    "Summarizer Prompt Name",
    "summarizerPromptName",
    &[
        Choice::new("vectara-summary-ext-v1.2.0", "vectara-summary-ext-v1.2.0 (gpt-3.5-turbo)")
            .describe("The usual one, which every account has"),
        Choice::new(
            "vectara-experimental-summary-ext-2023-10-23-small",
            "vectara-experimental-summary-ext-2023-10-23-small (gpt-3.5-turbo)",
        )
        .describe("An experiment, for accounts of the plans Growth and Scale"),
        Choice::new("vectara-summary-ext-v1.3.0", "vectara-summary-ext-v1.3.0 (gpt-4.0)")
            .describe("A larger model, for accounts of the plan Scale"),
        Choice::new(
            "vectara-experimental-summary-ext-2023-10-23-med",
            "vectara-experimental-summary-ext-2023-10-23-med (gpt-4.0)",
        )
        .describe("An experiment with a larger model, for accounts of the plan Scale"),
    ],
)
.default("vectara-summary-ext-v1.2.0")
.describe("Which of Vectara's models puts the answer together");
const LANGUAGE: Input<Option<String>> =
    Input::options("Response Language", "responseLang", LANGUAGES)
        .default("eng")
        .describe("In which language it answers; that of the question where it is empty")
        .optional();
const LANGUAGES: &[Choice] = &[
    Choice::new("eng", "English"),
    Choice::new("deu", "German"),
    Choice::new("fra", "French"),
    Choice::new("zho", "Chinese"),
    Choice::new("kor", "Korean"),
    Choice::new("ara", "Arabic"),
    Choice::new("rus", "Russian"),
    Choice::new("tha", "Thai"),
    Choice::new("nld", "Dutch"),
    Choice::new("ita", "Italian"),
    Choice::new("por", "Portuguese"),
    Choice::new("spa", "Spanish"),
    Choice::new("jpn", "Japanese"),
    Choice::new("pol", "Polish"),
    Choice::new("tur", "Turkish"),
    Choice::new("vie", "Vietnamese"),
    Choice::new("ind", "Indonesian"),
    Choice::new("ces", "Czech"),
    Choice::new("ukr", "Ukrainian"),
    Choice::new("ell", "Greek"),
    Choice::new("heb", "Hebrew"),
    Choice::new("fas", "Farsi/Persian"),
    Choice::new("hin", "Hindi"),
    Choice::new("urd", "Urdu"),
    Choice::new("swe", "Swedish"),
    Choice::new("ben", "Bengali"),
    Choice::new("msa", "Malay"),
    Choice::new("ron", "Romanian"),
];
const MOST: Input<u64> = Input::whole("Max Summarized Results", "maxSummarizedResults")
    .default(7)
    .describe("How many of the passages found the answer is put together from, at most");

static SPEC: Spec = Spec {
    label: "Vectara QA Chain",
    name: "vectaraQAChain",
    version: 2.0,
    kind: "VectaraQAChain",
    icon: "vectara.svg",
    category: "Chains",
    description: "Answers a question by Vectara's own models, from what its corpus holds",
    base_classes: &["VectaraQAChain", "BaseChain", "Runnable"],
    inputs: &[STORE.field, SUMMARIZER.field, LANGUAGE.field, MOST.field, INPUT_MODERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct VectaraQaChain;

#[async_trait]
impl Node for VectaraQaChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let most = inputs.get(&MOST)?;
        if most == 0 {
            return Err(Error::invalid(&MOST.field, "a number of 1 or more is expected"));
        }
        Ok(Capability::Runnable(Arc::new(Chain {
            store: inputs.get(&STORE)?,
            how: Summary {
                prompt: inputs.get(&SUMMARIZER)?,
                language: inputs.get(&LANGUAGE)?,
                most,
            },
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }

    /// The service tells its answer whole.
    fn streams(&self, _: &Map<String, Value>) -> bool {
        false
    }
}

struct Chain {
    store: Arc<dyn VectorStore>,
    how: Summary,
    moderations: Vec<Arc<dyn Moderation>>,
}

#[async_trait]
impl Runnable for Chain {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let (answer, passages) = self.store.summarise(input, &self.how).await?;
        let (answer, cited) = in_order(&answer, &passages);
        let mut output = Output::text(answer);
        passages::tell(cited, &mut output, run).await;
        Ok(output)
    }
}

/// The answer with its citations, such as `[3]`, numbered in the order they first come, and the
/// passages that they lead to in that order. What cites no passage stays as it is.
fn in_order(answer: &str, passages: &[Document]) -> (String, Vec<Document>) {
    let mut cited: Vec<usize> = Vec::new();
    let (mut ordered, mut rest) = (String::new(), answer);
    while let Some((before, after)) = rest.split_once('[') {
        ordered.push_str(before);
        ordered.push('[');
        rest = after;
        let Some((number, behind)) = after.split_once(']') else { continue };
        let at = number.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
        let Some(at) = at.filter(|it| *it < passages.len()) else { continue };
        let place = cited.iter().position(|it| *it == at).unwrap_or_else(|| {
            cited.push(at);
            cited.len() - 1
        });
        ordered.push_str(&(place + 1).to_string());
        ordered.push(']');
        rest = behind;
    }
    ordered.push_str(rest);
    (ordered, cited.into_iter().filter_map(|it| passages.get(it).cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_numbered_as_they_come() {
        let passages = ["a", "b", "c"]
            .map(|it| Document { page_content: it.to_owned(), ..Document::default() });
        for (answer, expected, cited) in [
            ("One [3][1], two [3].", "One [1][2], two [1].", &["c", "a"][..]),
            ("None [0], [9], [x] and [", "None [0], [9], [x] and [", &[]),
            ("", "", &[]),
        ] {
            let (ordered, found) = in_order(answer, &passages);
            let found: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
            assert_eq!((ordered.as_str(), found.as_slice()), (expected, cited));
        }
    }
}
