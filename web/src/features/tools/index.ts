// Custom tools: JavaScript that agents may call.
export { ToolPage } from "./tool-page";
export { ToolsPage } from "./tools-page";
