//! A step that waits until a person has said whether the run may go on.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatRequest, Choice, Error, HumanAnswer, Input, Inputs, Message, Next, Node,
    Result, Spec, Step, Taken, Turn,
    node::Entry,
    spec::{Default, Holds, Output as Way, When},
};
use serde_json::{Map, Value, json};

use super::{
    approval,
    conversation::turn_of,
    lists,
    model::{Chosen, Talk},
    rows,
};

const KIND: Input<String> = Input::options(
    "Description Type",
    "humanInputDescriptionType",
    &[
        Choice::new("fixed", "Fixed").describe("Asks in words of yours"),
        Choice::new("dynamic", "Dynamic").describe("A model asks, from the conversation"),
    ],
);
const DESCRIPTION: Input<Option<String>> = {
    let mut it = Input::text("Description", "humanInputDescription")
        .rows(4)
        .describe("What the person is asked, below the last message")
        .placeholder("May this be sent?")
        .accepts_variables()
        .show_when(&[When("humanInputDescriptionType", Holds::Text("fixed"))])
        .optional();
    it.field.optional = false;
    it
};
const DYNAMIC: &[When] = &[When("humanInputDescriptionType", Holds::Text("dynamic"))];
const MODEL: Input<String> = rows::model("humanInputModel").show_when(DYNAMIC);
const PROMPT: Input<String> = {
    let mut it = Input::text("Prompt", "humanInputModelPrompt")
        .rows(4)
        .describe("Tells the model how to ask")
        .accepts_variables()
        .show_when(DYNAMIC);
    it.field.generate_instruction = true;
    it.field.default = Default::Text(HOW_TO_ASK);
    it
};
const HOW_TO_ASK: &str = "\
<p>Write a short message to the person who has to decide whether this may go on.</p>\
<ul>\
<li>Say in two or three sentences what was asked and what has been done so far</li>\
<li>Name what happens next if they agree, and what happens if they do not</li>\
<li>Point out what they should check: amounts, names, dates, anything that cannot be undone</li>\
<li>End with one clear question that is answered by yes or no</li>\
</ul>\
<p>Use the language of the conversation. Do not decide for them.</p>";
const FEEDBACK: Input<bool> = Input::flag("Enable Feedback", "humanInputEnableFeedback")
    .default(true)
    .describe("The person may add words to the decision");

/// Asked where the form says nothing.
const MAY_IT_GO_ON: &str = "Do you want to proceed?";

static SPEC: Spec = Spec {
    label: "Human Input",
    name: "humanInputAgentflow",
    version: 1.0,
    kind: "HumanInput",
    icon: "agentflow-human-input.svg",
    category: "Agent Flows",
    description: "Waits until a person agrees or refuses",
    color: Some("#6E6EFD"),
    base_classes: &["HumanInput"],
    inputs: &[KIND.field, DESCRIPTION.field, MODEL.field, PROMPT.field, FEEDBACK.field],
    outputs: &[
        Way { label: "Proceed", name: "proceed", base_classes: &[], description: None },
        Way { label: "Reject", name: "reject", base_classes: &[], description: None },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct HumanInput;

#[async_trait]
impl Node for HumanInput {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let asks = if inputs.get(&KIND)? == "dynamic" {
            Asks::Model {
                chosen: Box::new(Chosen::from_form(inputs, &MODEL)?),
                prompt: crate::html_text::plain(&inputs.get(&PROMPT)?),
            }
        } else {
            let description = inputs.get(&DESCRIPTION)?;
            Asks::Fixed(description.unwrap_or_else(|| MAY_IT_GO_ON.to_owned()))
        };
        let feedback = inputs.get(&FEEDBACK)?;
        Ok(Capability::Step(Arc::new(Waiting { asks, feedback })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

/// Who asks the person.
enum Asks {
    Fixed(String),
    Model { chosen: Box<Chosen>, prompt: String },
}

struct Waiting {
    asks: Asks,
    feedback: bool,
}

#[async_trait]
impl Step for Waiting {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        if let Some(answer) = turn.answer {
            return self.answered(answer, turn);
        }
        if turn.inside_iteration {
            return Err(Error::Unsupported(
                "nobody can be asked inside an Iteration: move this node out of it".to_owned(),
            ));
        }
        let mut messages = turn.past.to_vec();
        messages.extend_from_slice(turn.said);
        let content = self.asked(&messages, turn).await?;
        let input = Map::from_iter([
            ("messages".to_owned(), Value::from(messages)),
            ("humanInputEnableFeedback".to_owned(), self.feedback.into()),
        ]);
        let action = approval::action(turn, &input);
        let mut taken = Taken::text(input, &*content);
        taken.output.insert(approval::ACTION.to_owned(), action.clone());
        taken.said = Some(vec![turn_of("assistant", content)]);
        taken.next = Next::Wait(action);
        Ok(taken)
    }
}

impl Waiting {
    async fn asked(&self, messages: &[Value], turn: &Turn<'_>) -> Result<String> {
        // A person is always asked aloud, wherever the node stands.
        let events = turn.tells;
        match &self.asks {
            Asks::Fixed(description) => {
                let last = messages.last().map(|it| crate::prompt_format::as_text(&it["content"]));
                let said = last.filter(|it| !it.is_empty());
                let text = said
                    .map_or_else(|| description.clone(), |said| format!("{said}\n\n{description}"));
                events.token(&text).await;
                Ok(text)
            }
            Asks::Model { chosen, prompt } => {
                let mut talk = Talk::begin(chosen, turn).await?;
                let mut told = talk.told(messages).await?;
                told.push(Message::user(prompt.clone()));
                Ok(talk.ask(&ChatRequest::new(told), events).await?.text)
            }
        }
    }

    fn answered(&self, answer: &HumanAnswer, turn: &Turn<'_>) -> Result<Taken> {
        approval::check(answer)?;
        let feedback = answer.feedback.as_deref().filter(|it| self.feedback && !it.is_empty());
        let outcome = |kind: &str| {
            let mut outcome = json!({
                "type": kind,
                "startNodeId": answer.start_node_id.as_deref().unwrap_or(turn.node_id),
            });
            if let Some(feedback) = feedback {
                outcome["feedback"] = feedback.into();
            }
            outcome["isFulfilled"] = (answer.kind == kind).into();
            outcome
        };
        let content = feedback.unwrap_or(&answer.kind);
        let mut messages = turn.past.to_vec();
        messages.extend_from_slice(turn.said);
        messages.push(turn_of("user", content));
        let mut input = json!(answer).as_object().cloned().unwrap_or_default();
        input.insert("messages".to_owned(), messages.into());
        let mut taken = Taken::text(input, content);
        let outcomes = json!([outcome("proceed"), outcome("reject")]);
        taken.output.insert("conditions".to_owned(), outcomes);
        taken.said = feedback.map(|it| vec![turn_of("user", it)]);
        taken.next = Next::Ways(vec![usize::from(!answer.proceeds())]);
        Ok(taken)
    }
}
