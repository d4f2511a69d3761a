//! What a run told, in a form that snapshots can hold.

use flowstone_core::Event;
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

/// All events until every sender is gone.
pub async fn collect(mut receiver: Receiver<Event>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = receiver.recv().await {
        events.push(event);
    }
    events
}

/// The text of all `token` events, joined.
pub fn text(events: &[Event]) -> String {
    let pieces = events.iter().filter_map(|event| match event {
        Event::Token(piece) => Some(piece.as_str()),
        _ => None,
    });
    pieces.collect()
}

/// The events as JSON lines with ids and dates masked: what a transcript snapshot holds.
pub fn lines(events: &[Event]) -> String {
    let each = events.iter().map(|event| {
        let mut value = serde_json::to_value(event).unwrap();
        redact(&mut value);
        value.to_string()
    });
    each.collect::<Vec<_>>().join("\n")
}

/// Masks every string that is a UUID by `[uuid]` and every one that is a date by `[date]`.
pub fn redact(value: &mut Value) {
    match value {
        Value::String(text) if is_uuid(text) => *text = "[uuid]".to_owned(),
        Value::String(text) if is_date(text) => *text = "[date]".to_owned(),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => fields.values_mut().for_each(redact),
        _ => {}
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, it)| match at {
            8 | 13 | 18 | 23 => it == '-',
            _ => it.is_ascii_hexdigit(),
        })
}

/// RFC 3339, such as `2026-11-22T09:00:00.000Z`.
fn is_date(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    text.len() > SHAPE.len()
        && text.is_ascii()
        && text.bytes().zip(SHAPE).all(|(it, shape)| match shape {
            b'0' => it.is_ascii_digit(),
            fixed => it == *fixed,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_and_dates_are_masked_at_any_depth() {
        let mut value = json!({
            "chatId": "da83049d-fb17-4642-9d9b-2294e2da931c",
            "at": ["2026-11-22T09:00:00.000Z", "2026-11-22", "text"],
        });
        redact(&mut value);
        assert_eq!(value, json!({"chatId": "[uuid]", "at": ["[date]", "2026-11-22", "text"]}));
    }

    #[test]
    fn lines_show_the_wire_form() {
        let events = [Event::Start(String::new()), Event::Token("Hi".into())];
        assert_eq!(
            lines(&events),
            "{\"event\":\"start\",\"data\":\"\"}\n{\"event\":\"token\",\"data\":\"Hi\"}"
        );
        assert_eq!(text(&events), "Hi");
    }
}
