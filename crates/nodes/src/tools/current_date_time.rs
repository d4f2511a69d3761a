//! The date and the time, which no model knows.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Local, TimeZone};
use flowstone_core::{Capability, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec};
use serde_json::{Map, Value, json};

static SPEC: Spec = Spec {
    label: "CurrentDateTime",
    name: "currentDateTime",
    version: 1.0,
    kind: "CurrentDateTime",
    icon: "current-date-time.svg",
    category: "Tools",
    description: "Tells a model the date and the time",
    base_classes: &["CurrentDateTime", "Tool"],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CurrentDateTime;

#[async_trait]
impl Node for CurrentDateTime {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Clock {
            spec: ToolSpec {
                name: "current_date_time".to_owned(),
                description: "Gives the date, the day of the week, the time and the time zone."
                    .to_owned(),
                parameters: json!({"type": "object", "properties": {}}),
            },
        })))
    }
}

struct Clock {
    spec: ToolSpec,
}

#[async_trait]
impl Tool for Clock {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
        Ok(ToolResult::text(describe(&Local::now()).to_string()))
    }
}

fn describe<Zone: TimeZone>(now: &DateTime<Zone>) -> Value
where
    Zone::Offset: std::fmt::Display,
{
    json!({
        "date": now.format("%Y-%m-%d").to_string(),
        "day": now.format("%A").to_string(),
        "time": now.format("%H:%M:%S").to_string(),
        "timezone": now.format("UTC%:z").to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_described_in_its_zone() {
        let moment = DateTime::parse_from_rfc3339("2026-02-28T23:05:09+05:30").unwrap();
        assert_eq!(
            describe(&moment),
            json!({
                "date": "2026-02-28",
                "day": "Saturday",
                "time": "23:05:09",
                "timezone": "UTC+05:30",
            })
        );
    }
}
