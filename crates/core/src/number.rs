//! Numbers as JavaScript clients and vendors' servers expect them in JSON.

use serde_json::Value;

/// `8.3` stays `8.3`, `5.0` becomes `5`: JavaScript knows one kind of number, and servers refuse
/// `5.0` where they count.
pub fn as_written(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "guarded by the range just tested")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}
