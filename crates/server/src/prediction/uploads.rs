//! Files that come with a question: kept, so that the conversation can show them again.

use base64::Engine as _;
use flowstone_core::{Error, FilePlace, Run, Upload};
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
            let place = FilePlace::Chat {
                workspace: &run.workspace,
                flow: &run.flow_id,
                chat: &run.chat_id,
            };
            let written = state.engine.services().files.write(place, &name, content).await;
            written.map_err(|error| match error.root() {
                Error::Unsupported(said) => Problem::bad_request(said.clone()),
                _ => error.into(),
            })?;
        }
        kept.push(json!({ "type": stored_kind(&upload.kind), "name": name, "mime": upload.mime }));
    }
    Ok(kept)
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
