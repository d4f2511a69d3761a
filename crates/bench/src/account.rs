//! Sets up a new server as a person would: first account, sign-in, API key, credential, flow.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder, header};
use serde_json::{Value, json};

const EMAIL: &str = "measure@example.com";
const PASSWORD: &str = "Measured-1-time";
const FLOW: &str = include_str!("flow.json");

/// Sets up the server at `url` with a flow that calls the model at `model`, and gives the flow's id.
///
/// # Errors
/// The request that was refused, and the answer.
pub(crate) async fn set_up(client: &Client, url: &str, model: &str) -> Result<String> {
    let post = |path: &str, body: &Value| client.post(format!("{url}/api/v1/{path}")).json(body);
    let person = json!({"user": {"name": "Bench", "email": EMAIL, "credential": PASSWORD}});
    send("register", post("account/register", &person)).await?;

    let login = post("auth/login", &json!({"email": EMAIL, "password": PASSWORD}));
    let answer = login.send().await?.error_for_status().context("sign-in")?;
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
    let cookies: Vec<&str> = cookies.filter_map(|it| it.to_str().ok()?.split(';').next()).collect();

    let permissions = ["credentials:create", "chatflows:create"];
    let wish = json!({"keyName": "bench", "permissions": permissions});
    let wish = post("apikey", &wish)
        .header("x-request-from", "internal")
        .header(header::COOKIE, cookies.join("; "));
    let keys = send("apikey", wish).await?;
    let rows = keys.as_array().into_iter().flatten();
    let mut named = rows.filter(|row| row["keyName"] == "bench");
    let key = named.next().and_then(|row| row["apiKey"].as_str());
    let key = key.with_context(|| format!("there is no key in {keys}"))?;

    let credential = json!({
        "name": "bench",
        "credentialName": "openAIApi",
        "plainDataObj": {"openAIApiKey": "none-needed"},
    });
    let credential = send("credentials", post("credentials", &credential).bearer_auth(key)).await?;

    let mut flow: Value = serde_json::from_str(FLOW)?;
    let data = &mut flow["nodes"][0]["data"];
    data["credential"] = credential["id"].clone();
    data["inputs"]["basepath"] = model.into();
    let flow = json!({"name": "Measured", "type": "CHATFLOW", "flowData": flow.to_string()});
    let saved = send("chatflows", post("chatflows", &flow).bearer_auth(key)).await?;
    let id = saved["id"].as_str().with_context(|| format!("there is no id in {saved}"))?;
    Ok(id.to_owned())
}

async fn send(what: &str, request: RequestBuilder) -> Result<Value> {
    let response = request.send().await.with_context(|| what.to_owned())?;
    let (status, text) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "{what}: the server answered {status}: {text}");
    serde_json::from_str(&text).with_context(|| format!("{what}: the answer is not JSON: {text}"))
}
