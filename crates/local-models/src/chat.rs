//! A chat model from a GGUF file: from a conversation to an answer in pieces.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::catalog;
use crate::gguf::{Fault, Gguf};
use crate::llama::{Cache, Llama};
use crate::sampling::{Sampler, Sampling};
use crate::stop::{Passed, StopFilter};
use crate::template::{ChatTemplate, Message, Role};
use crate::tokenizer::{self, ModelTokenizer, Pieces};
use crate::{Error, Result};

/// The longest conversation a model is asked to keep in mind unless the settings say otherwise.
pub const DEFAULT_CONTEXT: usize = 4096;

/// The longest answer unless the request says otherwise.
pub const DEFAULT_MAX_TOKENS: usize = 1024;

/// A prompt is read in steps of so many tokens, about half a second each on a slow core: between
/// them a cancelled request ends. Kept beginnings are cut at these steps, too.
const PROMPT_STEP: usize = 128;

/// This much of the context, in tokens, a prompt leaves to the answer.
const ANSWER_ROOM: usize = 256;

/// What is asked of a chat model.
#[derive(Debug, Clone, Default)]
pub struct ChatRequest {
    /// The conversation, the oldest message first.
    pub messages: Vec<Message>,
    /// How tokens are picked.
    pub sampling: Sampling,
    /// The answer ends before the first of these; empty strings are ignored.
    pub stop: Vec<String>,
    /// The answer ends after this many tokens; [`DEFAULT_MAX_TOKENS`] if not given.
    pub max_tokens: Option<usize>,
    /// What to do with a conversation that is too long.
    pub overflow: Overflow,
}

/// What to do with a conversation that does not fit the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overflow {
    /// Leave out the oldest turns, but keep every system message and the last turn. If those
    /// alone are too long, it is an error.
    #[default]
    DropOldest,
    /// Give [`Error::TooLong`].
    Refuse,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model was done, or a stop string came.
    Stop,
    /// `max_tokens` or the end of the context was reached.
    Length,
    /// Nobody wanted the rest.
    Cancelled,
}

impl Finish {
    /// The name OpenAI's wire gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What an answer took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatSummary {
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the conversation as the model read it.
    pub prompt_tokens: usize,
    /// Those of them that were still known from the request before.
    pub cached_tokens: usize,
    /// Tokens of the answer.
    pub completion_tokens: usize,
    /// How many of the oldest messages were left out.
    pub dropped_messages: usize,
    /// How long reading the conversation took.
    pub prompt_time: Duration,
    /// How long writing the answer took.
    pub generation_time: Duration,
}

/// A chat model in memory. It answers one request at a time.
pub struct ChatModelFile {
    name: String,
    llama: Llama,
    tokenizer: ModelTokenizer,
    template: ChatTemplate,
    cache: Cache,
    /// The beginning of the last prompt that the cache holds, whole steps only: what was read in
    /// other portions differs in the last digits, and the same request must get the same answer.
    kept: Vec<u32>,
}

impl ChatModelFile {
    /// Loads a model with [`DEFAULT_CONTEXT`].
    pub fn load(path: &Path) -> Result<Self> {
        Self::load_with_context(path, DEFAULT_CONTEXT)
    }

    /// Loads a model that keeps at most `most_context` tokens in mind, question and answer
    /// together. Weights in a form that is slow to multiply are converted to Q8_0 in memory.
    pub fn load_with_context(path: &Path, most_context: usize) -> Result<Self> {
        let name = catalog::display_name(path);
        let parts = || -> Result<_, Fault> {
            let mut gguf = Gguf::open(path)?;
            let tokenizer = ModelTokenizer::from_gguf(&gguf)?;
            let template = tokenizer::chat_template(&gguf);
            let llama = Llama::load(&mut gguf, most_context)?;
            if llama.vocabulary() < tokenizer.size() {
                let reason = "it has more tokens than weights for them";
                return Err(Fault::Damaged(reason.into()));
            }
            Ok((llama, tokenizer, template))
        };
        // The libraries that read the file may panic on one that was made to harm.
        let read = std::panic::catch_unwind(parts)
            .unwrap_or_else(|_| Err(Fault::Damaged("it cannot be read".into())));
        let (llama, tokenizer, template) = read.map_err(|fault| catalog::unusable(&name, fault))?;
        let template = ChatTemplate::new(template, tokenizer.begin_text(), tokenizer.end_text());
        let cache = llama.new_cache();
        Ok(Self { name, llama, tokenizer, template, cache, kept: vec![] })
    }

    /// How many tokens question and answer may have together.
    pub fn context(&self) -> usize {
        self.llama.context()
    }

    /// Answers a request. `show` gets each piece of text; it is called at least once per token and
    /// prompt step, sometimes with no text, and ends the answer by giving `Break`.
    pub fn generate(
        &mut self,
        request: &ChatRequest,
        show: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<ChatSummary> {
        request.sampling.check()?;
        let most = request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS);
        if most == 0 {
            return Err(Error::Request("Max tokens is 0, but must be at least 1.".into()));
        }
        let (prompt, dropped_messages) = self.prompt(request, most)?;
        let started = Instant::now();
        let mut summary = ChatSummary {
            finish: Finish::Cancelled,
            prompt_tokens: prompt.len(),
            cached_tokens: 0,
            completion_tokens: 0,
            dropped_messages,
            prompt_time: Duration::ZERO,
            generation_time: Duration::ZERO,
        };
        let scores = self.read_prompt(&prompt, &mut summary, show)?;
        summary.prompt_time = started.elapsed();
        let Some(scores) = scores else { return Ok(summary) };
        let room = most.min(self.llama.context() - prompt.len());
        self.write_answer(request, scores, room, &mut summary, show)?;
        summary.generation_time = started.elapsed().saturating_sub(summary.prompt_time);
        Ok(summary)
    }

    /// The tokens of the conversation, and how many messages had to be left out of it.
    fn prompt(&self, request: &ChatRequest, most: usize) -> Result<(Vec<u32>, usize)> {
        if request.messages.is_empty() {
            return Err(Error::Request("There is no message to answer.".into()));
        }
        let messages: Vec<Message> = request
            .messages
            .iter()
            .map(|message| {
                let content = self.tokenizer.without_special_texts(&message.content);
                Message::new(message.role, content)
            })
            .collect();
        let context = self.llama.context();
        let limit = context - most.min(ANSWER_ROOM).min(context / 4);
        let tokens = |start: usize| -> Result<Vec<u32>> {
            let prompt = self.template.render(&since(&messages, start))?;
            self.tokenizer.encode(&prompt).map_err(Error::Request)
        };

        let whole = tokens(0)?;
        if whole.is_empty() {
            return Err(Error::Request("There is no message to answer.".into()));
        }
        if whole.len() <= limit {
            return Ok((whole, 0));
        }
        let too_long = |prompt_tokens: usize| Error::TooLong {
            model: self.name.clone(),
            prompt_tokens,
            limit,
        };
        let turns = turn_starts(&messages);
        let Some(&last) = turns.last().filter(|_| request.overflow == Overflow::DropOldest) else {
            return Err(too_long(whole.len()));
        };
        let shortest = tokens(last)?;
        if shortest.len() > limit {
            return Err(too_long(shortest.len()));
        }
        // The more turns are left out the shorter the prompt, so the right cut is found by halving.
        let mut best = (shortest, last);
        let (mut low, mut high) = (0, turns.len() - 1);
        while low < high {
            let middle = usize::midpoint(low, high);
            let prompt = tokens(turns[middle])?;
            if prompt.len() <= limit {
                best = (prompt, turns[middle]);
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let (prompt, start) = best;
        Ok((prompt, messages.len() - since(&messages, start).len()))
    }

    /// Reads the prompt; gives the scores of the first token of the answer, or nothing if the
    /// request was cancelled meanwhile.
    fn read_prompt(
        &mut self,
        prompt: &[u32],
        summary: &mut ChatSummary,
        show: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Option<Vec<f32>>> {
        // The last token is always read, for its scores are wanted.
        let whole_steps = (prompt.len() - 1) / PROMPT_STEP * PROMPT_STEP;
        let common = self.kept.iter().zip(prompt).take_while(|(old, new)| old == new).count();
        let known = (common / PROMPT_STEP * PROMPT_STEP).min(whole_steps);
        self.cache.truncate(known);
        self.kept.truncate(known);
        summary.cached_tokens = known;

        let mut state = None;
        for step in prompt[known..].chunks(PROMPT_STEP) {
            if show("").is_break() {
                return Ok(None);
            }
            state = Some(self.read(step)?);
            if step.len() == PROMPT_STEP {
                self.kept.extend_from_slice(step);
            }
        }
        state.map(|state| self.scores(&state)).transpose()
    }

    fn write_answer(
        &mut self,
        request: &ChatRequest,
        mut scores: Vec<f32>,
        most: usize,
        summary: &mut ChatSummary,
        show: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut sampler = Sampler::new(&request.sampling);
        let mut filter = StopFilter::new(&request.stop);
        let mut pieces = Pieces::default();
        let mut answer: Vec<u32> = vec![];
        summary.finish = loop {
            let token = sampler.pick(&mut scores, &answer);
            if self.tokenizer.ends_answer(token) {
                break Finish::Stop;
            }
            answer.push(token);
            summary.completion_tokens = answer.len();
            let piece =
                self.tokenizer.decode(token, &mut pieces).map_err(|reason| self.stopped(reason))?;
            let shown = match filter.push(&piece) {
                Passed::Text(text) => show(&text),
                Passed::Stopped(text) => {
                    let _ = show(&text);
                    break Finish::Stop;
                }
            };
            if shown.is_break() {
                return Ok(());
            }
            if answer.len() == most {
                break Finish::Length;
            }
            let state = self.read(&[token])?;
            scores = self.scores(&state)?;
        };
        let held = filter.finish();
        if !held.is_empty() {
            // The answer is complete: whether anybody still listens changes nothing.
            let _ = show(&held);
        }
        Ok(())
    }

    fn read(&mut self, tokens: &[u32]) -> Result<candle_core::Tensor> {
        let state = self.llama.read(tokens, &mut self.cache);
        state.map_err(|error| self.stopped(error.to_string()))
    }

    fn scores(&self, state: &candle_core::Tensor) -> Result<Vec<f32>> {
        self.llama.scores(state).map_err(|error| self.stopped(error.to_string()))
    }

    fn stopped(&self, reason: String) -> Error {
        Error::Stopped { model: self.name.clone(), reason }
    }
}

/// The system messages, and of the others those from `start` on.
fn since(messages: &[Message], start: usize) -> Vec<Message> {
    let kept = messages
        .iter()
        .enumerate()
        .filter(|(index, message)| *index >= start || message.role == Role::System);
    kept.map(|(_, message)| message.clone()).collect()
}

/// Where a conversation may be cut: before each message of the person but the first.
fn turn_starts(messages: &[Message]) -> Vec<usize> {
    let of_person = messages
        .iter()
        .enumerate()
        .filter(|(_, message)| message.role == Role::User)
        .map(|(index, _)| index);
    of_person.skip(1).collect()
}
