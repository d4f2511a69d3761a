//! Data whose form is written down in the vocabulary of Zod.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::{AUTOFIX, Form, zod::Zod};

const FORM: Input<String> =
    Input::text("Example JSON", "exampleJson").rows(10).default(EXAMPLE).describe(
        "The form of the answer, as a Zod schema. It is read, never run: z.object, z.array, \
         z.string, z.number, z.boolean, z.enum, z.literal, z.union, z.record and the usual limits",
    );
const EXAMPLE: &str = r#"z.object({
    title: z.string().describe("a short heading"),
    year: z.number().int().optional(),
    mood: z.enum(["calm", "lively", "sad"]),
    people: z.array(
        z.object({
            name: z.string(),
            role: z.string().describe("what the person does in the story")
        })
    )
})"#;

static SPEC: Spec = Spec {
    label: "Advanced Structured Output Parser",
    name: "advancedStructuredOutputParser",
    version: 1.0,
    kind: "AdvancedStructuredOutputParser",
    icon: "output-parser.svg",
    category: "Output Parsers",
    description: "Makes nested data of a model's answer, by a Zod schema",
    base_classes: &["AdvancedStructuredOutputParser", "BaseLLMOutputParser", "Runnable"],
    inputs: &[AUTOFIX.field, FORM.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AdvancedStructuredOutputParser;

#[async_trait]
impl Node for AdvancedStructuredOutputParser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.get(&FORM)?;
        let form = Zod::parse(&text).map_err(|reason| Error::invalid(&FORM.field, reason))?;
        super::parser(form, inputs)
    }
}

impl Form for Zod {
    fn instructions(&self) -> String {
        super::json_instructions(&self.schema())
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        let (opening, kind) = if self.is_list() { ('[', "list") } else { ('{', "object") };
        self.fit(&super::find_json(text, opening, kind)?)
    }
}
