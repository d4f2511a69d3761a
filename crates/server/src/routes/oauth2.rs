//! Credentials that stand for somebody's account at a service: asking for access, and renewing it
//! (RFC 6749, authorization code).

use std::time::Instant;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, Utc};
use flowstone_core::spec::Default as FieldDefault;
use flowstone_store::{Credential, CredentialPatch, Error as StoreError, WorkspaceScope};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use super::credentials::{open, seal};
use crate::{
    AppState, Caller, Problem, Query,
    auth::{ClientAddress, random_hex},
    openapi::{Kind, doc},
    outside::TokenRequest,
    prediction::CallLimit,
    problem::Result,
    route::{API, Policy, Routes},
    wire::time,
};

const CALLBACK: &str = "/oauth2-credential/callback";
/// How long somebody may take to say yes.
const PATIENCE: Duration = Duration::minutes(15);
/// How often one address may renew one credential, per minute.
const RENEWALS: u32 = 10;

pub(super) fn routes() -> Routes {
    Routes::new()
        .post(
            "/oauth2-credential/authorize/{id}",
            Policy::Caller(&["credentials:create", "credentials:update"]),
            authorize,
        )
        .doc(doc("Ask a service for consent").gives::<Value>().problem(400))
        .get(CALLBACK, Policy::Anonymous("the state must be one that we signed"), callback)
        .doc(
            doc("Come back from a service")
                .query("code", Kind::Text, "What the service gave.")
                .query("state", Kind::Text, "What it was given.")
                .gives_file("text/html")
                .tells_on_page(400)
                .tells_on_page(404)
                .tells_on_page(502),
        )
        .post(
            "/oauth2-credential/refresh/{id}",
            Policy::Anonymous("tells no token; the credential's id must be known; limited"),
            refresh,
        )
        .doc(
            doc("Renew the consent of a service")
                .gives::<Value>()
                .problem(400)
                .problem(429)
                .problem(502),
        )
}

/// What goes to the service and comes back: which credential it is about. Signed, so that nobody
/// else's consent ends up in it.
#[derive(Serialize, Deserialize)]
struct Round {
    credential: String,
    exp: i64,
}

/// Where the user is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    success: bool,
    message: &'static str,
    credential_id: String,
    authorization_url: String,
    redirect_uri: String,
}

async fn authorize(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Authorization>> {
    let found = state.store.credentials().get(&caller.scope, &id).await;
    let credential = found.map_err(missing)?;
    let form = Form::of(&state, &credential)?;
    let client = form.needed("clientId")?;
    let expected =
        "authorizationUrl: an address such as https://login.example.com/authorize is expected";
    let mut address = Url::parse(&form.needed("authorizationUrl")?)
        .ok()
        .filter(|it| matches!(it.scheme(), "http" | "https"))
        .ok_or_else(|| Problem::bad_request(expected))?;
    let redirect_uri = form.redirect_uri(&state);
    let signed = sign(&state, &id)?;
    {
        let mut query = address.query_pairs_mut();
        query
            .append_pair("client_id", &client)
            .append_pair("response_type", &form.text("response_type").unwrap_or("code".into()))
            .append_pair("response_mode", &form.text("response_mode").unwrap_or("query".into()))
            .append_pair("state", &signed)
            .append_pair("redirect_uri", &redirect_uri);
        if let Some(scope) = form.text("scope") {
            query.append_pair("scope", &scope);
        }
        let more = form.text("additionalParameters").unwrap_or_default();
        query.extend_pairs(url::form_urlencoded::parse(more.as_bytes()));
    }
    Ok(Json(Authorization {
        success: true,
        message: "Authorization URL generated successfully",
        credential_id: id,
        authorization_url: address.into(),
        redirect_uri,
    }))
}

/// Where the service sends the user back to. The answer is a page that tells its opener and closes.
async fn callback(State(state): State<AppState>, query: Query) -> Response {
    match consented(&state, &query).await {
        Ok(id) => page(
            StatusCode::OK,
            "Access was granted. You can close this window.",
            &json!({ "type": "OAUTH2_SUCCESS", "credentialId": id, "success": true }),
        ),
        Err(problem) => page(
            problem.status(),
            problem.message(),
            &json!({ "type": "OAUTH2_ERROR", "success": false, "message": problem.message() }),
        ),
    }
}

async fn consented(state: &AppState, query: &Query) -> Result<String> {
    if let Some(error) = query.get("error") {
        let said = query.get("error_description").unwrap_or(error);
        return Err(Problem::bad_request(format!("The service did not grant access: {said}")));
    }
    let (Some(code), Some(signed)) = (query.get("code"), query.get("state")) else {
        return Err(Problem::bad_request("The address lacks code or state: begin again"));
    };
    let id = verified(state, signed)?;
    let credential = state.store.credentials().get_for_anyone(&id).await.map_err(missing)?;
    let form = Form::of(state, &credential)?;
    let fields = [
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", form.redirect_uri(state)),
    ];
    form.ask(state, &credential, fields).await?;
    Ok(id)
}

/// What is told of new tokens: everything but the tokens.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refreshed {
    success: bool,
    message: &'static str,
    credential_id: String,
    token_info: TokenInfo,
}

#[derive(Serialize)]
struct TokenInfo {
    token_type: Option<Value>,
    scope: Option<Value>,
    expires_in: Option<Value>,
    expires_at: Option<String>,
    has_new_refresh_token: bool,
}

async fn refresh(
    State(state): State<AppState>,
    Path(id): Path<String>,
    ClientAddress(address): ClientAddress,
) -> Result<Json<Refreshed>> {
    let limit = CallLimit { calls: RENEWALS, seconds: 60, message: String::new() };
    if !state.flow_limits.admit(&format!("oauth2 {id}"), address, &limit, Instant::now()) {
        return Err(Problem::too_many("this credential was renewed too often; wait a minute", 60));
    }
    let credential = state.store.credentials().get_for_anyone(&id).await.map_err(missing)?;
    let form = Form::of(&state, &credential)?;
    let token = form.text("refresh_token").ok_or_else(|| {
        Problem::bad_request("the credential has no refresh token: authorize it first")
    })?;
    let fields = [("grant_type", "refresh_token".to_owned()), ("refresh_token", token)];
    let (answer, expires) = form.ask(&state, &credential, fields).await?;
    Ok(Json(Refreshed {
        success: true,
        message: "OAuth2 token refreshed successfully",
        credential_id: id,
        token_info: TokenInfo {
            token_type: answer.get("token_type").cloned(),
            scope: answer.get("scope").cloned(),
            expires_in: answer.get("expires_in").cloned(),
            expires_at: expires.map(time),
            has_new_refresh_token: answer.contains_key("refresh_token"),
        },
    }))
}

/// What a credential holds, with what its kind starts from.
struct Form {
    fields: Map<String, Value>,
    defaults: Vec<(&'static str, &'static str)>,
}

impl Form {
    fn of(state: &AppState, credential: &Credential) -> Result<Self> {
        let kind = state.credential_specs.iter().find(|it| it.name == credential.credential_name);
        let rows = kind.map_or(&[][..], |it| it.inputs).iter();
        let defaults = rows.filter_map(|it| match it.default {
            FieldDefault::Text(text) => Some((it.name, text)),
            _ => None,
        });
        Ok(Self { fields: open(state, credential)?, defaults: defaults.collect() })
    }

    fn text(&self, name: &str) -> Option<String> {
        let given = self.fields.get(name).and_then(Value::as_str).filter(|it| !it.is_empty());
        let usual = || self.defaults.iter().find(|(it, _)| *it == name).map(|(_, text)| *text);
        given.or_else(usual).filter(|it| !it.is_empty()).map(str::to_owned)
    }

    fn needed(&self, name: &str) -> Result<String> {
        self.text(name).ok_or_else(|| {
            Problem::bad_request(format!(
                "{name}: the credential lacks it; open it and fill that in"
            ))
        })
    }

    /// Where the service sends the user back to; never what a request says its host is.
    fn redirect_uri(&self, state: &AppState) -> String {
        let own = || {
            let base = state.settings.app_url.as_deref().unwrap_or_default();
            format!("{base}{API}{CALLBACK}")
        };
        self.text("redirect_uri").unwrap_or_else(own)
    }

    /// Asks the service for tokens and keeps them.
    async fn ask<const N: usize>(
        mut self,
        state: &AppState,
        credential: &Credential,
        fields: [(&str, String); N],
    ) -> Result<(Map<String, Value>, Option<DateTime<Utc>>)> {
        let mut fields: Vec<(String, String)> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        fields.push(("client_id".to_owned(), self.needed("clientId")?));
        fields.push(("client_secret".to_owned(), self.needed("clientSecret")?));
        if let Some(scope) = self.text("scope") {
            fields.push(("scope".to_owned(), scope));
        }
        let request = TokenRequest { url: self.needed("accessTokenUrl")?, fields };
        let answer = state.outside.token(request).await.map_err(Problem::outside)?;
        let now = Utc::now();
        let seconds = answer
            .get("expires_in")
            .and_then(|it| it.as_i64().or_else(|| it.as_str()?.parse().ok()));
        let expires = seconds.and_then(Duration::try_seconds).map(|it| now + it);
        self.fields.extend(answer.clone());
        self.fields.insert("token_received_at".to_owned(), time(now).into());
        if let Some(expires) = expires {
            self.fields.insert("expires_at".to_owned(), time(expires).into());
        }
        let patch = CredentialPatch {
            encrypted_data: Some(seal(state, &credential.id, &self.fields)?),
            updated_date: Some(now),
            ..CredentialPatch::default()
        };
        let scope = WorkspaceScope::new(credential.workspace_id.clone());
        state.store.credentials().update(&scope, &credential.id, patch).await?;
        state.store.chatflows().raise_revisions(&scope, &credential.id).await?;
        Ok((answer, expires))
    }
}

fn sign(state: &AppState, id: &str) -> Result<String> {
    let round = Round { credential: id.to_owned(), exp: (Utc::now() + PATIENCE).timestamp() };
    let key = EncodingKey::from_secret(state.token_key.as_bytes());
    encode(&Header::new(Algorithm::HS256), &round, &key).map_err(|error| Problem::internal(&error))
}

fn verified(state: &AppState, signed: &str) -> Result<String> {
    let key = DecodingKey::from_secret(state.token_key.as_bytes());
    let round = decode::<Round>(signed, &key, &Validation::new(Algorithm::HS256));
    round.map(|it| it.claims.credential).map_err(|_| {
        Problem::bad_request("This consent was not asked for here, or too long ago: begin again")
    })
}

fn missing(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound { .. } => Problem::not_found("Credential not found"),
        other => other.into(),
    }
}

/// A page for the window that was opened: it says what happened, tells its opener and closes.
fn page(status: StatusCode, said: &str, told: &Value) -> Response {
    let nonce = random_hex();
    // Inside of a script a text may not hold the end of one.
    let told = told.to_string().replace('<', "\\u003c");
    let said = said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Flowstone</title></head>\
         <body><p>{said}</p><script nonce=\"{nonce}\">\
         if (window.opener) window.opener.postMessage({told}, window.location.origin);\
         setTimeout(() => window.close(), 2000);</script></body></html>"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = format!("default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors 'none'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
