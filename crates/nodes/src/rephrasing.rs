//! Makes a question of its own of one that leans on the conversation before it.

use flowstone_core::{ChatModel, ChatRequest, Events, Input, Inputs, Message, Result, Usage};

use crate::{
    chat_prompt,
    prompt_format::{Template, needed},
};

/// How the model is told to do it.
pub(crate) const REPHRASE_PROMPT: Input<Option<String>> =
    Input::text("Rephrase Prompt", "rephrasePrompt")
        .rows(4)
        .default(DEFAULT_REPHRASE_PROMPT)
        .describe(
            "Makes a question of its own of one that leans on the conversation. Must hold \
             {chat_history} and {question}",
        )
        .additional()
        .optional();
const DEFAULT_REPHRASE_PROMPT: &str = "Below is a conversation and a new question that may lean \
on it. Write the question again so that it is understood on its own, in the language it was asked \
in. If it already is, repeat it as it stands. Answer with the question and nothing else.

Conversation:
{chat_history}

New question: {question}

Question on its own:";

/// The prompt, ready to fill.
pub(crate) struct Rephrasing(Template);

impl Rephrasing {
    /// Reads [`REPHRASE_PROMPT`].
    ///
    /// # Errors
    /// Where it has no place for the conversation or the question.
    pub(crate) fn from_form(inputs: &Inputs) -> Result<Self> {
        let text = inputs.get(&REPHRASE_PROMPT)?;
        let text = text.unwrap_or_else(|| DEFAULT_REPHRASE_PROMPT.to_owned());
        let text = needed(text, &REPHRASE_PROMPT.field, &["chat_history", "question"])?;
        Ok(Self(Template::parse(&text, REPHRASE_PROMPT.field.label)?))
    }

    /// The question, said so that it stands on its own where there is a conversation it may lean
    /// on. Also what that has cost.
    pub(crate) async fn on_its_own(
        &self,
        model: &dyn ChatModel,
        question: &str,
        history: &[Message],
    ) -> Result<(String, Usage)> {
        if history.is_empty() {
            return Ok((question.to_owned(), Usage::default()));
        }
        let mut values = chat_prompt::history_value("chat_history", history);
        values.insert("question".to_owned(), question.into());
        let request = ChatRequest::new(vec![Message::user(self.0.fill(&values)?)]);
        let reply = model.chat(&request, &Events::silent()).await?;
        let rephrased = reply.text.trim();
        let query = if rephrased.is_empty() { question } else { rephrased };
        Ok((query.to_owned(), reply.usage.unwrap_or_default()))
    }
}
