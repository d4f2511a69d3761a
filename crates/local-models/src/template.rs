//! Writes a conversation the way a model was trained to read it.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value, context};

use crate::{Error, Result};

/// The form most small models share; used where a file has no template of its own.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

const NAME: &str = "chat";

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions to the model.
    System,
    /// The person.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

impl Role {
    /// The name chat templates know.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// A message of `role`.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// The chat template of one model, parsed once.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    begin_text: String,
    end_text: String,
}

impl ChatTemplate {
    /// Takes the template of the file; one that is absent or cannot be parsed becomes ChatML.
    pub(crate) fn new(source: Option<String>, begin_text: &str, end_text: &str) -> Self {
        let mut environment = Environment::new();
        // As Hugging Face renders templates (`transformers`, `chat_template_utils`).
        match SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
            Ok(syntax) => environment.set_syntax(syntax),
            Err(error) => tracing::error!(%error, "the syntax of chat templates cannot be set"),
        }
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise_exception);
        let given = source.is_some_and(|source| {
            environment
                .add_template_owned(NAME, source)
                .inspect_err(|error| tracing::warn!(%error, "the chat template of a model cannot be parsed, ChatML is used"))
                .is_ok()
        });
        if !given && let Err(error) = environment.add_template(NAME, CHATML) {
            tracing::error!(%error, "the ChatML template cannot be parsed");
        }
        Self { environment, begin_text: begin_text.to_owned(), end_text: end_text.to_owned() }
    }

    /// The prompt for an answer to `messages`.
    pub(crate) fn render(&self, messages: &[Message]) -> Result<String> {
        let messages: Vec<Value> = messages
            .iter()
            .map(|message| {
                let Message { role, content } = message;
                context! { role => role.as_str(), content => content.as_str() }
            })
            .collect();
        let values = context! {
            messages,
            add_generation_prompt => true,
            bos_token => self.begin_text.as_str(),
            eos_token => self.end_text.as_str(),
        };
        self.environment
            .get_template(NAME)
            .and_then(|template| template.render(values))
            .map_err(|error| refused(&error))
    }
}

/// What templates call to refuse a conversation, say one that begins with the assistant.
fn raise_exception(message: String) -> Result<String, minijinja::Error> {
    Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message))
}

fn refused(error: &minijinja::Error) -> Error {
    let reason = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    Error::Request(format!("The model cannot read this conversation: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation() -> Vec<Message> {
        vec![
            Message::new(Role::System, " Be brief. "),
            Message::new(Role::User, "Hi {{ 1 }}"),
            Message::new(Role::Assistant, "Hello"),
            Message::new(Role::User, "Who?"),
        ]
    }

    #[test]
    fn the_template_of_the_file_is_used() {
        let source = "{{ bos_token }}{% for message in messages %}[{{ message['role'].upper() }}]{{ message['content'].strip() }}\n{% endfor %}{% if add_generation_prompt %}>{% endif %}";
        let template = ChatTemplate::new(Some(source.into()), "<s>", "</s>");
        assert_eq!(
            template.render(&conversation()).unwrap(),
            "<s>[SYSTEM]Be brief.\n[USER]Hi {{ 1 }}\n[ASSISTANT]Hello\n[USER]Who?\n>"
        );
    }

    #[test]
    fn without_a_usable_template_it_is_chatml() {
        let expected = "<|im_start|>system\n Be brief. <|im_end|>\n<|im_start|>user\nHi {{ 1 }}<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\n";
        for source in [None, Some("{% for %}".to_owned())] {
            let template = ChatTemplate::new(source, "", "");
            assert_eq!(template.render(&conversation()).unwrap(), expected);
        }
    }

    #[test]
    fn a_refusal_of_the_template_is_told() {
        let source = "{{ raise_exception('roles must alternate') }}";
        let template = ChatTemplate::new(Some(source.into()), "", "");
        assert_eq!(
            template.render(&conversation()).unwrap_err().to_string(),
            "The model cannot read this conversation: roles must alternate."
        );
    }
}
