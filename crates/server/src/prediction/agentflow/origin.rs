//! Which flow a run walks, and what it goes back into: kept with its request.

use std::sync::Arc;

use flowstone_engine::{NodeEdit, Overrides, agentflow::Graph};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::super::{ChatType, LiveFlow, Question};
use crate::{AppState, problem::Result};

/// Texts of flows that are longer, in bytes, are not kept with each run that tries them out.
const LONGEST_TEXT: usize = 2 << 20;

/// Which state of its flow a run walks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub(crate) enum FlowSource {
    /// What is live.
    #[default]
    Published,
    /// What is being worked on.
    Draft,
    /// The flow as it was when the run that is gone back into began.
    Recorded,
}

impl FlowSource {
    /// As it is written in a run's row.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Draft => "draft",
            Self::Recorded => "recorded",
        }
    }

    /// The one of this name; what is live where there is none.
    pub(crate) fn parse(name: &str) -> Self {
        let all = [Self::Published, Self::Draft, Self::Recorded];
        all.into_iter().find(|it| it.as_str() == name).unwrap_or_default()
    }
}

/// What a run goes back into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct RerunOf {
    /// The earlier run.
    pub(crate) execution_id: String,
    /// The node that it begins at.
    pub(crate) node_id: String,
}

/// Which flow a run walks, and what it goes back into.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Origin {
    /// Which state of the flow it walks.
    pub(crate) source: FlowSource,
    /// Whether the flow is tried out: pins and breakpoints count.
    pub(super) is_trial: bool,
    /// The number of what was live, where it has one.
    pub(super) version: Option<i32>,
    /// The revision of what was live.
    pub(super) revision: i64,
    /// The text of the flow, where it is kept nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flow_data: Option<String>,
    /// What it goes back into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rerun_of: Option<RerunOf>,
    /// The node that it begins at, filled in otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) edit: Option<NodeEdit>,
    /// The conversation before the run that it goes back into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) past: Option<Vec<Value>>,
}

impl Origin {
    /// That of a run that begins.
    pub(super) fn of(live: &LiveFlow, question: &Question, chat_type: ChatType) -> Self {
        let source = if question.draft { FlowSource::Draft } else { FlowSource::Published };
        Self {
            source,
            is_trial: question.draft && chat_type == ChatType::Internal,
            version: live.version,
            revision: live.flow.revision,
            flow_data: question.draft.then(|| draft_kept(live)).flatten(),
            ..Self::default()
        }
    }

    /// That of a run whose request was kept as `request`.
    pub(crate) fn kept(request: &str) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Kept {
            origin: Origin,
        }
        serde_json::from_str::<Kept>(request).unwrap_or_default().origin
    }

    /// The flow that the run walks, as it is now.
    ///
    /// # Errors
    /// Where it is gone.
    pub(super) async fn live(&self, state: &AppState, flow: &str) -> Result<Arc<LiveFlow>> {
        let live = state.flows.get(&state.store, flow).await?;
        match (self.source, &self.flow_data) {
            (FlowSource::Draft, _) => live.draft(&state.store).await,
            (FlowSource::Recorded, Some(text)) => Ok(live.recorded(text.clone(), self.version)),
            _ => Ok(live),
        }
    }

    /// What of it is walked.
    ///
    /// # Errors
    /// What is wrong with the flow.
    pub(super) async fn graph(
        &self,
        state: &AppState,
        live: &LiveFlow,
        question: &Question,
    ) -> Result<Arc<Graph>> {
        let (config, files) = (&question.override_config, &question.files[..]);
        let overrides = Overrides { gate: &live.gate, config, files };
        if self.source == FlowSource::Recorded || self.edit.is_some() {
            let edit = self.edit.as_ref();
            return Ok(state.engine.graph_once(live.source(), &overrides, edit)?);
        }
        Ok(state.engine.graph(live.source(), Some(&overrides)).await?)
    }
}

/// The text of a draft, to be kept with the run that tries it out; none where it is too long.
pub(super) fn draft_kept(live: &LiveFlow) -> Option<String> {
    let text = &live.flow.flow_data;
    (text.len() <= LONGEST_TEXT).then(|| text.clone())
}
