//! Documents from JavaScript.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Spec, services::Services,
};
use serde_json::{Map, Value};

use crate::{
    documents,
    javascript::{self, Code},
};

const VARIABLES: Input<Option<Value>> = {
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
const CODE: Input<String> = {
    let mut it = Input::code("Javascript Function", "javascriptFunction")
        .describe("Returns a list of documents, or a text where the output Text is chosen");
    it.field.placeholder = Some(EXAMPLE);
    it
};
const EXAMPLE: &str = "\
return [
  { pageContent: 'The library opens at nine.', metadata: { source: 'notice board' } },
]";

static SPEC: Spec = Spec {
    label: "Custom Document Loader",
    name: "customDocumentLoader",
    version: 1.0,
    kind: "Document",
    icon: "custom-loader.svg",
    category: "Document Loaders",
    description: "Makes documents by your own JavaScript",
    base_classes: &["Document"],
    inputs: &[VARIABLES.field, CODE.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CustomDocumentLoader;

#[async_trait]
impl Node for CustomDocumentLoader {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let returned = call(inputs).await?;
        if inputs.output == "text" {
            let Value::String(text) = returned else {
                let reason = format!("a text is to be returned, not {}", kind(&returned));
                return Err(Error::invalid(&CODE.field, reason));
            };
            return Ok(Capability::Value(text.into()));
        }
        Ok(Capability::Documents(Arc::new(documents_of(returned)?)))
    }

    /// The code may read the question and the variables of the call.
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
}

async fn call(inputs: &Inputs) -> Result<Value> {
    let source = inputs.get(&CODE)?;
    let variables = match inputs.get(&VARIABLES)? {
        None => Map::new(),
        Some(Value::Object(variables)) => variables,
        Some(other) => {
            let reason = format!("a JSON object is expected, not {other}");
            return Err(Error::invalid(&VARIABLES.field, reason));
        }
    };
    // Documents are also loaded when a store is filled, outside of any call.
    let (mut code, question) = match &inputs.run {
        Some(run) => (Code::new(source, run), run.question.as_str()),
        None => (Code::alone(source), ""),
    };
    code.global("input", question.into());
    for (name, value) in variables {
        code.global(&name, value);
    }
    let services: &Services = &inputs.services;
    javascript::run(code, services).await
}

fn documents_of(returned: Value) -> Result<Vec<Document>> {
    let expected = "a list of documents is to be returned, each {pageContent: text, metadata: {…}}";
    let Value::Array(entries) = returned else {
        let reason = format!("{expected}, not {}", kind(&returned));
        return Err(Error::invalid(&CODE.field, reason));
    };
    let document = |(index, entry): (usize, Value)| {
        let wrong = || {
            let reason = format!("{expected}; entry {} is none", index + 1);
            Error::invalid(&CODE.field, reason)
        };
        let Value::Object(mut entry) = entry else { return Err(wrong()) };
        match (entry.remove("pageContent"), entry.remove("metadata")) {
            (Some(Value::String(page_content)), Some(Value::Object(metadata))) => {
                Ok(Document { page_content, metadata, id: None })
            }
            _ => Err(wrong()),
        }
    };
    entries.into_iter().enumerate().map(document).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form, run};

    async fn init(code: &str, output: &str) -> Result<Capability> {
        let values = json!({
            "javascriptFunction": code, "functionInputVariables": "{\"city\": \"Lima\"}",
        });
        let mut form = form(&values);
        form.output = output.to_owned();
        CustomDocumentLoader.init(&form).await
    }

    #[tokio::test]
    async fn what_the_code_returns_is_handed_on() {
        let code = "return [{pageContent: $city + $input, metadata: {a: 1}}]";
        let made = documents(init(code, "document").await);
        assert_eq!(made[0].page_content, "Lima");
        assert_eq!(Value::from(made[0].metadata.clone()), json!({"a": 1}));
        let Ok(Capability::Value(text)) = init("return `x${$city}`", "text").await else {
            panic!("no text")
        };
        assert_eq!(text, "xLima");
    }

    #[tokio::test]
    async fn a_call_is_seen_by_the_code() {
        let (run, _receiver) = run("Where?");
        let mut form = form(&json!({
            "javascriptFunction": "return [{pageContent: $input + $flow.chatId, metadata: {}}]",
        }));
        form.run = Some(run);
        let made = documents(CustomDocumentLoader.init(&form).await);
        assert_eq!(made[0].page_content, "Where?chat");
    }

    #[tokio::test]
    async fn another_shape_is_refused_with_the_reason() {
        for (code, output, expected) in [
            ("return 'x'", "document", "not a text"),
            ("return [{pageContent: 'a', metadata: {}}, {pageContent: 1}]", "document", "entry 2"),
            ("return [{pageContent: 'a'}]", "document", "entry 1 is none"),
            ("return [1]", "text", "a text is to be returned, not a list"),
            ("return", "text", "not nothing"),
        ] {
            let said = init(code, output).await.err().unwrap().to_string();
            assert!(said.starts_with("Javascript Function: "), "{said}");
            assert!(said.contains(expected), "{code}: {said}");
        }
    }
}
