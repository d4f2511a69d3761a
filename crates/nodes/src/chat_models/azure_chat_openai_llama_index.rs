//! Chat models of OpenAI that Azure serves, for flows made of LlamaIndex nodes.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::openai::Chat;

use crate::{
    models::{self, Kind},
    openai_form::{self, Azure, MAX_TOKENS, SAMPLING, TEMPERATURE, TIMEOUT, TOP_P},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("gpt-3.5-turbo-16k");

static SPEC: Spec = Spec {
    label: "AzureChatOpenAI",
    name: "azureChatOpenAI_LlamaIndex",
    version: 2.0,
    kind: "AzureChatOpenAI",
    icon: "azure.svg",
    category: "Chat Models",
    description: "Chat models of OpenAI that Azure serves, for LlamaIndex nodes",
    base_classes: &["AzureChatOpenAI", "BaseChatModel_LlamaIndex", "ToolCallLLM", "BaseLLM"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(Azure::CREDENTIAL),
    inputs: &[MODEL.field, TEMPERATURE.field, MAX_TOKENS.field, TOP_P.field, TIMEOUT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AzureChatOpenAiLlamaIndex;

#[async_trait]
impl Node for AzureChatOpenAiLlamaIndex {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let azure = Azure::read(inputs, &SPEC)?;
        let model = azure.model(inputs.get(&MODEL)?);
        let mut chat = Chat::new(azure.endpoint(inputs, &SPEC)?, model);
        chat.dialect = azure.dialect();
        chat.settings = openai_form::numbers(inputs, &SPEC, SAMPLING, chat.dialect.max_tokens)?;
        super::finish(inputs, chat)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }
}
