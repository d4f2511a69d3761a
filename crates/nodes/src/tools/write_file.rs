//! Lets a model write files into the workspace's folder.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec};
use serde_json::{Map, Value, json};

use super::workspace_files::{self, Allowed, BOUNDED, EXTENSIONS, MAX_SIZE, PATH};

static SPEC: Spec = Spec {
    label: "Write File",
    name: "writeFile",
    version: 2.0,
    kind: "WriteFile",
    icon: "file-tool.svg",
    category: "Tools",
    description: "Lets a model write files into this workspace's folder",
    base_classes: &["WriteFile", "Tool", "StructuredTool", "Runnable"],
    inputs: &[PATH.field, BOUNDED.field, MAX_SIZE.field, EXTENSIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct WriteFile;

#[async_trait]
impl Node for WriteFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Writer {
            spec: ToolSpec {
                name: "write_file".to_owned(),
                description: "Writes text to a file. An earlier file of the name is replaced."
                    .to_owned(),
                parameters: json!({
                    "type": "object",
                    "properties": {
                        "file_path": {"type": "string", "description": "Name of the file"},
                        "text": {"type": "string", "description": "All that it is to hold"},
                    },
                    "required": ["file_path", "text"],
                    "additionalProperties": false
                }),
            },
            allowed: Allowed::read(inputs)?,
        })))
    }
}

struct Writer {
    spec: ToolSpec,
    allowed: Allowed,
}

#[async_trait]
impl Tool for Writer {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let name = super::text_of(arguments, "file_path")?;
        let text = super::text_of(arguments, "text")?;
        self.allowed.new_name(name)?;
        self.allowed.size(name, text.len())?;
        let folder = workspace_files::folder(run);
        run.services.files.write(folder, name, text.as_bytes().to_vec()).await?;
        Ok(ToolResult::text(format!("\"{name}\" is written.")))
    }
}
