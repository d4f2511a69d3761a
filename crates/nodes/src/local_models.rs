//! What the nodes of built-in models share: the list of models and what their failures mean.

use flowstone_core::{Error, Inputs, Result, node::Entry};
use flowstone_local_models::{Error as LocalError, LocalModels, catalog::Kind, install};

/// The models of a kind, those that are installed first.
pub(crate) fn entries(inputs: &Inputs, kind: Kind) -> Result<Vec<Entry>> {
    let models = inputs.services.get::<LocalModels>()?;
    let mut listed = install::list(&models.settings().models_dir);
    listed.retain(|it| it.kind == kind);
    listed.sort_by_key(|it| it.bytes.is_none());
    let entries = listed.into_iter().map(|it| {
        let state = match it.bytes {
            Some(bytes) => format!("Installed, {} MB", bytes / 1_000_000),
            None => format!("Not installed yet: run `flowstone models pull {}`", it.name),
        };
        Entry::new(it.name, it.label).describe(state)
    });
    Ok(entries.collect())
}

/// A failure in the words and kinds of the core.
pub(crate) fn failure(error: &LocalError) -> Error {
    let said = error.to_string();
    match error {
        LocalError::Busy { .. } => Error::Busy(said),
        LocalError::Stopped { .. } => Error::Transport(said),
        _ => Error::Unsupported(said),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowstone_core::{Capability, ChatRequest, Events, Message, Node, ToolSpec};
    use flowstone_local_models::{Settings, catalog};
    use serde_json::json;

    use super::*;
    use crate::{
        chat_models::chat_local::ChatLocal, embeddings::local_embeddings::LocalEmbeddings,
        testing::form,
    };

    /// A form in an installation that has no model yet.
    fn form_without_models() -> Inputs {
        let models = LocalModels::new(Settings::new("no-such-folder"));
        let mut form = form(&json!({}));
        form.services = Arc::new(flowstone_testkit::services().with(Arc::new(models)));
        form
    }

    #[tokio::test]
    async fn known_models_are_listed_with_how_to_get_them() {
        let form = form_without_models();
        for (node, model) in [
            (&ChatLocal as &dyn Node, catalog::CHAT_MODEL),
            (&LocalEmbeddings as &dyn Node, catalog::EMBEDDING_MODEL),
        ] {
            let listed = node.options("listModels", &form).await.unwrap();
            let entry = listed.iter().find(|it| it.name == model).unwrap();
            let state = entry.description.as_deref().unwrap();
            assert_eq!(state, format!("Not installed yet: run `flowstone models pull {model}`"));
            assert!(node.options("listTools", &form).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_model_that_is_not_installed_says_how_to_get_it() {
        let form = form_without_models();
        let Ok(Capability::ChatModel(chat)) = ChatLocal.init(&form).await else { panic!() };
        let request = ChatRequest::new(vec![Message::user("hi")]);
        let said = chat.chat(&request, &Events::silent()).await.unwrap_err().to_string();
        assert!(said.contains("is not installed") && !said.contains("no-such-folder"), "{said}");

        let Ok(Capability::Embeddings(model)) = LocalEmbeddings.init(&form).await else { panic!() };
        let said = model.embed(&["hi".to_owned()]).await.unwrap_err().to_string();
        assert!(said.contains("is not installed"), "{said}");
    }

    #[tokio::test]
    async fn a_model_that_cannot_call_tools_says_so() {
        let form = form_without_models();
        let Ok(Capability::ChatModel(chat)) = ChatLocal.init(&form).await else { panic!() };
        let tool = ToolSpec {
            name: "calculator".to_owned(),
            description: String::new(),
            parameters: json!({"type": "object"}),
        };
        let request = ChatRequest { tools: vec![tool], ..ChatRequest::default() };
        let said = chat.chat(&request, &Events::silent()).await.unwrap_err().to_string();
        assert!(said.contains("cannot call tools"), "{said}");
    }
}
