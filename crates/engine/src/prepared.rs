//! A planned flow with everything built that does not differ from call to call.

use std::{borrow::Cow, sync::Arc};

use flowstone_core::{
    Answer, Capability, Inputs, Output, Run, Runnable, Services, Tool, attached_text, message,
    node::Upserted, sequence::Duty, with_files,
};
use serde_json::{Map, Value};

use crate::{
    Error, Plan, Result, SpanKind,
    excerpt::Excerpt,
    label,
    plan::{Members, Step},
    sequential::{Seat, Sequence},
    template::{Reference, at_path, resolve},
    trace::{Work, traced},
};

/// Whose a flow is, and which one.
pub(crate) struct Home {
    /// The workspace whose credentials, tools and files it may use.
    pub(crate) workspace: String,
    /// Its id.
    pub(crate) flow: String,
}

/// A flow ready to answer. Shared by all calls until the flow changes.
pub struct Prepared {
    plan: Arc<Plan>,
    home: Home,
    /// What each step handed on; `None` for steps that are built for each call.
    built: Vec<Option<Capability>>,
}

impl Prepared {
    /// Builds the steps of `plan` that do not depend on the call.
    ///
    /// # Errors
    /// The first node that cannot be built, by its label.
    pub(crate) async fn new(plan: Arc<Plan>, home: Home, services: &Arc<Services>) -> Result<Self> {
        let mut built: Vec<Option<Capability>> = Vec::with_capacity(plan.steps.len());
        let facts = Facts::default();
        for step in &plan.steps {
            if step.depends_on_run {
                built.push(None);
                continue;
            }
            let inputs = inputs(step, &home, services, &built, None, &facts).await?;
            built.push(Some(build(step, &inputs).await?));
        }
        Ok(Self { plan, home, built })
    }

    /// What the flow is made of.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Answers one call.
    pub(crate) async fn run(&self, run: &Run) -> Result<Output> {
        let (ending, step) = self.ending(run).await?;
        // The ending node is asked with the files before the question; fields that name the question
        // mean the question alone.
        let input = with_files(&attached_text(&run.uploads), &run.question);
        let at = step.at();
        let work = Work {
            at: &at,
            kind: SpanKind::Node,
            name: at.name,
            input: |excerpt: &mut Excerpt| excerpt.text(&input),
        };
        let answered = traced(work, ending.run(&input, run), |output, excerpt| {
            let told = match &output.answer {
                Answer::Text(text) => excerpt.text(text),
                Answer::Json(value) => excerpt.value(value),
            };
            (told, None)
        });
        let mut output = answered.await.map_err(|it| it.at(&step.label))?;
        for name in self.plan.steps.iter().filter_map(Step::told_variable) {
            if let Some(value) = run.state.get(name) {
                output.flow_variables.insert(name.to_owned(), value);
            }
        }
        Ok(output)
    }

    /// What the last node hands on, for a plan that is no flow's.
    ///
    /// # Errors
    /// Where it depends on a call, which there is none of.
    pub(crate) fn into_last(mut self) -> Result<Capability> {
        let last = self.built.pop().flatten();
        last.ok_or_else(|| {
            let label = self.plan.steps.last().map_or("", |it| it.label.as_str());
            let said = "it only works while a question is asked".to_owned();
            flowstone_core::Error::Unsupported(said).at(label).into()
        })
    }

    /// The tools that are plugged into the ending node, in the order of its rows.
    pub(crate) async fn tools(&self, run: &Run) -> Result<Vec<Arc<dyn Tool>>> {
        let built = self.build_for(run).await?;
        let Some(ending) = self.plan.steps.last() else { return Ok(Vec::new()) };
        let rows = ending.node.spec().inputs.iter().filter_map(|it| ending.sockets.get(it.name));
        let mut tools = Vec::new();
        for plugged in rows.flatten().filter_map(|place| built.get(*place)?.as_ref()) {
            match plugged {
                Capability::Tool(tool) => tools.push(tool.clone()),
                Capability::Tools(many) => tools.extend(many.iter().cloned()),
                _ => {}
            }
        }
        Ok(tools)
    }

    /// The ending node and its label, with the steps before it that depend on the call built for it.
    async fn ending(&self, run: &Run) -> Result<(Arc<dyn Runnable>, &Step)> {
        let steps = &self.plan.steps;
        // The usual case needs no copy of what is built.
        let built = if steps.iter().any(|it| it.depends_on_run) {
            Cow::Owned(self.build_for(run).await?)
        } else {
            Cow::Borrowed(self.built.as_slice())
        };
        match &self.plan.members {
            Some(members) => sequence_of(&self.plan, members, &built),
            None => ending_of(&self.plan, &built),
        }
    }

    /// All steps, those that depend on the call built for it. `None` stands for those on ways that
    /// were not taken.
    async fn build_for(&self, run: &Run) -> Result<Vec<Option<Capability>>> {
        let mut built = self.built.clone();
        if built.iter().all(Option::is_some) {
            return Ok(built);
        }
        let facts = Facts::of(&self.plan, run).await?;
        for (place, step) in self.plan.steps.iter().enumerate() {
            if step.depends_on_run && is_reached(step, &built) {
                let inputs =
                    inputs(step, &self.home, &run.services, &built, Some(run), &facts).await?;
                built[place] = Some(build(step, &inputs).await?);
            }
        }
        Ok(built)
    }

    /// Lets the last step write its documents to its store.
    pub(crate) async fn upsert(
        plan: &Plan,
        home: Home,
        services: &Arc<Services>,
    ) -> Result<Upserted> {
        let mut built: Vec<Option<Capability>> = Vec::with_capacity(plan.steps.len());
        let facts = Facts::default();
        let Some((store, before)) = plan.steps.split_last() else {
            return Err(Error::NoVectorStore);
        };
        for step in before {
            let inputs = inputs(step, &home, services, &built, None, &facts).await?;
            built.push(Some(build(step, &inputs).await?));
        }
        let inputs = inputs(store, &home, services, &built, None, &facts).await?;
        Ok(store.node.upsert(&inputs).await.map_err(|it| it.at(&store.label))?)
    }
}

/// The members put together, and the first of them: failures of all of them together are its.
fn sequence_of<'a>(
    plan: &'a Plan,
    members: &Members,
    built: &[Option<Capability>],
) -> Result<(Arc<dyn Runnable>, &'a Step)> {
    let mut seats = Vec::with_capacity(members.places.len());
    for place in &members.places {
        let step = &plan.steps[*place];
        match built[*place].as_ref() {
            Some(Capability::Member(member)) => {
                seats.push(Seat { at: step.at(), member: member.clone() });
            }
            other => {
                let kind = other.map_or("value", Capability::kind);
                return Err(Error::NotRunnable { label: step.label.clone(), kind });
            }
        }
    }
    let begins = |it: &&Seat| matches!(it.member.duty, Duty::Begins(_) | Duty::Leads { .. });
    let first = seats.iter().find(begins).map(|it| it.at.id.clone());
    let first = plan.steps.iter().find(|it| Some(&it.id) == first.as_ref());
    let first = first.or_else(|| plan.steps.get(*members.places.first()?));
    let sequence = Sequence::new(seats, &members.wires)?;
    Ok((Arc::new(sequence), first.ok_or(Error::NoEnding)?))
}

/// The first of the nodes that may answer and was built.
fn ending_of<'a>(
    plan: &'a Plan,
    built: &[Option<Capability>],
) -> Result<(Arc<dyn Runnable>, &'a Step)> {
    let reached = plan.endings.iter().find_map(|place| Some((*place, built[*place].as_ref()?)));
    match reached {
        Some((place, Capability::Runnable(ending))) => Ok((ending.clone(), &plan.steps[place])),
        Some((place, other)) => {
            let label = plan.steps[place].label.clone();
            Err(Error::NotRunnable { label, kind: other.kind() })
        }
        None => Err(Error::NoWay),
    }
}

/// Whether what `step` is wired to is there. Of a row that takes several, one is enough.
fn is_reached(step: &Step, built: &[Option<Capability>]) -> bool {
    let sockets = step.sockets.values();
    let mut named = step.templates.iter().flat_map(|(_, named)| named.values());
    sockets.into_iter().all(|places| places.iter().any(|it| is_there(step, *it, built)))
        && named.all(|it| is_there(step, *it, built))
}

/// Whether `place` was built and, where it is a fork, whether it took the way to `step`.
fn is_there(step: &Step, place: usize, built: &[Option<Capability>]) -> bool {
    match &built[place] {
        None => false,
        Some(Capability::Chosen { output, .. }) => {
            let mut ways = step.ways.iter().filter(|(fork, _)| *fork == place).peekable();
            // A reference without a wire follows whichever way is taken.
            ways.peek().is_none() || ways.any(|(_, way)| way == output)
        }
        Some(_) => true,
    }
}

async fn build(step: &Step, inputs: &Inputs) -> Result<Capability> {
    let at = step.at();
    let work = Work {
        at: &at,
        kind: SpanKind::Build,
        name: at.name,
        input: |_: &mut Excerpt| Value::Null,
    };
    let built = traced(work, step.node.init(inputs), |built, excerpt| match built {
        Capability::Value(value) | Capability::Chosen { value, .. } => (excerpt.value(value), None),
        other => (other.kind().into(), None),
    });
    let capability = built.await.map_err(|it| it.at(&step.label))?;
    Ok(label::wrap(capability, at))
}

/// Fills the form of one step: sockets from what was built before, texts from the call.
async fn inputs(
    step: &Step,
    home: &Home,
    services: &Arc<Services>,
    built: &[Option<Capability>],
    run: Option<&Run>,
    facts: &Facts,
) -> Result<Inputs> {
    let credential = match &step.credential {
        Some(id) if step.node.spec().credential.is_some() => {
            let revealed = services.credentials.reveal(&home.workspace, id).await;
            Some(revealed.map_err(|it| it.at(&step.label))?)
        }
        _ => None,
    };
    let plugged = step.sockets.iter().map(|(row, places)| {
        let there = places.iter().filter(|it| is_there(step, **it, built));
        (row.clone(), there.filter_map(|place| built[*place].clone()).collect())
    });
    let mut values = step.values.clone();
    for (row, named) in &step.templates {
        let look_up = |reference: &Reference| match reference {
            Reference::Node { id, path } => {
                // A member, whose words are looked up when the run comes to need them.
                let Some(place) = named.get(id) else { return serde_json::json!({ "id": id }) };
                let capability = built.get(*place).and_then(Option::as_ref);
                capability.map_or(Value::Null, |it| at_path(&value_of(it), path))
            }
            other => run.map_or(Value::Null, |it| facts.look_up(other, it)),
        };
        if let Some(value) = values.get_mut(row) {
            *value = resolve(value, &look_up);
        }
    }
    Ok(Inputs {
        node_id: step.id.clone(),
        node_label: step.label.clone(),
        workspace: home.workspace.clone(),
        flow_id: home.flow.clone(),
        values,
        plugged: plugged.collect(),
        credential,
        output: step.output.clone(),
        services: services.clone(),
        run: run.filter(|_| step.depends_on_run).cloned(),
    })
}

/// What a node handed on, as a value that a text can hold.
fn value_of(capability: &Capability) -> Value {
    match capability {
        Capability::Value(value) | Capability::Chosen { value, .. } => value.clone(),
        Capability::Documents(documents) => {
            let texts: Vec<&str> = documents.iter().map(|it| it.page_content.as_str()).collect();
            texts.join("\n\n").into()
        }
        _ => Value::Null,
    }
}

/// What fields may ask of a call beyond what the call carries; read once, and only if asked for.
#[derive(Default)]
struct Facts {
    chat_history: String,
    attachments: String,
}

impl Facts {
    async fn of(plan: &Plan, run: &Run) -> Result<Self> {
        let mut facts = Self::default();
        let wanted = |wanted: &Reference| {
            plan.steps.iter().any(|step| {
                let rows = step.templates.iter().filter_map(|(row, _)| step.values.get(row));
                rows.flat_map(crate::template::references).any(|it| it == *wanted)
            })
        };
        if wanted(&Reference::ChatHistory) {
            let turns = match &run.history {
                Some(turns) => turns.clone(),
                None => {
                    let chats = &run.services.chats;
                    chats.history(&run.workspace, &run.flow_id, &run.session_id, None).await?
                }
            };
            facts.chat_history = message::transcript(&turns);
        }
        if wanted(&Reference::FileAttachment) {
            facts.attachments = attached_text(&run.uploads);
        }
        Ok(facts)
    }

    fn look_up(&self, reference: &Reference, run: &Run) -> Value {
        match reference {
            Reference::Question => run.question.clone().into(),
            Reference::ChatHistory => self.chat_history.clone().into(),
            Reference::FileAttachment => self.attachments.clone().into(),
            Reference::Variable(path) => in_map(&run.variables, path),
            Reference::Flow(path) => in_map(&run.flow_variables(), path),
            Reference::Node { .. } => Value::Null,
        }
    }
}

fn in_map(map: &Map<String, Value>, path: &str) -> Value {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    map.get(first).map_or(Value::Null, |it| at_path(it, rest))
}

/// What is built on first use, by node id: only for tests of reuse.
#[cfg(test)]
impl Prepared {
    pub(crate) fn built_once(&self) -> std::collections::HashMap<&str, bool> {
        let steps = self.plan.steps.iter().zip(&self.built);
        steps.map(|(step, built)| (step.id.as_str(), built.is_some())).collect()
    }
}
