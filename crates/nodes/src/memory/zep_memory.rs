//! Remembers conversations on an open-source server of Zep.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec,
    spec::{CredentialSlot, Default},
};
use flowstone_providers::{HttpClient, zep::Server};

use super::{
    MEMORY_KEY, SESSION_ID,
    zep::{self, AI_PREFIX, HUMAN_PREFIX, INPUT_KEY, OUTPUT_KEY, ZepMemory},
};

const BASE_URL: Input<String> = Input::text("Base URL", "baseURL")
    .default("http://127.0.0.1:8000")
    .describe("Address of the server");
const SIZE: Input<Option<f64>> = {
    let mut it = Input::number("Size", "k")
        .describe("How many of the newest turns are recalled")
        .optional()
        .additional();
    it.field.optional = false;
    it.field.default = Default::Text("10");
    it
};

static SPEC: Spec = Spec {
    label: "Zep Memory - Open Source",
    name: "ZepMemory",
    version: 2.0,
    kind: "ZepMemory",
    icon: "memory.svg",
    category: "Memory",
    description: "Remembers conversations on a Zep server of your own, which also tells what went \
                  before in short",
    base_classes: &["ZepMemory", "BaseChatMemory", "BaseMemory"],
    credential: Some(CredentialSlot::optional(&["zepMemoryApi"])),
    inputs: &[
        BASE_URL.field,
        SESSION_ID.field,
        SIZE.field,
        AI_PREFIX.field,
        HUMAN_PREFIX.field,
        MEMORY_KEY.field,
        INPUT_KEY.field,
        OUTPUT_KEY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Zep;

#[async_trait]
impl Node for Zep {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let key = inputs.credential.as_ref().and_then(|it| it.get("apiKey"));
        let server = Server {
            http: inputs.services.get::<HttpClient>()?,
            base_url: inputs.get(&BASE_URL)?,
            key: key.map(str::to_owned),
            cloud: false,
            names: zep::names(inputs)?,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "guarded by the range just set"
        )]
        let last = inputs.get(&SIZE)?.filter(|it| *it >= 1.0).map(|it| it.min(1e6) as u64);
        let memory = ZepMemory::from_form(inputs, server, Some(last.unwrap_or(10)), true)?;
        Ok(Capability::Memory(Arc::new(memory)))
    }
}
