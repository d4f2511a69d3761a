//! Services whose actions a model may take: a table of actions, from which the choices of the form,
//! the arguments that the model is told and the requests are made.

mod given;
mod request;
pub(super) mod rows;
mod service;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    spec::Choice,
};
use flowstone_providers::{HttpClient, http::Method, service::Answer};
use serde_json::{Map, Value};

pub(super) use given::{Argument, Given};
pub(super) use service::{Connect, Connection, SignIn};

/// Longest answer a model is given, in characters.
const LONGEST_ANSWER: usize = 100_000;

/// One thing that a model may have done.
pub(super) struct Action {
    /// What a flow saves where it is chosen.
    pub(super) choice: &'static str,
    /// What the form calls it.
    pub(super) label: &'static str,
    /// What the model calls it; empty for the choice in `snake_case`.
    pub(super) name: &'static str,
    /// Tells the model what it does.
    pub(super) description: &'static str,
    /// What the model says about it.
    pub(super) arguments: &'static [Argument],
    /// What is done.
    pub(super) verb: Verb,
    /// Where: behind the service's own address, or behind its host where it begins with `/`. The
    /// argument `a` stands as `{a}` in it, and what was [found](Self::found) before as `{found}`.
    pub(super) path: &'static str,
    /// An argument, and where the action is taken instead where it is given.
    pub(super) instead: Option<(&'static str, &'static str)>,
    /// What is looked up before.
    pub(super) found: Option<Found>,
    /// Does to the request what arguments in their places cannot do.
    pub(super) made: Option<Make>,
    /// The same where what was said may turn out to make no request.
    pub(super) tried: Option<Try>,
    /// The call that goes on from the answer, where there is one. The first answer is what is told.
    pub(super) then: Option<Next>,
    /// Puts an answer into other words for the model.
    pub(super) told: Option<Tell>,
}

/// Completes a request.
pub(super) type Make = fn(&Given, &mut Draft);
/// The same, or tells the model what it has to say.
pub(super) type Try = fn(&Given, &mut Draft) -> Result<()>;
/// The request that goes on from an answer.
pub(super) type Next = fn(&Given, &Value) -> Option<Draft>;
/// What a model is told of an answer.
pub(super) type Tell = fn(&Given, &Value) -> String;

pub(super) use request::Draft;

/// What is done by a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }

    /// Whether arguments go into the body unless they say otherwise.
    fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Delete)
    }
}

/// Something that has an id of its own, which is looked up in a list of the service.
pub(super) struct Found {
    /// Where the list is, as [`Action::path`].
    pub(super) path: &'static str,
    /// Where in an item that is which the argument names, as a pointer.
    pub(super) pointer: &'static str,
    /// The argument.
    pub(super) argument: &'static str,
    /// What is said where there is no such item.
    pub(super) missing: &'static str,
}

impl Action {
    /// An action that reads.
    pub(super) const fn get(path: &'static str) -> Self {
        Self::new(Verb::Get, path)
    }

    /// An action that makes something.
    pub(super) const fn post(path: &'static str) -> Self {
        Self::new(Verb::Post, path)
    }

    /// An action that puts something into the place of something.
    pub(super) const fn put(path: &'static str) -> Self {
        Self::new(Verb::Put, path)
    }

    /// An action that changes parts of something.
    pub(super) const fn patch(path: &'static str) -> Self {
        Self::new(Verb::Patch, path)
    }

    /// An action that removes something.
    pub(super) const fn delete(path: &'static str) -> Self {
        Self::new(Verb::Delete, path)
    }

    /// The base for `Action { choice: …, ..Action::get("…") }`.
    const fn new(verb: Verb, path: &'static str) -> Self {
        Self {
            choice: "",
            label: "",
            name: "",
            description: "",
            arguments: &[],
            verb,
            path,
            instead: None,
            found: None,
            made: None,
            tried: None,
            then: None,
            told: None,
        }
    }

    /// What the model calls it.
    fn tool_name(&self) -> String {
        if !self.name.is_empty() {
            return self.name.to_owned();
        }
        let mut name = String::with_capacity(self.choice.len() + 4);
        for letter in self.choice.chars() {
            if letter.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

/// The choices of a row that offers these actions.
pub(super) const fn choices<const N: usize>(actions: &[Action; N]) -> [Choice; N] {
    let mut choices = [Choice::plain(""); N];
    let mut next = 0;
    while next < N {
        choices[next] = Choice::new(actions[next].choice, actions[next].label);
        next += 1;
    }
    choices
}

/// Actions of one row.
pub(super) struct Group {
    /// What the row of kinds must hold; nothing where there is none.
    pub(super) kind: &'static str,
    /// Which of them the model may take.
    pub(super) row: &'static Input<Vec<String>>,
    /// The actions. Several may stand behind one choice.
    pub(super) actions: &'static [Action],
}

/// A node whose tools are the chosen actions of a service.
pub(crate) struct ServiceTools {
    spec: &'static Spec,
    /// The row that says which group is meant; `None` where all are.
    kind: Option<&'static Input<String>>,
    groups: &'static [Group],
    connect: Connect,
    /// What stands in for the service's host.
    host: Option<&'static str>,
}

impl ServiceTools {
    /// A node with this form whose actions are taken over `connect`.
    pub(super) const fn new(
        spec: &'static Spec,
        kind: Option<&'static Input<String>>,
        groups: &'static [Group],
        connect: Connect,
    ) -> Self {
        Self { spec, kind, groups, connect, host: None }
    }

    /// The same with a server that stands in for the service's.
    #[cfg(test)]
    fn at(&self, host: &str) -> Self {
        Self { host: Some(host.to_owned().leak()), ..*self }
    }

    /// The actions that a form chooses.
    fn chosen(&self, inputs: &Inputs) -> Result<Vec<&'static Action>> {
        let kind = self.kind.map(|row| Ok::<_, Error>((row, inputs.get(row)?))).transpose()?;
        let groups = self.groups.iter();
        let groups: Vec<&Group> = match &kind {
            Some((_, kind)) => groups.filter(|it| it.kind == kind).collect(),
            None => groups.collect(),
        };
        if let (Some((row, kind)), true) = (&kind, groups.is_empty()) {
            let known: Vec<&str> = self.groups.iter().map(|it| it.kind).collect();
            let reason = format!("there is no {kind}: choose one of {}", known.join(", "));
            return Err(Error::invalid(&row.field, reason));
        }
        let mut chosen = Vec::new();
        for group in &groups {
            let choices = inputs.get(group.row)?;
            if let Some(unknown) = choices.iter().find(|it| !group.offers(it)) {
                let known: Vec<&str> = group.row.field.options.iter().map(|it| it.name).collect();
                let reason = format!("there is no {unknown}: the actions are {}", known.join(", "));
                return Err(Error::invalid(&group.row.field, reason));
            }
            chosen.extend(group.actions.iter().filter(|it| choices.iter().any(|c| c == it.choice)));
        }
        match (chosen.is_empty(), groups.as_slice()) {
            (false, _) => Ok(chosen),
            (true, [only]) => Err(Error::missing(&only.row.field)),
            (true, _) => Err(Error::Unsupported(format!(
                "{}: choose at least one action in one of the rows",
                self.spec.label
            ))),
        }
    }
}

impl Group {
    fn offers(&self, choice: &str) -> bool {
        self.row.field.options.iter().any(|it| it.name == choice)
    }
}

#[async_trait]
impl Node for ServiceTools {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let chosen = self.chosen(inputs)?;
        let mut connection = (self.connect)(inputs).await?;
        if let Some(host) = self.host {
            host.clone_into(&mut connection.host);
        }
        let connection = Arc::new(connection);
        let tool = |action: &'static Action| -> Result<Arc<dyn Tool>> {
            let defaults = given::defaults(action.arguments, inputs)?;
            let spec = ToolSpec {
                name: action.tool_name(),
                description: action.description.to_owned(),
                parameters: given::schema(action.arguments, &defaults),
            };
            let connection = connection.clone();
            Ok(Arc::new(ActionTool { spec, action, defaults, connection }) as Arc<dyn Tool>)
        };
        Ok(Capability::Tools(chosen.into_iter().map(tool).collect::<Result<_>>()?))
    }
}

/// An action with what the form says about it.
struct ActionTool {
    spec: ToolSpec,
    action: &'static Action,
    /// What holds where the model says nothing.
    defaults: Map<String, Value>,
    connection: Arc<Connection>,
}

#[async_trait]
impl Tool for ActionTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let given = Given::of(self.action.arguments, arguments, &self.defaults)?;
        let http = run.services.get::<HttpClient>()?;
        let found = match &self.action.found {
            None => None,
            Some(found) => {
                let path = request::filled(found.path, &given, None);
                let listed = self.send(&http, Draft::new(Verb::Get, path)).await?.json()?;
                Some(found.id(&listed, &given)?)
            }
        };
        let draft = request::draft(self.action, &given, found.as_deref())?;
        let answer = self.send(&http, draft).await?;
        if self.action.then.is_none() && self.action.told.is_none() {
            return Ok(ToolResult::text(service::plain(&answer)));
        }
        let said = answer.json()?;
        if let Some(next) = self.action.then.and_then(|next| next(&given, &said)) {
            self.send(&http, next).await?;
        }
        let told = self.action.told.map_or_else(|| said.to_string(), |tell| tell(&given, &said));
        Ok(ToolResult::text(super::cut(&told, LONGEST_ANSWER)))
    }
}

impl ActionTool {
    async fn send(&self, http: &HttpClient, draft: Draft) -> Result<Answer> {
        self.connection.call(http, &draft.into_call(&self.connection)).await
    }
}

impl Found {
    /// The id of the item that is meant.
    fn id(&self, listed: &Value, given: &Given) -> Result<String> {
        let wanted = given.text(self.argument);
        let mut items = listed["value"].as_array().into_iter().flatten();
        let item = items.find(|it| it.pointer(self.pointer).and_then(Value::as_str) == wanted);
        let id = item.and_then(|it| it["id"].as_str());
        id.map(str::to_owned).ok_or_else(|| Error::ModelAnswer(self.missing.to_owned()))
    }
}

/// Whether a text is HTML, as against plain text with a `<` in it.
pub(super) fn is_html(text: &str) -> bool {
    let begins = |it: char| it.is_ascii_alphabetic() || it == '!';
    text.split('<').skip(1).any(|it| it.contains('>') && it.starts_with(begins))
}

/// The rows that arguments of these groups take what is left out from.
#[cfg(test)]
fn rows_of(groups: &'static [Group]) -> impl Iterator<Item = &'static flowstone_core::Field> {
    let actions = groups.iter().flat_map(|it| it.actions);
    actions.flat_map(|it| it.arguments).filter_map(|it| it.row)
}
