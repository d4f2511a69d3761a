//! Prompts that others published: a list to choose from, and the texts of one.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AppState, Body, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/prompts-list", Policy::Caller(&[]), list)
        .doc(doc("List published prompts").takes::<Value>().gives::<Value>())
        .post("/load-prompt", Policy::Caller(&[]), load)
        .doc(
            doc("Read a published prompt")
                .takes::<Value>()
                .gives::<Value>()
                .problem(412)
                .problem(502),
        )
}

/// Which prompts are asked for.
#[derive(Deserialize)]
struct Wanted {
    tags: Option<String>,
}

/// Published prompts.
#[derive(Serialize)]
struct Published {
    status: &'static str,
    repos: Vec<Value>,
}

/// A list that cannot be reached is an empty one: the form then shows none, and says so.
async fn list(State(state): State<AppState>, Body(wanted): Body<Wanted>) -> Json<Published> {
    match state.outside.prompts(wanted.tags.as_deref().unwrap_or_default()).await {
        Ok(repos) => Json(Published { status: "OK", repos }),
        Err(error) => {
            tracing::warn!(%error, "published prompts could not be listed");
            Json(Published { status: "ERROR", repos: Vec::new() })
        }
    }
}

/// Which prompt is wanted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    prompt_name: Option<String>,
}

/// The texts of a prompt.
#[derive(Serialize)]
struct Loaded {
    status: &'static str,
    prompt: String,
    templates: Vec<Template>,
}

/// One text of a prompt.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    #[serde(rename = "type")]
    kind: &'static str,
    type_display: &'static str,
    template: String,
}

async fn load(State(state): State<AppState>, Body(named): Body<Named>) -> Result<Json<Loaded>> {
    let prompt = named.prompt_name.filter(|it| !it.trim().is_empty()).ok_or_else(|| {
        Problem::missing("Error: loadPromptsController.createPrompt - promptName not provided!")
    })?;
    let manifest = state.outside.prompt(&prompt).await.map_err(Problem::outside)?;
    Ok(Json(Loaded { status: "OK", prompt, templates: templates(&manifest) }))
}

/// Classes of messages in a manifest, with what forms call them.
const KINDS: &[(&str, &str, &str)] = &[
    ("SystemMessagePromptTemplate", "systemMessagePrompt", "System Message"),
    ("HumanMessagePromptTemplate", "humanMessagePrompt", "Human Message"),
    ("AIMessagePromptTemplate", "aiMessagePrompt", "AI Message"),
];

/// The texts in a manifest: of each message, or the one there is.
fn templates(manifest: &Value) -> Vec<Template> {
    let arguments = &manifest["kwargs"];
    let Some(messages) = arguments["messages"].as_array() else {
        let text = arguments["template"].as_str();
        let only = text.map(|it| Template {
            kind: "template",
            type_display: "Prompt",
            template: it.to_owned(),
        });
        return only.into_iter().collect();
    };
    let of_message = |message: &Value| {
        let class = message["id"].as_array().and_then(|it| it.last()).and_then(Value::as_str);
        let known = KINDS.iter().find(|(name, ..)| class == Some(*name));
        let (kind, type_display) =
            known.map_or(("template", "Template"), |(_, kind, shown)| (*kind, *shown));
        let template = message["kwargs"]["prompt"]["kwargs"]["template"].as_str()?;
        Some(Template { kind, type_display, template: template.to_owned() })
    };
    messages.iter().filter_map(of_message).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_texts_of_a_manifest_are_told_with_who_says_them() {
        let message = |class: &str, text: &str| {
            json!({"id": ["langchain_core", "prompts", class],
                "kwargs": {"prompt": {"kwargs": {"template": text}}}})
        };
        let manifest = json!({"kwargs": {"messages": [
            message("SystemMessagePromptTemplate", "Be kind."),
            message("HumanMessagePromptTemplate", "{question}"),
            message("MessagesPlaceholder", "{rest}"),
            json!({"id": ["x"], "kwargs": {}}),
        ]}});
        let found: Vec<_> =
            templates(&manifest).into_iter().map(|it| (it.type_display, it.template)).collect();
        let expected = [
            ("System Message", "Be kind."),
            ("Human Message", "{question}"),
            ("Template", "{rest}"),
        ];
        assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
        let one = templates(&json!({"kwargs": {"template": "Say {x}"}}));
        assert_eq!((one[0].kind, one[0].template.as_str()), ("template", "Say {x}"));
        assert_eq!(templates(&json!({})), []);
    }
}
