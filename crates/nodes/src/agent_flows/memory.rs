//! What a step's model is told of the conversation so far.

use flowstone_core::{ChatModel, Inputs, Result, Run};
use serde_json::Value;

use super::{
    conversation::{self, turn_of},
    rows::MemoryRows,
};
use crate::{memory::summary, tokens::Encoding};

/// How much of the conversation a model is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remembers {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// The newest exchanges, so many.
    Window(usize),
    /// A summary of it.
    Summary,
    /// What fits into so many tokens, and a summary of the rest.
    SummaryBuffer(usize),
}

impl Remembers {
    /// What the form says.
    pub(super) fn from_form(inputs: &Inputs, rows: &MemoryRows) -> Result<Self> {
        if !inputs.get(&rows.on)? {
            return Ok(Self::Nothing);
        }
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let kind = match inputs.value(&rows.kind.field) {
            Some(Value::String(kind)) => kind,
            _ => "allMessages".to_owned(),
        };
        Ok(match kind.as_str() {
            "windowSize" => Self::Window(size(inputs.get(&rows.window)?)),
            "conversationSummary" => Self::Summary,
            "conversationSummaryBuffer" => Self::SummaryBuffer(size(inputs.get(&rows.limit)?)),
            _ => Self::All,
        })
    }

    /// The turns that stand for `before` and end with `question`.
    pub(super) async fn recall(
        self,
        mut before: Vec<Value>,
        question: Vec<Value>,
        model: &dyn ChatModel,
        run: &Run,
    ) -> Result<Vec<Value>> {
        match self {
            Self::Nothing => before.clear(),
            Self::All => {}
            Self::Window(exchanges) => {
                let asked = question.len();
                before.extend(question);
                // Whatever the form says, the question is asked.
                let kept = exchanges.saturating_mul(2).max(asked);
                before.drain(..before.len().saturating_sub(kept));
                return Ok(before);
            }
            Self::Summary => before = summarised(&before, before.len(), model, run).await?,
            Self::SummaryBuffer(limit) => {
                let first = first_that_fits(&before, limit, model);
                before = summarised(&before, first, model, run).await?;
            }
        }
        before.extend(question);
        Ok(before)
    }
}

/// The place from which the turns are no longer than `limit` tokens.
fn first_that_fits(turns: &[Value], limit: usize, model: &dyn ChatModel) -> usize {
    let encoding = Encoding::of_model(model.model());
    let mut tokens = 0_usize;
    for (place, turn) in turns.iter().enumerate().rev() {
        let content = crate::prompt_format::as_text(&turn["content"]);
        // The speaker and the line's end.
        tokens = tokens.saturating_add(encoding.count(&content) + 3);
        if tokens > limit {
            return place + 1;
        }
    }
    0
}

/// The turns with a summary in place of the first `count`.
async fn summarised(
    turns: &[Value],
    count: usize,
    model: &dyn ChatModel,
    run: &Run,
) -> Result<Vec<Value>> {
    let (old, new) = turns.split_at(count.min(turns.len()));
    if old.is_empty() {
        return Ok(new.to_vec());
    }
    let old = conversation::told(old, run).await?;
    let text = summary::of_turns(model, &old).await?;
    let summary = turn_of("system", format!("What was said before, in short:\n{text}"));
    Ok(std::iter::once(summary).chain(new.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{Reply, ScriptedModel};

    use super::*;

    fn turns(count: usize) -> Vec<Value> {
        let turn = |at: usize| {
            turn_of(if at.is_multiple_of(2) { "user" } else { "assistant" }, format!("{at}"))
        };
        (0..count).map(turn).collect()
    }

    async fn recall(remembers: Remembers) -> Vec<String> {
        let model = ScriptedModel::with([Reply::text("all in short")]);
        let (run, _receiver) = crate::testing::run("now");
        let question = vec![turn_of("user", "now")];
        let told = remembers.recall(turns(6), question, model.as_ref(), &run).await.unwrap();
        told.iter().map(|it| it["content"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn a_memory_is_as_long_as_the_form_says() {
        assert_eq!(recall(Remembers::All).await, ["0", "1", "2", "3", "4", "5", "now"]);
        assert_eq!(recall(Remembers::Nothing).await, ["now"]);
        assert_eq!(recall(Remembers::Window(1)).await, ["5", "now"]);
        assert_eq!(recall(Remembers::Window(50)).await.len(), 7);
        let short = "What was said before, in short:\nall in short";
        assert_eq!(recall(Remembers::Summary).await, [short, "now"]);
        assert_eq!(recall(Remembers::SummaryBuffer(9)).await, [short, "4", "5", "now"]);
        assert_eq!(recall(Remembers::SummaryBuffer(2000)).await.len(), 7);
    }
}
