//! Keeps prepared flows and runs them.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Inputs, Memory, Message, Output, Run, Services, Tool, node::Upserted,
    sequence::Checkpoints,
};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Catalog, Error, FlowData, Overrides, Plan, Prepared, Result, agentflow::Graph, prepared::Home,
};

/// How many prepared flows are kept; the least used go first.
const KEPT: u64 = 1_000;
/// How long an unused one is kept.
const IDLE: Duration = Duration::from_mins(30);

/// A stored flow, as the engine needs it.
#[derive(Clone, Copy, Debug)]
pub struct FlowSource<'a> {
    /// Its id.
    pub id: &'a str,
    /// Raised with every change of the flow, of a credential or of a tool it uses: what was
    /// prepared for another revision is not used.
    pub revision: i64,
    /// The workspace whose credentials and tools it may use.
    pub workspace: &'a str,
    /// Its JSON text.
    pub data: &'a str,
}

impl FlowSource<'_> {
    fn home(&self) -> Home {
        Home { workspace: self.workspace.to_owned(), flow: self.id.to_owned() }
    }
}

/// A node that one run fills in otherwise than the flow does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeEdit {
    /// Its id.
    pub node: String,
    /// Rows of its form with their values; the others stay as they are.
    pub inputs: Map<String, Value>,
}

/// What a prepared flow is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    id: String,
    revision: i64,
    /// Hash of the overrides it was prepared with; none for the flow as saved.
    overrides: Option<u64>,
}

/// Parses, plans, builds and runs flows.
pub struct Engine {
    catalog: Catalog,
    services: Arc<Services>,
    prepared: Cache<Key, Arc<Prepared>>,
    plans: Cache<Key, Arc<Plan>>,
    graphs: Cache<Key, Arc<Graph>>,
}

impl Engine {
    /// An engine for these nodes, which reach the outside through `services`.
    pub fn new(catalog: Catalog, services: Arc<Services>) -> Self {
        let prepared = Cache::builder().max_capacity(KEPT).time_to_idle(IDLE).build();
        let plans = Cache::builder().max_capacity(KEPT).time_to_idle(IDLE).build();
        let graphs = Cache::builder().max_capacity(KEPT).time_to_idle(IDLE).build();
        Self { catalog, services, prepared, plans, graphs }
    }

    /// The nodes that flows may use.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What nodes reach the outside through.
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// The plan of a flow as saved. Builds and calls nothing.
    pub async fn plan(&self, source: FlowSource<'_>) -> Result<Arc<Plan>> {
        let planned = self.plans.try_get_with(key(source, None), async {
            Ok::<_, Error>(Arc::new(Plan::new(&FlowData::parse(source.data)?, &self.catalog)?))
        });
        planned.await.map_err(Error::Shared)
    }

    /// The nodes and wires of an agentflow as this call may walk them. Builds and calls nothing.
    ///
    /// # Errors
    /// What is wrong with the flow, by the labels on the canvas.
    pub async fn graph(
        &self,
        source: FlowSource<'_>,
        overrides: Option<&Overrides<'_>>,
    ) -> Result<Arc<Graph>> {
        if let Some(overrides) = overrides.filter(|it| !it.is_empty()) {
            let flow = self.overridden(source, overrides)?;
            return Ok(Arc::new(Graph::new(&flow, &self.catalog)?));
        }
        let read = self.graphs.try_get_with(key(source, None), async {
            Ok::<_, Error>(Arc::new(Graph::new(&FlowData::parse(source.data)?, &self.catalog)?))
        });
        read.await.map_err(Error::Shared)
    }

    /// The same for a flow that is looked at once, such as one that is not kept under its revision,
    /// with a node of it filled in otherwise.
    ///
    /// # Errors
    /// As for [`Engine::graph`].
    pub fn graph_once(
        &self,
        source: FlowSource<'_>,
        overrides: &Overrides<'_>,
        edit: Option<&NodeEdit>,
    ) -> Result<Arc<Graph>> {
        let mut flow = self.overridden(source, overrides)?;
        if let Some(edit) = edit
            && let Some(node) = flow.nodes.iter_mut().find(|it| it.id == edit.node)
        {
            node.data.inputs.extend(edit.inputs.clone());
            // Whoever fills it in wants to see what comes of it.
            node.data.pinned_output = Value::Null;
        }
        Ok(Arc::new(Graph::new(&flow, &self.catalog)?))
    }

    /// The flow, ready to run. Callers who come while it is being built wait for the same build; a
    /// failed build is not kept.
    pub async fn prepare(
        &self,
        source: FlowSource<'_>,
        overrides: Option<&Overrides<'_>>,
    ) -> Result<Arc<Prepared>> {
        let overrides = overrides.filter(|it| !it.is_empty());
        let build = async {
            let plan = match overrides {
                None => self.plan(source).await?,
                Some(overrides) => {
                    let mut flow = FlowData::parse(source.data)?;
                    overrides.apply(&mut flow, &self.catalog);
                    Arc::new(Plan::new(&flow, &self.catalog)?)
                }
            };
            Ok::<_, Error>(Arc::new(Prepared::new(plan, source.home(), &self.services).await?))
        };
        // A file hardly ever comes twice, and what is built from it can be large.
        if overrides.is_some_and(|it| !it.files.is_empty()) {
            return build.await;
        }
        let shared = self.prepared.try_get_with(key(source, overrides), build);
        shared.await.map_err(Error::Shared)
    }

    /// Answers one call. Dropping the future ends the run and every model call in it.
    pub async fn run(&self, prepared: &Prepared, run: &Run) -> Result<Output> {
        prepared.run(run).await
    }

    /// Runs one node outside of any flow, filled in as `values`, for the value it hands on: the
    /// editor's *Execute* button and post-processing.
    pub async fn evaluate(
        &self,
        name: &str,
        values: Map<String, Value>,
        run: Run,
    ) -> Result<Value> {
        let unknown = || Error::UnknownNode { label: name.to_owned(), name: name.to_owned() };
        let node = self.catalog.get(name).ok_or_else(unknown)?;
        let inputs = Inputs {
            node_label: node.spec().label.to_owned(),
            workspace: run.workspace.clone(),
            values,
            run: Some(run),
            ..Inputs::empty(self.services.clone())
        };
        match node.init(&inputs).await? {
            Capability::Value(value) => Ok(value),
            other => Err(Error::NotRunnable { label: inputs.node_label, kind: other.kind() }),
        }
    }

    /// Builds one node outside of any flow, filled in as the canvas or a form saved it:
    /// `{name, inputs, credential}`.
    ///
    /// # Errors
    /// What is wrong with the node, by its label.
    pub async fn build(&self, node: &Value, workspace: &str) -> Result<Capability> {
        const ONLY: &str = "node";
        let flow = serde_json::json!({ "nodes": [{ "id": ONLY, "data": node }], "edges": [] });
        let flow = FlowData::parse(&flow.to_string())?;
        let plan = Arc::new(Plan::for_node(&flow, &self.catalog, ONLY)?);
        let home = Home { workspace: workspace.to_owned(), flow: String::new() };
        Prepared::new(plan, home, &self.services).await?.into_last()
    }

    /// The tools that are plugged into a flow's ending node, built for this call.
    ///
    /// # Errors
    /// As for a question to the flow.
    pub async fn tools(&self, source: FlowSource<'_>, run: &Run) -> Result<Vec<Arc<dyn Tool>>> {
        self.prepare(source, None).await?.tools(run).await
    }

    /// The memories of a flow, each built by itself.
    ///
    /// # Errors
    /// Where the flow cannot be read or one of them not be built.
    pub async fn memories(&self, source: FlowSource<'_>) -> Result<Vec<Arc<dyn Memory>>> {
        let flow = FlowData::parse(source.data)?;
        let is_memory =
            |name: &str| self.catalog.get(name).is_some_and(|it| it.spec().category == "Memory");
        let mut memories = Vec::new();
        for node in flow.nodes.iter().filter(|it| is_memory(&it.data.name)) {
            let plan = Arc::new(Plan::for_node(&flow, &self.catalog, &node.id)?);
            let built = Prepared::new(plan, source.home(), &self.services).await?.into_last()?;
            match built {
                Capability::Memory(memory) => memories.push(memory),
                Capability::Checkpoints(kept) => memories.push(Arc::new(Forgets(kept))),
                _ => {}
            }
        }
        Ok(memories)
    }

    /// A flow as one call sees it, with what the call overrides.
    ///
    /// # Errors
    /// Where the flow cannot be read.
    pub fn overridden(
        &self,
        source: FlowSource<'_>,
        overrides: &Overrides<'_>,
    ) -> Result<FlowData> {
        let mut flow = FlowData::parse(source.data)?;
        overrides.apply(&mut flow, &self.catalog);
        Ok(flow)
    }

    /// Writes the documents of a flow to the vector store `node`, or to its first one.
    pub async fn upsert(
        &self,
        source: FlowSource<'_>,
        overrides: Option<&Overrides<'_>>,
        node: Option<&str>,
    ) -> Result<Upserted> {
        let mut flow = FlowData::parse(source.data)?;
        if let Some(overrides) = overrides {
            overrides.apply(&mut flow, &self.catalog);
        }
        let is_store = |name: &str| {
            self.catalog.get(name).is_some_and(|it| it.spec().category == "Vector Stores")
        };
        let mut stores = flow.nodes.iter().filter(|it| is_store(&it.data.name));
        let store = match node {
            Some(id) => stores.find(|it| it.id == id),
            None => stores.next(),
        };
        let plan = Plan::for_node(&flow, &self.catalog, &store.ok_or(Error::NoVectorStore)?.id)?;
        Prepared::upsert(&plan, source.home(), &self.services).await
    }
}

/// The memory of an agentflow of the first version, as far as it is to forget.
struct Forgets(Arc<dyn Checkpoints>);

#[async_trait]
impl Memory for Forgets {
    fn key(&self) -> &'static str {
        "messages"
    }
    async fn messages(&self, _: &Run) -> flowstone_core::Result<Vec<Message>> {
        Ok(Vec::new())
    }
    async fn remember(&self, _: &Run, _: &str, _: &str) -> flowstone_core::Result<()> {
        Ok(())
    }
    async fn clear(&self, run: &Run) -> flowstone_core::Result<()> {
        self.0.clear(run).await
    }
}

fn key(source: FlowSource<'_>, overrides: Option<&Overrides<'_>>) -> Key {
    let overrides = overrides.map(|it| {
        let mut hasher = DefaultHasher::new();
        Value::Object(it.config.clone()).to_string().hash(&mut hasher);
        hasher.finish()
    });
    Key { id: source.id.to_owned(), revision: source.revision, overrides }
}
