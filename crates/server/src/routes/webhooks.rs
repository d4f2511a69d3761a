//! Webhooks: requests of other systems that start an agentflow, and listening to them from the
//! canvas.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use flowstone_core::{Event, Events};
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::flow_view::flow_of;
use crate::{
    AppState, Caller, Problem, Query,
    auth::ClientAddress,
    openapi::doc,
    prediction::{self, Body, Call, ChatType, Question},
    problem::Result,
    route::{Policy, Routes},
};

const OPEN: Policy =
    Policy::Anonymous("the trigger's own method and signature, and the flow's call limit");
const LISTENS: Policy = Policy::Caller(&[
    "chatflows:create",
    "chatflows:update",
    "agentflows:create",
    "agentflows:update",
]);

/// Header that a signature is expected in, where the flow names no other.
const SIGNATURE: &str = "x-webhook-signature";
/// What senders write before the hexadecimal digits of a signature.
const SIGNATURE_PREFIXES: &[&str] = &["sha256=", "sha1="];
/// Headers whose values no flow gets to see.
const SECRET_HEADERS: &[&str] =
    &["authorization", "cookie", "proxy-authorization", "x-api-key", "x-flowise-api-key"];

pub(super) fn routes() -> Routes {
    let about = || {
        doc("Start a flow by a webhook")
            .details(
                "Method, signature and the parts that are required are what the flow's Start node \
                 says. The answer comes whole, in pieces, or later by a call of the flow's own.",
            )
            .gives::<Body>()
            .streams()
            .problem(401)
            .problem(404)
            .problem(405)
            .problem(429)
    };
    Routes::new()
        .get("/webhook/{id}", OPEN, start)
        .doc(about())
        .post("/webhook/{id}", OPEN, start)
        .doc(about())
        .put("/webhook/{id}", OPEN, start)
        .doc(about())
        .patch("/webhook/{id}", OPEN, start)
        .doc(about())
        .delete("/webhook/{id}", OPEN, start)
        .doc(about())
        .post("/webhook-listener/{id}/register", LISTENS, register)
        .doc(doc("Begin to listen to a flow's webhook").gives::<Registered>().problem(404))
        .get("/webhook-listener/{id}/stream/{listener}", LISTENS, listen)
        .doc(doc("What runs that a flow's webhook starts tell").streams().problem(404))
        .delete("/webhook-listener/{id}/listener/{listener}", LISTENS, unregister)
        .doc(doc("Stop listening to a flow's webhook").gives::<Gone>().problem(404))
}

/// How a flow wants its webhook to be called.
struct Trigger<'a>(&'a Map<String, Value>);

impl Trigger<'_> {
    fn text(&self, row: &str) -> Option<&str> {
        self.0.get(row).and_then(Value::as_str).filter(|it| !it.is_empty())
    }

    fn is_on(&self, row: &str) -> bool {
        self.0.get(row).is_some_and(|it| *it == Value::Bool(true) || it == "true")
    }

    /// Rows of a list, each with whether it is required.
    fn rows(&self, row: &str) -> Vec<(&str, bool, Option<&str>)> {
        let rows = self.0.get(row).and_then(Value::as_array).into_iter().flatten();
        let each = rows.filter_map(|it| {
            let required = it["required"] == true || it["required"] == "true";
            Some((it["name"].as_str()?, required, it["type"].as_str()))
        });
        each.collect()
    }

    fn check_signature(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        secret: Option<&str>,
    ) -> Result<()> {
        if !self.is_on("webhookEnableAuth") {
            return Ok(());
        }
        let refused = || Problem::unauthorized("the webhook's signature is missing or wrong");
        let secret = secret.filter(|it| !it.is_empty()).ok_or_else(refused)?;
        let name = self.text("webhookSignatureHeader").unwrap_or(SIGNATURE);
        let given = headers.get(name).and_then(|it| it.to_str().ok()).ok_or_else(refused)?;
        let is_right = if self.text("webhookSignatureType") == Some("plain-token") {
            bool::from(given.as_bytes().ct_eq(secret.as_bytes()))
        } else {
            let bare = SIGNATURE_PREFIXES.iter().find_map(|it| given.strip_prefix(it));
            let given = bare.unwrap_or(given);
            let signed = sign(secret, body);
            bool::from(given.to_ascii_lowercase().as_bytes().ct_eq(signed.as_bytes()))
        };
        if is_right { Ok(()) } else { Err(refused()) }
    }

    /// Refuses a request without the parts that the flow requires.
    fn check_shape(&self, webhook: &Value) -> Result<()> {
        if !self.is_on("webhookEnableValidation") {
            return Ok(());
        }
        let parts = [
            ("webhookHeaderParams", "headers", "headers"),
            ("webhookBodyParams", "body", "body parameters"),
            ("webhookQueryParams", "query", "query parameters"),
        ];
        for (rows, part, words) in parts {
            let of = |name: &str| {
                let name =
                    if part == "headers" { name.to_ascii_lowercase() } else { name.to_owned() };
                webhook[part].get(&name).filter(|it| !it.is_null())
            };
            let rows = self.rows(rows);
            let missing: Vec<&str> = rows
                .iter()
                .filter(|(name, required, _)| *required && of(name).is_none())
                .map(|(name, ..)| *name)
                .collect();
            if !missing.is_empty() {
                let missing = missing.join(", ");
                return Err(Problem::bad_request(format!(
                    "required {words} are missing: {missing}"
                )));
            }
            let wrong: Vec<String> = rows
                .iter()
                .filter_map(|(name, _, kind)| {
                    let (kind, value) = ((*kind)?, of(name)?);
                    (!is_of(value, kind)).then(|| format!("{name} (not {kind})"))
                })
                .collect();
            if !wrong.is_empty() {
                let wrong = wrong.join(", ");
                return Err(Problem::bad_request(format!("{words} of the wrong type: {wrong}")));
            }
        }
        Ok(())
    }

    /// What the flow is asked, as far as that does not need the flow's own texts.
    fn question(&self, body: &Value) -> String {
        match self.text("webhookInputMode") {
            Some("payload") => body.to_string(),
            Some("none") => " ".to_owned(),
            _ => self.text("webhookDefaultInput").unwrap_or(" ").to_owned(),
        }
    }
}

/// Whether a value has the type that a row names.
fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        other => match other.strip_prefix("array[").and_then(|it| it.strip_suffix(']')) {
            Some(inner) => {
                value.as_array().is_some_and(|items| items.iter().all(|it| is_of(it, inner)))
            }
            None => true,
        },
    }
}

/// The hexadecimal HMAC-SHA256 of `body`.
fn sign(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// The answer where the flow answers later.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    chat_id: String,
    status: &'static str,
}

async fn start(
    State(state): State<AppState>,
    Path(id): Path<String>,
    ClientAddress(address): ClientAddress,
    method: Method,
    query: Query,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let live = state.flows.get(&state.store, &id).await?;
    if let Err(refusal) = prediction::check(&state, &live, &headers, address).await {
        return Ok(refusal.into_response());
    }
    let unfit =
        || Problem::not_found(format!("Chatflow {id} is not configured as a webhook trigger"));
    if !live.is_agentflow() {
        return Err(unfit());
    }
    let graph = state.engine.graph(live.source(), None).await?;
    let trigger = Trigger(graph.start_values());
    if trigger.text("startInputType") != Some("webhookTrigger") {
        return Err(unfit());
    }
    // Who cannot sign is not told how the flow wants to be called.
    trigger.check_signature(&headers, &body, live.flow.webhook_secret.as_deref())?;
    let wanted = trigger.text("webhookMethod").unwrap_or("POST");
    if !method.as_str().eq_ignore_ascii_case(wanted) {
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("Method {method} not allowed. Expected {wanted}"),
        ));
    }
    let body = read_body(&headers, &body)?;
    let signature = trigger.text("webhookSignatureHeader").unwrap_or(SIGNATURE);
    let webhook = json!({
        "body": body,
        "headers": shown_headers(&headers, signature),
        "query": query.to_map(),
    });
    let question = question_of(&trigger, &body, webhook)?;
    let mode = trigger.text("webhookResponseMode").unwrap_or("sync").to_owned();
    let callback = trigger.text("callbackUrl").map(str::to_owned);
    let callback_secret = trigger.text("callbackSecret").map(str::to_owned);
    let chat_id = question.chat_id.clone().unwrap_or_default();
    let call = Call::new(live, question, ChatType::Webhook);
    match mode.as_str() {
        "stream" => Ok(prediction::respond_heard(&state, call, state.listeners.of(&id), chat_id)),
        "async" => {
            if let Some(url) = &callback {
                check_address(url)?;
            }
            let accepted = Accepted { chat_id: chat_id.clone(), status: "PROCESSING" };
            let runner = state.clone();
            state.tasks.spawn(async move {
                let answered = heard(&runner, call, &id, &chat_id).await;
                if let Some(url) = callback {
                    call_back(&runner, &url, callback_secret.as_deref(), &chat_id, answered).await;
                }
            });
            Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
        }
        _ => Ok(Json(heard(&state, call, &id, &chat_id).await?).into_response()),
    }
}

/// What a request asks. A request that answers a run says so in its body.
fn question_of(trigger: &Trigger<'_>, body: &Value, webhook: Value) -> Result<Question> {
    let mut fields = Map::new();
    for name in ["humanInput", "chatId"] {
        if let Some(given) = body.get(name).filter(|it| !it.is_null()) {
            fields.insert(name.to_owned(), given.clone());
        }
    }
    if let Some(session) = body.get("sessionId").and_then(Value::as_str) {
        fields.insert("overrideConfig".to_owned(), json!({ "sessionId": session }));
    }
    if !fields.contains_key("humanInput") {
        trigger.check_shape(&webhook)?;
        fields.insert("question".to_owned(), trigger.question(body).into());
    }
    let mut question = Question::from_fields(&fields);
    question.webhook = Some(webhook);
    question.chat_id.get_or_insert_with(|| Uuid::new_v4().to_string());
    Ok(question)
}

/// Runs the flow while those who listen hear of it, and gives its whole answer.
async fn heard(state: &AppState, call: Call, flow: &str, chat_id: &str) -> Result<Body> {
    let listeners = state.listeners.of(flow);
    if listeners.is_empty() {
        return Ok(call.answer(state, Events::silent()).await?.body);
    }
    let (events, mut receiver) = Events::channel();
    let told = async {
        while let Some(event) = receiver.recv().await {
            listeners.tell(&event);
        }
    };
    let (answered, ()) = tokio::join!(call.answer(state, events), told);
    listeners.tell(&Event::ExecutionEnd(json!({ "chatId": chat_id })));
    Ok(answered?.body)
}

/// Tells the address that the flow names how its run ended.
async fn call_back(
    state: &AppState,
    url: &str,
    secret: Option<&str>,
    chat_id: &str,
    answered: Result<Body>,
) {
    let told = match &answered {
        Ok(body) if body.action().is_some() => {
            json!({ "status": "STOPPED", "chatId": chat_id, "data": body })
        }
        Ok(body) => json!({ "status": "SUCCESS", "chatId": chat_id, "data": body }),
        Err(problem) => {
            json!({ "status": "ERROR", "chatId": chat_id, "error": problem.message() })
        }
    };
    let body = told.to_string();
    let signature = secret.map(|it| format!("sha256={}", sign(it, body.as_bytes())));
    if let Err(error) = state.outside.call_back(url, body, signature).await {
        tracing::warn!(%error, "a webhook's answer did not reach the address its flow names");
    }
}

fn check_address(url: &str) -> Result<()> {
    let fit = url::Url::parse(url).is_ok_and(|it| matches!(it.scheme(), "http" | "https"));
    let wrong = || Problem::bad_request("Invalid callbackUrl: must be a valid http or https URL");
    if fit { Ok(()) } else { Err(wrong()) }
}

/// The body as `$webhook.body`: nothing of a kind that is not read.
fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<Value> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body)
            .map_err(|error| Problem::bad_request(format!("the body is not valid JSON: {error}")));
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(body);
        let map: Map<String, Value> =
            pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
        // Some senders put their JSON into one field.
        let inner = map.get("payload").and_then(Value::as_str);
        let inner = inner.and_then(|it| serde_json::from_str(it).ok());
        return Ok(inner.unwrap_or(Value::Object(map)));
    }
    Ok(Value::Object(Map::new()))
}

/// The headers as `$webhook.headers`, without those that let somebody in.
fn shown_headers(headers: &HeaderMap, signature: &str) -> Map<String, Value> {
    let shown = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str();
        if SECRET_HEADERS.contains(&name) || name.eq_ignore_ascii_case(signature) {
            return Some((name.to_owned(), "[REDACTED]".into()));
        }
        Some((name.to_owned(), value.to_str().ok()?.into()))
    });
    shown.collect()
}

/// The id of a listener.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Registered {
    listener_id: String,
}

async fn register(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Registered>> {
    flow_of(&state, &caller, &id).await?;
    Ok(Json(Registered { listener_id: state.listeners.register(&id) }))
}

async fn listen(
    State(state): State<AppState>,
    Path((id, listener)): Path<(String, String)>,
    caller: Caller,
) -> Result<Response> {
    flow_of(&state, &caller, &id).await?;
    let receiver = state
        .listeners
        .listen(&id, &listener)
        .ok_or_else(|| Problem::not_found("there is no such listener any more: register anew"))?;
    Ok(prediction::stream_of(receiver))
}

/// That somebody listens no longer.
#[derive(Serialize, JsonSchema)]
struct Gone {
    /// Always `true`: who did not listen does not now.
    ok: bool,
}

async fn unregister(
    State(state): State<AppState>,
    Path((id, listener)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Gone>> {
    flow_of(&state, &caller, &id).await?;
    state.listeners.unregister(&id, &listener);
    Ok(Json(Gone { ok: true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(rows: Value) -> Map<String, Value> {
        rows.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_signature_must_be_there_and_right() {
        let rows = trigger(json!({"webhookEnableAuth": true}));
        let mut headers = HeaderMap::new();
        let check = |headers: &HeaderMap| {
            Trigger(&rows).check_signature(headers, b"{\"a\":1}", Some("s3cret")).is_ok()
        };
        assert!(!check(&headers));
        headers.insert(SIGNATURE, "sha256=00".parse().unwrap());
        assert!(!check(&headers));
        // printf '{"a":1}' | openssl dgst -sha256 -hmac s3cret
        let right = "5910e62016ef5034272c926c27071992a465c2335cecf41851bda071577f4f6d";
        for prefix in ["", "sha256=", "sha1="] {
            headers.insert(SIGNATURE, format!("{prefix}{right}").parse().unwrap());
            assert!(check(&headers), "{prefix}");
        }
        // A digest of SHA-1 does not count, whatever the prefix says.
        // printf '{"a":1}' | openssl dgst -sha1 -hmac s3cret
        headers.insert(SIGNATURE, "sha1=79999786a1bff10cd4d7dd0b0752574af76be0b5".parse().unwrap());
        assert!(!check(&headers));
        let token =
            trigger(json!({"webhookEnableAuth": true, "webhookSignatureType": "plain-token"}));
        headers.insert(SIGNATURE, "s3cret".parse().unwrap());
        assert!(Trigger(&token).check_signature(&headers, b"", Some("s3cret")).is_ok());
        assert!(Trigger(&token).check_signature(&headers, b"", None).is_err());
    }

    #[test]
    fn required_parts_are_named() {
        let rows = trigger(json!({
            "webhookEnableValidation": true,
            "webhookBodyParams": [{"name": "n", "type": "number", "required": true}],
            "webhookQueryParams": [{"name": "q", "required": true}],
        }));
        let check = |webhook: Value| {
            Trigger(&rows).check_shape(&webhook).map_err(|it| it.message().to_owned())
        };
        let table = [
            (json!({"body": {}, "query": {"q": "1"}}), "required body parameters are missing: n"),
            (
                json!({"body": {"n": "1"}, "query": {}}),
                "body parameters of the wrong type: n (not number)",
            ),
            (json!({"body": {"n": 1}, "query": {}}), "required query parameters are missing: q"),
        ];
        for (webhook, message) in table {
            assert_eq!(check(webhook), Err(message.to_owned()));
        }
        assert_eq!(check(json!({"body": {"n": 1}, "query": {"q": "x"}})), Ok(()));
    }
}
