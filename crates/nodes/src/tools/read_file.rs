//! Lets a model read files of the workspace's folder.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
};
use serde_json::{Map, Value, json};

use super::workspace_files::{self, Allowed, BOUNDED, EXTENSIONS, MAX_SIZE, PATH};

static SPEC: Spec = Spec {
    label: "Read File",
    name: "readFile",
    version: 2.0,
    kind: "ReadFile",
    icon: "file-tool.svg",
    category: "Tools",
    description: "Lets a model read files of this workspace's folder",
    base_classes: &["ReadFile", "Tool", "StructuredTool", "Runnable"],
    inputs: &[PATH.field, BOUNDED.field, MAX_SIZE.field, EXTENSIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ReadFile;

#[async_trait]
impl Node for ReadFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Reader {
            spec: ToolSpec {
                name: "read_file".to_owned(),
                description: "Gives the text of a file.".to_owned(),
                parameters: json!({
                    "type": "object",
                    "properties": {
                        "file_path": {"type": "string", "description": "Name of the file"},
                    },
                    "required": ["file_path"],
                    "additionalProperties": false
                }),
            },
            allowed: Allowed::read(inputs)?,
        })))
    }
}

struct Reader {
    spec: ToolSpec,
    allowed: Allowed,
}

#[async_trait]
impl Tool for Reader {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let name = super::text_of(arguments, "file_path")?;
        self.allowed.name(name)?;
        let (files, folder) = (&run.services.files, workspace_files::folder(run));
        let listed = files.list(folder).await?;
        if !listed.iter().any(|it| it == name) {
            let listed = if listed.is_empty() { "none".to_owned() } else { listed.join(", ") };
            let said = format!("There is no file \"{name}\". The files are: {listed}");
            return Err(Error::ModelAnswer(said));
        }
        let content = files.read(folder, name).await?;
        self.allowed.size(name, content.len())?;
        let text = String::from_utf8(content)
            .map_err(|_| Error::ModelAnswer(format!("\"{name}\" holds no text")))?;
        Ok(ToolResult::text(text.strip_prefix('\u{feff}').unwrap_or(&text)))
    }
}
