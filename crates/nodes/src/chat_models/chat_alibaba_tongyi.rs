//! Chat models of Alibaba Cloud (Qwen), by its compatible mode.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, OPEN_STREAMING};
use crate::openai_form::{ChatForm, TEMPERATURE};

const MODEL: Input<String> = Input::text("Model", "modelName").placeholder("qwen-plus");

static SPEC: Spec = Spec {
    label: "Alibaba Tongyi",
    name: "chatAlibabaTongyi",
    version: 2.0,
    kind: "ChatAlibabaTongyi",
    icon: "alibaba.svg",
    category: "Chat Models",
    description: "Qwen and other chat models of Alibaba Cloud's Model Studio",
    base_classes: &["ChatAlibabaTongyi", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::required(&["AlibabaApi"])),
    inputs: &[CACHE.field, MODEL.field, TEMPERATURE.field, OPEN_STREAMING.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm =
    ChatForm::new(&SPEC, &dialects::ALIBABA, Some(("alibabaApiKey", "Alibaba Api Key")), MODEL);
