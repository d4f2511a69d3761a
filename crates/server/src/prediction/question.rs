//! What a call asks, read leniently from whatever form it came in.

use flowstone_core::{HumanAnswer, Message, Upload};
use flowstone_engine::CallFile;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::Problem;

/// Longest chat id and session id in characters, as the store takes them.
const ID_LIMIT: usize = 255;

/// The body of a prediction. Fields of the wrong kind read as absent where the reference ignores
/// them too; the official clients send explicit nulls.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// What was asked, as text.
    pub(crate) text: String,
    /// What was asked, as it was given: a number comes back as a number.
    pub(crate) given: Option<Value>,
    /// The caller wants the answer in pieces.
    pub(crate) streaming: bool,
    /// The chat to go on with.
    pub(crate) chat_id: Option<String>,
    /// What this call changes in the flow.
    pub(crate) override_config: Map<String, Value>,
    /// Earlier turns; an error text where they are malformed and would be needed.
    pub(crate) history: Result<Option<Vec<Message>>, String>,
    /// Files that came along in the body.
    pub(crate) uploads: Vec<Upload>,
    /// Files that came along as parts of a form, for the flow's loaders.
    pub(crate) files: Vec<CallFile>,
    /// Address of the lead who asks.
    pub(crate) lead_email: Option<String>,
    /// What was filled into the flow's form.
    pub(crate) form: Option<Map<String, Value>>,
    /// What a person answers to a run that waits.
    pub(crate) human_input: Option<HumanAnswer>,
    /// What is wrong with a form or a person's answer that cannot be read.
    pub(crate) unreadable: Option<&'static str>,
    /// What a person answers to an agentflow of the first version that waits: the action it asked
    /// with.
    pub(crate) action: Option<Value>,
    /// The request that triggered the run: `{body, headers, query}`.
    pub(crate) webhook: Option<Value>,
    /// The caller's key for asking once, however often the request arrives.
    pub(crate) request_key: Option<String>,
    /// Id of the key that was shown with the call.
    pub(crate) api_key: Option<String>,
    /// The id that the run is to have.
    pub(crate) run_id: Option<String>,
    /// The run ends when its caller leaves.
    pub(crate) ends_with_caller: bool,
    /// The draft is asked instead of what is live.
    pub(crate) draft: bool,
    /// The caller wants to be told of nodes as they start and end.
    pub(crate) node_events: bool,
}

/// The body of a prediction as callers write it; [`Question`] reads it, more leniently.
#[derive(JsonSchema)]
#[schemars(rename = "Question", rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is of use")]
pub(crate) struct Asking {
    /// What is asked.
    question: Option<String>,
    /// The answer in pieces, where the flow can.
    streaming: Option<bool>,
    /// The chat to go on with, as an earlier answer gave it.
    chat_id: Option<String>,
    /// What this call changes in the flow, as far as its owner allows; `sessionId` in it names the
    /// conversation that memories follow.
    override_config: Option<Map<String, Value>>,
    /// Earlier turns, instead of the stored ones.
    history: Option<Vec<AskingTurn>>,
    /// Pictures and files beside the question.
    uploads: Option<Vec<AskingUpload>>,
    /// Address of the visitor who asks.
    lead_email: Option<String>,
    /// What is filled into an agentflow's form; never beside a question.
    form: Option<Map<String, Value>>,
    /// The answer to a run that waits for a person.
    human_input: Option<AskingAnswer>,
    /// The action that an agentflow of the first version asked with, as the answer gave it; the
    /// question is then the text of one of its buttons.
    action: Option<Map<String, Value>>,
    /// Whether a run of an agentflow ends when its caller leaves; it goes on where this is not said.
    stop_on_disconnect: Option<bool>,
    /// Asks the flow's draft instead of what is live; for people who may change the flow.
    draft: Option<bool>,
    /// Tells in the stream of nodes as they start and end (`nodeStart`, `nodeEnd`, `nodeError`); for
    /// people of the flow's workspace.
    node_events: Option<bool>,
}

/// The answer to a run that waits for a person.
#[derive(JsonSchema)]
#[schemars(rename = "HumanInput", rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is of use")]
struct AskingAnswer {
    /// `proceed` or `reject`.
    #[schemars(rename = "type")]
    kind: String,
    /// The node that asked; the last one that did, where it is not said.
    start_node_id: Option<String>,
    /// Words with the answer.
    feedback: Option<String>,
}

/// An earlier turn.
#[derive(JsonSchema)]
#[schemars(rename = "Turn")]
#[expect(dead_code, reason = "only its schema is of use")]
struct AskingTurn {
    /// `userMessage` or `apiMessage`.
    role: String,
    content: String,
}

/// A file beside a question.
#[derive(JsonSchema)]
#[schemars(rename = "Upload")]
#[expect(dead_code, reason = "only its schema is of use")]
struct AskingUpload {
    /// `file`, `url`, `audio`, `file:full` or `file:rag`.
    #[schemars(rename = "type")]
    kind: String,
    name: Option<String>,
    /// A data URI or an address.
    data: Option<String>,
    /// Media type.
    mime: Option<String>,
}

impl Question {
    /// Reads a body's fields.
    pub(crate) fn from_fields(body: &Map<String, Value>) -> Self {
        let text = |name: &str| match body.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        let given = body.get("question").filter(|it| !it.is_null()).cloned();
        // Clients send what they have none of as null, or empty.
        let named = |name: &str| body.get(name).filter(|it| !it.is_null() && **it != "");
        let form = named("form").map(object);
        let answer = named("humanInput").filter(|it| **it != json!({}));
        let human_input: Option<Option<HumanAnswer>> =
            answer.map(|it| serde_json::from_value(Value::Object(object(it)?)).ok());
        let unreadable = match (&form, &human_input) {
            (Some(None), _) => Some("form: an object with the form's fields is expected"),
            (_, Some(None)) => Some(
                "humanInput: an object is expected, with a type of proceed or reject and perhaps a \
                 startNodeId and a feedback",
            ),
            _ => None,
        };
        Self {
            text: match &given {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            },
            given,
            streaming: truthy(body.get("streaming")),
            chat_id: text("chatId"),
            override_config: body.get("overrideConfig").and_then(object).unwrap_or_default(),
            history: history(body.get("history")),
            uploads: body
                .get("uploads")
                .and_then(Value::as_array)
                .map(|list| {
                    let each = list.iter().cloned();
                    each.filter_map(|it| serde_json::from_value(it).ok()).collect()
                })
                .unwrap_or_default(),
            files: Vec::new(),
            lead_email: text("leadEmail"),
            form: form.flatten(),
            human_input: human_input.flatten(),
            unreadable,
            action: body
                .get("action")
                .and_then(object)
                .filter(|it| !it.is_empty())
                .map(Value::Object),
            webhook: None,
            request_key: None,
            api_key: None,
            run_id: None,
            ends_with_caller: truthy(body.get("stopOnDisconnect")),
            draft: truthy(body.get("draft")),
            node_events: truthy(body.get("nodeEvents")),
        }
    }

    /// Refuses, before any model is asked, what could not be kept afterwards.
    ///
    /// # Errors
    /// 400 for ids that are too long and for NUL characters, which databases do not store.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let ids = [("chatId", self.chat_id.as_deref()), ("sessionId", self.session_id())];
        for (name, id) in ids {
            if id.is_some_and(|it| it.chars().count() > ID_LIMIT || it.contains('\0')) {
                return Err(Problem::bad_request(format!(
                    "{name}: at most {ID_LIMIT} characters and no NUL are possible"
                )));
            }
        }
        if self.text.contains('\0') {
            return Err(Problem::bad_request("question: it holds a NUL character"));
        }
        Ok(())
    }

    /// The conversation the caller names.
    pub(crate) fn session_id(&self) -> Option<&str> {
        self.override_config.get("sessionId")?.as_str().filter(|it| !it.is_empty())
    }
}

/// `true` and the text `true`, which forms send.
fn truthy(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true)))
        || value.and_then(Value::as_str).is_some_and(|it| it == "true")
}

/// An object, or its JSON text, which forms send.
fn object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn history(value: Option<&Value>) -> Result<Option<Vec<Message>>, String> {
    let parsed =
        value.and_then(Value::as_str).and_then(|it| serde_json::from_str::<Value>(it).ok());
    let turns = match parsed.as_ref().or(value) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(turns)) if turns.is_empty() => return Ok(None),
        Some(Value::Array(turns)) => turns,
        Some(_) => return Err("history must be a list of {role, content}".to_owned()),
    };
    let each = turns.iter().enumerate().map(|(place, turn)| {
        let content = turn["content"].as_str();
        match (turn["role"].as_str(), content) {
            (Some("userMessage" | "user" | "human"), Some(content)) => Ok(Message::user(content)),
            (Some("apiMessage" | "assistant" | "ai"), Some(content)) => {
                Ok(Message::assistant(content))
            }
            (_, None) => Err(format!("history: entry {} has no content", place + 1)),
            _ => Err(format!(
                "history: the role of entry {} must be userMessage or apiMessage",
                place + 1
            )),
        }
    });
    each.collect::<Result<Vec<_>, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Question {
        Question::from_fields(body.as_object().unwrap())
    }

    #[test]
    fn nulls_and_forms_are_understood() {
        let question = read(json!({"question": 5, "chatId": null, "overrideConfig": null,
            "history": [], "uploads": [], "streaming": "true"}));
        assert_eq!((question.text.as_str(), question.given), ("5", Some(json!(5))));
        assert!(question.streaming && question.chat_id.is_none() && question.uploads.is_empty());
        let form = read(json!({"overrideConfig": "{\"sessionId\":\"s\"}", "streaming": "false"}));
        assert_eq!(form.session_id(), Some("s"));
        assert!(!form.streaming && form.given.is_none());
    }

    #[test]
    fn forms_and_answers_are_read_or_said_to_be_none() {
        for (body, wrong) in [
            (json!({"form": null, "humanInput": {}}), None),
            (json!({"form": {"a": 1}, "humanInput": {"type": "proceed"}}), None),
            (json!({"form": "{\"a\": 1}", "humanInput": ""}), None),
            (json!({"form": "name"}), Some("form: an object")),
            (json!({"form": [1]}), Some("form: an object")),
            (json!({"humanInput": "proceed"}), Some("humanInput: an object")),
            (json!({"humanInput": {"feedback": "x"}}), Some("humanInput: an object")),
        ] {
            let said = read(body.clone()).unreadable;
            let fits =
                wrong.map_or(said.is_none(), |it| said.is_some_and(|said| said.starts_with(it)));
            assert!(fits, "{body}: {said:?}");
        }
    }

    #[test]
    fn a_history_is_read_or_refused_by_its_entry() {
        let good = read(json!({"history": [{"role": "userMessage", "content": "a"},
            {"role": "apiMessage", "content": "b"}]}));
        let turns = vec![Message::user("a"), Message::assistant("b")];
        assert_eq!(good.history, Ok(Some(turns)));
        for bad in
            [json!("zz"), json!([{"role": "x", "content": "a"}]), json!([{"role": "userMessage"}])]
        {
            assert!(read(json!({"history": bad})).history.is_err());
        }
    }
}
