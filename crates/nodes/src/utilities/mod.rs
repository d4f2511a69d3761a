//! Nodes that compute, keep values for the time of a run, and the note.

#[cfg(feature = "javascript")]
pub(crate) mod custom_function;
pub(crate) mod get_variable;
#[cfg(feature = "javascript")]
pub(crate) mod if_else_function;
pub(crate) mod set_variable;
pub(crate) mod sticky_note;

#[cfg(feature = "javascript")]
pub(crate) use code::{VARIABLES, variables};

/// What the nodes that run code have in common.
#[cfg(feature = "javascript")]
mod code {
    use flowstone_core::{Error, Input, Inputs, Result};
    use serde_json::{Map, Value};

    /// Values for the code.
    pub(crate) const VARIABLES: Input<Option<Value>> = {
        let mut it = Input::json("Input Variables", "functionInputVariables")
            .describe(
                "A JSON object. The code reads its entries by name with a $ in front: \
                 {\"city\": …} as $city",
            )
            .accepts_variables()
            .optional();
        it.field.list = true;
        it
    };

    /// Reads [`VARIABLES`].
    pub(crate) fn variables(inputs: &Inputs) -> Result<Map<String, Value>> {
        match inputs.get(&VARIABLES)? {
            None => Ok(Map::new()),
            Some(Value::Object(variables)) => {
                Ok(variables.into_iter().map(|(name, value)| (name, as_data(value))).collect())
            }
            Some(other) => {
                let reason = format!("a JSON object is expected, not {other}");
                Err(Error::invalid(&VARIABLES.field, reason))
            }
        }
    }

    /// Data of another node arrives as its text; existing code reads it as an object.
    fn as_data(value: Value) -> Value {
        let Value::String(text) = &value else { return value };
        if !(text.starts_with('{') && text.ends_with('}')) {
            return value;
        }
        serde_json::from_str(text).unwrap_or(value)
    }
}

/// The name of a variable of the run.
pub(crate) const VARIABLE_NAME: flowstone_core::Input<String> =
    flowstone_core::Input::text("Variable Name", "variableName").placeholder("city");
