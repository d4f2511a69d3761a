// MCP servers that are registered in the workspace.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/mcpServers.json";
export { McpServersPage } from "./mcp-servers-page";
export { ToolsTabs } from "./tools-tabs";

addTexts("mcpServers", texts);
