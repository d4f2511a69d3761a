//! What the canvas shows of a node: pure data, serialised as it stands.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::number::as_written;

/// One entry of the catalog. Serialises to one element of `GET /api/v1/nodes`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// Title on the canvas.
    pub label: &'static str,
    /// Stable id, saved in every flow that uses the node.
    pub name: &'static str,
    /// Raised when inputs change meaning; the canvas then offers an upgrade.
    #[serde(serialize_with = "whole_when_possible")]
    pub version: f64,
    /// Class of what it hands on.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// File under `crates/nodes/icons/`.
    pub icon: &'static str,
    /// Group in the palette.
    pub category: &'static str,
    /// One sentence for the palette.
    pub description: &'static str,
    /// Colour of the card of an agentflow's node, as `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<&'static str>,
    /// No wire leads to it: it begins a flow.
    #[serde(skip_serializing_if = "is_false")]
    pub hide_input: bool,
    /// No wire leads on from it: it ends a path.
    #[serde(skip_serializing_if = "is_false")]
    pub hide_output: bool,
    /// What other nodes may plug this into, most specific first.
    pub base_classes: &'static [&'static str],
    /// Words the palette groups or marks by, such as `Utilities`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub tags: &'static [&'static str],
    /// A mark in the palette, such as `NEW`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<&'static str>,
    /// The credential it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialSlot>,
    /// The form, in order.
    pub inputs: &'static [Field],
    /// What it can hand on; empty means one output named like the node.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub outputs: &'static [Output],
    /// What it can hand on where each thing has a place of its own, of which a run goes on from one:
    /// the ways of a fork. Never beside [`outputs`](Self::outputs), among which they are written.
    #[serde(
        rename = "outputs",
        skip_serializing_if = "<[_]>::is_empty",
        serialize_with = "as_anchors"
    )]
    pub anchors: &'static [Output],
}

impl Spec {
    /// Everything empty: the base for `Spec { name: …, ..Spec::EMPTY }`.
    pub const EMPTY: Self = Self {
        label: "",
        name: "",
        version: 1.0,
        kind: "",
        icon: "",
        category: "",
        description: "",
        color: None,
        hide_input: false,
        hide_output: false,
        base_classes: &[],
        tags: &[],
        badge: None,
        credential: None,
        inputs: &[],
        outputs: &[],
        anchors: &[],
    };

    /// The row called `name`, also one nested in an array or a tab.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
            fields.iter().find_map(|field| {
                if field.name == name { Some(field) } else { find(field.tabs, name) }
            })
        }
        find(self.inputs, name)
    }
}

/// The credential row of a node.
#[derive(Clone, Copy, Debug)]
pub struct CredentialSlot {
    /// Credential types it accepts.
    pub names: &'static [&'static str],
    /// May stay empty.
    pub optional: bool,
    /// Title beside the control.
    pub label: &'static str,
}

impl CredentialSlot {
    /// A credential of one of `names` must be chosen.
    pub const fn required(names: &'static [&'static str]) -> Self {
        Self { names, optional: false, label: "Connect Credential" }
    }
    /// A credential of one of `names` may be chosen.
    pub const fn optional(names: &'static [&'static str]) -> Self {
        Self { names, optional: true, label: "Connect Credential" }
    }
    /// The same under another title.
    #[must_use]
    pub const fn labelled(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }
}

impl Serialize for CredentialSlot {
    /// The canvas treats it as one more form row, so it is written as one.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        row.serialize_entry("label", self.label)?;
        row.serialize_entry("name", "credential")?;
        row.serialize_entry("type", "credential")?;
        row.serialize_entry("credentialNames", self.names)?;
        if self.optional {
            row.serialize_entry("optional", &true)?;
        }
        row.end()
    }
}

/// One thing a node can hand on, where it has a choice.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Title on the canvas.
    pub label: &'static str,
    /// Saved in the flow as the chosen output.
    pub name: &'static str,
    /// What it may be plugged into; nothing for the ways of an agentflow's node.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub base_classes: &'static [&'static str],
    /// One sentence for the canvas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'static str>,
}

/// One row of a node's or a credential's form.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Title beside the control.
    pub label: &'static str,
    /// Key under which a flow saves the value.
    pub name: &'static str,
    /// A control (`string`, `number`…) or the base class of a plugged-in node.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// One sentence under the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'static str>,
    /// Greyed example inside the control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<&'static str>,
    /// Used when a flow saved nothing.
    #[serde(skip_serializing_if = "Default::is_none")]
    pub default: Default,
    /// Choices of an `options` or `multiOptions` control.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub options: &'static [Choice],
    /// Which list of [`crate::Node::options`] fills the control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_method: Option<&'static str>,
    /// The chosen entry brings a form of its own.
    #[serde(skip_serializing_if = "is_false")]
    pub load_config: bool,
    /// A value outside the list is allowed.
    #[serde(skip_serializing_if = "is_false")]
    pub free_solo: bool,
    /// The list is asked for again when another row changes.
    #[serde(skip_serializing_if = "is_false")]
    pub refresh: bool,
    /// Step of a `number` control.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "whole_when_possible_option"
    )]
    pub step: Option<f64>,
    /// Height of a text control in lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
    /// Allowed file endings of a `file` control, comma-separated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_type: Option<&'static str>,
    /// Rows of one entry of an `array` control.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub array: &'static [Field],
    /// How many entries an `array` control keeps at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u16>,
    /// Columns of a `datagrid` control.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub datagrid: &'static [Column],
    /// The controls of a `tabs` row, one a tab.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub tabs: &'static [Field],
    /// Key under which a flow saves the chosen tab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tab_identifier: Option<&'static str>,
    /// A socket that takes several nodes.
    #[serde(skip_serializing_if = "is_false")]
    pub list: bool,
    /// May stay empty.
    #[serde(skip_serializing_if = "is_false")]
    pub optional: bool,
    /// Folded under "Additional Parameters".
    #[serde(skip_serializing_if = "is_false")]
    pub additional_params: bool,
    /// `{{…}}` in the value is resolved when the flow runs.
    #[serde(skip_serializing_if = "is_false")]
    pub accept_variable: bool,
    /// Other nodes' outputs may be chosen as variables.
    #[serde(skip_serializing_if = "is_false")]
    pub accept_node_output_as_variable: bool,
    /// The canvas offers to have the text written by a model.
    #[serde(skip_serializing_if = "is_false")]
    pub generate_instruction: bool,
    /// The canvas offers to have the chosen document store described by a model.
    #[serde(skip_serializing_if = "is_false")]
    pub generate_doc_store_description: bool,
    /// The clients that show the row; all where there are none.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub client: &'static [&'static str],
    /// Never shown; only an override sets it.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// The canvas offers no *Execute* button beside the code.
    #[serde(skip_serializing_if = "is_false")]
    pub hide_code_execute: bool,
    /// Code offered for an empty editor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_example: Option<&'static str>,
    /// Shown only while all of these hold.
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "conditions")]
    pub show: &'static [When],
    /// Hidden while all of these hold.
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "conditions")]
    pub hide: &'static [When],
}

impl Field {
    /// A row with nothing but its three essentials; further settings by struct update.
    pub const fn new(label: &'static str, name: &'static str, kind: &'static str) -> Self {
        Self {
            label,
            name,
            kind,
            description: None,
            placeholder: None,
            default: Default::None,
            options: &[],
            load_method: None,
            load_config: false,
            free_solo: false,
            refresh: false,
            step: None,
            rows: None,
            file_type: None,
            array: &[],
            min_items: None,
            datagrid: &[],
            tabs: &[],
            tab_identifier: None,
            list: false,
            optional: false,
            additional_params: false,
            accept_variable: false,
            accept_node_output_as_variable: false,
            generate_instruction: false,
            generate_doc_store_description: false,
            client: &[],
            hidden: false,
            hide_code_execute: false,
            code_example: None,
            show: &[],
            hide: &[],
        }
    }

    /// Whether other nodes plug in here, as against a control of the form.
    pub fn is_socket(&self) -> bool {
        !CONTROLS.contains(&self.kind)
    }
}

/// Every kind of form control; any other `type` names the base class of a plugged-in node.
pub const CONTROLS: &[&str] = &[
    "string",
    "number",
    "boolean",
    "password",
    "url",
    "json",
    "code",
    "options",
    "multiOptions",
    "asyncOptions",
    "asyncMultiOptions",
    "datagrid",
    "file",
    "folder",
    "date",
    "datePicker",
    "timePicker",
    "weekDaysPicker",
    "monthDaysPicker",
    "array",
    "tabs",
    "credential",
    "conditionFunction",
];

/// One entry of a drop-down.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Choice {
    /// What the user reads.
    pub label: &'static str,
    /// What the flow saves.
    pub name: &'static str,
    /// One sentence under the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'static str>,
    /// Not offered while all of these hold.
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "conditions")]
    pub hide: &'static [When],
}

impl Choice {
    /// A choice whose label differs from what is saved.
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self { label, name, description: None, hide: &[] }
    }
    /// A choice that reads as it is saved.
    pub const fn plain(name: &'static str) -> Self {
        Self::new(name, name)
    }
    /// Adds a sentence under the label.
    #[must_use]
    pub const fn describe(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }
    /// Does not offer it while all of `conditions` hold.
    #[must_use]
    pub const fn hide_when(mut self, conditions: &'static [When]) -> Self {
        self.hide = conditions;
        self
    }
}

/// One column of a `datagrid` row.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Key of the cell.
    pub field: &'static str,
    /// Title of the column.
    pub header_name: &'static str,
    /// `singleSelect` or empty for text.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Choices of a `singleSelect` column.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub value_options: &'static [&'static str],
    /// What a `freeSolo` column offers beside free text; never with
    /// [`value_options`](Self::value_options), among which it is written.
    #[serde(rename = "valueOptions", skip_serializing_if = "<[_]>::is_empty")]
    pub suggestions: &'static [Suggestion],
    /// Whether the user may change cells.
    pub editable: bool,
}

impl Column {
    /// A column of free text.
    pub const fn text(field: &'static str, header_name: &'static str) -> Self {
        Self {
            field,
            header_name,
            kind: None,
            value_options: &[],
            suggestions: &[],
            editable: true,
        }
    }

    /// A column of fixed choices.
    pub const fn choice(
        field: &'static str,
        header_name: &'static str,
        choices: &'static [&'static str],
    ) -> Self {
        let mut it = Self::text(field, header_name);
        it.kind = Some("singleSelect");
        it.value_options = choices;
        it
    }

    /// A column of free text with suggestions.
    pub const fn free(
        field: &'static str,
        header_name: &'static str,
        suggestions: &'static [Suggestion],
    ) -> Self {
        let mut it = Self::text(field, header_name);
        it.kind = Some("freeSolo");
        it.suggestions = suggestions;
        it
    }
}

/// Something that a column offers to write into a cell.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Suggestion {
    /// What the user reads.
    pub label: &'static str,
    /// What the cell then holds.
    pub value: &'static str,
}

impl Suggestion {
    /// A suggestion to write `value`.
    pub const fn new(value: &'static str, label: &'static str) -> Self {
        Self { label, value }
    }
}

/// A condition on another row: its path and what that row must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When(pub &'static str, pub Holds);

/// What a row of a condition must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Holds {
    /// Exactly this text (a regular expression where it looks like one).
    Text(&'static str),
    /// One of these texts.
    AnyOf(&'static [&'static str]),
    /// This switch position.
    Flag(bool),
}

/// A default value, limited to what a form can hold.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// No default.
    None,
    /// Text.
    Text(&'static str),
    /// A number.
    Number(f64),
    /// A switch.
    Flag(bool),
    /// JSON text of a list or an object.
    Json(&'static str),
}

impl Default {
    fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The same as a JSON value, `None` where there is no default.
    pub fn to_value(self) -> Option<serde_json::Value> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text.into()),
            Self::Number(number) => Some(as_written(number)),
            Self::Flag(flag) => Some(flag.into()),
            Self::Json(text) => serde_json::from_str(text).ok(),
        }
    }
}

impl Serialize for Default {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn whole_when_possible<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    as_written(*number).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn whole_when_possible_option<S: Serializer>(
    number: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    number.map(as_written).serialize(serializer)
}

fn conditions<S: Serializer>(list: &&'static [When], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(list.iter().map(|When(path, holds)| (path, holds)))
}

fn as_anchors<S: Serializer>(list: &&'static [Output], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Anchor {
        #[serde(flatten)]
        output: &'static Output,
        is_anchor: bool,
    }
    serializer.collect_seq(list.iter().map(|output| Anchor { output, is_anchor: true }))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(it: &bool) -> bool {
    !it
}
