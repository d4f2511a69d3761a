//! What an agent may look up: document stores and vector stores, each as a tool of its own.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Result, Retriever, Run, Tool, ToolResult, ToolSpec,
    Turn, capability::StoreRetriever,
};
use serde_json::{Map, Value, json};

use super::{
    rows::{self, Row},
    stores,
    tool_turns::Offered,
};

const STORE: Input<String> = Input::async_options("Document Store", "documentStore", "listStores");
const STORE_ABOUT: Input<String> = {
    let mut it = Input::text("Describe Knowledge", "docStoreDescription")
        .rows(4)
        .describe("Tells the model what is in the store, and so when to look there")
        .placeholder("Everything on our delivery terms");
    it.field.generate_doc_store_description = true;
    it
};
const SHOWS_SOURCES: Input<bool> = Input::flag("Return Source Documents", "returnSourceDocuments")
    .describe("Tells the caller the passages that were found")
    .may_be_empty();
/// The document stores that the agent may search.
pub(super) const STORES: Input<Option<Vec<Row>>> = {
    let mut it = Input::array(
        "Knowledge (Document Stores)",
        "agentKnowledgeDocumentStores",
        &[STORE.field, STORE_ABOUT.field, SHOWS_SOURCES.field],
    )
    .describe("Document stores that the model may search")
    .optional();
    it.field.client = &["agentflowv2"];
    it
};

const VECTOR_STORE: Input<String> = {
    let mut it = Input::async_options("Vector Store", "vectorStore", "listVectorStores");
    it.field.load_config = true;
    it
};
const EMBEDDINGS: Input<String> = {
    let mut it = Input::async_options("Embedding Model", "embeddingModel", "listEmbeddings");
    it.field.load_config = true;
    it
};
const NAME: Input<String> = Input::text("Knowledge Name", "knowledgeName")
    .describe("What the model calls this knowledge")
    .placeholder("delivery terms");
const ABOUT: Input<String> = Input::text("Describe Knowledge", "knowledgeDescription")
    .rows(4)
    .describe("Tells the model what is in the store, and so when to look there")
    .placeholder("Everything on our delivery terms");
/// The vector stores that the agent may search.
pub(super) const VECTORS: Input<Option<Vec<Row>>> = {
    let mut it = Input::array(
        "Knowledge (Vector Embeddings)",
        "agentKnowledgeVSEmbeddings",
        &[VECTOR_STORE.field, EMBEDDINGS.field, NAME.field, ABOUT.field, SHOWS_SOURCES.field],
    )
    .describe("Vector stores that the model may search")
    .optional();
    it.field.client = &["agentflowv2"];
    it
};

/// Something the agent may look up.
pub(super) struct Knowledge {
    name: String,
    about: String,
    shows_sources: bool,
    place: Place,
}

enum Place {
    /// A document store: its id, a colon and its name.
    Store(String),
    /// A vector store and the model of its vectors.
    Vectors { store: (String, Map<String, Value>), embeddings: (String, Map<String, Value>) },
}

impl Knowledge {
    /// What the form says.
    pub(super) fn from_form(inputs: &Inputs) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for row in inputs.get(&STORES)?.unwrap_or_default() {
            let chosen = rows::text(&row, STORE.field.name);
            if chosen.is_empty() {
                continue;
            }
            all.push(Self {
                name: stores::name_of(&chosen).to_owned(),
                about: rows::text(&row, STORE_ABOUT.field.name),
                shows_sources: shows_sources(&row),
                place: Place::Store(chosen),
            });
        }
        for row in inputs.get(&VECTORS)?.unwrap_or_default() {
            let chosen = |field: &Input<String>| {
                let name = rows::text(&row, field.field.name);
                (name, rows::config_in(&row, field.field.name))
            };
            let (store, embeddings) = (chosen(&VECTOR_STORE), chosen(&EMBEDDINGS));
            if store.0.is_empty() {
                continue;
            }
            if embeddings.0.is_empty() {
                let reason = "an Embedding Model is needed: choose the one that the store was \
                              filled with";
                return Err(Error::invalid(&VECTORS.field, reason));
            }
            all.push(Self {
                name: rows::text(&row, NAME.field.name),
                about: rows::text(&row, ABOUT.field.name),
                shows_sources: shows_sources(&row),
                place: Place::Vectors { store, embeddings },
            });
        }
        Ok(all)
    }

    /// The tool that looks it up.
    pub(super) async fn build(&self, turn: &Turn<'_>) -> Result<Offered> {
        let (node, finds) = match &self.place {
            Place::Store(chosen) => {
                let label = stores::name_of(chosen).to_owned();
                ((label, "documentStore".to_owned()), Finds::InStore(chosen.clone()))
            }
            Place::Vectors { store, embeddings } => {
                let model = turn.flow.build(&embeddings.0, &embeddings.1).await?;
                let plugged = ("embeddings", model);
                let built = turn.flow.build_with(&store.0, &store.1, plugged).await?;
                let retriever: Arc<dyn Retriever> = match built {
                    Capability::Retriever(it) => it,
                    Capability::VectorStore(it) => Arc::new(StoreRetriever(it)),
                    other => {
                        let reason = format!("{} is a {}", store.0, other.kind());
                        return Err(Error::invalid(&VECTORS.field, reason));
                    }
                };
                let label = turn.flow.spec(&store.0).map_or(&*store.0, |it| it.label).to_owned();
                ((label, store.0.clone()), Finds::With(retriever))
            }
        };
        let about = if self.about.is_empty() {
            format!("Looks things up in {}", self.name)
        } else {
            self.about.clone()
        };
        let spec = ToolSpec {
            name: tool_name(&self.name),
            description: about,
            parameters: json!({
                "type": "object",
                "properties": {
                    "input": {"type": "string", "description": "What to look for"},
                },
                "required": ["input"],
                "additionalProperties": false,
            }),
        };
        let tool = Arc::new(LookUp { spec, finds });
        Ok(Offered { tool, node, asks: false, shows_sources: self.shows_sources })
    }
}

fn shows_sources(row: &Row) -> bool {
    row.get(SHOWS_SOURCES.field.name).is_some_and(|it| *it == true || *it == "true")
}

/// What models call a store: its name in lower case, `_` for blanks, and of the rest what models
/// take.
fn tool_name(name: &str) -> String {
    let name: String = name
        .to_lowercase()
        .chars()
        .map(|it| if it == ' ' { '_' } else { it })
        .filter(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || "_-".contains(*it))
        .take(64)
        .collect();
    if name.is_empty() { "knowledge".to_owned() } else { name }
}

enum Finds {
    InStore(String),
    With(Arc<dyn Retriever>),
}

struct LookUp {
    spec: ToolSpec,
    finds: Finds,
}

#[async_trait]
impl Tool for LookUp {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let query = arguments.get("input").and_then(Value::as_str).unwrap_or_default();
        let found: Vec<Document> = match &self.finds {
            Finds::InStore(chosen) => stores::search(chosen, query, run).await?,
            Finds::With(retriever) => retriever.retrieve(query, run).await?,
        };
        let texts: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
        Ok(ToolResult {
            text: texts.join("\n\n"),
            source_documents: found,
            ..ToolResult::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_called_what_models_take() {
        assert_eq!(tool_name("Delivery Terms (2026)"), "delivery_terms_2026");
        assert_eq!(tool_name("Ω"), "knowledge");
    }
}
