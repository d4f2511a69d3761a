//! Files that come with a question: kept, so that the conversation can show them again.

use base64::Engine as _;
use flowstone_core::{Error, FilePlace, Run, Upload, marked_text, services::Files, with_files};
use flowstone_store::ChatMessage;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{AppState, Problem, problem::Result};

/// Kinds of uploads whose content comes along.
const WITH_CONTENT: &[&str] = &["file", "audio"];

/// Writes the files of a run to its chat's place, and tells what is kept of each with its message:
/// what it was and where it is, not its content.
///
/// # Errors
/// 400 for a file that cannot be kept; the flow is not asked then.
pub(super) async fn keep(state: &AppState, run: &Run) -> Result<Vec<Value>> {
    let mut kept = Vec::with_capacity(run.uploads.len());
    for upload in &run.uploads {
        let name = plain_name(&upload.name);
        if WITH_CONTENT.contains(&upload.kind.as_str())
            && let Some(content) = content(upload)
        {
            write(state, run, &name, content).await?;
        }
        if let Some(text) = upload.full_text() {
            // Beside the file itself, which the client may have stored before.
            write(state, run, &text_of(&name), text.into_bytes()).await?;
        }
        let mut row =
            json!({ "type": stored_kind(&upload.kind), "name": name, "mime": upload.mime });
        if upload.kind == "url" {
            row["data"] = upload.data.clone().into();
        }
        kept.push(row);
    }
    Ok(kept)
}

async fn write(state: &AppState, run: &Run, name: &str, content: Vec<u8>) -> Result<()> {
    let place =
        FilePlace::Chat { workspace: &run.workspace, flow: &run.flow_id, chat: &run.chat_id };
    let written = state.engine.services().files.write(place, name, content).await;
    written.map_err(|error| match error.root() {
        Error::Unsupported(said) => Problem::bad_request(said.clone()),
        _ => error.into(),
    })
}

/// Where the text of a file that was read as a whole is kept.
fn text_of(name: &str) -> String {
    format!("{name}.text")
}

/// What of an upload is kept with its message.
#[derive(Deserialize)]
pub(crate) struct StoredUpload {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    mime: String,
    #[serde(default)]
    data: String,
}

/// The files that came with a stored message; none where it cannot be read.
pub(crate) fn stored(message: &ChatMessage) -> Vec<StoredUpload> {
    let text = message.file_uploads.as_deref().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}

/// A stored question with the text of the files that came with it. Files that are gone are left out.
pub(crate) async fn asked_with(
    files: &dyn Files,
    workspace: &str,
    message: &ChatMessage,
    uploads: &[StoredUpload],
) -> String {
    let (flow, chat) = (&message.chatflow_id, &message.chat_id);
    let mut texts = Vec::new();
    for upload in uploads.iter().filter(|it| it.kind == "stored-file:full") {
        let place = FilePlace::Chat { workspace, flow, chat };
        if let Ok(text) = files.read(place, &text_of(&upload.name)).await {
            texts.push(marked_text(&upload.name, &String::from_utf8_lossy(&text)));
        }
    }
    with_files(&texts.join("\n\n"), &message.content)
}

/// Stored messages as nodes of agentflows know them, `{role, content}`: pictures before the question
/// that they came with.
pub(super) async fn as_turns(
    files: &dyn Files,
    workspace: &str,
    messages: Vec<ChatMessage>,
) -> Vec<Value> {
    let mut turns = Vec::with_capacity(messages.len());
    for message in messages {
        if message.role != ChatMessage::USER {
            turns.push(json!({ "role": "assistant", "content": message.content }));
            continue;
        }
        let uploads = stored(&message);
        turns.extend(pictures(&uploads));
        let asked = asked_with(files, workspace, &message, &uploads).await;
        turns.push(json!({ "role": "user", "content": asked }));
    }
    turns
}

fn pictures(uploads: &[StoredUpload]) -> Option<Value> {
    let pictures = uploads.iter().filter(|it| it.mime.starts_with("image/"));
    let pictures = pictures.filter_map(|it| match it.kind.as_str() {
        "url" => Some(json!({ "type": "image_url", "image_url": { "url": it.data } })),
        "stored-file" => Some(json!({ "type": "stored-file", "name": it.name, "mime": it.mime })),
        _ => None,
    });
    let pictures: Vec<Value> = pictures.collect();
    (!pictures.is_empty()).then(|| json!({ "role": "user", "content": pictures }))
}

/// What an upload is called once it is kept.
fn stored_kind(kind: &str) -> String {
    let travels = kind == "url" || kind.starts_with("stored-");
    if travels { kind.to_owned() } else { format!("stored-{}", kind.replace("audio", "file")) }
}

/// The content of a data URI; nothing where there is none.
fn content(upload: &Upload) -> Option<Vec<u8>> {
    let (head, body) = upload.data.strip_prefix("data:")?.split_once(',')?;
    if head.ends_with(";base64") {
        return base64::engine::general_purpose::STANDARD.decode(body).ok();
    }
    Some(body.as_bytes().to_vec())
}

/// One name, whatever a client sent.
fn plain_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|it| if it.is_control() || "/\\".contains(it) { '_' } else { it })
        .collect();
    match plain.trim().trim_matches('.') {
        "" => "file".to_owned(),
        _ => plain.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_one_name_and_kinds_say_that_they_are_kept() {
        for (name, plain) in [
            ("a.png", "a.png"),
            ("../../x", ".._.._x"),
            ("..", "file"),
            ("", "file"),
            ("a\\b\n", "a_b_"),
        ] {
            assert_eq!(plain_name(name), plain);
        }
        for (kind, stored) in [
            ("file", "stored-file"),
            ("file:full", "stored-file:full"),
            ("audio", "stored-file"),
            ("url", "url"),
            ("stored-file", "stored-file"),
        ] {
            assert_eq!(stored_kind(kind), stored);
        }
    }
}
