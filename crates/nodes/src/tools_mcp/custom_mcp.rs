//! Any MCP server, as the JSON that other MCP clients take describes it.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, Input, Inputs, Result, Services, Spec, services::WorkspaceVariables};
use flowstone_mcp::{HttpServer, Program, Target, Wire};
use serde_json::{Map, Value};
use url::Url;

use super::{ACTIONS, McpForm, Server};
use crate::{loose_json, prompt_format::as_text};

const CONFIG: Input<String> = {
    let mut it = Input::code("MCP Server Config", "mcpServerConfig").describe(
        "Where the server is, as JSON: url with headers, or command with args and env where the operator of this \
         server allows the command. {{$vars.NAME}} stands for a variable",
    );
    it.field.hide_code_execute = true;
    it.field.placeholder = Some(EXAMPLE);
    it.field.code_example = Some(EXAMPLE);
    it
};
const EXAMPLE: &str = r#"{
  "url": "https://mcp.example.com/mcp",
  "headers": {
    "Authorization": "Bearer {{$vars.token}}"
  }
}"#;

static SPEC: Spec = Spec {
    label: "Custom MCP",
    name: "customMCP",
    version: 1.1,
    kind: "Custom MCP Tool",
    icon: "mcp.svg",
    category: "Tools (MCP)",
    description: "Tools of any MCP server",
    base_classes: &["Tool"],
    inputs: &[CONFIG.field, ACTIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: McpForm =
    McpForm { spec: &SPEC, server, row: &CONFIG.field, reads_run: Some("mcpServerConfig") };

fn server(inputs: &Inputs) -> Result<Arc<dyn Server>> {
    Ok(Arc::new(Described {
        text: inputs.get(&CONFIG)?,
        variables: inputs.run.as_ref().map(|it| it.variables.clone()),
        services: inputs.services.clone(),
        workspace: inputs.workspace.clone(),
    }))
}

/// A server as its form describes it.
struct Described {
    text: String,
    /// Those of the call; outside of one, the workspace's are looked up.
    variables: Option<Map<String, Value>>,
    services: Arc<Services>,
    workspace: String,
}

#[async_trait]
impl Server for Described {
    async fn target(&self) -> Result<Target> {
        if !self.text.contains("$vars") {
            return read(&self.text, &Map::new());
        }
        match &self.variables {
            Some(variables) => read(&self.text, variables),
            None => {
                let stored = self.services.get::<WorkspaceVariables>()?;
                read(&self.text, &stored.0.all(&self.workspace).await?)
            }
        }
    }
}

fn wrong(reason: impl Into<String>) -> Error {
    Error::invalid(&CONFIG.field, reason)
}

/// Reads a description, with variables in the place of their names.
fn read(text: &str, variables: &Map<String, Value>) -> Result<Target> {
    // Variables are put into the texts of what was read, so that they cannot change its form. Only a
    // text that cannot be read before they are in is filled first.
    let mut config = match loose_json::parse_or_yaml(text) {
        Ok(mut config @ Value::Object(_)) => {
            fill(&mut config, variables);
            config
        }
        _ => loose_json::parse_or_yaml(&filled(text, variables))
            .map_err(|reason| wrong(format!("this is not valid JSON: {reason}")))?,
    };
    if let Some(servers) = config.get_mut("mcpServers") {
        let only = servers.as_object_mut().filter(|it| it.len() == 1);
        let only = only.and_then(|it| it.values_mut().next().map(Value::take));
        config = only.ok_or_else(|| wrong("mcpServers must hold exactly one server here"))?;
    }
    let Value::Object(mut config) = config else {
        return Err(wrong("a JSON object with url or command is expected"));
    };
    let kind = take_text(&mut config, "type")?;
    let kind = kind.or(take_text(&mut config, "transport")?);
    let command = take_text(&mut config, "command")?;
    let url = take_text(&mut config, "url")?;
    let target = match (url, command) {
        (Some(url), None) => Target::Http(distant(&mut config, url, kind.as_deref())?),
        (None, Some(command)) => Target::Program(program(&mut config, command, kind.as_deref())?),
        (Some(_), Some(_)) => {
            return Err(wrong("it names both url and command: leave one of them out"));
        }
        (None, None) => return Err(wrong("it names neither url nor command")),
    };
    if let Some(name) = config.keys().next() {
        return Err(wrong(match name.as_str() {
            "cwd" => "cwd cannot be set: programs run in the root folder".to_owned(),
            name => format!(
                "{name} means nothing here; what does: url, headers and type, or command, args, env and type"
            ),
        }));
    }
    Ok(target)
}

fn distant(config: &mut Map<String, Value>, url: String, kind: Option<&str>) -> Result<HttpServer> {
    let wire = match kind {
        None => Wire::Either,
        Some("sse") => Wire::Events,
        Some("http" | "streamable-http" | "streamableHttp" | "streamable_http") => Wire::Streamable,
        Some(other) => {
            return Err(wrong(format!("type: {other} is none of streamable-http, sse and stdio")));
        }
    };
    let known = Url::parse(&url).ok().filter(Url::has_host);
    if known.is_none() {
        return Err(wrong("url: an address such as https://mcp.example.com/mcp is expected"));
    }
    Ok(HttpServer { url, headers: take_pairs(config, "headers")?, wire })
}

fn program(
    config: &mut Map<String, Value>,
    command: String,
    kind: Option<&str>,
) -> Result<Program> {
    if kind.is_some_and(|it| it != "stdio") {
        return Err(wrong("type: a server with a command is of type stdio"));
    }
    let mut words = vec![command];
    match config.remove("args") {
        None | Some(Value::Null) => {}
        Some(Value::Array(arguments)) => {
            for argument in arguments {
                match argument {
                    Value::String(text) => words.push(text),
                    Value::Number(number) => words.push(number.to_string()),
                    _ => return Err(wrong("args: a list of texts is expected")),
                }
            }
        }
        Some(_) => return Err(wrong("args: a list of texts is expected")),
    }
    Ok(Program { node: None, words, environment: take_pairs(config, "env")? })
}

fn take_text(config: &mut Map<String, Value>, name: &str) -> Result<Option<String>> {
    match config.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(format!("{name}: a text is expected"))),
    }
}

fn take_pairs(config: &mut Map<String, Value>, name: &str) -> Result<Vec<(String, String)>> {
    let pairs = match config.remove(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(pairs)) => pairs,
        Some(_) => return Err(wrong(format!("{name}: an object of names and texts is expected"))),
    };
    let pair = |(key, value): (String, Value)| match value {
        Value::String(text) => Ok((key, text)),
        Value::Number(_) | Value::Bool(_) => Ok((key, value.to_string())),
        _ => Err(wrong(format!("{name}: {key} must be a text"))),
    };
    pairs.into_iter().map(pair).collect()
}

/// Puts variables into all texts of a value.
fn fill(value: &mut Value, variables: &Map<String, Value>) {
    match value {
        Value::String(text) => *text = filled(text, variables),
        Value::Array(items) => items.iter_mut().for_each(|it| fill(it, variables)),
        Value::Object(map) => map.values_mut().for_each(|it| fill(it, variables)),
        _ => {}
    }
}

/// A text with variables in the place of their names; a name that nothing has stays.
fn filled(text: &str, variables: &Map<String, Value>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((inside, behind)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        let name = inside.trim().strip_prefix("$vars.");
        match name.and_then(|it| at_path(variables, it)) {
            Some(value) => filled.push_str(&as_text(value)),
            None => {
                filled.push_str("{{");
                rest = after;
                continue;
            }
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn at_path<'a>(variables: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    // A name may itself hold dots.
    if let Some(value) = variables.get(path) {
        return Some(value);
    }
    let (name, rest) = path.split_once('.')?;
    rest.split('.').try_fold(variables.get(name)?, |value, part| value.get(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables() -> Map<String, Value> {
        let all = json!({"token": "a\"b", "a.b": 3, "deep": {"x": "y"}});
        all.as_object().cloned().unwrap()
    }

    #[test]
    fn servers_are_read_as_other_clients_write_them() {
        let at = |wire, headers: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let headers = headers.iter().map(pair).collect();
            Target::Http(HttpServer { url: "https://a.example/mcp".into(), headers, wire })
        };
        let started = Target::Program(Program {
            node: None,
            words: vec!["npx".into(), "-y".into(), "x".into()],
            environment: vec![("A".into(), "1".into())],
        });
        for (text, expected) in [
            (r#"{"url": "https://a.example/mcp"}"#, at(Wire::Either, &[])),
            ("{url: 'https://a.example/mcp', type: 'sse',}", at(Wire::Events, &[])),
            (
                r#"{"url": "https://a.example/mcp", "transport": "streamable-http", "headers": {"K": "{{$vars.token}}", "N": "{{ $vars.a.b }}/{{$vars.deep.x}}/{{$vars.none}}"}}"#,
                at(Wire::Streamable, &[("K", "a\"b"), ("N", "3/y/{{$vars.none}}")]),
            ),
            (
                r#"{"mcpServers": {"mine": {"command": "npx", "args": ["-y", "x"], "env": {"A": 1}, "type": "stdio"}}}"#,
                started,
            ),
        ] {
            assert_eq!(read(text, &variables()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn whatever_is_not_understood_is_refused() {
        for text in [
            "",
            "3",
            "[]",
            "{}",
            r#"{"url": 3}"#,
            r#"{"url": "nowhere"}"#,
            r#"{"url": "https://a.example", "command": "npx"}"#,
            r#"{"url": "https://a.example", "type": "ws"}"#,
            r#"{"url": "https://a.example", "headers": ["a"]}"#,
            r#"{"url": "https://a.example", "headers": {"a": {}}}"#,
            r#"{"command": "npx", "args": "-y"}"#,
            r#"{"command": "npx", "args": [["-y"]]}"#,
            r#"{"command": "npx", "cwd": "/tmp"}"#,
            r#"{"command": "npx", "shell": true}"#,
            r#"{"command": "npx", "type": "sse"}"#,
            r#"{"mcpServers": {"a": {"command": "npx"}, "b": {"command": "npx"}}}"#,
            "({x:(function(){return process.mainModule.require('child_process')})()})",
        ] {
            let error = read(text, &Map::new()).unwrap_err();
            assert!(error.to_string().starts_with("MCP Server Config: "), "{text}: {error}");
        }
    }

    #[test]
    fn a_variable_cannot_add_to_a_description() {
        let evil = json!({"host": "a.example\", \"command\": \"sh"});
        let text = r#"{"url": "https://{{$vars.host}}/mcp"}"#;
        assert!(read(text, evil.as_object().unwrap()).is_err());
    }
}
