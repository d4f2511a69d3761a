//! Flow JSON as the canvas saves it and as exports hold it.
//!
//! Only what is needed to run is read; the stored text stays as it is, so unknown keys are kept.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// A graph of nodes and wires.
#[derive(Clone, Debug, Deserialize)]
pub struct FlowData {
    /// The nodes, in the order they were placed.
    #[serde(default)]
    pub nodes: Vec<FlowNode>,
    /// The wires.
    #[serde(default)]
    pub edges: Vec<FlowEdge>,
}

impl FlowData {
    /// Reads the text of a flow.
    ///
    /// # Errors
    /// [`Error::Unreadable`] names what is missing or of the wrong type, and where.
    pub fn parse(text: &str) -> Result<Self> {
        // A list would be read as the fields in order; only an object is a flow.
        if !text.trim_start().starts_with('{') {
            return Err(Error::Unreadable("an object with nodes and edges is expected".to_owned()));
        }
        serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))
    }
}

/// One node on the canvas.
#[derive(Clone, Debug, Deserialize)]
pub struct FlowNode {
    /// Unique in the flow, such as `chatOpenAI_0`.
    pub id: String,
    /// What it is and how it is filled in.
    pub data: NodeData,
    /// Id of the iteration it is inside of; only in agentflows.
    #[serde(default, rename = "parentNode")]
    pub parent_node: Option<String>,
}

/// What a node is and how it is filled in.
#[derive(Clone, Debug, Deserialize)]
pub struct NodeData {
    /// Title on the canvas.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// Which kind of node.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Version of the kind when it was saved.
    #[serde(default)]
    pub version: Value,
    /// Values of the form; sockets hold `{{nodeId.data.instance}}`.
    #[serde(default, deserialize_with = "or_default")]
    pub inputs: Map<String, Value>,
    /// The chosen output under `output`.
    #[serde(default, deserialize_with = "or_default")]
    pub outputs: Map<String, Value>,
    /// Id of the chosen credential.
    #[serde(default, deserialize_with = "or_default")]
    pub credential: Option<String>,
    /// What holds for the node whatever it does; only in agentflows.
    #[serde(default)]
    pub envelope: Value,
    /// What the node gave once and is to give again where the flow is tried out; only in agentflows.
    #[serde(default, rename = "pinnedOutput")]
    pub pinned_output: Value,
    /// Whether a run stops before the node where the flow is tried out; only in agentflows.
    #[serde(default)]
    pub breakpoint: Value,
    /// What wires may lead on from, as the canvas drew it: the names of a fork's ways.
    #[serde(default, rename = "outputAnchors")]
    pub output_anchors: Value,
}

impl NodeData {
    /// The name of the output that a wire's handle stands for, as its author wrote it.
    pub(crate) fn output_label(&self, handle: &str) -> Option<&str> {
        let anchors = self.output_anchors.as_array().into_iter().flatten();
        let options = anchors.filter_map(|it| it["options"].as_array()).flatten();
        let found = options.into_iter().find(|it| it["id"] == handle)?;
        found["label"].as_str().filter(|it| !it.is_empty())
    }

    /// The chosen credential, wherever the export put it.
    pub fn credential_id(&self) -> Option<&str> {
        let elsewhere = || self.inputs.get("FLOWISE_CREDENTIAL_ID").and_then(Value::as_str);
        self.credential.as_deref().filter(|it| !it.is_empty()).or_else(elsewhere)
    }
}

/// One wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowEdge {
    /// Id of the node it comes from.
    pub source: String,
    /// Id of the node it goes to.
    pub target: String,
    /// `<nodeId>-output-<outputName>-<types>`.
    #[serde(default, deserialize_with = "or_default")]
    pub source_handle: String,
    /// `<nodeId>-input-<inputName>-<types>`.
    #[serde(default, deserialize_with = "or_default")]
    pub target_handle: String,
}

impl FlowEdge {
    /// The output the wire comes from.
    pub fn source_output(&self) -> Option<&str> {
        let rest = self.source_handle.strip_prefix(&self.source)?.strip_prefix("-output-")?;
        rest.split('-').next()
    }

    /// The row the wire goes into.
    pub fn target_input(&self) -> Option<&str> {
        let rest = self.target_handle.strip_prefix(&self.target)?.strip_prefix("-input-")?;
        rest.split('-').next()
    }
}

/// Exports hold `null`, `""` or nothing where a value of another type is meant.
fn or_default<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.is_null() || value == "" {
        return Ok(T::default());
    }
    serde_json::from_value(value).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_exports_are_read() {
        let text = r#"{"nodes":[{"id":"a_0","position":{"x":1},"data":{"name":"a","label":"A",
            "version":8.3,"inputs":null,"outputs":"","credential":"","selected":true}}],
            "edges":[{"source":"b_0","target":"a_0","id":"x",
            "targetHandle":"a_0-input-model-BaseChatModel"}],"viewport":{"zoom":1}}"#;
        let flow = FlowData::parse(text).unwrap();
        assert_eq!(flow.nodes[0].data.credential_id(), None);
        assert_eq!(flow.edges[0].target_input(), Some("model"));
    }

    #[test]
    fn what_is_not_a_flow_is_refused_with_the_place() {
        for text in ["", "[]", "{\"nodes\":5}", "{\"nodes\":[{\"id\":\"a\"}]}", "not json"] {
            let message = FlowData::parse(text).unwrap_err().to_string();
            assert!(message.starts_with("this flow cannot be read: "), "{message}");
        }
    }
}
