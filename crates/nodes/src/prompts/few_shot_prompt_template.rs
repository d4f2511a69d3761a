//! A text prompt that shows examples before it asks.

use std::{fmt::Write as _, sync::Arc};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Prompt, PromptPart, Result, Role, Spec, spec::Choice,
};
use serde_json::{Map, Value};

use crate::prompt_format::Template;

const EXAMPLES: Input<String> = Input::text("Examples", "examples")
    .rows(4)
    .describe("A JSON list of objects, one an example; their entries fill the example prompt")
    .placeholder("[{\"animal\": \"cow\", \"young\": \"calf\"}]");
const EXAMPLE_PROMPT: Input<Arc<Prompt>> =
    Input::socket("Example Prompt", "examplePrompt", "PromptTemplate")
        .describe("How one example reads");
const PREFIX: Input<String> = Input::text("Prefix", "prefix")
    .rows(4)
    .describe("Stands before the examples: what is to be done")
    .placeholder("Name the young of an animal.");
const SUFFIX: Input<String> = Input::text("Suffix", "suffix")
    .rows(4)
    .describe("Stands after the examples: what is asked")
    .placeholder("Animal: {animal}\nYoung:");
const SEPARATOR: Input<String> = Input::text("Example Separator", "exampleSeparator")
    .describe("Stands between prefix, examples and suffix. Write \\n for a line break")
    .placeholder("\\n\\n");
const FORMAT: Input<String> = Input::options("Template Format", "templateFormat", FORMATS)
    .default(F_STRING)
    .describe("How variables are written: {name} or {{ name }}");
const FORMATS: &[Choice] = &[Choice::plain(F_STRING), Choice::plain(JINJA)];
const F_STRING: &str = "f-string";
const JINJA: &str = "jinja-2";

static SPEC: Spec = Spec {
    label: "Few Shot Prompt Template",
    name: "fewShotPromptTemplate",
    version: 1.0,
    kind: "FewShotPromptTemplate",
    icon: "prompt.svg",
    category: "Prompts",
    description: "Text for a model with examples of how to answer",
    base_classes: &[
        "FewShotPromptTemplate",
        "BaseStringPromptTemplate",
        "BasePromptTemplate",
        "Runnable",
    ],
    inputs: &[
        EXAMPLES.field,
        EXAMPLE_PROMPT.field,
        PREFIX.field,
        SUFFIX.field,
        SEPARATOR.field,
        FORMAT.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct FewShotPromptTemplate;

#[async_trait]
impl Node for FewShotPromptTemplate {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let jinja = inputs.get(&FORMAT)? == JINJA;
        let template = |text: String, label: &str| {
            let text = if jinja { from_jinja(&text, label)? } else { text };
            Template::parse(&text, label)?;
            Ok::<_, Error>(text)
        };
        let mut pieces = vec![template(inputs.get(&PREFIX)?, PREFIX.field.label)?];
        let prompt = inputs.get(&EXAMPLE_PROMPT)?;
        let label = EXAMPLE_PROMPT.field.label;
        let example = Template::parse(&template(text_of(&prompt)?, label)?, label)?;
        for values in examples(inputs)? {
            let mut filled = prompt.values.clone();
            filled.extend(values);
            // What an example says is no template.
            pieces.push(example.fill(&filled)?.replace('{', "{{").replace('}', "}}"));
        }
        pieces.push(template(inputs.get(&SUFFIX)?, SUFFIX.field.label)?);
        let separator = inputs.get(&SEPARATOR)?.replace("\\n", "\n").replace("\\t", "\t");
        let separator = separator.replace('{', "{{").replace('}', "}}");
        let text = pieces.join(&separator);
        Ok(Capability::Prompt(Arc::new(Prompt {
            parts: vec![PromptPart::Template { role: Role::User, text }],
            values: Map::new(),
        })))
    }
}

fn examples(inputs: &Inputs) -> Result<Vec<Map<String, Value>>> {
    let text = inputs.get(&EXAMPLES)?;
    serde_json::from_str(&text).map_err(|error| {
        let reason = format!("a JSON list of objects is expected ({error})");
        Error::invalid(&EXAMPLES.field, reason)
    })
}

fn text_of(prompt: &Prompt) -> Result<String> {
    match &prompt.parts[..] {
        [PromptPart::Template { text, .. }] => Ok(text.clone()),
        _ => Err(Error::invalid(&EXAMPLE_PROMPT.field, "a Prompt Template is expected here")),
    }
}

/// A template with `{{ name }}` places and plain single braces, as one with `{name}` places.
fn from_jinja(text: &str, label: &str) -> Result<String> {
    let wrong = |reason: &str| Error::InvalidInput {
        label: label.to_owned(),
        reason: format!("{reason}; only {{{{ name }}}} is read of Jinja"),
    };
    if text.contains("{%") {
        return Err(wrong("this holds a {% … %} block"));
    }
    let escaped = |text: &str| text.replace('{', "{{").replace('}', "}}");
    let mut template = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let Some((name, after)) = inside.split_once("}}") else {
            return Err(wrong("a {{ is never closed"));
        };
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|it| it.is_alphanumeric() || it == '_') {
            return Err(wrong(&format!("`{name}` is no name")));
        }
        template.push_str(&escaped(before));
        let _ = write!(template, "{{{name}}}");
        rest = after;
    }
    template.push_str(&escaped(rest));
    Ok(template)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        chat_prompt::ChatPrompt,
        prompt_format::Values,
        testing::{form, plug},
    };

    async fn made(values: Value, example: &str) -> Result<String> {
        let mut form = form(&json!({
            "examples": r#"[{"a": "cow", "b": "{calf}"}, {"a": "dog", "b": "puppy"}]"#,
            "prefix": "Name the young.", "suffix": "{animal}:", "exampleSeparator": "\\n",
        }));
        form.values.extend(values.as_object().cloned().unwrap());
        let parts = vec![PromptPart::Template { role: Role::User, text: example.to_owned() }];
        let prompt = Prompt { parts, values: Map::new() };
        plug(&mut form, "examplePrompt", Capability::Prompt(Arc::new(prompt)));
        let Capability::Prompt(prompt) = FewShotPromptTemplate.init(&form).await? else { panic!() };
        let messages = ChatPrompt::compile(&prompt)?.ask("sheep", &[], Values::new())?;
        Ok(messages[0].text.clone())
    }

    #[tokio::test]
    async fn examples_stand_between_prefix_and_suffix() {
        let expected = "Name the young.\ncow: {calf}\ndog: puppy\nsheep:";
        assert_eq!(made(json!({}), "{a}: {b}").await.unwrap(), expected);
        let jinja = json!({"templateFormat": "jinja-2", "suffix": "{{ animal }}:"});
        assert_eq!(made(jinja, "{{ a }}: {{b}}").await.unwrap(), expected);
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_by_row() {
        for (values, example, expected) in [
            (json!({"examples": "[1]"}), "{a}", "Examples: a JSON list of objects is expected"),
            (json!({"prefix": ""}), "{a}", "Prefix is required"),
            (json!({"suffix": "{a"}), "{a}", "Suffix: a { is never closed"),
            (json!({}), "{c}", "Prompt: {c} has no value (there are values for {a}, {b})"),
            (
                json!({"templateFormat": "jinja-2", "suffix": "{% if a %}"}),
                "",
                "Suffix: this holds a {% … %} block; only {{ name }} is read of Jinja",
            ),
        ] {
            let said = made(values, example).await.err().unwrap().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
