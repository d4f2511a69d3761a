//! Lists of flows for our pages: searched, sorted, and without what makes flows large.

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract::State, response::Response};
use flowstone_engine::FlowData;
use flowstone_store::{ChatFlowFilter, ChatFlowSort, ChatFlowSortKey, ChatFlowSummary, Order};
use moka::future::Cache;
use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

use super::chatflows::{KINDS, VIEWS};
use crate::{
    AppState, Caller, Problem, Query,
    openapi::{Kind, doc},
    problem::Result,
    route::Routes,
    wire::{self, Time},
};

/// How many flows are remembered by their contents.
const REMEMBERED: u64 = 10_000;
/// How many flows are read at once to see what they are made of.
const READ_AT_ONCE: usize = 16;
/// How many kinds of nodes are told of one flow.
const NAMES: usize = 24;
/// Nodes that are only notes on the canvas.
const NOTES: &[&str] = &["stickyNote", "stickyNoteAgentflow"];
/// By what a list may be sorted.
const SORTS: &[&str] = &["name", "createdDate", "updatedDate"];

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/chatflows/summaries", VIEWS, list)
        .doc(
            doc("List flows without their nodes and edges")
                .details("Of a flow that was never published, its draft's nodes are told.")
                .query("type", Kind::Choices(KINDS), "Only flows of these kinds.")
                .query("q", Kind::Text, "Only flows with this in their name, categories or id.")
                .query("category", Kind::Text, "Only flows of this category.")
                .query("sort", Kind::Choice(SORTS), "By what; `updatedDate` unless said otherwise.")
                .query("order", Kind::Choice(&["ASC", "DESC"]), "`DESC` unless said otherwise.")
                .lists::<SummaryRow>(),
        )
        .get("/chatflows/categories", VIEWS, categories)
        .doc(
            doc("List the categories of flows")
                .query("type", Kind::Choice(KINDS), "Only of flows of this kind.")
                .gives::<Vec<CategoryRow>>(),
        )
}

/// What a flow is made of, as lists show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Contents {
    names: Vec<String>,
    nodes: u32,
    edges: u32,
}

/// What flows are made of, by id, by whether it is the draft, and by revision: reading it off the
/// text of a large flow takes longer than everything else of a list.
pub(crate) struct FlowContents(Cache<Key, Contents>);

type Key = (String, Text, i64);

/// Which text of a flow is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Text {
    Live,
    Draft,
}

impl FlowContents {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// What each of `flows` is made of by this text, in their order: id and revision of each.
    async fn of(
        &self,
        state: &AppState,
        caller: &Caller,
        text: Text,
        flows: &[(&str, i64)],
    ) -> Result<Vec<Contents>> {
        let key = |(id, revision): &(&str, i64)| ((*id).to_owned(), text, *revision);
        let mut known = HashMap::new();
        let mut unknown = Vec::new();
        for flow in flows {
            match self.0.get(&key(flow)).await {
                Some(contents) => drop(known.insert(flow.0.to_owned(), contents)),
                None => unknown.push(flow),
            }
        }
        // A few at a time: all of a long list could be more than fits into memory.
        for part in unknown.chunks(READ_AT_ONCE) {
            let ids: Vec<&str> = part.iter().map(|it| it.0).collect();
            let texts = match text {
                Text::Live => state.store.chatflows().data_of(&caller.scope, &ids).await?,
                Text::Draft => state.store.drafts().data_of(&caller.scope, &ids).await?,
            };
            for (id, text) in texts {
                let contents = contents(&text);
                if let Some(flow) = part.iter().find(|it| it.0 == id) {
                    self.0.insert(key(flow), contents.clone()).await;
                }
                known.insert(id, contents);
            }
        }
        Ok(flows.iter().map(|it| known.remove(it.0).unwrap_or_default()).collect())
    }

    /// The same of what is live; of flows that were never published, of their drafts.
    async fn told(
        &self,
        state: &AppState,
        caller: &Caller,
        flows: &[ChatFlowSummary],
        drafts: &HashMap<String, i64>,
    ) -> Result<Vec<Contents>> {
        let live: Vec<_> = flows.iter().map(|it| (it.id.as_str(), it.revision)).collect();
        let mut told = self.of(state, caller, Text::Live, &live).await?;
        let empty = flows.iter().zip(&told).filter(|(_, contents)| contents.nodes == 0);
        let mut begun: Vec<(&str, i64)> = empty
            .filter_map(|(flow, _)| Some((flow.id.as_str(), *drafts.get(&flow.id)?)))
            .collect();
        if begun.is_empty() {
            return Ok(told);
        }
        let ids: Vec<&str> = begun.iter().map(|it| it.0).collect();
        let published = state.store.versions().of_flows(&caller.scope, &ids).await?;
        begun.retain(|(id, _)| !published.contains(*id));
        let contents = self.of(state, caller, Text::Draft, &begun).await?;
        for ((id, _), contents) in begun.into_iter().zip(contents) {
            let at = flows.iter().position(|it| it.id == id);
            if let Some(told) = at.and_then(|it| told.get_mut(it)) {
                *told = contents;
            }
        }
        Ok(told)
    }
}

/// What cannot be read has no nodes.
fn contents(text: &str) -> Contents {
    let Ok(flow) = FlowData::parse(text) else { return Contents::default() };
    let mut contents = Contents {
        nodes: flow.nodes.len().try_into().unwrap_or(u32::MAX),
        edges: flow.edges.len().try_into().unwrap_or(u32::MAX),
        ..Contents::default()
    };
    let names = flow.nodes.into_iter().map(|it| it.data.name);
    for name in names.filter(|it| !it.is_empty() && !NOTES.contains(&it.as_str())) {
        if contents.names.len() < NAMES && !contents.names.contains(&name) {
            contents.names.push(name);
        }
    }
    contents
}

/// A flow in a list.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "FlowSummary")]
#[schemars(rename = "FlowSummary")]
struct SummaryRow {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Its categories, with semicolons between.
    category: Option<String>,
    deployed: Option<bool>,
    is_public: Option<bool>,
    #[serde(rename = "apikeyid")]
    api_key_id: Option<String>,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    /// The kinds of its nodes but notes, each once, in the order in which they were placed; at most
    /// 24.
    node_names: Vec<String>,
    node_count: u32,
    edge_count: u32,
    /// Whether there is a draft that is not live.
    has_draft: bool,
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let text = |name: &str| query.get(name).map(str::trim).filter(|it| !it.is_empty());
    let filter = ChatFlowFilter {
        flow_types: query.texts("type"),
        search: text("q").map(str::to_owned),
        category: text("category").map(str::to_owned),
        sort: sort(&query)?,
        ..ChatFlowFilter::default()
    };
    let (flows, total) =
        state.store.chatflows().list_summaries(&caller.scope, &filter, page).await?;
    let ids: Vec<&str> = flows.iter().map(|it| it.id.as_str()).collect();
    let drafts = state.store.drafts().of_flows(&caller.scope, &ids).await?;
    let contents = state.flow_contents.told(&state, &caller, &flows, &drafts).await?;
    let rows = flows.into_iter().zip(contents).map(|(flow, contents)| SummaryRow {
        has_draft: drafts.contains_key(&flow.id),
        id: flow.id,
        name: flow.name,
        kind: flow.flow_type,
        category: flow.category,
        deployed: flow.deployed,
        is_public: flow.is_public,
        api_key_id: flow.api_key_id,
        created_date: flow.created_date.into(),
        updated_date: flow.updated_date.into(),
        node_names: contents.names,
        node_count: contents.nodes,
        edge_count: contents.edges,
    });
    Ok(wire::list(rows.collect(), total, page))
}

fn sort(query: &Query) -> Result<ChatFlowSort> {
    let by = match query.get("sort") {
        None | Some("updatedDate") => ChatFlowSortKey::Updated,
        Some("createdDate") => ChatFlowSortKey::Created,
        Some("name") => ChatFlowSortKey::Name,
        Some(other) => {
            let known = SORTS.join(", ");
            return Err(Problem::bad_request(format!("sort: {other:?} is none of {known}")));
        }
    };
    let order = match query.get("order") {
        None => Order::Descending,
        Some(_) => query.order("order"),
    };
    Ok(ChatFlowSort { by, order })
}

/// A category, and how many flows are in it.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export, rename = "FlowCategory")]
#[schemars(rename = "FlowCategory")]
struct CategoryRow {
    name: String,
    count: u32,
}

async fn categories(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<Vec<CategoryRow>>> {
    let saved = state.store.chatflows().list_categories(&caller.scope, query.get("type")).await?;
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for categories in &saved {
        let mut each: Vec<&str> = categories.split(';').filter(|it| !it.is_empty()).collect();
        each.sort_unstable();
        each.dedup();
        for category in each {
            *counts.entry(category).or_default() += 1;
        }
    }
    let rows = counts.into_iter().map(|(name, count)| CategoryRow { name: name.to_owned(), count });
    Ok(Json(rows.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_told_by_its_kinds_of_nodes() {
        let node = |id: &str, name: &str| serde_json::json!({"id": id, "data": {"name": name}});
        let flow = serde_json::json!({"nodes": [node("b_0", "b"), node("a_0", "a"), node("b_1", "b"),
            node("s_0", "stickyNote")], "edges": [{"source": "a_0", "target": "b_0"}]});
        let names = vec!["b".to_owned(), "a".to_owned()];
        assert_eq!(contents(&flow.to_string()), Contents { names, nodes: 4, edges: 1 });
        assert_eq!(contents("{"), Contents::default());
        let many: Vec<_> = (0..30).map(|it| node(&format!("n_{it}"), &format!("n{it}"))).collect();
        let many = contents(&serde_json::json!({ "nodes": many }).to_string());
        assert_eq!((many.names.len(), many.nodes), (NAMES, 30));
    }
}
