//! Remembers conversations in Zep Cloud.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{
    HttpClient,
    zep::{CLOUD, Server},
};

use super::{
    MEMORY_KEY, SESSION_ID,
    zep::{self, AI_PREFIX, HUMAN_PREFIX, INPUT_KEY, OUTPUT_KEY, ZepMemory},
};

const TYPE: Input<String> = Input::text("Memory Type", "memoryType")
    .default(PERPETUAL)
    .describe(
        "perpetual recalls the newest turns and what went before them in short; message_window \
         recalls the turns alone",
    )
    .additional();
const PERPETUAL: &str = "perpetual";

static SPEC: Spec = Spec {
    label: "Zep Memory - Cloud",
    name: "ZepMemoryCloud",
    version: 2.0,
    kind: "ZepMemory",
    icon: "memory.svg",
    category: "Memory",
    description: "Remembers conversations in Zep Cloud, which also tells what went before in short",
    base_classes: &["ZepMemory", "BaseChatMemory", "BaseMemory"],
    credential: Some(CredentialSlot::optional(&["zepMemoryApi"])),
    inputs: &[
        SESSION_ID.field,
        TYPE.field,
        AI_PREFIX.field,
        HUMAN_PREFIX.field,
        MEMORY_KEY.field,
        INPUT_KEY.field,
        OUTPUT_KEY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ZepCloud;

#[async_trait]
impl Node for ZepCloud {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(memory(inputs, CLOUD)?)))
    }
}

pub(super) fn memory(inputs: &Inputs, base_url: &str) -> Result<ZepMemory> {
    let server = Server {
        http: inputs.services.get::<HttpClient>()?,
        base_url: base_url.to_owned(),
        key: Some(inputs.credential()?.require("apiKey", "API Key")?.to_owned()),
        cloud: true,
        names: zep::names(inputs)?,
    };
    let summarizes = inputs.get(&TYPE)? == PERPETUAL;
    ZepMemory::from_form(inputs, server, None, summarizes)
}
