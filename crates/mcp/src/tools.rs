//! Tools as a server tells of them, and what they give back.

use flowstone_core::{Error, Result};
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde_json::{Map, Value, json};

/// Longest text of a result, in characters.
const LONGEST_TEXT: usize = 100_000;

/// A tool of a server. Its words come from a stranger and go to a model: they are cleaned of what
/// no person would see, and cut.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolInfo {
    /// Its name, as the server wants to be called.
    pub name: String,
    /// When to use it.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub schema: Value,
}

/// What came of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Called {
    /// The text of it, with a word for whatever is no text.
    pub text: String,
    /// Whether the tool says that it failed.
    pub is_error: bool,
    /// Pictures.
    pub pictures: Vec<Picture>,
}

/// A picture that a tool made.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Such as `image/png`.
    pub media_type: String,
    /// The picture in base64.
    pub base64: String,
}

impl Called {
    pub(crate) fn failed(text: String) -> Self {
        Self { text, is_error: true, pictures: Vec::new() }
    }
}

impl ToolInfo {
    /// Reads a tool as MCP describes it, `{name, description, inputSchema}`, with at most `longest`
    /// characters of each description.
    ///
    /// # Errors
    /// `Transport` where it has no name or no object as its schema.
    pub fn read(tool: &Value, longest: usize) -> Result<Self> {
        let text = |key: &str| tool[key].as_str().filter(|it| !it.is_empty());
        let name = clean(text("name").unwrap_or_default(), 256);
        if name.trim().is_empty() {
            return Err(Error::Transport(
                "the MCP server tells of a tool without a name".to_owned(),
            ));
        }
        let title = text("title").or_else(|| tool["annotations"]["title"].as_str());
        let description = text("description").or(title).unwrap_or(&name);
        let mut schema = match &tool["inputSchema"] {
            Value::Object(schema) => schema.clone(),
            Value::Null => Map::new(),
            _ => {
                return Err(Error::Transport(format!(
                    "the MCP server describes the arguments of its tool {name} by what is no schema"
                )));
            }
        };
        // Vendors of models refuse what they do not know.
        schema.remove("$schema");
        schema.insert("type".to_owned(), "object".into());
        if !schema.get("properties").is_some_and(Value::is_object) {
            schema.insert("properties".to_owned(), json!({}));
        }
        let mut schema = Value::Object(schema);
        clean_words(&mut schema, longest);
        Ok(Self { description: clean(description, longest), schema, name })
    }

    /// The same as MCP describes it, to be kept.
    pub fn to_value(&self) -> Value {
        json!({"name": self.name, "description": self.description, "inputSchema": self.schema})
    }
}

/// Cleans the descriptions and titles of a schema at any depth.
fn clean_words(schema: &mut Value, longest: usize) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" || key == "title" => {
                        *text = clean(text, longest);
                    }
                    other => clean_words(other, longest),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| clean_words(it, longest)),
        _ => {}
    }
}

/// A text without characters that are not seen, at most `longest` characters long.
fn clean(text: &str, longest: usize) -> String {
    text.chars().filter(|it| !is_hidden(*it)).take(longest).collect()
}

/// Characters that turn the direction of writing, have no width, or are controls or tags: with them
/// a text reads differently to a person and to a model.
fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (letter.is_control() && !matches!(letter, '\n' | '\t'))
}

/// Reads what a tool gave back.
pub(crate) fn called(result: CallToolResult) -> Called {
    let mut called = Called { is_error: result.is_error.unwrap_or(false), ..Called::default() };
    let mut texts: Vec<String> = Vec::new();
    for block in result.content {
        match block {
            ContentBlock::Text(text) => texts.push(text.text),
            ContentBlock::Image(image) => {
                texts.push(format!("[a picture, {}]", image.mime_type));
                called.pictures.push(Picture { media_type: image.mime_type, base64: image.data });
            }
            ContentBlock::Audio(audio) => texts.push(format!("[a sound, {}]", audio.mime_type)),
            ContentBlock::Resource(resource) => match resource.resource {
                ResourceContents::TextResourceContents { text, .. } => texts.push(text),
                ResourceContents::BlobResourceContents { uri, mime_type, .. } => {
                    let kind = mime_type.unwrap_or_else(|| "of unknown type".to_owned());
                    texts.push(format!("[a file, {kind}: {uri}]"));
                }
                other => texts.push(serde_json::to_string(&other).unwrap_or_default()),
            },
            ContentBlock::ResourceLink(link) => {
                let about = link.description.or(link.title).unwrap_or(link.name);
                texts.push(format!("[{about}: {}]", link.uri));
            }
            other => texts.push(serde_json::to_string(&other).unwrap_or_default()),
        }
    }
    // Older servers say the same in both; a newer one may give only data.
    if texts.is_empty()
        && let Some(data) = result.structured_content
    {
        texts.push(data.to_string());
    }
    let text = texts.join("\n");
    called.text = match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => {
            format!("{}\n[cut: the result is longer than {LONGEST_TEXT} characters]", &text[..end])
        }
        None => text,
    };
    called
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_tool_are_cleaned_and_cut() {
        let tool = json!({
            "name": "a\u{202e}b", "description": format!("read\u{200b} me\u{e0041}{}", "x".repeat(5000)),
            "inputSchema": {
                "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
                "properties": {"description": {"type": "string", "description": "y".repeat(3000)}}
            }
        });
        let info = ToolInfo::read(&tool, 1024).unwrap();
        assert_eq!(info.name, "ab");
        assert!(info.description.starts_with("read mexx") && info.description.len() == 1024);
        assert_eq!(info.schema["$schema"], Value::Null);
        let inner = info.schema["properties"]["description"]["description"].as_str().unwrap();
        assert_eq!(inner.len(), 1024);
        assert_eq!(ToolInfo::read(&info.to_value(), 1024).unwrap(), info);
    }

    #[test]
    fn a_tool_without_a_name_or_with_no_schema_is_refused() {
        assert!(ToolInfo::read(&json!({"name": " \u{200b}"}), 10).is_err());
        assert!(ToolInfo::read(&json!({"name": "a", "inputSchema": "b"}), 10).is_err());
        let bare = ToolInfo::read(&json!({"name": "a"}), 10).unwrap();
        assert_eq!(bare.schema, json!({"type": "object", "properties": {}}));
        assert_eq!(bare.description, "a");
    }
}
