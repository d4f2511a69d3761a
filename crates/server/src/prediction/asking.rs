//! Flows that ask other flows of their workspace.

use std::sync::{OnceLock, Weak};

use async_trait::async_trait;
use flowstone_core::{
    Error, Events, Output, Result, Run,
    services::{FlowCall, FlowSummary, Flows},
};
use flowstone_store::{ChatFlowFilter, Store, WorkspaceScope};
use serde_json::Map;

use super::{Call, ChatType, Question};
use crate::{AppState, state::Shared};

/// How many flows may stand between a caller and the one that answers.
const DEEPEST: u32 = 5;

/// The port through which nodes ask flows. It is made before the server is and bound to it later,
/// as the server needs the engine and the engine the ports.
pub struct FlowPort {
    store: Store,
    server: OnceLock<Weak<Shared>>,
}

impl FlowPort {
    /// A port over these flows; it answers once a server is made with it.
    pub fn new(store: Store) -> Self {
        Self { store, server: OnceLock::new() }
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Lets the port answer through `server`. The first one stays.
    pub(crate) fn bind(&self, server: Weak<Shared>) {
        let _ = self.server.set(server);
    }
}

/// The server that a port is bound to.
///
/// # Errors
/// Where there is none, as in a command.
pub(crate) fn server_of(port: &FlowPort) -> Result<AppState> {
    let server = port.server.get().and_then(Weak::upgrade).ok_or_else(|| {
        Error::Unsupported(
            "other flows and document stores can be asked on a running server only".to_owned(),
        )
    })?;
    Ok(AppState::from(server))
}

#[async_trait]
impl Flows for FlowPort {
    async fn list(&self, workspace: &str) -> Result<Vec<FlowSummary>> {
        let scope = WorkspaceScope::new(workspace);
        let filter = ChatFlowFilter::default();
        let found = self.store.chatflows().list_summaries(&scope, &filter, None).await;
        let (flows, _) = found.map_err(|source| Error::Storage {
            message: "the flows could not be read".to_owned(),
            source: Box::new(source),
        })?;
        let mut flows: Vec<FlowSummary> = flows
            .into_iter()
            .map(|it| FlowSummary {
                id: it.id,
                name: it.name,
                kind: it.flow_type.unwrap_or_else(|| "CHATFLOW".to_owned()),
            })
            .collect();
        flows.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(flows)
    }

    async fn ask(&self, run: &Run, call: FlowCall) -> Result<Output> {
        if run.depth >= DEEPEST {
            return Err(Error::Unsupported(format!(
                "flows ask each other more than {DEEPEST} deep: one of them probably asks itself"
            )));
        }
        if let Some(purse) = &run.purse {
            purse.allow()?;
        }
        let state = server_of(self)?;
        let unknown =
            || Error::Unsupported("the chosen flow is gone: choose another one".to_owned());
        let live = state.flows.get(&state.store, &call.flow_id).await.map_err(|_| unknown())?;
        if live.flow.workspace_id != run.workspace {
            return Err(unknown());
        }
        let mut body = Map::new();
        body.insert("question".to_owned(), call.question.into());
        body.insert("overrideConfig".to_owned(), call.overrides.into());
        if let Some(chat) = call.chat_id {
            body.insert("chatId".to_owned(), chat.into());
        }
        let mut question = Question::from_fields(&body);
        // Where the turn that asks is taken again after a crash, it finds what it asked before. A
        // header cannot hold the sign in front, so no caller's key is the same.
        question.request_key = run.turn.as_ref().map(|it| format!("→{}", it.next()));
        question.ends_with_caller = true;
        let (depth, purse) = (run.depth + 1, run.purse.clone());
        let asked = Call { depth, purse, ..Call::new(live, question, ChatType::External) };
        let answered = asked.answer(&state, Events::silent()).await;
        let exchange = answered.map_err(|it| Error::Unsupported(it.message().to_owned()))?;
        Ok(exchange.body.into_output())
    }
}
