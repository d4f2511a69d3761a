//! A step that looks something up in document stores.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Event, Input, Inputs, Node, Result, Spec, StateUpdate, Step, Taken, Turn,
    node::Entry,
};
use serde_json::{Map, json};

use super::{
    lists,
    rows::{self, Row},
    stores,
};

const STORE: Input<String> = Input::async_options("Document Store", "documentStore", "listStores");
const STORES: Input<Vec<Row>> =
    Input::array("Knowledge (Document Stores)", "retrieverKnowledgeDocumentStores", &[STORE.field])
        .describe("Where to look: what all of them find is put together");
const QUERY: Input<String> = Input::text("Retriever Query", "retrieverQuery")
    .rows(4)
    .describe("What to look for")
    .placeholder("{{ question }}")
    .accepts_variables();
const FORMAT: Input<String> = Input::options(
    "Output Format",
    "outputFormat",
    &[
        Choice::new("text", "Text").describe("What was found, one passage below the other"),
        Choice::new("textWithMetadata", "Text with Metadata")
            .describe("The passages with where they come from, as JSON"),
    ],
)
.default("text");
const UPDATES: Input<Option<Vec<Row>>> = rows::updates("retrieverUpdateState");

static SPEC: Spec = Spec {
    label: "Retriever",
    name: "retrieverAgentflow",
    version: 1.1,
    kind: "Retriever",
    icon: "agentflow-retriever.svg",
    category: "Agent Flows",
    description: "Looks something up in document stores",
    color: Some("#b8bedd"),
    base_classes: &["Retriever"],
    inputs: &[STORES.field, QUERY.field, FORMAT.field, UPDATES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Retriever;

#[async_trait]
impl Node for Retriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let stores = inputs.get(&STORES)?;
        let stores = stores.iter().map(|row| rows::text(row, STORE.field.name));
        Ok(Capability::Step(Arc::new(LookUp {
            stores: stores.filter(|it| !it.is_empty()).collect(),
            query: inputs.get(&QUERY)?,
            with_metadata: inputs.get(&FORMAT)? == "textWithMetadata",
            updates: rows::state_updates(inputs, &UPDATES)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

struct LookUp {
    stores: Vec<String>,
    query: String,
    with_metadata: bool,
    updates: Vec<StateUpdate>,
}

#[async_trait]
impl Step for LookUp {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let mut found = Vec::new();
        for store in &self.stores {
            found.extend(stores::search(store, &self.query, turn.run).await?);
        }
        let content = if self.with_metadata {
            let passages = found
                .iter()
                .map(|it| json!({"pageContent": it.page_content, "metadata": it.metadata}));
            serde_json::to_string_pretty(&passages.collect::<Vec<_>>()).unwrap_or_default()
        } else {
            found.iter().map(|it| it.page_content.as_str()).collect::<Vec<_>>().join("\n")
        };
        turn.run.events.token(&content).await;
        if turn.speaks && !found.is_empty() {
            turn.run.events.emit(Event::SourceDocuments(found)).await;
        }
        let input = Map::from_iter([("question".to_owned(), self.query.clone().into())]);
        Ok(Taken { updates: self.updates.clone(), ..Taken::text(input, content) })
    }
}
