//! Form rows that several nodes of agentflows have, and reading them.

use flowstone_core::{
    Choice, Field, Input, Inputs, Result, StateUpdate,
    spec::{Default, When},
};
use serde_json::{Map, Value};

/// One entry of an `array` row.
pub(super) type Row = Map<String, Value>;

/// The rows of a node that talks with a model.
pub(super) struct TalkRows {
    pub(super) model: Input<String>,
    pub(super) messages: Input<Option<Vec<Row>>>,
    pub(super) memory: MemoryRows,
    pub(super) says: Input<Option<String>>,
    pub(super) answers_as: Input<String>,
    pub(super) structure: Input<Option<Vec<Row>>>,
    pub(super) updates: Input<Option<Vec<Row>>>,
}

/// The rows that say what a model is told of the conversation so far.
pub(super) struct MemoryRows {
    pub(super) on: Input<bool>,
    pub(super) kind: Input<String>,
    pub(super) window: Input<u64>,
    pub(super) limit: Input<u64>,
}

/// Which chat model is asked; the chosen one brings its own form.
pub(super) const fn model(name: &'static str) -> Input<String> {
    let mut it = Input::async_options("Model", name, "listModels");
    it.field.load_config = true;
    it
}

const ROLE: Input<String> = Input::options(
    "Role",
    "role",
    &[
        Choice::new("system", "System"),
        Choice::new("assistant", "Assistant"),
        Choice::new("developer", "Developer"),
        Choice::new("user", "User"),
    ],
);
const CONTENT: Input<String> = {
    let mut it = Input::text("Content", "content").accepts_variables().rows(4);
    it.field.generate_instruction = true;
    it
};

/// What the model is told before the conversation.
pub(super) const fn messages(name: &'static str) -> Input<Option<Vec<Row>>> {
    Input::array("Messages", name, &[ROLE.field, CONTENT.field])
        .describe("What the model is told before the conversation; instructions go first")
        .accepts_variables()
        .optional()
}

const MEMORY_KINDS: &[Choice] = &[
    Choice::new("allMessages", "All Messages").describe("The whole conversation"),
    Choice::new("windowSize", "Window Size").describe("The newest exchanges only"),
    Choice::new("conversationSummary", "Conversation Summary")
        .describe("A summary that the model makes of the conversation"),
    Choice::new("conversationSummaryBuffer", "Conversation Summary Buffer")
        .describe("The newest turns as they are, a summary of those before them"),
];

impl MemoryRows {
    /// The rows under these names; each condition names the row before it.
    pub(super) const fn new(
        names: [&'static str; 4],
        while_on: &'static [When],
        while_window: &'static [When],
        while_buffer: &'static [When],
    ) -> Self {
        let [on, kind, window, limit] = names;
        Self {
            on: Input::flag("Enable Memory", on)
                .default(true)
                .describe("Tells the model what was said so far")
                .may_be_empty(),
            kind: {
                let mut it = Input::options("Memory Type", kind, MEMORY_KINDS)
                    .default("allMessages")
                    .describe("How much of the conversation the model is told")
                    .show_when(while_on);
                it.field.optional = true;
                it
            },
            window: {
                let mut it = Input::whole("Window Size", window)
                    .describe("How many exchanges, question and answer, are kept")
                    .show_when(while_window);
                it.field.default = Default::Text("20");
                it
            },
            limit: {
                let mut it = Input::whole("Max Token Limit", limit)
                    .describe("What is longer than this many tokens is summarised, oldest first")
                    .show_when(while_buffer);
                it.field.default = Default::Text("2000");
                it
            },
        }
    }
}

/// A last message to the model.
pub(super) const fn says(name: &'static str, while_on: &'static [When]) -> Input<Option<String>> {
    Input::text("Input Message", name)
        .rows(4)
        .describe("Said to the model last, as the user")
        .accepts_variables()
        .show_when(while_on)
        .optional()
}

/// As whom the answer enters the conversation.
pub(super) const fn answers_as(name: &'static str) -> Input<String> {
    Input::options("Return Response As", name, SPEAKERS)
        .default("userMessage")
        .describe("As whose words the nodes that follow are told the answer")
}

const SPEAKERS: &[Choice] = &[
    Choice::new("userMessage", "User Message"),
    Choice::new("assistantMessage", "Assistant Message"),
];

/// The role of [`answers_as`] in a conversation.
pub(super) fn role(answers_as: &str) -> &'static str {
    if answers_as == "assistantMessage" { "assistant" } else { "user" }
}

const KINDS_OF_VALUE: &[Choice] = &[
    Choice::new("string", "String"),
    Choice::new("stringArray", "String Array"),
    Choice::new("number", "Number"),
    Choice::new("boolean", "Boolean"),
    Choice::new("enum", "Enum"),
    Choice::new("jsonArray", "JSON Array"),
];

/// The columns of [`structure`], whose conditions name the row they are in.
pub(super) const fn structure_fields(
    while_enum: &'static [When],
    while_list: &'static [When],
) -> [Field; 5] {
    let values = Input::text("Enum Values", "enumValues")
        .describe("What may be answered, with commas between")
        .placeholder("red, green, blue")
        .show_when(while_enum)
        .optional();
    let schema = {
        let mut it = Input::code("JSON Schema", "jsonSchema")
            .describe("The keys of one entry of the list, each with its type and what it is")
            .show_when(while_list)
            .optional();
        it.field.hide_code_execute = true;
        it.field.code_example = Some(
            r#"{
  "city": { "type": "string", "description": "Name of the city" },
  "days": { "type": "number", "description": "How many days were spent there" }
}"#,
        );
        it
    };
    [
        Input::text("Key", "key").field,
        Input::options("Type", "type", KINDS_OF_VALUE).field,
        values.field,
        schema.field,
        Input::text("Description", "description")
            .placeholder("What the model should put here")
            .field,
    ]
}

/// Binds the answer to a form.
pub(super) const fn structure(
    name: &'static str,
    fields: &'static [Field],
) -> Input<Option<Vec<Row>>> {
    Input::array("JSON Structured Output", name, fields)
        .describe("The answer is an object with these keys, not prose")
        .accepts_variables()
        .optional()
}

const KEY: Input<String> = Input::async_options("Key", "key", "listRuntimeStateKeys");
const VALUE: Input<String> = {
    let mut it = Input::text("Value", "value").accepts_variables();
    it.field.accept_node_output_as_variable = true;
    it
};
/// The columns of [`updates`].
const UPDATE: &[Field] = &[KEY.field, VALUE.field];

/// What a node changes in the flow's state.
pub(super) const fn updates(name: &'static str) -> Input<Option<Vec<Row>>> {
    Input::array("Update Flow State", name, UPDATE)
        .describe("Changes the flow's state after the node has run; {{ output }} is what it gave")
        .accepts_variables()
        .optional()
}

/// Reads [`updates`]; rows without a key change nothing.
pub(super) fn state_updates(
    inputs: &Inputs,
    rows: &Input<Option<Vec<Row>>>,
) -> Result<Vec<StateUpdate>> {
    let rows = inputs.get(rows)?.unwrap_or_default();
    let updates = rows.into_iter().filter_map(|mut row| {
        let key = text(&row, "key");
        let value = row.remove("value").unwrap_or_else(|| "".into());
        (!key.is_empty()).then_some(StateUpdate { key, value })
    });
    Ok(updates.collect())
}

/// A cell of a row as text; empty where there is none.
pub(super) fn text(row: &Row, name: &str) -> String {
    match row.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(value) => crate::prompt_format::as_text(value),
    }
}

/// The form that came with the choice in row `field`.
pub(super) fn config(inputs: &Inputs, field: &Field) -> Map<String, Value> {
    config_in(&inputs.values, field.name)
}

/// The same inside an entry of a list.
pub(super) fn config_in(row: &Row, name: &str) -> Map<String, Value> {
    row.get(&format!("{name}Config")).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// The filled-in form as records show it: without empty rows and without the one called `without`.
pub(super) fn shown(inputs: &Inputs, without: &str) -> Map<String, Value> {
    let shown = inputs.values.iter().filter(|(name, value)| *name != without && *value != "");
    shown.map(|(name, value)| (name.clone(), value.clone())).collect()
}
