//! A model that chooses which of its workers acts next, until the task is done.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, Error, Events, Input, Inputs, Message, Node, Result, Spec,
    sequence::{Acted, Duty, Leads, Member, Opening, Scene, routing_name},
};
use serde_json::{Map, Value, json};

use crate::{
    agent_flows::structured::Structure,
    chat_prompt,
    moderation::INPUT_MODERATION,
    sequential_agents::{start::AGENT_MEMORY, talk::told},
};

const NAME: Input<String> = Input::text("Supervisor Name", "supervisorName").default("Supervisor");
const PROMPT: Input<String> = Input::text("Supervisor Prompt", "supervisorPrompt")
    .rows(4)
    .default(USUAL_PROMPT)
    .describe("How the supervisor divides the task; {team_members} stands for its workers")
    .additional();
const USUAL_PROMPT: &str = "\
You lead a team of workers: {team_members}. Look at the request and at what the workers have done \
so far, and say who is to act next and what that worker is to do. One worker acts at a time and \
reports back to you. Call no worker without need. Say FINISH when the request is fulfilled.";
const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Tool Calling Chat Model", "model", "BaseChatModel")
        .describe("Any chat model that can call tools; workers without a model use it too");
const SUMMARIZES: Input<bool> = Input::flag("Summarization", "summarization")
    .describe("The answer is a summary of what the team has done")
    .may_be_empty()
    .additional();
const LIMIT: Input<u64> = Input::whole("Recursion Limit", "recursionLimit")
    .default(100)
    .describe("How many turns the supervisor and its workers may take together")
    .additional();

/// What a supervisor says that has nothing left to do.
const FINISH: &str = "FINISH";

static SPEC: Spec = Spec {
    label: "Supervisor",
    name: "supervisor",
    version: 3.0,
    kind: "Supervisor",
    icon: "supervisor.svg",
    category: "Multi Agents",
    description: "Divides a task among workers and decides who acts next",
    base_classes: &["Supervisor"],
    inputs: &[
        NAME.field,
        PROMPT.field,
        MODEL.field,
        AGENT_MEMORY.field,
        SUMMARIZES.field,
        LIMIT.field,
        INPUT_MODERATION.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Supervisor;

#[async_trait]
impl Node for Supervisor {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let label = inputs.get(&NAME)?;
        let model = inputs.get(&MODEL)?;
        let prompt = inputs.get(&PROMPT)?;
        if !prompt.contains("{team_members}") {
            let reason = "it must hold {team_members}, which stands for the names of the workers";
            return Err(Error::invalid(&PROMPT.field, reason));
        }
        let most_turns = inputs.get(&LIMIT)?;
        if most_turns == 0 {
            return Err(Error::invalid(&LIMIT.field, "one turn at least is needed"));
        }
        let acts = Leading { model: model.clone(), prompt, summarizes: inputs.get(&SUMMARIZES)? };
        let opening = Opening {
            moderations: inputs.get(&INPUT_MODERATION)?,
            channels: None,
            checkpoints: inputs.get(&AGENT_MEMORY)?,
        };
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name: routing_name(&label),
            label,
            duty: Duty::Leads { acts: Arc::new(acts), opening, most_turns },
            model: Some(model),
        })))
    }
}

struct Leading {
    model: Arc<dyn ChatModel>,
    prompt: String,
    summarizes: bool,
}

/// What a supervisor decides.
#[derive(Default)]
struct Decision {
    next: String,
    instructions: String,
    summary: String,
    /// What it said in prose instead.
    answer: Option<String>,
}

#[async_trait]
impl Leads for Leading {
    async fn lead(&self, names: &[&str], scene: &Scene<'_>) -> Result<Acted> {
        let team = names.join(", ");
        let mut messages = vec![Message::system(self.prompt.replace("{team_members}", &team))];
        messages.extend(told(scene.lines));
        chat_prompt::show_images(&mut messages, &self.model, scene.run);
        let further = if self.summarizes { ", and sum up what was done so far" } else { "" };
        messages.push(Message::user(format!(
            "Who acts next: {FINISH}, {team}? Give your reason and the instructions for that \
             worker{further}."
        )));
        let decision = self.decide(names, messages).await?;
        let mut changes = Map::new();
        changes.insert("next".to_owned(), decision.next.clone().into());
        changes.insert("instructions".to_owned(), decision.instructions.into());
        changes.insert("team_members".to_owned(), team.into());
        if self.summarizes {
            changes.insert("summarization".to_owned(), decision.summary.into());
        }
        let next = (decision.next != FINISH).then_some(decision.next);
        Ok(Acted { changes, next, answer: decision.answer, ..Acted::default() })
    }
}

impl Leading {
    /// Asks the model, once more where its answer cannot be used. One that answers in prose has
    /// nothing to hand on: its words are the end.
    async fn decide(&self, names: &[&str], messages: Vec<Message>) -> Result<Decision> {
        let structure = self.form(names);
        let mut request = structure.request(messages);
        let mut reply = ChatReply::default();
        for _ in 0..2 {
            reply = self.model.chat(&request, &Events::silent()).await?;
            if let Ok(object) = structure.judge(&mut request, &reply) {
                let text = |key: &str| {
                    object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
                };
                let said = text("next");
                let mut known = [FINISH].into_iter().chain(names.iter().copied());
                let Some(next) = known.find(|it| it.eq_ignore_ascii_case(said.trim())) else {
                    request.messages.push(Message::user(format!(
                        "There is no \"{said}\". Choose {FINISH} or one of {}.",
                        names.join(", ")
                    )));
                    continue;
                };
                return Ok(Decision {
                    next: next.to_owned(),
                    instructions: text("instructions"),
                    summary: text("summarization"),
                    answer: None,
                });
            }
        }
        let said = reply.text.trim().to_owned();
        if said.is_empty() || said.starts_with('{') {
            return Err(Error::ModelAnswer(format!(
                "the model was asked twice who acts next and chose neither {FINISH} nor one of {}",
                names.join(", ")
            )));
        }
        Ok(Decision {
            next: FINISH.to_owned(),
            instructions: said.clone(),
            summary: said.clone(),
            answer: Some(said),
        })
    }

    fn form(&self, names: &[&str]) -> Structure {
        let mut next = vec![FINISH];
        next.extend(names);
        let about = |text: &str| json!({"type": "string", "description": text});
        let mut keys = Map::new();
        keys.insert("reasoning".to_owned(), about("why"));
        let choice = json!({"type": "string", "enum": next, "description": "who acts next"});
        keys.insert("next".to_owned(), choice);
        keys.insert(
            "instructions".to_owned(),
            about("what that worker is to do, with all it needs to know"),
        );
        if self.summarizes {
            let summary = about("what was done so far and what came of it");
            keys.insert("summarization".to_owned(), summary);
        }
        Structure::of(keys)
    }
}
