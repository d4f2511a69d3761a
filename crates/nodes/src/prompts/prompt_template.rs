//! A text prompt with variables.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Prompt, PromptPart, Result, Role, Spec};

use super::PROMPT_VALUES;
use crate::prompt_format::Template;

const TEMPLATE: Input<String> = Input::text("Template", "template")
    .rows(4)
    .placeholder("Name three things that {place} is known for.");

static SPEC: Spec = Spec {
    label: "Prompt Template",
    name: "promptTemplate",
    version: 1.0,
    kind: "PromptTemplate",
    icon: "prompt.svg",
    category: "Prompts",
    description: "Text for a model with places for values",
    base_classes: &["PromptTemplate", "BaseStringPromptTemplate", "BasePromptTemplate", "Runnable"],
    inputs: &[TEMPLATE.field, PROMPT_VALUES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PromptTemplate;

#[async_trait]
impl Node for PromptTemplate {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.get(&TEMPLATE)?;
        Template::parse(&text, TEMPLATE.field.label)?;
        Ok(Capability::Prompt(Arc::new(Prompt {
            parts: vec![PromptPart::Template { role: Role::User, text }],
            values: super::values(inputs)?,
        })))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    #[tokio::test]
    async fn a_template_becomes_a_turn_of_the_user() {
        let form = form(&json!({"template": "Hi {name}", "promptValues": "{\"name\": \"Bob\"}"}));
        let Ok(Capability::Prompt(prompt)) = PromptTemplate.init(&form).await else { panic!() };
        let text = "Hi {name}".to_owned();
        assert_eq!(prompt.parts, [PromptPart::Template { role: Role::User, text }]);
        assert_eq!(prompt.values["name"], "Bob");
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_by_row() {
        for (values, expected) in [
            (json!({}), "Template is required"),
            (json!({"template": "Hi {name"}), "Template: a { is never closed"),
            (
                json!({"template": "Hi", "promptValues": "[]"}),
                "Format Prompt Values: a JSON object",
            ),
        ] {
            let said = PromptTemplate.init(&form(&values)).await.err().unwrap().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
