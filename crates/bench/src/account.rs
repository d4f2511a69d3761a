//! Sets up a new server as a person would: first account, sign-in, API key, credential, flow.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder, header};
use serde_json::{Value, json};

const EMAIL: &str = "measure@example.com";
const PASSWORD: &str = "Measured-1-time";
const PERMISSIONS: [&str; 7] = [
    "chatflows:create",
    "agentflows:create",
    "credentials:create",
    "documentStores:create",
    "documentStores:preview-process",
    "documentStores:upsert-config",
    "documentStores:view",
];
const FLOW: &str = include_str!("flow.json");

/// A server with an account: whoever calls it, and the credential of the model.
pub(crate) struct Account<'a> {
    client: &'a Client,
    url: String,
    key: String,
    /// The model's address and the credential for it.
    model: String,
    credential: String,
}

impl<'a> Account<'a> {
    /// Sets up the new server at `url`, whose flows will call the model at `model`.
    ///
    /// # Errors
    /// The request that was refused, and the answer.
    pub(crate) async fn set_up(client: &'a Client, url: &str, model: &str) -> Result<Self> {
        let post =
            |path: &str, body: &Value| client.post(format!("{url}/api/v1/{path}")).json(body);
        let person = json!({"user": {"name": "Bench", "email": EMAIL, "credential": PASSWORD}});
        send("register", post("account/register", &person)).await?;

        let login = post("auth/login", &json!({"email": EMAIL, "password": PASSWORD}));
        let answer = login.send().await?.error_for_status().context("sign-in")?;
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
        let cookies: Vec<&str> =
            cookies.filter_map(|it| it.to_str().ok()?.split(';').next()).collect();

        let wish = json!({"keyName": "bench", "permissions": PERMISSIONS});
        let wish = post("apikey", &wish)
            .header("x-request-from", "internal")
            .header(header::COOKIE, cookies.join("; "));
        let keys = send("apikey", wish).await?;
        let rows = keys.as_array().into_iter().flatten();
        let mut named = rows.filter(|row| row["keyName"] == "bench");
        let key = named.next().and_then(|row| row["apiKey"].as_str());
        let key = key.with_context(|| format!("there is no key in {keys}"))?.to_owned();
        let (url, model) = (url.to_owned(), model.to_owned());
        let mut account = Self { client, url, key, model, credential: String::new() };

        let credential = json!({
            "name": "bench",
            "credentialName": "openAIApi",
            "plainDataObj": {"openAIApiKey": "none-needed"},
        });
        account.credential = id_of(&account.post("credentials", &credential).await?)?;
        Ok(account)
    }

    /// Saves the chatflow that calls the model, and gives its id.
    pub(crate) async fn measured_flow(&self) -> Result<String> {
        let mut flow: Value = serde_json::from_str(FLOW)?;
        let data = &mut flow["nodes"][0]["data"];
        data["credential"] = self.credential.as_str().into();
        data["inputs"]["basepath"] = self.model.as_str().into();
        self.save_flow("CHATFLOW", &flow).await
    }

    /// Saves a flow and gives its id.
    pub(crate) async fn save_flow(&self, kind: &str, flow: &Value) -> Result<String> {
        let flow = json!({"name": "Measured", "type": kind, "flowData": flow.to_string()});
        id_of(&self.post("chatflows", &flow).await?)
    }

    /// The form of a node that speaks to the model, with what else it says.
    pub(crate) fn with_model(&self, more: &Value) -> Value {
        let mut form = json!({
            "credential": self.credential,
            "FLOWISE_CREDENTIAL_ID": self.credential,
            "modelName": "measured",
            "basepath": self.model,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            form[name] = value.clone();
        }
        form
    }

    /// Where a flow is asked.
    pub(crate) fn prediction(&self, flow: &str) -> String {
        format!("{}/api/v1/prediction/{flow}", self.url)
    }

    /// Sends JSON and gives the answer.
    ///
    /// # Errors
    /// The answer, where the request was refused.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.post(format!("{}/api/v1/{path}", self.url)).json(body);
        send(path, request.bearer_auth(&self.key)).await
    }
}

fn id_of(saved: &Value) -> Result<String> {
    let id = saved["id"].as_str().with_context(|| format!("there is no id in {saved}"))?;
    Ok(id.to_owned())
}

async fn send(what: &str, request: RequestBuilder) -> Result<Value> {
    let response = request.send().await.with_context(|| what.to_owned())?;
    let (status, text) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "{what}: the server answered {status}: {text}");
    serde_json::from_str(&text).with_context(|| format!("{what}: the answer is not JSON: {text}"))
}
