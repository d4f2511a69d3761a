//! Answers a question by asking several engines parts of it.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Document, Embeddings, Error, Events, Input, Inputs,
    Message, Node, Output, Result, Run, Runnable, Spec, Synthesizer, Tool, Usage,
};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{MODEL, RETURN_SOURCES, SYNTHESIZER};
use crate::{chains::passages, loose_json, tool_names::told_apart};

const TOOLS: Input<Vec<Arc<dyn Tool>>> =
    Input::sockets("QueryEngine Tools", "queryEngineTools", "QueryEngineTool")
        .describe("The engines that parts of a question may be put to");
const EMBEDDINGS: Input<Arc<dyn Embeddings>> =
    Input::socket("Embeddings", "embeddings", "BaseEmbedding_LlamaIndex")
        .describe("Asked for by flows of the reference; the engines search with their own");

/// Most parts that a question is cut into: each costs a whole answer.
const MOST_PARTS: usize = 10;

static SPEC: Spec = Spec {
    label: "Sub Question Query Engine",
    name: "subQuestionQueryEngine",
    version: 2.0,
    kind: "SubQuestionQueryEngine",
    icon: "router.svg",
    category: "Engine",
    description: "Cuts a question into parts, puts each to the engine that knows, and answers from \
                  what they say",
    base_classes: &["SubQuestionQueryEngine", "BaseQueryEngine"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[TOOLS.field, MODEL.field, EMBEDDINGS.field, SYNTHESIZER.field, RETURN_SOURCES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SubQuestionQueryEngine;

#[async_trait]
impl Node for SubQuestionQueryEngine {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let tools = told_apart(inputs.get(&TOOLS)?);
        Ok(Capability::Runnable(Arc::new(Engine {
            tools,
            model: inputs.get(&MODEL)?,
            synthesizer: super::synthesizer(inputs)?,
            returns_sources: inputs.get(&RETURN_SOURCES)?,
        })))
    }
}

struct Engine {
    tools: Vec<Arc<dyn Tool>>,
    model: Arc<dyn ChatModel>,
    synthesizer: Arc<dyn Synthesizer>,
    returns_sources: bool,
}

/// A part of the question and the engine it is put to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    sub_question: String,
    tool_name: String,
}

#[derive(Deserialize)]
struct Parts {
    items: Vec<Part>,
}

#[async_trait]
impl Runnable for Engine {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        let (parts, spent) = self.parts(input).await?;
        let answers = try_join_all(parts.iter().map(|part| self.answer(part, run))).await?;
        let (said, sources): (Vec<Document>, Vec<Vec<Document>>) = answers.into_iter().unzip();
        let model = self.model.as_ref();
        let mut output = self.synthesizer.synthesize(model, input, &said, run).await?;
        output.usage += spent;
        if self.returns_sources {
            let all = said.into_iter().chain(sources.into_iter().flatten()).collect();
            passages::tell(all, &mut output, run).await;
        }
        Ok(output)
    }
}

impl Engine {
    /// Asks the model to cut the question into parts.
    async fn parts(&self, question: &str) -> Result<(Vec<Part>, Usage)> {
        let request = ChatRequest {
            messages: vec![Message::system(self.instructions()), Message::user(question)],
            schema: Some(self.schema()),
            ..ChatRequest::default()
        };
        let reply = self.model.chat(&request, &Events::silent()).await?;
        let parts = read(&reply.text).filter(|it| !it.is_empty()).ok_or_else(|| {
            Error::ModelAnswer("the model did not cut the question into parts".to_owned())
        })?;
        Ok((parts, reply.usage.unwrap_or_default()))
    }

    fn instructions(&self) -> String {
        let list = self.tools.iter().map(|it| it.spec());
        let list = list.map(|it| format!("- {}: {}", it.name, it.description));
        let list: Vec<String> = list.collect();
        format!(
            "Cut the person's question into parts that can be answered one by one, and choose for \
             each the source that knows. Use at most {MOST_PARTS} parts, and only these \
             sources:\n{}\nAnswer with JSON of the form {{\"items\": [{{\"subQuestion\": \
             \"...\", \"toolName\": \"...\"}}]}} and nothing else.",
            list.join("\n")
        )
    }

    fn schema(&self) -> Value {
        let names: Vec<&str> = self.tools.iter().map(|it| it.spec().name.as_str()).collect();
        json!({
            "type": "object",
            "properties": {"items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "subQuestion": {"type": "string"},
                        "toolName": {"type": "string", "enum": names},
                    },
                    "required": ["subQuestion", "toolName"],
                    "additionalProperties": false,
                },
            }},
            "required": ["items"],
            "additionalProperties": false,
        })
    }

    /// What the engine of a part says, as a passage, and what that stands on.
    async fn answer(&self, part: &Part, run: &Run) -> Result<(Document, Vec<Document>)> {
        let tool = self.tools.iter().find(|it| it.spec().name == part.tool_name);
        let tool = tool.ok_or_else(|| {
            Error::ModelAnswer(format!(
                "the model chose an engine {:?}: there is none",
                part.tool_name
            ))
        })?;
        let arguments = Map::from_iter([("input".to_owned(), part.sub_question.clone().into())]);
        let said = tool.call(&arguments, &run.silenced()).await?;
        let text = format!("Question: {}\nAnswer: {}", part.sub_question, said.text);
        Ok((Document { page_content: text, ..Document::default() }, said.source_documents))
    }
}

/// The parts in a model's answer, which may have prose around its JSON or be the bare list.
fn read(text: &str) -> Option<Vec<Part>> {
    let (first, last) = (text.find(['{', '['])?, text.rfind(['}', ']'])?);
    let value = loose_json::parse(text.get(first..=last)?).ok()?;
    let mut parts = if value.is_array() {
        serde_json::from_value(value).ok()?
    } else {
        serde_json::from_value::<Parts>(value).ok()?.items
    };
    parts.truncate(MOST_PARTS);
    Some(parts)
}
