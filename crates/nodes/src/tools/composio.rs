//! Actions of the apps that are connected at Composio (docs.composio.dev/api-reference, v3).

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    node::Entry, spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    http::Method,
    service::{self, Call, Content, Signature, segment},
};
use serde_json::{Map, Value, json};

const APP: Input<String> = refreshed(
    Input::async_options("App Name", "appName", "listApps").describe("Whose actions are meant"),
);
const ACCOUNT: Input<String> = refreshed(
    Input::async_options("Connected Account", "connectedAccountId", "listConnections")
        .describe("In whose name they are taken. Connect accounts at app.composio.dev"),
);
const ACTIONS: Input<Vec<String>> = {
    let mut it = Input::of("Actions to Use", "actions", "asyncMultiOptions")
        .describe("What the model may do; each is a tool");
    it.field.load_method = Some("listActions");
    it.field.refresh = true;
    it
};

/// A row whose list follows the other rows.
const fn refreshed(mut input: Input<String>) -> Input<String> {
    input.field.refresh = true;
    input
}

static SPEC: Spec = Spec {
    label: "Composio",
    name: "composio",
    version: 2.0,
    kind: "Composio",
    icon: "toolbox.svg",
    category: "Tools",
    description: "Lets a model use the apps that are connected at Composio",
    base_classes: &["Composio", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["composioApi"])),
    inputs: &[APP.field, ACCOUNT.field, ACTIONS.field],
    ..Spec::EMPTY
};

/// Most pages of a list that are asked for.
const MOST_PAGES: usize = 20;
/// How many entries a page has.
const PAGE: &str = "500";
/// Longest answer a model is given, in characters.
const LONGEST_ANSWER: usize = 100_000;

/// The node.
pub(crate) struct Composio {
    address: &'static str,
}

/// The node, at the vendor's address.
pub(crate) static NODE: Composio = Composio { address: "https://backend.composio.dev/api/v3" };

#[async_trait]
impl Node for Composio {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let chosen = inputs.get(&ACTIONS)?;
        if chosen.is_empty() {
            return Err(Error::missing(&ACTIONS.field));
        }
        let account = inputs.get(&ACCOUNT)?;
        let client = Arc::new(self.client(inputs)?);
        let http = inputs.services.get::<HttpClient>()?;
        let owner = client.owner(&http, &account).await?;
        let mut tools = Vec::new();
        for slug in chosen {
            let action = client.get(&http, &format!("tools/{}", segment(&slug)), &[]).await;
            let action = action.map_err(|error| match error {
                Error::Provider { status: 404, .. } => Error::invalid(
                    &ACTIONS.field,
                    format!("Composio has no {slug} any more: choose again"),
                ),
                other => other,
            })?;
            let spec = ToolSpec {
                name: super::name_for_models(&slug, "composio"),
                description: text(&action, "description").to_owned(),
                parameters: parameters(&action["input_parameters"]),
            };
            let (account, owner) = (account.clone(), owner.clone());
            let tool = ComposioTool { spec, slug, account, owner, client: client.clone() };
            tools.push(Arc::new(tool) as Arc<dyn Tool>);
        }
        Ok(Capability::Tools(tools))
    }

    /// Nothing is listed before there is a key, and an app where it is of one.
    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if inputs.credential.is_none() {
            return Ok(Vec::new());
        }
        let client = self.client(inputs)?;
        let http = inputs.services.get::<HttpClient>()?;
        if method == "listApps" {
            let apps = client.list(&http, "toolkits", &[]).await?;
            let entry = |it: &Value| {
                Entry::new(text(it, "slug"), text(it, "name"))
                    .describe(text(&it["meta"], "description"))
            };
            return Ok(apps.iter().map(entry).collect());
        }
        let app = match inputs.get(&APP) {
            Err(Error::MissingInput { .. }) => return Ok(Vec::new()),
            app => app?,
        };
        match method {
            "listConnections" => {
                let of_app = [("toolkit_slugs", app.as_str()), ("statuses", "ACTIVE")];
                let accounts = client.list(&http, "connected_accounts", &of_app).await?;
                let entry = |it: &Value| {
                    let (id, user) = (text(it, "id"), text(it, "user_id"));
                    let label =
                        if user.is_empty() { id.to_owned() } else { format!("{user} ({id})") };
                    Entry::new(id, label)
                };
                Ok(accounts.iter().map(entry).collect())
            }
            "listActions" => {
                let actions =
                    client.list(&http, "tools", &[("toolkit_slug", app.as_str())]).await?;
                let entry = |it: &Value| {
                    Entry::new(text(it, "slug"), text(it, "name")).describe(text(it, "description"))
                };
                Ok(actions.iter().map(entry).collect())
            }
            _ => Err(Error::Unsupported(format!("{} has no list {method}", SPEC.label))),
        }
    }
}

impl Composio {
    fn client(&self, inputs: &Inputs) -> Result<Client> {
        let key = inputs.credential()?.require("composioApi", "Composio API Key")?.to_owned();
        Ok(Client { address: self.address, key })
    }
}

/// Composio, with the key of an account.
struct Client {
    address: &'static str,
    key: String,
}

impl Client {
    async fn call(&self, http: &HttpClient, call: &Call) -> Result<Value> {
        let signature = Signature::Header { name: "x-api-key", value: &self.key };
        let called = service::call(http, SPEC.label, signature, call).await;
        called.map_err(refused)?.json()
    }

    async fn get(&self, http: &HttpClient, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let call = Call {
            method: Method::GET,
            url: format!("{}/{path}", self.address),
            query: pairs.collect(),
            content: Content::Empty,
        };
        self.call(http, &call).await
    }

    /// All pages of a list.
    async fn list(&self, http: &HttpClient, path: &str, of: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = of.to_vec();
            query.push(("limit", PAGE));
            query.extend(next.as_deref().map(|it| ("cursor", it)));
            let page = self.get(http, path, &query).await?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            next = page["next_cursor"].as_str().filter(|it| !it.is_empty()).map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        Ok(items)
    }

    /// The user that a connected account belongs to.
    async fn owner(&self, http: &HttpClient, account: &str) -> Result<Option<String>> {
        let path = format!("connected_accounts/{}", segment(account));
        let found = self.get(http, &path, &[]).await.map_err(|error| match error {
            Error::Provider { status: 404, .. } => Error::invalid(
                &ACCOUNT.field,
                "Composio has no such account any more: choose again",
            ),
            other => other,
        })?;
        match text(&found, "status") {
            "" | "ACTIVE" => Ok(found["user_id"].as_str().map(str::to_owned)),
            other => Err(Error::invalid(
                &ACCOUNT.field,
                format!("the account is {other}: connect it again at app.composio.dev"),
            )),
        }
    }
}

/// What to do where the key is not taken.
fn refused(error: Error) -> Error {
    match error {
        Error::Provider { status: 401, message } => Error::Credential(format!(
            "{message}. The credential (Composio API) is not accepted: open it under Credentials \
             and check what it holds"
        )),
        other => other,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The schema of an action as models take it.
fn parameters(schema: &Value) -> Value {
    match schema {
        Value::Object(_) if schema["type"] == "object" => schema.clone(),
        Value::Object(properties) => json!({"type": "object", "properties": properties}),
        _ => super::nothing(),
    }
}

struct ComposioTool {
    spec: ToolSpec,
    slug: String,
    account: String,
    owner: Option<String>,
    client: Arc<Client>,
}

#[async_trait]
impl Tool for ComposioTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let mut body = json!({"connected_account_id": self.account, "arguments": arguments});
        if let Some(owner) = &self.owner {
            body["user_id"] = owner.as_str().into();
        }
        let call = Call {
            method: Method::POST,
            url: format!("{}/tools/execute/{}", self.client.address, segment(&self.slug)),
            query: Vec::new(),
            content: Content::Json(body),
        };
        let http = run.services.get::<HttpClient>()?;
        let done = self.client.call(&http, &call).await?;
        if done["successful"] == false {
            let reason = match &done["error"] {
                Value::String(reason) => reason.clone(),
                other => other.to_string(),
            };
            return Err(Error::Provider { status: 502, message: format!("Composio: {reason}") });
        }
        Ok(ToolResult::text(super::cut(&done["data"].to_string(), LONGEST_ANSWER)))
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::testing::{credential, form, services_for};

    fn page(value: &Value) -> SitePage {
        SitePage::new("application/json", value.to_string())
    }

    fn filled(site: &FakeSite, values: &Value) -> (Composio, Inputs) {
        let mut form = form(values);
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("composioApi", "secret")]));
        (Composio { address: site.url("").leak() }, form)
    }

    #[tokio::test]
    async fn apps_accounts_and_actions_are_listed_page_by_page() {
        let site = FakeSite::start([
            (
                "/toolkits?limit=500",
                page(&json!({"items": [{"slug": "github", "name": "GitHub",
                    "meta": {"description": "Code"}}], "next_cursor": "c"})),
            ),
            (
                "/toolkits?limit=500&cursor=c",
                page(&json!({"items": [{"slug": "gmail", "name": "Gmail"}], "next_cursor": null})),
            ),
            (
                "/connected_accounts?toolkit_slugs=github&statuses=ACTIVE&limit=500",
                page(&json!({"items": [{"id": "ca_1", "user_id": "ada"}, {"id": "ca_2"}]})),
            ),
            (
                "/tools?toolkit_slug=github&limit=500",
                page(&json!({"items": [{"slug": "GITHUB_STAR", "name": "Star",
                    "description": "Stars"}]})),
            ),
        ])
        .await;
        let (node, form) = filled(&site, &json!({"appName": "github"}));
        let mut told = Vec::new();
        for method in ["listApps", "listConnections", "listActions"] {
            for entry in node.options(method, &form).await.unwrap() {
                told.push(format!("{method}: {} = {}", entry.name, entry.label));
            }
        }
        let expected = [
            "listApps: github = GitHub",
            "listApps: gmail = Gmail",
            "listConnections: ca_1 = ada (ca_1)",
            "listConnections: ca_2 = ca_2",
            "listActions: GITHUB_STAR = Star",
        ];
        assert_eq!(told, expected);
        assert!(site.calls().iter().all(|it| it.headers["x-api-key"] == "secret"));
        assert!(node.options("listMore", &form).await.is_err());
        let (node, empty) = filled(&site, &json!({}));
        assert_eq!(node.options("listActions", &empty).await.unwrap(), []);
    }

    #[tokio::test]
    async fn an_action_is_taken_in_the_name_of_the_connected_account() {
        let schema = json!({"type": "object", "properties": {"repo": {"type": "string"}}});
        let site = FakeSite::start([
            ("/connected_accounts/ca_1", page(&json!({"status": "ACTIVE", "user_id": "ada"}))),
            ("/connected_accounts/ca_2", page(&json!({"status": "EXPIRED"}))),
            (
                "/tools/GITHUB_STAR",
                page(&json!({"slug": "GITHUB_STAR", "description": "Stars",
                    "input_parameters": schema})),
            ),
            (
                "/tools/execute/GITHUB_STAR",
                page(&json!({"successful": true, "data": {"starred": true}})),
            ),
        ])
        .await;
        let values = |account: &str, action: &str| json!({"appName": "github", "connectedAccountId": account, "actions": [action]});
        let (node, form) = filled(&site, &values("ca_1", "GITHUB_STAR"));
        let Ok(Capability::Tools(tools)) = node.init(&form).await else { panic!("no tools") };
        assert_eq!(tools[0].spec().name, "GITHUB_STAR");
        assert_eq!(tools[0].spec().parameters, schema);
        let (run, _receiver) = flowstone_testkit::run("q", form.services.clone());
        let arguments = json!({"repo": "a/b"});
        let told = tools[0].call(arguments.as_object().unwrap(), &run).await.unwrap();
        assert_eq!(told.text, r#"{"starred":true}"#);
        let sent: Value = serde_json::from_str(&site.calls().pop().unwrap().body).unwrap();
        let expected =
            json!({"connected_account_id": "ca_1", "user_id": "ada", "arguments": arguments});
        assert_eq!(sent, expected);

        let failed = page(&json!({"successful": false, "error": "no such repository"}));
        site.put("/tools/execute/GITHUB_STAR", failed);
        let said = tools[0].call(arguments.as_object().unwrap(), &run).await.unwrap_err();
        assert_eq!(said.to_string(), "502 Composio: no such repository");
        let refusal = json!({"error": {"message": "Invalid key secret"}});
        site.put("/tools/execute/GITHUB_STAR", page(&refusal).status(401));
        let said = tools[0].call(arguments.as_object().unwrap(), &run).await.unwrap_err();
        let said = said.to_string();
        assert!(
            said.contains("[key]") && said.contains("(Composio API) is not accepted"),
            "{said}"
        );

        for (values, expected) in [
            (values("ca_2", "GITHUB_STAR"), "Connected Account: the account is EXPIRED"),
            (values("ca_3", "GITHUB_STAR"), "Connected Account: Composio has no such account"),
            (values("ca_1", "GITHUB_GONE"), "Actions to Use: Composio has no GITHUB_GONE any more"),
            (json!({"connectedAccountId": "ca_1"}), "Actions to Use is required"),
        ] {
            let (node, form) = filled(&site, &values);
            let said = node.init(&form).await.err().unwrap().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
