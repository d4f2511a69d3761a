//! What a member's model is told: its instructions, the conversation, and a last word.

use std::sync::Arc;

use flowstone_core::{
    ChatModel, Choice, Error, Input, Inputs, Message, Result, Role,
    sequence::{Line, Scene, Speaker},
};
use serde_json::{Map, Value};

use super::paths;
use crate::{
    chat_prompt, prompt_format::Template, prompts, prompts::chat_prompt_template::messages_of,
};

pub(super) const MODEL: Input<Option<Arc<dyn ChatModel>>> =
    Input::socket("Chat Model", "model", "BaseChatModel")
        .describe("That of the Start node where nothing is connected")
        .optional();
pub(super) const SYSTEM: Input<Option<String>> =
    Input::text("System Prompt", "systemMessagePrompt").rows(4).optional();
pub(super) const HUMAN: Input<Option<String>> = Input::text("Human Prompt", "humanMessagePrompt")
    .rows(4)
    .describe("Stands after the conversation, as what a person says")
    .additional()
    .optional();
pub(super) const EARLIER: Input<Option<String>> = {
    let mut it = Input::code("Prepend Messages History", "messageHistory")
        .describe("Code that returns messages to stand before the conversation, as examples")
        .additional()
        .optional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(EXAMPLE);
    it
};
const EXAMPLE: &str = "\
const { AIMessage, HumanMessage } = require('@langchain/core/messages');

return [
  new HumanMessage('What is the capital of Peru?'),
  new AIMessage('Lima.'),
];
";
pub(super) const HISTORY: Input<Option<String>> = Input::options(
    "Conversation History",
    "conversationHistorySelection",
    &[
        Choice::new("user_question", "User Question").describe("What the person asked, alone"),
        Choice::new("last_message", "Last Conversation Message").describe("The newest message"),
        Choice::new("all_messages", "All Conversation Messages").describe("Every message"),
        Choice::new("empty", "Empty").describe("No message"),
    ],
)
.default("all_messages")
.describe("What the model is told of the conversation")
.additional()
.optional();

/// What a member's model is told.
pub(super) struct Talk {
    pub(super) model: Arc<dyn ChatModel>,
    system: Option<Template>,
    human: Option<Template>,
    values: Map<String, Value>,
    earlier: Option<String>,
    history: History,
}

/// How much of the conversation the model is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum History {
    Question,
    Last,
    All,
    Nothing,
}

impl Talk {
    /// What the form says, whose prompts are in the rows `system` and `human`.
    ///
    /// # Errors
    /// Where there is no model, or a prompt's brace has no partner.
    pub(super) fn from_form(
        inputs: &Inputs,
        (system, human): (&Input<Option<String>>, &Input<Option<String>>),
        before: Option<Arc<dyn ChatModel>>,
    ) -> Result<Self> {
        let template = |row: &Input<Option<String>>| -> Result<Option<Template>> {
            let text = inputs.get(row)?.filter(|it| !it.trim().is_empty());
            text.map(|it| Template::parse(&it, row.field.label)).transpose()
        };
        let model = inputs.get(&MODEL)?.or(before).ok_or_else(|| {
            let reason = "connect one here or to the Start node";
            Error::invalid(&MODEL.field, reason)
        })?;
        let history = match inputs.get(&HISTORY)?.as_deref() {
            None | Some("all_messages") => History::All,
            Some("user_question") => History::Question,
            Some("last_message") => History::Last,
            Some("empty") => History::Nothing,
            Some(other) => {
                let reason = format!(
                    "{other} is none of user_question, last_message, all_messages and empty"
                );
                return Err(Error::invalid(&HISTORY.field, reason));
            }
        };
        Ok(Self {
            model,
            system: template(system)?,
            human: template(human)?,
            values: prompts::values(inputs)?,
            earlier: inputs.get(&EARLIER)?.filter(|it| !it.trim().is_empty()),
            history,
        })
    }

    /// The messages of a turn.
    ///
    /// # Errors
    /// Where a variable has no value, or the code of the form fails.
    pub(super) async fn messages(&self, scene: &Scene<'_>) -> Result<Vec<Message>> {
        let values = paths::values(&self.values, scene)?;
        let mut messages = Vec::new();
        if let Some(system) = &self.system {
            messages.push(Message::system(system.fill(&values)?));
        }
        if let Some(code) = &self.earlier {
            messages.extend(messages_of(code, &EARLIER.field, &scene.run.services).await?);
        }
        match self.history {
            History::Nothing => {}
            History::Question => messages.push(Message::user(scene.run.question.clone())),
            History::Last => {
                let last = scene.lines.len().saturating_sub(1);
                messages.extend(told(&scene.lines[last..]));
            }
            History::All => messages.extend(told(scene.lines)),
        }
        if let Some(human) = &self.human {
            messages.push(Message::user(human.fill(&values)?));
        }
        if messages.iter().all(|it| it.role == Role::System) {
            let reason = "the model is told nothing that it could answer: choose a conversation, \
                          or fill in Human Prompt";
            return Err(Error::invalid(&HISTORY.field, reason));
        }
        chat_prompt::show_images(&mut messages, &self.model, scene.run);
        Ok(messages)
    }
}

/// The conversation as a model is told of it. Vendors refuse calls without results and results
/// without calls, which are left over where a run stopped between the two or a part is shown.
pub(crate) fn told(lines: &[Line]) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let mut message = line.to_message();
        if !message.tool_calls.is_empty() {
            let results = lines[at + 1..].iter().take_while(|it| it.speaker == Speaker::Tool);
            let answered: Vec<&str> = results.filter_map(|it| it.tool_call_id.as_deref()).collect();
            if !message.tool_calls.iter().all(|it| answered.contains(&it.id.as_str())) {
                message.tool_calls.clear();
                message.signed = None;
            }
        }
        if line.speaker == Speaker::Tool {
            let id = line.tool_call_id.as_deref();
            let before = messages.iter().rev().find(|it| it.role != Role::Tool);
            let asked = before.is_some_and(|it| it.tool_calls.iter().any(|it| Some(&*it.id) == id));
            if !asked {
                message = Message::user(format!("{} gave: {}", line.name, line.content));
            }
        }
        if message.text.is_empty() && message.tool_calls.is_empty() && line.speaker != Speaker::Tool
        {
            continue;
        }
        messages.push(message);
    }
    messages
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn called(id: &str) -> Line {
        let call = json!({"name": "find", "args": {}, "id": id, "type": "tool_call"});
        Line { tool_calls: vec![call], ..Line::new(Speaker::Ai, "") }
    }

    fn gave(id: &str) -> Line {
        let line = Line::new(Speaker::Tool, "found").by("tools_0", "find");
        Line { tool_call_id: Some(id.to_owned()), ..line }
    }

    #[test]
    fn a_model_is_told_no_half_of_a_call() {
        let roles = |lines: &[Line]| -> Vec<(Role, usize)> {
            told(lines).iter().map(|it| (it.role, it.tool_calls.len())).collect()
        };
        let question = Line::new(Speaker::Human, "hey");
        let whole = [question.clone(), called("1"), gave("1")];
        assert_eq!(roles(&whole), [(Role::User, 0), (Role::Assistant, 1), (Role::Tool, 0)]);
        // A call that nobody let run, and a result that is shown alone.
        assert_eq!(roles(&[question, called("1")]), [(Role::User, 0)]);
        assert_eq!(roles(&[gave("1")]), [(Role::User, 0)]);
        assert_eq!(told(&[gave("1")])[0].text, "find gave: found");
    }
}
