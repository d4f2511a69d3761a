//! The rows of a form that hold what a model may leave out.

use flowstone_core::{
    Field,
    spec::{Choice, Default, When},
};

/// A line of text.
pub(in crate::tools) const fn text(
    label: &'static str,
    name: &'static str,
    show: &'static [When],
    about: &'static str,
) -> Field {
    row(label, name, "string", show, about)
}

/// Several lines of text.
pub(in crate::tools) const fn lines(
    label: &'static str,
    name: &'static str,
    rows: u16,
    show: &'static [When],
    about: &'static str,
) -> Field {
    Field { rows: Some(rows), ..row(label, name, "string", show, about) }
}

/// A number.
pub(in crate::tools) const fn number(
    label: &'static str,
    name: &'static str,
    show: &'static [When],
    about: &'static str,
) -> Field {
    row(label, name, "number", show, about)
}

/// A switch.
pub(in crate::tools) const fn flag(
    label: &'static str,
    name: &'static str,
    show: &'static [When],
    about: &'static str,
) -> Field {
    row(label, name, "boolean", show, about)
}

/// A choice.
pub(in crate::tools) const fn choice(
    label: &'static str,
    name: &'static str,
    options: &'static [Choice],
    show: &'static [When],
    about: &'static str,
) -> Field {
    Field { options, ..row(label, name, "options", show, about) }
}

/// The row with something to start from.
#[expect(clippy::large_types_passed_by_value, reason = "it is computed by the compiler")]
pub(in crate::tools) const fn starting(field: Field, default: Default) -> Field {
    Field { default, ..field }
}

const fn row(
    label: &'static str,
    name: &'static str,
    kind: &'static str,
    show: &'static [When],
    about: &'static str,
) -> Field {
    Field {
        description: Some(about),
        optional: true,
        additional_params: true,
        show,
        ..Field::new(label, name, kind)
    }
}
