//! Pictures that tools make, kept with the files of the chat.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{FilePlace, Result, Run};
use serde_json::{Value, json};
use uuid::Uuid;

/// Largest picture that is kept, in bytes of base64.
const LARGEST: usize = 8 * 1024 * 1024;

/// Keeps a picture with the files of the chat, as an artifact; `None` for what no page would show.
pub(crate) async fn keep(media_type: &str, base64: &str, run: &Run) -> Result<Option<Value>> {
    let kind = match media_type {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => return Ok(None),
    };
    if base64.len() > LARGEST || run.chat_id.is_empty() {
        return Ok(None);
    }
    // Notebooks break their base64 into lines.
    let base64: String = base64.split_ascii_whitespace().collect();
    let Ok(content) = STANDARD.decode(base64) else { return Ok(None) };
    let name = format!("{}.{kind}", Uuid::new_v4());
    let place =
        FilePlace::Chat { workspace: &run.workspace, flow: &run.flow_id, chat: &run.chat_id };
    run.services.files.write(place, &name, content).await?;
    Ok(Some(json!({"type": kind, "data": format!("FILE-STORAGE::{name}")})))
}
