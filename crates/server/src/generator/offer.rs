//! What a model may draw a flow of: the kinds of steps with their rows, tools, and what the
//! workspace has.

use std::{collections::HashMap, fmt::Write as _};

use flowstone_core::{Field, Inputs, Node, spec::Default as RowDefault};
use serde_json::{Value, json};

use crate::AppState;

/// The group of the palette that steps are in.
const STEPS: &str = "Agent Flows";
/// Groups of the palette that hold tools.
const TOOLS: &[&str] = &["Tools", "Tools (MCP)"];
/// The kind of node that only says something to people.
const NOTE: &str = "StickyNote";
/// Choices of a row that are told; of more, these.
const MOST_CHOICES: usize = 12;
/// Which model is asked: the caller's.
pub(super) const MODELS: &str = "listModels";
/// Which tool is called.
pub(super) const TOOL_LIST: &str = "listTools";
/// Which step is gone back to.
pub(super) const EARLIER: &str = "listPreviousNodes";
/// Lists that only the workspace fills: a row without an entry cannot be filled in.
const OF_WORKSPACE: &[&str] = &["listStores", "listFlows"];
/// Lists that say nothing before the flow is there.
const LATER: &[&str] =
    &["listRuntimeStateKeys", "listToolInputArgs", "listVectorStores", "listEmbeddings"];

/// What may be used.
pub(super) struct Offer {
    /// The steps.
    pub(super) steps: Vec<&'static dyn Node>,
    /// The tools that a step may call.
    pub(super) tools: Vec<&'static dyn Node>,
    /// The entries of lists that the workspace fills: value and title, by the list's name.
    pub(super) entries: HashMap<&'static str, Vec<(String, String)>>,
}

impl Offer {
    /// What a workspace has.
    pub(super) async fn of(state: &AppState, workspace: &str) -> Self {
        let all = state.engine.catalog().all().iter().copied();
        let is_step = |it: &&dyn Node| it.spec().category == STEPS && it.spec().kind != NOTE;
        let steps: Vec<&'static dyn Node> = all.clone().filter(is_step).collect();
        let tools = all.filter(|it| {
            let spec = it.spec();
            TOOLS.contains(&spec.category) && !spec.inputs.iter().any(Field::is_socket)
        });
        let mut entries = HashMap::new();
        for step in &steps {
            for list in step.spec().inputs.iter().flat_map(lists) {
                if OF_WORKSPACE.contains(&list) && !entries.contains_key(list) {
                    entries.insert(list, fill(state, *step, list, workspace).await);
                }
            }
        }
        let mut offer = Self { steps: Vec::new(), tools: tools.collect(), entries };
        offer.steps = steps.into_iter().filter(|it| offer.can_fill(*it)).collect();
        offer
    }

    /// Whether every row that must be filled in can be.
    fn can_fill(&self, step: &dyn Node) -> bool {
        let required = step.spec().inputs.iter().filter(|it| !it.optional);
        required.flat_map(lists).all(|it| self.entries.get(it).is_none_or(|it| !it.is_empty()))
    }

    /// The step called `name`.
    pub(super) fn step(&self, name: &str) -> Option<&'static dyn Node> {
        self.steps.iter().copied().find(|it| it.spec().name == name)
    }

    /// The same as a text for the model.
    pub(super) fn told(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            let spec = step.spec();
            let _ = writeln!(text, "\n## {} ({}): {}", spec.name, spec.label, spec.description);
            if spec.hide_output {
                text.push_str("No wire leads on from it.\n");
            }
            for row in spec.inputs.iter().filter(|it| is_told(it)) {
                let _ = writeln!(text, "- {}", self.row(row));
            }
        }
        text.push_str("\nThe tools, for rows that name one:\n");
        for tool in &self.tools {
            let spec = tool.spec();
            let _ = writeln!(text, "- {} ({}): {}", spec.name, spec.label, spec.description);
        }
        text
    }

    fn row(&self, row: &Field) -> String {
        let mut text = format!("`{}` ({}", row.name, self.kind(row));
        if !row.optional {
            text.push_str(", must be filled in");
        }
        if let Some(value) = default_of(row) {
            let _ = write!(text, ", default {value}");
        }
        text.push(')');
        if let Some(description) = row.description {
            let _ = write!(text, ": {description}");
        }
        let conditions = serde_json::to_value(row).unwrap_or_default();
        if let Some(show) = conditions["show"].as_object() {
            let each = show.iter().map(|(name, value)| format!("{name} is {value}"));
            let _ = write!(text, " [only while {}]", each.collect::<Vec<_>>().join(" and "));
        }
        text
    }

    fn kind(&self, row: &Field) -> String {
        if !row.array.is_empty() {
            let fields = row.array.iter().filter(|it| is_told(it));
            let fields: Vec<String> =
                fields.map(|it| format!("{}: {}", it.name, self.kind(it))).collect();
            return format!("JSON list of {{{}}}", fields.join(", "));
        }
        if !row.options.is_empty() {
            let names: Vec<&str> =
                row.options.iter().map(|it| it.name).take(MOST_CHOICES).collect();
            let more = if row.options.len() > MOST_CHOICES { "|…" } else { "" };
            return format!("one of {}{more}", names.join("|"));
        }
        match row.load_method {
            Some(TOOL_LIST) => "name of a tool".to_owned(),
            Some(EARLIER) => "id of a step".to_owned(),
            Some(list) => match self.entries.get(list) {
                Some(entries) => {
                    let each = entries.iter().map(|(value, title)| format!("{value:?} ({title})"));
                    format!("one of {}", each.collect::<Vec<_>>().join("|"))
                }
                None => "text".to_owned(),
            },
            None => match row.kind {
                "boolean" => "true|false".to_owned(),
                "json" => "JSON".to_owned(),
                "code" => "JavaScript".to_owned(),
                "number" => "number".to_owned(),
                _ => "text".to_owned(),
            },
        }
    }
}

/// Whether a model is told of a row: what it may not fill in, it need not know.
fn is_told(row: &Field) -> bool {
    !row.hidden && row.load_method != Some(MODELS) && row.kind != "password"
}

/// The lists that fill a row or the fields of its entries.
fn lists(row: &'static Field) -> Vec<&'static str> {
    let own = row.load_method.into_iter();
    own.chain(row.array.iter().filter_map(|it| it.load_method))
        .filter(|it| !LATER.contains(it))
        .collect()
}

/// The default of a row as JSON.
pub(super) fn default_of(row: &Field) -> Option<Value> {
    match row.default {
        RowDefault::None => None,
        other => serde_json::to_value(other).ok().filter(|it| *it != json!("")),
    }
}

async fn fill(
    state: &AppState,
    step: &'static dyn Node,
    list: &str,
    workspace: &str,
) -> Vec<(String, String)> {
    let inputs = Inputs {
        workspace: workspace.to_owned(),
        ..Inputs::empty(state.engine.services().clone())
    };
    let found = step.options(list, &inputs).await.unwrap_or_else(|error| {
        tracing::warn!(%error, list, "a list for a generated flow could not be filled");
        Vec::new()
    });
    found.into_iter().map(|it| (it.name, it.label)).collect()
}
