//! An agentflow out of a sentence.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    AppState, Body, Caller, Problem,
    generator::{self, Drawn},
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new().post("/agentflowv2-generator/generate", Policy::Caller(&[]), generate).doc(
        doc("Let a model draw an agentflow")
            .details(
                "The answer has `nodes` and `edges` as the canvas saves them. Where the model's \
                     draft could not be mended, it has `error` instead, and nothing of the draft.",
            )
            .takes::<Wish>()
            .gives::<Answer>()
            .problem(503),
    )
}

/// What the flow is to do, and which model draws it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Wish {
    /// What the flow is to do.
    question: Option<String>,
    /// A chat model's node as the canvas holds it; steps that ask a model ask this one.
    #[schemars(with = "Option<Map<String, Value>>")]
    selected_chat_model: Option<Value>,
}

/// What came of it.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DrawnFlow")]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges: Option<Value>,
    /// Why there is no flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_response: Option<Raw>,
}

/// What is wrong with the model's last draft.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DraftFaults")]
struct Raw {
    error: String,
}

async fn generate(
    State(state): State<AppState>,
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Result<Json<Answer>> {
    let question = wish.question.filter(|it| !it.trim().is_empty());
    let model = wish.selected_chat_model.filter(Value::is_object);
    let (Some(question), Some(model)) = (question, model) else {
        return Err(Problem::bad_request("Question and selectedChatModel are required"));
    };
    let workspace = caller.scope.workspace_id();
    Ok(Json(match generator::draw(&state, workspace, &question, &model).await? {
        Drawn::Flow(mut flow) => Answer {
            nodes: Some(flow["nodes"].take()),
            edges: Some(flow["edges"].take()),
            ..Answer::default()
        },
        Drawn::Refused(findings) => Answer {
            error: Some(
                "The model drew no flow that can be placed, even after it was told what is wrong. Say \
                 more of what the flow is to do, or choose a stronger model."
                    .to_owned(),
            ),
            raw_response: Some(Raw { error: findings.join("\n") }),
            ..Answer::default()
        },
    }))
}
