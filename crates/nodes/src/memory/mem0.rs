//! Remembers what Mem0 learns from conversations.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Memory, Message, Node, Result, Run, Spec, spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    mem0::{BASE_URL, Memories},
};

const USER: Input<Option<String>> = Input::text("User ID", "user_id")
    .default("flowise-default-user")
    .describe("Whose memories they are. All chats share them unless the next row is on")
    .optional();
const BY_CHAT: Input<bool> = Input::flag("Use Flowise Chat ID", "useFlowiseChatId")
    .default(false)
    .describe("Keeps the memories of each chat apart: the chat's id is the user")
    .may_be_empty();
const SEARCH_ONLY: Input<bool> = Input::flag("Search Only", "searchOnly")
    .default(false)
    .describe("Memories are looked up, and nothing new is learned")
    .may_be_empty()
    .additional();
const RUN: Input<Option<String>> =
    named("Run ID", "run_id").describe("Keeps the memories of one undertaking apart");
const AGENT: Input<Option<String>> =
    named("Agent ID", "agent_id").describe("Keeps the memories of one agent apart");
const APP: Input<Option<String>> =
    named("App ID", "app_id").describe("Keeps the memories of one app apart");
const PROJECT: Input<Option<String>> =
    named("Project ID", "project_id").describe("The project at Mem0 that they belong to");
const ORGANIZATION: Input<Option<String>> =
    named("Organization ID", "org_id").describe("The organization at Mem0 that they belong to");
const KEY: Input<Option<String>> = Input::text("Memory Key", "memoryKey")
    .default(USUAL_KEY)
    .describe("Prompts may name the conversation by this, in single braces")
    .additional()
    .optional();
const INPUT_KEY: Input<Option<String>> = Input::text("Input Key", "inputKey")
    .default("input")
    .describe("Kept for flows of the reference; the question is always learned from")
    .additional()
    .optional();
const OUTPUT_KEY: Input<Option<String>> = Input::text("Output Key", "outputKey")
    .default("text")
    .describe("Kept for flows of the reference; the answer is always learned from")
    .additional()
    .optional();

const USUAL_KEY: &str = "history";

/// Before what is remembered.
const KNOWN: &str = "Known from earlier conversations:";

const fn named(label: &'static str, name: &'static str) -> Input<Option<String>> {
    Input::text(label, name).default("").additional().optional()
}

static SPEC: Spec = Spec {
    label: "Mem0",
    name: "mem0",
    version: 1.1,
    kind: "Mem0",
    icon: "memory.svg",
    category: "Memory",
    description: "Learns from conversations with Mem0, and recalls what has to do with a question",
    base_classes: &["Mem0", "BaseChatMemory", "BaseMemory"],
    credential: Some(CredentialSlot::required(&["mem0MemoryApi"])),
    inputs: &[
        USER.field,
        BY_CHAT.field,
        SEARCH_ONLY.field,
        RUN.field,
        AGENT.field,
        APP.field,
        PROJECT.field,
        ORGANIZATION.field,
        KEY.field,
        INPUT_KEY.field,
        OUTPUT_KEY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Mem0;

#[async_trait]
impl Node for Mem0 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(memory(inputs, BASE_URL)?)))
    }
}

pub(super) fn memory(inputs: &Inputs, base_url: &str) -> Result<Learned> {
    let text = |row: &Input<Option<String>>| Ok(inputs.get(row)?.unwrap_or_default());
    Ok(Learned {
        http: inputs.services.get::<HttpClient>()?,
        base_url: base_url.to_owned(),
        api_key: inputs.credential()?.require("apiKey", "API Key")?.to_owned(),
        user: text(&USER)?,
        by_chat: inputs.get(&BY_CHAT)?,
        search_only: inputs.get(&SEARCH_ONLY)?,
        of: vec![
            ("run_id", text(&RUN)?),
            ("agent_id", text(&AGENT)?),
            ("app_id", text(&APP)?),
            ("project_id", text(&PROJECT)?),
            ("org_id", text(&ORGANIZATION)?),
        ],
        key: inputs.get(&KEY)?.unwrap_or_else(|| USUAL_KEY.to_owned()),
    })
}

/// What was learned, beside the chat as it is stored anyway.
pub(super) struct Learned {
    http: Arc<HttpClient>,
    base_url: String,
    api_key: String,
    user: String,
    by_chat: bool,
    search_only: bool,
    of: Vec<(&'static str, String)>,
    key: String,
}

impl Learned {
    fn memories(&self, run: &Run) -> Memories {
        let user = if self.by_chat { run.chat_id.clone() } else { self.user.clone() };
        let mut of = vec![("user_id", user)];
        of.extend(self.of.iter().cloned());
        let (http, base_url) = (self.http.clone(), self.base_url.clone());
        Memories { http, base_url, key: self.api_key.clone(), of }
    }
}

#[async_trait]
impl Memory for Learned {
    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let known = self.memories(run).search(&run.question).await?;
        let chats = &run.services.chats;
        let turns = chats.history(&run.workspace, &run.flow_id, &run.session_id, None).await?;
        let lines: Vec<String> = known.iter().map(|it| format!("- {it}")).collect();
        let known =
            (!lines.is_empty()).then(|| Message::system(format!("{KNOWN}\n{}", lines.join("\n"))));
        Ok(known.into_iter().chain(turns).collect())
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        if self.search_only {
            return Ok(());
        }
        self.memories(run).add(question, answer).await
    }

    /// Memories are shared by many chats: only those of one chat alone go with it.
    async fn clear(&self, run: &Run) -> Result<()> {
        if self.by_chat && !self.search_only { self.memories(run).clear().await } else { Ok(()) }
    }
}
