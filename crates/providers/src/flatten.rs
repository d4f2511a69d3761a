//! A conversation as one text, for models that continue texts.

use flowstone_core::{ChatRequest, Error, Message, Result, Role};
use serde_json::Value;

/// What a model that cannot be bound to a schema is told instead.
pub(crate) fn schema(schema: &Value) -> String {
    format!(
        "Answer with one JSON object and nothing around it. It must follow this JSON Schema:\n\
         {schema}"
    )
}

/// The prompt for a question. A single turn stands as it is, as prompts are written for such
/// models; several are told apart by who speaks, and the model goes on as the assistant.
///
/// # Errors
/// `Unsupported` where the question brings tools or pictures: texts cannot hold them.
pub(crate) fn prompt(model: &str, request: &ChatRequest) -> Result<String> {
    if !request.tools.is_empty() {
        return Err(cannot(model, "call tools"));
    }
    if request.messages.iter().any(|it| !it.images.is_empty()) {
        return Err(cannot(model, "see pictures"));
    }
    let told = request.schema.as_ref().map(|it| Message::system(schema(it)));
    let turns: Vec<_> = told.iter().chain(&request.messages).collect();
    if let [only] = turns[..] {
        return Ok(only.text.clone());
    }
    let mut text = String::new();
    for turn in turns {
        match turn.role {
            // Instructions are no part of the talk.
            Role::System => {}
            Role::User => text.push_str("User: "),
            Role::Assistant => text.push_str("Assistant: "),
            Role::Tool => text.push_str("Result of a tool: "),
        }
        text.push_str(turn.text.trim_end());
        text.push_str("\n\n");
    }
    text.push_str("Assistant:");
    Ok(text)
}

fn cannot(model: &str, what: &str) -> Error {
    Error::Unsupported(format!(
        "the model {model} continues texts and cannot {what}: choose a node of Chat Models"
    ))
}

#[cfg(test)]
mod tests {
    use flowstone_core::{Image, ToolSpec};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_single_turn_stands_as_it_is() {
        let request = ChatRequest::new(vec![Message::user("Once upon a ")]);
        assert_eq!(prompt("m", &request).unwrap(), "Once upon a ");
    }

    #[test]
    fn several_turns_are_told_apart() {
        let request = ChatRequest::new(vec![
            Message::system("Be short.\n"),
            Message::user("Hi"),
            Message::assistant("Hello"),
            Message::user("Bye"),
        ]);
        let expected = "Be short.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant:";
        assert_eq!(prompt("m", &request).unwrap(), expected);
        let bound = ChatRequest {
            schema: Some(json!({"type": "object"})),
            ..ChatRequest::new(vec![Message::user("Hi")])
        };
        let text = prompt("m", &bound).unwrap();
        assert!(text.contains("{\"type\":\"object\"}\n\nUser: Hi\n\nAssistant:"), "{text}");
    }

    #[test]
    fn what_a_text_cannot_hold_is_refused() {
        let tool =
            ToolSpec { name: "sum".to_owned(), description: String::new(), parameters: json!({}) };
        let request = ChatRequest { tools: vec![tool], ..ChatRequest::default() };
        let said = prompt("davinci", &request).unwrap_err().to_string();
        assert!(
            said.starts_with("the model davinci continues texts and cannot call tools"),
            "{said}"
        );
        let image = Image { url: "https://x/y.png".to_owned(), detail: None };
        let turn = Message { images: vec![image], ..Message::user("Look") };
        assert!(prompt("davinci", &ChatRequest::new(vec![turn])).is_err());
    }
}
