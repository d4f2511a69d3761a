//! Flows as calls need them: read once, kept until their revision changes.

use std::sync::Arc;

use axum::http::StatusCode;
use flowstone_engine::{FlowSource, OverrideGate};
use flowstone_store::{ChatFlow, Store, WorkspaceScope};
use moka::future::Cache;
use serde_json::Value;

use super::follow_up::FollowUps;
use crate::{Problem, problem::Result};

/// How many flows are kept ready; the least used go first.
const KEPT: u64 = 1_000;

/// A stored flow with its settings parsed.
pub(crate) struct LiveFlow {
    /// The row.
    pub(crate) flow: ChatFlow,
    /// What calls may override.
    pub(crate) gate: OverrideGate,
    /// Origins whose pages may call it; empty for all.
    pub(crate) origins: Vec<String>,
    /// What other pages are told.
    pub(crate) origins_error: Option<String>,
    /// How often one address may call it.
    pub(crate) limit: Option<CallLimit>,
    /// JavaScript that has the last word on each answer.
    pub(crate) post_processing: Option<String>,
    /// How suggestions of what to ask next are made.
    pub(crate) follow_ups: Option<FollowUps>,
    /// Whether something in it may read `$vars`.
    pub(crate) reads_variables: bool,
    /// Which version it is, where it is numbered.
    pub(crate) version: Option<i32>,
    /// It is the draft, not what is live.
    pub(crate) is_draft: bool,
}

/// A flow's own limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallLimit {
    /// Calls in one window.
    pub(crate) calls: u32,
    /// Length of the window in seconds.
    pub(crate) seconds: u32,
    /// What callers over the limit are told.
    pub(crate) message: String,
}

impl LiveFlow {
    fn new(flow: ChatFlow) -> Self {
        let json = |text: &Option<String>| {
            text.as_deref()
                .and_then(|it| serde_json::from_str::<Value>(it).ok())
                .unwrap_or_default()
        };
        let (chatbot, api) = (json(&flow.chatbot_config), json(&flow.api_config));
        let text = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
        let listed = chatbot["allowedOrigins"].as_array().into_iter().flatten();
        let listed: Vec<String> =
            listed.map(|it| it.as_str().unwrap_or_default().trim().to_owned()).collect();
        // A list whose first entry is empty is one that was never filled in.
        let origins =
            if listed.first().is_some_and(String::is_empty) { Vec::new() } else { listed };
        Self {
            gate: OverrideGate::parse(flow.api_config.as_deref()),
            origins,
            origins_error: text(&chatbot["allowedOriginsError"]),
            limit: call_limit(&api["rateLimit"]),
            post_processing: post_processing(&chatbot["postProcessing"]),
            follow_ups: FollowUps::parse(
                &json(&flow.follow_up_prompts),
                &chatbot["followUpPrompts"],
            ),
            reads_variables: flow.flow_data.contains("$vars")
                || flow.flow_data.contains("customTool")
                || flow.chatbot_config.as_deref().is_some_and(|it| it.contains("$vars")),
            version: None,
            is_draft: false,
            flow,
        }
    }

    /// The draft of this flow as it is now, with the settings that are live; the flow itself where
    /// it has no draft.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn draft(self: Arc<Self>, store: &Store) -> Result<Arc<Self>> {
        let scope = WorkspaceScope::new(self.flow.workspace_id.clone());
        let Some(draft) = store.drafts().find(&scope, &self.flow.id).await? else {
            return Ok(self);
        };
        let flow = ChatFlow {
            flow_data: draft.flow_data,
            // Never one of a revision that is live, which counts from a time up.
            revision: -draft.generation,
            ..self.flow.clone()
        };
        Ok(Arc::new(Self { is_draft: true, ..Self::new(flow) }))
    }

    /// This flow as it was once, with the settings that are live.
    pub(crate) fn recorded(self: Arc<Self>, flow_data: String, version: Option<i32>) -> Arc<Self> {
        let flow = ChatFlow { flow_data, ..self.flow.clone() };
        Arc::new(Self { version, ..Self::new(flow) })
    }

    /// The flow, as the engine takes it.
    pub(crate) fn source(&self) -> FlowSource<'_> {
        FlowSource {
            id: &self.flow.id,
            revision: self.flow.revision,
            workspace: &self.flow.workspace_id,
            data: &self.flow.flow_data,
        }
    }

    /// Whether its nodes run one after the other, instead of being built into one another.
    pub(crate) fn is_agentflow(&self) -> bool {
        self.flow.flow_type.as_deref() == Some("AGENTFLOW")
    }

    /// Whether pages of `origin` may call it. Host and port decide; entries without a scheme never
    /// match.
    pub(crate) fn allows_origin(&self, origin: &str) -> bool {
        let host = |text: &str| {
            let (_, rest) = text.split_once("://")?;
            Some(rest.split('/').next().unwrap_or_default().to_ascii_lowercase())
        };
        let caller = host(origin);
        self.origins.is_empty()
            || caller.is_some() && self.origins.iter().any(|it| host(it) == caller)
    }
}

/// The limit counts where all three of its values are set and it is not switched off.
fn call_limit(config: &Value) -> Option<CallLimit> {
    let number = |value: &Value| -> Option<u32> {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64().and_then(|it| u32::try_from(it).ok()),
        };
        number.filter(|it| *it > 0)
    };
    if config["status"] == false {
        return None;
    }
    Some(CallLimit {
        calls: number(&config["limitMax"])?,
        seconds: number(&config["limitDuration"])?,
        message: config["limitMsg"].as_str().filter(|it| !it.is_empty())?.to_owned(),
    })
}

/// The code is kept as a JSON text inside the JSON.
fn post_processing(config: &Value) -> Option<String> {
    if config["enabled"] != true {
        return None;
    }
    let saved = config["customFunction"].as_str()?;
    let code = serde_json::from_str::<String>(saved).unwrap_or_else(|_| saved.to_owned());
    (!code.trim().is_empty()).then_some(code)
}

/// The flows that were called lately.
pub(crate) struct LiveFlows(Cache<String, Arc<LiveFlow>>);

impl LiveFlows {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT))
    }

    /// The flow `id` as it is now: one small query where nothing has changed.
    ///
    /// # Errors
    /// 400 for what is no id, 404 for an unknown one.
    pub(crate) async fn get(&self, store: &Store, id: &str) -> Result<Arc<LiveFlow>> {
        if uuid::Uuid::try_parse(id).is_err() {
            return Err(Problem::bad_request("Invalid Chatflow ID"));
        }
        let Some(revision) = store.chatflows().revision(id).await? else {
            self.0.invalidate(id).await;
            return Err(unknown(id));
        };
        if let Some(live) = self.0.get(id).await
            && live.flow.revision == revision
        {
            return Ok(live);
        }
        let flow = store.chatflows().get_for_anyone(id).await.map_err(|error| {
            let problem = Problem::from(error);
            if problem.status() == StatusCode::NOT_FOUND { unknown(id) } else { problem }
        })?;
        let scope = WorkspaceScope::new(flow.workspace_id.clone());
        let version = store.versions().live_number(&scope, id).await?;
        let live = Arc::new(LiveFlow { version, ..LiveFlow::new(flow) });
        self.0.insert(id.to_owned(), live.clone()).await;
        Ok(live)
    }
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("Chatflow {id} not found in the database!"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_limit_needs_all_three_values() {
        let full = json!({"limitMax": "2", "limitDuration": 60, "limitMsg": "Slow"});
        let expected = CallLimit { calls: 2, seconds: 60, message: "Slow".to_owned() };
        assert_eq!(call_limit(&full), Some(expected));
        for (key, value) in [
            ("limitMax", json!("x")),
            ("limitDuration", json!(0)),
            ("limitMsg", json!("")),
            ("status", json!(false)),
        ] {
            let mut broken = full.clone();
            broken[key] = value;
            assert_eq!(call_limit(&broken), None, "{key}");
        }
    }

    #[test]
    fn post_processing_is_code_in_json_in_json() {
        let config = json!({"enabled": true, "customFunction": "\"return 1\""});
        assert_eq!(post_processing(&config).as_deref(), Some("return 1"));
        assert_eq!(post_processing(&json!({"enabled": false, "customFunction": "\"x\""})), None);
        assert_eq!(post_processing(&json!({"enabled": true, "customFunction": "\" \""})), None);
    }
}
