//! The example flows inside the binary: what a new installation can answer with at once.

use anyhow::{Context as _, Result};
use chrono::Utc;
use flowstone_store::{ChatFlow, Organization, Store, Workspace, WorkspaceScope};
use rust_embed::RustEmbed;
use serde::Deserialize;

/// Every file of `examples/`.
#[derive(RustEmbed)]
#[folder = "../../examples"]
struct Files;

/// Setting that tells that this database has had its examples: what a user deletes stays deleted.
const SEEDED: &str = "examples";

/// An example flow. The file is an ordinary export with three keys of our own on top.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Example {
    /// Fixed, so that the address printed at start is the same everywhere.
    id: String,
    name: String,
    category: String,
    nodes: serde_json::Value,
    edges: serde_json::Value,
}

/// Puts the example flows into a database that never had them; gives the id of the first one.
pub(crate) async fn seed(store: &Store) -> Result<Option<String>> {
    let mut names: Vec<_> = Files::iter().filter(|it| it.ends_with(".json")).collect();
    names.sort();
    let mut examples = Vec::new();
    for name in names {
        let file = Files::get(&name).with_context(|| format!("{name} is not in the program"))?;
        let example: Example = serde_json::from_slice(&file.data)
            .with_context(|| format!("the example {name} is damaged"))?;
        examples.push(example);
    }
    let first = examples.first().map(|it| it.id.clone());
    if store.settings().get(SEEDED).await?.is_none() {
        let workspace = default_workspace(store).await?;
        let scope = WorkspaceScope::new(workspace.id.clone());
        for example in &examples {
            match store.chatflows().insert(&scope, &flow(example, &workspace.id)).await {
                // A start that was cut short, or another server at the same moment, put it there.
                Ok(()) | Err(flowstone_store::Error::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        store.settings().put(SEEDED, "1").await?;
    }
    match first {
        Some(id) => Ok(store.chatflows().revision(&id).await?.map(|_| id)),
        None => Ok(None),
    }
}

/// The oldest workspace; made here where nobody has signed up yet. The first account moves in.
pub(crate) async fn default_workspace(store: &Store) -> Result<Workspace> {
    if let Some(oldest) = store.workspaces().list_all().await?.into_iter().next() {
        return Ok(oldest);
    }
    let now = Utc::now();
    let organization = Organization {
        id: uuid::Uuid::now_v7().to_string(),
        name: "Default Organization".to_owned(),
        created_by: None,
        updated_by: None,
        created_date: now,
        updated_date: now,
    };
    let workspace = Workspace {
        id: uuid::Uuid::now_v7().to_string(),
        name: "Default Workspace".to_owned(),
        description: None,
        organization_id: organization.id.clone(),
        created_by: None,
        updated_by: None,
        created_date: now,
        updated_date: now,
    };
    store.workspaces().insert_organization(&organization).await?;
    store.workspaces().insert(&workspace).await?;
    Ok(workspace)
}

fn flow(example: &Example, workspace: &str) -> ChatFlow {
    let now = Utc::now();
    let data = serde_json::json!({
        "nodes": example.nodes,
        "edges": example.edges,
        "viewport": {"x": 0, "y": 0, "zoom": 1},
    });
    ChatFlow {
        id: example.id.clone(),
        name: example.name.clone(),
        flow_data: data.to_string(),
        deployed: Some(false),
        is_public: Some(true),
        api_key_id: None,
        chatbot_config: None,
        api_config: None,
        analytic: None,
        speech_to_text: None,
        text_to_speech: None,
        follow_up_prompts: None,
        category: Some(example.category.clone()),
        flow_type: Some("CHATFLOW".to_owned()),
        mcp_server_config: None,
        webhook_secret: None,
        created_date: now,
        updated_date: now,
        workspace_id: workspace.to_owned(),
        revision: now.timestamp_millis(),
    }
}
