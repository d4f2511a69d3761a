//! A model behind NVIDIA NeMo Guardrails.

use flowstone_core::{Input, Inputs, Result, Spec};
use flowstone_providers::openai::{Chat, dialects};

use crate::openai_form::{Address, ChatForm, with_version};

const MODEL: Input<String> = Input::text("Configuration ID", "configurationId")
    .describe("Which of the server's configurations answers");
const BASE_URL: Input<String> = Input::text("Base URL", "baseUrl")
    .describe("Address of the server")
    .placeholder("http://localhost:8000");

static SPEC: Spec = Spec {
    label: "Nemo Guardrails",
    name: "chatNemoGuardrails",
    version: 1.0,
    kind: "ChatNemoGuardrails",
    icon: "nvidia.svg",
    category: "Chat Models",
    description: "A model behind the rules of a NeMo Guardrails server of your own",
    base_classes: &["ChatNemoGuardrails", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    inputs: &[MODEL.field, BASE_URL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Own(&BASE_URL),
    numbers: &[],
    adjust: guard,
    ..ChatForm::new(&SPEC, &dialects::NEMO_GUARDRAILS, None, MODEL)
};

/// The server answers whole.
#[expect(clippy::unnecessary_wraps, reason = "what a form adjusts may fail")]
fn guard(_: &Inputs, chat: &mut Chat) -> Result<()> {
    chat.endpoint.base_url = with_version(&chat.endpoint.base_url);
    chat.stream = false;
    Ok(())
}
