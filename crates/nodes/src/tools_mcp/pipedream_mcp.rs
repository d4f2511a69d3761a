//! Apps that Pipedream connects, by the MCP server that it hosts.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use flowstone_core::{
    Credential, Error, Input, Inputs, Result, Services, Spec,
    spec::{Choice, CredentialSlot},
};
use flowstone_mcp::{HttpServer, Target, Wire};
use flowstone_providers::HttpClient;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{ACTIONS, McpForm, Server};

/// See pipedream.com/docs/connect/mcp/developers.
const ADDRESS: &str = "https://remote.mcp.pipedream.net";
const TOKENS: &str = "https://api.pipedream.com/v1/oauth/token";

/// Longest answer with a token, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A token that runs out sooner is not used any more.
const RESERVE: Duration = Duration::from_mins(1);

/// Stands for the user while actions are listed and nobody has asked anything.
const NOBODY: &str = "flowstone-preview";

const ENVIRONMENT: Input<String> = Input::options(
    "Environment",
    "environment",
    &[Choice::new("development", "Development"), Choice::new("production", "Production")],
)
.default("development")
.describe("Which environment of the Pipedream project holds the connected accounts");
const APP: Input<String> = Input::text("App Slug", "appSlug")
    .describe("The app as Pipedream's addresses name it; several with commas between them")
    .placeholder("slack");
const USER: Input<String> = Input::text("User ID", "externalUserId")
    .describe("Whose accounts are used: any id that always means the same person of yours")
    .placeholder("{{$vars.user_email}}")
    .accepts_variables();
const MODE: Input<String> =
    Input::options("Tool Mode", "toolMode", &[Choice::new("tools-only", "Tools only")])
        .default("tools-only")
        .describe("How Pipedream offers what an app can do");

static SPEC: Spec = Spec {
    label: "Pipedream MCP",
    name: "pipedreamMCP",
    version: 1.0,
    kind: "Pipedream MCP Tool",
    icon: "toolbox.svg",
    category: "Tools (MCP)",
    description: "Actions of the many apps that Pipedream connects, each user with their own accounts",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["pipedreamOAuthApi"])),
    inputs: &[ENVIRONMENT.field, APP.field, USER.field, MODE.field, ACTIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: McpForm = McpForm {
    spec: &SPEC,
    server: |inputs| Ok(Arc::new(Project::of(inputs, ADDRESS, TOKENS)?)),
    row: &APP.field,
    reads_run: None,
};

/// A project at Pipedream, and whose accounts of it are used.
pub(super) struct Project {
    services: Arc<Services>,
    credential: Credential,
    headers: Vec<(String, String)>,
    address: String,
    tokens: String,
    token: Mutex<Option<(String, Instant)>>,
}

impl Project {
    /// The project of a form, at these addresses.
    pub(super) fn of(inputs: &Inputs, address: &str, tokens: &str) -> Result<Self> {
        let app = inputs.get(&APP)?;
        let apps: Vec<&str> = app.split(',').map(str::trim).collect();
        if !apps.iter().all(|it| is_slug(it)) {
            let reason =
                "names as in Pipedream's addresses are expected, such as slack or slack,notion";
            return Err(Error::invalid(&APP.field, reason));
        }
        let credential = inputs.credential()?;
        let project = credential.require("projectId", "Project ID")?;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            pair("x-pd-project-id", project),
            pair("x-pd-environment", &inputs.get(&ENVIRONMENT)?),
            pair("x-pd-external-user-id", &user(inputs)?),
            pair("x-pd-app-slug", &apps.join(",")),
            pair("x-pd-tool-mode", &inputs.get(&MODE)?),
        ];
        Ok(Self {
            services: inputs.services.clone(),
            credential: credential.clone(),
            headers,
            address: address.to_owned(),
            tokens: tokens.to_owned(),
            token: Mutex::new(None),
        })
    }

    /// A token that holds for the next minute.
    async fn token(&self) -> Result<String> {
        let mut held = self.token.lock().await;
        if let Some((token, until)) = held.as_ref()
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let mut asked = json!({
            "grant_type": "client_credentials",
            "client_id": self.credential.require("clientId", "Client ID")?,
            "client_secret": self.credential.require("clientSecret", "Client Secret")?,
        });
        if let Some(scope) = self.credential.get("oauthScopes") {
            asked["scope"] = scope.into();
        }
        let http = self.services.get::<HttpClient>()?;
        let response = http.post(&self.tokens)?.json(&asked).send().await?;
        let status = response.status();
        if matches!(status.as_u16(), 400 | 401) {
            return Err(Error::Credential(
                "Pipedream does not know the client ID with this secret: open the credential and correct them"
                    .to_owned(),
            ));
        }
        if !status.is_success() {
            let message = "Pipedream gave no token".to_owned();
            return Err(Error::Provider { status: status.as_u16(), message });
        }
        let answer: Value = response.json(LONGEST_ANSWER).await?;
        let token = answer["access_token"]
            .as_str()
            .ok_or_else(|| Error::Transport("Pipedream's answer holds no token".to_owned()))?;
        let holds = Duration::from_secs(answer["expires_in"].as_u64().unwrap_or(3600));
        *held = Some((token.to_owned(), Instant::now() + holds.saturating_sub(RESERVE)));
        Ok(token.to_owned())
    }
}

#[async_trait]
impl Server for Project {
    async fn target(&self) -> Result<Target> {
        let mut headers = self.headers.clone();
        headers.push(("Authorization".to_owned(), format!("Bearer {}", self.token().await?)));
        Ok(Target::Http(HttpServer { url: self.address.clone(), headers, wire: Wire::Either }))
    }
}

/// Whose accounts are used. Outside of a call, what stands for a person is not known yet.
fn user(inputs: &Inputs) -> Result<String> {
    let user = inputs.get(&USER)?.trim().to_owned();
    if user.contains("{{") {
        if inputs.run.is_none() {
            return Ok(NOBODY.to_owned());
        }
        let reason =
            "nothing is known under the name between the braces: is there such a variable?";
        return Err(Error::invalid(&USER.field, reason));
    }
    let fits = |it: char| it.is_ascii_alphanumeric() || "._@+-".contains(it);
    if user.is_empty() {
        return Err(Error::missing(&USER.field));
    }
    if user.len() > 250 || !user.chars().all(fits) {
        let reason = "letters, digits and . _ @ + - are expected, at most 250";
        return Err(Error::invalid(&USER.field, reason));
    }
    Ok(user)
}

fn is_slug(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    (1..=100).contains(&text.len())
        && text.starts_with(plain)
        && text.ends_with(plain)
        && text.chars().all(|it| plain(it) || it == '-' || it == '_')
}
