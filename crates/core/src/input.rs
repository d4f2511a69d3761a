//! Typed keys: one constant declares a form row and says what Rust type it parses to.

use std::{marker::PhantomData, sync::Arc};

use serde_json::{Map, Value};

use crate::spec::{Choice, Column, Default, Field, When};

/// A typed key of a node's form.
///
/// The same constant stands in [`crate::Spec::inputs`] (its [`field`](Self::field)) and in the call
/// that reads it ([`crate::Inputs::get`]), so form and code cannot drift apart.
pub struct Input<T> {
    /// The row as the canvas sees it.
    pub field: Field,
    parses_to: PhantomData<fn() -> T>,
}

impl Input<String> {
    /// A line of text.
    pub const fn text(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "string")
    }
    /// A line of text that is never shown again.
    pub const fn password(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "password")
    }
    /// Program text with an editor of its own.
    pub const fn code(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "code")
    }
    /// A fixed choice.
    pub const fn options(
        label: &'static str,
        name: &'static str,
        options: &'static [Choice],
    ) -> Self {
        let mut it = Self::of(label, name, "options");
        it.field.options = options;
        it
    }
    /// A choice from a list that [`crate::Node::options`] gives for `method`.
    pub const fn async_options(
        label: &'static str,
        name: &'static str,
        method: &'static str,
    ) -> Self {
        let mut it = Self::of(label, name, "asyncOptions");
        it.field.load_method = Some(method);
        it
    }
    /// One uploaded file: a data URI or a storage name.
    pub const fn file(label: &'static str, name: &'static str, endings: &'static str) -> Self {
        let mut it = Self::of(label, name, "file");
        it.field.file_type = Some(endings);
        it
    }
    /// Text to start from.
    #[must_use]
    pub const fn default(mut self, text: &'static str) -> Self {
        self.field.default = Default::Text(text);
        self
    }
    /// Height of the control in lines.
    #[must_use]
    pub const fn rows(mut self, rows: u16) -> Self {
        self.field.rows = Some(rows);
        self
    }
}

impl Input<Vec<String>> {
    /// Several of a fixed list.
    pub const fn multi_options(
        label: &'static str,
        name: &'static str,
        options: &'static [Choice],
    ) -> Self {
        let mut it = Self::of(label, name, "multiOptions");
        it.field.options = options;
        it
    }
}

impl Input<f64> {
    /// A number.
    pub const fn number(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "number")
    }
    /// Number to start from.
    #[must_use]
    pub const fn default(mut self, number: f64) -> Self {
        self.field.default = Default::Number(number);
        self
    }
    /// How far one click of the spinner goes.
    #[must_use]
    pub const fn step(mut self, step: f64) -> Self {
        self.field.step = Some(step);
        self
    }
}

impl Input<u64> {
    /// A whole number, zero or more.
    pub const fn whole(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "number")
    }
    /// Number to start from.
    #[must_use]
    pub const fn default(mut self, number: u32) -> Self {
        let number = number as f64;
        self.field.default = Default::Number(number);
        self
    }
    /// How far one click of the spinner goes.
    #[must_use]
    pub const fn step(mut self, step: f64) -> Self {
        self.field.step = Some(step);
        self
    }
}

impl Input<bool> {
    /// A switch. A flow that saved nothing gets the default, or off.
    pub const fn flag(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "boolean")
    }
    /// Position to start from.
    #[must_use]
    pub const fn default(mut self, on: bool) -> Self {
        self.field.default = Default::Flag(on);
        self
    }
    /// Marks the row as one that may stay empty; a switch then reads as its default.
    #[must_use]
    pub const fn may_be_empty(mut self) -> Self {
        self.field.optional = true;
        self
    }
}

impl Input<Value> {
    /// Any JSON, saved as text or as an object.
    pub const fn json(label: &'static str, name: &'static str) -> Self {
        Self::of(label, name, "json")
    }
}

impl Input<Vec<Map<String, Value>>> {
    /// A table; reads as one object a row.
    pub const fn datagrid(
        label: &'static str,
        name: &'static str,
        columns: &'static [Column],
    ) -> Self {
        let mut it = Self::of(label, name, "datagrid");
        it.field.datagrid = columns;
        it
    }
    /// A list of small forms; reads as one object an entry.
    pub const fn array(label: &'static str, name: &'static str, fields: &'static [Field]) -> Self {
        let mut it = Self::of(label, name, "array");
        it.field.array = fields;
        it
    }
    /// JSON text of the rows to start from.
    #[must_use]
    pub const fn default_rows(mut self, json: &'static str) -> Self {
        self.field.default = Default::Text(json);
        self
    }
}

impl<T: ?Sized> Input<Vec<Arc<T>>> {
    /// A socket that takes several nodes of base class `kind`.
    pub const fn sockets(label: &'static str, name: &'static str, kind: &'static str) -> Self {
        let mut it = Self::of(label, name, kind);
        it.field.list = true;
        it
    }
}

impl<T> Input<T> {
    /// A socket: another node of base class `kind` plugs in here.
    pub const fn socket(label: &'static str, name: &'static str, kind: &'static str) -> Self {
        Self::of(label, name, kind)
    }
    /// A row of any kind, for the few that no other constructor fits.
    pub const fn of(label: &'static str, name: &'static str, kind: &'static str) -> Self {
        Self { field: Field::new(label, name, kind), parses_to: PhantomData }
    }
    /// May stay empty; reading it then yields `None`.
    #[must_use]
    pub const fn optional(self) -> Input<Option<T>> {
        let mut field = self.field;
        field.optional = true;
        Input { field, parses_to: PhantomData }
    }
    /// Takes several nodes.
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.field.list = true;
        self
    }
    /// Folds the row under "Additional Parameters".
    #[must_use]
    pub const fn additional(mut self) -> Self {
        self.field.additional_params = true;
        self
    }
    /// Resolves `{{…}}` in the value when the flow runs.
    #[must_use]
    pub const fn accepts_variables(mut self) -> Self {
        self.field.accept_variable = true;
        self
    }
    /// Hides the row from the canvas; only an override sets it.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.field.hidden = true;
        self
    }
    /// One sentence under the title.
    #[must_use]
    pub const fn describe(mut self, description: &'static str) -> Self {
        self.field.description = Some(description);
        self
    }
    /// Greyed example inside the control.
    #[must_use]
    pub const fn placeholder(mut self, placeholder: &'static str) -> Self {
        self.field.placeholder = Some(placeholder);
        self
    }
    /// Shows the row only while all of `conditions` hold.
    #[must_use]
    pub const fn show_when(mut self, conditions: &'static [When]) -> Self {
        self.field.show = conditions;
        self
    }
    /// Hides the row while all of `conditions` hold.
    #[must_use]
    pub const fn hide_when(mut self, conditions: &'static [When]) -> Self {
        self.field.hide = conditions;
        self
    }
}
