//! What people give the program supergateway as arguments: here it is the server that they name, and
//! no program runs.

use std::sync::Arc;

use flowstone_core::{Error, Input, Inputs, Result, Spec};
use flowstone_mcp::{HttpServer, Target, Wire};

use super::{ACTIONS, McpForm, Server};

const ARGUMENTS: Input<String> = Input::text("Arguments", "arguments")
    .rows(4)
    .describe(
        "Which server is asked: --sse or --streamableHttp with its address, and as many --header \"Name: value\" \
         and --oauth2Bearer TOKEN as it needs",
    )
    .placeholder("--sse \"https://mcp.example.com/sse\"");

static SPEC: Spec = Spec {
    label: "Supergateway MCP",
    name: "supergatewayMCP",
    version: 1.0,
    kind: "Supergateway MCP Tool",
    icon: "mcp.svg",
    category: "Tools (MCP)",
    description: "A distant MCP server, named as for the program supergateway",
    base_classes: &["Tool"],
    inputs: &[ARGUMENTS.field, ACTIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: McpForm =
    McpForm { spec: &SPEC, server, row: &ARGUMENTS.field, reads_run: None };

fn server(inputs: &Inputs) -> Result<Arc<dyn Server>> {
    let wrong = |reason: String| Error::invalid(&ARGUMENTS.field, reason);
    Ok(Arc::new(Target::Http(read(&inputs.get(&ARGUMENTS)?).map_err(wrong)?)))
}

/// Reads arguments of supergateway.
///
/// # Errors
/// The argument that means nothing here.
fn read(text: &str) -> Result<HttpServer, String> {
    let mut words = words(text)?.into_iter();
    let (mut found, mut headers) = (None, Vec::new());
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (word, None),
        };
        let mut value =
            || value.clone().or_else(|| words.next()).ok_or(format!("{name} needs a value"));
        match name.as_str() {
            "--sse" => found = Some((value()?, Wire::Events)),
            "--streamableHttp" => found = Some((value()?, Wire::Streamable)),
            "--oauth2Bearer" => {
                headers.push(("Authorization".to_owned(), format!("Bearer {}", value()?)));
            }
            "--header" => {
                let value = value()?;
                let (name, text) = value
                    .split_once(':')
                    .ok_or_else(|| "--header expects \"Name: value\"".to_owned())?;
                headers.push((name.trim().to_owned(), text.trim().to_owned()));
            }
            // How the program itself would talk, which nobody hears here.
            "--logLevel" | "--outputTransport" => drop(value()?),
            "--stdio" => {
                return Err(
                    "--stdio starts a program: use the Custom MCP node with a command that the operator of this \
                     server allows"
                        .to_owned(),
                );
            }
            _ => {
                return Err(format!(
                    "{name} means nothing here; what does: --sse, --streamableHttp, --header, --oauth2Bearer"
                ));
            }
        }
    }
    let (url, wire) =
        found.ok_or_else(|| "--sse or --streamableHttp with an address is expected".to_owned())?;
    Ok(HttpServer { url, headers, wire })
}

/// The words of a line, with quotes taken off.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in text.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    if quote.is_some() { Err("a quote is opened and never closed".to_owned()) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_name_a_server_and_never_a_program() {
        let given =
            read("--sse \"https://a.example/sse\" --header 'X-Key: a b' --logLevel=none").unwrap();
        assert_eq!((given.url.as_str(), given.wire), ("https://a.example/sse", Wire::Events));
        assert_eq!(given.headers, [("X-Key".to_owned(), "a b".to_owned())]);
        let given = read("--oauth2Bearer t\n--streamableHttp=https://a.example/mcp?x=1").unwrap();
        assert_eq!(given.url, "https://a.example/mcp?x=1");
        assert_eq!(given.headers, [("Authorization".to_owned(), "Bearer t".to_owned())]);
        for wrong in [
            "",
            "--stdio 'sh -c x'",
            "--sse",
            "--sse 'a",
            "--header x --sse a",
            "--port 80 --sse a",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
