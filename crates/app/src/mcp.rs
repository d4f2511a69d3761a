//! What the environment says of MCP servers.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, bail};
use flowstone_mcp::{Commands, Mcp, Settings};
use flowstone_providers::HttpClient;

use crate::config::Variables;

/// Longest name of a tool that all vendors of models take.
const LONGEST_NAME: usize = 64;

/// The client of MCP servers, and in the log what it may start.
pub(crate) fn client(variables: &Variables, http: Arc<HttpClient>) -> Result<Mcp> {
    let settings = settings(variables)?;
    for command in settings.commands.shown() {
        tracing::warn!(command, "flows may start this program (FLOWSTONE_MCP_COMMANDS)");
    }
    Ok(Mcp::new(http, settings))
}

fn settings(variables: &Variables) -> Result<Settings> {
    let usual = Settings::default();
    let commands = variables.get("FLOWSTONE_MCP_COMMANDS").unwrap_or_default();
    let commands = Commands::parse(commands)
        .map_err(|reason| anyhow::anyhow!("FLOWSTONE_MCP_COMMANDS: {reason}"))?;
    let by_address_only = variables.get("CUSTOM_MCP_PROTOCOL").is_some_and(|it| it != "stdio");
    let name = variables.number("CUSTOM_MCP_TOOL_NAME_MAX_LENGTH", usual.name)?;
    let description = "CUSTOM_MCP_TOOL_DESCRIPTION_MAX_LENGTH";
    let milliseconds: u64 = variables.number("CUSTOM_MCP_AUTHORIZE_TIMEOUT_MS", 15_000)?;
    if name == 0 || milliseconds == 0 {
        bail!(
            "CUSTOM_MCP_TOOL_NAME_MAX_LENGTH and CUSTOM_MCP_AUTHORIZE_TIMEOUT_MS must be more than 0"
        );
    }
    Ok(Settings {
        commands: if by_address_only { Commands::default() } else { commands },
        path: variables.get("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned(),
        name: name.min(LONGEST_NAME),
        description: variables.number(description, usual.description)?,
        list: variables.number("CUSTOM_MCP_TOOLS_MAX_BYTES", usual.list)?,
        patience: Duration::from_millis(milliseconds),
        ..usual
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings> {
        settings(&Variables::of(pairs))
    }

    #[test]
    fn programs_are_off_unless_they_are_listed() {
        assert!(read(&[]).unwrap().commands.is_empty());
        let listed = ("FLOWSTONE_MCP_COMMANDS", "npx -y server");
        assert_eq!(read(&[listed]).unwrap().commands.shown(), ["npx -y server"]);
        assert!(read(&[listed, ("CUSTOM_MCP_PROTOCOL", "sse")]).unwrap().commands.is_empty());
        assert!(!read(&[listed, ("CUSTOM_MCP_PROTOCOL", "stdio")]).unwrap().commands.is_empty());
        let said = read(&[("FLOWSTONE_MCP_COMMANDS", "npx 'a")]).err().unwrap().to_string();
        assert_eq!(said, "FLOWSTONE_MCP_COMMANDS: a quote is opened and never closed");
    }

    #[test]
    fn limits_are_read_and_names_stay_as_short_as_models_need() {
        let given = [
            ("CUSTOM_MCP_TOOL_NAME_MAX_LENGTH", "128"),
            ("CUSTOM_MCP_TOOL_DESCRIPTION_MAX_LENGTH", "10"),
            ("CUSTOM_MCP_TOOLS_MAX_BYTES", "1000"),
            ("CUSTOM_MCP_AUTHORIZE_TIMEOUT_MS", "2500"),
        ];
        let settings = read(&given).unwrap();
        assert_eq!((settings.name, settings.description, settings.list), (64, 10, 1000));
        assert_eq!(settings.patience, Duration::from_millis(2500));
        assert!(read(&[("CUSTOM_MCP_TOOL_NAME_MAX_LENGTH", "0")]).is_err());
    }
}
