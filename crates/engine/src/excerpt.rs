//! Short forms of what spans are given and give.

use flowstone_core::{ChatReply, ChatRequest, Document, Message};
use serde_json::{Map, Value, json};

/// Most characters that are written down of one side of a span.
const CHARACTERS: usize = 16_000;
/// Most characters of one text.
const TEXT: usize = 8_000;
/// Most entries of one list.
const ENTRIES: usize = 50;
/// Deepest lists within lists.
const DEPTH: u32 = 8;

/// Writes values down until there is no room left.
pub(crate) struct Excerpt {
    room: usize,
    is_cut: bool,
}

impl Default for Excerpt {
    fn default() -> Self {
        Self { room: CHARACTERS, is_cut: false }
    }
}

impl Excerpt {
    /// Whether something was left out.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The beginning of a text. Of data URIs only the head: a picture says nothing in a trace.
    pub(crate) fn text(&mut self, text: &str) -> Value {
        if text.starts_with("data:")
            && let Some((head, body)) = text.split_once(";base64,")
            && body.len() > 100
        {
            self.is_cut = true;
            return format!("{head};base64,… ({} kB)", body.len() * 3 / 4 / 1_000).into();
        }
        let most = self.room.min(TEXT);
        // As many characters as bytes would do for English; fewer for other scripts.
        if text.len() <= most {
            self.room -= text.len();
            return text.into();
        }
        let mut end = most;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.room -= end;
        self.is_cut = true;
        format!("{}…", text.get(..end).unwrap_or_default()).into()
    }

    /// Any value.
    pub(crate) fn value(&mut self, value: &Value) -> Value {
        self.value_at(value, 0)
    }

    fn value_at(&mut self, value: &Value, depth: u32) -> Value {
        if depth > DEPTH || self.room == 0 {
            self.is_cut = true;
            return "…".into();
        }
        match value {
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                let each = self.entries(list);
                each.iter().map(|it| self.value_at(it, depth + 1)).collect()
            }
            Value::Object(map) => {
                let mut excerpt = Map::new();
                for (name, value) in map.iter().take(ENTRIES) {
                    if self.room == 0 {
                        break;
                    }
                    self.room = self.room.saturating_sub(name.len());
                    let value = self.value_at(value, depth + 1);
                    excerpt.insert(name.clone(), value);
                }
                self.is_cut |= excerpt.len() < map.len();
                excerpt.into()
            }
            other => {
                self.room = self.room.saturating_sub(4);
                other.clone()
            }
        }
    }

    fn entries<'a, T>(&mut self, list: &'a [T]) -> &'a [T] {
        self.is_cut |= list.len() > ENTRIES;
        &list[..list.len().min(ENTRIES)]
    }

    /// What a model is asked. The newest turns are the ones to keep where there are too many.
    pub(crate) fn request(&mut self, request: &ChatRequest) -> Value {
        let first = request.messages.len().saturating_sub(ENTRIES);
        self.is_cut |= first > 0;
        let newest = request.messages[first..].iter().rev();
        let mut messages: Vec<Value> = newest.map(|it| self.message(it)).collect();
        messages.reverse();
        let mut asked = json!({ "messages": messages });
        if !request.tools.is_empty() {
            asked["tools"] = request.tools.iter().map(|it| it.name.clone()).collect();
        }
        if let Some(schema) = &request.schema {
            asked["schema"] = self.value(schema);
        }
        asked
    }

    /// The turns of a conversation.
    pub(crate) fn messages(&mut self, messages: &[Message]) -> Value {
        self.entries(messages).iter().map(|it| self.message(it)).collect()
    }

    fn message(&mut self, message: &Message) -> Value {
        let mut told = json!({ "role": message.role, "text": self.text(&message.text) });
        if !message.images.is_empty() {
            told["images"] = message.images.len().into();
        }
        if !message.tool_calls.is_empty() {
            told["toolCalls"] = self.value(&json!(message.tool_calls));
        }
        told
    }

    /// What a model answers.
    pub(crate) fn reply(&mut self, reply: &ChatReply) -> Value {
        let mut told = json!({ "text": self.text(&reply.text) });
        if !reply.reasoning.is_empty() {
            told["reasoning"] = self.text(&reply.reasoning);
        }
        if !reply.tool_calls.is_empty() {
            told["toolCalls"] = self.value(&json!(reply.tool_calls));
        }
        if let Some(reason) = &reply.finish_reason {
            told["finishReason"] = reason.as_str().into();
        }
        told
    }

    /// Passages, with what is known of each.
    pub(crate) fn documents<'a>(
        &mut self,
        documents: impl ExactSizeIterator<Item = (&'a Document, Option<f32>)>,
    ) -> Value {
        self.is_cut |= documents.len() > ENTRIES;
        let told = documents.take(ENTRIES).map(|(document, score)| {
            let mut told = json!({ "pageContent": self.text(&document.page_content) });
            if !document.metadata.is_empty() {
                told["metadata"] = self.value(&Value::Object(document.metadata.clone()));
            }
            if let Some(score) = score {
                told["score"] = score.into();
            }
            told
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::Role;

    use super::*;

    #[test]
    fn what_is_short_stays_whole() {
        let mut excerpt = Excerpt::default();
        let value = json!({"a": [1, "two", null, {"b": true}]});
        assert_eq!(excerpt.value(&value), value);
        assert_eq!(excerpt.text("data:,x"), "data:,x");
        assert!(!excerpt.is_cut());
    }

    #[test]
    fn long_texts_pictures_and_deep_values_are_cut() {
        let cut = |value: Value| {
            let mut excerpt = Excerpt::default();
            let told = excerpt.value(&value);
            assert!(excerpt.is_cut(), "{value}");
            told
        };
        let told = cut("é".repeat(TEXT).into());
        assert_eq!(told.as_str().unwrap().chars().count(), TEXT / 2 + 1);
        let picture = format!("data:image/png;base64,{}", "A".repeat(4_000));
        assert_eq!(cut(picture.into()), "data:image/png;base64,… (3 kB)");
        assert_eq!(cut(json!(vec![1; 60])).as_array().unwrap().len(), ENTRIES);
        let many: Vec<String> = vec!["x".repeat(TEXT); 5];
        assert!(cut(json!(many)).to_string().len() < CHARACTERS + 100);
        let mut deep = json!(1);
        for _ in 0..20 {
            deep = json!([deep]);
        }
        assert!(cut(deep).to_string().contains('…'));
    }

    #[test]
    fn of_a_long_conversation_the_newest_turns_stay() {
        let old = std::iter::repeat_n(Message::user("x".repeat(TEXT)), 60);
        let messages: Vec<Message> = old.chain([Message::new(Role::User, "last")]).collect();
        let mut excerpt = Excerpt::default();
        let told = excerpt.request(&ChatRequest::new(messages));
        let told = told["messages"].as_array().unwrap();
        assert_eq!((told.len(), &told[ENTRIES - 1]["text"]), (ENTRIES, &json!("last")));
        assert!(excerpt.is_cut());
    }
}
