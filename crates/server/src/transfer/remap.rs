//! Putting new ids in the place of old ones, wherever they stand.

use std::collections::HashMap;

use serde_json::Value;

/// Length of an id.
const LENGTH: usize = 36;

/// Old ids with the new ones that stand for them.
pub(super) type NewIds = HashMap<String, String>;

/// Replaces every old id in the texts of `value`, also within longer texts: flows refer to tools and
/// to each other inside of JSON that is kept as text.
pub(super) fn replace(value: &mut Value, ids: &NewIds) {
    match value {
        Value::String(text) => {
            if let Some(replaced) = replaced(text, ids) {
                *text = replaced;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|it| replace(it, ids)),
        Value::Object(map) => map.values_mut().for_each(|it| replace(it, ids)),
        _ => {}
    }
}

/// The text with new ids; `None` where it holds no old one.
fn replaced(text: &str, ids: &NewIds) -> Option<String> {
    if let Some(whole) = ids.get(text) {
        return Some(whole.clone());
    }
    let mut result = String::new();
    let (mut copied, mut place) = (0, 0);
    while place + LENGTH <= text.len() {
        let found = text.get(place..place + LENGTH).filter(|it| looks_like_an_id(it));
        let Some(new) = found.and_then(|it| ids.get(it)) else {
            place += 1;
            continue;
        };
        result.push_str(&text[copied..place]);
        result.push_str(new);
        place += LENGTH;
        copied = place;
    }
    if copied == 0 {
        return None;
    }
    result.push_str(&text[copied..]);
    Some(result)
}

fn looks_like_an_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    [8, 13, 18, 23].iter().all(|place| bytes.get(*place) == Some(&b'-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_replaced_wherever_they_stand_and_nothing_else_is() {
        let (old, new) =
            ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222");
        let other = "33333333-3333-4333-8333-333333333333";
        let ids = NewIds::from([(old.to_owned(), new.to_owned()), ("short".into(), "long".into())]);
        let mut value = json!({
            "id": old, "other": other, "short": "short", "shorter": "short!", "n": 1,
            "flowData": format!(r#"{{"tool":"{old}","é":"{old}{old}-ü","x":"{other}"}}"#),
        });
        replace(&mut value, &ids);
        assert_eq!(
            value,
            json!({
                "id": new, "other": other, "short": "long", "shorter": "short!", "n": 1,
                "flowData": format!(r#"{{"tool":"{new}","é":"{new}{new}-ü","x":"{other}"}}"#),
            })
        );
    }
}
