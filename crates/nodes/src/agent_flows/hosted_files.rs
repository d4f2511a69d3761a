//! Files that tools made at a model's vendor, kept with the chat they belong to.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{Error, FilePlace, HostedFile, Result, Run};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::address::segment;

/// Kinds of pictures that chats show, by the endings of their names.
const PICTURES: &[&str] = &["png", "jpeg", "jpg", "gif", "webp"];
/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 100;

/// A file that was kept.
pub(super) struct Kept {
    /// Where it is had from.
    pub(super) address: String,
    /// How chats are told of a picture.
    pub(super) artifact: Option<Value>,
}

/// Keeps a file with those of the run's chat, under a name that nothing else has.
///
/// # Errors
/// Where its content cannot be read or kept.
pub(super) async fn keep(file: &HostedFile, run: &Run) -> Result<Kept> {
    let content = STANDARD.decode(&file.base64).map_err(|_| {
        Error::ModelAnswer(format!("the file {} of the vendor's tool is broken", file.name))
    })?;
    let plain = |it: char| if it.is_ascii_alphanumeric() || ".-_".contains(it) { it } else { '_' };
    let name: String = file.name.chars().map(plain).collect();
    let tail: String = name.chars().skip(name.len().saturating_sub(LONGEST_NAME)).collect();
    let name = format!("{}-{tail}", Uuid::new_v4());
    let place =
        FilePlace::Chat { workspace: &run.workspace, flow: &run.flow_id, chat: &run.chat_id };
    run.services.files.write(place, &name, content).await?;
    let (flow, chat) = (segment(&run.flow_id), segment(&run.chat_id));
    let address =
        format!("/api/v1/get-upload-file?chatflowId={flow}&chatId={chat}&fileName={name}");
    let kind = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let artifact = PICTURES.contains(&kind.as_str());
    let artifact = artifact.then(|| json!({"type": kind, "data": format!("FILE-STORAGE::{name}")}));
    Ok(Kept { address, artifact })
}
