//! From a prompt, its values, the conversation and the question to the turns a model is sent.

use std::sync::Arc;

use flowstone_core::{
    ChatModel, Image, Input, Inputs, Memory, Message, Prompt, PromptPart, Result, Role, Run,
    message,
};
use serde_json::Value;

use crate::prompt_format::{self, Template, Values};

/// A prompt with its templates cut, made once per flow.
pub(crate) struct ChatPrompt {
    turns: Vec<Turn>,
    values: Values,
}

enum Turn {
    Template(Role, Template),
    Fixed(Message),
    History,
}

impl ChatPrompt {
    /// Reads the templates of `prompt`.
    ///
    /// # Errors
    /// Where a template's braces do not match.
    pub(crate) fn compile(prompt: &Prompt) -> Result<Self> {
        let turns = prompt.parts.iter().map(|part| {
            Ok(match part {
                PromptPart::Template { role, text } => {
                    Turn::Template(*role, Template::parse(text, "Prompt")?)
                }
                PromptPart::Fixed(message) => Turn::Fixed(message.clone()),
                PromptPart::History => Turn::History,
            })
        });
        Ok(Self { turns: turns.collect::<Result<_>>()?, values: prompt.values.clone() })
    }

    /// The same with the conversation before the last thing the user says, where `prompt` does not
    /// say itself where the conversation goes.
    pub(crate) fn compile_with_history(prompt: &Prompt) -> Result<Self> {
        let mut prompt = prompt.clone();
        if !prompt.parts.contains(&PromptPart::History) {
            let is_question =
                |part: &PromptPart| matches!(part, PromptPart::Template { role: Role::User, .. });
            let at = prompt.parts.iter().rposition(is_question).unwrap_or(prompt.parts.len());
            prompt.parts.insert(at, PromptPart::History);
        }
        Self::compile(&prompt)
    }

    /// Adds `text` to the last thing the user says, or as a turn of the user where there is none.
    pub(crate) fn append(&mut self, text: &str) -> Result<()> {
        let addition = Template::parse(text, "Prompt")?;
        let last = self.turns.iter_mut().rev().find_map(|turn| match turn {
            Turn::Template(Role::User, template) => Some(template),
            _ => None,
        });
        match last {
            Some(template) => template.append(addition),
            None => self.turns.push(Turn::Template(Role::User, addition)),
        }
        Ok(())
    }

    /// Whether a template has a place called `name`.
    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.variables().any(|it| it == name)
    }

    /// The turns for one question.
    ///
    /// A prompt with one variable that neither its author nor `given` has a value for takes the
    /// question there; one without such a variable is sent as it is.
    ///
    /// # Errors
    /// Where more than one variable is left open; the message names them.
    pub(crate) fn ask(
        &self,
        question: &str,
        history: &[Message],
        given: Values,
    ) -> Result<Vec<Message>> {
        let mut values = given;
        values.extend(self.values.clone());
        let mut open: Vec<&str> = Vec::new();
        for name in self.variables().filter(|name| !values.contains_key(*name)) {
            if !open.contains(&name) {
                open.push(name);
            }
        }
        match open[..] {
            [] => {}
            [only] => {
                values.insert(only.to_owned(), question.into());
            }
            _ => return Err(prompt_format::missing(&open, &values)),
        }
        self.fill(&values, history)
    }

    fn fill(&self, values: &Values, history: &[Message]) -> Result<Vec<Message>> {
        let mut messages = Vec::with_capacity(self.turns.len() + history.len());
        for turn in &self.turns {
            match turn {
                Turn::Template(role, template) => {
                    messages.push(Message::new(*role, template.fill(values)?));
                }
                Turn::Fixed(message) => messages.push(message.clone()),
                Turn::History => messages.extend_from_slice(history),
            }
        }
        Ok(messages)
    }

    fn variables(&self) -> impl Iterator<Item = &str> {
        let templates = self.turns.iter().filter_map(|turn| match turn {
            Turn::Template(_, template) => Some(template),
            _ => None,
        });
        templates.flat_map(Template::variables)
    }
}

/// What stands before the answer in a conversation that a memory keeps.
pub(crate) struct Conversation {
    /// The memory.
    pub(crate) memory: Arc<dyn Memory>,
    prompt: ChatPrompt,
}

impl Conversation {
    /// A conversation with the prompt of the form, or else with its system message.
    pub(crate) fn from_form(
        inputs: &Inputs,
        memory: &Input<Arc<dyn Memory>>,
        prompt: &Input<Option<Arc<Prompt>>>,
        system: &str,
    ) -> Result<Self> {
        let prompt = match inputs.get(prompt)? {
            Some(prompt) => ChatPrompt::compile_with_history(&prompt)?,
            None => ChatPrompt::compile(&conversation_prompt(system))?,
        };
        Ok(Self { memory: inputs.get(memory)?, prompt })
    }

    /// A conversation under instructions that are taken word by word: braces in them are braces.
    pub(crate) fn with_system(memory: Arc<dyn Memory>, system: Option<String>) -> Result<Self> {
        let system = system.map(|it| PromptPart::Fixed(Message::system(it)));
        let question = PromptPart::Template { role: Role::User, text: "{input}".to_owned() };
        let parts = system.into_iter().chain([PromptPart::History, question]).collect();
        let prompt = ChatPrompt::compile(&Prompt { parts, values: Values::new() })?;
        Ok(Self { memory, prompt })
    }

    /// The turns for one question: the prompt with the conversation so far, and the pictures that
    /// came with the question for a model that takes them.
    pub(crate) async fn turns(
        &self,
        question: &str,
        model: &Arc<dyn ChatModel>,
        run: &Run,
    ) -> Result<Vec<Message>> {
        let history = earlier_turns(Some(self.memory.as_ref()), run).await?;
        let given = history_value(self.memory.key(), &history);
        let mut messages = self.prompt.ask(question, &history, given)?;
        show_images(&mut messages, model, run);
        Ok(messages)
    }
}

/// The usual prompt of a conversation: instructions, what was said so far, the question.
pub(crate) fn conversation_prompt(system: &str) -> Prompt {
    Prompt {
        parts: vec![
            PromptPart::Template { role: Role::System, text: system.to_owned() },
            PromptPart::History,
            PromptPart::Template { role: Role::User, text: "{input}".to_owned() },
        ],
        values: Values::new(),
    }
}

/// The earlier turns of a run: those that came with the call, else those that `memory` keeps, else
/// those stored of the chat.
pub(crate) async fn earlier_turns(memory: Option<&dyn Memory>, run: &Run) -> Result<Vec<Message>> {
    if let Some(history) = &run.history {
        return Ok(history.clone());
    }
    match memory {
        Some(memory) => memory.messages(run).await,
        None => {
            let chats = &run.services.chats;
            chats.history(&run.workspace, &run.flow_id, &run.session_id, None).await
        }
    }
}

/// The conversation as a value under the name the memory gives it.
pub(crate) fn history_value(key: &str, history: &[Message]) -> Values {
    Values::from_iter([(key.to_owned(), Value::from(message::transcript(history)))])
}

/// Shows the pictures that came with the question to a model that takes them: a turn of their own
/// after the question, as flows made for the reference expect.
pub(crate) fn show_images(messages: &mut Vec<Message>, model: &Arc<dyn ChatModel>, run: &Run) {
    if !model.takes_images() {
        return;
    }
    let images =
        run.uploads.iter().filter(|it| it.mime.starts_with("image/") && !it.data.is_empty());
    let images: Vec<Image> =
        images.map(|it| Image { url: it.data.clone(), detail: None }).collect();
    if images.is_empty() {
        return;
    }
    let question = messages.iter().rposition(|it| it.role == Role::User);
    let place = question.map_or(messages.len(), |it| it + 1);
    messages.insert(place, Message { images, ..Message::user("") });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prompt(parts: &[(Role, &str)], values: &Value) -> Prompt {
        let parts = parts
            .iter()
            .map(|(role, text)| PromptPart::Template { role: *role, text: (*text).to_owned() });
        Prompt { parts: parts.collect(), values: values.as_object().cloned().unwrap_or_default() }
    }

    #[test]
    fn the_one_open_variable_takes_the_question() {
        let prompt =
            prompt(&[(Role::User, "{greeting} {name}, {name}!")], &json!({"greeting": "Hi"}));
        let asked = ChatPrompt::compile(&prompt).unwrap().ask("Bob", &[], Values::new());
        assert_eq!(asked.unwrap(), [Message::user("Hi Bob, Bob!")]);
    }

    #[test]
    fn a_prompt_without_open_variables_is_sent_as_it_is() {
        let prompt = prompt(&[(Role::User, "Say {word}.")], &json!({"word": "yes"}));
        let asked = ChatPrompt::compile(&prompt).unwrap().ask("Bob", &[], Values::new());
        assert_eq!(asked.unwrap(), [Message::user("Say yes.")]);
    }

    #[test]
    fn more_than_one_open_variable_is_an_error_that_names_them() {
        let prompt = prompt(&[(Role::System, "{a}"), (Role::User, "{b}{c}")], &json!({"c": 1}));
        let asked = ChatPrompt::compile(&prompt).unwrap().ask("Bob", &[], Values::new());
        let said = asked.unwrap_err().to_string();
        assert!(said.contains("{a}, {b} have no value (there are values for {c})"), "{said}");
    }

    #[test]
    fn the_conversation_stands_before_the_question() {
        let history = [Message::user("I am Zed"), Message::assistant("Hi Zed")];
        let prompt = prompt(&[(Role::System, "Be kind."), (Role::User, "{input}")], &json!({}));
        let compiled = ChatPrompt::compile_with_history(&prompt).unwrap();
        let asked = compiled.ask("Who?", &history, Values::new()).unwrap();
        let texts: Vec<&str> = asked.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["Be kind.", "I am Zed", "Hi Zed", "Who?"]);
        assert_eq!(message::transcript(&history), "Human: I am Zed\nAssistant: Hi Zed");
    }

    #[test]
    fn a_prompt_may_name_the_conversation_itself() {
        let history = [Message::user("I am Zed")];
        let prompt = prompt(&[(Role::User, "{chat_history} / {input}")], &json!({}));
        let compiled = ChatPrompt::compile(&prompt).unwrap();
        let given = history_value("chat_history", &history);
        let asked = compiled.ask("Who?", &history, given).unwrap();
        assert_eq!(asked, [Message::user("Human: I am Zed / Who?")]);
    }
}
