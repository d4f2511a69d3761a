//! The flows inside the binary that users start theirs from.

use anyhow::{Context as _, Result};
use flowstone_server::TemplateFile;
use rust_embed::RustEmbed;
use serde::Deserialize;

/// Every file of `templates/`.
#[derive(RustEmbed)]
#[folder = "../../templates"]
struct Files;

/// What a file must say of itself; the rest is an ordinary export.
#[derive(Deserialize)]
struct Head {
    id: String,
    name: String,
}

/// All of them, by their file's name.
pub(crate) fn all() -> Result<Vec<TemplateFile>> {
    let mut names: Vec<_> = Files::iter().filter(|it| it.ends_with(".json")).collect();
    names.sort();
    let read = |name: std::borrow::Cow<'static, str>| {
        let file = Files::get(&name).with_context(|| format!("{name} is not in the program"))?;
        let damaged = || format!("the template {name} is damaged");
        let head: Head = serde_json::from_slice(&file.data).with_context(damaged)?;
        let text = String::from_utf8(file.data.into_owned()).with_context(damaged)?;
        Ok(TemplateFile { id: head.id, name: head.name, text })
    };
    names.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use flowstone_engine::{Catalog, FlowData, Plan, agentflow::Graph};

    use super::*;

    #[test]
    fn every_template_can_be_planned_and_needs_no_key() {
        let catalog = Catalog::new(flowstone_nodes::ALL, &HashSet::new());
        let templates = all().unwrap();
        assert!(templates.len() >= 2);
        let ids: HashSet<&str> = templates.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids.len(), templates.len(), "each has an id of its own");
        for template in &templates {
            let flow = FlowData::parse(&template.text).unwrap();
            let planned = if template.text.contains(r#""type": "AgentflowV2""#) {
                Graph::new(&flow, &catalog).map(drop)
            } else {
                Plan::new(&flow, &catalog).map(drop)
            };
            planned.unwrap_or_else(|error| panic!("{}: {error}", template.name));
            assert!(
                flow.nodes.iter().all(|it| it.data.credential_id().is_none()),
                "{} names a credential",
                template.name
            );
        }
    }
}
