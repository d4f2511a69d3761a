//! Reading answers aloud.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    body::Body as AxumBody,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::Engine as _;
use bytes::Bytes;
use flowstone_core::Credential;
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    AppState, Body, Caller, Problem, Query,
    auth::ClientAddress,
    openapi::{Kind, doc},
    outside::{Speech, Voice},
    prediction::{self, LiveFlow},
    problem::Result,
    route::{Policy, Routes},
};

/// Longest text that is read aloud, in characters.
const LONGEST: usize = 20_000;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/text-to-speech/voices", Policy::Caller(&[]), voices)
        .doc(
            doc("List voices")
                .query("provider", Kind::Text, "Whose voices.")
                .query("credentialId", Kind::Text, "Id of the credential to ask with.")
                .gives::<Value>()
                .problem(400)
                .problem(502),
        )
        .post(
            "/text-to-speech/generate",
            Policy::Anonymous(
                "a flow's own key, allowed origins and call limit; without a flow only for callers",
            ),
            generate,
        )
        .doc(
            doc("Read a text aloud")
                .takes::<Value>()
                .streams()
                .problem(401)
                .problem(403)
                .problem(404)
                .problem(429)
                .problem(502),
        )
        .post(
            "/text-to-speech/abort",
            Policy::Anonymous("whoever knows the ids of the flow, the chat and the message"),
            abort,
        )
        .doc(doc("Stop reading aloud").takes::<Value>().gives::<Value>())
}

async fn voices(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<Vec<Voice>>> {
    let provider = query.get("provider").ok_or_else(|| {
        Problem::bad_request("Error: textToSpeechController.getVoices - provider not provided!")
    })?;
    let workspace = caller.scope.workspace_id();
    let credential = match query.get("credentialId") {
        Some(id) => {
            let credentials = &state.engine.services().credentials;
            credentials.reveal(workspace, id).await.map_err(Problem::outside)?
        }
        None => Credential::default(),
    };
    Ok(Json(state.outside.voices(provider, &credential).await.map_err(Problem::outside)?))
}

/// What is to be read, and by whom.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    chat_id: Option<String>,
    chatflow_id: Option<String>,
    chat_message_id: Option<String>,
    text: Option<String>,
    provider: Option<String>,
    credential_id: Option<String>,
    voice: Option<String>,
    model: Option<String>,
}

/// Who reads.
struct Reader {
    workspace: String,
    provider: String,
    credential_id: String,
    voice: Option<String>,
    model: Option<String>,
}

async fn generate(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    caller: Option<Caller>,
    headers: HeaderMap,
    Body(mut asked): Body<Asked>,
) -> Result<Response> {
    let filled = |value: &mut Option<String>| value.take().filter(|it| !it.trim().is_empty());
    let text = filled(&mut asked.text).ok_or_else(|| missing("text"))?;
    if text.chars().count() > LONGEST {
        return Err(Problem::bad_request(format!("text: at most {LONGEST} characters are read")));
    }
    let flow = filled(&mut asked.chatflow_id);
    let reader = match &flow {
        Some(id) => {
            let live = state.flows.get(&state.store, id).await?;
            if let Err(refusal) = prediction::check(&state, &live, &headers, address).await {
                return Ok(refusal.into_response());
            }
            reader_of(&live)?
        }
        None => Reader {
            // The credential is one of the caller's own, so there must be a caller.
            workspace: caller.ok_or_else(Problem::no_key)?.scope.workspace_id().to_owned(),
            provider: filled(&mut asked.provider).ok_or_else(|| missing("provider"))?,
            credential_id: filled(&mut asked.credential_id)
                .ok_or_else(|| missing("credentialId"))?,
            voice: filled(&mut asked.voice),
            model: filled(&mut asked.model),
        },
    };
    let credentials = &state.engine.services().credentials;
    let revealed = credentials.reveal(&reader.workspace, &reader.credential_id).await;
    let credential = revealed.map_err(Problem::outside)?;
    let speech = Speech {
        provider: reader.provider,
        credential,
        voice: reader.voice,
        model: reader.model,
        text,
    };
    let message = asked.chat_message_id.unwrap_or_default();
    let chat = asked.chat_id.unwrap_or_default();
    let pieces = state.outside.speak(speech).await.map_err(Problem::outside)?;
    let stoppable =
        Arc::new(state.stops.register(&flow.unwrap_or_default(), &place(&chat, &message)));
    let stop = stoppable.clone();
    let ids = Arc::new(message);
    let named = ids.clone();
    let data = pieces
        .map(move |piece| match piece {
            Ok(bytes) => {
                let chunk = base64::engine::general_purpose::STANDARD.encode(&bytes);
                frame("tts_data", &json!({ "chatMessageId": *named, "audioChunk": chunk }))
            }
            Err(error) => frame("tts_error", &json!({ "error": error.to_string() })),
        })
        .take_until(async move { stop.stopped().await });
    let start = frame("tts_start", &json!({ "chatMessageId": *ids, "format": "mp3" }));
    let end = async move {
        drop(stoppable);
        frame("tts_end", &json!({ "chatMessageId": *ids }))
    };
    let frames = stream::once(async { start }).chain(data).chain(stream::once(end));
    Ok(stream_of(frames))
}

/// The voice that a flow was given.
fn reader_of(live: &LiveFlow) -> Result<Reader> {
    let setting = live.flow.text_to_speech.as_deref().unwrap_or_default();
    let setting: Value = serde_json::from_str(setting).unwrap_or_default();
    let providers = setting.as_object().into_iter().flatten();
    let chosen = providers.filter(|(name, _)| *name != "none").find(|(_, it)| it["status"] == true);
    let (provider, config) = chosen.ok_or_else(|| {
        Problem::bad_request("this flow has no voice: choose one in its settings, Text to Speech")
    })?;
    let text = |name: &str| config[name].as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    Ok(Reader {
        workspace: live.flow.workspace_id.clone(),
        provider: provider.clone(),
        credential_id: text("credentialId").ok_or_else(|| missing("credentialId"))?,
        voice: text("voice"),
        model: text("model"),
    })
}

fn missing(name: &str) -> Problem {
    Problem::bad_request(format!(
        "Error: textToSpeechController.generateTextToSpeech - {name} not provided!"
    ))
}

/// What runs that read aloud are kept under, apart from those that answer.
fn place(chat: &str, message: &str) -> String {
    format!("speech {chat} {message}")
}

fn frame(event: &str, data: &Value) -> Bytes {
    let body = json!({ "event": event, "data": data });
    format!("event: {event}\ndata: {body}\n\n").into()
}

fn stream_of(frames: impl futures::Stream<Item = Bytes> + Send + 'static) -> Response {
    let frames = frames.map(Ok::<_, Infallible>);
    let mut response = Response::new(AxumBody::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// What is to fall silent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Silenced {
    chat_id: Option<String>,
    chat_message_id: Option<String>,
    chatflow_id: Option<String>,
}

/// What fell silent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Silent {
    message: &'static str,
    chat_id: String,
    chat_message_id: String,
}

/// Stops reading a message aloud. Stopping what has ended already is no error.
async fn abort(State(state): State<AppState>, Body(asked): Body<Silenced>) -> Result<Json<Silent>> {
    let needed = |value: Option<String>, name: &str| {
        value.filter(|it| !it.is_empty()).ok_or_else(|| {
            Problem::bad_request(format!(
                "Error: textToSpeechController.abortTextToSpeech - {name} not provided!"
            ))
        })
    };
    let chat_id = needed(asked.chat_id, "chatId")?;
    let chat_message_id = needed(asked.chat_message_id, "chatMessageId")?;
    let flow = needed(asked.chatflow_id, "chatflowId")?;
    state.stops.stop(&flow, &place(&chat_id, &chat_message_id));
    Ok(Json(Silent { message: "TTS stream aborted successfully", chat_id, chat_message_id }))
}
