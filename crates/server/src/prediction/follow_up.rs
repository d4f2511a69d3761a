//! Suggestions of what to ask next, written by a model after each answer.

use std::time::Duration;

use flowstone_core::{Capability, ChatRequest, Error, Events, Message};
use serde_json::{Map, Value, json};

use super::LiveFlow;
use crate::AppState;

/// Where the answer goes in a prompt.
const HISTORY: &str = "{history}";
/// The prompt where none was written.
const PROMPT: &str = "Here is the latest answer of a conversation:\n\n{history}\n\nWrite three short \
questions that its reader is likely to ask next, in the language of the answer.";
/// How long suggestions may take; the answer itself waits for them.
const PATIENCE: Duration = Duration::from_mins(1);
/// Rows that hold a model's address, by the node.
const ADDRESSES: &[&str] = &["baseUrl", "basepath", "basePath"];

/// How a flow makes its suggestions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FollowUps {
    /// The chosen provider, which is the name of a chat model.
    provider: String,
    /// Its settings.
    config: Map<String, Value>,
}

impl FollowUps {
    /// Reads a flow's settings; `None` where suggestions are off.
    pub(super) fn parse(own: &Value, chatbot: &Value) -> Option<Self> {
        let setting = if own["selectedProvider"].is_string() { own } else { chatbot };
        if setting["status"] != true {
            return None;
        }
        let provider = setting["selectedProvider"].as_str().filter(|it| !it.is_empty())?;
        let config = setting[provider].as_object()?.clone();
        Some(Self { provider: provider.to_owned(), config })
    }

    /// The node of the model, filled in. Some providers are named as their nodes are, others without
    /// the word before it.
    fn node(&self, state: &AppState) -> Option<Value> {
        let named = state.engine.catalog().get(&self.provider);
        let node = named.or_else(|| {
            let wanted = format!("chat{}", self.provider);
            let mut all = state.engine.catalog().all().iter();
            all.find(|it| it.spec().name.eq_ignore_ascii_case(&wanted)).copied()
        })?;
        let mut inputs = self.config.clone();
        if let Some(address) = inputs.get("baseUrl").cloned() {
            for row in ADDRESSES.iter().filter(|it| node.spec().field(it).is_some()) {
                inputs.insert((*row).to_owned(), address.clone());
            }
        }
        Some(json!({
            "name": node.spec().name,
            "label": node.spec().label,
            "inputs": inputs,
            "credential": self.config.get("credentialId"),
        }))
    }

    fn prompt(&self, answer: &str) -> String {
        let own = self.config.get("prompt").and_then(Value::as_str);
        own.filter(|it| !it.trim().is_empty()).unwrap_or(PROMPT).replace(HISTORY, answer)
    }
}

/// The suggestions after `answer`, as the text of a JSON list; `None` where the flow makes none. A
/// model that fails costs the suggestions, never the answer.
pub(super) async fn suggest(state: &AppState, live: &LiveFlow, answer: &str) -> Option<String> {
    let setting = live.follow_ups.as_ref()?;
    match tokio::time::timeout(PATIENCE, ask(state, live, setting, answer)).await {
        Ok(Ok(questions)) => Some(json!(questions).to_string()),
        Ok(Err(error)) => {
            tracing::warn!(flow = live.flow.id, %error, "no suggestions were made");
            None
        }
        Err(_) => {
            tracing::warn!(flow = live.flow.id, "the suggestions took too long");
            None
        }
    }
}

async fn ask(
    state: &AppState,
    live: &LiveFlow,
    setting: &FollowUps,
    answer: &str,
) -> Result<Vec<String>, flowstone_engine::Error> {
    let provider = &setting.provider;
    let unknown = || {
        let said = format!("there is no chat model {provider} in this installation");
        flowstone_engine::Error::Node(Error::Unsupported(said))
    };
    let node = setting.node(state).ok_or_else(unknown)?;
    let built = state.engine.build(&node, &live.flow.workspace_id).await?;
    let Capability::ChatModel(model) = built else { return Err(unknown()) };
    let mut request = ChatRequest::new(vec![Message::user(setting.prompt(answer))]);
    request.schema = Some(json!({
        "type": "object",
        "properties": {
            "questions": {
                "type": "array",
                "items": { "type": "string" },
                "description": "Three short questions",
            },
        },
        "required": ["questions"],
        "additionalProperties": false,
    }));
    let reply = model.chat(&request, &Events::silent()).await?;
    Ok(questions(&reply.text)?)
}

/// The questions in a model's answer, which may stand inside of other words.
fn questions(text: &str) -> Result<Vec<String>, Error> {
    let inner = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
    let parsed: Option<Value> = inner.and_then(|it| serde_json::from_str(it).ok());
    let listed = parsed.as_ref().and_then(|it| it["questions"].as_array());
    let Some(listed) = listed else {
        return Err(Error::ModelAnswer("the model gave no list of questions".to_owned()));
    };
    Ok(listed.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_made_where_they_are_switched_on_and_a_provider_is_chosen() {
        let full = json!({"status": true, "selectedProvider": "chatX", "chatX": {"prompt": "p {history}"}});
        let setting = FollowUps::parse(&full, &Value::Null).unwrap();
        assert_eq!(setting.prompt("a"), "p a");
        assert!(FollowUps::parse(&Value::Null, &full).is_some());
        for broken in [
            json!({"status": false, "selectedProvider": "chatX", "chatX": {}}),
            json!({"status": true, "selectedProvider": "chatX"}),
            json!({"status": true}),
        ] {
            assert_eq!(FollowUps::parse(&broken, &Value::Null), None);
        }
        let plain = json!({"status": true, "selectedProvider": "chatX", "chatX": {"prompt": " "}});
        assert!(FollowUps::parse(&plain, &Value::Null).unwrap().prompt("said").contains("said"));
    }

    #[test]
    fn questions_are_found_in_what_a_model_says() {
        let said = "Sure: ```json\n{\"questions\":[\"A?\",\"B?\"]}\n```";
        assert_eq!(questions(said).unwrap(), ["A?", "B?"]);
        for bad in ["", "none", "{\"questions\":1}", "}{"] {
            assert!(questions(bad).is_err(), "{bad}");
        }
    }
}
